//! A broken rule: where, which, and what to do about it.

/// One place that breaks one rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// `path` or `path:line`, the path relative to the workspace's root.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) rule: String,
    /// What to do about it.
    pub(crate) fix: String,
}

impl Finding {
    pub(crate) fn new(
        place: impl Into<String>,
        rule: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), rule: rule.into(), fix: fix.into() }
    }
}

/// Prints the findings; an error when there are any.
pub(crate) fn report(chore: &str, findings: &[Finding]) -> Result<(), String> {
    for Finding { place, rule, fix } in findings {
        println!("{place}: {rule}\n    do: {fix}");
    }
    match findings.len() {
        0 => {
            println!("{chore}: nothing found");
            Ok(())
        }
        1 => Err(format!("{chore}: 1 finding")),
        more => Err(format!("{chore}: {more} findings")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_makes_the_chore_fail() {
        assert_eq!(report("tidy", &[]), Ok(()));
        let found = [Finding::new("crates/jose/src/lib.rs:3", "no clock", "take `now`")];
        assert_eq!(report("tidy", &found), Err("tidy: 1 finding".to_owned()));
    }
}
