//! A key that verifies, held for JavaScript.

use keytide_jose::key::{KeyId, VerifyingKey};
use keytide_jose::{Algorithm, Limits, check_json, jwk};
use napi::bindgen_prelude::Either;
use napi_derive::napi;

use crate::token::Parts;

/// A public key or secret, prepared and bound to one algorithm.
#[napi]
pub struct VerifyingHandle {
    key: VerifyingKey,
    limits: Limits,
}

#[napi]
impl VerifyingHandle {
    /// Takes an HMAC secret however weak it is, but neither an empty one nor the text or DER of
    /// another kind of key; `null` where it is refused.
    #[napi]
    pub fn secret(alg: String, secret: &[u8]) -> Option<VerifyingHandle> {
        VerifyingKey::from_secret_less_safe(algorithm(&alg)?, secret).ok().map(Self::of)
    }

    /// Takes a SubjectPublicKeyInfo; `null` where the engine has no such key.
    #[napi]
    pub fn spki(alg: String, der: &[u8]) -> Option<VerifyingHandle> {
        VerifyingKey::from_der(algorithm(&alg)?, der).ok().map(Self::of)
    }

    /// Takes a public JWK as text; `null` where the engine has no such key.
    #[napi]
    pub fn jwk(alg: String, json: String) -> Option<VerifyingHandle> {
        let jwk = jwk::PublicJwk::parse(json.as_bytes()).ok()?;
        VerifyingKey::from_jwk(&jwk, Some(algorithm(&alg)?)).ok().map(Self::of)
    }

    /// The same key with a table that makes each further verification faster, where it gains by one.
    #[napi]
    pub fn with_table(&self) -> VerifyingHandle {
        Self::of(self.key.clone().with_table())
    }

    /// Whether the signature, in canonical base64url, is this key's over these bytes.
    #[napi]
    pub fn verify(&self, signing_input: String, signature: String) -> bool {
        self.key.verify_encoded(signing_input.as_bytes(), &signature).is_ok()
    }

    /// The payload's text, when the token holds and its payload is strict JSON; otherwise whether the
    /// signature holds.
    #[napi]
    pub fn open(&self, token: String) -> Either<String, bool> {
        let Some(parts) = Parts::split(&token) else { return Either::B(false) };
        if self.key.verify_encoded(parts.signing_input.as_bytes(), parts.signature).is_err() {
            return Either::B(false);
        }
        parts.strict_json(&self.limits).map_or(Either::B(true), Either::A)
    }

    /// The algorithm that the key is bound to.
    #[napi(getter)]
    pub fn algorithm(&self) -> &str {
        self.key.algorithm().as_str()
    }

    /// The key's own `kid`.
    #[napi(getter)]
    pub fn kid(&self) -> Option<&str> {
        self.key.key_id().map(KeyId::as_str)
    }

    /// The JSON of the public JWK; `null` for a secret.
    #[napi]
    pub fn public_jwk(&self) -> Option<String> {
        serde_json::to_string(&self.key.public_jwk()?).ok()
    }

    pub(crate) fn of(key: VerifyingKey) -> Self {
        Self { key, limits: Limits::default() }
    }

    pub(crate) fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    name.parse().ok()
}

/// Why bytes are not JSON that is read in one way only, or `null` where they are: no name is there
/// twice, and nothing is nested deeper or written longer than the engine's limits allow.
#[napi]
pub fn why_not_strict_json(bytes: &[u8]) -> Option<String> {
    check_json(bytes, &Limits::default()).err().map(|error| error.to_string())
}
