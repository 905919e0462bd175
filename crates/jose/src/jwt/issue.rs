//! A signed token with claims in it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::registered::{self, Registered};
use crate::json::{self, Object};
use crate::key::SigningKey;
use crate::{Error, Limits, Result, jws};

/// The header parameters that a caller may choose.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderParams {
    /// The kind of token, by default `JWT`; `None` leaves `typ` out, which no policy with a type
    /// will accept.
    pub typ: Option<String>,
    /// Further parameters. `alg`, `kid`, `typ`, `crit`, `b64`, `jku`, `jwk`, `x5u`, `x5c`, `x5t`,
    /// `x5t#S256`, `enc` and `zip` are refused here.
    pub extra: Map<String, Value>,
}

impl HeaderParams {
    /// This `typ` and nothing else.
    #[must_use]
    pub fn typ(typ: impl Into<String>) -> Self {
        Self { typ: Some(typ.into()), extra: Map::new() }
    }
}

impl Default for HeaderParams {
    fn default() -> Self {
        Self::typ("JWT")
    }
}

/// Signs claims, which are a map or any type of yours that is written as a JSON object. The header holds the key's `alg` and `kid`, and `typ`.
///
/// Registered claims must have the types that RFC 7519 §4.1 gives them; what no verifier should
/// accept is not issued.
///
/// ```
/// use keytide_jose::{Algorithm, SystemRng, jwt, key::SigningKey};
/// use serde_json::json;
///
/// let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng)?;
/// let claims = json!({"sub": "alice", "exp": 2_000_000_000});
/// let token = jwt::issue(&key, &jwt::HeaderParams::typ("at+jwt"), &claims)?;
/// assert_eq!(token.split('.').count(), 3);
///
/// let wrong = json!({"exp": "tomorrow"});
/// let error = jwt::issue(&key, &Default::default(), &wrong).unwrap_err();
/// assert_eq!(error.code(), "invalid_claim_type");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// # Errors
/// `malformed_payload` when the claims are no JSON object or name a member twice;
/// `invalid_claim_type`, `reserved_header`, `too_deep`, `backend_failed`.
pub fn issue<C: Serialize + ?Sized>(
    key: &SigningKey,
    header: &HeaderParams,
    claims: &C,
) -> Result<String> {
    let HeaderParams { typ, extra } = header;
    if extra.contains_key("typ") {
        return Err(Error::ReservedHeader { name: "typ".into() });
    }
    let payload = payload(claims)?;
    jws::encode_signed(key, typ.as_deref(), extra, &payload)
}

/// Writes the claims. What no verifier should accept is not issued: doubled names, and registered
/// claims of the wrong type.
fn payload<C: Serialize + ?Sized>(claims: &C) -> Result<Vec<u8>> {
    let limits = Limits::default();
    if let Some(payload) = json::write(claims, limits.json_depth, registered::surely_fits) {
        return Ok(payload);
    }
    let payload = serde_json::to_vec(claims)
        .map_err(|_| Error::MalformedPayload("the claims cannot be written".into()))?;
    check(&payload, &limits)?;
    Ok(payload)
}

fn check(payload: &[u8], limits: &Limits) -> Result<()> {
    let object = Object::parse(payload, limits)
        .map_err(|refused| refused.into_error(Error::MalformedPayload))?;
    Registered::read(&registered::values(&object), limits).map(drop)
}
