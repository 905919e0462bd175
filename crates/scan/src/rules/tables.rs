//! Calls as tables: which take a signing secret and where, which look up, which only convert.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A call that takes a signing secret.
pub(crate) struct Sink {
    /// The last name of the chain.
    pub(crate) last: &'static str,
    /// A name of the chain before it must contain one of these, in lowercase; none means any.
    pub(crate) of: &'static [&'static str],
    /// Which argument is the secret.
    pub(crate) argument: usize,
    /// Whether the call by itself proves that tokens are meant.
    pub(crate) certain: bool,
}

const JWT: &[&str] = &["jwt", "jsonwebtoken", "jws", "jose", "token", "jsonwebtokens"];

macro_rules! sinks {
    ($($last:literal $of:expr, $argument:literal, $certain:literal;)*) => {
        &[$(Sink { last: $last, of: $of, argument: $argument, certain: $certain }),*]
    };
}

/// By library: JavaScript's, Python's, PHP's and Ruby's first, then the others by language.
pub(crate) const SINKS: &[Sink] = sinks! {
    "sign" JWT, 1, true;
    "signAsync" JWT, 1, true;
    "verify" JWT, 1, true;
    "verifyAsync" JWT, 1, true;
    "encode" JWT, 1, true;
    "decode" JWT, 1, true;
    // authlib: the header comes first.
    "encode" &["jwt"], 2, true;
    "jwtVerify" &[], 1, true;
    "jwtDecrypt" &[], 1, true;
    "sign" &["signjwt"], 0, true;
    "create_access_token" &[], 9, true;
    "SecretKey" &[], 0, false;
    "createSecretKey" &[], 0, false;
    "encode_jwt" &[], 9, true;
    "Key" &["firebase"], 0, true;
    "plainText" &["inmemory"], 0, true;
    "base64Encoded" &["inmemory"], 0, true;
    "signToken" &[], 1, false;
    "verifyToken" &[], 1, false;
    "verify_jwt" &[], 1, true;
    "verify_jwt" JWT, 1, true;
    // Tokens made by hand.
    "createHmac" &[], 1, false;
    "hash_hmac" &[], 2, false;
    "new" &["hmac"], 0, false;
    "digest" &["hmac"], 0, false;
    "digest" &["hmac"], 1, false;
    "hexdigest" &["hmac"], 1, false;
    "New" &["hmac"], 1, false;
    // As a name of its own, imported from a library.
    "sign" &[], 1, false;
    "verify" &[], 1, false;
    "encode" &[], 1, false;
    "decode" &[], 1, false;
    "setBuffer" &["pubseckeyoptions"], 0, true;
    // jsrsasign: the algorithm and the header come first.
    "sign" &["jws"], 3, true;
    "createInlineSigningKeyProvider" &[], 0, true;
    "JWTMiddleware" &[], 0, true;
    // Go.
    "SignedString" &[], 0, true;
    "JWT" &["echojwt", "middleware"], 0, true;
    "Key" &[], 0, false;
    "NewHS256" &[], 0, true;
    "NewHS384" &[], 0, true;
    "NewHS512" &[], 0, true;
    "NewSignerHS" &["jwt"], 1, true;
    "NewVerifierHS" &["jwt"], 1, true;
    "WithKey" &["jwt"], 1, true;
    "FromRaw" &["jwk"], 0, true;
    "Import" &["jwk"], 0, true;
    "Sign" &["jwt"], 1, true;
    // Java, Kotlin, Scala.
    "hmacShaKeyFor" &[], 0, true;
    "HMAC256" &[], 0, true;
    "HMAC384" &[], 0, true;
    "HMAC512" &[], 0, true;
    "signWith" &[], 0, true;
    "signWith" &[], 1, true;
    "setSigningKey" &[], 0, true;
    "verifyWith" &[], 0, true;
    "createToken" &["jwtutil"], 1, true;
    "setKey" &["jwt"], 0, true;
    "JsonWebToken" &[], 2, true;
    "validate" &["jsonwebtoken"], 1, true;
    "MACSigner" &[], 0, true;
    "MACVerifier" &[], 0, true;
    "SecretKeySpec" &[], 0, false;
    "OctetSequenceKey" &[], 0, true;
    "Builder" &["octetsequencekey"], 0, true;
    "newHMACSigner" &["hmacsigner"], 0, true;
    "newSHA256Signer" &[], 0, true;
    "newSHA512Signer" &[], 0, true;
    "newVerifier" &["hmacverifier"], 0, true;
    // C#.
    "SymmetricSecurityKey" &[], 0, true;
    "WithSecret" &[], 0, true;
    "Encode" &["encoder", "jwt"], 1, true;
    "Decode" &["decoder", "jwt"], 1, false;
    // Rust.
    "from_secret" &[], 0, true;
    "from_base64_secret" &[], 0, true;
    "from_bytes" &["hs256", "hs384", "hs512"], 0, true;
    "sign_with_key" &[], 0, true;
    "new_from_slice" &["hmac"], 0, false;
    "from_bytes" &["hs256key", "hs512key"], 0, true;
    // Julia, R.
    "HS256" &[], 0, true;
    "HS384" &[], 0, true;
    "HS512" &[], 0, true;
    "jwt_encode_hmac" &[], 1, true;
    "jwt_decode_hmac" &[], 1, true;
    // C++, Swift, Dart, Elixir, Lua, Perl, Clojure.
    "hs256" &[], 0, true;
    "hs384" &[], 0, true;
    "hs512" &[], 0, true;
    "HS256Key" &[], 0, true;
    "HS512Key" &[], 0, true;
    "hmac" &["jwt"], 0, true;
    "addHMAC" &[], 0, true;
    "add" &["signers", "keys"], 0, false;
    "create" &["signer", "joken"], 1, true;
    "from_oct" &["jwk"], 0, true;
    "sign" &["jwt"], 0, false;
    "setSecret" &["jwt"], 0, true;
    "HmacKey" &[], 0, true;
    "unsign" &["jwt"], 1, true;
    "setJwtSecret" &[], 0, true;
    "set_jwt_secret" &[], 0, true;
};

/// Whether argument `index` of this call is a signing secret.
pub(crate) fn is_sink(chain: &[&str], index: usize) -> bool {
    sink(chain, index).is_some_and(|sink| sink.certain)
}

/// Whether any row is of calls by this name.
pub(crate) fn may_be_sink(last: &str) -> bool {
    BY_LAST.contains_key(last)
}

/// The row for this call and argument.
pub(crate) fn sink(chain: &[&str], index: usize) -> Option<&'static Sink> {
    let (last, rest) = chain.split_first()?;
    let of = |sink: &Sink| {
        sink.of.is_empty()
            || rest.iter().any(|name| {
                let name = name.to_lowercase();
                sink.of.iter().any(|part| name.contains(part))
            })
    };
    // Many things sign; only a bare name can be a library's.
    let bare = |sink: &Sink| {
        let verb = matches!(sink.last, "sign" | "verify" | "encode" | "decode");
        !(verb && sink.of.is_empty()) || rest.is_empty()
    };
    let fits = |sink: &&&Sink| sink.argument == index && of(sink) && bare(sink);
    BY_LAST.get(last)?.iter().filter(fits).copied().max_by_key(|sink| sink.certain)
}

/// Whether this makes an HMAC of whatever it is given.
pub(crate) fn is_mac(sink: &Sink) -> bool {
    matches!(sink.last, "createHmac" | "hash_hmac" | "new" | "digest" | "hexdigest" | "New")
}

static BY_LAST: LazyLock<HashMap<&'static str, Vec<&'static Sink>>> = LazyLock::new(|| {
    let mut rows: HashMap<_, Vec<_>> = HashMap::new();
    for sink in SINKS {
        rows.entry(sink.last).or_default().push(sink);
    }
    rows
});

/// Whether the chain is a token library's call, whatever the argument.
pub(crate) fn is_sink_object(chain: &[&str]) -> bool {
    chain.first().is_some_and(|last| may_be_sink(last))
        && (0..crate::uses::MOST_ARGUMENTS).any(|index| is_sink(chain, index))
}

/// `getattr(key, "name", None)`: the second argument is the name of what is looked up.
pub(crate) fn takes_name_second(name: &str) -> bool {
    matches!(
        name,
        "getattr" | "hasattr" | "delattr" | "defineProperty" | "in_array" | "array_key_exists"
    )
}

/// Functions that look a value up by name, and may be given a default.
pub(crate) fn is_lookup(name: &str) -> bool {
    let folded = name.to_lowercase().replace('_', "");
    LOOKUPS.contains(&folded.as_str())
        || folded.starts_with("getenv")
        || folded.ends_with("getenv")
        || folded.contains("env")
            && [
                "get", "lookup", "read", "load", "str", "must", "or", "default", "var", "fetch",
                "require",
            ]
            .iter()
            .any(|part| folded.contains(part))
        || folded.contains("config") && folded.contains("get")
        || folded.contains("getsecret")
        || folded.contains("getstring")
}

const LOOKUPS: &[&str] = &[
    "get",
    "getenv",
    "env",
    "environ",
    "fetch",
    "config",
    "getproperty",
    "getordefault",
    "getorelse",
    "getstring",
    "getvalue",
    "lookup",
    "lookupenv",
    "var",
    "varos",
    "getorthrow",
    "required",
    "value",
    "getoptional",
    "string",
    "stringvar",
    "str",
    "stringp",
    "stringvarp",
    "secret",
    "param",
    "getrequiredsection",
    "getsection",
    "getparameter",
    "property",
    "envor",
    "getenvdefault",
    "optenv",
    "option",
    "setting",
    "dig",
    "get_in",
    "getin",
    "has",
    "exists",
    "isset",
    "getattr",
    "pop",
    "hasownproperty",
    "containskey",
    "tryget",
    "trygetvalue",
    "readsecret",
    "getasstring",
    "systemenv",
    "fromenv",
    "defaultvalue",
    "setdefault",
    "getstr",
    "requiresecret",
    "optstring",
];

/// Functions whose default comes third: the target first.
pub(crate) fn takes_default_second(name: &str) -> bool {
    matches!(name, "StringVar" | "StringVarP" | "StringP" | "StringVarPF")
}

/// Methods whose argument stands in where a value is missing.
pub(crate) fn is_default(name: &str) -> bool {
    matches!(
        name,
        "default"
            | "unwrap_or"
            | "unwrap_or_else"
            | "unwrap_or_default"
            | "getOrElse"
            | "orElse"
            | "orElseGet"
            | "or_else"
            | "or"
            | "withDefault"
            | "with_default"
            | "defaultTo"
            | "defaultValue"
            | "ifBlank"
            | "ifEmpty"
            | "catch"
            | "prefault"
            | "or_insert"
            | "or_insert_with"
            | "map_or"
            | "presence_or"
            | "default_value"
            | "orDefault"
            | "fallback"
            | "unwrapOr"
            | "valueOr"
            | "value_or"
    )
}

/// Members that hold what stands in where a value is missing.
pub(crate) fn is_default_member(name: &str) -> bool {
    matches!(
        name,
        "default"
            | "default_value"
            | "defaultValue"
            | "fallback"
            | "Default"
            | "default_"
            | "default_value_t"
            | "initialValue"
            | "devDefault"
    )
}

/// Calls that leave a value the key that it is.
pub(crate) fn is_transparent(chain: &[&str]) -> bool {
    let Some(last) = chain.first() else { return false };
    let folded = last.to_lowercase();
    if folded == "key" || folded == "encode" || folded == "decode" {
        return folded != "key"
            && !chain
                .iter()
                .skip(1)
                .any(|name| JWT.iter().any(|part| name.to_lowercase().contains(part)));
    }
    TRANSPARENT.contains(&folded.as_str())
}

const TRANSPARENT: &[&str] = &[
    "from",
    "byte",
    "bytes",
    "bytearray",
    "parsebase64binary",
    "chartoraw",
    "string",
    "str",
    "u8",
    "encode",
    "decode",
    "getbytes",
    "tobytearray",
    "some",
    "ok",
    "just",
    "secret",
    "secretstr",
    "secretstring",
    "secretbytes",
    "secretbox",
    "trim",
    "strip",
    "as_bytes",
    "to_bytes",
    "to_vec",
    "into",
    "to_string",
    "to_owned",
    "into_bytes",
    "new",
    "b64decode",
    "urlsafe_b64decode",
    "standard_b64decode",
    "a2b_base64",
    "base64_decode",
    "atob",
    "frombase64string",
    "base64",
    "decodestring",
    "decode64",
    "urlsafe_decode64",
    "strict_decode64",
    "fromhex",
    "unhexlify",
    "hex2bin",
    "utf8",
    "tocharArray",
    "tochararray",
    "freeze",
    "field",
    "literal",
    "as_ref",
    "unsafe_bytes",
    "force_encoding",
    "data",
    "symmetrickey",
    "cow",
    "borrowed",
    "arc",
    "box",
    "rc",
    "asc",
    "of",
    "valueof",
    "wrap",
    "uint8array",
    "tolist",
    "tostring",
    "stringvalue",
    "raw",
    "parse",
    "ptr",
    "pointer",
    "env_or",
    "lazy",
    "once",
    "memoize",
    "expose",
    "hmackey",
    "importkey",
    "as_slice",
    "tobytes",
    "c_str",
    "asbytearray",
];

/// What a value is asked for that is still the value.
pub(crate) fn is_value_method(name: &str) -> bool {
    matches!(
        name,
        "utf8"
            | "bytes"
            | "data"
            | "unicodeScalars"
            | "asByteArray"
            | "b"
            | "r"
            | "encoded"
            | "c_str"
            | "clone"
            | "strip"
            | "chomp"
            | "getBytes"
            | "length_is_not_this"
    )
}

pub(crate) fn decodes_base64(chain: &[&str]) -> bool {
    let last = chain.first().map(|last| last.to_lowercase()).unwrap_or_default();
    let in_base64 = chain
        .iter()
        .any(|name| name.to_lowercase().contains("base64") || name.to_lowercase().contains("b64"));
    matches!(
        last.as_str(),
        "atob"
            | "parsebase64binary"
            | "frombase64string"
            | "b64decode"
            | "urlsafe_b64decode"
            | "base64_decode"
            | "a2b_base64"
            | "decode64"
            | "urlsafe_decode64"
            | "strict_decode64"
            | "from_base64_secret"
    ) || in_base64 && last.starts_with("decode")
}

/// Calls whose argument is for people.
pub(crate) fn is_message(name: &str) -> bool {
    let folded = name.to_lowercase();
    MESSAGES.contains(&folded.as_str())
        || ["exception", "error"].iter().any(|end| folded.ends_with(end))
        || folded.starts_with("assert")
        || folded.starts_with("log") && !folded.starts_with("login")
}

const MESSAGES: &[&str] = &[
    "panic",
    "expect",
    "fatal",
    "fatalf",
    "error",
    "errorf",
    "warn",
    "warning",
    "info",
    "debug",
    "trace",
    "print",
    "println",
    "printf",
    "eprintln",
    "eprint",
    "puts",
    "echo",
    "describe",
    "it",
    "test",
    "context",
    "fail",
    "abort",
    "exit",
    "die",
    "bail",
    "anyhow",
    "ensure",
    "require",
    "invariant",
    "min",
    "max",
    "message",
    "msg",
    "regex",
    "matches",
    "contains",
    "includes",
    "startswith",
    "endswith",
    "equals",
    "equal",
    "notequal",
    "replace",
    "split",
    "printerr",
    "console",
    "with_context",
    "wrap_err",
    "ok_or",
    "ok_or_else",
    "nsexception",
    "fatalerror",
    "precondition",
    "notice",
    "describe_with",
    "match",
    "compareto",
    "equalsignorecase",
    "indexof",
    "sprintf",
    "format",
    "critical",
    "usage",
    "help",
    "refine",
    "nonempty",
    "orelsethrow",
    "set_message",
    "tobe",
    "toequal",
];

/// Whether a first argument can be the name of a setting.
pub(crate) fn is_key_text(text: &str) -> bool {
    (2..80).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/'))
        && super::names::may_mean(text)
        && super::names::words(text).iter().any(|word| super::names::is_key_word(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_a_call_and_an_argument() {
        assert!(is_sink(&["sign", "jwt"], 1));
        assert!(!is_sink(&["sign", "jwt"], 2));
        assert!(!is_sink(&["sign", "crypto"], 1));
        assert!(is_sink(&["SymmetricSecurityKey"], 0));
        assert!(is_sink(&["sign", "setProtectedHeader", "SignJWT"], 0));
    }

    #[test]
    fn look_ups_go_by_many_names() {
        for name in
            ["getenv", "getEnv", "GetEnvOrDefault", "env", "getOrDefault", "getEnvVar", "LookupEnv"]
        {
            assert!(is_lookup(name), "{name}");
        }
        assert!(!is_lookup("sign"));
    }
}
