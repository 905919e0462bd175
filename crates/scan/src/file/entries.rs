//! The values of a configuration, each under its keys and beside its siblings.

use std::collections::HashSet;

use super::{Hit, Scan, Seen};
use crate::config::{self, Entry};
use crate::finding::Context;
use crate::rules::evidence::{Evidence, is_anybodys};
use crate::rules::names::{self, Meaning};
use crate::rules::values::{self, Value};

impl Scan<'_> {
    pub(super) fn words(&self, evidence: &Evidence, seen: &mut Seen) {
        let entries = config::words::entries(self.text);
        self.entries(&entries, evidence, seen);
    }

    pub(super) fn entries(&self, entries: &[Entry], evidence: &Evidence, seen: &mut Seen) {
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
            if self.nested(raw, entry.start, &keys, context, false, seen) {
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
            self.report(
                Hit { base64: entry.base64, ..Hit::new(decision, start, value, context) },
                seen,
            );
        }
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
