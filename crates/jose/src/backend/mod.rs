//! The only room that names a cryptographic library: prepared keys, digests, randomness, comparison.

pub(crate) mod agreement;
pub(crate) mod candidate;
pub(crate) mod content;
pub(crate) mod digest;
mod ecdsa;
mod ed25519;
#[cfg(feature = "ed448")]
pub(crate) mod ed448;
mod hmac;
mod hmac_sha256;
pub(crate) mod key_wrap;
pub(crate) mod mldsa;
mod p256_table;
pub(crate) mod random;
mod rsa;
pub(crate) mod wrap;
mod wycheproof;

use aws_lc_rs::signature::ParsedPublicKey;

pub(crate) use ecdsa::public_point;
pub(crate) use ed25519::public_key as ed25519_public_key;
pub(crate) use rsa::generate as rsa_generate;

use crate::alg::{Algorithm, Curve, Family};
use crate::key::material::{Private, Public};
use crate::{Error, Result, Secret, base64url};

/// Compares in a time that depends on the lengths alone.
pub(crate) fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    if a.len() != b.len() {
        return false;
    }
    // All differences are gathered word by word; what is gathered is looked at once, at the end.
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    let words = a_words.iter().zip(b_words);
    let words =
        words.fold(0, |seen, (a, b)| seen | (u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b)));
    let rest = a_rest.iter().zip(b_rest).fold(0, |seen, (a, b)| seen | (a ^ b));
    (words | u64::from(rest)).ct_eq(&0).into()
}

/// A key that was parsed once and signs with one algorithm.
pub(crate) enum Signer {
    Hmac(Box<hmac::Key>),
    Rsa(rsa::Signer),
    Ecdsa(ecdsa::Signer),
    Ed25519(ed25519::Signer),
    #[cfg(feature = "ed448")]
    Ed448(ed448::Signer),
    MlDsa(mldsa::Signer),
}

impl Signer {
    /// Prepares a key whose type already fits `alg`; the library checks the private half against
    /// the public one.
    pub(crate) fn new(alg: Algorithm, key: &Private) -> Result<Self> {
        match (alg.family(), key) {
            (Family::Hmac(hash), Private::Hmac(secret)) => {
                Ok(Self::Hmac(Box::new(hmac::Key::new(hash, secret.expose()))))
            }
            (Family::RsaPkcs1(hash), Private::Rsa(key)) => {
                rsa::Signer::pkcs1(hash, key).map(Self::Rsa)
            }
            (Family::RsaPss(hash), Private::Rsa(key)) => rsa::Signer::pss(hash, key).map(Self::Rsa),
            (Family::Ecdsa(curve), Private::Ec { curve: of_key, scalar, point })
                if curve == *of_key =>
            {
                ecdsa::Signer::new(curve, scalar.expose(), point).map(Self::Ecdsa)
            }
            (Family::Ed25519, Private::Ed25519 { seed, public }) => {
                ed25519::Signer::new(seed.expose(), public).map(Self::Ed25519)
            }
            #[cfg(feature = "ed448")]
            (Family::Ed448, Private::Ed448 { seed, public }) => {
                ed448::Signer::new(seed.expose(), public).map(Self::Ed448)
            }
            (Family::MlDsa(set), Private::MlDsa { set: of_key, seed, public })
                if set == *of_key =>
            {
                mldsa::Signer::new(set, seed.expose(), public).map(Self::MlDsa)
            }
            _ => Err(mismatch(alg)),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Hmac(key) => Ok(key.tag(message).to_vec()),
            Self::Rsa(key) => key.sign(message),
            Self::Ecdsa(key) => key.sign(message),
            Self::Ed25519(key) => key.sign(message),
            #[cfg(feature = "ed448")]
            Self::Ed448(key) => Ok(key.sign(message)),
            Self::MlDsa(key) => key.sign(message),
        }
    }

    /// Signs the text, and appends a dot and the signature in base64url to it.
    pub(crate) fn append_signature(&self, text: &mut String) -> Result<()> {
        let append = |text: &mut String, signature: &[u8]| {
            text.push('.');
            base64url::encode_into(signature, text);
        };
        match self {
            Self::Hmac(key) => {
                let tag = key.tag(text.as_bytes());
                append(text, tag.as_slice());
            }
            _ => {
                let signature = self.sign(text.as_bytes())?;
                append(text, &signature);
            }
        }
        Ok(())
    }
}

/// A key that was parsed once and verifies one algorithm.
pub(crate) enum Verifier {
    Hmac(Box<hmac::Key>),
    Asymmetric(ParsedPublicKey),
    #[cfg(feature = "ed448")]
    Ed448(ed448::Verifier),
    /// ES256 with the key's multiples at hand.
    P256(Box<p256_table::Key>),
}

impl Verifier {
    /// Prepares a secret for an HMAC algorithm.
    pub(crate) fn hmac(alg: Algorithm, secret: &Secret) -> Result<Self> {
        match alg.family() {
            Family::Hmac(hash) => Ok(Self::Hmac(Box::new(hmac::Key::new(hash, secret.expose())))),
            _ => Err(mismatch(alg)),
        }
    }

    /// Prepares a public key whose type already fits `alg`.
    pub(crate) fn public(alg: Algorithm, key: &Public) -> Result<Self> {
        match (alg.family(), key) {
            (Family::RsaPkcs1(hash), Public::Rsa { n, e }) => rsa::verifier_pkcs1(hash, n, e),
            (Family::RsaPss(hash), Public::Rsa { n, e }) => rsa::verifier_pss(hash, n, e),
            (Family::Ecdsa(curve), Public::Ec { curve: of_key, point }) if curve == *of_key => {
                ecdsa::verifier(curve, point)
            }
            (Family::Ed25519, Public::Ed25519(x)) => ed25519::verifier(x),
            #[cfg(feature = "ed448")]
            (Family::Ed448, Public::Ed448(x)) => return ed448::Verifier::new(x).map(Self::Ed448),
            (Family::MlDsa(set), Public::MlDsa { set: of_key, key }) if set == *of_key => {
                mldsa::verifier(set, key)
            }
            _ => return Err(mismatch(alg)),
        }
        .map(Self::Asymmetric)
    }

    /// A verifier of the same key that is faster and takes more memory, where there is one.
    pub(crate) fn with_table(alg: Algorithm, key: &Public) -> Option<Self> {
        match (alg, key) {
            (Algorithm::ES256, Public::Ec { curve: Curve::P256, point }) => {
                p256_table::Key::new(point).map(Box::new).map(Self::P256)
            }
            _ => None,
        }
    }

    /// A verifier that has hashed the first bytes of each message already, and how many: it is given
    /// what follows them. `None` where that is of no use.
    pub(crate) fn after(&self, start: &[u8]) -> Option<(Self, usize)> {
        match self {
            Self::Hmac(key) => {
                key.after(start).map(|(key, taken)| (Self::Hmac(Box::new(key)), taken))
            }
            _ => None,
        }
    }

    /// As [`Verifier::verify`], for a signature in base64url. One that is not canonical, or longer
    /// than any, does not hold.
    pub(crate) fn verify_encoded(&self, message: &[u8], signature: &str) -> bool {
        match self {
            Self::Hmac(key) => key.verify_encoded(message, signature),
            Self::Asymmetric(key) => {
                let mut buffer = [0; LONGEST_ON_STACK];
                let heap;
                let signature = match base64url::decode_into_slice(signature, &mut buffer) {
                    Some(signature) => Some(signature),
                    None => {
                        heap = base64url::decode(signature);
                        heap.as_deref()
                    }
                };
                signature.is_some_and(|signature| key.verify_sig(message, signature).is_ok())
            }
            #[cfg(feature = "ed448")]
            Self::Ed448(key) => base64url::decode(signature)
                .is_some_and(|signature| key.verify(message, &signature)),
            Self::P256(key) => {
                let mut buffer = [0; 64];
                base64url::decode_into_slice(signature, &mut buffer)
                    .is_some_and(|signature| key.verify(message, signature))
            }
        }
    }

    /// Whether the signature holds; no reason is given when it does not.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => key.verify(message, signature),
            Self::Asymmetric(key) => key.verify_sig(message, signature).is_ok(),
            #[cfg(feature = "ed448")]
            Self::Ed448(key) => key.verify(message, signature),
            Self::P256(key) => key.verify(message, signature),
        }
    }
}

/// Signatures up to so many bytes are decoded on the stack: all but those of ML-DSA. The longest is
/// that of RSA with 8192 bits.
const LONGEST_ON_STACK: usize = 1024;

fn mismatch(alg: Algorithm) -> Error {
    Error::KeyAlgMismatch(format!("a key of another type was given for {alg}"))
}
