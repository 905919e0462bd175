//! What a value is when it is no secret whatever its name: a reference, a path, a word of the format.

use super::names;

/// A value as written, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value<'t> {
    /// The value itself.
    Literal(&'t str),
    /// `${NAME:default}`, `${NAME:-default}`: what is looked up, and the default.
    Fallback(&'t str, &'t str),
    /// Something that stands for a value: it is looked up, made or shown elsewhere.
    Reference,
}

/// Takes a value apart.
pub(crate) fn read(value: &str) -> Value<'_> {
    let value = value.trim();
    // Kotlin's `"\${jwt.secret:…}"`
    let value = value.strip_prefix('\\').filter(|rest| rest.starts_with("${")).unwrap_or(value);
    if let Some(inside) = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        if let Some((source, rest)) = inside.split_once(':')
            && SOURCES.contains(&source)
        {
            // `${env:NAME, 'default'}`
            return match rest.split_once(',').map(|(name, default)| (name, unquoted(default))) {
                Some((name, default)) if !default.is_empty() && !is_reference(default) => {
                    Value::Fallback(name, default)
                }
                _ => Value::Reference,
            };
        }
        // `${VAR:?message}` and `${VAR?message}` fail rather than fall back.
        let (name, default) = if let Some(parts) = inside.split_once(":-") {
            parts
        } else if inside.contains(":?") || inside.contains(":+") {
            return Value::Reference;
        } else if let Some(parts) = inside.split_once(':') {
            parts
        } else if let Some(parts) = inside.split_once('-').filter(|(name, _)| is_variable(name)) {
            parts
        } else {
            return Value::Reference;
        };
        let default = unquoted(default);
        if name.contains("{{")
            || default.is_empty()
            || is_reference(default)
            || default.starts_with('#')
        {
            return Value::Reference;
        }
        return Value::Fallback(name, default);
    }
    if let Some((name, default)) = template_default(value) {
        return Value::Fallback(name, default);
    }
    if is_reference(value) { Value::Reference } else { Value::Literal(value) }
}

/// Helm's `{{ .Values.jwtSecret | default "…" | quote }}`, Jinja's `{{ jwt_secret | default('…') }}`:
/// what is looked up, and the default.
fn template_default(value: &str) -> Option<(&str, &str)> {
    let inside = value.trim_matches(['"', '\'']).strip_prefix("{{")?.strip_suffix("}}")?;
    let (before, after) = inside.split_once("default")?;
    let quoted = after.trim_start_matches([' ', '(']);
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let default = quoted.get(1..)?.split(quote).next().filter(|default| !default.is_empty())?;
    if after.starts_with('(') {
        let name = before.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')));
        return Some((name.into_iter().find(|word| word.len() > 1)?, default));
    }
    let named = |text: &'_ str| text.split_whitespace().any(|word| word.starts_with('.'));
    let name = [before, after].into_iter().find(|text| named(text))?;
    let name = name.split_whitespace().find(|word| word.starts_with('.'))?;
    Some((name.trim_start_matches(".Values.").trim_start_matches('.'), default))
}

/// Whether a literal can be a key at all.
pub(crate) fn may_be_secret(value: &str) -> bool {
    let value = value.trim();
    let folded = value.to_lowercase();
    !(value.is_empty()
        || value.len() > LONGEST
        || value.chars().count() < 2
        || value.contains('\n')
        || NO_SECRETS.contains(&folded.as_str())
        || is_algorithm(value)
        || is_duration(&folded)
        || is_path(value)
        || is_address(&folded)
        || folded.starts_with("-----begin")
        || folded.starts_with("ssh-rsa ")
        || value.starts_with('<') && value.ends_with('>')
        || value.starts_with('[') && value.ends_with(']')
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-' | '_' | '•' | '…')))
}

/// Whether a value is more likely the name of a setting than a setting: `JWT_SECRET`, `jwt.secret`.
pub(crate) fn is_setting_name(value: &str) -> bool {
    let shouted = value.len() > 3
        && value.contains('_')
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let dotted = (value.contains('.') || value.contains(':'))
        && value.split(['.', ':']).all(|part| {
            !part.is_empty()
                && part.len() < 24
                && part.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
        });
    let says = names::words(value).iter().any(|word| names::is_key_word(word));
    (shouted || dotted) && says
}

/// Whether a value is a name under which a token is kept: `auth-token`, `access_token`.
pub(crate) fn is_storage_name(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "auth",
        "access",
        "refresh",
        "token",
        "tokens",
        "jwt",
        "user",
        "id",
        "session",
        "bearer",
        "x",
        "authorization",
        "storage",
        "api",
        "app",
    ];
    let words = names::words(value);
    !words.is_empty() && words.iter().all(|word| WORDS.contains(&word.as_str()))
}

/// Whether a text is written as names of settings are, rather than as a value may be.
pub(crate) fn is_setting_like(text: &str) -> bool {
    let upper = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let lower = text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.'));
    upper || lower
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote) {
            return &value[1..value.len() - 1];
        }
    }
    value
}

fn is_reference(value: &str) -> bool {
    const STARTS: &[&str] = &[
        "${",
        "$(",
        "{{",
        "%(",
        "#{",
        "<%",
        "ENC[",
        "ENC(",
        "vault:",
        "arn:aws",
        "!Ref",
        "!Sub",
        "!GetAtt",
        "!vault",
        "@format",
        "@jinja",
        "@env",
        "@Microsoft.KeyVault",
        "op://",
        "ssm:",
        "awssm:",
        "sops:",
        "secretsmanager:",
        "process.env",
        "os.environ",
        "env.",
        "env:",
        "ref+",
        "secret:",
        "file:",
        "AQIC",
        "var.",
        "local.",
        "data.",
        "module.",
        "random_",
        "%env(",
        "{cipher}",
        "projects/",
        "akv://",
        "gcp-sm:",
        "lookup(",
        "keyring:",
        "%{",
        "@@",
        "__",
        "#[",
    ];
    let dollar = value
        .strip_prefix('$')
        .is_some_and(|rest| is_variable(rest) && !rest.starts_with(|c: char| c.is_ascii_digit()));
    // Vercel's `@jwt-secret`.
    let kept = value.strip_prefix('@').is_some_and(|name| {
        name.len() > 3 && name.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
    });
    kept || STARTS.iter().any(|start| value.starts_with(start))
        || dollar
        || value.contains("{{") && value.contains("}}")
        || (value.contains("${") || value.contains("#{")) && value.contains('}')
        || value.contains("$(")
        || value.len() > 2 && value.starts_with('%') && value.ends_with('%')
        || value.starts_with('{')
            && value.ends_with('}')
            && value[1..value.len() - 1]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

fn is_algorithm(value: &str) -> bool {
    let upper = value.to_uppercase();
    ["HMAC-SHA", "HMAC_SHA", "SHA-"].iter().any(|start| upper.starts_with(start))
        || [
            "HS256",
            "HS384",
            "HS512",
            "RS256",
            "RS384",
            "RS512",
            "ES256",
            "ES384",
            "ES512",
            "PS256",
            "PS384",
            "PS512",
            "EDDSA",
            "HMACSHA256",
            "HMACSHA512",
            "SHA256",
            "SHA512",
            "SHA-256",
            "SHA-512",
            "AES",
            "AES-256-CBC",
            "AES-256-GCM",
            "UTF-8",
            "UTF8",
            "BASE64",
            "HEX",
            "ES256K",
            "HMACSHA384",
            "A256GCM",
            "DIR",
            "HS",
            "RSA",
            "RSA-OAEP",
            "ED25519",
            "ED448",
            "X25519",
            "X448",
            "P-256",
            "P-384",
            "P-521",
            "SECP256K1",
            "SECP256R1",
        ]
        .contains(&upper.as_str())
}

fn is_duration(folded: &str) -> bool {
    let digits = folded.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = folded[digits.len()..].trim();
    !digits.is_empty()
        && digits.len() <= 6
        && digits.bytes().all(|b| b.is_ascii_digit())
        && [
            "s", "m", "h", "d", "w", "y", "min", "mins", "minutes", "hour", "hours", "day", "days",
            "ms", "sec", "seconds", "minute", "weeks", "week", "year", "years",
        ]
        .contains(&unit)
}

fn is_path(value: &str) -> bool {
    let starts = [
        "/run/", "/etc/", "/var/", "./", "../", "/app/", "/secrets", "~/", "/opt/", "/home/",
        "C:\\", "/vault/", "/mnt/", "/keys", "/usr/",
    ];
    let ends = [
        ".pem",
        ".key",
        ".json",
        ".txt",
        ".crt",
        ".jwk",
        ".jks",
        ".p12",
        ".pub",
        ".yml",
        ".yaml",
        ".der",
        ".env",
        ".ts",
        ".js",
        ".cer",
        ".keystore",
    ];
    starts.iter().any(|start| value.starts_with(start))
        || ends.iter().any(|end| value.to_lowercase().ends_with(end)) && !value.contains(' ')
}

fn is_address(folded: &str) -> bool {
    folded.contains("://") || folded.starts_with("mailto:") || folded.starts_with("urn:")
}

/// Where templates of configurations look values up.
const SOURCES: &[&str] = &[
    "env",
    "ssm",
    "self",
    "file",
    "opt",
    "cf",
    "sm",
    "aws",
    "param",
    "secret",
    "secrets",
    "vault",
    "awssm",
    "s3",
    "sls",
    "custom",
    "terraform",
    "gs",
    "ref",
    "sys",
    "java",
    "spring",
];

/// Words that stand for nothing, or that a format needs.
const NO_SECRETS: &[&str] = &[
    "aws_secret_access_key",
    "secret_access_key",
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "empty",
    "yes",
    "no",
    "string",
    "str",
    "text",
    "required",
    "optional",
    "n/a",
    "tbd",
    "bearer",
    "jwt",
    "jwts",
    "oct",
    "sig",
    "enc",
    "authorization",
    "object",
    "number",
    "boolean",
    "opaque",
    "kty",
    "alg",
    "raw",
    "symmetric",
    "public",
    "private",
    "hmac",
    "asymmetric",
    "...",
    "…",
    "base64url",
    "redacted",
    "[redacted]",
    "hidden",
    "masked",
    "\\\"\\\"",
    "\"\"",
    "''",
    "-",
    "~",
    "any",
    "!",
    "env",
    "local",
    "at+jwt",
    "logout+jwt",
    "dpop+jwt",
    "x-auth-token",
    "utf-8",
    "utf8",
    "auto",
    "generated",
    "random",
];

const LONGEST: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_a_value_and_a_reference_is_none() {
        assert_eq!(read("${JWT_SECRET:-dev}"), Value::Fallback("JWT_SECRET", "dev"));
        assert_eq!(read("${jwt.secret:dev key}"), Value::Fallback("jwt.secret", "dev key"));
        assert_eq!(read("${A:-'q'}"), Value::Fallback("A", "q"));
        for reference in [
            "${JWT_SECRET}",
            "$JWT_SECRET",
            "{{ .Values.jwt }}",
            "${X:?set it}",
            "${X:-$(openssl rand -hex 32)}",
            "${X:}",
            "ENC[AES256_GCM,data:x]",
            "$(cat /run/secret)",
            "%JWT%",
        ] {
            assert_eq!(read(reference), Value::Reference, "{reference}");
        }
        assert_eq!(read(" plain "), Value::Literal("plain"));
    }

    #[test]
    fn words_of_the_format_are_no_secrets() {
        for value in [
            "",
            "HS256",
            "7d",
            "15 minutes",
            "./keys/private.pem",
            "https://id.example",
            "<your secret>",
            "null",
            "****",
        ] {
            assert!(!may_be_secret(value), "{value}");
        }
        for value in ["secret", "7d8a", "123456", "your-secret-key", "$2b-not-a-variable"] {
            assert!(may_be_secret(value), "{value}");
        }
        assert!(is_setting_name("JWT_SECRET") && is_setting_name("app.jwt.secret"));
        assert!(!is_setting_name("secret"));
    }
}
