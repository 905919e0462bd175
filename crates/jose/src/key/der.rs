//! Keys in DER: PKCS#8 (RFC 5208, 5958), SPKI (RFC 5280), PKCS#1 (RFC 8017), SEC1 (RFC 5915, 5480), and those of
//! Edwards curves (RFC 8410) and ML-DSA (RFC 9881).

use der::asn1::{
    AnyRef, BitStringRef, ContextSpecificRef, ObjectIdentifier, OctetStringRef, UintRef,
};
use der::{Decode, Encode, Sequence, TagMode, TagNumber};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::material::{Private, Public, RsaPrivate};
use crate::alg::{Curve, MlDsa};
use crate::{Error, Result, Secret, backend};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
#[cfg(feature = "ed448")]
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");

/// A key found in DER.
pub(crate) enum Found {
    Public(Public),
    Private(Private),
}

/// Reads whichever of the structures the bytes are.
pub(crate) fn any(bytes: &[u8]) -> Result<Found> {
    if SubjectPublicKeyInfoRef::from_der(bytes).is_ok() {
        return spki(bytes).map(Found::Public);
    }
    if PrivateKeyInfoRef::from_der(bytes).is_ok() {
        return pkcs8(bytes).map(Found::Private);
    }
    if EcPrivateKey::from_der(bytes).is_ok() {
        return sec1(bytes).map(Found::Private);
    }
    if RsaPrivateKeyRef::from_der(bytes).is_ok() {
        return pkcs1_private(bytes).map(Found::Private);
    }
    if RsaPublicKeyRef::from_der(bytes).is_ok() {
        return pkcs1_public(bytes).map(Found::Public);
    }
    Err(invalid("the DER is no PKCS#8, SPKI, PKCS#1 or SEC1 key"))
}

/// Reads a SubjectPublicKeyInfo.
pub(crate) fn spki(bytes: &[u8]) -> Result<Public> {
    let info = SubjectPublicKeyInfoRef::from_der(bytes)
        .map_err(|_| invalid("not a SubjectPublicKeyInfo"))?;
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or_else(|| invalid("the public key is not a whole number of bytes"))?;
    match info.algorithm.oid {
        RSA_ENCRYPTION => {
            require_null_parameters(&info.algorithm)?;
            pkcs1_public(key)
        }
        EC_PUBLIC_KEY => Public::ec(named_curve(&info.algorithm)?, key.to_vec()),
        ED25519 => {
            require_no_parameters(&info.algorithm)?;
            Public::ed25519(key)
        }
        X25519 => {
            require_no_parameters(&info.algorithm)?;
            Public::x25519(key)
        }
        #[cfg(feature = "ed448")]
        ED448 => {
            require_no_parameters(&info.algorithm)?;
            Public::ed448(key)
        }
        oid => {
            let set = mldsa_of(oid)?;
            require_no_parameters(&info.algorithm)?;
            Public::mldsa(set, key)
        }
    }
}

/// Reads a PKCS#8 private key, version 1 or 2.
pub(crate) fn pkcs8(bytes: &[u8]) -> Result<Private> {
    let info =
        PrivateKeyInfoRef::from_der(bytes).map_err(|_| invalid("not a PKCS#8 private key"))?;
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        RSA_ENCRYPTION => {
            require_null_parameters(&info.algorithm)?;
            pkcs1_private(key)
        }
        EC_PUBLIC_KEY => {
            let curve = named_curve(&info.algorithm)?;
            let inner = ec_private(key)?;
            if inner.parameters.is_some_and(|inner| inner != parameters(curve)) {
                return Err(invalid("PKCS#8 and the key inside name different curves"));
            }
            Private::ec(curve, scalar(curve, inner.private_key)?, inner.public_key)
        }
        ED25519 => {
            require_no_parameters(&info.algorithm)?;
            let public = info.public_key.as_ref().map(BitStringRef::raw_bytes);
            Private::ed25519(edwards_seed(key)?, public)
        }
        X25519 => {
            require_no_parameters(&info.algorithm)?;
            let public = info.public_key.as_ref().map(BitStringRef::raw_bytes);
            Private::x25519(edwards_seed(key)?, public)
        }
        #[cfg(feature = "ed448")]
        ED448 => {
            require_no_parameters(&info.algorithm)?;
            let public = info.public_key.as_ref().map(BitStringRef::raw_bytes);
            Private::ed448(edwards_seed(key)?, public)
        }
        oid => {
            let set = mldsa_of(oid)?;
            require_no_parameters(&info.algorithm)?;
            let public = info.public_key.as_ref().map(BitStringRef::raw_bytes);
            Private::mldsa(set, mldsa_seed(set, key)?, public)
        }
    }
}

/// Reads an ECPrivateKey, which must name its curve.
pub(crate) fn sec1(bytes: &[u8]) -> Result<Private> {
    let key = ec_private(bytes)?;
    let curve = key
        .parameters
        .as_ref()
        .and_then(|named| named.named_curve())
        .ok_or_else(|| invalid("the EC key does not name its curve"))
        .and_then(curve_of)?;
    Private::ec(curve, scalar(curve, key.private_key)?, key.public_key)
}

/// Reads an RSAPublicKey.
pub(crate) fn pkcs1_public(bytes: &[u8]) -> Result<Public> {
    let key = RsaPublicKeyRef::from_der(bytes).map_err(|_| invalid("not an RSAPublicKey"))?;
    Public::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
}

/// Reads an RSAPrivateKey of two primes.
pub(crate) fn pkcs1_private(bytes: &[u8]) -> Result<Private> {
    let key = RsaPrivateKeyRef::from_der(bytes).map_err(|_| invalid("not an RSAPrivateKey"))?;
    if key.other_prime_infos.is_some() {
        return Err(invalid("RSA keys of more than two primes are not supported"));
    }
    let secret = |number: &UintRef<'_>| Secret::new(number.as_bytes().to_vec());
    Private::rsa(RsaPrivate {
        n: key.modulus.as_bytes().to_vec(),
        e: key.public_exponent.as_bytes().to_vec(),
        d: secret(&key.private_exponent),
        p: secret(&key.prime1),
        q: secret(&key.prime2),
        dp: secret(&key.exponent1),
        dq: secret(&key.exponent2),
        qi: secret(&key.coefficient),
    })
}

/// Writes a SubjectPublicKeyInfo.
pub(crate) fn to_spki(key: &Public) -> Result<Vec<u8>> {
    let curve;
    let rsa;
    let (algorithm, bits): (AlgorithmIdentifierRef<'_>, &[u8]) = match key {
        Public::Rsa { n, e } => {
            rsa = RsaPublicKeyRef { modulus: uint(n)?, public_exponent: uint(e)? }
                .to_der()
                .map_err(|_| WRITING)?;
            (identifier(RSA_ENCRYPTION, Some(AnyRef::NULL)), &rsa)
        }
        Public::Ec { curve: named, point } => {
            curve = oid_of(*named);
            (identifier(EC_PUBLIC_KEY, Some(AnyRef::from(&curve))), point)
        }
        Public::Ed25519(x) => (identifier(ED25519, None), x),
        #[cfg(feature = "ed448")]
        Public::Ed448(x) => (identifier(ED448, None), x),
        Public::X25519(x) => (identifier(X25519, None), x),
        Public::MlDsa { set, key } => (identifier(mldsa_oid(*set), None), key),
    };
    SubjectPublicKeyInfoRef {
        algorithm,
        subject_public_key: BitStringRef::from_bytes(bits).map_err(|_| WRITING)?,
    }
    .to_der()
    .map_err(|_| WRITING)
}

/// Writes PKCS#8, version 1, as every reader takes it; `None` for a secret.
pub(crate) fn to_pkcs8(key: &Private) -> Result<Option<Secret>> {
    let curve;
    let (algorithm, inner) = match key {
        Private::Hmac(_) => return Ok(None),
        Private::Rsa(key) => {
            let RsaPrivate { n, e, d, p, q, dp, dq, qi } = key.as_ref();
            let der = RsaPrivateKeyRef {
                modulus: uint(n)?,
                public_exponent: uint(e)?,
                private_exponent: uint(d.expose())?,
                prime1: uint(p.expose())?,
                prime2: uint(q.expose())?,
                exponent1: uint(dp.expose())?,
                exponent2: uint(dq.expose())?,
                coefficient: uint(qi.expose())?,
                other_prime_infos: None,
            }
            .to_der()
            .map_err(|_| WRITING)?;
            (identifier(RSA_ENCRYPTION, Some(AnyRef::NULL)), Secret::new(der))
        }
        Private::Ec { curve: named, scalar, point } => {
            curve = oid_of(*named);
            let der = EcPrivateKey {
                private_key: scalar.expose(),
                parameters: None,
                public_key: Some(point),
            }
            .to_der()
            .map_err(|_| WRITING)?;
            (identifier(EC_PUBLIC_KEY, Some(AnyRef::from(&curve))), Secret::new(der))
        }
        Private::Ed25519 { seed, .. } => (identifier(ED25519, None), octet_string(seed)?),
        #[cfg(feature = "ed448")]
        Private::Ed448 { seed, .. } => (identifier(ED448, None), octet_string(seed)?),
        Private::X25519 { scalar, .. } => (identifier(X25519, None), octet_string(scalar)?),
        Private::MlDsa { set, seed, .. } => {
            let value = OctetStringRef::new(seed.expose()).map_err(|_| WRITING)?;
            let der = ContextSpecificRef {
                tag_number: TagNumber(0),
                tag_mode: TagMode::Implicit,
                value: &value,
            };
            (identifier(mldsa_oid(*set), None), Secret::new(der.to_der().map_err(|_| WRITING)?))
        }
    };
    let inner = OctetStringRef::new(inner.expose()).map_err(|_| WRITING)?;
    let der = PrivateKeyInfoRef::new(algorithm, inner).to_der().map_err(|_| WRITING)?;
    Ok(Some(Secret::new(der)))
}

const WRITING: Error = Error::Backend("writing DER");

fn identifier(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> AlgorithmIdentifierRef<'_> {
    AlgorithmIdentifierRef { oid, parameters }
}

fn uint(bytes: &[u8]) -> Result<UintRef<'_>> {
    UintRef::new(bytes).map_err(|_| WRITING)
}

/// RFC 8410 §7: the seed is an OCTET STRING inside the one of PKCS#8.
fn edwards_seed(key: &[u8]) -> Result<Secret> {
    let seed = <&OctetStringRef>::from_der(key)
        .map_err(|_| invalid("the seed of the Edwards curve is not an OCTET STRING"))?;
    Ok(Secret::new(seed.as_bytes().to_vec()))
}

fn octet_string(seed: &Secret) -> Result<Secret> {
    let der = OctetStringRef::new(seed.expose()).and_then(|seed| seed.to_der());
    der.map(Secret::new).map_err(|_| WRITING)
}

/// The choice `both` of RFC 9881 §6.
#[derive(Sequence)]
struct SeedAndExpanded<'a> {
    seed: &'a OctetStringRef,
    expanded: &'a OctetStringRef,
}

/// RFC 9881 §6: the seed, alone or with the expanded key, which must then be the seed's own.
fn mldsa_seed(set: MlDsa, key: &[u8]) -> Result<Secret> {
    /// `[0] IMPLICIT OCTET STRING` of 32 bytes.
    const SEED: [u8; 2] = [0x80, 0x20];
    if let Some(seed) = key.strip_prefix(&SEED) {
        return Ok(Secret::new(seed.to_vec()));
    }
    let both = SeedAndExpanded::from_der(key)
        .map_err(|_| invalid("the ML-DSA key has no seed; expanded keys alone are not read"))?;
    let seed = both.seed.as_bytes();
    if !backend::mldsa::expands_to(set, seed, both.expanded.as_bytes()) {
        return Err(invalid("the ML-DSA seed and the expanded key do not belong together"));
    }
    Ok(Secret::new(seed.to_vec()))
}

/// RFC 9881 §2.
fn mldsa_oid(set: MlDsa) -> ObjectIdentifier {
    match set {
        MlDsa::L44 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
        MlDsa::L65 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
        MlDsa::L87 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
    }
}

fn mldsa_of(oid: ObjectIdentifier) -> Result<MlDsa> {
    MlDsa::ALL.into_iter().find(|set| mldsa_oid(*set) == oid).ok_or_else(|| unsupported(oid))
}

fn ec_private(bytes: &[u8]) -> Result<EcPrivateKey<'_>> {
    EcPrivateKey::from_der(bytes).map_err(|_| invalid("not an EC private key"))
}

/// RFC 5915 §3 fixes the length, but some writers drop leading zeros.
fn scalar(curve: Curve, bytes: &[u8]) -> Result<Secret> {
    let Some(missing) = curve.len().checked_sub(bytes.len()) else {
        return Err(invalid("the EC private key is longer than its curve"));
    };
    let mut padded = vec![0; missing];
    padded.reserve_exact(bytes.len());
    padded.extend_from_slice(bytes);
    Ok(Secret::new(padded))
}

fn named_curve(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Curve> {
    algorithm
        .parameters
        .and_then(|named| named.decode_as::<ObjectIdentifier>().ok())
        .ok_or_else(|| invalid("the EC key does not name its curve"))
        .and_then(curve_of)
}

fn curve_of(oid: ObjectIdentifier) -> Result<Curve> {
    Curve::ALL.into_iter().find(|curve| oid_of(*curve) == oid).ok_or_else(|| unsupported(oid))
}

fn oid_of(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        Curve::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        Curve::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        Curve::K256 => ObjectIdentifier::new_unwrap("1.3.132.0.10"),
    }
}

fn parameters(curve: Curve) -> EcParameters {
    EcParameters::NamedCurve(oid_of(curve))
}

/// RFC 3279 §2.3.1.
fn require_null_parameters(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<()> {
    match algorithm.parameters {
        Some(parameters) if !parameters.is_null() => {
            Err(invalid("the RSA algorithm has parameters"))
        }
        _ => Ok(()),
    }
}

/// RFC 8410 §3.
fn require_no_parameters(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<()> {
    match algorithm.parameters {
        Some(_) => Err(invalid("the algorithm has parameters, which its keys have not")),
        None => Ok(()),
    }
}

fn invalid(what: &str) -> Error {
    Error::InvalidKey(what.into())
}

fn unsupported(oid: ObjectIdentifier) -> Error {
    Error::InvalidKey(format!("keys of the type {oid} are not supported"))
}
