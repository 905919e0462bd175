//! What went wrong: a stable code, a message that names the value, and a hint for the next step.

use core::fmt;

use crate::{Algorithm, jwt::NumericDate};

/// Why something was refused.
///
/// `Display` says what and which value; it never holds a secret and is silent about why a signature
/// failed. [`Error::code`] is stable across releases and languages; [`Error::hint`] says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The signature does not hold under the key.
    BadSignature,
    /// The text is not a JWS or JWE in the serialisation that was asked for.
    MalformedToken(&'static str),
    /// The header is not what RFC 7515 §4 asks for.
    MalformedHeader(String),
    /// The payload is not the JSON object of RFC 7519 §3.
    MalformedPayload(String),
    /// A document is not strict JSON.
    MalformedJson(String),
    /// The algorithm is unknown or was not allowed.
    AlgNotAllowed {
        /// The name as it was given.
        alg: String,
    },
    /// The key cannot serve the algorithm, by its type or by what its JWK says of itself.
    KeyAlgMismatch(String),
    /// No key of the set has the `kid` that the token names.
    UnknownKid {
        /// The `kid` of the header.
        kid: String,
    },
    /// `crit` names an extension that is not understood (RFC 7515 §4.1.11).
    CritUnsupported {
        /// The extension's name.
        name: String,
    },
    /// `crit` itself breaks RFC 7515 §4.1.11.
    CritMalformed(&'static str),
    /// `b64: false` (RFC 7797) where a JWT is expected, which §7 there forbids.
    B64Forbidden,
    /// A nested token (`cty: JWT`) where claims are expected.
    NestedForbidden,
    /// A JWE cannot be decrypted with the key; why is not told (RFC 7516 §11.5).
    Undecryptable,
    /// A JWE header parameter of the key management is missing, malformed or out of range.
    JweParam(String),
    /// A compressed JWE, where compression was not allowed (RFC 8725 §3.6).
    ZipForbidden,
    /// A decrypted payload that is no signed token (`cty` is not `JWT`).
    NestedRequired,
    /// The key is malformed, inconsistent or of a form that is not accepted.
    InvalidKey(String),
    /// The key is well-formed but too weak.
    WeakKey(String),
    /// A text that cannot be a key's own `kid`.
    InvalidKid(&'static str),
    /// `exp` is not after now.
    Expired {
        /// The claim.
        exp: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// `nbf` is after now.
    NotYetValid {
        /// The claim.
        nbf: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// `iat` is after now.
    IssuedInFuture {
        /// The claim.
        iat: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// The token was issued longer ago than the policy's maximum age.
    TooOld {
        /// The claim `iat`.
        iat: NumericDate,
        /// The maximum age in seconds.
        max_age: u64,
    },
    /// `exp - iat` is more than the policy's maximum life.
    LifeTooLong {
        /// The maximum life in seconds.
        max_life: u64,
    },
    /// `aud` names none of the expected audiences, or is present where none is expected.
    AudMismatch {
        /// What the token says.
        found: String,
    },
    /// `iss` is not an expected issuer.
    IssMismatch {
        /// What the token says.
        found: String,
    },
    /// `sub` is not the expected subject.
    SubMismatch {
        /// What the token says.
        found: String,
    },
    /// `typ` is not the expected type (RFC 8725 §3.11).
    TypMismatch {
        /// What the token says, or nothing.
        found: Option<String>,
    },
    /// A claim that must be there is not.
    MissingClaim {
        /// The claim's name.
        name: String,
    },
    /// A claim has not the value that the policy demands.
    ClaimMismatch {
        /// The claim's name.
        name: String,
    },
    /// `exp` is nearer than the policy's minimum remaining life.
    ExpiresTooSoon {
        /// The claim.
        exp: NumericDate,
        /// The minimum remaining life in seconds.
        least: u64,
    },
    /// The token is bound to another key or certificate (`cnf`, RFC 7800).
    BindingMismatch {
        /// The member of `cnf`.
        name: &'static str,
    },
    /// The token was used before.
    Replayed,
    /// A registered claim has the wrong JSON type or a value out of range.
    InvalidClaimType {
        /// The claim's name.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The claims do not fit the caller's type.
    ClaimsShape(String),
    /// A named limit was exceeded.
    TooLarge {
        /// The limit, as the field of [`crate::Limits`] is called.
        limit: &'static str,
        /// Its value.
        max: usize,
    },
    /// JSON nested deeper than the limit `json_depth`.
    TooDeep {
        /// The limit's value.
        max: usize,
    },
    /// A header parameter that only the library writes, or that is refused.
    ReservedHeader {
        /// The parameter's name.
        name: String,
    },
    /// More leeway than 60 seconds without `danger()`.
    LeewayTooLarge {
        /// What was asked for, in seconds.
        seconds: u64,
    },
    /// An HMAC secret has no public form.
    NoPublicKey {
        /// The key's algorithm.
        alg: Algorithm,
    },
    /// The random source failed.
    Random,
    /// The cryptographic library failed to make a key or a signature.
    Backend(&'static str),
}

impl Error {
    /// The stable code, one of [`CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.entry().code
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(self.entry().hint)
    }

    fn entry(&self) -> &'static Code {
        match self {
            Self::BadSignature => &code::BAD_SIGNATURE,
            Self::MalformedToken(_) => &code::MALFORMED_TOKEN,
            Self::MalformedHeader(_) => &code::MALFORMED_HEADER,
            Self::MalformedPayload(_) => &code::MALFORMED_PAYLOAD,
            Self::MalformedJson(_) => &code::MALFORMED_JSON,
            Self::AlgNotAllowed { .. } => &code::ALG_NOT_ALLOWED,
            Self::KeyAlgMismatch(_) => &code::KEY_ALG_MISMATCH,
            Self::UnknownKid { .. } => &code::UNKNOWN_KID,
            Self::CritUnsupported { .. } => &code::CRIT_UNSUPPORTED,
            Self::CritMalformed(_) => &code::CRIT_MALFORMED,
            Self::B64Forbidden => &code::B64_FORBIDDEN,
            Self::NestedForbidden => &code::NESTED_FORBIDDEN,
            Self::Undecryptable => &code::JWE_DECRYPT,
            Self::JweParam(_) => &code::JWE_PARAM,
            Self::ZipForbidden => &code::ZIP_FORBIDDEN,
            Self::NestedRequired => &code::NESTED_REQUIRED,
            Self::InvalidKey(_) => &code::INVALID_KEY,
            Self::WeakKey(_) => &code::WEAK_KEY,
            Self::InvalidKid(_) => &code::INVALID_KID,
            Self::Expired { .. } => &code::EXPIRED,
            Self::NotYetValid { .. } => &code::NOT_YET_VALID,
            Self::IssuedInFuture { .. } => &code::ISSUED_IN_FUTURE,
            Self::TooOld { .. } => &code::TOO_OLD,
            Self::LifeTooLong { .. } => &code::LIFE_TOO_LONG,
            Self::AudMismatch { .. } => &code::AUD_MISMATCH,
            Self::IssMismatch { .. } => &code::ISS_MISMATCH,
            Self::SubMismatch { .. } => &code::SUB_MISMATCH,
            Self::TypMismatch { .. } => &code::TYP_MISMATCH,
            Self::MissingClaim { .. } => &code::MISSING_CLAIM,
            Self::ClaimMismatch { .. } => &code::CLAIM_MISMATCH,
            Self::ExpiresTooSoon { .. } => &code::EXPIRES_TOO_SOON,
            Self::BindingMismatch { .. } => &code::BINDING_MISMATCH,
            Self::Replayed => &code::REPLAYED,
            Self::InvalidClaimType { .. } => &code::INVALID_CLAIM_TYPE,
            Self::ClaimsShape(_) => &code::CLAIMS_SHAPE,
            Self::TooLarge { .. } => &code::TOO_LARGE,
            Self::TooDeep { .. } => &code::TOO_DEEP,
            Self::ReservedHeader { .. } => &code::RESERVED_HEADER,
            Self::LeewayTooLarge { .. } => &code::LEEWAY_TOO_LARGE,
            Self::NoPublicKey { .. } => &code::NO_PUBLIC_KEY,
            Self::Random => &code::RANDOM_FAILED,
            Self::Backend(_) => &code::BACKEND_FAILED,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadSignature => f.write_str("the signature does not hold under this key"),
            Self::MalformedToken(what) => write!(f, "malformed token: {what}"),
            Self::MalformedHeader(what) => write!(f, "malformed header: {what}"),
            Self::MalformedPayload(what) => write!(f, "malformed payload: {what}"),
            Self::MalformedJson(what) => write!(f, "malformed JSON: {what}"),
            Self::AlgNotAllowed { alg } => write!(f, "algorithm {} is not allowed", Shown(alg)),
            Self::KeyAlgMismatch(what) => write!(f, "key and algorithm do not match: {what}"),
            Self::UnknownKid { kid } => write!(f, "no key has the kid {}", Shown(kid)),
            Self::CritUnsupported { name } => {
                write!(f, "crit demands {}, which is not understood here", Shown(name))
            }
            Self::CritMalformed(what) => write!(f, "malformed crit: {what}"),
            Self::B64Forbidden => f.write_str("b64 is false, which a JWT must not be"),
            Self::NestedForbidden => f.write_str("the payload is itself a token (cty is JWT)"),
            Self::Undecryptable => f.write_str("the token cannot be decrypted with this key"),
            Self::JweParam(what) => write!(f, "malformed JWE parameter: {what}"),
            Self::ZipForbidden => f.write_str("the token is compressed, which is not allowed"),
            Self::NestedRequired => f.write_str("the decrypted payload is no signed token"),
            Self::InvalidKey(what) => write!(f, "invalid key: {what}"),
            Self::WeakKey(what) => write!(f, "weak key: {what}"),
            Self::InvalidKid(what) => write!(f, "invalid kid: {what}"),
            Self::Expired { exp, now } => write!(f, "expired: exp is {exp}, now is {now}"),
            Self::NotYetValid { nbf, now } => {
                write!(f, "not yet valid: nbf is {nbf}, now is {now}")
            }
            Self::IssuedInFuture { iat, now } => {
                write!(f, "issued in the future: iat is {iat}, now is {now}")
            }
            Self::TooOld { iat, max_age } => {
                write!(f, "too old: iat is {iat}, the maximum age is {max_age} s")
            }
            Self::LifeTooLong { max_life } => {
                write!(f, "exp - iat is more than the maximum life of {max_life} s")
            }
            Self::AudMismatch { found } => write!(f, "unexpected audience {}", Shown(found)),
            Self::IssMismatch { found } => write!(f, "unexpected issuer {}", Shown(found)),
            Self::SubMismatch { found } => write!(f, "unexpected subject {}", Shown(found)),
            Self::TypMismatch { found: Some(found) } => {
                write!(f, "unexpected typ {}", Shown(found))
            }
            Self::TypMismatch { found: None } => f.write_str("the header has no typ"),
            Self::MissingClaim { name } => write!(f, "the claim {} is missing", Shown(name)),
            Self::ClaimMismatch { name } => {
                write!(f, "the claim {} has not the value demanded", Shown(name))
            }
            Self::ExpiresTooSoon { exp, least } => {
                write!(f, "expires too soon: exp is {exp}, at least {least} s must remain")
            }
            Self::BindingMismatch { name } => {
                write!(f, "the token is not bound to this {name}")
            }
            Self::Replayed => f.write_str("the token was used before"),
            Self::InvalidClaimType { name, expected } => {
                write!(f, "the claim {name} must be {expected}")
            }
            Self::ClaimsShape(what) => write!(f, "the claims do not fit: {what}"),
            Self::TooLarge { limit, max } => write!(f, "larger than the limit {limit} of {max}"),
            Self::TooDeep { max } => {
                write!(f, "JSON nested deeper than the limit json_depth of {max}")
            }
            Self::ReservedHeader { name } => {
                write!(f, "the header parameter {} cannot be set", Shown(name))
            }
            Self::LeewayTooLarge { seconds } => {
                write!(f, "a leeway of {seconds} s is more than 60 s")
            }
            Self::NoPublicKey { alg } => write!(f, "a key for {alg} has no public form"),
            Self::Random => f.write_str("the random source failed"),
            Self::Backend(what) => write!(f, "{what} failed"),
        }
    }
}

impl core::error::Error for Error {}

/// Foreign text in a message: quoted, escaped and cut, so that it can forge no line of a log.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 80;
        f.write_str("\"")?;
        for character in self.0.chars().take(LONGEST) {
            write!(f, "{}", character.escape_debug())?;
        }
        f.write_str(if self.0.chars().nth(LONGEST).is_some() { "…\"" } else { "\"" })
    }
}

/// One row of the table of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The stable name, `snake_case`.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do next.
    pub hint: &'static str,
}

impl Code {
    /// A row for another crate's table.
    #[must_use]
    pub const fn new(code: &'static str, meaning: &'static str, hint: &'static str) -> Self {
        Self { code, meaning, hint }
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal, $hint:literal;)*) => {
        mod code {
            use super::Code;
            $(pub(super) const $name: Code = Code { code: $code, meaning: $meaning, hint: $hint };)*
        }

        /// Every code this crate can report, with its meaning and hint.
        pub const CODES: &[Code] = &[$(code::$name),*];
    };
}

codes! {
    BAD_SIGNATURE = "bad_signature", "The signature does not hold under the key.",
        "Check that the token came from this issuer unaltered and that the right key is given.";
    MALFORMED_TOKEN = "malformed_token", "The text is not a JWS or JWE of the form expected.",
        "Give the token alone: base64url segments joined by dots (three for JWS, five for JWE), no spaces, quotes or padding.";
    MALFORMED_HEADER = "malformed_header", "The token's header breaks RFC 7515 §4.",
        "The issuer must write a JSON object with unique names and the registered types.";
    MALFORMED_PAYLOAD = "malformed_payload", "The payload is not a strict JSON object.",
        "The issuer must write the claims as one JSON object in UTF-8 with unique names.";
    MALFORMED_JSON = "malformed_json", "The document is not strict JSON.",
        "Write it in UTF-8 with unique member names and nothing after its end.";
    ALG_NOT_ALLOWED = "alg_not_allowed", "The algorithm is unknown or was not allowed.",
        "Allow the algorithm by name if the issuer really uses it; none is never allowed.";
    KEY_ALG_MISMATCH = "key_alg_mismatch", "The key cannot serve the algorithm.",
        "Use a key of the algorithm's type, and see the alg, use and key_ops members of its JWK.";
    UNKNOWN_KID = "unknown_kid", "No key has the kid that the token names.",
        "Refresh the key set; if the kid is still unknown, the token is not from this issuer.";
    CRIT_UNSUPPORTED = "crit_unsupported", "crit demands an extension that is not understood.",
        "The issuer must do without the extension, or a verifier that understands it must be used.";
    CRIT_MALFORMED = "crit_malformed", "crit breaks RFC 7515 §4.1.11.",
        "crit must be a non-empty array of unique names of extensions that are in the header.";
    B64_FORBIDDEN = "b64_forbidden", "The payload is unencoded (b64 is false).",
        "A JWT must have an encoded payload (RFC 7797 §7).";
    NESTED_FORBIDDEN = "nested_forbidden", "The payload is itself a token.",
        "Verify the outer token, then the inner one by itself.";
    JWE_DECRYPT = "jwe_decrypt", "The token cannot be decrypted with this key.",
        "Check that it was encrypted to this key and arrived unaltered.";
    JWE_PARAM = "jwe_param", "A JWE header parameter is missing, malformed or out of range.",
        "The sender must write the parameters of the algorithm as RFC 7518 §4 says.";
    ZIP_FORBIDDEN = "zip_forbidden", "The token is compressed, which was not allowed.",
        "Have it sent uncompressed, or allow zip where the sender is trusted.";
    NESTED_REQUIRED = "nested_required", "The decrypted payload is no signed token.",
        "The sender must sign the claims, then encrypt with cty JWT; encryption alone proves no sender.";
    INVALID_KEY = "invalid_key", "The key is malformed, inconsistent or of an unaccepted form.",
        "Give a JWK, a JWK Set, or PEM or DER of PKCS#8, SPKI, PKCS#1 or SEC1; a raw secret must be given as a secret.";
    WEAK_KEY = "weak_key", "The key is too weak.",
        "Make a new one: an HMAC secret of the hash's length from a CSPRNG, or RSA of 2048 bits or more.";
    INVALID_KID = "invalid_kid", "The text cannot be a kid.",
        "A kid has 1 to 256 characters and no control character.";
    EXPIRED = "expired", "The token's time is over.",
        "Get a new token; if it should still hold, compare the clocks.";
    NOT_YET_VALID = "not_yet_valid", "The token's time has not come.",
        "Wait for nbf; if it should hold already, compare the clocks.";
    ISSUED_IN_FUTURE = "issued_in_future", "The token claims to be issued after now.",
        "Compare the clocks of issuer and verifier; a leeway of up to 60 s may be set.";
    TOO_OLD = "too_old", "The token was issued longer ago than the policy allows.",
        "Get a new token.";
    LIFE_TOO_LONG = "life_too_long", "The token lives longer than the policy allows.",
        "The issuer must set an earlier exp.";
    AUD_MISMATCH = "aud_mismatch", "The token is for another audience.",
        "Name this service's audience in the policy, or ask for a token that is meant for it.";
    ISS_MISMATCH = "iss_mismatch", "The token is from another issuer.",
        "Compare iss with the expected issuer; they must be equal to the letter.";
    SUB_MISMATCH = "sub_mismatch", "The token is about another subject.",
        "Compare sub with the expected subject; they must be equal to the letter.";
    TYP_MISMATCH = "typ_mismatch", "The token is of another type.",
        "Name the expected typ in the policy; another kind of token must not stand in for it.";
    MISSING_CLAIM = "missing_claim", "A claim that must be there is not.",
        "The issuer must write the claim, or the policy must not demand it.";
    CLAIM_MISMATCH = "claim_mismatch", "A claim has not the value that the policy demands.",
        "Compare the claim with the policy, or ask for a token with other claims.";
    EXPIRES_TOO_SOON = "expires_too_soon", "Less life remains to the token than the policy demands.",
        "Get a new token, or demand less remaining life than the issuer gives.";
    BINDING_MISMATCH = "binding_mismatch", "The token is bound to another key or certificate.",
        "Present the token with the key or certificate that it was issued for.";
    REPLAYED = "replayed", "The token may be used once, and was.",
        "Make a new token or proof for each use.";
    INVALID_CLAIM_TYPE = "invalid_claim_type", "A registered claim has the wrong type or range.",
        "The issuer must write it as RFC 7519 §4.1 says.";
    CLAIMS_SHAPE = "claims_shape", "The claims do not fit the caller's type.",
        "Compare the claims with the type they are read into.";
    TOO_LARGE = "too_large", "A size limit was exceeded.",
        "Raise the named limit if such input is expected.";
    TOO_DEEP = "too_deep", "JSON is nested too deeply.",
        "Raise the limit json_depth if such input is expected.";
    RESERVED_HEADER = "reserved_header", "The header parameter cannot be set by the caller.",
        "Leave it out: alg, kid and typ are written from the key and the options.";
    LEEWAY_TOO_LARGE = "leeway_too_large", "The leeway is more than 60 s.",
        "Choose at most 60 s, or say danger() if the clocks really are that far apart.";
    NO_PUBLIC_KEY = "no_public_key", "An HMAC secret has no public form.",
        "Use an asymmetric algorithm where keys must be published.";
    RANDOM_FAILED = "random_failed", "The random source failed.",
        "Make no key until the system's random source works.";
    BACKEND_FAILED = "backend_failed", "The cryptographic library failed.",
        "Try again; if it persists, report it with the library's version.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_explained() {
        for (at, row) in CODES.iter().enumerate() {
            assert!(
                row.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            );
            assert!(row.meaning.ends_with('.') && row.hint.ends_with('.'), "{}", row.code);
            assert!(!CODES.iter().skip(at + 1).any(|other| other.code == row.code));
        }
    }

    #[test]
    fn foreign_text_in_a_message_is_escaped_and_cut() {
        let error = Error::UnknownKid { kid: format!("k\r\nX: y{}", "z".repeat(500)) };
        let text = error.to_string();
        assert!(text.contains(r"k\r\nX: y") && text.ends_with("…\"") && text.len() < 150, "{text}");
    }
}
