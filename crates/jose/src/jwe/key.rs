//! Keys that encrypt and decrypt: each bound to one key algorithm and one content algorithm.

use core::fmt;
use std::sync::Arc;

use super::alg::KeyFamily;
use super::{ContentAlgorithm, KeyAlgorithm};
use crate::alg::Curve;
use crate::backend::agreement::{self, Group};
use crate::backend::wrap::{OaepPrivate, OaepPublic};
use crate::jwk::{PrivateJwk, PublicJwk};
use crate::key::der::{self, Found};
use crate::key::material::{Private, Public};
use crate::key::{pem, random_ec, random_secret, refuse_other_key_as_secret};
use crate::{Error, KeyId, Result, Rng, Secret, backend};

/// A key to encrypt to: a public key, a shared secret or a password. Cheap to clone.
///
/// ```
/// use keytide_jose::jwe::{ContentAlgorithm, EncryptionKey, KeyAlgorithm};
///
/// let short = EncryptionKey::from_secret(KeyAlgorithm::A256KW, ContentAlgorithm::A256GCM, b"0123456789abcdef");
/// assert_eq!(short.unwrap_err().code(), "invalid_key");
/// ```
#[derive(Clone)]
pub struct EncryptionKey {
    pub(super) alg: KeyAlgorithm,
    pub(super) enc: ContentAlgorithm,
    key_id: Option<KeyId>,
    pub(super) material: Arc<Encrypting>,
}

pub(super) enum Encrypting {
    Secret(Secret),
    Password(Secret),
    Rsa { public: Public, key: OaepPublic },
    Agreement { public: Public, group: Group },
}

/// A key to decrypt with: a private key, a shared secret or a password.
///
/// It cannot be cloned, and `Debug` shows no key material.
///
/// ```
/// use keytide_jose::{Limits, SystemRng, jwe};
///
/// let (alg, enc) = (jwe::KeyAlgorithm::A256KW, jwe::ContentAlgorithm::A256CbcHs512);
/// let key = jwe::DecryptionKey::generate(alg, enc, &mut SystemRng)?;
/// let options = jwe::EncryptOptions::default();
/// let token = jwe::encrypt_compact(&key.encryption_key(), &options, b"secret", &mut SystemRng)?;
/// let decrypted = jwe::UnverifiedJwe::parse(&token, &Limits::default())?
///     .decrypt(&key, &jwe::DecryptOptions::default())?;
/// assert_eq!(decrypted.plaintext(), b"secret");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
pub struct DecryptionKey {
    pub(super) alg: KeyAlgorithm,
    pub(super) enc: ContentAlgorithm,
    key_id: Option<KeyId>,
    pub(super) material: Arc<Decrypting>,
    /// What stands in for content keys that cannot be had is derived from this.
    pub(super) rejection: Arc<Secret>,
}

pub(super) enum Decrypting {
    Secret(Secret),
    Password(Secret),
    Rsa { private: Private, key: OaepPrivate },
    Agreement { private: Private, group: Group, key: agreement::PrivateKey },
}

impl EncryptionKey {
    /// Takes a shared secret for `dir`, AES key wrap or AES-GCM key wrap.
    ///
    /// # Errors
    /// `invalid_key` when it has not the exact length, or is really a PEM, DER, SSH or JWK text;
    /// `key_alg_mismatch` when `alg` takes no secret.
    pub fn from_secret(alg: KeyAlgorithm, enc: ContentAlgorithm, secret: &[u8]) -> Result<Self> {
        check_secret(alg, enc, secret)?;
        Ok(Self::of(alg, enc, Encrypting::Secret(Secret::new(secret.to_vec()))))
    }

    /// Takes a password for PBES2.
    ///
    /// # Errors
    /// `weak_key` when it is empty; `key_alg_mismatch` when `alg` takes no password.
    pub fn from_password(
        alg: KeyAlgorithm,
        enc: ContentAlgorithm,
        password: &[u8],
    ) -> Result<Self> {
        check_password(alg, password)?;
        Ok(Self::of(alg, enc, Encrypting::Password(Secret::new(password.to_vec()))))
    }

    /// Reads a public key in PEM, or the public half of a private one.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_pem(alg: KeyAlgorithm, enc: ContentAlgorithm, bytes: &[u8]) -> Result<Self> {
        Self::of_found(alg, enc, pem::read(bytes)?)
    }

    /// Reads a public key in DER, or the public half of a private one.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_der(alg: KeyAlgorithm, enc: ContentAlgorithm, bytes: &[u8]) -> Result<Self> {
        Self::of_found(alg, enc, der::any(bytes)?)
    }

    /// Takes a public JWK and its `kid`. The key algorithm is the JWK's `alg`, or `alg` where it
    /// has none.
    ///
    /// # Errors
    /// `key_alg_mismatch` when neither names an algorithm, both name different ones, `use` or
    /// `key_ops` forbid encrypting, or the key is of another type.
    pub fn from_jwk(
        jwk: &PublicJwk,
        alg: Option<KeyAlgorithm>,
        enc: ContentAlgorithm,
    ) -> Result<Self> {
        let alg = jwk.attributes().algorithm_for_encrypting(alg, enc)?;
        let key = Self::of_public(alg, enc, jwk.material().clone())?;
        Ok(Self { key_id: jwk.key_id().cloned(), ..key })
    }

    /// The key algorithm this key is bound to.
    #[must_use]
    pub fn key_algorithm(&self) -> KeyAlgorithm {
        self.alg
    }

    /// The content algorithm this key is bound to.
    #[must_use]
    pub fn content_algorithm(&self) -> ContentAlgorithm {
        self.enc
    }

    /// The `kid` that tokens to this key carry.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_key_id(self, key_id: KeyId) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// The public JWK, with `alg`, `use: enc` and the `kid`; `None` for secrets and passwords.
    #[must_use]
    pub fn public_jwk(&self) -> Option<PublicJwk> {
        match &*self.material {
            Encrypting::Secret(_) | Encrypting::Password(_) => None,
            Encrypting::Rsa { public, .. } | Encrypting::Agreement { public, .. } => {
                Some(PublicJwk::of_encryption(public.clone(), self.alg, self.key_id.clone()))
            }
        }
    }

    fn of(alg: KeyAlgorithm, enc: ContentAlgorithm, material: Encrypting) -> Self {
        Self { alg, enc, key_id: None, material: Arc::new(material) }
    }

    fn of_found(alg: KeyAlgorithm, enc: ContentAlgorithm, found: Found) -> Result<Self> {
        match found {
            Found::Public(public) => Self::of_public(alg, enc, public),
            Found::Private(private) => {
                let public = private.public().ok_or_else(|| mismatch("a secret", alg))?;
                Self::of_public(alg, enc, public)
            }
        }
    }

    fn of_public(alg: KeyAlgorithm, enc: ContentAlgorithm, public: Public) -> Result<Self> {
        let material = match (alg.family(), group(&public)) {
            (KeyFamily::Oaep(_), _) if matches!(public, Public::Rsa { .. }) => {
                let key = OaepPublic::from_spki(&der::to_spki(&public)?)?;
                Encrypting::Rsa { public, key }
            }
            (KeyFamily::Agreement(_), Some(group)) => Encrypting::Agreement { public, group },
            _ => return Err(mismatch(public.kind(), alg)),
        };
        Ok(Self::of(alg, enc, material))
    }
}

impl DecryptionKey {
    /// Makes a key: a secret of the exact length, RSA of 2048 bits, or EC on P-256. Its `kid` is the
    /// RFC 7638 thumbprint, or 128 random bits for a secret.
    ///
    /// # Errors
    /// `key_alg_mismatch` for PBES2, whose password is chosen and not made; `random_failed`,
    /// `backend_failed`.
    pub fn generate(alg: KeyAlgorithm, enc: ContentAlgorithm, rng: &mut dyn Rng) -> Result<Self> {
        let private = match (alg.family(), alg.secret_len(enc)) {
            (KeyFamily::Oaep(_), _) => der::pkcs8(backend::rsa_generate(2048)?.expose())?,
            (KeyFamily::Agreement(_), _) => random_ec(Curve::P256, rng)?,
            (_, Some(len)) => {
                let key = Self::of(alg, enc, Decrypting::Secret(random_secret(len, rng)?));
                return Ok(key.with_key_id(KeyId::random(rng)?));
            }
            (_, None) => return Err(mismatch("a made key", alg)),
        };
        let key = Self::of_private(alg, enc, private)?;
        match key.thumbprint() {
            Some(key_id) => Ok(key.with_key_id(key_id)),
            None => Ok(key),
        }
    }

    /// Takes a shared secret, as [`EncryptionKey::from_secret`] does.
    ///
    /// # Errors
    /// As [`EncryptionKey::from_secret`].
    pub fn from_secret(alg: KeyAlgorithm, enc: ContentAlgorithm, secret: &[u8]) -> Result<Self> {
        check_secret(alg, enc, secret)?;
        Ok(Self::of(alg, enc, Decrypting::Secret(Secret::new(secret.to_vec()))))
    }

    /// Takes a password for PBES2. Tokens are decrypted with it only where
    /// [`super::DecryptOptions`] allow it.
    ///
    /// # Errors
    /// As [`EncryptionKey::from_password`].
    pub fn from_password(
        alg: KeyAlgorithm,
        enc: ContentAlgorithm,
        password: &[u8],
    ) -> Result<Self> {
        check_password(alg, password)?;
        Ok(Self::of(alg, enc, Decrypting::Password(Secret::new(password.to_vec()))))
    }

    /// Reads a private key in PEM, not encrypted.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_pem(alg: KeyAlgorithm, enc: ContentAlgorithm, bytes: &[u8]) -> Result<Self> {
        Self::of_found(alg, enc, pem::read(bytes)?)
    }

    /// Reads a private key in DER.
    ///
    /// # Errors
    /// `invalid_key`, `weak_key`, `key_alg_mismatch`.
    pub fn from_der(alg: KeyAlgorithm, enc: ContentAlgorithm, bytes: &[u8]) -> Result<Self> {
        Self::of_found(alg, enc, der::any(bytes)?)
    }

    /// Takes a private or `oct` JWK, read by [`PrivateJwk::parse_for_encryption`], and its `kid`.
    /// The key algorithm is the JWK's `alg`, or `alg` where it has none.
    ///
    /// # Errors
    /// `key_alg_mismatch` as with [`EncryptionKey::from_jwk`]; `invalid_key` for a secret of another
    /// length.
    pub fn from_jwk(
        jwk: &PrivateJwk,
        alg: Option<KeyAlgorithm>,
        enc: ContentAlgorithm,
    ) -> Result<Self> {
        let alg = jwk.attributes().algorithm_for_decrypting(alg, enc)?;
        let key = Self::of_private(alg, enc, jwk.material().duplicate())?;
        Ok(Self { key_id: jwk.key_id().cloned(), ..key })
    }

    /// The same key, prepared once, for another content algorithm.
    ///
    /// # Errors
    /// `invalid_key` when a direct key has not the length for it.
    pub fn for_content_algorithm(&self, enc: ContentAlgorithm) -> Result<Self> {
        if let (KeyAlgorithm::Dir, Decrypting::Secret(secret)) = (self.alg, &*self.material) {
            check_secret(self.alg, enc, secret.expose())?;
        }
        let Self { alg, enc: _, key_id, material, rejection } = self;
        Ok(Self {
            alg: *alg,
            enc,
            key_id: key_id.clone(),
            material: Arc::clone(material),
            rejection: Arc::clone(rejection),
        })
    }

    /// The key that encrypts to this one, with the same `kid`. For a secret or a password it is the
    /// same secret.
    #[must_use]
    pub fn encryption_key(&self) -> EncryptionKey {
        const CHECKED: &str = "whatever decrypts was checked when it was made";
        let material = match &*self.material {
            Decrypting::Secret(secret) => Encrypting::Secret(secret.duplicate()),
            Decrypting::Password(password) => Encrypting::Password(password.duplicate()),
            Decrypting::Rsa { private, .. } | Decrypting::Agreement { private, .. } => {
                let public = private.public().expect(CHECKED);
                let key = EncryptionKey::of_public(self.alg, self.enc, public).expect(CHECKED);
                return EncryptionKey { key_id: self.key_id.clone(), ..key };
            }
        };
        let key = EncryptionKey::of(self.alg, self.enc, material);
        EncryptionKey { key_id: self.key_id.clone(), ..key }
    }

    /// The private JWK, with `alg`, `use: enc` and the `kid`; `None` for a password.
    #[must_use]
    pub fn to_private_jwk(&self) -> Option<PrivateJwk> {
        let material = match &*self.material {
            Decrypting::Secret(secret) => Private::Hmac(secret.duplicate()),
            Decrypting::Password(_) => return None,
            Decrypting::Rsa { private, .. } | Decrypting::Agreement { private, .. } => {
                private.duplicate()
            }
        };
        Some(PrivateJwk::of_encryption(material, self.alg, self.key_id.clone()))
    }

    /// The key algorithm this key is bound to.
    #[must_use]
    pub fn key_algorithm(&self) -> KeyAlgorithm {
        self.alg
    }

    /// The content algorithm this key is bound to.
    #[must_use]
    pub fn content_algorithm(&self) -> ContentAlgorithm {
        self.enc
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

    /// The RFC 7638 thumbprint with SHA-256; `None` for secrets and passwords.
    #[must_use]
    pub fn thumbprint(&self) -> Option<KeyId> {
        match &*self.material {
            Decrypting::Secret(_) | Decrypting::Password(_) => None,
            Decrypting::Rsa { private, .. } | Decrypting::Agreement { private, .. } => {
                private.public().map(|public| crate::jwk::thumbprint(&public))
            }
        }
    }

    fn of(alg: KeyAlgorithm, enc: ContentAlgorithm, material: Decrypting) -> Self {
        let rejection = Arc::new(rejection_secret(&material));
        Self { alg, enc, key_id: None, material: Arc::new(material), rejection }
    }

    fn of_found(alg: KeyAlgorithm, enc: ContentAlgorithm, found: Found) -> Result<Self> {
        match found {
            Found::Private(private) => Self::of_private(alg, enc, private),
            Found::Public(_) => {
                Err(Error::InvalidKey("a public key cannot decrypt; give the private key".into()))
            }
        }
    }

    fn of_private(alg: KeyAlgorithm, enc: ContentAlgorithm, private: Private) -> Result<Self> {
        let material = match (alg.family(), private) {
            (KeyFamily::Direct | KeyFamily::Wrap(_) | KeyFamily::GcmWrap(_), Private::Hmac(k)) => {
                check_secret(alg, enc, k.expose())?;
                Decrypting::Secret(k)
            }
            (KeyFamily::Password(..), Private::Hmac(k)) => {
                check_password(alg, k.expose())?;
                Decrypting::Password(k)
            }
            (KeyFamily::Oaep(_), private @ Private::Rsa(_)) => {
                let pkcs8 = der::to_pkcs8(&private)?
                    .ok_or_else(|| Error::InvalidKey("the RSA key cannot decrypt".into()))?;
                Decrypting::Rsa { key: OaepPrivate::from_pkcs8(&pkcs8)?, private }
            }
            (KeyFamily::Agreement(_), private) => {
                let (group, key) = match &private {
                    Private::Ec { curve, scalar, .. } => {
                        let group = Group::of(*curve)
                            .ok_or_else(|| mismatch("an EC key on secp256k1", alg))?;
                        (group, agreement::PrivateKey::new(group, scalar.expose())?)
                    }
                    Private::X25519 { scalar, .. } => {
                        let key = agreement::PrivateKey::new(Group::X25519, scalar.expose())?;
                        (Group::X25519, key)
                    }
                    _ => return Err(mismatch("a key of another type", alg)),
                };
                Decrypting::Agreement { private, group, key }
            }
            _ => return Err(mismatch("a key of another type", alg)),
        };
        Ok(Self::of(alg, enc, material))
    }
}

impl fmt::Debug for EncryptionKey {
    /// Shows the algorithms and `kid`, no key material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("key_algorithm", &self.alg)
            .field("content_algorithm", &self.enc)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DecryptionKey {
    /// Shows the algorithms and `kid`, no key material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("key_algorithm", &self.alg)
            .field("content_algorithm", &self.enc)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// A secret of the key's own that no token depends on.
fn rejection_secret(material: &Decrypting) -> Secret {
    let own = match material {
        Decrypting::Secret(secret) | Decrypting::Password(secret) => secret,
        Decrypting::Rsa { private: Private::Rsa(key), .. } => &key.d,
        Decrypting::Agreement {
            private: Private::Ec { scalar, .. } | Private::X25519 { scalar, .. },
            ..
        } => scalar,
        Decrypting::Rsa { .. } | Decrypting::Agreement { .. } => return Secret::new(Vec::new()),
    };
    Secret::new(backend::digest::keyed(own, b"keytide JWE implicit rejection").to_vec())
}

/// The group that a public key agrees in; `None` for keys that only sign.
pub(super) fn group(public: &Public) -> Option<Group> {
    match public {
        Public::Ec { curve, .. } => Group::of(*curve),
        Public::X25519(_) => Some(Group::X25519),
        _ => None,
    }
}

fn check_secret(alg: KeyAlgorithm, enc: ContentAlgorithm, secret: &[u8]) -> Result<()> {
    let Some(len) = alg.secret_len(enc) else { return Err(mismatch("a secret", alg)) };
    refuse_other_key_as_secret(secret)?;
    if secret.len() != len {
        return Err(Error::InvalidKey(format!(
            "a secret of {} bytes; {alg} with {enc} takes {len}",
            secret.len()
        )));
    }
    Ok(())
}

fn check_password(alg: KeyAlgorithm, password: &[u8]) -> Result<()> {
    if !matches!(alg.family(), KeyFamily::Password(..)) {
        return Err(mismatch("a password", alg));
    }
    if password.is_empty() {
        return Err(Error::WeakKey("the password is empty".into()));
    }
    refuse_other_key_as_secret(password)
}

fn mismatch(kind: &str, alg: KeyAlgorithm) -> Error {
    Error::KeyAlgMismatch(format!("{kind} cannot serve {alg}"))
}
