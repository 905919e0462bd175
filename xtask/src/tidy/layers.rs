//! Who may depend on whom: a table, compared with `cargo metadata`.

use serde_json::Value;

use crate::finding::Finding;

/// Each crate of the workspace and those of ours it may depend on. Arrows point down only.
const MAY_DEPEND: &[(&str, &[&str])] = &[
    ("keytide-jose", &[]),
    ("keytide-ring", &["keytide-jose"]),
    ("keytide-client", &["keytide-jose"]),
    ("keytide-store", &["keytide-jose", "keytide-ring"]),
    ("keytide-server", &["keytide-jose", "keytide-ring"]),
    ("keytide-scan", &["keytide-jose"]),
    ("keytide-sync", &["keytide-jose", "keytide-ring"]),
    (
        "keytide",
        &[
            "keytide-jose",
            "keytide-ring",
            "keytide-client",
            "keytide-store",
            "keytide-server",
            "keytide-scan",
            "keytide-sync",
        ],
    ),
    ("keytide-node", &["keytide-jose", "keytide-client"]),
    ("keytide-python", &["keytide-jose", "keytide-client"]),
    ("xtask", &[]),
];

/// What the tests of a crate may use of ours besides: the other end of a protocol.
const TESTS_MAY_USE: &[(&str, &[&str])] =
    &[("keytide-client", &["keytide-ring", "keytide-server"])];

/// Heavy or dangerous crates and the only ones of ours that may link them. Tests may use more.
const FENCED: &[(&str, &[&str], &str)] = &[
    ("aws-lc-rs", &["keytide-jose", "keytide-store"], "cryptography has two rooms"),
    ("hmac", &["keytide-jose", "keytide-store"], "cryptography has two rooms"),
    ("sha2", &["keytide-jose", "keytide-store"], "cryptography has two rooms"),
    ("argon2", &["keytide-store"], "passphrases open the store and nothing else"),
    ("rusqlite", &["keytide-store"], "the database has one room"),
    ("axum", &["keytide-server"], "HTTP comes in by one door"),
    ("hyper", &["keytide-server", "keytide"], "HTTP comes in by one door"),
    ("tokio", &["keytide-server", "keytide"], "async stops above the ring and the store"),
    ("reqwest", &["keytide-server", "keytide-sync", "keytide"], "HTTP goes out by few doors"),
    ("ureq", &["keytide-client"], "keys are fetched in one place"),
    ("napi", &["keytide-node"], "each host has one bridge"),
    ("pyo3", &["keytide-python"], "Python has one border"),
    ("clap", &["keytide", "xtask"], "only programs have arguments"),
    ("anyhow", &[], "errors are typed, with a code and a hint"),
    ("rsa", &[], "its private operations leak timing (RUSTSEC-2023-0071)"),
];

/// Crates and dependencies in `metadata` that the tables don't allow, and stale rows of them.
pub(super) fn check(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut findings = Vec::new();
    for (name, _) in MAY_DEPEND {
        if !names.contains(name) {
            findings.push(Finding::new(
                "xtask/src/tidy/layers.rs",
                format!("the table names `{name}`, which is no crate of the workspace"),
                "take the row out",
            ));
        }
    }
    for package in packages {
        check_package(package, &names, &mut findings);
    }
    findings
}

fn check_package(package: &Value, ours: &[&str], findings: &mut Vec<Finding>) {
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = place(package);
    let Some((_, allowed)) = MAY_DEPEND.iter().find(|(row, _)| *row == name) else {
        findings.push(Finding::new(
            manifest,
            format!("`{name}` is not in the table of crates"),
            "add it to MAY_DEPEND in xtask/src/tidy/layers.rs, with what it may depend on",
        ));
        return;
    };
    for dependency in package["dependencies"].as_array().map_or(&[][..], Vec::as_slice) {
        let on = dependency["name"].as_str().unwrap_or_default();
        let linked = dependency["kind"].as_str() != Some("dev");
        let in_tests =
            TESTS_MAY_USE.iter().any(|(row, used)| *row == name && !linked && used.contains(&on));
        if ours.contains(&on) && on != name && !allowed.contains(&on) && !in_tests {
            findings.push(Finding::new(
                manifest.clone(),
                format!("`{name}` must not depend on `{on}`: nothing points up"),
                "move the code down, or hand it in as a trait the lower crate owns",
            ));
        }
        for (fenced, may, why) in FENCED {
            if *fenced == on && linked && !may.contains(&name) {
                findings.push(Finding::new(
                    manifest.clone(),
                    format!("`{name}` must not link `{on}`: {why}"),
                    format!("go through one of {may:?}, or do without it"),
                ));
            }
        }
    }
}

/// The manifest's path as cargo tells it, from the crate's own folder on.
fn place(package: &Value) -> String {
    let path = package["manifest_path"].as_str().unwrap_or("Cargo.toml").replace('\\', "/");
    let from = path.find("/crates/").or_else(|| path.find("/xtask/")).map_or(0, |at| at + 1);
    path[from..].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace as the tables want it, with `extra` for the crate called `name`.
    fn workspace(name: &str, extra: Value) -> Value {
        let packages: Vec<Value> = MAY_DEPEND
            .iter()
            .map(|(row, allowed)| {
                let mut dependencies: Vec<Value> =
                    allowed.iter().map(|on| json!({"name": on, "kind": null})).collect();
                if *row == name {
                    dependencies.push(extra.clone());
                }
                json!({"name": row, "manifest_path": format!("/w/crates/{row}/Cargo.toml"),
                       "dependencies": dependencies})
            })
            .collect();
        json!({ "packages": packages })
    }

    fn rules(metadata: &Value) -> Vec<String> {
        check(metadata).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn the_workspace_as_drawn_is_clean() {
        let tokio = json!({"name": "tokio", "kind": null});
        assert_eq!(rules(&workspace("keytide-server", tokio)), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_that_points_up_is_found() {
        let up = json!({"name": "keytide-store", "kind": null});
        assert_eq!(
            rules(&workspace("keytide-jose", up)),
            ["`keytide-jose` must not depend on `keytide-store`: nothing points up"]
        );
    }

    #[test]
    fn the_other_end_of_a_protocol_is_for_tests_alone() {
        let in_tests = json!({"name": "keytide-server", "kind": "dev"});
        assert_eq!(rules(&workspace("keytide-client", in_tests)), Vec::<String>::new());
        let linked = json!({"name": "keytide-server", "kind": null});
        assert_eq!(rules(&workspace("keytide-client", linked)).len(), 1);
    }

    #[test]
    fn a_fenced_crate_is_found_where_it_is_linked_and_not_in_tests() {
        let linked = json!({"name": "rusqlite", "kind": null});
        let found = check(&workspace("keytide-server", linked));
        assert_eq!(found[0].place, "crates/keytide-server/Cargo.toml");
        assert!(found[0].rule.contains("must not link `rusqlite`"), "{}", found[0].rule);
        let in_tests = json!({"name": "rusqlite", "kind": "dev"});
        assert_eq!(rules(&workspace("keytide-server", in_tests)), Vec::<String>::new());
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let metadata = json!({"packages": [
            {"name": "keytide-new", "manifest_path": "/w/crates/new/Cargo.toml", "dependencies": []}
        ]});
        let found = check(&metadata);
        assert_eq!(found.len(), MAY_DEPEND.len() + 1);
        assert_eq!(found[MAY_DEPEND.len()].place, "crates/new/Cargo.toml");
    }
}
