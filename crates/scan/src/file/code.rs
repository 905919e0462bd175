//! The literals of a program: each with its role, what it is when it is more than itself, and a decision.

use super::links::Use;
use super::zones::Zones;
use super::{Hit, Scan, Seen};
use crate::code::climb::{self, Role};
use crate::code::regions;
use crate::code::tree::Tree;
use crate::finding::{Confidence, Context};
use crate::rules::evidence::{Decision, Evidence};
use crate::rules::values::{self, Value};
use crate::strength;
use crate::text::lexer::{self, Tokens};
use crate::uses;

impl Scan<'_> {
    pub(super) fn code(&mut self, evidence: &mut Evidence, seen: &mut Seen) {
        let syntax = self.kind.syntax();
        let Tokens { code, comments } = lexer::tokens(self.text, syntax);
        let tree = Tree::new(self.text, code);
        if matches!(syntax.name, "rust" | "csharp" | "java" | "kotlin") {
            self.tests = regions::tests(&tree);
        }
        let mut own = Evidence::default();
        uses::collect(&tree, &mut own);
        if !own.used_as_key.is_empty() {
            seen.uses.push(Use::of(&tree, &own, self.path, self.kind.name()));
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
            Value::Reference => {
                self.nested(inner, start, &role.names, context, role.fallback, seen);
                return;
            }
            Value::Literal(value) => (value, start + inner.find(value).unwrap_or(0), None),
        };
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
                self.report(Hit { names, ..Hit::new(decision, start, value, context) }, seen);
            }
            return;
        }
        if self.nested(inner, start, &role.names, context, role.fallback, seen) {
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
                    base64: role.base64,
                    hex: role.hex,
                    names,
                    ..Hit::new(decision, start, value, context)
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
            self.report(Hit::new(decision, start + from, value, context), seen);
        }
    }

    /// `{"type":"HS256","key":"…"}` in a string or a variable.
    pub(super) fn nested(
        &self,
        inner: &str,
        start: usize,
        keys: &[&str],
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
        self.report(Hit { end: start + length, ..Hit::new(decision, start, value, context) }, seen);
        true
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

/// Of a key.
const MOST_BYTES: usize = 128;
