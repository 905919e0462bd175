//! The key that signs.

use core::fmt;
use std::borrow::Cow;
use std::sync::OnceLock;

use super::der::Found;
use super::material::Private;
use super::{KeyId, VerifyingKey, der, pem, secret};
use crate::alg::{Curve, Family};
use crate::jwk::{PrivateJwk, PublicJwk};
use crate::{Algorithm, Error, Result, Rng, Secret, backend, base64url};

/// A private or secret key, prepared and bound to one algorithm.
///
/// It cannot be cloned, and `Debug` shows no key material; put it into an `Arc` to share it.
///
/// ```
/// use keytide_jose::{Algorithm, SystemRng, key::SigningKey};
///
/// let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
/// let signature = key.sign(b"message")?;
/// assert!(key.verifying_key().verify(b"message", &signature).is_ok());
///
/// let sealed_elsewhere = key.export()?;
/// let again = SigningKey::import(Algorithm::ES256, &sealed_elsewhere)?;
/// assert_eq!(again.thumbprint(), key.thumbprint());
/// # Ok::<(), keytide_jose::Error>(())
/// ```
pub struct SigningKey {
    alg: Algorithm,
    key_id: Option<KeyId>,
    material: Private,
    signer: backend::Signer,
    /// The `typ` that was asked for first, and the header segment with it and nothing else of the
    /// caller's: most keys only ever sign one kind of token.
    usual_header: OnceLock<(Option<Box<str>>, Box<str>)>,
}

impl SigningKey {
    /// Makes a key and its `kid`: the RFC 7638 thumbprint of an asymmetric key, 128 random bits for
    /// a secret (a `kid` is public, and must tell nothing of the secret).
    ///
    /// An HMAC secret is text: the base64url of as many random bytes as the hash has (32, 48 or 64),
    /// so that a program which takes it from an environment variable as it stands, and one that takes
    /// it from a JWK, have the very same key. All keys but RSA are
    /// derived from `rng`; RSA keys come from the library's own CSPRNG, which cannot be replaced.
    /// `rsa_bits` is 2048, 3072, 4096 or 8192, by default 2048, and is ignored for other keys.
    ///
    /// # Errors
    /// `weak_key` or `invalid_key` for other RSA sizes; `random_failed`, `backend_failed`.
    pub fn generate(alg: Algorithm, rsa_bits: Option<u32>, rng: &mut dyn Rng) -> Result<Self> {
        let material = match alg.family() {
            Family::Hmac(hash) => Private::Hmac(random_text(hash.output_len(), rng)?),
            Family::RsaPkcs1(_) | Family::RsaPss(_) => {
                let pkcs8 = backend::rsa_generate(rsa_bits.unwrap_or(2048))?;
                der::pkcs8(pkcs8.expose())?
            }
            Family::Ecdsa(curve) => random_ec(curve, rng)?,
            Family::Ed25519 => Private::ed25519(random_secret(32, rng)?, None)?,
            #[cfg(feature = "ed448")]
            Family::Ed448 => Private::ed448(random_secret(57, rng)?, None)?,
            Family::MlDsa(set) => Private::mldsa(set, random_secret(32, rng)?, None)?,
        };
        let key = Self::from_material(alg, material)?;
        let key_id = match key.thumbprint() {
            Some(thumbprint) => thumbprint,
            None => KeyId::random(rng)?,
        };
        Ok(key.with_key_id(key_id))
    }

    /// Takes a raw HMAC secret.
    ///
    /// # Errors
    /// `weak_key` when it is shorter than the hash's output (RFC 7518 §3.2) or one byte repeated;
    /// `invalid_key` when it is really a PEM, DER, SSH or JWK text; `key_alg_mismatch` when `alg`
    /// is asymmetric.
    pub fn from_secret(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        secret::check(alg, bytes)?;
        Self::from_material(alg, Private::Hmac(Secret::new(bytes.to_vec())))
    }

    /// Takes a raw HMAC secret however short or uniform it is: whoever guesses it forges tokens.
    ///
    /// For programs that must go on with a secret that they did not choose, and say so to somebody.
    ///
    /// # Errors
    /// `weak_key` when it is empty; `invalid_key` when it is really a PEM, DER, SSH or JWK text;
    /// `key_alg_mismatch` when `alg` is asymmetric.
    ///
    /// ```
    /// use keytide_jose::{Algorithm, key::SigningKey};
    ///
    /// assert_eq!(SigningKey::from_secret(Algorithm::HS256, b"short").unwrap_err().code(), "weak_key");
    /// let key = SigningKey::from_secret_less_safe(Algorithm::HS256, b"short")?;
    /// key.verifying_key().verify(b"message", &key.sign(b"message")?)?;
    /// # Ok::<(), keytide_jose::Error>(())
    /// ```
    pub fn from_secret_less_safe(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        secret::check_form(alg, bytes)?;
        Self::from_checked(alg, Private::Hmac(Secret::new(bytes.to_vec())))
    }

    /// Reads a private key in PEM: PKCS#8, PKCS#1 or SEC1, not encrypted.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_pem(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        Self::from_material(alg, private(pem::read(bytes)?)?)
    }

    /// Reads a private key in DER: PKCS#8, PKCS#1 or SEC1.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_der(alg: Algorithm, bytes: &[u8]) -> Result<Self> {
        Self::from_material(alg, private(der::any(bytes)?)?)
    }

    /// Takes a private JWK and its `kid`. The algorithm is the JWK's `alg`, or `alg` where it has
    /// none.
    ///
    /// # Errors
    /// `key_alg_mismatch` when neither names an algorithm, both name different ones, or `use` or
    /// `key_ops` forbid signing.
    pub fn from_jwk(jwk: &PrivateJwk, alg: Option<Algorithm>) -> Result<Self> {
        let alg = jwk.attributes().algorithm_for_signing(alg)?;
        let key = Self::from_material(alg, jwk.material().duplicate())?;
        Ok(Self { key_id: jwk.key_id().cloned(), ..key })
    }

    /// Takes back what [`SigningKey::export`] gave. The `kid` is not part of it.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn import(alg: Algorithm, exported: &Secret) -> Result<Self> {
        let material = if alg.is_symmetric() {
            Private::Hmac(exported.duplicate())
        } else {
            der::pkcs8(exported.expose())?
        };
        Self::from_material(alg, material)
    }

    /// The key for sealed storage: PKCS#8 DER, or the raw bytes of an HMAC secret.
    ///
    /// # Errors
    /// `backend_failed` when the DER cannot be written.
    pub fn export(&self) -> Result<Secret> {
        match &self.material {
            Private::Hmac(secret) => Ok(secret.duplicate()),
            asymmetric => der::to_pkcs8(asymmetric)?.ok_or(Error::NoPublicKey { alg: self.alg }),
        }
    }

    /// The private key as PKCS#8 in PEM.
    ///
    /// # Errors
    /// `no_public_key` for an HMAC secret, which has no PEM form.
    pub fn to_pkcs8_pem(&self) -> Result<Secret> {
        let der = der::to_pkcs8(&self.material)?.ok_or(Error::NoPublicKey { alg: self.alg })?;
        pem::write_private(&der)
    }

    /// The private JWK, with `alg`, `use: sig` and the `kid`.
    #[must_use]
    pub fn to_private_jwk(&self) -> PrivateJwk {
        PrivateJwk::of(self.material.duplicate(), self.alg, self.key_id.clone())
    }

    /// The public JWK, with `alg`, `use: sig` and the `kid`; `None` for HMAC.
    #[must_use]
    pub fn public_jwk(&self) -> Option<PublicJwk> {
        let public = self.material.public()?;
        Some(PublicJwk::of(public, self.alg, self.key_id.clone()))
    }

    /// The key that verifies what this one signs, with the same `kid`. For HMAC it is the same
    /// secret.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::of_private(self.alg, &self.material, self.key_id.clone())
            .expect("whatever signs was checked when it was made")
    }

    /// The algorithm this key is bound to.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.alg
    }

    /// The `kid` that tokens of this key carry.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_key_id(self, key_id: KeyId) -> Self {
        Self { key_id: Some(key_id), usual_header: OnceLock::new(), ..self }
    }

    /// The RFC 7638 thumbprint with SHA-256; `None` for HMAC, where it would be a hash of the secret.
    #[must_use]
    pub fn thumbprint(&self) -> Option<KeyId> {
        self.material.public().map(|public| crate::jwk::thumbprint(&public))
    }

    /// Signs the bytes as they are.
    ///
    /// # Errors
    /// `backend_failed`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.signer.sign(message)
    }

    /// The header segment with this `typ`, kept where it can be; `encode` makes it.
    pub(crate) fn header_segment(
        &self,
        typ: Option<&str>,
        encode: impl Fn() -> String,
    ) -> Cow<'_, str> {
        let (usual, segment) =
            self.usual_header.get_or_init(|| (typ.map(Into::into), encode().into()));
        if usual.as_deref() == typ { Cow::Borrowed(segment) } else { Cow::Owned(encode()) }
    }

    /// Signs a text as it is, and appends a dot and the signature in base64url to it: from the signing
    /// input of a compact JWS (RFC 7515 §5.1) to the token.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn append_signature(&self, text: &mut String) -> Result<()> {
        self.signer.append_signature(text)
    }

    fn from_material(alg: Algorithm, material: Private) -> Result<Self> {
        material.check_for(alg)?;
        Self::from_checked(alg, material)
    }

    fn from_checked(alg: Algorithm, material: Private) -> Result<Self> {
        let signer = backend::Signer::new(alg, &material)?;
        Ok(Self { alg, key_id: None, material, signer, usual_header: OnceLock::new() })
    }
}

impl fmt::Debug for SigningKey {
    /// Shows the algorithm and `kid`, no key material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.alg)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

fn private(found: Found) -> Result<Private> {
    match found {
        Found::Private(key) => Ok(key),
        Found::Public(_) => {
            Err(Error::InvalidKey("a public key cannot sign; give the private key".into()))
        }
    }
}

pub(crate) fn random_secret(len: usize, rng: &mut dyn Rng) -> Result<Secret> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; len]);
    rng.fill(&mut bytes)?;
    Ok(Secret::new(core::mem::take(&mut *bytes)))
}

/// The base64url of so many random bytes. HMAC hashes no key twice that is as short as this.
fn random_text(random: usize, rng: &mut dyn Rng) -> Result<Secret> {
    let bytes = random_secret(random, rng)?;
    let mut text = vec![0; base64url::encoded_len(random)];
    base64url::encode_into_slice(bytes.expose(), &mut text);
    Ok(Secret::new(text))
}

/// Draws scalars until one lies in 1..n (FIPS 186-5, A.2.2), so that all are equally likely.
pub(crate) fn random_ec(curve: Curve, rng: &mut dyn Rng) -> Result<Private> {
    /// A good source misses once in 2^32 on P-256, and less often on the others.
    const TRIES: usize = 64;
    for _ in 0..TRIES {
        let mut bytes = zeroize::Zeroizing::new(vec![0; curve.len()]);
        rng.fill(&mut bytes)?;
        if let (Curve::P521, Some(top)) = (curve, bytes.first_mut()) {
            // 521 bits in 66 bytes: one bit of the first byte counts.
            *top &= 1;
        }
        let scalar = Secret::new(core::mem::take(&mut *bytes));
        if backend::public_point(curve, scalar.expose()).is_some() {
            return Private::ec(curve, scalar, None);
        }
    }
    Err(Error::Random)
}
