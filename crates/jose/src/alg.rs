//! The signature algorithms (RFC 7518 §3, 8037 §3.1, 8812 §3.2, 9864 §2.2, 9964 §3) and what each demands of a key.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// A JWS signature algorithm, named as in the `alg` header parameter.
///
/// There is no default and no `none`.
///
/// ```
/// use keytide_jose::Algorithm;
///
/// assert_eq!("ES256".parse::<Algorithm>()?, Algorithm::ES256);
/// assert_eq!("none".parse::<Algorithm>().unwrap_err().code(), "alg_not_allowed");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256 and a 32-byte salt.
    PS256,
    /// RSASSA-PSS with SHA-384 and a 48-byte salt.
    PS384,
    /// RSASSA-PSS with SHA-512 and a 64-byte salt.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// Ed25519 under the header name `EdDSA` (RFC 8037), which most libraries expect.
    EdDSA,
    /// Ed25519 under its fully specified header name `Ed25519` (RFC 9864).
    Ed25519,
    /// ECDSA on secp256k1 with SHA-256 (RFC 8812).
    ES256K,
    /// Ed448 under its fully specified header name `Ed448` (RFC 9864).
    #[cfg(feature = "ed448")]
    Ed448,
    /// ML-DSA-44 of FIPS 204, about as hard as AES-128 for a quantum computer too (RFC 9964).
    MlDsa44,
    /// ML-DSA-65 of FIPS 204, about as hard as AES-192.
    MlDsa65,
    /// ML-DSA-87 of FIPS 204, about as hard as AES-256.
    MlDsa87,
}

impl Algorithm {
    /// Every algorithm offered.
    pub const ALL: &'static [Self] = &[
        Self::HS256,
        Self::HS384,
        Self::HS512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::Ed25519,
        Self::ES256K,
        #[cfg(feature = "ed448")]
        Self::Ed448,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// The name in the `alg` header parameter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::ES256K => "ES256K",
            #[cfg(feature = "ed448")]
            Self::Ed448 => "Ed448",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// Whether whoever verifies could also sign (HMAC).
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self.family(), Family::Hmac(_))
    }

    /// The fewest bytes an HMAC secret may have: the hash's output (RFC 7518 §3.2). `None` for the
    /// asymmetric algorithms.
    #[must_use]
    pub const fn min_secret_len(self) -> Option<usize> {
        match self.family() {
            Family::Hmac(hash) => Some(hash.output_len()),
            _ => None,
        }
    }

    pub(crate) const fn family(self) -> Family {
        match self {
            Self::HS256 => Family::Hmac(Hash::Sha256),
            Self::HS384 => Family::Hmac(Hash::Sha384),
            Self::HS512 => Family::Hmac(Hash::Sha512),
            Self::RS256 => Family::RsaPkcs1(Hash::Sha256),
            Self::RS384 => Family::RsaPkcs1(Hash::Sha384),
            Self::RS512 => Family::RsaPkcs1(Hash::Sha512),
            Self::PS256 => Family::RsaPss(Hash::Sha256),
            Self::PS384 => Family::RsaPss(Hash::Sha384),
            Self::PS512 => Family::RsaPss(Hash::Sha512),
            Self::ES256 => Family::Ecdsa(Curve::P256),
            Self::ES384 => Family::Ecdsa(Curve::P384),
            Self::ES512 => Family::Ecdsa(Curve::P521),
            Self::EdDSA | Self::Ed25519 => Family::Ed25519,
            Self::ES256K => Family::Ecdsa(Curve::K256),
            #[cfg(feature = "ed448")]
            Self::Ed448 => Family::Ed448,
            Self::MlDsa44 => Family::MlDsa(MlDsa::L44),
            Self::MlDsa65 => Family::MlDsa(MlDsa::L65),
            Self::MlDsa87 => Family::MlDsa(MlDsa::L87),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    /// Reads the exact name; case matters (RFC 7515 §4.1.1).
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|alg| alg.as_str() == name)
            .ok_or_else(|| Error::AlgNotAllowed { alg: name.into() })
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// What kind of key an algorithm needs, and with which parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Hmac(Hash),
    RsaPkcs1(Hash),
    RsaPss(Hash),
    Ecdsa(Curve),
    Ed25519,
    #[cfg(feature = "ed448")]
    Ed448,
    MlDsa(MlDsa),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A curve of RFC 7518 §6.2.1.1, or secp256k1 (RFC 8812 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    K256,
}

impl Curve {
    pub(crate) const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::K256];

    /// The name in the JWK member `crv`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::K256 => "secp256k1",
        }
    }

    /// Bytes of one coordinate, and of the private scalar.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::P256 | Self::K256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// A parameter set of FIPS 204.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MlDsa {
    L44,
    L65,
    L87,
}

impl MlDsa {
    pub(crate) const ALL: [Self; 3] = [Self::L44, Self::L65, Self::L87];

    /// The algorithm's name, which a JWK of this type always carries (RFC 9964 §4).
    pub(crate) const fn name(self) -> &'static str {
        self.algorithm().as_str()
    }

    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::L44 => Algorithm::MlDsa44,
            Self::L65 => Algorithm::MlDsa65,
            Self::L87 => Algorithm::MlDsa87,
        }
    }

    /// Bytes of the public key (FIPS 204 §4, table 2).
    pub(crate) const fn public_len(self) -> usize {
        match self {
            Self::L44 => 1312,
            Self::L65 => 1952,
            Self::L87 => 2592,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_no_other_case_does() {
        for alg in Algorithm::ALL {
            assert_eq!(alg.as_str().parse::<Algorithm>().unwrap(), *alg);
        }
        for name in ["none", "hs256", "HS256 ", "EDDSA", "", "HS256\0"] {
            assert_eq!(name.parse::<Algorithm>().unwrap_err().code(), "alg_not_allowed");
        }
    }
}
