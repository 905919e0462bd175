//! One automaton over the words without which nothing is found: most files end here.

use std::sync::LazyLock;

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

/// Each finding's text holds one of these.
const ANCHORS: &[&str] = &[
    "jwt",
    "secret",
    "hs256",
    "hs384",
    "hs512",
    "hmac",
    "signing",
    "signkey",
    "sign_key",
    "signer",
    "tokenkey",
    "token_key",
    "token-key",
    "authkey",
    "private key",
    "eyj",
    "\"kty\"",
    "'kty'",
    "kty:",
    "jsonwebtoken",
    "jose",
    "plaintext(",
    "symmetrickey",
    "symmetricsecuritykey",
    "passphrase",
    "signedstring",
];

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
