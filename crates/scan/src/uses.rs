//! What a file does with its names: which it gives to a sink, which to a cipher, which it looks up.

mod hops;

use crate::code::tree::Tree;
use crate::rules::evidence::Evidence;
use crate::rules::names::{self, Meaning};
use crate::rules::tables;

/// Reads every call and every member of the tree.
pub(crate) fn collect(tree: &Tree<'_>, evidence: &mut Evidence) {
    let imports_library = (0..tree.tokens.len())
        .any(|at| tree.is_text(at) && tree.word(at).is_some_and(|word| LIBRARIES.contains(&word)));
    let mut keys = Vec::new();
    for at in 0..tree.tokens.len() {
        match tree.sign(at) {
            "(" | "{" => call(tree, at, imports_library, &mut keys, evidence),
            ":=" => filled(tree, at, evidence),
            sign @ (":" | "=" | "=>") => {
                member(tree, at, &mut keys, evidence);
                named(tree, at, evidence);
                if sign == "=" {
                    filled(tree, at, evidence);
                }
            }
            _ => {}
        }
    }
    hops::follow(tree, &mut keys, evidence);
    for at in keys {
        evidence.used_as_key.extend(tree.word(at).map(str::to_owned));
        evidence.used_of.extend(hops::qualified(tree, at));
    }
}

/// Modules whose `sign` and `verify` are those of tokens.
const LIBRARIES: &[&str] =
    &["hono/jwt", "jsonwebtoken", "jwt-simple", "@tsndr/cloudflare-worker-jwt", "koa-jwt"];

/// Where calls that take a signing secret, or may, open their brackets.
pub(crate) fn sinks<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = usize> + 't {
    let opens = (0..tree.tokens.len()).filter(|at| tree.sign(*at) == "(");
    let takes = |at: &usize| {
        let (chain, _) = tree.chain_before(*at);
        chain.first().is_some_and(|last| tables::may_be_sink(last))
            && (0..MOST_ARGUMENTS).any(|index| tables::sink(&chain, index).is_some())
    };
    opens.filter(takes).filter_map(|at| tree.get(at)).map(|token| token.end)
}

fn call(
    tree: &Tree<'_>,
    open: usize,
    imports_library: bool,
    keys: &mut Vec<usize>,
    evidence: &mut Evidence,
) {
    // A bracket of a type, an index or a call stands before, or nothing is called.
    let Some(before) = open.checked_sub(1) else { return };
    if !tree.is_name(before) && !matches!(tree.sign(before), ")" | "]" | ">" | "!" | "?") {
        return;
    }
    let (chain, _) = tree.chain_before(open);
    let Some(last) = chain.first() else { return };
    let arguments = if tables::may_be_sink(last) { MOST_ARGUMENTS } else { 0 };
    for index in 0..arguments {
        let Some(sink) = tables::sink(&chain, index) else { continue };
        evidence.signs |= sink.certain;
        evidence.tokens |= sink.certain;
        let librarys = imports_library
            && chain.len() == 1
            && index == 1
            && matches!(*last, "sign" | "verify" | "encode" | "decode");
        if let Some((start, end)) = tree.nth_argument(open, index)
            && (sink.certain || librarys)
        {
            keys.extend(key_names(tree, start, end));
        }
    }
    let is_one = |name: &str, of: &[&str]| of.iter().any(|one| one.eq_ignore_ascii_case(name));
    let otherwise = is_one(last, OTHERWISE)
        || chain.iter().any(|name| name.starts_with("Aes") || name.starts_with("ChaCha"))
        || chain.iter().any(|name| is_one(name, OTHERWISE_OBJECTS));
    if otherwise {
        for index in 0..3 {
            if let Some((start, end)) = tree.nth_argument(open, index) {
                evidence.used_otherwise.extend(words(tree, key_names(tree, start, end)));
            }
        }
    }
    let keeps = || chain.iter().any(|name| is_one(name, KEEPERS));
    if let Some((start, end)) = tree.nth_argument(open, 0)
        && (start + 1 == end || matches!(tree.text(start), "this" | "self") && keeps())
        && tree.is_name(end - 1)
        && (tables::is_lookup(last) && *last != "secret" || keeps())
    {
        evidence.looked_up.extend(tree.word(end - 1).map(str::to_owned));
    }
}

/// `JWT_SECRET = "…"`, `jwt.secret = …`: a value with the name of a token's secret.
fn named(tree: &Tree<'_>, sign: usize, evidence: &mut Evidence) {
    if evidence.names_jwt_secret {
        return;
    }
    let (mut chain, _) = tree.chain_before(sign);
    if chain.is_empty() {
        chain.extend(sign.checked_sub(1).and_then(|before| tree.word(before)));
    }
    let is_value = tree.is_text(sign + 1) || tree.is_name(sign + 1);
    evidence.names_jwt_secret = is_value
        && chain.first().is_some_and(|last| names::may_mean(last))
        && names::meaning(&chain, 1) == Meaning::Jwt;
}

/// `s := os.Getenv("JWT_SECRET")`, `secret = process.env.JWT_SECRET`: what a variable is filled from.
fn filled(tree: &Tree<'_>, sign: usize, evidence: &mut Evidence) {
    let Some(variable) = sign.checked_sub(1).filter(|before| tree.is_name(*before)) else { return };
    // An option of a call is no variable.
    if tree.parent(sign).is_some_and(|open| tree.sign(open) == "(") {
        return;
    }
    let end = (sign + 1..(sign + 14).min(tree.tokens.len()))
        .find(|at| tree.line_ends_after(*at) || matches!(tree.sign(*at), ";"));
    let Some(end) = end else { return };
    let words = || (sign + 1..=end).filter_map(|at| tree.word(at));
    let setting = words()
        .find(|word| tables::is_key_text(word) && names::meaning(&[word], 1) <= Meaning::Token);
    let looks_up =
        |word: &str| matches!(word, "env" | "environ" | "ENV" | "_ENV") || tables::is_lookup(word);
    if let (Some(setting), Some(variable)) = (setting, tree.word(variable))
        && words().any(looks_up)
    {
        evidence.filled.insert(variable.to_owned(), setting.to_owned());
    }
}

/// `secretOrKey: X`, `secret: X` among token things.
fn member(tree: &Tree<'_>, sign: usize, keys: &mut Vec<usize>, evidence: &mut Evidence) {
    let Some(key) = sign.checked_sub(1).and_then(|before| tree.word(before)) else { return };
    let after = sign + 1;
    // `JWT_SECRET: z.string().min(32)` says what a value must be.
    let is_schema = matches!(
        tree.text(after),
        "z" | "Joi" | "joi" | "yup" | "zod" | "Type" | "envalid" | "str"
    );
    if is_schema
        || !(tree.is_name(after) || tree.sign(after) == "[")
        || !names::may_mean(key)
        || names::words(key).len() > 6
    {
        return;
    }
    let mut around = vec![key];
    if let Some(open) = tree.parent(sign)
        && matches!(tree.sign(open), "{" | "(")
    {
        let before = if tree.sign(open) == "{"
            && matches!(tree.sign(open.wrapping_sub(1)), "(" | "=" | ":")
        {
            open - 1
        } else {
            open
        };
        around.extend(tree.chain_before(before).0);
        around.extend(before.checked_sub(1).and_then(|place| tree.word(place)));
    }
    let end = (after..(after + 12).min(tree.tokens.len()))
        .find(|at| matches!(tree.sign(*at), "," | ";" | "}") || tree.line_ends_after(*at))
        .map_or(after + 1, |at| if matches!(tree.sign(at), "," | ";" | "}") { at } else { at + 1 });
    // `SecretKeySelector{Key: jwtSecretKey}`: under which name it is kept.
    if around.iter().skip(1).any(|name| name.ends_with("Selector")) {
        evidence.looked_up.extend(words(tree, key_names(tree, after, end)));
        return;
    }
    match names::meaning(&around, 1) {
        // A variable that is named so is judged by its own name; a member hands its value on.
        Meaning::Jwt if tree.sign(sign) != "=" || around.len() > 1 => {
            keys.extend(key_names(tree, after, end));
        }
        Meaning::Other
            if around
                .iter()
                .flat_map(|name| names::words(name))
                .any(|word| matches!(word.as_str(), "session" | "cookie" | "csrf")) =>
        {
            evidence.used_otherwise.extend(words(tree, key_names(tree, after, end)));
        }
        _ => {}
    }
}

/// The last name of each chain in an argument that is a value: not of look-ups, calls of libraries, options.
fn key_names(tree: &Tree<'_>, start: usize, end: usize) -> Vec<usize> {
    if end - start > 40 {
        return Vec::new();
    }
    let mut found = Vec::new();
    // What is given to a look-up is the name of what it gives.
    let asked = |at: usize| {
        tree.parent(at).filter(|open| *open >= start && tree.sign(*open) == "(").is_some_and(
            |open| {
                tree.chain_before(open)
                    .0
                    .first()
                    .is_some_and(|last| tables::is_lookup(last) && !tables::is_transparent(&[last]))
            },
        )
    };
    for at in start..end {
        let ends_chain = !matches!(tree.sign(at + 1), "." | "::" | "->" | "?." | ":" | "=");
        // Of `config["Jwt:Key"]` the key is what was asked for.
        if tree.is_name(at) && tree.sign(at + 1) == "[" && tree.is_text(at + 2) {
            found.push(at + 2);
            continue;
        }
        if !tree.is_name(at) || !ends_chain || asked(at) {
            continue;
        }
        // `Dict("iss" => ISSUER)`: a member's value has the member's meaning.
        let of_member = matches!(tree.sign(at.wrapping_sub(1)), "=>" | ":")
            && tree.word(at.wrapping_sub(2)).is_some_and(|key| !names::may_mean(key));
        if of_member {
            continue;
        }
        let Some(name) = tree.word(at) else { continue };
        let called = tree.sign(at + 1) == "(";
        let skip = if called {
            tables::is_transparent(&[name]) || tables::is_lookup(name) || tables::is_message(name)
        } else {
            IGNORED.contains(&name) || tables::is_value_method(name)
        };
        if !skip {
            found.push(at);
        }
    }
    // Of `secret.getBytes()` the value is what it is called on.
    for at in start..end {
        if tree.is_name(at)
            && matches!(tree.sign(at + 1), "." | "::")
            && tree.is_name(at + 2)
            && tables::is_transparent(&[tree.text(at + 2)])
        {
            found.push(at);
        }
    }
    found
}

fn words(tree: &Tree<'_>, places: Vec<usize>) -> impl Iterator<Item = String> {
    places.into_iter().filter_map(|at| tree.word(at)).map(str::to_owned)
}

/// How far from the first an argument may be that takes a key.
pub(crate) const MOST_ARGUMENTS: usize = 4;

/// What keeps things under names.
const KEEPERS: &[&str] = &[
    "localstorage",
    "sessionstorage",
    "asyncstorage",
    "securestore",
    "securestorage",
    "sharedpreferences",
    "preferences",
    "prefs",
    "cookies",
    "getitem",
    "setitem",
    "removeitem",
    "putstring",
];
const OTHERWISE: &[&str] = &[
    "createcipheriv",
    "createdecipheriv",
    "cookieparser",
    "cookiesession",
    "session",
    "fernet",
    "ivparameterspec",
    "pbkdf2",
    "pbkdf2sync",
    "scryptsync",
    "newcipher",
    "aesencrypt",
    "aesdecrypt",
    "encrypt",
    "decrypt",
    "createcipher",
    "createdecipher",
    "urlsafetimedserializer",
    "urlsafeserializer",
    "newcookiestore",
    "securecookie",
];
const OTHERWISE_OBJECTS: &[&str] = &[
    "aes",
    "fernet",
    "session",
    "sessions",
    "cryptojs",
    "cookiestore",
    "cookie",
    "des",
    "blowfish",
    "cipher",
    "encryptedsharedpreferences",
];
const IGNORED: &[&str] = &[
    "this",
    "self",
    "true",
    "false",
    "null",
    "None",
    "nil",
    "new",
    "byte",
    "string",
    "env",
    "process",
    "algorithm",
    "algorithms",
    "options",
    "UTF_8",
    "UTF8",
    "payload",
    "token",
    "err",
    "error",
    "await",
    "async",
    "function",
    "return",
    "const",
    "SignatureAlgorithm",
    "HS256",
    "HS512",
    "HS384",
    "ctx",
    "req",
    "res",
    "user",
    "callback",
    "header",
    "claims",
    "key_id",
    "StandardCharsets",
    "Encoding",
];
