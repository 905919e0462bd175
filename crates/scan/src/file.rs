//! One file: from its bytes to its findings, the tokens in it, and what it uses as keys.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use keytide_jose::Secret;

use crate::code::climb::{self, Role};
use crate::code::regions;
use crate::code::tree::Tree;
use crate::config::{self, Entry};
use crate::finding::{Confidence, Context, Finding, Severity, fingerprint};
use crate::keys;
use crate::mask;
use crate::rules::evidence::{Decision, Evidence};
use crate::rules::values::{self, Value};
use crate::rules::{Rule, names};
use crate::strength::{self, Verdicts};
use crate::text::decode;
use crate::text::language::{self, Kind};
use crate::text::lexer::{self, Kind as TokenKind, Tokens};
use crate::text::lines::Lines;
use crate::token::{self, Found};
use crate::{allow, context, uses};

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

/// What a file gives to a sink, and which other files it can mean by that.
pub(crate) struct Use {
    pub(crate) names: HashSet<String>,
    /// Its names, and the pieces of paths in its strings: modules and classes are among them.
    mentions: HashSet<String>,
    folder: String,
    kind: &'static str,
}

impl Use {
    /// Whether a value of that name in the file of a finding can be meant.
    pub(crate) fn means(&self, finding: &Finding, name: &str) -> bool {
        let stem =
            finding.path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or("");
        // A package's files see each other without a word.
        let package = matches!(self.kind, "go" | "swift");
        self.names.contains(name)
            && self.kind == finding.kind
            && (stem.len() >= 3 && self.mentions.contains(stem)
                || package && self.folder == folder(&finding.path))
    }
}

fn mentions(tree: &Tree<'_>) -> HashSet<String> {
    let words =
        (0..tree.tokens.len()).filter_map(|at| tree.word(at)).filter(|word| word.len() < 200);
    words.flat_map(|word| word.split(['/', '.', '\\'])).map(str::to_owned).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
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
        patch(path, &text, settings, &mut seen);
    } else {
        pieces(path, &text, settings, &mut seen);
    }
    seen.findings.sort_by_key(|finding| (finding.line, finding.column));
    seen
}

/// A file of ordinary size at once; a larger one in pieces, of which those without an anchor are
/// passed over, so that time and memory stay bounded.
fn pieces(path: &str, text: &str, settings: &Settings, seen: &mut Seen) {
    let kind = language::of(Path::new(path));
    // The keys above a value of a configuration may stand far above it.
    let is_program = matches!(kind, Kind::Code(_)) && !matches!(kind.name(), "json" | "hcl");
    let (whole, size) = if is_program { (WHOLE, PIECE) } else { (LONG, LONG) };
    if text.len() <= whole {
        Scan::new(path, text, 0, settings).run(&mut Evidence::of(text), seen);
        return;
    }
    let mut cut = Vec::new();
    let (mut rest, mut line) = (text, 0);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(end_of_piece(rest, size));
        cut.push((piece, line, crate::anchors::worth_reading(piece.as_bytes(), kind)));
        line += memchr::memchr_iter(b'\n', piece.as_bytes()).count();
        rest = after;
    }
    // What one piece says, and does with a name, counts for all of them.
    let mut evidence = Evidence::default();
    let worth = || cut.iter().filter(|(.., worth)| *worth);
    worth().for_each(|(piece, ..)| evidence.add(Evidence::of(piece)));
    if evidence.enough {
        for (piece, line, _) in worth() {
            Scan::new(path, piece, *line, settings).gather(&mut evidence);
        }
    }
    let names: Vec<String> = evidence.used_as_key.iter().cloned().collect();
    let holds_a_name = |piece: &str| names.iter().any(|name| piece.contains(name.as_str()));
    for (piece, line, worth) in cut {
        if worth || holds_a_name(piece) {
            let scan = Scan::new(path, piece, line, settings);
            Scan { is_piece: is_program, ..scan }.run(&mut evidence, seen);
        }
    }
}

/// Where to cut: after the last empty line of a piece's length, or its last line, or in the middle of one.
fn end_of_piece(text: &str, size: usize) -> usize {
    if text.len() <= size {
        return text.len();
    }
    let limit = (0..=size).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let piece = text.get(..limit).unwrap_or(text);
    let cut = piece.rfind("\n\n").filter(|at| *at > size / 2).map(|at| at + 2);
    cut.or_else(|| piece.rfind('\n').map(|at| at + 1)).unwrap_or(limit).max(1)
}

/// The lines that a patch adds or keeps, each file's as that file.
fn patch(path: &str, text: &str, settings: &Settings, seen: &mut Seen) {
    let mut target: Option<String> = None;
    let mut piece = String::new();
    let mut first = 0;
    let mut flush = |target: &Option<String>, piece: &mut String, first: usize| {
        if !piece.trim().is_empty() {
            let kind = target.as_deref().map_or_else(
                || language::of(Path::new(path)),
                |name| language::of(Path::new(name)),
            );
            let mut scan = Scan::new(path, piece, first, settings);
            scan.kind = kind;
            if let Some(name) = target {
                scan.context = context::of(name);
            }
            scan.run(&mut Evidence::of(piece), seen);
        }
        piece.clear();
    };
    for (number, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("+++ ") {
            flush(&target, &mut piece, first);
            target =
                Some(name.trim_start_matches("b/").split('\t').next().unwrap_or(name).to_owned());
            first = number + 1;
            continue;
        }
        let kept = line.strip_prefix('+').or_else(|| line.strip_prefix(' '));
        let header =
            line.starts_with("diff ") || line.starts_with("@@") || line.starts_with("index ");
        piece.push_str(if header { "" } else { kept.unwrap_or("") });
        piece.push('\n');
    }
    flush(&target, &mut piece, first);
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
    rule: &'static Rule,
    decision: Decision,
    start: usize,
    end: usize,
    value: &'v str,
    base64: bool,
    hex: bool,
    context: Context,
    names: Vec<String>,
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

    fn code(&mut self, evidence: &mut Evidence, seen: &mut Seen) {
        let syntax = self.kind.syntax();
        let Tokens { code, comments } = lexer::tokens(self.text, syntax);
        let tree = Tree::new(self.text, code);
        if matches!(syntax.name, "rust" | "csharp" | "java" | "kotlin") {
            self.tests = regions::tests(&tree);
        }
        let mut own = Evidence::default();
        uses::collect(&tree, &mut own);
        if !own.used_as_key.is_empty() {
            seen.uses.push(Use {
                names: own.used_as_key.clone(),
                mentions: mentions(&tree),
                folder: folder(self.path).to_owned(),
                kind: self.kind.name(),
            });
        }
        evidence.add(own);
        self.literals(&tree, evidence, None, seen);
        for comment in comments {
            let inner = comment.inner(self.text);
            if inner.len() < 4_000
                && inner.contains(['"', '\'', '`'])
                && crate::anchors::any(inner.as_bytes())
            {
                let spaced = comment.inner.0;
                let tokens = lexer::tokens(inner, syntax).code;
                self.literals(&Tree::new(inner, tokens), evidence, Some(spaced), seen);
            }
        }
    }

    /// Every string of a tree; `offset` where the tree is a comment's.
    fn literals<'a>(
        &self,
        tree: &Tree<'a>,
        evidence: &'a Evidence,
        offset: Option<usize>,
        seen: &mut Seen,
    ) {
        let is_config = matches!(self.kind.name(), "json" | "hcl");
        let mut zones = Zones::of(tree, evidence, self.is_piece);
        for at in 0..tree.tokens.len() {
            if !tree.is_text(at) {
                continue;
            }
            let Some(token) = tree.get(at) else { continue };
            if !zones.hold(token.start) {
                continue;
            }
            let inner = token.inner(tree.source);
            if inner.is_empty() || inner.len() > 4096 {
                continue;
            }
            let role = climb::role(tree, at);
            let start = token.inner.0 + offset.unwrap_or(0);
            let context = if offset.is_some() && self.context == Context::Live {
                Context::Comment
            } else {
                self.context_at(start)
            };
            let mut role = role;
            if is_config {
                config_names(tree, at, &mut role);
            } else if let (1, Some(setting)) =
                (role.own, role.names.first().and_then(|name| evidence.filled.get(*name)))
            {
                role.names.insert(0, setting);
                role.fallback = true;
            }
            if let Some(parameter) = annotated(tree, at, inner)
                && evidence.used_as_key.contains(parameter)
            {
                role.names.insert(0, parameter);
            }
            self.literal(inner, start, &role, evidence, context, is_config, seen);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "everything that is known of one literal")]
    fn literal(
        &self,
        inner: &str,
        start: usize,
        role: &Role<'_>,
        evidence: &Evidence,
        context: Context,
        is_config: bool,
        seen: &mut Seen,
    ) {
        if self.kind.name() == "go" && inner.contains("efault:\"") {
            return self.tag(inner, start, context, evidence, seen);
        }
        // `@Value("${jwt.secret:…}")`, whatever it is given to.
        let (value, start, fallback_name) = match values::read(inner) {
            Value::Fallback(name, default) => {
                (default, start + inner.find(default).unwrap_or(0), Some(name))
            }
            Value::Reference => return self.embedded(inner, start, role, evidence, context, seen),
            Value::Literal(value) => (value, start + inner.find(value).unwrap_or(0), None),
        };
        let end = start + value.len();
        if let Some(name) = fallback_name {
            let keys: Vec<&str> =
                core::iter::once(name).chain(role.names.iter().copied()).collect();
            let used = role.names.first().is_some_and(|name| evidence.used_as_key.contains(*name));
            let decision =
                evidence.decide_entry(&keys, value, true, evidence.tokens).or_else(|| {
                    let (rule, confidence) = (&crate::rules::FALLBACK, Confidence::High);
                    let found = used && values::may_be_secret(value);
                    found.then_some(Decision { rule, confidence, pending: false })
                });
            if let Some(decision) = decision {
                let names = own_names(role);
                self.report(
                    Hit {
                        rule: decision.rule,
                        decision,
                        start,
                        end,
                        value,
                        base64: false,
                        hex: false,
                        context,
                        names,
                    },
                    seen,
                );
            }
            return;
        }
        if self.embedded_json(inner, start, role, evidence, context, seen) {
            return;
        }
        let decision = if is_config {
            if role.not.is_some() {
                return;
            }
            evidence.decide_entry(&role.names, value, role.fallback, evidence.tokens)
        } else {
            evidence.decide(role, value)
        };
        if let Some(decision) = decision {
            let names = own_names(role);
            self.report(
                Hit {
                    rule: decision.rule,
                    decision,
                    start,
                    end,
                    value,
                    base64: role.base64,
                    hex: role.hex,
                    context,
                    names,
                },
                seen,
            );
        }
    }

    /// Go's struct tags: `env:"JWT_SECRET" default:"…"`.
    fn tag(
        &self,
        inner: &str,
        start: usize,
        context: Context,
        evidence: &Evidence,
        seen: &mut Seen,
    ) {
        let mut name = None;
        let mut default = None;
        for (at, _) in inner.match_indices(":\"") {
            let key = inner[..at].rsplit([' ', '"']).next().unwrap_or("");
            let Some(length) = inner[at + 2..].find('"') else { continue };
            let range = (at + 2, at + 2 + length);
            if key.to_lowercase().ends_with("default") {
                default = Some(range);
            } else if name.is_none()
                && ["env", "json", "yaml", "mapstructure"].iter().any(|part| key.contains(part))
            {
                name = Some(range);
            }
        }
        let (Some((name_from, name_to)), Some((from, to))) = (name, default) else { return };
        let keys = [inner[name_from..name_to].split(',').next().unwrap_or("")];
        let value = &inner[from..to];
        if let Some(decision) = evidence.decide_entry(&keys, value, true, evidence.tokens) {
            let (start, end) = (start + from, start + to);
            let names = Vec::new();
            self.report(
                Hit {
                    rule: decision.rule,
                    decision,
                    start,
                    end,
                    value,
                    base64: false,
                    hex: false,
                    context,
                    names,
                },
                seen,
            );
        }
    }

    fn embedded(
        &self,
        inner: &str,
        start: usize,
        role: &Role<'_>,
        evidence: &Evidence,
        context: Context,
        seen: &mut Seen,
    ) {
        let _found = self.embedded_json(inner, start, role, evidence, context, seen);
    }

    /// `{"type":"HS256","key":"…"}` in a string or a variable.
    fn embedded_json(
        &self,
        inner: &str,
        start: usize,
        role: &Role<'_>,
        evidence: &Evidence,
        context: Context,
        seen: &mut Seen,
    ) -> bool {
        let keys: Vec<&str> = role.names.clone();
        self.nested(inner, start, &keys, evidence, context, role.fallback, seen)
    }

    #[expect(clippy::too_many_arguments, reason = "everything that is known of one value")]
    fn nested(
        &self,
        inner: &str,
        start: usize,
        keys: &[&str],
        _evidence: &Evidence,
        context: Context,
        fallback: bool,
        seen: &mut Seen,
    ) -> bool {
        let trimmed = inner.trim_start();
        let hs = ["HS256", "HS384", "HS512"].iter().any(|alg| inner.contains(alg));
        if !trimmed.starts_with('{') || !hs || inner.len() > 4096 || keys.len() > 40 {
            return false;
        }
        let Some(key) = inner.find("key") else { return false };
        let rest = &inner[key + 3..];
        let cut = rest.trim_start_matches(['"', '\'', '\\', ' ', ':']);
        let from = key + 3 + rest.len() - cut.len();
        let length = cut.find(['"', '\'', '\\']).unwrap_or(0);
        let value = &cut[..length];
        let value = match values::read(value) {
            Value::Literal(value) if values::may_be_secret(value) => value,
            _ => return true,
        };
        let rule = if fallback { &crate::rules::FALLBACK } else { &crate::rules::CONFIG };
        let decision = Decision { rule, confidence: Confidence::High, pending: false };
        let start = start + from;
        self.report(
            Hit {
                rule,
                decision,
                start,
                end: start + length,
                value,
                base64: false,
                hex: false,
                context,
                names: Vec::new(),
            },
            seen,
        );
        true
    }

    fn words(&self, evidence: &Evidence, seen: &mut Seen) {
        let entries = config::words::entries(self.text);
        self.entries(&entries, evidence, seen);
    }

    fn entries(&self, entries: &[Entry], evidence: &Evidence, seen: &mut Seen) {
        // What stands under the same parent: a token's terms beside a secret tell what it is.
        let mut terms: HashSet<String> = HashSet::new();
        let mut secrets: HashSet<String> = HashSet::new();
        for entry in entries {
            let (parent, leaf) = parent_and_leaf(&entry.keys);
            let words = names::words(&leaf);
            if words.iter().any(|word| TERMS.contains(&word.as_str())) {
                terms.insert(parent.clone());
            }
            if matches!(words.first().map(String::as_str), Some("secret")) {
                secrets.insert(parent);
            }
        }
        for entry in entries {
            let (parent, leaf) = parent_and_leaf(&entry.keys);
            if leaf == "key" && secrets.contains(&parent) {
                continue;
            }
            let Some(raw) = self.text.get(entry.start..entry.end).filter(|raw| !raw.is_empty())
            else {
                continue;
            };
            let keys: Vec<&str> = entry.keys.iter().map(String::as_str).collect();
            let mut context = self.context_at(entry.start);
            if entry.comment && context == Context::Live {
                context = Context::Comment;
            }
            if self.nested(raw, entry.start, &keys, evidence, context, false, seen) {
                continue;
            }
            let (value, start, fallback, name) = match values::read(raw) {
                Value::Literal(value) => {
                    (value, entry.start + raw.find(value).unwrap_or(0), false, None)
                }
                Value::Fallback(name, default) => {
                    (default, entry.start + raw.rfind(default).unwrap_or(0), true, Some(name))
                }
                Value::Reference => continue,
            };
            let end = start + value.len();
            let mut keys = keys;
            if let Some(name) = name
                && names::meaning(&keys, 1) > names::meaning(&[name], 1)
            {
                keys.insert(0, name);
            }
            // An expansion's default has been seen as such; its assignment says the same.
            let fallback = fallback
                || self
                    .text
                    .get(..start)
                    .is_some_and(|before| before.ends_with(":-") || before.ends_with(":="));
            let siblings = evidence.tokens && (terms.contains(&parent) || near(&keys));
            let Some(decision) = evidence.decide_entry(&keys, value, fallback, siblings) else {
                continue;
            };
            let names = Vec::new();
            self.report(
                Hit {
                    rule: decision.rule,
                    decision,
                    start,
                    end,
                    value,
                    base64: entry.base64,
                    hex: false,
                    context,
                    names,
                },
                seen,
            );
        }
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
            self.report(
                Hit {
                    rule: found.rule,
                    decision,
                    start,
                    end,
                    value,
                    base64: false,
                    hex: false,
                    context,
                    names: Vec::new(),
                },
                seen,
            );
        }
    }

    fn token(&self, token: &Found, seen: &mut Seen) {
        let confidence = token.confidence(self.settings.now);
        let decision = Decision { rule: &crate::rules::TOKEN, confidence, pending: false };
        let value = token.text.as_str();
        self.report(
            Hit {
                rule: &crate::rules::TOKEN,
                decision,
                start: token.start,
                end: token.start + value.len(),
                value,
                base64: false,
                hex: false,
                context: token.context,
                names: vec![token.text.clone()],
            },
            seen,
        );
    }

    fn report(&self, hit: Hit<'_>, seen: &mut Seen) {
        let Hit { rule, decision, start, end, value, base64, hex, context, names } = hit;
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

/// `@Value("${…}") private val partner: String`: what an annotation's value is given to.
fn annotated<'t>(tree: &Tree<'t>, at: usize, inner: &str) -> Option<&'t str> {
    if !inner.trim_start_matches('\\').starts_with("${") {
        return None;
    }
    let open = tree.parent(at)?;
    let marked = open >= 1 && tree.text(open - 1).ends_with("Value");
    let close = tree.partner(open).filter(|_| marked)?;
    let names =
        (close + 1..close + 8).filter(|at| tree.is_name(*at)).filter_map(|at| tree.word(at));
    names.into_iter().find(|name| {
        !matches!(
            *name,
            "private" | "final" | "val" | "var" | "lateinit" | "String" | "protected" | "public"
        )
    })
}

/// The places of a long text in which a literal can be a signing secret: near a word that says so.
struct Zones {
    /// Where such words end, in order; none where the text is short and everything is looked at.
    ends: Option<Vec<usize>>,
    reach: (usize, usize),
    passed: usize,
}

impl Zones {
    fn of(tree: &Tree<'_>, evidence: &Evidence, is_piece: bool) -> Self {
        let reach = if is_piece { REACH_IN_PIECE } else { REACH };
        if tree.source.len() <= SHORT && !is_piece {
            return Self { ends: None, reach, passed: 0 };
        }
        let mut ends: Vec<usize> = crate::anchors::ends(tree.source.as_bytes()).collect();
        ends.extend(uses::sinks(tree));
        if !evidence.used_as_key.is_empty() {
            let named = tree.tokens.iter().filter(|token| token.kind == TokenKind::Name);
            let used = named.filter(|token| evidence.used_as_key.contains(token.text(tree.source)));
            ends.extend(used.map(|token| token.end));
        }
        ends.sort_unstable();
        Self { ends: Some(ends), reach, passed: 0 }
    }

    /// Whether such a word is near; asked from the beginning to the end.
    fn hold(&mut self, at: usize) -> bool {
        let Some(ends) = &self.ends else { return true };
        while ends.get(self.passed).is_some_and(|end| end + self.reach.0 < at) {
            self.passed += 1;
        }
        ends.get(self.passed).is_some_and(|end| *end <= at + self.reach.1)
    }
}

/// In a text of this length everything is looked at.
const SHORT: usize = 16 << 10;
/// How far behind a word a literal may stand, and how far before it: the options of a library, with the
/// secret at their end.
const REACH: (usize, usize) = (4 << 10, 1 << 10);
/// The same in a piece of a long program, which hardly anybody wrote by hand.
const REACH_IN_PIECE: (usize, usize) = (1 << 10, 256);

/// Judges what was found: what the secret is worth, how bad that is where it stands, and a sentence.
pub(crate) fn weigh(finding: &mut Finding, settings: &Settings) {
    let rule = finding.own_rule;
    let value = std::str::from_utf8(finding.written.expose()).unwrap_or_default();
    finding.verdict = finding.keys.first().map(|key| settings.verdicts.of(key.expose()));
    let verdict = finding.verdict.as_ref();
    let random = verdict.is_some_and(|verdict| verdict.strength >= strength::Strength::Short);
    let severity = rule.severity(finding.confidence);
    finding.severity = match finding.context {
        Context::Live if !finding.keys.is_empty() && says_it_is_wrong(value) => Severity::Note,
        Context::Live => severity,
        // Who copies the template takes over what was made for one place.
        Context::Template
            if random
                && finding.confidence >= Confidence::High
                && looks_random(value, settings) =>
        {
            severity.min(Severity::Warning)
        }
        _ => Severity::Note,
    };
    finding.message = sentence(rule, finding.context, verdict);
}

fn own_names(role: &Role<'_>) -> Vec<String> {
    role.names.iter().take(role.own.max(1)).map(|name| (*name).to_owned()).collect()
}

/// The keys that a value stands for, the likeliest first, and what is said of that.
fn readings(value: &str, base64: bool, hex: bool) -> (Vec<Secret>, Vec<String>) {
    let mut facts = Vec::new();
    let mut keys: Vec<Secret> = Vec::new();
    let decoded = strength::decodings(value);
    if base64 || hex {
        let encoding = if base64 { "base64" } else { "hex" };
        match decoded.first() {
            Some(bytes) => {
                facts.push(format!(
                    "Judged as the {} bytes that its {encoding} decodes to.",
                    bytes.len()
                ));
                keys.push(Secret::new(bytes.clone()));
            }
            None => {
                facts.push(format!("It is decoded as {encoding}, which it is not; judged as text."))
            }
        }
    }
    keys.push(Secret::new(value.as_bytes().to_vec()));
    keys.extend(decoded.into_iter().filter(|bytes| !bytes.is_empty()).map(Secret::new));
    (keys, facts)
}

fn sentence(rule: &Rule, context: Context, verdict: Option<&strength::Verdict>) -> String {
    let mut text = format!("{}, in {}", rule.title, context.phrase());
    if let Some(verdict) = verdict {
        text.push_str(&format!("; it is {}", verdict.strength));
    }
    text.push('.');
    text
}

/// JSON and HCL: `{"name": "JWT_SECRET", "value": "…"}`, `variable "jwt_secret" { default = "…" }`.
fn config_names<'t>(tree: &Tree<'t>, at: usize, role: &mut Role<'t>) {
    let Some(leaf) = role.names.first().copied() else { return };
    if !matches!(leaf.to_lowercase().as_str(), "value" | "default" | "defaultvalue")
        || role.names.len() > 20
    {
        return;
    }
    role.fallback |= leaf != "value" && leaf != "Value";
    let sibling = tree.parent(at).and_then(|open| {
        (open + 1..(open + 60).min(tree.tokens.len()))
            .filter(|place| tree.parent(*place) == Some(open))
            .find(|place| {
                matches!(tree.word(*place), Some("name" | "Name" | "key" | "ParameterKey"))
                    && matches!(tree.sign(place + 1), ":" | "=")
            })
            .and_then(|place| tree.word(place + 2))
    });
    role.names.remove(0);
    if let Some(sibling) = sibling {
        role.names.insert(0, sibling);
    }
}

/// The path above a value as one text, and its own key.
fn parent_and_leaf(keys: &[String]) -> (String, String) {
    let leaf = keys.first().map_or("", String::as_str);
    let (above, leaf) = leaf.rsplit_once('.').unwrap_or(("", leaf));
    let mut parent = above.to_owned();
    for key in keys.iter().skip(1) {
        parent.push('<');
        parent.push_str(key);
    }
    (parent, leaf.to_owned())
}

fn near(keys: &[&str]) -> bool {
    keys.iter().flat_map(|key| names::words(key)).any(|word| {
        matches!(word.as_str(), "auth" | "token" | "jwt" | "security" | "authentication" | "tokens")
    })
}

/// A test's counter-example says so itself.
fn says_it_is_wrong(value: &str) -> bool {
    let folded = value.to_lowercase();
    [
        "wrong",
        "attacker",
        "invalid-",
        "invalid_",
        "incorrect",
        "bad-secret",
        "bad_secret",
        "not-the-",
        "tampered",
    ]
    .iter()
    .any(|word| folded.contains(word))
}

/// Not put together by a hand.
fn looks_random(value: &str, settings: &Settings) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    value.len() >= 24
        && digits >= 3
        && letters >= 6
        && settings.verdicts.of(value.as_bytes()).strength >= strength::Strength::Short
}

const TERMS: &[&str] = &[
    "jwt",
    "issuer",
    "audience",
    "expires",
    "expiration",
    "expire",
    "expiry",
    "algorithm",
    "token",
    "alg",
    "ttl",
];
/// In one file; more are a table of such things, or an attack.
const MOST_FINDINGS: usize = 2_000;
const MOST_COMPARED: usize = 64;
/// A program up to this length is read as one.
const WHOLE: usize = 64 << 10;
/// How long the pieces of a longer one are.
const PIECE: usize = 8 << 10;
/// Both, for what is no program.
const LONG: usize = 1 << 20;
