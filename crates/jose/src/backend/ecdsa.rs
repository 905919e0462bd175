//! ECDSA on the NIST curves and secp256k1 with signatures of fixed length (RFC 7518 §3.4, RFC 8812 §3.2).

use aws_lc_rs::agreement;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, KeyPair, ParsedPublicKey,
};
use der::Encode;
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use crate::alg::Curve;
use crate::{Error, Result};

pub(crate) struct Signer(EcdsaKeyPair);

impl Signer {
    /// `scalar` is big-endian of the curve's length, `point` uncompressed; both must belong together.
    pub(super) fn new(curve: Curve, scalar: &[u8], point: &[u8]) -> Result<Self> {
        EcdsaKeyPair::from_private_key_and_public_key(signing(curve), scalar, point)
            .map(Self)
            .map_err(|_| {
                Error::InvalidKey("the private and public half do not belong together".into())
            })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.0
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| Error::Backend("signing with ECDSA"))
    }
}

/// Checks that the uncompressed point lies on the curve and prepares it.
pub(super) fn verifier(curve: Curve, point: &[u8]) -> Result<ParsedPublicKey> {
    ParsedPublicKey::new(verification(curve), point)
        .map_err(|_| Error::InvalidKey(format!("the point is not on {}", curve.name())))
}

/// The uncompressed public point of a scalar, or `None` when the scalar is not in `1..n`.
pub(crate) fn public_point(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let agreement = match curve {
        Curve::P256 => &agreement::ECDH_P256,
        Curve::P384 => &agreement::ECDH_P384,
        Curve::P521 => &agreement::ECDH_P521,
        // The library has no key agreement on this curve.
        Curve::K256 => return secp256k1_point(scalar),
    };
    let key = agreement::PrivateKey::from_private_key(agreement, scalar).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

/// The library derives the point when it reads a private key that comes without one.
fn secp256k1_point(scalar: &[u8]) -> Option<Vec<u8>> {
    let key = EcPrivateKey {
        private_key: scalar,
        parameters: Some(EcParameters::NamedCurve(sec1::der::oid::ObjectIdentifier::new_unwrap(
            "1.3.132.0.10",
        ))),
        public_key: None,
    };
    let der = Zeroizing::new(key.to_der().ok()?);
    let pair = EcdsaKeyPair::from_private_key_der(signing(Curve::K256), &der).ok()?;
    Some(pair.public_key().as_ref().to_vec())
}

fn signing(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
        Curve::K256 => &ECDSA_P256K1_SHA256_FIXED_SIGNING,
    }
}

fn verification(curve: Curve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED,
        Curve::K256 => &ECDSA_P256K1_SHA256_FIXED,
    }
}
