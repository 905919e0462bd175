//! Tokens in a text: three segments that decode, whatever is around them.

use keytide_jose::{Limits, jws};

use crate::finding::{Confidence, Context};

/// A token and where it stands.
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) line: usize,
    pub(crate) path: String,
    pub(crate) context: Context,
    /// HS256 and its kin: such a token can be tried against secrets.
    pub(crate) symmetric: bool,
    pub(crate) kid: Option<String>,
    pub(crate) issued: Option<i64>,
    pub(crate) expires: Option<i64>,
}

/// Every whole token of the text.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("eyJ")).map(|start| at + start)
    {
        let length =
            text.as_bytes()[start..].iter().take_while(|b| is_part(**b)).take(LONGEST).count();
        at = start + length.max(3);
        let candidate = text.get(start..start + length).unwrap_or("").trim_end_matches('.');
        // Something that goes on before it is no token's beginning.
        let before = start.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if before.is_some_and(|b| is_part(*b)) || candidate.split('.').count() != 3 {
            continue;
        }
        let Ok(seen) = jws::inspect(candidate, &Limits::default()) else { continue };
        let alg = seen.unverified_header.get("alg").and_then(|alg| alg.as_str()).unwrap_or("");
        let claims = seen.unverified_payload.as_ref();
        if alg.is_empty()
            || alg == "none"
            || claims.is_none()
            || seen.signature_len < SHORTEST_SIGNATURE
        {
            continue;
        }
        let date = |name: &str| claims.and_then(|claims| claims.get(name)?.as_f64()).map(whole);
        found.push(Found {
            text: candidate.to_owned(),
            start,
            line: 0,
            path: String::new(),
            context: Context::Live,
            symmetric: alg.starts_with("HS"),
            kid: seen.unverified_header.get("kid").and_then(|kid| kid.as_str()).map(str::to_owned),
            issued: date("iat"),
            expires: date("exp"),
        });
    }
    found
}

impl Found {
    /// One that is valid for long is as good as a password; an expired one is a hint.
    pub(crate) fn confidence(&self, now: i64) -> Confidence {
        match self.expires {
            Some(expires) if expires <= now => Confidence::Low,
            _ => Confidence::High,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounded down on purpose; too large saturates")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

const LONGEST: usize = 16 * 1024;
const SHORTEST_SIGNATURE: usize = 32;
