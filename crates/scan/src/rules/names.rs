//! What a name says of its value: a signing secret, something of the kind, or another thing.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What a path of names says, the innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// It signs tokens.
    Jwt,
    /// It most likely does: `TOKEN_SECRET`.
    Token,
    /// A secret of some sort: evidence must tell.
    Secret,
    /// Nothing is said.
    Nothing,
    /// Another thing that has the word in its name: an issuer, an AES key.
    Other,
}

/// Reads a path of names; the first `own` of them are the value's own, the rest is around it.
pub(crate) fn meaning(names: &[&str], own: usize) -> Meaning {
    let own = own.clamp(1, names.len().max(1));
    let mut best = Meaning::Nothing;
    for (at, name) in names.iter().take(own).enumerate() {
        let around = names.get(at + 1..).unwrap_or_default();
        match one(name, around) {
            // What is looked up under a name that is no secret's has that name's meaning.
            Meaning::Other if at == 0 => return Meaning::Other,
            Meaning::Other => {}
            found => best = best.min(found),
        }
    }
    best
}

fn one(name: &str, around: &[&str]) -> Meaning {
    let leaf = words(name);
    let leaf: Vec<&str> = leaf.iter().map(String::as_str).collect();
    let has = |set: &[&str]| leaf.iter().any(|word| set.contains(word));
    if leaf.is_empty() || leaf.len() > 9 {
        return Meaning::Nothing;
    }
    let says_jwt = has(JWT);
    let is_key = has(KEYS);
    if has(NOT_THE_VALUE) || has(&["public"]) && !has(&["private"]) {
        return Meaning::Other;
    }
    // Joken's
    if leaf == ["default", "signer"] && around.contains(&"joken") {
        return Meaning::Jwt;
    }
    // ASP.NET's tutorials have `AppSettings: { Token: … }`.
    if leaf == ["token"] && around.first() == Some(&"AppSettings") {
        return Meaning::Token;
    }
    if !is_key {
        return Meaning::Nothing;
    }
    // In a dotted path of one string, `app.jwt.secret`, all is one name.
    if says_jwt {
        return Meaning::Jwt;
    }
    // Rails' and Phoenix' own; what only says that a password may be set anew is a token.
    if leaf == ["secret", "key", "base"] {
        return Meaning::Other;
    }
    if has(OTHER_KEYS) && !leaf.ends_with(&["password", "token", "secret"]) {
        return Meaning::Other;
    }
    // The provider of a Terraform resource says nothing of what is in it.
    let provider =
        |name: &&str| ["aws_", "google_", "azurerm_"].iter().any(|of| name.starts_with(of));
    let context: Vec<String> =
        around.iter().take(8).filter(|name| !provider(name)).flat_map(|name| words(name)).collect();
    let nearby = |set: &[&str]| context.iter().any(|word| set.contains(&word.as_str()));
    if nearby(REFUSED) {
        return Meaning::Other;
    }
    // `gojose`, `jwtlib`: what a library was imported as.
    let imported = context.iter().any(|word| word.starts_with("jwt") || word.ends_with("jose"));
    if (nearby(AROUND_JWT) || imported || leaf == ["k"] && nearby(&["jwk"]))
        && !nearby(AROUND_OTHER)
    {
        // `IdentityKey` among token options is no key of theirs.
        let plain = leaf.iter().all(|word| is_key_word(word) || PLAIN.contains(word));
        return if plain { Meaning::Jwt } else { Meaning::Nothing };
    }
    if nearby(AROUND_OTHER) {
        return Meaning::Other;
    }
    // AWS' `secret_access_key`, others' `access_key_secret`.
    if leaf.windows(2).any(|two| two == ["access", "key"]) {
        return Meaning::Other;
    }
    let signs = has(&["secret", "signing", "sign", "hmac", "secretkey"]);
    if signs && has(&["token", "tokens", "refresh", "bearer", "nextauth", "gotrue"])
        || has(&["token", "tokens"]) && has(&["key"])
    {
        return Meaning::Token;
    }
    if signs && has(&["auth", "access", "authentication"]) {
        return Meaning::Token;
    }
    if has(&["security", "signing"]) && has(&["key"]) && nearby(&["token", "tokens"]) {
        return Meaning::Token;
    }
    if has(&["secretorkey", "secretorprivatekey", "secretorkeyprovider"])
        || leaf.windows(3).any(|three| three == ["secret", "or", "key"])
    {
        return Meaning::Jwt;
    }
    Meaning::Secret
}

/// A name's words in lowercase: `jwtSecretKey`, `JWT_SECRET_KEY`, `Jwt:Key`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| match split_known(word) {
        // `jwtsecret`, `jwtkey`, `secretkey`: written as one word.
        Some(two) => {
            words.extend(two.map(str::to_owned));
            word.clear();
        }
        None if word.is_empty() => {}
        None => words.push(std::mem::take(word)),
    };
    let mut before: Option<char> = None;
    let mut characters = name.chars().take(LONGEST_NAME).peekable();
    while let Some(c) = characters.next() {
        let new = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
                || before.is_some_and(char::is_uppercase)
                    && characters.peek().is_some_and(|next| next.is_lowercase()));
        if new || !c.is_alphanumeric() {
            end(&mut word);
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    end(&mut word);
    words
}

const LONGEST_NAME: usize = 120;

/// The two words of some that are written as one.
fn split_known(word: &str) -> Option<[&'static str; 2]> {
    Some(match word {
        "jwtsecret" | "jwtsecretkey" => ["jwt", "secret"],
        "jwtkey" | "jwtprivatekey" | "jwtsigningkey" => ["jwt", "key"],
        "tokensecret" => ["token", "secret"],
        "tokenkey" => ["token", "key"],
        "authsecret" => ["auth", "secret"],
        "secretkey" => ["secret", "key"],
        "signingkey" => ["signing", "key"],
        "signkey" => ["sign", "key"],
        "hmackey" => ["hmac", "key"],
        "hmacsecret" => ["hmac", "secret"],
        "appsecret" => ["app", "secret"],
        "refreshsecret" => ["refresh", "secret"],
        "accesssecret" => ["access", "secret"],
        "supersecret" => ["super", "secret"],
        "mysecret" => ["my", "secret"],
        "mykey" => ["my", "key"],
        _ => return None,
    })
}

/// Whether a name can say anything at all: a quick look before its words are parted.
pub(crate) fn may_mean(name: &str) -> bool {
    name == "k" || name == "K" || PARTS.is_match(name)
}

/// In each name that has one of [`KEYS`] or [`JWT`] is one of these.
static PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let parts =
        ["secret", "key", "sign", "hmac", "passphrase", "jwt", "jws", "jose", "jsonwebtoken"];
    let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(parts);
    automaton.expect("a handful of short words makes an automaton")
});

/// Whether a word by itself can name a key.
pub(crate) fn is_key_word(word: &str) -> bool {
    KEYS.contains(&word) || JWT.contains(&word)
}

const JWT: &[&str] = &["jwt", "jwts", "jws", "jose", "jsonwebtoken"];
const KEYS: &[&str] = &[
    "secret",
    "secrets",
    "key",
    "keys",
    "signing",
    "passphrase",
    "hmac",
    "sign",
    "secretorkey",
    "secretorprivatekey",
    "jwtsecret",
    "privatekey",
    "secretkey",
    "k",
];
/// With one of these a name is about the key, or about the token, but is not the key.
const NOT_THE_VALUE: &[&str] = &[
    "issuer",
    "iss",
    "audience",
    "aud",
    "expiry",
    "expires",
    "expire",
    "expiration",
    "exp",
    "ttl",
    "lifetime",
    "age",
    "algorithm",
    "algorithms",
    "alg",
    "header",
    "headers",
    "cookie",
    "cookies",
    "name",
    "names",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "url",
    "uri",
    "endpoint",
    "id",
    "ids",
    "kid",
    "prefix",
    "suffix",
    "type",
    "scheme",
    "strategy",
    "version",
    "length",
    "len",
    "size",
    "bytes",
    "days",
    "minutes",
    "hours",
    "seconds",
    "duration",
    "realm",
    "env",
    "arn",
    "provider",
    "field",
    "param",
    "hint",
    "label",
    "description",
    "desc",
    "title",
    "placeholder",
    "error",
    "err",
    "errors",
    "msg",
    "message",
    "regex",
    "pattern",
    "help",
    "role",
    "ref",
    "store",
    "missing",
    "weak",
    "leaked",
    "short",
    "shorter",
    "long",
    "longer",
    "invalid",
    "required",
    "enabled",
    "enable",
    "disabled",
    "rotation",
    "interval",
    "leeway",
    "location",
    "format",
    "encoding",
    "usage",
    "comment",
    "tooltip",
    "variable",
    "varname",
    "envvar",
    "property",
    "claim",
    "claims",
    "subject",
    "column",
    "table",
    "index",
    "bucket",
    "region",
    "text",
    "example",
    "schema",
    "class",
    "set",
    "sets",
    "jwks",
    "count",
    "mode",
    "warning",
    "generator",
    "command",
    "cmd",
];
/// Keys and secrets of other trades.
const OTHER_KEYS: &[&str] = &[
    "session",
    "csrf",
    "xsrf",
    "aes",
    "encrypt",
    "encryption",
    "cipher",
    "crypto",
    "client",
    "api",
    "stripe",
    "aws",
    "s3",
    "webhook",
    "webhooks",
    "google",
    "github",
    "gitlab",
    "facebook",
    "twitter",
    "slack",
    "smtp",
    "mail",
    "email",
    "db",
    "database",
    "redis",
    "mongo",
    "postgres",
    "mysql",
    "recaptcha",
    "captcha",
    "hcaptcha",
    "turnstile",
    "clerk",
    "shopify",
    "braintree",
    "razorpay",
    "paystack",
    "mailgun",
    "mailchimp",
    "hubspot",
    "spotify",
    "linkedin",
    "dropbox",
    "notion",
    "password",
    "passwd",
    "salt",
    "pepper",
    "license",
    "oauth",
    "oauth2",
    "consumer",
    "azure",
    "gcp",
    "twilio",
    "sendgrid",
    "paypal",
    "openai",
    "cloudinary",
    "minio",
    "ssh",
    "tls",
    "ssl",
    "cert",
    "vapid",
    "cache",
    "primary",
    "foreign",
    "partition",
    "sort",
    "storage",
    "in",
    "not",
    "found",
    "changed",
    "expired",
    "argv",
    "registry",
    "npm",
    "docker",
    "telegram",
    "discord",
    "bot",
    "pusher",
    "algolia",
    "mapbox",
    "maps",
    "firebase",
    "sentry",
    "datadog",
    "fernet",
    "access_key",
    "wechat",
    "alipay",
    "qiniu",
    "oss",
    "cos",
    "sms",
    "payment",
    "pay",
    "merchant",
    "rsa",
    "pgp",
    "gpg",
    "keystore",
    "truststore",
    "hash",
    "otp",
    "totp",
    "flash",
    "recovery",
    "device",
    "wx",
    "totp",
    "vault",
    "unseal",
    "master",
    "idp",
    "saml",
    "ldap",
];
/// What may stand beside `key` or `secret` without changing what it is.
const PLAIN: &[&str] = &[
    "private",
    "shared",
    "security",
    "my",
    "app",
    "value",
    "default",
    "access",
    "refresh",
    "token",
    "tokens",
    "auth",
    "string",
    "base64",
    "raw",
    "hs256",
    "hs384",
    "hs512",
    "current",
    "old",
    "new",
    "super",
    "server",
    "symmetric",
    "or",
    "the",
    "base",
    "encoded",
    "user",
    "admin",
    "main",
    "issuersigning",
    "verification",
    "verify",
    "verifying",
    "prod",
    "dev",
    "production",
    "development",
    "service",
    "material",
    "seed",
    "bearer",
    "phrase",
    "and",
    "password",
    "sig",
    "signature",
    "signer",
    "api",
    "is",
    "str",
    "b64",
    "pub",
    "with",
    "plain",
    "text1",
    "2",
    "1",
    "256",
    "512",
    "hash",
];
const AROUND_JWT: &[&str] = &[
    "jwt",
    "jwts",
    "jws",
    "jose",
    "jsonwebtoken",
    "expressjwt",
    "koajwt",
    "fastifyjwt",
    "jwtware",
    "echojwt",
    "guardian",
    "joken",
    "jwtstrategy",
    "hs256",
    "hs384",
    "hs512",
    "simplejwt",
    "secretorkey",
];
/// Lists of what must not be used.
const REFUSED: &[&str] = &[
    "weak",
    "forbidden",
    "banned",
    "denylist",
    "deny",
    "denied",
    "blacklist",
    "blocklist",
    "blocked",
    "disallowed",
    "leaked",
    "compromised",
    "guessable",
    // What is shown to people.
    "storage",
    "labels",
    "messages",
    "translations",
    "titles",
    "placeholders",
    "tooltips",
];
const AROUND_OTHER: &[&str] = &[
    "session",
    "sessions",
    "cookie",
    "cookies",
    "cookieparser",
    "cookiesession",
    "csrf",
    "oauth",
    "oauth2",
    "google",
    "github",
    "facebook",
    "stripe",
    "aws",
    "s3",
    "encryption",
    "aes",
    "cipher",
    "smtp",
    "mail",
    "database",
    "redis",
    "recaptcha",
    "webhook",
    "webhooks",
    "captcha",
    "twilio",
    "minio",
    "keycloak",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_their_values_are() {
        for (names, expected) in [
            (&["JWT_SECRET"][..], Meaning::Jwt),
            (&["jwtPrivateKey"], Meaning::Jwt),
            (&["Key", "Jwt"], Meaning::Jwt),
            (&["secret", "register", "JwtModule"], Meaning::Jwt),
            (&["ACCESS_TOKEN_SECRET"], Meaning::Token),
            (&["SECRET_KEY"], Meaning::Secret),
            (&["jwtIssuer"], Meaning::Other),
            (&["JWT_SECRET_NAME"], Meaning::Other),
            (&["jwtPublicKey"], Meaning::Other),
            (&["SESSION_SECRET"], Meaning::Other),
            (&["secret", "session"], Meaning::Other),
            (&["clientSecret"], Meaning::Other),
            (&["user"], Meaning::Nothing),
            (&["jwtSecret", "config"], Meaning::Jwt),
        ] {
            assert_eq!(meaning(names, 1), expected, "{names:?}");
        }
    }
}
