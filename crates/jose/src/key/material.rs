//! The numbers a key is made of, between the formats (JWK, PEM, DER) and the prepared keys.

use crate::alg::{Algorithm, Curve, Family, MlDsa};
use crate::{Error, Result, Secret, backend};

/// The fewest bits of an RSA modulus (RFC 7518 §3.3).
const MIN_RSA_BITS: usize = 2048;
/// The most: beyond it one verification would cost too much.
const MAX_RSA_BITS: usize = 8192;

/// A public key whose numbers are in range; curve points are checked when it is prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Public {
    /// Big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// The uncompressed point of SEC1: `04 ‖ x ‖ y`.
    Ec { curve: Curve, point: Vec<u8> },
    /// The 32 bytes of RFC 8032 §5.1.2.
    Ed25519([u8; 32]),
    /// The 57 bytes of RFC 8032 §5.2.2.
    #[cfg(feature = "ed448")]
    Ed448([u8; 57]),
    /// A key for agreement (RFC 7748 §5), which signs nothing.
    X25519([u8; 32]),
    /// The encoded key of FIPS 204 §5.1.
    MlDsa { set: MlDsa, key: Vec<u8> },
}

/// A private or secret key.
pub(crate) enum Private {
    Hmac(Secret),
    Rsa(Box<RsaPrivate>),
    /// Scalar of the curve's length, and the uncompressed point.
    Ec {
        curve: Curve,
        scalar: Secret,
        point: Vec<u8>,
    },
    Ed25519 {
        seed: Secret,
        public: [u8; 32],
    },
    #[cfg(feature = "ed448")]
    Ed448 {
        seed: Secret,
        public: [u8; 57],
    },
    X25519 {
        scalar: Secret,
        public: [u8; 32],
    },
    /// The 32-byte seed of FIPS 204 §5.1, which the whole private key is derived from.
    MlDsa {
        set: MlDsa,
        seed: Secret,
        public: Vec<u8>,
    },
}

/// The components of RFC 8017 §3.2, big-endian without leading zeros.
pub(crate) struct RsaPrivate {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
    pub(crate) d: Secret,
    pub(crate) p: Secret,
    pub(crate) q: Secret,
    pub(crate) dp: Secret,
    pub(crate) dq: Secret,
    pub(crate) qi: Secret,
}

impl Public {
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Result<Self> {
        check_rsa(n, e)?;
        Ok(Self::Rsa { n: n.to_vec(), e: e.to_vec() })
    }

    /// Takes an uncompressed point and checks that it lies on the curve.
    pub(crate) fn ec(curve: Curve, point: Vec<u8>) -> Result<Self> {
        if point.len() != 1 + 2 * curve.len() || point.first() != Some(&4) {
            return Err(Error::InvalidKey(format!(
                "a point on {} must be uncompressed, {} bytes",
                curve.name(),
                1 + 2 * curve.len()
            )));
        }
        let key = Self::Ec { curve, point };
        backend::Verifier::public(ecdsa_of(curve), &key)?;
        Ok(key)
    }

    pub(crate) fn ed25519(x: &[u8]) -> Result<Self> {
        let x = x.try_into().map_err(|_| {
            Error::InvalidKey(format!("an Ed25519 x has 32 bytes, not {}", x.len()))
        })?;
        let key = Self::Ed25519(x);
        backend::Verifier::public(Algorithm::EdDSA, &key)?;
        Ok(key)
    }

    #[cfg(feature = "ed448")]
    pub(crate) fn ed448(x: &[u8]) -> Result<Self> {
        let x = x
            .try_into()
            .map_err(|_| Error::InvalidKey(format!("an Ed448 x has 57 bytes, not {}", x.len())))?;
        let key = Self::Ed448(x);
        backend::Verifier::public(Algorithm::Ed448, &key)?;
        Ok(key)
    }

    pub(crate) fn x25519(x: &[u8]) -> Result<Self> {
        x.try_into()
            .map(Self::X25519)
            .map_err(|_| Error::InvalidKey(format!("an X25519 x has 32 bytes, not {}", x.len())))
    }

    pub(crate) fn mldsa(set: MlDsa, key: &[u8]) -> Result<Self> {
        if key.len() != set.public_len() {
            return Err(Error::InvalidKey(format!(
                "a public key of {} has {} bytes, not {}",
                set.name(),
                set.public_len(),
                key.len()
            )));
        }
        let key = Self::MlDsa { set, key: key.to_vec() };
        backend::Verifier::public(set.algorithm(), &key)?;
        Ok(key)
    }

    pub(crate) fn can_serve(&self, alg: Algorithm) -> bool {
        match (self, alg.family()) {
            (Self::Rsa { .. }, Family::RsaPkcs1(_) | Family::RsaPss(_)) => true,
            (Self::Ec { curve, .. }, Family::Ecdsa(wanted)) => *curve == wanted,
            (Self::Ed25519(_), Family::Ed25519) => true,
            #[cfg(feature = "ed448")]
            (Self::Ed448(_), Family::Ed448) => true,
            (Self::MlDsa { set, .. }, Family::MlDsa(wanted)) => *set == wanted,
            _ => false,
        }
    }

    /// What kind of key this is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "an RSA key",
            Self::Ec { curve: Curve::P256, .. } => "an EC key on P-256",
            Self::Ec { curve: Curve::P384, .. } => "an EC key on P-384",
            Self::Ec { curve: Curve::P521, .. } => "an EC key on P-521",
            Self::Ec { curve: Curve::K256, .. } => "an EC key on secp256k1",
            Self::Ed25519(_) => "an Ed25519 key",
            #[cfg(feature = "ed448")]
            Self::Ed448(_) => "an Ed448 key",
            Self::X25519(_) => "an X25519 key",
            Self::MlDsa { set: MlDsa::L44, .. } => "an ML-DSA-44 key",
            Self::MlDsa { set: MlDsa::L65, .. } => "an ML-DSA-65 key",
            Self::MlDsa { set: MlDsa::L87, .. } => "an ML-DSA-87 key",
        }
    }
}

impl Private {
    /// Takes a scalar, and the uncompressed point where it is known; both must belong together.
    pub(crate) fn ec(curve: Curve, scalar: Secret, point: Option<&[u8]>) -> Result<Self> {
        if scalar.len() != curve.len() {
            return Err(Error::InvalidKey(format!(
                "a private key on {} has {} bytes, not {}",
                curve.name(),
                curve.len(),
                scalar.len()
            )));
        }
        let derived = backend::public_point(curve, scalar.expose()).ok_or_else(|| {
            Error::InvalidKey(format!("the private key is out of range for {}", curve.name()))
        })?;
        if point.is_some_and(|point| point != derived) {
            return Err(Error::InvalidKey(
                "the private and public half do not belong together".into(),
            ));
        }
        Ok(Self::Ec { curve, scalar, point: derived })
    }

    pub(crate) fn ed25519(seed: Secret, public: Option<&[u8]>) -> Result<Self> {
        let derived = backend::ed25519_public_key(seed.expose()).ok_or_else(|| {
            Error::InvalidKey(format!("an Ed25519 seed has 32 bytes, not {}", seed.len()))
        })?;
        if public.is_some_and(|public| public != derived) {
            return Err(Error::InvalidKey(
                "the private and public half do not belong together".into(),
            ));
        }
        Ok(Self::Ed25519 { seed, public: derived })
    }

    #[cfg(feature = "ed448")]
    pub(crate) fn ed448(seed: Secret, public: Option<&[u8]>) -> Result<Self> {
        let derived = backend::ed448::public_key(seed.expose()).ok_or_else(|| {
            Error::InvalidKey(format!("an Ed448 seed has 57 bytes, not {}", seed.len()))
        })?;
        if public.is_some_and(|public| public != derived) {
            return Err(Error::InvalidKey(
                "the private and public half do not belong together".into(),
            ));
        }
        Ok(Self::Ed448 { seed, public: derived })
    }

    pub(crate) fn x25519(scalar: Secret, public: Option<&[u8]>) -> Result<Self> {
        let derived = backend::agreement::x25519_public_key(scalar.expose()).ok_or_else(|| {
            Error::InvalidKey(format!("an X25519 key has 32 bytes, not {}", scalar.len()))
        })?;
        if public.is_some_and(|public| public != derived) {
            return Err(Error::InvalidKey(
                "the private and public half do not belong together".into(),
            ));
        }
        Ok(Self::X25519 { scalar, public: derived })
    }

    pub(crate) fn mldsa(set: MlDsa, seed: Secret, public: Option<&[u8]>) -> Result<Self> {
        let derived = backend::mldsa::public_key(set, seed.expose()).ok_or_else(|| {
            Error::InvalidKey(format!("an {} seed has 32 bytes, not {}", set.name(), seed.len()))
        })?;
        if public.is_some_and(|public| public != derived) {
            return Err(Error::InvalidKey(
                "the private and public half do not belong together".into(),
            ));
        }
        Ok(Self::MlDsa { set, seed, public: derived })
    }

    /// Checks that all components belong together.
    pub(crate) fn rsa(key: RsaPrivate) -> Result<Self> {
        check_rsa(&key.n, &key.e)?;
        let key = Self::Rsa(Box::new(key));
        backend::Signer::new(Algorithm::RS256, &key)?;
        Ok(key)
    }

    /// The public half; `None` for a secret.
    pub(crate) fn public(&self) -> Option<Public> {
        match self {
            Self::Hmac(_) => None,
            Self::Rsa(key) => Some(Public::Rsa { n: key.n.clone(), e: key.e.clone() }),
            Self::Ec { curve, point, .. } => {
                Some(Public::Ec { curve: *curve, point: point.clone() })
            }
            Self::Ed25519 { public, .. } => Some(Public::Ed25519(*public)),
            #[cfg(feature = "ed448")]
            Self::Ed448 { public, .. } => Some(Public::Ed448(*public)),
            Self::X25519 { public, .. } => Some(Public::X25519(*public)),
            Self::MlDsa { set, public, .. } => {
                Some(Public::MlDsa { set: *set, key: public.clone() })
            }
        }
    }

    /// A second copy, asked for by name as with [`Secret::duplicate`].
    pub(crate) fn duplicate(&self) -> Self {
        match self {
            Self::Hmac(secret) => Self::Hmac(secret.duplicate()),
            Self::Rsa(key) => {
                let RsaPrivate { n, e, d, p, q, dp, dq, qi } = key.as_ref();
                Self::Rsa(Box::new(RsaPrivate {
                    n: n.clone(),
                    e: e.clone(),
                    d: d.duplicate(),
                    p: p.duplicate(),
                    q: q.duplicate(),
                    dp: dp.duplicate(),
                    dq: dq.duplicate(),
                    qi: qi.duplicate(),
                }))
            }
            Self::Ec { curve, scalar, point } => {
                Self::Ec { curve: *curve, scalar: scalar.duplicate(), point: point.clone() }
            }
            Self::Ed25519 { seed, public } => {
                Self::Ed25519 { seed: seed.duplicate(), public: *public }
            }
            #[cfg(feature = "ed448")]
            Self::Ed448 { seed, public } => Self::Ed448 { seed: seed.duplicate(), public: *public },
            Self::X25519 { scalar, public } => {
                Self::X25519 { scalar: scalar.duplicate(), public: *public }
            }
            Self::MlDsa { set, seed, public } => {
                Self::MlDsa { set: *set, seed: seed.duplicate(), public: public.clone() }
            }
        }
    }

    /// Refuses an algorithm that this key cannot serve, or is too weak for.
    pub(crate) fn check_for(&self, alg: Algorithm) -> Result<()> {
        match (self, self.public()) {
            (Self::Hmac(secret), _) => check_secret(alg, secret.expose()),
            (_, Some(public)) if public.can_serve(alg) => Ok(()),
            (_, public) => Err(cannot_serve(public.map_or("a key", |key| key.kind()), alg)),
        }
    }
}

pub(crate) fn cannot_serve(kind: &str, alg: Algorithm) -> Error {
    Error::KeyAlgMismatch(format!("{kind} cannot serve {alg}"))
}

/// Refuses a secret that is shorter than the hash's output (RFC 7518 §3.2) or one byte repeated:
/// HMAC pads with zeros, so that such a key equals other, shorter ones.
pub(crate) fn check_secret(alg: Algorithm, secret: &[u8]) -> Result<()> {
    let Some(least) = alg.min_secret_len() else {
        return Err(cannot_serve("a secret", alg));
    };
    if secret.len() < least {
        return Err(Error::WeakKey(format!(
            "a secret of {} bytes; {alg} needs at least {least}",
            secret.len()
        )));
    }
    if secret.iter().all(|byte| Some(byte) == secret.first()) {
        return Err(Error::WeakKey("the secret is one byte repeated".into()));
    }
    Ok(())
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<()> {
    let invalid = |what: &str| Err(Error::InvalidKey(what.into()));
    let (Some(first), Some(last)) = (n.first(), n.last()) else {
        return invalid("the RSA modulus is empty");
    };
    if *first == 0 || e.first() == Some(&0) {
        // RFC 7518 §2: Base64urlUInt has the fewest octets.
        return invalid("an RSA number has leading zeros");
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    if bits < MIN_RSA_BITS {
        return Err(Error::WeakKey(format!("RSA of {bits} bits; {MIN_RSA_BITS} is the minimum")));
    }
    if bits > MAX_RSA_BITS {
        return invalid(&format!("RSA of {bits} bits; {MAX_RSA_BITS} is the maximum"));
    }
    if last % 2 == 0 {
        return invalid("the RSA modulus is even");
    }
    if has_roca_fingerprint(n) {
        return Err(Error::WeakKey("the RSA key comes from a faulty chip (ROCA)".into()));
    }
    match e {
        [] => invalid("the RSA exponent is empty"),
        [1] => invalid("the RSA exponent is 1"),
        [.., last] if last % 2 == 0 => invalid("the RSA exponent is even"),
        // The library's bound is 33 bits; larger ones only make verification slow.
        _ if e.len() > 4 => invalid("the RSA exponent has more than 32 bits"),
        _ => Ok(()),
    }
}

/// Whether the modulus comes from the generator of CVE-2017-15361, whose primes are powers of 65537
/// modulo every small prime, and whose keys can be factored. Others pass by less than 2^-30.
fn has_roca_fingerprint(n: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.iter().all(|prime| {
        let residue = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * 65537 % prime;
            power == residue
        })
    })
}

fn ecdsa_of(curve: Curve) -> Algorithm {
    match curve {
        Curve::P256 => Algorithm::ES256,
        Curve::P384 => Algorithm::ES384,
        Curve::P521 => Algorithm::ES512,
        Curve::K256 => Algorithm::ES256K,
    }
}
