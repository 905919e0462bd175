//! Keys that encrypt keys: RSA-OAEP (RFC 8017 §7.1), and PBKDF2 (RFC 8018 §5.2).

use core::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA384, PBKDF2_HMAC_SHA512};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use subtle::Choice;
use zeroize::Zeroizing;

use super::candidate::Candidate;
use crate::alg::Hash;
use crate::{Error, Result, Secret};

/// The hash of RSA-OAEP and its mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oaep {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Oaep {
    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
            Self::Sha384 => &OAEP_SHA384_MGF1SHA384,
            Self::Sha512 => &OAEP_SHA512_MGF1SHA512,
        }
    }
}

/// An RSA key that encrypts.
pub(crate) struct OaepPublic(OaepPublicEncryptingKey);

impl OaepPublic {
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self> {
        PublicEncryptingKey::from_der(der)
            .ok()
            .and_then(|key| OaepPublicEncryptingKey::new(key).ok())
            .map(Self)
            .ok_or_else(|| Error::InvalidKey("the RSA key cannot encrypt".into()))
    }

    /// Encrypts a key with the library's own randomness, which cannot be replaced.
    pub(crate) fn encrypt(&self, oaep: Oaep, key: &[u8]) -> Result<Vec<u8>> {
        let mut out = vec![0; self.0.ciphertext_size()];
        let len = self
            .0
            .encrypt(oaep.algorithm(), key, &mut out, None)
            .map_err(|_| Error::Backend("encrypting with RSA"))?
            .len();
        out.truncate(len);
        Ok(out)
    }
}

/// An RSA key that decrypts.
pub(crate) struct OaepPrivate(OaepPrivateDecryptingKey);

impl OaepPrivate {
    pub(crate) fn from_pkcs8(der: &Secret) -> Result<Self> {
        PrivateDecryptingKey::from_pkcs8(der.expose())
            .ok()
            .and_then(|key| OaepPrivateDecryptingKey::new(key).ok())
            .map(Self)
            .ok_or_else(|| Error::InvalidKey("the RSA key cannot decrypt".into()))
    }

    pub(crate) fn decrypt(&self, oaep: Oaep, encrypted: &[u8]) -> Candidate {
        // RFC 8017 §7.1.2, step 1b.
        if encrypted.len() != self.0.key_size_bytes() {
            return Candidate::none();
        }
        let mut out = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let len = self
            .0
            .decrypt(oaep.algorithm(), encrypted, &mut out, None)
            .map_or(0, |decrypted| decrypted.len());
        out.truncate(len);
        Candidate::new(out, Choice::from(u8::from(len > 0)))
    }
}

/// Derives a key of `len` bytes from a password.
pub(crate) fn pbkdf2(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    len: usize,
) -> Secret {
    let algorithm = match hash {
        Hash::Sha256 => PBKDF2_HMAC_SHA256,
        Hash::Sha384 => PBKDF2_HMAC_SHA384,
        Hash::Sha512 => PBKDF2_HMAC_SHA512,
    };
    let mut out = Zeroizing::new(vec![0; len]);
    pbkdf2::derive(algorithm, iterations, salt, password, &mut out);
    Secret::new(core::mem::take(&mut *out))
}
