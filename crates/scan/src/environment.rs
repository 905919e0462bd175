//! An environment's signing secrets: the lines of an environment file whose names say so.

use keytide_jose::Secret;

use crate::config::lines;
use crate::rules::names::{self, Meaning};
use crate::rules::values::{self, Value};
use crate::text::language::Pairs;
use crate::token;

/// A secret under its name.
pub struct Named {
    /// The variable.
    pub name: String,
    /// Counted from 1.
    pub line: usize,
    /// Its value.
    pub secret: Secret,
}

/// The variables of `text`, one `NAME=value` a line, that sign tokens by their names.
#[must_use]
pub fn secrets_of_environment(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    for entry in lines::entries(text, Pairs::Env).into_iter().filter(|entry| !entry.comment) {
        let Some(name) = entry.keys.first() else { continue };
        let value = text.get(entry.start..entry.end).unwrap_or("");
        if let Some(secret) = secret_of_variable(name, value) {
            let line = text.get(..entry.start).map_or(1, |before| before.matches('\n').count() + 1);
            found.push(Named { name: name.clone(), line, secret });
        }
    }
    found
}

/// What one variable holds, if it signs tokens by its name.
#[must_use]
pub fn secret_of_variable(name: &str, value: &str) -> Option<Secret> {
    let signs = matches!(names::meaning(&[name], 1), Meaning::Jwt | Meaning::Token);
    match values::read(value) {
        Value::Literal(value) if signs && values::may_be_secret(value) => {
            Some(Secret::new(value.into()))
        }
        _ => None,
    }
}

/// How long the tokens in `text` are valid, each from `iat` (or from `now`) to `exp`, in seconds; no
/// length for one that does not end. With the line, counted from 1, and the `kid` that it names.
#[must_use]
pub fn lives_of_tokens(text: &str, now: i64) -> Vec<TokenLife> {
    let lives = token::find(text).into_iter().map(|found| TokenLife {
        line: text.get(..found.start).map_or(1, |before| before.matches('\n').count() + 1),
        kid: found.kid.clone(),
        seconds: found.expires.map(|expires| expires.saturating_sub(found.issued.unwrap_or(now))),
        is_over: found.expires.is_some_and(|expires| expires <= now),
    });
    lives.collect()
}

/// A token's life, as it says of itself: nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLife {
    /// Counted from 1.
    pub line: usize,
    /// The key that it names.
    pub kid: Option<String>,
    /// Seconds from when it was issued to when it expires; none where it does not.
    pub seconds: Option<i64>,
    /// It has expired.
    pub is_over: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tokens_life_is_read_and_not_believed() {
        let token = |payload: &str| {
            let part = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
            let head = part(r#"{"alg":"HS256","kid":"one"}"#);
            format!("{head}.{}.{}", part(payload), "A".repeat(43))
        };
        let text = format!(
            "A={}\nB={}\n",
            token(r#"{"iat":100,"exp":160}"#),
            token(r#"{"sub":"forever"}"#)
        );
        let lives = lives_of_tokens(&text, 150);
        let one =
            |line, seconds| TokenLife { line, kid: Some("one".into()), seconds, is_over: false };
        assert_eq!(lives, [one(1, Some(60)), one(2, None)]);
        assert!(lives_of_tokens(&text, 160)[0].is_over);
    }

    #[test]
    fn only_signing_secrets_are_read() {
        let text =
            "PATH=/bin\n# JWT_SECRET=old\nexport JWT_SECRET='a b'\nJWT_TTL=1h\nTOKEN_SECRET=$X\n";
        let found: Vec<_> = secrets_of_environment(text)
            .into_iter()
            .map(|named| (named.name, named.line, named.secret.expose().to_vec()))
            .collect();
        assert_eq!(found, [("JWT_SECRET".to_owned(), 3, b"a b".to_vec())]);
    }
}
