//! RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 7518 §3.3, §3.5).

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};

use crate::alg::Hash;
use crate::key::material::RsaPrivate;
use crate::{Error, Result, Secret};

pub(crate) struct Signer {
    key: KeyPair,
    encoding: &'static dyn RsaEncoding,
}

impl Signer {
    pub(super) fn pkcs1(hash: Hash, key: &RsaPrivate) -> Result<Self> {
        let encoding: &'static dyn RsaEncoding = match hash {
            Hash::Sha256 => &RSA_PKCS1_SHA256,
            Hash::Sha384 => &RSA_PKCS1_SHA384,
            Hash::Sha512 => &RSA_PKCS1_SHA512,
        };
        Ok(Self { key: pair(key)?, encoding })
    }

    pub(super) fn pss(hash: Hash, key: &RsaPrivate) -> Result<Self> {
        let encoding: &'static dyn RsaEncoding = match hash {
            Hash::Sha256 => &RSA_PSS_SHA256,
            Hash::Sha384 => &RSA_PSS_SHA384,
            Hash::Sha512 => &RSA_PSS_SHA512,
        };
        Ok(Self { key: pair(key)?, encoding })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(self.encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::Backend("signing with RSA"))?;
        Ok(signature)
    }
}

/// A new key as PKCS#8, from the library's own CSPRNG: it takes no randomness from outside.
pub(crate) fn generate(bits: u32) -> Result<Secret> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        8192 => KeySize::Rsa8192,
        0..2048 => {
            return Err(Error::WeakKey(format!("RSA of {bits} bits; 2048 is the minimum")));
        }
        _ => {
            return Err(Error::InvalidKey(format!(
                "RSA of {bits} bits cannot be made; choose 2048, 3072, 4096 or 8192"
            )));
        }
    };
    let key = KeyPair::generate(size).map_err(|_| Error::Backend("making an RSA key"))?;
    let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| Error::Backend("exporting an RSA key"))?;
    Ok(Secret::new(der.as_ref().to_vec()))
}

pub(super) fn verifier_pkcs1(hash: Hash, n: &[u8], e: &[u8]) -> Result<ParsedPublicKey> {
    verifier(
        n,
        e,
        match hash {
            Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        },
    )
}

pub(super) fn verifier_pss(hash: Hash, n: &[u8], e: &[u8]) -> Result<ParsedPublicKey> {
    verifier(
        n,
        e,
        match hash {
            Hash::Sha256 => &RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PSS_2048_8192_SHA512,
        },
    )
}

fn verifier(n: &[u8], e: &[u8], parameters: &'static RsaParameters) -> Result<ParsedPublicKey> {
    PublicKeyComponents { n, e }
        .to_parsed_public_key(parameters)
        .map_err(|_| Error::InvalidKey("the RSA modulus or exponent is out of range".into()))
}

/// The library checks that all components belong together.
fn pair(key: &RsaPrivate) -> Result<KeyPair> {
    KeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: key.n.as_slice(), e: key.e.as_slice() },
        d: key.d.expose(),
        p: key.p.expose(),
        q: key.q.expose(),
        dP: key.dp.expose(),
        dQ: key.dq.expose(),
        qInv: key.qi.expose(),
    })
    .map_err(|_| Error::InvalidKey("the RSA components do not belong together".into()))
}
