//! The key that verifies.

use core::fmt;
use std::sync::Arc;

use super::der::Found;
use super::material::{Private, Public};
use super::{KeyId, der, material, pem, secret};
use crate::jwk::{PrivateJwk, PublicJwk};
use crate::{Algorithm, Error, Result, Secret, backend};

/// A public key or a shared secret, prepared and bound to one algorithm. Cheap to clone.
///
/// ```
/// use keytide_jose::{Algorithm, key::VerifyingKey};
///
/// let pem = b"-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----";
/// let key = VerifyingKey::from_pem(Algorithm::EdDSA, pem)?;
/// assert_eq!(key.verify(b"message", &[0; 64]).unwrap_err().code(), "bad_signature");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    key_id: Option<KeyId>,
    inner: Arc<Inner>,
}

struct Inner {
    alg: Algorithm,
    public: Option<Public>,
    verifier: backend::Verifier,
}

impl VerifyingKey {
    /// Takes a raw HMAC secret.
    ///
    /// # Errors
    /// As [`crate::key::SigningKey::from_secret`].
    pub fn from_secret(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        secret::check(alg, bytes)?;
        Self::of_secret(alg, &Secret::new(bytes.to_vec()), None)
    }

    /// Takes a raw HMAC secret however short or uniform it is: whoever guesses it forges tokens.
    ///
    /// # Errors
    /// As [`crate::key::SigningKey::from_secret_less_safe`].
    pub fn from_secret_less_safe(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        secret::check_form(alg, bytes)?;
        Self::of_secret(alg, &Secret::new(bytes.to_vec()), None)
    }

    /// Reads a key in PEM: SPKI or PKCS#1, or the public half of a private key.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_pem(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        Self::of_found(alg, pem::read(bytes)?)
    }

    /// Reads a key in DER: SPKI or PKCS#1, or the public half of a private key.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_der(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        Self::of_found(alg, der::any(bytes)?)
    }

    /// Takes a public JWK and its `kid`. The algorithm is the JWK's `alg`, or `alg` where it has
    /// none.
    ///
    /// # Errors
    /// `key_alg_mismatch` when neither names an algorithm, both name different ones, or `use` or
    /// `key_ops` forbid verifying.
    pub fn from_jwk(jwk: &PublicJwk, alg: Option<Algorithm>) -> Result<Self> {
        let alg = jwk.attributes().algorithm_for_verifying(alg)?;
        Self::of_public(alg, jwk.material().clone(), jwk.key_id().cloned())
    }

    /// Takes the public half of a private JWK, or an `oct` secret, and its `kid`.
    ///
    /// # Errors
    /// As [`VerifyingKey::from_jwk`]; also `weak_key` for a secret too short for the algorithm.
    pub fn from_private_jwk(jwk: &PrivateJwk, alg: Option<Algorithm>) -> Result<Self> {
        let alg = jwk.attributes().algorithm_for_either(alg)?;
        if let Private::Hmac(secret) = jwk.material() {
            material::check_secret(alg, secret.expose())?;
        }
        Self::of_private(alg, jwk.material(), jwk.key_id().cloned())
    }

    /// The algorithm this key is bound to.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.inner.alg
    }

    /// The key's own `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_key_id(self, key_id: KeyId) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// The same key, prepared to verify many signatures: for ES256 with a table of 264 KiB that is
    /// made in a few milliseconds and makes each verification much faster. Other keys stay as they
    /// are.
    ///
    /// ```
    /// use keytide_jose::{Algorithm, SystemRng, key::SigningKey};
    ///
    /// let signer = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
    /// let known = signer.verifying_key().with_table();
    /// let signature = signer.sign(b"message")?;
    /// assert!(known.verify(b"message", &signature).is_ok());
    /// assert!(known.verify(b"another", &signature).is_err());
    /// # Ok::<(), keytide_jose::Error>(())
    /// ```
    #[must_use]
    pub fn with_table(self) -> Self {
        let Inner { alg, public, .. } = &*self.inner;
        let table = public.as_ref().and_then(|key| backend::Verifier::with_table(*alg, key));
        let Some(verifier) = table else { return self };
        let inner = Inner { alg: *alg, public: public.clone(), verifier };
        Self { key_id: self.key_id, inner: Arc::new(inner) }
    }

    /// The public JWK, with `alg`, `use: sig` and the `kid`; `None` for HMAC.
    #[must_use]
    pub fn public_jwk(&self) -> Option<PublicJwk> {
        let public = self.inner.public.clone()?;
        Some(PublicJwk::of(public, self.inner.alg, self.key_id.clone()))
    }

    /// The SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// `no_public_key` for an HMAC secret.
    pub fn to_spki_der(&self) -> Result<Vec<u8>> {
        let public =
            self.inner.public.as_ref().ok_or(Error::NoPublicKey { alg: self.inner.alg })?;
        der::to_spki(public)
    }

    /// The SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    /// `no_public_key` for an HMAC secret.
    pub fn to_spki_pem(&self) -> Result<String> {
        pem::write_public(&self.to_spki_der()?)
    }

    /// Checks a signature over the bytes as they are. A MAC is compared in constant time.
    ///
    /// # Errors
    /// `bad_signature`, whatever the reason.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        if self.inner.verifier.verify(message, signature) {
            Ok(())
        } else {
            Err(Error::BadSignature)
        }
    }

    /// As [`VerifyingKey::verify`], for the signing input of a compact JWS and its signature in
    /// base64url; a spelling that is not canonical does not hold either.
    ///
    /// # Errors
    /// `bad_signature`, whatever the reason.
    pub fn verify_encoded(&self, signing_input: &[u8], signature: &str) -> Result<()> {
        if self.holds_encoded(signing_input, signature) { Ok(()) } else { Err(Error::BadSignature) }
    }

    pub(crate) fn holds_encoded(&self, signing_input: &[u8], signature: &str) -> bool {
        self.inner.verifier.verify_encoded(signing_input, signature)
    }

    /// Verifies messages that start with `start`; see [`backend::Verifier::after`].
    pub(crate) fn after(&self, start: &str) -> Option<(backend::Verifier, usize)> {
        self.inner.verifier.after(start.as_bytes())
    }

    pub(crate) fn of_public(alg: Algorithm, public: Public, key_id: Option<KeyId>) -> Result<Self> {
        if !public.can_serve(alg) {
            return Err(material::cannot_serve(public.kind(), alg));
        }
        let verifier = backend::Verifier::public(alg, &public)?;
        Ok(Self { key_id, inner: Arc::new(Inner { alg, public: Some(public), verifier }) })
    }

    pub(crate) fn of_private(
        alg: Algorithm,
        private: &Private,
        key_id: Option<KeyId>,
    ) -> Result<Self> {
        match (private, private.public()) {
            (Private::Hmac(secret), _) => Self::of_secret(alg, secret, key_id),
            (_, Some(public)) => Self::of_public(alg, public, key_id),
            (_, None) => Err(Error::NoPublicKey { alg }),
        }
    }

    fn of_secret(alg: Algorithm, secret: &Secret, key_id: Option<KeyId>) -> Result<Self> {
        let verifier = backend::Verifier::hmac(alg, secret)?;
        Ok(Self { key_id, inner: Arc::new(Inner { alg, public: None, verifier }) })
    }

    fn of_found(alg: Algorithm, found: Found) -> Result<Self> {
        match found {
            Found::Public(public) => Self::of_public(alg, public, None),
            Found::Private(private) => Self::of_private(alg, &private, None),
        }
    }
}

impl fmt::Debug for VerifyingKey {
    /// Shows the algorithm and `kid`, no key material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.inner.alg)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
