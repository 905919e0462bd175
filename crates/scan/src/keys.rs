//! Keys that are written as keys: PEM with a body, JWKs with their private member.

use crate::rules::{PRIVATE_JWK, PRIVATE_KEY, Rule};

/// A key and where its secret part stands.
pub(crate) struct Found {
    pub(crate) rule: &'static Rule,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where what says that it is a key begins, which is where people look for it.
    pub(crate) open: usize,
}

/// Every private key of the text.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    pem(text, &mut found);
    der(text, &mut found);
    jwk(text, &mut found);
    found
}

/// Ranges of a line that are hidden in any excerpt: parts of tokens and long key material.
pub(crate) fn also_hidden(line: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..]
            .iter()
            .take_while(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=' | b'.')
            })
            .count();
        let piece = &line[at..at + run];
        let digits = piece.bytes().filter(u8::is_ascii_digit).count();
        if run >= 32 && digits >= 3 {
            ranges.push((at, at + run));
        }
        at += run.max(1);
        while at < bytes.len() && !line.is_char_boundary(at) {
            at += 1;
        }
    }
    ranges
}

/// A header by itself is a word of a program; with base64 after it, it is a key.
fn pem(text: &str, found: &mut Vec<Found>) {
    for (open, _) in text.match_indices("-----BEGIN ").take(MOST_KEYS) {
        let rest = &text[open + 11..];
        let Some(dashes) = rest
            .get(..60.min(rest.len()))
            .or_else(|| rest.get(..40))
            .and_then(|head| head.find("-----"))
        else {
            continue;
        };
        let label = &rest[..dashes];
        if !label.ends_with("PRIVATE KEY") || label.starts_with("ENCRYPTED") {
            continue;
        }
        let body = &rest[dashes + 5..];
        let limit =
            (0..=body.len().min(8_000)).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
        let body = &body[..limit];
        let end = body.find("-----").unwrap_or(body.len());
        let inside = body[..end].replace("\\n", "\n").replace("\\r", "");
        if inside.contains("Proc-Type: 4,ENCRYPTED") {
            continue;
        }
        let base64: usize = inside
            .bytes()
            .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
            .count();
        let foreign = inside
            .bytes()
            .filter(|b| {
                !(b.is_ascii_alphanumeric()
                    || matches!(
                        b,
                        b'+' | b'/'
                            | b'='
                            | b'\n'
                            | b'\r'
                            | b' '
                            | b'"'
                            | b'\''
                            | b'\\'
                            | b','
                            | b'\t'
                    ))
            })
            .count();
        let longest = inside
            .split(['\n', '"', '\'', ' ', ',', '+'])
            .map(|line| line.trim().len())
            .max()
            .unwrap_or(0);
        let repeated = inside
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .collect::<std::collections::HashSet<_>>()
            .len()
            < 12;
        if base64 >= 56 && foreign <= base64 / 20 && longest >= 40 && !repeated {
            let start = open + 11 + dashes + 5;
            let head = body
                .bytes()
                .take_while(|b| matches!(b, b'\n' | b'\r' | b' ' | b'\\' | b'"'))
                .count();
            let start = (start + head).min(text.len());
            let line_end = text
                .get(start..)
                .and_then(|rest| rest.find('\n'))
                .map_or(text.len(), |at| start + at);
            found.push(Found {
                rule: &PRIVATE_KEY,
                open,
                start,
                end: line_end.min(start + (end - head.min(end))),
            });
        }
    }
}

/// `"kty"` with `"d"` or, for `oct`, `"k"` in the same braces.
fn jwk(text: &str, found: &mut Vec<Found>) {
    for (at, _) in text.match_indices("kty").take(MOST_KEYS) {
        let (from, to) = braces(text, at);
        let Some(object) = text.get(from..to) else { continue };
        let is_oct = member(object, "kty").is_some_and(|(start, end)| &object[start..end] == "oct");
        let secret = if is_oct { member(object, "k") } else { member(object, "d") };
        let Some((start, end)) = secret else { continue };
        let value = &object[start..end];
        let real = value.len() >= 16
            && value.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'=')
            });
        let (start, end) = (from + start, from + end);
        if real && !found.iter().any(|there| there.start == start) {
            found.push(Found { rule: &PRIVATE_JWK, start, end, open: start });
        }
    }
}

/// A PEM's body without its header: PKCS #8 (RFC 5958) says within its first bytes whose key it is.
fn der(text: &str, found: &mut Vec<Found>) {
    for mark in PKCS8 {
        for at in memchr::memmem::find_iter(text.as_bytes(), mark).take(MOST_KEYS) {
            let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
            let start = text[..at].rfind(|c| !is_base64(c)).map_or(0, |before| before + 1);
            let length = text[start..].find(|c| !is_base64(c)).unwrap_or(text.len() - start);
            let quoted = text[..start].ends_with(['"', '\'', '`', '=', ' ', ':']);
            let is_known = found.iter().any(|there| there.start.abs_diff(start) < NEAR_HEADER);
            if quoted && !is_known && text[start..at].starts_with('M') && length >= SHORTEST_DER {
                let end = start + length;
                found.push(Found { rule: &PRIVATE_KEY, start, end, open: start });
            }
        }
    }
}

/// In base64: the version and the algorithm of an RSA key, an EC key, an Ed25519 key.
const PKCS8: [&str; 3] =
    ["ADANBgkqhkiG9w0BAQEFAASC", "AgEAMBMGByqGSM49AgEG", "C4CAQAwBQYDK2VwBCIEI"];
const SHORTEST_DER: usize = 64;
/// What follows a header so soon is its body.
const NEAR_HEADER: usize = 8;

/// The object around an offset, no further than a key is long.
fn braces(text: &str, at: usize) -> (usize, usize) {
    let near = at.saturating_sub(MOST_BEFORE);
    let near = (near..=at).find(|at| text.is_char_boundary(*at)).unwrap_or(at);
    let from = text[near..at].rfind('{').map_or(at, |open| near + open);
    let far = (at + MOST_AFTER).min(text.len());
    let far = (at..=far).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(at);
    let to = text[at..far].find('}').map_or(far, |close| at + close);
    (from, to)
}

/// The range of a member's value: `"d": "…"`, `d: '…'`, `\"d\":\"…\"`.
fn member(object: &str, name: &str) -> Option<(usize, usize)> {
    object.match_indices(name).find_map(|(at, _)| {
        let before = object[..at].trim_end_matches(['"', '\'', '\\']);
        let opens = before.trim_end().ends_with(['{', ',']);
        let rest = &object[at + name.len()..];
        let rest = rest.trim_start_matches(['"', '\'', '\\']).trim_start();
        let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix("=>"))?.trim_start();
        let value = rest.trim_start_matches(['"', '\'', '\\']);
        if !opens || value.len() == rest.len() {
            return None;
        }
        let start = object.len() - value.len();
        Some((start, start + value.find(['"', '\'', '\\'])?))
    })
}

/// In one piece of a file.
const MOST_KEYS: usize = 1_000;
const MOST_BEFORE: usize = 4_000;
const MOST_AFTER: usize = 4_000;
