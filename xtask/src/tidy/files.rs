//! Each Rust file says its charge first, is named after a thing, and test data tells its origin.

use std::path::Path;

use super::tree::Source;
use crate::finding::Finding;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "shared"];

/// Papers that must be there.
const PAPERS: &[(&str, &str)] =
    &[("vectors/README.md", "say where each file of test data comes from and how it is read")];

/// Files without their charge or with an empty name, and papers that are missing.
pub(super) fn check(root: &Path, sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let charge = source.text.lines().next().and_then(|line| line.strip_prefix("//! "));
        if charge.is_none_or(|charge| charge.trim().is_empty()) {
            findings.push(Finding::new(
                format!("{}:1", source.path),
                "the first line does not say the file's charge",
                "open with `//! ` and one sentence: what this file, and no other, is for",
            ));
        }
        if let Some(name) = empty_name(&source.path) {
            findings.push(Finding::new(
                &source.path,
                format!("`{name}` names no thing"),
                "name it after what it holds, and move out what isn't that",
            ));
        }
    }
    for (paper, fix) in PAPERS {
        if !root.join(paper).is_file() {
            findings.push(Finding::new(*paper, "is missing", *fix));
        }
    }
    findings
}

fn empty_name(path: &str) -> Option<&str> {
    path.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { room: "jose".into(), path: path.into(), text: text.into(), for_tests: false }
    }

    fn places(path: &str, text: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for (paper, _) in PAPERS {
            std::fs::create_dir_all(root.path().join(paper).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(paper), "origins").unwrap();
        }
        check(root.path(), &[source(path, text)]).into_iter().map(|f| f.place).collect()
    }

    #[test]
    fn a_file_without_its_charge_is_found() {
        let path = "crates/jose/src/alg.rs";
        assert_eq!(places(path, "//! The algorithms.\n"), Vec::<String>::new());
        for text in ["", "use a::b;\n//! The algorithms.\n", "//! \n", "// The algorithms.\n"] {
            assert_eq!(places(path, text), ["crates/jose/src/alg.rs:1"], "{text:?}");
        }
    }

    #[test]
    fn a_name_that_says_nothing_is_found() {
        for path in ["crates/jose/src/utils.rs", "crates/ring/src/common/mod.rs"] {
            assert_eq!(places(path, "//! Odds and ends.\n"), [path]);
        }
    }

    #[test]
    fn test_data_without_its_origin_is_found() {
        let root = tempfile::tempdir().unwrap();
        let found = check(root.path(), &[]);
        assert_eq!(found[0].place, "vectors/README.md");
    }
}
