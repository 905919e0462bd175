//! One file: from its bytes to its findings, the tokens in it, and what it uses as keys.

mod code;
mod entries;
mod links;
mod pieces;
mod weigh;
mod zones;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use keytide_jose::Secret;

use crate::code::tree::Tree;
use crate::config;
use crate::finding::{Confidence, Context, Finding, Severity, fingerprint};
use crate::keys;
use crate::mask;
use crate::rules::evidence::{Decision, Evidence};
use crate::strength::Verdicts;
use crate::text::decode;
use crate::text::language::{self, Kind};
use crate::text::lexer;
use crate::text::lines::Lines;
use crate::token::{self, Found};
use crate::{allow, context, uses};

pub(crate) use self::links::Use;
use self::weigh::readings;
pub(crate) use self::weigh::weigh;

/// What a scan of a file is given.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    /// Keys the identities of findings.
    pub(crate) fingerprint_key: Vec<u8>,
    /// Unix seconds, by which a token is expired.
    pub(crate) now: i64,
    pub(crate) verdicts: Arc<Verdicts>,
}

/// What a file holds.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) findings: Vec<Finding>,
    /// Findings if another file uses them as a key.
    pub(crate) pending: Vec<Finding>,
    pub(crate) tokens: Vec<Found>,
    /// Names that this file gives to a sink.
    pub(crate) uses: Vec<Use>,
    /// How many findings a comment allows.
    pub(crate) allowed: usize,
}

/// Scans a file.
pub(crate) fn scan(path: &str, bytes: &[u8], settings: &Settings) -> Seen {
    let mut seen = Seen::default();
    let Some(text) = decode::text(bytes) else { return seen };
    // Its values are the names of variables.
    if path.contains("custom-environment-variables.") {
        return seen;
    }
    if path.ends_with(".patch") || path.ends_with(".diff") {
        pieces::patch(path, &text, settings, &mut seen);
    } else {
        pieces::scan(path, &text, settings, &mut seen);
    }
    seen.findings.sort_by_key(|finding| (finding.line, finding.column));
    seen
}

/// A text with everything that is known of it.
struct Scan<'t> {
    path: &'t str,
    text: &'t str,
    first_line: usize,
    settings: &'t Settings,
    kind: Kind,
    context: Context,
    lines: Lines,
    tests: Vec<(usize, usize)>,
    /// Part of a long program.
    is_piece: bool,
}

/// What a finding is made of.
struct Hit<'v> {
    decision: Decision,
    start: usize,
    end: usize,
    value: &'v str,
    base64: bool,
    hex: bool,
    context: Context,
    names: Vec<String>,
}

impl<'v> Hit<'v> {
    /// A value at a place, as it is written there.
    fn new(decision: Decision, start: usize, value: &'v str, context: Context) -> Self {
        let end = start + value.len();
        let (base64, hex, names) = (false, false, Vec::new());
        Self { decision, start, end, value, base64, hex, context, names }
    }
}

impl<'t> Scan<'t> {
    fn new(path: &'t str, text: &'t str, first_line: usize, settings: &'t Settings) -> Self {
        let mut kind = language::of(Path::new(path));
        if kind.name() == "unknown" && text.starts_with("#!") {
            let line = text.lines().next().unwrap_or("");
            let by = [
                ("python", "a.py"),
                ("node", "a.js"),
                ("ruby", "a.rb"),
                ("perl", "a.pl"),
                ("php", "a.php"),
                ("sh", "a.sh"),
            ];
            if let Some((_, name)) = by.iter().find(|(program, _)| line.contains(program)) {
                kind = language::of(Path::new(name));
            }
        }
        let context = context::of(path);
        Self {
            path,
            text,
            first_line,
            settings,
            kind,
            context,
            lines: Lines::of(text),
            tests: Vec::new(),
            is_piece: false,
        }
    }

    /// What this text alone says of names, without looking at a literal.
    fn gather(&self, evidence: &mut Evidence) {
        if matches!(self.kind, Kind::Code(_) | Kind::Prose) {
            let tokens = lexer::tokens(self.text, self.kind.syntax()).code;
            uses::collect(&Tree::new(self.text, tokens), evidence);
        }
    }

    fn run(mut self, evidence: &mut Evidence, seen: &mut Seen) {
        if matches!(self.kind, Kind::Code(_) | Kind::Prose) {
            self.code(evidence, seen);
        }
        match self.kind {
            Kind::Yaml => {
                let entries = config::yaml::entries(self.text);
                self.entries(&entries, evidence, seen);
                self.words(evidence, seen);
            }
            Kind::Pairs(kind) => {
                let entries = config::lines::entries(self.text, kind);
                self.entries(&entries, evidence, seen);
                if kind != language::Pairs::Properties {
                    self.words(evidence, seen);
                }
            }
            Kind::Xml => {
                let entries = config::xml::entries(self.text);
                self.entries(&entries, evidence, seen);
            }
            Kind::Dockerfile | Kind::Prose => self.words(evidence, seen),
            Kind::Code(syntax) if matches!(syntax.name, "shell" | "unknown" | "powershell") => {
                self.words(evidence, seen)
            }
            // The commands in its scripts.
            Kind::Code(_) if self.path.ends_with("package.json") => self.words(evidence, seen),
            Kind::Code(_) => {}
        }
        self.private_keys(seen);
        let found = token::find(self.text);
        for mut token in found {
            let line = self.lines.number(token.start);
            token.line = self.first_line + line + 1;
            token.path = self.path.to_owned();
            token.context = self.context_at(token.start);
            self.token(&token, seen);
            seen.tokens.push(token);
        }
        self.hide(&mut seen.findings);
        self.hide(&mut seen.pending);
    }

    /// Masks in each excerpt what else was found on its line, and the same again elsewhere on it.
    fn hide(&self, findings: &mut [Finding]) {
        let mut spans: HashMap<usize, Vec<(usize, usize)>> = HashMap::new();
        for finding in findings.iter().filter(|finding| finding.line > self.first_line) {
            spans.entry(finding.line).or_default().push(finding.span);
        }
        for finding in findings.iter_mut().filter(|finding| finding.line > self.first_line) {
            let line = self.lines.get(self.text, finding.line - self.first_line - 1);
            let mut others = spans.get(&finding.line).cloned().unwrap_or_default();
            // On a line of a thousand findings the nearest are in the excerpt.
            others.retain(|(from, _)| from.abs_diff(finding.span.0) < mask::NEAR);
            let hidden = mask::line(line, finding.span, &others);
            (finding.excerpt, finding.caret, finding.width) = hidden;
        }
    }

    fn context_at(&self, offset: usize) -> Context {
        let in_test = self.tests.iter().any(|(from, to)| (*from..*to).contains(&offset));
        if self.context == Context::Live && in_test { Context::Test } else { self.context }
    }

    fn private_keys(&self, seen: &mut Seen) {
        for found in keys::find(self.text) {
            let decision =
                Decision { rule: found.rule, confidence: Confidence::High, pending: false };
            let value = self.text.get(found.start..found.end).unwrap_or("");
            let mut context = self.context_at(found.start);
            let line = self.lines.get(self.text, self.lines.number(found.start));
            let comment =
                ["//", "#", "*", "--", ";"].iter().any(|mark| line.trim_start().starts_with(mark));
            if comment && context == Context::Live {
                context = Context::Comment;
            }
            // A key of several lines is told of at its first, which holds none of it.
            let one_line = self.lines.number(found.open) == self.lines.number(found.start);
            let (start, end) =
                if one_line { (found.start, found.end) } else { (found.open, found.open) };
            self.report(Hit { end, ..Hit::new(decision, start, value, context) }, seen);
        }
    }

    fn token(&self, token: &Found, seen: &mut Seen) {
        let confidence = token.confidence(self.settings.now);
        let decision = Decision { rule: &crate::rules::TOKEN, confidence, pending: false };
        let value = token.text.as_str();
        self.report(
            Hit {
                names: vec![token.text.clone()],
                ..Hit::new(decision, token.start, value, token.context)
            },
            seen,
        );
    }

    fn report(&self, hit: Hit<'_>, seen: &mut Seen) {
        let Hit { decision, start, end, value, base64, hex, context, names } = hit;
        let rule = decision.rule;
        let number = self.lines.number(start);
        let line_start = self.lines.start(number);
        let line = self.lines.get(self.text, number);
        let local = (start - line_start, end.saturating_sub(line_start).min(line.len()));
        if seen.findings.len() + seen.pending.len() >= MOST_FINDINGS {
            return;
        }
        // The same secret again on the same line, by the same reader or another.
        let identity = fingerprint(&self.settings.fingerprint_key, rule.id, value.as_bytes());
        let shown_line = self.first_line + number + 1;
        let known = |there: &Finding| {
            there.line == shown_line
                && there.fingerprint == identity
                && there.confidence >= decision.confidence
        };
        let nearby = seen.findings.iter().rev().take(MOST_COMPARED);
        if nearby.chain(seen.pending.iter().rev().take(MOST_COMPARED)).any(known) {
            return;
        }
        let above = number.checked_sub(1).map_or("", |above| self.lines.get(self.text, above));
        if allow::in_text(line, above, rule.id) {
            seen.allowed += 1;
            return;
        }
        let (excerpt, caret, width) = mask::line(line, local, &[]);
        let column =
            self.text.get(line_start..start).map_or(1, |before| before.chars().count() + 1);
        let is_secret = rule.id.ends_with("-secret");
        let (keys, facts) =
            if is_secret { readings(value, base64, hex) } else { (Vec::new(), Vec::new()) };
        let mut finding = Finding {
            rule: rule.id,
            severity: Severity::Note,
            confidence: decision.confidence,
            context,
            path: self.path.to_owned(),
            line: shown_line,
            column,
            width,
            caret,
            excerpt,
            message: String::new(),
            facts,
            verdict: None,
            fingerprint: identity,
            kind: self.kind.name(),
            commit: None,
            keys,
            names,
            written: Secret::new(value.as_bytes().to_vec()),
            span: local,
            own_rule: rule,
        };
        if decision.pending {
            seen.pending.push(finding);
            return;
        }
        weigh(&mut finding, self.settings);
        // The same place by two readers is one finding, of the surer.
        if let Some(there) = seen.findings.iter_mut().find(|there| {
            there.line == finding.line
                && (there.column == finding.column || there.fingerprint == finding.fingerprint)
        }) {
            if finding.severity > there.severity {
                *there = finding;
            }
            return;
        }
        seen.findings.push(finding);
    }
}

/// In one file; more are a table of such things, or an attack.
const MOST_FINDINGS: usize = 2_000;
const MOST_COMPARED: usize = 64;
