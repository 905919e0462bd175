//! From a name, a use and a file to a decision: is it a signing secret, by which rule, how surely.

use std::collections::{HashMap, HashSet};

use super::names::{self, Meaning};
use super::{CONFIG, FALLBACK, HARDCODED, NAMED, Rule, tables, values};
use crate::anchors;
use crate::code::climb::Role;
use crate::finding::Confidence;

/// What a file says besides a literal.
#[derive(Default)]
pub(crate) struct Evidence {
    /// Some word of it says enough alone.
    pub(crate) enough: bool,
    /// It speaks of tokens: an import, an algorithm, a sink.
    pub(crate) tokens: bool,
    /// It names an HMAC algorithm or calls a sink.
    pub(crate) signs: bool,
    /// It joins two parts by a dot, as who makes a token by hand does.
    pub(crate) joins: bool,
    /// Names that are given to a sink as the key.
    pub(crate) used_as_key: HashSet<String>,
    /// Those of them that are a member of something, with its name before: `config.secret`.
    pub(crate) used_of: HashSet<String>,
    /// This file's own functions that give a parameter to a sink, and which.
    pub(crate) takes_key: HashSet<(String, usize)>,
    /// Names that are given to something else: a cipher, a session.
    pub(crate) used_otherwise: HashSet<String>,
    /// Variables that hold what was looked up, and under which name: a literal that such a one is given
    /// is what a missing setting falls back to.
    pub(crate) filled: HashMap<String, String>,
    /// A value has the name of a token's secret: another that has not is something else.
    pub(crate) names_jwt_secret: bool,
    /// Names that are looked up: their values are names of settings.
    pub(crate) looked_up: HashSet<String>,
}

/// A decision for a finding.
pub(crate) struct Decision {
    pub(crate) rule: &'static Rule,
    pub(crate) confidence: Confidence,
    /// Only another file that uses it by name makes a finding of it.
    pub(crate) pending: bool,
}

impl Evidence {
    /// What the words of a text say.
    pub(crate) fn of(text: &str) -> Self {
        let said = anchors::said(text.as_bytes());
        let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        // Asked for those alone that make an HMAC.
        let makes = has("mac") || has("Mac") || has("MAC");
        let joins = makes && JOINTS.iter().any(|joint| has(joint));
        let signs = said.signs || has("earer") || has("BEARER");
        let tokens = signs || has("oken") || has("TOKEN") || has("on Web T") || has("on web t");
        Self { enough: said.enough, tokens, signs, joins, ..Self::default() }
    }

    /// What another part of the file says counts as well.
    pub(crate) fn add(&mut self, other: Self) {
        self.enough |= other.enough;
        self.tokens |= other.tokens;
        self.signs |= other.signs;
        self.joins |= other.joins;
        self.used_as_key.extend(other.used_as_key);
        self.used_of.extend(other.used_of);
        self.takes_key.extend(other.takes_key);
        self.used_otherwise.extend(other.used_otherwise);
        self.looked_up.extend(other.looked_up);
        self.filled.extend(other.filled);
        self.names_jwt_secret |= other.names_jwt_secret;
    }

    /// Whether a function of this file, called so, gives this argument to a sink.
    pub(crate) fn hands_on(&self, chain: &[&str], index: usize) -> bool {
        let by_class = |name: &str| name.starts_with(char::is_uppercase);
        let name = match chain {
            [name] => name,
            ["new", class, ..] => class,
            [name, owner, ..] if matches!(*owner, "this" | "self" | "Self") || by_class(owner) => {
                name
            }
            _ => return false,
        };
        !self.takes_key.is_empty() && self.takes_key.contains(&((*name).to_owned(), index))
    }

    /// For a literal of code in this role.
    pub(crate) fn decide(&self, role: &Role<'_>, value: &str) -> Option<Decision> {
        if role.not.is_some() || !values::may_be_secret(value) {
            return None;
        }
        let rule = |plain: &'static Rule| if role.fallback { &FALLBACK } else { plain };
        let decide = |rule, confidence| Some(Decision { rule, confidence, pending: false });
        let sink = role.call.as_ref().and_then(|call| tables::sink(&call.chain, call.index));
        // Much is authenticated by an HMAC; it is a token's where one is put together.
        let sink = sink.filter(|sink| self.joins || !tables::is_mac(sink));
        if sink.is_some_and(|sink| sink.certain) && role.names.is_empty() {
            return decide(rule(&HARDCODED), Confidence::High);
        }
        let own = || role.names.iter().take(role.own.max(1));
        if !role.fallback && own().any(|name| self.looked_up.contains(*name)) {
            return None;
        }
        // `session({ secret: process.env.JWT_SECRET || "…" })`: what it is given to says what it is.
        let around = || role.names.iter().skip(role.own.max(1));
        if around().any(|name| SESSIONS.contains(&name.to_lowercase().as_str())) {
            return None;
        }
        let meaning = names::meaning(&role.names, role.own);
        // What it is used for goes before what it is called: of a default, also what the variable that
        // takes it is used for.
        let taken = || role.names.iter().skip(role.own).take(if role.fallback { 2 } else { 0 });
        if own().chain(taken()).any(|name| self.used_as_key.contains(*name))
            || sink.is_some_and(|sink| sink.certain)
                && meaning != Meaning::Other
                // A member of the claims is none of the key.
                && (meaning != Meaning::Nothing || role.fallback || role.own == 0)
        {
            return decide(rule(&HARDCODED), Confidence::High);
        }
        if role.names.is_empty()
            && !values::is_setting_name(value)
            && role.call.as_ref().is_some_and(|call| self.hands_on(&call.chain, call.index))
        {
            return decide(rule(&HARDCODED), Confidence::High);
        }
        if role.beside_algorithm && meaning != Meaning::Other && !value.contains(' ') {
            return decide(rule(&HARDCODED), Confidence::High);
        }
        if values::is_setting_name(value)
            || own().any(|name| {
                *name == value || is_its_own_name(name, value) || is_name_of_entry(name, value)
            })
            || is_sentence(value, meaning)
        {
            return None;
        }
        // authlib's and others' `decode(token, key="…")` by whatever name the library has here.
        if role.names.first() == Some(&"key")
            && role.names.get(1).is_some_and(|call| matches!(*call, "encode" | "decode"))
            && role.call.is_some()
            && self.signs
        {
            return decide(rule(&HARDCODED), Confidence::Medium);
        }
        if sink.is_some() && self.signs && meaning != Meaning::Other {
            return decide(rule(&HARDCODED), Confidence::Medium);
        }
        // A function's own name must say it: what else it returns is not the secret.
        if role.returned && meaning == Meaning::Nothing {
            let parameters: Vec<String> =
                role.names.iter().flat_map(|name| names::words(name)).collect();
            let keyfunc = self.signs
                && parameters.iter().any(|word| word == "jwt")
                && parameters
                    .iter()
                    .any(|word| matches!(word.as_str(), "token" | "parse" | "keyfunc"));
            return if keyfunc && !value.contains(' ') {
                decide(rule(&HARDCODED), Confidence::High)
            } else {
                None
            };
        }
        // `builder.jwtSecret("…")`: the call has the name.
        if let (Some(call), true) = (&role.call, role.names.is_empty())
            && call.index == 0
            && let Some(last) = call.chain.first()
            && !tables::is_lookup(last)
        {
            return match names::meaning(&[last], 1) {
                Meaning::Jwt => decide(rule(&NAMED), Confidence::High),
                Meaning::Token if self.tokens => decide(rule(&NAMED), Confidence::Medium),
                Meaning::Secret if self.signs && is_telling(&[last], 1) => {
                    decide(rule(&NAMED), Confidence::Medium)
                }
                _ => None,
            };
        }
        // An argument of a call that is no sink is only called by its name where that is given.
        if role.call.is_some() && role.own == 0 {
            return None;
        }
        let otherwise = own().any(|name| self.used_otherwise.contains(*name));
        match meaning {
            Meaning::Jwt
                if values::is_storage_name(value)
                    && !own().any(|name| name.to_lowercase().contains("secret")) =>
            {
                None
            }
            Meaning::Jwt if !otherwise || role.names.iter().any(|name| says_jwt(name)) => {
                decide(rule(&NAMED), Confidence::High)
            }
            Meaning::Token if values::is_storage_name(value) => None,
            Meaning::Token if !otherwise => decide(
                rule(&NAMED),
                if self.tokens { Confidence::High } else { Confidence::Medium },
            ),
            Meaning::Secret
                if !otherwise
                    && self.signs
                    && !(self.names_jwt_secret
                        && own()
                            .filter(|name| names::may_mean(name))
                            .all(|name| is_anybodys(name)))
                    && (is_telling(&role.names, role.own) || makes_signer(&role.names)) =>
            {
                decide(rule(&NAMED), Confidence::Medium)
            }
            Meaning::Secret if !otherwise => Some(Decision {
                rule: rule(&HARDCODED),
                confidence: Confidence::Low,
                pending: true,
            }),
            _ => None,
        }
    }

    /// For a value of a configuration under these keys.
    pub(crate) fn decide_entry(
        &self,
        keys: &[&str],
        value: &str,
        fallback: bool,
        siblings: bool,
    ) -> Option<Decision> {
        if !values::may_be_secret(value)
            || keys.first().is_some_and(|key| *key == value)
            || is_sentence(value, names::meaning(keys, 1))
            || value.contains('\n')
        {
            return None;
        }
        // A name under which a secret is kept elsewhere.
        if keys.iter().any(|key| IN_OTHER_PLACES.contains(&key.to_lowercase().as_str())) {
            return None;
        }
        let rule = if fallback { &FALLBACK } else { &CONFIG };
        let decide = |confidence| Some(Decision { rule, confidence, pending: false });
        let setting = values::is_setting_name(value);
        match names::meaning(keys, 1) {
            Meaning::Jwt if !setting => decide(Confidence::High),
            Meaning::Token if !setting && !values::is_storage_name(value) => {
                decide(if self.tokens || siblings { Confidence::High } else { Confidence::Medium })
            }
            Meaning::Secret if !setting && siblings && is_telling(keys, 1) => {
                decide(Confidence::Medium)
            }
            _ => None,
        }
    }
}

/// `PRIVATE_KEY_PUBLISHED = "private_key_published"`: one of a table of names. A secret that is made of
/// its variable's name has fewer words.
fn is_its_own_name(name: &str, value: &str) -> bool {
    value.matches(['_', '-', '.']).count() >= 2
        && name.to_lowercase().replace('_', "-") == value.replace(['_', '.'], "-")
        && !name.to_lowercase().contains("secret")
}

/// `KEY_JWT_SECRET = "pref_jwt_secret"`: the name under which something is kept.
fn is_name_of_entry(name: &str, value: &str) -> bool {
    let (name, value) = (names::words(name), names::words(value));
    name.len() >= 3 && name.first().is_some_and(|word| word == "key") && value.ends_with(&name[1..])
}

/// Between a header, a payload and a signature.
const JOINTS: &[&str] = &[
    "}.${",
    "}.#{",
    "}.{",
    "\"%s.%s\"",
    "'%s.%s'",
    "+ '.' +",
    "+ \".\" +",
    ". '.' .",
    ". \".\" .",
    "'.'.join",
    "\".\".join",
    "join('.')",
    "join(\".\")",
    "b'.'.join",
    "b\".\".join",
    "implode('.'",
    "}.{}",
];

/// What keeps a session rather than a token.
const SESSIONS: &[&str] =
    &["session", "expresssession", "cookiesession", "cookieparser", "sessionmiddleware"];

fn says_jwt(name: &str) -> bool {
    names::words(name).iter().any(|word| word == "jwt")
}

/// `SECRET_KEY`, `secret`: a name that says nothing of what the secret is for.
pub(crate) fn is_anybodys(name: &str) -> bool {
    let plain = |word: &String| {
        matches!(
            word.as_str(),
            "secret" | "secrets" | "key" | "keys" | "app" | "my" | "the" | "config" | "base"
        )
    };
    names::words(name).iter().all(plain)
}

/// `createSigner({ key: "…" })`
fn makes_signer(names: &[&str]) -> bool {
    names.iter().any(|name| matches!(*name, "createSigner" | "createVerifier"))
}

/// Names that are a secret's even alone: `SECRET_KEY`, `secret`, not `key`.
fn is_telling(names: &[&str], own: usize) -> bool {
    names.iter().take(own.max(1)).any(|name| {
        let words = names::words(name);
        let has = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
        has(&["secret", "secrets", "hmac", "signing", "secretkey"])
            || has(&["sign", "private", "auth"]) && has(&["key"])
    })
}

/// Prose rather than a key: "must be at least 32 characters long". Where the name says what the value is,
/// softer words prove nothing.
fn is_sentence(value: &str, meaning: Meaning) -> bool {
    let words = value.split_whitespace().count();
    let folded = value.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    words >= 3
        && !folded.contains("replace it with")
        && (says(&[
            "must",
            "should",
            "required",
            "missing",
            "invalid",
            "cannot",
            "can't",
            "please set",
            "not set",
            "is not",
            "failed",
            "shorter than",
            "too short",
        ]) || meaning != Meaning::Jwt && says(&["generate with", "used to", "the secret"]))
}

const IN_OTHER_PLACES: &[&str] = &[
    "secretkeyref",
    "encrypteddata",
    "valuefrom",
    "secretref",
    "secretname",
    "existingsecret",
    "existingsecretkey",
    "remoteref",
    "configmapkeyref",
    "externalsecrets",
    "secretstoreref",
    "properties",
    "required",
    "description",
    "inputs",
    "outputs",
    "scripts",
    "dependencies",
    "devdependencies",
    "keyvaultsecretid",
    "secretkey-ref",
    "messages",
    "errors",
    "translations",
    "i18n",
    "labels",
    "annotations",
    "tags",
];
