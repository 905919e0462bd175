//! A key that signs, held for JavaScript.

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use keytide_jose::key::{KeyId, SigningKey};
use napi::bindgen_prelude::{Error, Result};
use napi_derive::napi;

use crate::verifying::{VerifyingHandle, algorithm};

/// A private key or secret, prepared and bound to one algorithm.
#[napi]
pub struct SigningHandle {
    key: Arc<SigningKey>,
}

#[napi]
impl SigningHandle {
    /// Takes an HMAC secret however weak it is, but neither an empty one nor the text or DER of
    /// another kind of key; `null` where it is refused.
    #[napi]
    pub fn secret(alg: String, secret: &[u8]) -> Option<SigningHandle> {
        SigningKey::from_secret_less_safe(algorithm(&alg)?, secret).ok().map(Self::of)
    }

    /// Takes a private key as PKCS#8; `null` where the engine has no such key.
    #[napi]
    pub fn pkcs8(alg: String, der: &[u8]) -> Option<SigningHandle> {
        SigningKey::from_der(algorithm(&alg)?, der).ok().map(Self::of)
    }

    /// The token of a header that is encoded already, followed by a dot, and a payload that is not.
    #[napi]
    pub fn sign(&self, header: String, payload: String) -> Result<String> {
        let mut token = header;
        token.reserve(payload.len() / 3 * 4 + ROOM_FOR_THE_REST);
        URL_SAFE_NO_PAD.encode_append(payload.as_bytes(), &mut token);
        self.finish(token)
    }

    /// The token of a signing input.
    #[napi]
    pub fn sign_input(&self, signing_input: String) -> Result<String> {
        self.finish(signing_input)
    }

    /// The algorithm that the key is bound to.
    #[napi(getter)]
    pub fn algorithm(&self) -> &str {
        self.key.algorithm().as_str()
    }

    /// The `kid` that tokens of this key carry.
    #[napi(getter)]
    pub fn kid(&self) -> Option<&str> {
        self.key.key_id().map(KeyId::as_str)
    }

    /// The key that verifies what this one signs.
    #[napi]
    pub fn verifying_key(&self) -> VerifyingHandle {
        VerifyingHandle::of(self.key.verifying_key())
    }

    /// The private key as PKCS#8 in PEM; `null` for a secret.
    #[napi]
    pub fn to_pem(&self) -> Option<String> {
        let pem = self.key.to_pkcs8_pem().ok()?;
        String::from_utf8(pem.expose().to_vec()).ok()
    }

    pub(crate) fn of(key: SigningKey) -> Self {
        Self { key: Arc::new(key) }
    }

    pub(crate) fn shared(key: Arc<SigningKey>) -> Self {
        Self { key }
    }

    /// The same key once more, for whoever must own it.
    pub(crate) fn copy(&self) -> keytide_jose::Result<SigningKey> {
        let key = SigningKey::import(self.key.algorithm(), &self.key.export()?)?;
        Ok(match self.key.key_id() {
            Some(kid) => key.with_key_id(kid.clone()),
            None => key,
        })
    }

    fn finish(&self, mut token: String) -> Result<String> {
        self.key
            .append_signature(&mut token)
            .map_err(|error| Error::from_reason(error.to_string()))?;
        Ok(token)
    }
}

/// The last group of the payload, a dot and an RSA signature of 2048 bits.
const ROOM_FOR_THE_REST: usize = 4 + 1 + 342;
