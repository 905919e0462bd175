//! ML-DSA (FIPS 204) with an empty context, as RFC 9964 §3 has it.

use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87,
    ML_DSA_87_SIGNING, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm,
};

use crate::alg::MlDsa;
use crate::{Error, Result};

pub(crate) struct Signer(PqdsaKeyPair);

impl Signer {
    /// The seed must be that of the public key.
    pub(super) fn new(set: MlDsa, seed: &[u8], public: &[u8]) -> Result<Self> {
        let pair = pair(set, seed).filter(|pair| pair.public_key().as_ref() == public);
        pair.map(Self).ok_or_else(|| {
            Error::InvalidKey("the private and public half do not belong together".into())
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.0.algorithm().signature_len()];
        let written = self
            .0
            .sign(message, &mut signature)
            .map_err(|_| Error::Backend("signing with ML-DSA"))?;
        signature.truncate(written);
        Ok(signature)
    }
}

/// The public key of a 32-byte seed; `None` for any other length.
pub(crate) fn public_key(set: MlDsa, seed: &[u8]) -> Option<Vec<u8>> {
    Some(pair(set, seed)?.public_key().as_ref().to_vec())
}

/// Whether the expanded private key is the one that the seed gives (FIPS 204 §6.1).
pub(crate) fn expands_to(set: MlDsa, seed: &[u8], expanded: &[u8]) -> bool {
    use aws_lc_rs::encoding::AsRawBytes;
    let Some(pair) = pair(set, seed) else { return false };
    let derived = pair.private_key().as_raw_bytes();
    derived.is_ok_and(|derived| super::equal_in_constant_time(derived.as_ref(), expanded))
}

pub(super) fn verifier(set: MlDsa, public: &[u8]) -> Result<ParsedPublicKey> {
    ParsedPublicKey::new(verification(set), public)
        .map_err(|_| Error::InvalidKey(format!("pub is not a key of {}", set.name())))
}

fn pair(set: MlDsa, seed: &[u8]) -> Option<PqdsaKeyPair> {
    PqdsaKeyPair::from_seed(signing(set), seed).ok()
}

fn signing(set: MlDsa) -> &'static PqdsaSigningAlgorithm {
    match set {
        MlDsa::L44 => &ML_DSA_44_SIGNING,
        MlDsa::L65 => &ML_DSA_65_SIGNING,
        MlDsa::L87 => &ML_DSA_87_SIGNING,
    }
}

fn verification(set: MlDsa) -> &'static PqdsaVerificationAlgorithm {
    match set {
        MlDsa::L44 => &ML_DSA_44,
        MlDsa::L65 => &ML_DSA_65,
        MlDsa::L87 => &ML_DSA_87,
    }
}
