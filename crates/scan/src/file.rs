//! One file: from its bytes to its findings, the tokens in it, and what it uses as keys.

mod pieces;
mod weigh;
mod zones;

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
use crate::rules::Rule;
use crate::rules::evidence::{Decision, Evidence, is_anybodys};
use crate::rules::names::{self, Meaning};
use crate::rules::values::{self, Value};
use crate::strength::{self, Verdicts};
use crate::text::decode;
use crate::text::language::{self, Kind};
use crate::text::lexer::{self, Tokens};
use crate::text::lines::Lines;
use crate::token::{self, Found};
use crate::{allow, context, uses};

use self::weigh::readings;
pub(crate) use self::weigh::weigh;
use self::zones::Zones;

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
    names: HashSet<String>,
    /// Those that are a member of something, with its name: `config.secret`.
    of: HashSet<String>,
    /// Its names, and the pieces of paths in its strings: modules and classes are among them.
    mentions: HashSet<String>,
    /// The last pieces of the paths in its strings: modules that it imports by them.
    imports: HashSet<String>,
    folder: String,
    kind: &'static str,
}

impl Use {
    /// Whether a value of that name in the file of a finding can be meant.
    pub(crate) fn means(&self, finding: &Finding, name: &str) -> bool {
        let stem =
            finding.path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or("");
        let module = if stem == "index" {
            folder(&finding.path).rsplit('/').next().unwrap_or("")
        } else {
            stem
        };
        // A package's files see each other without a word.
        let package = matches!(self.kind, "go" | "swift" | "kotlin");
        let same_kind = self.kind == finding.kind
            || matches!((self.kind, finding.kind), ("javascript", "json"));
        // `secret` alone says too little, unless it is that of this module.
        let of_import = || {
            self.imports.contains(module)
                && self.of.iter().any(|of| of.rsplit('.').next() == Some(name))
        };
        let says =
            is_distinctive(name) || self.of.contains(&format!("{module}.{name}")) || of_import();
        self.names.contains(name)
            && same_kind
            && says
            && (module.len() >= 3 && self.mentions.contains(module)
                || package && self.folder == folder(&finding.path))
    }
}

/// A name that two files share by more than chance.
fn is_distinctive(name: &str) -> bool {
    let words = names::words(name);
    let constant = name.chars().all(|c| c.is_uppercase() || c == '_' || c.is_ascii_digit());
    let has = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
    has(&["secret", "signing", "hmac"]) && (words.len() >= 2 || constant)
        || has(&["key"]) && constant
}

fn imports(tree: &Tree<'_>) -> HashSet<String> {
    let texts = (0..tree.tokens.len()).filter(|at| tree.is_text(*at));
    let paths = texts.filter_map(|at| tree.word(at)).filter(|text| text.len() < 200);
    let paths = paths.filter(|text| text.starts_with(['.', '@', '~']) && text.contains('/'));
    let modules = paths.filter_map(|path| path.rsplit('/').next()?.split('.').next());
    modules.map(str::to_owned).collect()
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
                of: own.used_of.clone(),
                mentions: mentions(&tree),
                imports: imports(&tree),
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

    /// Of what stands in a comment if `offset` is one's.
    fn context_of(&self, start: usize, offset: Option<usize>) -> Context {
        if offset.is_some() && self.context == Context::Live {
            Context::Comment
        } else {
            self.context_at(start)
        }
    }

    /// Every string of a tree, and every list of bytes; `offset` where the tree is a comment's.
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
            if let Some((start, list)) = bytes_listed(tree, at).filter(|_| !is_config)
                && zones.hold(start)
            {
                let role = climb::role_of_bytes(tree, at);
                let start = start + offset.unwrap_or(0);
                let context = self.context_of(start, offset);
                self.literal(list, start, &role, evidence, context, is_config, seen);
            }
            if !tree.is_text(at) {
                continue;
            }
            let Some(token) = tree.get(at) else { continue };
            if !zones.hold(token.start) {
                continue;
            }
            let inner = token.inner(tree.source);
            if inner.is_empty() || inner.len() > 4096 || is_filled_in(token, tree.source) {
                continue;
            }
            let role = climb::role(tree, at);
            let start = token.inner.0 + offset.unwrap_or(0);
            let context = self.context_of(start, offset);
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
        let names_its_secret = entries.iter().any(|entry| {
            entry.keys.first().is_some_and(|key| names::meaning(&[key], 1) == Meaning::Jwt)
        });
        for entry in entries {
            let (parent, leaf) = parent_and_leaf(&entry.keys);
            if leaf == "key" && secrets.contains(&parent) {
                continue;
            }
            let Some(raw) = self.text.get(entry.start..entry.end).filter(|raw| !raw.is_empty())
            else {
                continue;
            };
            let mut keys: Vec<&str> = entry.keys.iter().map(String::as_str).collect();
            // CloudFormation's `Parameters: JwtSecret: Default: …`
            let is_default = keys.len() > 1 && matches!(keys[0], "Default" | "default");
            if is_default {
                keys.remove(0);
            }
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
            if let Some(name) = name
                && names::meaning(&keys, 1) > names::meaning(&[name], 1)
            {
                keys.insert(0, name);
            }
            // An expansion's default has been seen as such; its assignment says the same.
            let fallback = fallback
                || is_default
                || self
                    .text
                    .get(..start)
                    .is_some_and(|before| before.ends_with(":-") || before.ends_with(":="));
            // Beside the secret that has the name, one of no name is another's.
            let named = names_its_secret && is_anybodys(&leaf);
            let siblings = evidence.tokens && !named && (terms.contains(&parent) || near(&keys));
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

/// Python's `f"{header}.{payload}"`, C#'s `$"…"`: made of other values.
fn is_filled_in(token: &lexer::Token, source: &str) -> bool {
    let text = token.text(source);
    let prefix = text.split(['"', '\'']).next().unwrap_or("");
    prefix.contains(['f', 'F', '$']) && text.contains('{')
}

/// A bracket with nothing but as many numbers as a key has bytes: where they begin, and they.
fn bytes_listed<'t>(tree: &Tree<'t>, open: usize) -> Option<(usize, &'t str)> {
    if !matches!(tree.sign(open), "{" | "[") || tree.kind(open + 1) != Some(lexer::Kind::Number) {
        return None;
    }
    let close = tree.partner(open).filter(|close| close - open < 2 * MOST_BYTES)?;
    let (from, to) = (tree.get(open + 1)?.start, tree.get(close - 1)?.end);
    let list = tree.source.get(from..to)?;
    strength::listed_bytes(list).is_some().then_some((from, list))
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

fn own_names(role: &Role<'_>) -> Vec<String> {
    role.names.iter().take(role.own.max(1)).map(|name| (*name).to_owned()).collect()
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
    keys.iter()
        .flat_map(|key| names::words(key))
        .any(|word| matches!(word.as_str(), "auth" | "token" | "jwt" | "authentication" | "tokens"))
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
/// Of a key.
const MOST_BYTES: usize = 128;
