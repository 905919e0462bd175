//! A key that signs, held for JavaScript.

use base64_simd::URL_SAFE_NO_PAD;
use keytide_jose::key::SigningKey;
use napi::bindgen_prelude::{Error, Result};
use napi_derive::napi;

use crate::verifying::algorithm;

/// A private key or secret, prepared and bound to one algorithm.
#[napi]
pub struct SigningHandle {
    key: SigningKey,
}

#[napi]
impl SigningHandle {
    /// Takes an HMAC secret however weak it is, but neither an empty one nor the text or DER of
    /// another kind of key; `null` where it is refused.
    #[napi]
    pub fn secret(alg: String, secret: &[u8]) -> Option<SigningHandle> {
        let key = SigningKey::from_secret_less_safe(algorithm(&alg)?, secret).ok()?;
        Some(Self { key })
    }

    /// Takes a private key as PKCS#8; `null` where the engine has no such key.
    #[napi]
    pub fn pkcs8(alg: String, der: &[u8]) -> Option<SigningHandle> {
        SigningKey::from_der(algorithm(&alg)?, der).ok().map(|key| Self { key })
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

    fn finish(&self, mut token: String) -> Result<String> {
        self.key
            .append_signature(&mut token)
            .map_err(|error| Error::from_reason(error.to_string()))?;
        Ok(token)
    }
}

/// The last group of the payload, a dot and an RSA signature of 2048 bits.
const ROOM_FOR_THE_REST: usize = 4 + 1 + 342;
