//! Each dependency has its reason in a comment beside it, and each crate obeys the common lints.

use std::fs;
use std::path::Path;

use super::tree;
use crate::finding::Finding;

/// Dependencies without a reason and crates without the workspace's lints.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for folder in tree::crate_folders(root)? {
        let path = format!("{folder}/Cargo.toml");
        let text = fs::read_to_string(root.join(&path))
            .map_err(|error| format!("{path} can't be read: {error}"))?;
        findings.extend(without_reason(&path, &text));
        findings.extend(without_lints(&path, &text));
    }
    Ok(findings)
}

fn without_reason(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_dependencies = false;
    let mut open_brackets = 0_i32;
    let mut line_above = "";
    for (number, line) in (1..).zip(text.lines()) {
        let (code, comment) = split_comment(line);
        let code = code.trim();
        let mut dependency = None;
        if open_brackets == 0 && code.starts_with('[') {
            let table = code.trim_matches(['[', ']']);
            let named = table.split_once("dependencies.").map(|(_, name)| name);
            in_dependencies = table.ends_with("dependencies");
            dependency = named;
        } else if open_brackets == 0 && in_dependencies {
            dependency = code.split_once('=').map(|(name, _)| name.trim());
        }
        if let Some(name) = dependency {
            let name = name.split('.').next().unwrap_or(name);
            let ours = name == "keytide" || name.starts_with("keytide-");
            let reason = comment.is_some() || line_above.trim_start().starts_with('#');
            if !ours && !reason {
                findings.push(Finding::new(
                    format!("{path}:{number}"),
                    format!("the dependency `{name}` has no reason beside it"),
                    "say in a comment on its line or the line above what it is there for",
                ));
            }
        }
        if !code.starts_with('[') {
            for c in code.chars() {
                open_brackets += i32::from(matches!(c, '[' | '{'));
                open_brackets -= i32::from(matches!(c, ']' | '}'));
            }
        }
        line_above = line;
    }
    findings
}

fn without_lints(path: &str, text: &str) -> Vec<Finding> {
    let mut lines = text.lines().map(str::trim);
    let obeys = lines.by_ref().any(|line| line == "[lints]")
        && lines.next().is_some_and(|line| line == "workspace = true");
    if obeys {
        return Vec::new();
    }
    vec![Finding::new(
        path,
        "the crate does not take the workspace's lints",
        "add `[lints]` and `workspace = true` on the next line",
    )]
}

/// A line's TOML and its comment, a `#` inside a string being neither.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut in_string = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => in_string = !in_string,
            '#' if !in_string => return (&line[..at], Some(&line[at + 1..])),
            _ => {}
        }
    }
    (line, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let text = "[package]\nname = \"x\"\n[dependencies]\n# reads JSON\nserde = \"1\"\n\
                    zeroize = \"1\" # wipes secrets\nkeytide-jose.workspace = true\nlog = \"0.4\"\n\
                    [target.'cfg(unix)'.dev-dependencies]\nlibc = { version = \"0.2\" }\n\
                    [dependencies.clap]\nversion = \"4#\"\n";
        let places: Vec<_> =
            without_reason("a/Cargo.toml", text).into_iter().map(|f| f.place).collect();
        assert_eq!(places, ["a/Cargo.toml:8", "a/Cargo.toml:10", "a/Cargo.toml:11"]);
    }

    #[test]
    fn a_list_over_several_lines_is_one_dependency() {
        let text = "[dependencies]\nclap = { version = \"4\", features = [ # arguments\n\
                    \"derive\",\n\"env\" ] }\nserde = \"1\"\n";
        let found = without_reason("Cargo.toml", text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "Cargo.toml:5");
    }

    #[test]
    fn a_crate_that_takes_other_lints_is_found() {
        assert_eq!(without_lints("Cargo.toml", "[lints]\nworkspace = true\n").len(), 0);
        assert_eq!(without_lints("Cargo.toml", "[package]\n").len(), 1);
        assert_eq!(without_lints("Cargo.toml", "[lints]\nworkspace = false\n").len(), 1);
    }
}
