//! Annotations as GitHub's workflow commands.

use std::fmt::Write as _;

use crate::finding::Severity;
use crate::project::Report;

/// One line a finding that is at least as bad as `least`.
#[must_use]
pub fn github(report: &Report, least: Severity) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.severity >= least) {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let facts = finding.facts.iter().fold(String::new(), |all, fact| all + " " + fact);
        let _infallible = writeln!(
            out,
            "::{command} file={},line={},col={},title=keytide {}::{}",
            property(&finding.path),
            finding.line,
            finding.column,
            property(finding.rule),
            data(&format!("{}{facts}", finding.message)),
        );
    }
    out
}

/// What would end a command, encoded as the runner decodes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_end_its_command() {
        assert_eq!(property("a,b:c\nd%"), "a%2Cb%3Ac%0Ad%25");
    }
}
