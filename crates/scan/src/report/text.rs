//! For people: where, the line with the secret masked, why, how bad, what to do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::mask;
use crate::project::Report;
use crate::rules;

/// How a piece of the report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paint {
    /// An error's head and caret.
    Error,
    /// A warning's.
    Warning,
    /// What is of less weight.
    Faint,
    /// What catches the eye.
    Strong,
}

/// The findings that are at least as bad as `least`, and a summary; `paint` colours a piece.
#[must_use]
pub fn text(report: &Report, least: Severity, paint: &dyn Fn(Paint, &str) -> String) -> String {
    let mut out = String::new();
    let shown: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.severity >= least).collect();
    for finding in &shown {
        one(finding, paint, &mut out);
    }
    what_to_do(&shown, paint, &mut out);
    summary(report, shown.len(), &mut out);
    out
}

fn one(finding: &Finding, paint: &dyn Fn(Paint, &str) -> String, out: &mut String) {
    let colour = match finding.severity {
        Severity::Error => Paint::Error,
        Severity::Warning => Paint::Warning,
        Severity::Note => Paint::Faint,
    };
    let head = paint(colour, &format!("{}[{}]:", finding.severity.as_str(), finding.rule));
    let at = format!("{}:{}:{}", finding.path, finding.line, finding.column);
    let commit = finding.commit.as_ref().map(|id| format!(" in commit {id}")).unwrap_or_default();
    let number = finding.line.to_string();
    let gutter = " ".repeat(number.len());
    let caret = format!("{}{}", " ".repeat(finding.caret), "^".repeat(finding.width.max(1)));
    let _infallible = write!(
        out,
        "{head} {}\n{gutter}--> {}{commit}\n{number} | {}\n{gutter} | {}\n",
        finding.message,
        paint(Paint::Strong, &at),
        finding.excerpt,
        paint(colour, &caret),
    );
    for signal in finding.verdict.iter().flat_map(|verdict| verdict.signals.iter().take(2)) {
        let _infallible = writeln!(out, "{gutter} = {}", signal.message);
    }
    for fact in &finding.facts {
        let _infallible = writeln!(out, "{gutter} = {}", mask::tame(fact));
    }
    let identity = paint(Paint::Faint, &format!("id {}", finding.fingerprint));
    let _infallible = writeln!(out, "{gutter} = {identity}\n");
}

/// Why and what to do, once a rule.
fn what_to_do(shown: &[&Finding], paint: &dyn Fn(Paint, &str) -> String, out: &mut String) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in shown.iter().filter(|finding| finding.severity > Severity::Note) {
        *counts.entry(finding.rule).or_default() += 1;
    }
    for (id, count) in counts {
        let Some(rule) = rules::rule(id) else { continue };
        let name = paint(Paint::Strong, id);
        let _infallible = writeln!(out, "{name} ({count}): {} {}\n", rule.why, rule.fix);
    }
}

fn summary(report: &Report, shown: usize, out: &mut String) {
    let Report { findings, files, bytes, allowed, known, proven, unread } = report;
    let count = |severity| findings.iter().filter(|f: &&Finding| f.severity == severity).count();
    let (errors, warnings, notes) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let _infallible = write!(
        out,
        "{}, {}, {} in {}, {}",
        plural(errors, "error"),
        plural(warnings, "warning"),
        plural(notes, "note"),
        plural(usize::try_from(*files).unwrap_or(usize::MAX), "file"),
        size(*bytes),
    );
    for (number, what) in [(proven, "proven"), (allowed, "allowed"), (known, "in the baseline")] {
        if *number > 0 {
            let _infallible = write!(out, "; {number} {what}");
        }
    }
    out.push('\n');
    if shown < findings.len() {
        out.push_str("`--notes` shows the notes: fixtures, documentation, comments, templates.\n");
    }
    for path in unread {
        let _infallible = writeln!(out, "not read: {}", mask::tame(path));
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / (1024 * 1024)),
    }
}
