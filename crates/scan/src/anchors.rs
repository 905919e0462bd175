//! One vectorised search for the words without which nothing is found: most files end here.

use std::sync::LazyLock;

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, MatchKind};

use crate::text::language::Kind;

/// Whether any anchor is in these bytes.
pub(crate) fn any(bytes: &[u8]) -> bool {
    next(bytes, 0).is_some()
}

/// What the anchors of a text say of the whole of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Some anchor says enough alone.
    pub(crate) enough: bool,
    /// One of them is of tokens that are signed by a secret: a library, an HMAC algorithm, a sink.
    pub(crate) signs: bool,
}

/// Reads the anchors until nothing more can be said.
pub(crate) fn said(bytes: &[u8]) -> Said {
    let mut said = Said::default();
    let mut at = 0;
    while let Some((anchor, end)) = next(bytes, at)
        && !said.signs
    {
        said.enough |= anchor < ENOUGH;
        let word = ANCHORS.get(anchor).copied().unwrap_or("");
        let before = end.checked_sub(word.len() + 1).and_then(|at| bytes.get(at));
        said.signs |= match word {
            "jwt"
            | "JWT"
            | "Jwt"
            | "sonwebtoken"
            | "sonWebToken"
            | "ymmetricSecurityKey"
            | "ignedString"
            | "jose"
            | "JOSE"
            | "Jose" => true,
            "S256" | "s256" | "S384" | "s384" | "S512" | "s512" => {
                before.is_some_and(|letter| letter.eq_ignore_ascii_case(&b'h'))
            }
            _ => false,
        };
        at = end;
    }
    said
}

/// Where anchors end, in order.
pub(crate) fn ends(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (_, end) = next(bytes, at)?;
        at = end;
        Some(end)
    })
}

/// Whether a file is worth reading: it has an anchor that says enough, or one with a literal behind it.
/// In a configuration any value is a literal.
pub(crate) fn worth_reading(bytes: &[u8], kind: Kind) -> bool {
    let (any_value, single_quotes, backticks) = match kind {
        Kind::Code(syntax) => {
            let any_value = matches!(syntax.name, "shell" | "powershell" | "unknown");
            (any_value, syntax.single_quotes, syntax.backticks)
        }
        _ => (true, true, true),
    };
    let quotes = |byte: &u8| match byte {
        b'"' => true,
        b'\'' => single_quotes,
        b'`' => backticks,
        _ => false,
    };
    let (mut at, mut read_to) = (0, 0);
    while let Some((anchor, found)) = next(bytes, at) {
        if anchor < ENOUGH || any_value {
            return true;
        }
        let end = (found + NEAR).min(bytes.len());
        let behind = bytes.get(found.max(read_to)..end).unwrap_or_default();
        read_to = read_to.max(end);
        if behind.iter().any(quotes) {
            return true;
        }
        at = found;
    }
    false
}

/// The next anchor at or after `at`: which it is, and where it ends.
fn next(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    match &*SEARCH {
        Search::Vectors(searcher) => {
            let found =
                searcher.find_in(bytes, aho_corasick::Span { start: at, end: bytes.len() })?;
            Some((found.pattern().as_usize(), found.end()))
        }
        Search::Automaton(automaton) => {
            let found = automaton.find(aho_corasick::Input::new(bytes).range(at..))?;
            Some((found.pattern().as_usize(), found.end()))
        }
    }
}

/// More are searched for without vectors, at a fifth of the speed.
const _: () = assert!(ANCHORS.len() <= 64);

enum Search {
    Vectors(Searcher),
    /// Where the processor has no vectors for it.
    Automaton(AhoCorasick),
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let mut builder = packed::Config::new().match_kind(packed::MatchKind::LeftmostFirst).builder();
    builder.extend(ANCHORS);
    builder.build().map_or_else(
        || {
            let automaton =
                AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(ANCHORS);
            Search::Automaton(automaton.expect("a handful of short words makes an automaton"))
        },
        Search::Vectors,
    )
});

/// Each finding's text holds one of these: first the words that say enough alone, then those that count
/// beside a literal only. In the cases in which people write them, which a vectorised search can take:
/// a word without its first letter stands for two of them, and few patterns make it fast.
const ANCHORS: &[&str] = &[
    "jwt",
    "JWT",
    "Jwt",
    // HS256; RS256 beside it does no harm.
    "S256",
    "s256",
    "S384",
    "s384",
    "S512",
    "s512",
    // A token's first bytes are `{"`, and base64 has but one way to write them.
    "eyJ",
    "PRIVATE KEY-----",
    // A key without a header.
    "0BAQEFAASC",
    "\"kty\"",
    "'kty'",
    "kty:",
    "sonwebtoken",
    "sonWebToken",
    "lainText(",
    "ymmetricKey",
    "ymmetricSecurityKey",
    "ignedString",
    "ecret",
    "ECRET",
    "hmacSHA",
    "HmacSha",
    "HmacSHA",
    "HMACSHA",
    "hmac_sha",
    "HMAC256",
    "HMAC384",
    "HMAC512",
    "addHMAC",
    "hmac_key",
    "HMAC_KEY",
    "hmacKey",
    "HmacKey",
    "HMACKey",
    "hmackey",
    "igning",
    "IGNING",
    "ignKey",
    "ignkey",
    "ign_key",
    "IGN_KEY",
    "ACSigner",
    "ACVerifier",
    "reateSigner",
    "reateVerifier",
    "igners.",
    "okenKey",
    "okenkey",
    "oken_key",
    "OKEN_KEY",
    "oken-key",
    "uthKey",
    "uthkey",
    "jose",
    "JOSE",
    "Jose",
    "assphrase",
    "ASSPHRASE",
    "assPhrase",
];
/// How many of them say enough alone.
const ENOUGH: usize = 21;
/// How far a literal may stand behind its name.
const NEAR: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_found_in_the_cases_that_people_write() {
        for text in [
            "const JWT_KEY",
            "jwtKey",
            "Jwt:Key",
            "App Secret",
            "SECRET_KEY",
            "appsecret",
            "alg: hs256",
            "HS512",
            "SigningKey",
            "createSigner",
            "HmacSha",
            "TOKEN_KEY",
            "AuthKey",
            "jsonwebtoken",
            "JsonWebToken",
            "InMemory::plainText(",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(any(text.as_bytes()), "{text}");
        }
        assert!(!any(b"nothing of the kind"));
    }

    #[test]
    fn an_algorithm_that_takes_a_secret_is_told_from_one_that_takes_a_pair() {
        let signs = |text: &str| said(text.as_bytes()).signs;
        for text in ["alg: HS256", "hs512", "a secret, a jwt"] {
            assert!(signs(text), "{text}");
        }
        // Much else than a token is authenticated by an HMAC.
        for text in ["alg: ES256", "RS512", "hmac.New", "HmacSHA256", "a secret"] {
            assert!(!signs(text), "{text}");
        }
        assert!(said(b"ES256").enough && !said(b"a secret").enough);
    }

    #[test]
    fn both_searches_find_the_same() {
        let text = "a Jwt, its secret, and SIGNING_KEY = \"eyJ\"";
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(ANCHORS).unwrap();
        let expected: Vec<usize> = automaton.find_iter(text).map(|found| found.end()).collect();
        assert_eq!(ends(text.as_bytes()).collect::<Vec<_>>(), expected);
        assert_eq!(expected.len(), 4);
    }

    #[test]
    fn what_says_enough_stands_first() {
        assert_eq!(ANCHORS[ENOUGH], "ecret");
    }
}
