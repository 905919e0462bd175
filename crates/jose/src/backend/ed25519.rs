//! Ed25519 (RFC 8032), with the public keys refused under which forgeries are trivial.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

use crate::{Error, Result};

pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    pub(super) fn new(seed: &[u8], public: &[u8; 32]) -> Result<Self> {
        Ed25519KeyPair::from_seed_and_public_key(seed, public).map(Self).map_err(|_| {
            Error::InvalidKey("the private and public half do not belong together".into())
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.0
            .try_sign(message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| Error::Backend("signing with Ed25519"))
    }
}

/// The public key of a 32-byte seed.
pub(crate) fn public_key(seed: &[u8]) -> Option<[u8; 32]> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    pair.public_key().as_ref().try_into().ok()
}

pub(super) fn verifier(x: &[u8; 32]) -> Result<ParsedPublicKey> {
    if !is_canonical(x) {
        return Err(Error::InvalidKey("x is not a canonical Ed25519 point".into()));
    }
    if is_small_order(x) {
        return Err(Error::InvalidKey(
            "x is an Ed25519 point of small order, under which anyone can sign".into(),
        ));
    }
    ParsedPublicKey::new(&ED25519, x)
        .map_err(|_| Error::InvalidKey("x is not an Ed25519 point".into()))
}

/// Whether y is below 2^255 - 19 (RFC 8032 §5.1.3). `x` is little-endian with the sign in its top bit.
fn is_canonical(x: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = x;
    high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff) || *low < 0xed
}

/// The points whose order divides 8, by their y: with such a key a signature holds for any message.
fn is_small_order(x: &[u8; 32]) -> bool {
    /// y = 0 (order 4), 1 (order 1), p - 1 (order 2), and the two y of order 8.
    const SMALL: [[u8; 32]; 5] = [
        [0; 32],
        {
            let mut one = [0; 32];
            one[0] = 1;
            one
        },
        {
            let mut minus_one = [0xff; 32];
            minus_one[0] = 0xec;
            minus_one[31] = 0x7f;
            minus_one
        },
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let mut y = *x;
    if let Some(top) = y.last_mut() {
        *top &= 0x7f;
    }
    SMALL.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_small_order_are_refused_with_either_sign() {
        for sign in [0, 0x80] {
            let mut identity = [0; 32];
            identity[0] = 1;
            identity[31] |= sign;
            assert_eq!(verifier(&identity).unwrap_err().code(), "invalid_key");
        }
    }

    #[test]
    fn coordinates_not_below_the_prime_are_refused() {
        let mut y = [0xff; 32];
        y[31] = 0x7f;
        for low in 0xed..=0xff {
            y[0] = low;
            assert!(!is_canonical(&y));
        }
        y[0] = 0xec;
        assert!(is_canonical(&y));
    }
}
