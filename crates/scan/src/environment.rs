//! An environment's signing secrets: the lines of an environment file whose names say so.

use keytide_jose::Secret;

use crate::config::lines;
use crate::rules::names::{self, Meaning};
use crate::rules::values::{self, Value};
use crate::text::language::Pairs;

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
        let signs = matches!(names::meaning(&[name], 1), Meaning::Jwt | Meaning::Token);
        let value = text.get(entry.start..entry.end).unwrap_or("");
        if let Value::Literal(value) = values::read(value)
            && signs
            && values::may_be_secret(value)
        {
            let line = text.get(..entry.start).map_or(1, |before| before.matches('\n').count() + 1);
            found.push(Named { name: name.clone(), line, secret: Secret::new(value.into()) });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

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
