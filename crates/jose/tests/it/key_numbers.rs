//! What a key may be made of: the bounds of RSA, the form of points, halves that belong together, and
//! what stands around a key in DER.

use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::signature::{ML_DSA_44_SIGNING, PqdsaKeyPair};
use der::asn1::{AnyRef, ContextSpecificRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence, TagMode, TagNumber};
use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Error, Result, SystemRng};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use serde_json::{Value, json};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::vectors::base64url;

const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

fn generate(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, None, &mut SystemRng).unwrap()
}

/// The refusal in words, after its code.
fn refusal<T>(result: Result<T>) -> String {
    let error = result.err().unwrap_or_else(|| panic!("accepted"));
    format!("{}: {error}", error.code())
}

fn assert_refused<T>(result: Result<T>, code: &str, why: &str) {
    let said = refusal(result);
    assert!(said.starts_with(code) && said.contains(why), "{said:?}, not {code}: {why}");
}

fn rsa(n: &[u8], e: &[u8]) -> Result<VerifyingKey> {
    let jwk = json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)});
    let jwk = PublicJwk::parse(jwk.to_string().as_bytes())?;
    VerifyingKey::from_jwk(&jwk, Some(Algorithm::RS256))
}

/// An odd number of so many bits, whose other bytes are all different: no modulus that anybody has
/// the factors of, but one to verify with.
fn modulus(bits: usize) -> Vec<u8> {
    let mut n: Vec<u8> = (0..bits.div_ceil(8)).map(|at| (at * 167 % 251) as u8).collect();
    n[0] = 0xff >> (n.len() * 8 - bits);
    *n.last_mut().unwrap() |= 1;
    n
}

#[test]
fn an_rsa_modulus_has_2048_to_8192_bits_is_odd_and_has_no_leading_zeros() {
    const E: &[u8] = &[1, 0, 1];
    for bits in [2048, 2049, 3000, 8191, 8192] {
        rsa(&modulus(bits), E).unwrap_or_else(|error| panic!("{bits}: {error}"));
    }
    assert_refused(rsa(&modulus(2047), E), "weak_key", "RSA of 2047 bits");
    assert_refused(rsa(&modulus(1024), E), "weak_key", "RSA of 1024 bits");
    assert_refused(rsa(&modulus(8193), E), "invalid_key", "RSA of 8193 bits");
    assert_refused(rsa(&modulus(9000), E), "invalid_key", "RSA of 9000 bits");
    assert_refused(rsa(&[], E), "invalid_key", "modulus is empty");
    assert_refused(rsa(&[&[0], &modulus(2048)[..]].concat(), E), "invalid_key", "leading zeros");
    let mut even = modulus(2048);
    *even.last_mut().unwrap() -= 1;
    assert_refused(rsa(&even, E), "invalid_key", "modulus is even");
}

#[test]
fn an_rsa_exponent_is_odd_more_than_1_and_has_32_bits_at_most() {
    let n = modulus(2048);
    for e in [&[3][..], &[17], &[1, 0, 1], &[0xff, 0xff, 0xff, 0xff]] {
        rsa(&n, e).unwrap_or_else(|error| panic!("{e:?}: {error}"));
    }
    assert_refused(rsa(&n, &[]), "invalid_key", "exponent is empty");
    assert_refused(rsa(&n, &[1]), "invalid_key", "exponent is 1");
    assert_refused(rsa(&n, &[2]), "invalid_key", "exponent is even");
    assert_refused(rsa(&n, &[1, 0, 0]), "invalid_key", "exponent is even");
    assert_refused(rsa(&n, &[0, 1, 0, 1]), "invalid_key", "leading zeros");
    assert_refused(rsa(&n, &[1, 0, 0, 0, 1]), "invalid_key", "more than 32 bits");
}

#[test]
fn a_key_tells_what_it_is_when_it_is_asked_for_what_it_cannot() {
    for (alg, kind) in [
        (Algorithm::RS256, "an RSA key"),
        (Algorithm::ES256, "an EC key on P-256"),
        (Algorithm::ES384, "an EC key on P-384"),
        (Algorithm::ES512, "an EC key on P-521"),
        (Algorithm::ES256K, "an EC key on secp256k1"),
        (Algorithm::EdDSA, "an Ed25519 key"),
        (Algorithm::MlDsa44, "an ML-DSA-44 key"),
        (Algorithm::MlDsa65, "an ML-DSA-65 key"),
        (Algorithm::MlDsa87, "an ML-DSA-87 key"),
        #[cfg(feature = "ed448")]
        (Algorithm::Ed448, "an Ed448 key"),
    ] {
        let pkcs8 = generate(alg).export().unwrap();
        for other in Algorithm::ALL.iter().filter(|other| !other.is_symmetric()) {
            let same = other.as_str() == alg.as_str()
                || alg == Algorithm::RS256 && matches!(&other.as_str()[..2], "RS" | "PS")
                || alg == Algorithm::EdDSA && *other == Algorithm::Ed25519;
            let why = format!("{kind} cannot serve {other}");
            if same {
                SigningKey::from_der(*other, pkcs8.expose()).unwrap();
            } else {
                assert_refused(
                    SigningKey::from_der(*other, pkcs8.expose()),
                    "key_alg_mismatch",
                    &why,
                );
                assert_refused(
                    VerifyingKey::from_der(*other, pkcs8.expose()),
                    "key_alg_mismatch",
                    &why,
                );
            }
        }
    }
    let x25519 =
        r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;
    let x25519 = PublicJwk::parse(x25519.as_bytes()).unwrap();
    let refused = VerifyingKey::from_jwk(&x25519, Some(Algorithm::EdDSA));
    assert_refused(refused, "key_alg_mismatch", "an X25519 key cannot serve EdDSA");
}

/// The public key's DER with other parameters, and other bits where they are given.
fn spki_with(key: &SigningKey, parameters: Option<AnyRef<'_>>, bits: Option<&[u8]>) -> Vec<u8> {
    let der = key.verifying_key().to_spki_der().unwrap();
    let mut info = SubjectPublicKeyInfoRef::from_der(&der).unwrap();
    info.algorithm.parameters = parameters;
    if let Some(bits) = bits {
        info.subject_public_key = der::asn1::BitStringRef::from_bytes(bits).unwrap();
    }
    info.to_der().unwrap()
}

#[test]
fn points_are_uncompressed() {
    let key = generate(Algorithm::ES256);
    let der = key.verifying_key().to_spki_der().unwrap();
    let point = SubjectPublicKeyInfoRef::from_der(&der).unwrap();
    let point = point.subject_public_key.raw_bytes().to_vec();
    let curve = AnyRef::from(&PRIME256V1);
    let read = |bits: &[u8]| {
        VerifyingKey::from_der(Algorithm::ES256, &spki_with(&key, Some(curve), Some(bits)))
    };
    read(&point).unwrap();
    // The hybrid form, and the compressed one (SEC1 §2.3.3).
    let odd = point[64] & 1;
    assert_refused(read(&[&[6 | odd], &point[1..]].concat()), "invalid_key", "uncompressed");
    assert_refused(read(&[&[2 | odd], &point[1..33]].concat()), "invalid_key", "uncompressed");
    assert_refused(read(&[&point[..], &[0]].concat()), "invalid_key", "uncompressed");
    assert_refused(read(&point[..64]), "invalid_key", "uncompressed");
}

#[test]
fn parameters_of_an_algorithm_are_those_that_its_rfc_has() {
    let rsa = generate(Algorithm::RS256);
    let read = |parameters| {
        VerifyingKey::from_der(Algorithm::RS256, &spki_with(&rsa, parameters, None)).map(drop)
    };
    // RFC 3279 §2.3.1 has NULL; some writers leave it out.
    assert_eq!(read(Some(AnyRef::NULL)), Ok(()));
    assert_eq!(read(None), Ok(()));
    assert_refused(read(Some(AnyRef::from(&PRIME256V1))), "invalid_key", "has parameters");

    // RFC 8410 §3, RFC 9881 §2.
    for alg in [Algorithm::EdDSA, Algorithm::MlDsa65] {
        let key = generate(alg);
        let read =
            |parameters| VerifyingKey::from_der(alg, &spki_with(&key, parameters, None)).map(drop);
        assert_eq!(read(None), Ok(()));
        assert_refused(read(Some(AnyRef::NULL)), "invalid_key", "has parameters");
        let pkcs8 = key.export().unwrap();
        let mut info = PrivateKeyInfoRef::from_der(pkcs8.expose()).unwrap();
        info.algorithm.parameters = Some(AnyRef::NULL);
        let read = SigningKey::from_der(alg, &info.to_der().unwrap());
        assert_refused(read, "invalid_key", "has parameters");
    }

    let ec = generate(Algorithm::ES256);
    for parameters in [None, Some(AnyRef::NULL)] {
        let read = VerifyingKey::from_der(Algorithm::ES256, &spki_with(&ec, parameters, None));
        assert_refused(read, "invalid_key", "does not name its curve");
    }
}

#[test]
fn a_curve_named_twice_is_the_same_twice() {
    let pkcs8 = generate(Algorithm::ES256).export().unwrap();
    let outer = PrivateKeyInfoRef::from_der(pkcs8.expose()).unwrap();
    let with_inner = |curve: Option<ObjectIdentifier>| {
        let mut inner = EcPrivateKey::from_der(outer.private_key.as_bytes()).unwrap();
        inner.parameters = curve.map(EcParameters::NamedCurve);
        let inner = inner.to_der().unwrap();
        let inner = OctetStringRef::new(&inner).unwrap();
        let whole = PrivateKeyInfoRef::new(outer.algorithm, inner).to_der().unwrap();
        SigningKey::from_der(Algorithm::ES256, &whole).map(drop)
    };
    assert_eq!(with_inner(None), Ok(()));
    assert_eq!(with_inner(Some(PRIME256V1)), Ok(()));
    assert_refused(with_inner(Some(SECP384R1)), "invalid_key", "different curves");
}

/// The choice `both` of RFC 9881 §6.
#[derive(Sequence)]
struct SeedAndExpanded<'a> {
    seed: &'a OctetStringRef,
    expanded: &'a OctetStringRef,
}

#[test]
fn an_ml_dsa_key_is_its_seed_and_an_expanded_key_beside_it_must_be_its_own() {
    let oid = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
    let read = |inner: Vec<u8>| {
        let algorithm = AlgorithmIdentifierRef { oid, parameters: None };
        let inner = OctetStringRef::new(&inner).unwrap();
        let whole = PrivateKeyInfoRef::new(algorithm, inner).to_der().unwrap();
        SigningKey::from_der(Algorithm::MlDsa44, &whole)
    };
    let seed = [7; 32];
    let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &seed).unwrap();
    let expanded = pair.private_key().as_raw_bytes().unwrap();
    let expanded: &[u8] = expanded.as_ref();
    let octets = |bytes| OctetStringRef::new(bytes).unwrap();
    let both = |seed, expanded| {
        SeedAndExpanded { seed: octets(seed), expanded: octets(expanded) }.to_der().unwrap()
    };
    let seed_alone = ContextSpecificRef {
        tag_number: TagNumber(0),
        tag_mode: TagMode::Implicit,
        value: &octets(&seed[..]),
    };
    let alone = read(seed_alone.to_der().unwrap()).unwrap();
    let with_expanded = read(both(&seed[..], expanded)).unwrap();
    assert_eq!(alone.thumbprint(), with_expanded.thumbprint());

    let mut other = expanded.to_vec();
    other[40] ^= 1;
    assert_refused(read(both(&seed[..], &other)), "invalid_key", "do not belong together");
    assert_refused(read(both(&[8; 32], expanded)), "invalid_key", "do not belong together");
    let expanded_alone = octets(expanded).to_der().unwrap();
    assert_refused(read(expanded_alone), "invalid_key", "has no seed");
}

#[test]
fn the_halves_of_a_private_jwk_belong_together() {
    for alg in Algorithm::ALL.iter().filter(|alg| !alg.is_symmetric()) {
        let jwk = |key: &SigningKey| -> Value {
            serde_json::from_slice(key.to_private_jwk().expose_json().expose()).unwrap()
        };
        let (mut one, other) = (jwk(&generate(*alg)), jwk(&generate(*alg)));
        PrivateJwk::parse(one.to_string().as_bytes()).unwrap();
        // The public part of the one, the private part of the other.
        for member in ["x", "y", "n", "pub"] {
            if let Some(value) = other.get(member) {
                one[member] = value.clone();
            }
        }
        let read = PrivateJwk::parse(one.to_string().as_bytes())
            .and_then(|jwk| SigningKey::from_jwk(&jwk, Some(*alg)));
        assert!(matches!(read, Err(Error::InvalidKey(_))), "{alg}");
    }
}

/// Infineon's generator made primes that are powers of 65537 modulo every small prime
/// (CVE-2017-15361), and so are these numbers.
#[test]
fn an_rsa_key_from_a_generator_that_can_be_undone_is_weak() {
    let mut power = vec![1_u8];
    for _ in 0..128 {
        // Times 65537 is itself and itself two bytes further.
        let mut sum = vec![0; power.len() + 2];
        let mut carry = 0_u16;
        for (at, byte) in sum.iter_mut().enumerate() {
            let shifted = at.checked_sub(2).and_then(|at| power.get(at)).copied().unwrap_or(0);
            let digit = carry + u16::from(shifted) + u16::from(*power.get(at).unwrap_or(&0));
            *byte = digit.to_le_bytes()[0];
            carry = digit >> 8;
        }
        assert_eq!(carry, 0);
        power = sum;
    }
    let big_endian = |mut number: Vec<u8>| {
        while number.last() == Some(&0) {
            number.pop();
        }
        number.reverse();
        number
    };
    let n = big_endian(power.clone());
    assert!(n.len() == 257 && n[0] == 1, "65537^128 has 2049 bits");
    assert_refused(rsa(&n, &[1, 0, 1]), "weak_key", "ROCA");
    // Two more is no power of it modulo some of them.
    power[0] += 2;
    rsa(&big_endian(power), &[1, 0, 1]).unwrap();
}
