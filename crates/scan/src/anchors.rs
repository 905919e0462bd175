//! One automaton over the words without which nothing is found: most files end here.

use std::sync::LazyLock;

use crate::text::language::Kind;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Whether any anchor is in these bytes.
pub(crate) fn any(bytes: &[u8]) -> bool {
    AUTOMATON.is_match(bytes)
}

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(ANCHORS)
        .expect("a handful of short words makes an automaton")
});

/// Each finding's text holds one of these: first the words that say enough alone, then those that count
/// beside a literal only.
const ANCHORS: &[&str] = &[
    "jwt",
    "hs256",
    "hs384",
    "hs512",
    "eyj",
    "private key-----",
    "\"kty\"",
    "'kty'",
    "kty:",
    "jsonwebtoken",
    "plaintext(",
    "symmetrickey",
    "symmetricsecuritykey",
    "signedstring",
    "hmacsha",
    "secret",
    "hmac",
    "signing",
    "signkey",
    "sign_key",
    "signer",
    "tokenkey",
    "token_key",
    "token-key",
    "authkey",
    "jose",
    "passphrase",
];
const ENOUGH: usize = 15;
/// How far a literal may stand behind its name.
const NEAR: usize = 200;

/// Whether a file is worth reading: it has an anchor that says enough, or one with a literal behind it.
/// In a configuration any value is a literal.
pub(crate) fn worth_reading(bytes: &[u8], kind: Kind) -> bool {
    let (any_value, single_quotes) = match kind {
        Kind::Code(syntax) => {
            (matches!(syntax.name, "shell" | "powershell" | "unknown"), syntax.single_quotes)
        }
        _ => (true, true),
    };
    let mut read_to = 0;
    AUTOMATON.find_iter(bytes).any(|found| {
        if found.pattern().as_usize() < ENOUGH || any_value {
            return true;
        }
        let end = (found.end() + NEAR).min(bytes.len());
        let behind = bytes.get(found.end().max(read_to)..end).unwrap_or_default();
        read_to = read_to.max(end);
        behind.iter().any(|b| matches!(b, b'"' | b'`') || *b == b'\'' && single_quotes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_found_in_any_case() {
        assert!(any(b"const JWT_KEY"));
        assert!(any(b"App Secret"));
        assert!(!any(b"nothing of the kind"));
    }
}
