//! Key agreement: ECDH on the NIST curves and X25519 (RFC 7748), and the Concat KDF
//! (NIST SP 800-56A §5.8.1).

use aws_lc_rs::agreement::{self, Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::alg::Curve;
use crate::{Error, Result, Secret};

/// A curve that keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    P256,
    P384,
    P521,
    X25519,
}

impl Group {
    /// `None` for curves that only sign.
    pub(crate) fn of(curve: Curve) -> Option<Self> {
        match curve {
            Curve::P256 => Some(Self::P256),
            Curve::P384 => Some(Self::P384),
            Curve::P521 => Some(Self::P521),
            Curve::K256 => None,
        }
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::P256 => &ECDH_P256,
            Self::P384 => &ECDH_P384,
            Self::P521 => &ECDH_P521,
            Self::X25519 => &agreement::X25519,
        }
    }
}

/// A private key, parsed once.
pub(crate) struct PrivateKey {
    group: Group,
    key: agreement::PrivateKey,
}

impl PrivateKey {
    pub(crate) fn new(group: Group, scalar: &[u8]) -> Result<Self> {
        agreement::PrivateKey::from_private_key(group.algorithm(), scalar)
            .map(|key| Self { group, key })
            .map_err(|_| Error::InvalidKey("the private key is out of range".into()))
    }

    /// The shared secret with a point of the same group, uncompressed or as RFC 7748 has it. The
    /// library checks that the point is on the curve and that the secret is not zero.
    pub(crate) fn agree(&self, point: &[u8]) -> Option<Secret> {
        let peer = UnparsedPublicKey::new(self.group.algorithm(), point);
        agreement::agree(&self.key, peer, (), |shared| Ok(Secret::new(shared.to_vec()))).ok()
    }
}

/// The public key of an X25519 scalar; `None` unless it has 32 bytes.
pub(crate) fn x25519_public_key(scalar: &[u8]) -> Option<[u8; 32]> {
    let key = agreement::PrivateKey::from_private_key(&agreement::X25519, scalar).ok()?;
    key.compute_public_key().ok()?.as_ref().try_into().ok()
}

/// Derives `len` bytes for the algorithm `name` (RFC 7518 §4.6.2).
pub(crate) fn concat_kdf(
    shared: &Secret,
    name: &str,
    apu: &[u8],
    apv: &[u8],
    len: usize,
) -> Option<Secret> {
    let prefixed = |value: &[u8]| {
        let len = u32::try_from(value.len()).ok()?;
        Some([&len.to_be_bytes(), value].concat())
    };
    let bits = u32::try_from(len.checked_mul(8)?).ok()?;
    let info =
        [prefixed(name.as_bytes())?, prefixed(apu)?, prefixed(apv)?, bits.to_be_bytes().to_vec()]
            .concat();
    let rounds = u32::try_from(len.div_ceil(32)).ok()?;
    // It never grows, so that no copy stays behind.
    let mut out = Zeroizing::new(Vec::with_capacity(32 * len.div_ceil(32)));
    for round in 1..=rounds {
        let mut digest = Sha256::new();
        digest.update(round.to_be_bytes());
        digest.update(shared.expose());
        digest.update(&info);
        out.extend_from_slice(&digest.finalize());
    }
    out.truncate(len);
    Some(Secret::new(core::mem::take(&mut *out)))
}
