//! Ed448 (RFC 8032 §5.2), with the public keys refused that lie outside the group of prime order.

use ed448_goldilocks_plus::{
    CompressedEdwardsY, EdwardsPoint, ScalarBytes, Signature, SigningKey, VerifyingKey,
};

use crate::{Error, Result};

/// Bytes of a seed and of a public key.
pub(crate) const LEN: usize = 57;

pub(crate) struct Signer(Box<SigningKey>);

impl Signer {
    pub(super) fn new(seed: &[u8], public: &[u8; LEN]) -> Result<Self> {
        signing_key(seed)
            .filter(|key| key.verifying_key().as_bytes() == public)
            .map(|key| Self(Box::new(key)))
            .ok_or_else(|| {
                Error::InvalidKey("the private and public half do not belong together".into())
            })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign_raw(message).to_bytes().to_vec()
    }
}

pub(crate) struct Verifier(Box<VerifyingKey>);

impl Verifier {
    pub(super) fn new(x: &[u8; LEN]) -> Result<Self> {
        let key = VerifyingKey::from_bytes(x)
            .map_err(|_| Error::InvalidKey("x is not an Ed448 point".into()))?;
        if !is_canonical(&CompressedEdwardsY(*x)) {
            return Err(Error::InvalidKey("x is not a canonical Ed448 point".into()));
        }
        if !bool::from(key.to_edwards().is_torsion_free()) {
            return Err(Error::InvalidKey("x is an Ed448 point outside the prime group".into()));
        }
        Ok(Self(Box::new(key)))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| {
            is_canonical(&signature.r()) && self.0.verify_raw(&signature, message).is_ok()
        })
    }
}

/// The public key of a 57-byte seed; `None` for any other length.
pub(crate) fn public_key(seed: &[u8]) -> Option<[u8; LEN]> {
    Some(*signing_key(seed)?.verifying_key().as_bytes())
}

/// RFC 8032 §5.2.3: the library takes points whose unused bits are set; each point has one encoding.
fn is_canonical(point: &CompressedEdwardsY) -> bool {
    Option::<EdwardsPoint>::from(point.decompress())
        .is_some_and(|decoded| decoded.compress().as_bytes() == point.as_bytes())
}

fn signing_key(seed: &[u8]) -> Option<SigningKey> {
    let seed: &[u8; LEN] = seed.try_into().ok()?;
    Some(SigningKey::from(&ScalarBytes::from(*seed)))
}
