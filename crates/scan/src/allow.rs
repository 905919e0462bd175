//! What a project has decided to live with: rules for paths, comments in the text.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;

use crate::error::Error;
use crate::rules;

/// The scan's part of `keytide.toml`.
#[derive(Debug, Default)]
pub struct Allowances(Vec<Allowance>);

#[derive(Debug)]
struct Allowance {
    paths: Gitignore,
    rules: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    scan: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(default)]
    allow: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    paths: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
    reason: String,
}

impl Allowances {
    /// Reads the text of a `keytide.toml`: each `[[scan.allow]]` has `paths`, a `reason`, and the
    /// `rules` it is for; none named means all.
    ///
    /// # Errors
    /// [`Error::Config`] for what is no TOML, an unknown member or rule, a pattern that is none, or
    /// an allowance without a reason.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |message: String| Error::Config(message);
        let file: File = toml::from_str(text).map_err(|error| bad(error.message().to_owned()))?;
        let mut allowances = Vec::new();
        for row in file.scan.map(|section| section.allow).unwrap_or_default() {
            if row.reason.trim().is_empty() {
                return Err(bad("an allowance has no reason".to_owned()));
            }
            if let Some(unknown) = row.rules.iter().find(|id| rules::rule(id).is_none()) {
                return Err(bad(format!("there is no rule `{unknown}`")));
            }
            let mut paths = GitignoreBuilder::new("");
            for pattern in &row.paths {
                paths
                    .add_line(None, pattern)
                    .map_err(|error| bad(format!("`{pattern}`: {error}")))?;
            }
            let paths = paths.build().map_err(|error| bad(error.to_string()))?;
            allowances.push(Allowance { paths, rules: row.rules });
        }
        Ok(Self(allowances))
    }

    /// Whether a rule's findings at this path are allowed.
    pub(crate) fn allow(&self, path: &str, rule: &str) -> bool {
        self.0.iter().any(|allowance| {
            let of_rule = allowance.rules.is_empty() || allowance.rules.iter().any(|id| id == rule);
            of_rule && allowance.paths.matched_path_or_any_parents(path, false).is_ignore()
        })
    }
}

/// Whether a line, or the one above it, says `keytide:allow`, for all rules or for this one.
pub(crate) fn in_text(line: &str, above: &str, rule: &str) -> bool {
    let says = |line: &str, alone: bool| {
        let Some(at) = line.find(MARK) else { return false };
        let rest = line[at + MARK.len()..].trim_start();
        // A mark above counts where nothing else is on its line.
        let before = line[..at].trim();
        let comment = before.chars().all(|c| !c.is_alphanumeric());
        let named: Vec<&str> = rest
            .split([' ', ','])
            .take_while(|word| rules::rule(word).is_some() || word.is_empty())
            .filter(|word| !word.is_empty())
            .collect();
        (!alone || comment) && (named.is_empty() || named.contains(&rule))
    };
    says(line, false) || says(above, true)
}

const MARK: &str = "keytide:allow";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_for_its_paths_and_rules() {
        let text = "[[scan.allow]]\npaths = [\"vectors/**\", \"*.snap\"]\nrules = [\"token\"]\nreason = \"made up\"\n";
        let allowances = Allowances::parse(text).unwrap();
        assert!(allowances.allow("vectors/a/b.json", "token"));
        assert!(allowances.allow("x/y.snap", "token"));
        assert!(!allowances.allow("vectors/a.json", "private-jwk"));
        assert!(!allowances.allow("src/a.rs", "token"));
    }

    #[test]
    fn an_allowance_must_say_why_and_name_real_rules() {
        for text in [
            "[[scan.allow]]\npaths = [\"a\"]\n",
            "[[scan.allow]]\npaths = [\"a\"]\nreason = \" \"\n",
            "[[scan.allow]]\npaths = [\"a\"]\nrules = [\"tokn\"]\nreason = \"x\"\n",
            "[[scan.allow]\n",
        ] {
            assert!(Allowances::parse(text).is_err(), "{text}");
        }
        assert!(Allowances::parse("[other]\nx = 1\n").is_ok());
    }

    #[test]
    fn a_mark_allows_its_line_or_the_next() {
        assert!(in_text("a = 'b' # keytide:allow made up", "", "token"));
        assert!(in_text("a = 'b'", "  // keytide:allow token, named-secret: a vector", "token"));
        assert!(!in_text("a = 'b'", "x = 'y' // keytide:allow", "token"));
        assert!(!in_text("a = 'b' // keytide:allow token", "", "named-secret"));
    }
}
