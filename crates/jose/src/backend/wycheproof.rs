//! Project Wycheproof's files for the primitives of encryption, which no token can carry as they are:
//! its associated data is a header, and its content key is random.
//!
//! Of that collection as it is in `KEYTIDE_VECTORS`, nothing here or in the integration tests runs:
//! - `rsa_pkcs1_*`: RSAES-PKCS1-v1_5 is not offered (RFC 8725 §3.2);
//! - `x448_jwk`: X448 is not offered, having no reviewed library;
//! - `chacha20_poly1305`, `xchacha20_poly1305`: no RFC gives them a name in JOSE;
//! - `hkdf_sha256`: no algorithm of JOSE derives with HKDF;
//! - `primality`: whether the factors of an RSA key are prime is the library's to judge, key by key.
#![cfg(test)]
#![expect(clippy::indexing_slicing, reason = "the files have what is looked for")]

use core::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use serde_json::Value;

use super::agreement::{Group, PrivateKey};
use super::candidate::Candidate;
use super::wrap::{Oaep, OaepPrivate};
use super::{content, key_wrap, wrap};
use crate::alg::Hash;
use crate::jwe::ContentAlgorithm;
use crate::jwk::{PrivateJwk, PublicJwk};
use crate::key::material::{Private, Public};
use crate::{Error, Secret};

#[path = "../../tests/it/vectors.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod vectors;

/// Whether a test is for us at all, and then what came out: `None` where it was refused.
enum Verdict {
    NotJose,
    Came(Option<Vec<u8>>),
}

/// Runs every test of a file; what comes out of a valid one is its `expected` member.
fn each(file: &str, expected: &str, mut run: impl FnMut(&Value, &Value) -> Verdict) {
    let Some(suite) = vectors::shared_json(&format!("wycheproof/testvectors_v1/{file}")) else {
        return;
    };
    let (mut ran, mut not_jose) = (0, 0);
    for group in suite["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let about = format!("{file} {} ({})", test["tcId"], test["comment"]);
            let Verdict::Came(came) = run(group, test) else {
                not_jose += 1;
                continue;
            };
            ran += 1;
            match (test["result"].as_str().unwrap(), came) {
                ("invalid", came) => assert_eq!(came, None, "{about}"),
                ("valid", came) => assert_eq!(came, Some(hex(&test[expected])), "{about}"),
                // Either may be, but nothing else may come out.
                (_, came) => {
                    assert!(came.is_none_or(|came| came == hex(&test[expected])), "{about}")
                }
            }
        }
    }
    println!("{file}: {ran} ran, {not_jose} with what JOSE has not");
    assert!(ran > 0, "{file}");
}

fn hex(value: &Value) -> Vec<u8> {
    vectors::unhex(value.as_str().unwrap())
}

/// The key where it is whole: it then takes the place of two substitutes.
fn whole(candidate: impl Fn() -> Candidate, len: usize) -> Option<Vec<u8>> {
    let [first, second] =
        [0, 0xff].map(|byte| candidate().or(&Secret::new(vec![byte; len])).expose().to_vec());
    (first == second).then_some(first)
}

#[test]
fn aes_key_wrap() {
    each("aes_wrap_test.json", "msg", |_, test| {
        let (kek, wrapped, msg) = (hex(&test["key"]), hex(&test["ct"]), hex(&test["msg"]));
        if test["result"] == "valid" {
            assert_eq!(key_wrap::wrap(&kek, &msg).unwrap(), wrapped, "{}", test["tcId"]);
        }
        let len = wrapped.len().saturating_sub(8);
        // Nothing of no length is in the place of nothing.
        Verdict::Came(whole(|| key_wrap::unwrap(&kek, &wrapped), len).filter(|key| !key.is_empty()))
    });
}

#[test]
fn aes_gcm_with_the_nonce_and_tag_of_jose() {
    each("aes_gcm_test.json", "msg", |group, test| {
        let enc = match group["keySize"].as_u64() {
            Some(128) => ContentAlgorithm::A128GCM,
            Some(192) => ContentAlgorithm::A192GCM,
            _ => ContentAlgorithm::A256GCM,
        };
        let outcome = open(enc, test);
        // RFC 7518 §5.3.
        if group["ivSize"] != 96 || group["tagSize"] != 128 {
            assert_eq!(outcome, None, "{}", test["tcId"]);
            return Verdict::NotJose;
        }
        let [key, iv, wrapped, tag] = ["key", "iv", "ct", "tag"].map(|name| hex(&test[name]));
        if test["aad"] == "" && !wrapped.is_empty() {
            let unwrapped = whole(|| content::unwrap_gcm(&key, &iv, &wrapped, &tag), wrapped.len());
            assert_eq!(unwrapped, outcome, "{}", test["tcId"]);
        }
        Verdict::Came(outcome)
    });
}

#[test]
fn aes_cbc_with_hmac() {
    for (file, enc) in [
        ("a128cbc_hs256_test.json", ContentAlgorithm::A128CbcHs256),
        ("a192cbc_hs384_test.json", ContentAlgorithm::A192CbcHs384),
        ("a256cbc_hs512_test.json", ContentAlgorithm::A256CbcHs512),
    ] {
        each(file, "msg", |_, test| Verdict::Came(open(enc, test)));
    }
}

/// Decrypts, and encrypts again what came out.
fn open(enc: ContentAlgorithm, test: &Value) -> Option<Vec<u8>> {
    let [key, iv, aad, ciphertext, tag] =
        ["key", "iv", "aad", "ct", "tag"].map(|name| hex(&test[name]));
    let plaintext = content::open(enc, &key, &iv, &aad, &ciphertext, &tag)?;
    let sealed = content::seal(enc, &key, &iv, &aad, &plaintext).unwrap();
    assert_eq!((sealed.ciphertext, sealed.tag), (ciphertext, tag), "{}", test["tcId"]);
    Some(plaintext.to_vec())
}

#[test]
fn key_agreement_between_jwks() {
    for file in [
        "ecdh_secp256r1_webcrypto_test.json",
        "ecdh_secp384r1_webcrypto_test.json",
        "ecdh_secp521r1_webcrypto_test.json",
        "x25519_jwk_test.json",
    ] {
        each(file, "shared", |_, test| {
            Verdict::Came(agree(&test["private"], &test["public"]).ok().flatten())
        });
    }
}

fn agree(private: &Value, public: &Value) -> Result<Option<Vec<u8>>, Error> {
    let private = PrivateJwk::parse_for_encryption(private.to_string().as_bytes())?;
    let public = PublicJwk::parse(public.to_string().as_bytes())?;
    let (own, key) = match private.material() {
        Private::Ec { curve, scalar, .. } => (Group::of(*curve), scalar),
        Private::X25519 { scalar, .. } => (Some(Group::X25519), scalar),
        _ => return Ok(None),
    };
    let (theirs, point) = match public.material() {
        Public::Ec { curve, point } => (Group::of(*curve), &point[..]),
        Public::X25519(x) => (Some(Group::X25519), &x[..]),
        _ => return Ok(None),
    };
    let Some(group) = own.filter(|_| own == theirs) else { return Ok(None) };
    let shared = PrivateKey::new(group, key.expose())?.agree(point);
    Ok(shared.map(|shared| shared.expose().to_vec()))
}

#[test]
fn rsa_oaep_with_the_hashes_of_jose_and_no_label() {
    for file in [
        "rsa_oaep_2048_sha1_mgf1sha1_test.json",
        "rsa_oaep_2048_sha256_mgf1sha256_test.json",
        "rsa_oaep_misc_test.json",
    ] {
        each(file, "msg", |group, test| {
            let oaep = match group["sha"].as_str().unwrap() {
                "SHA-1" => Oaep::Sha1,
                "SHA-256" => Oaep::Sha256,
                "SHA-384" => Oaep::Sha384,
                "SHA-512" => Oaep::Sha512,
                _ => return Verdict::NotJose,
            };
            let bits = group["keySize"].as_u64().unwrap();
            let pkcs8 = Secret::new(hex(&group["privateKeyPkcs8"]));
            let Ok(key) = OaepPrivate::from_pkcs8(&pkcs8) else {
                assert!(bits < 2048, "{}", test["tcId"]);
                return Verdict::NotJose;
            };
            let (encrypted, msg) = (hex(&test["ct"]), hex(&test["msg"]));
            let came = whole(|| key.decrypt(oaep, &encrypted), msg.len());
            if group["sha"] != group["mgfSha"] || test["label"] != "" {
                assert!(came.is_none_or(|key| key.is_empty()), "{}", test["tcId"]);
                return Verdict::NotJose;
            }
            // Whether nothing was encrypted or nothing came out is one to us: no content key is empty.
            if msg.is_empty() { Verdict::NotJose } else { Verdict::Came(came) }
        });
    }
}

#[test]
fn pbkdf2() {
    for (file, hash) in [
        ("pbkdf2_hmacsha256_test.json", Hash::Sha256),
        ("pbkdf2_hmacsha384_test.json", Hash::Sha384),
        ("pbkdf2_hmacsha512_test.json", Hash::Sha512),
    ] {
        each(file, "dk", |_, test| {
            let len = usize::try_from(test["dkLen"].as_u64().unwrap()).unwrap();
            Verdict::Came(Some(derive(hash, test, len).expose().to_vec()))
        });
    }
}

/// PBES2 of PKCS #5, which shares its key derivation with that of JOSE and then encrypts at once.
#[test]
fn pbkdf2_under_the_pbes2_of_pkcs5() {
    for (file, hash, len) in [
        ("pbes2_hmacsha256_aes_128_test.json", Hash::Sha256, 16),
        ("pbes2_hmacsha256_aes_256_test.json", Hash::Sha256, 32),
        ("pbes2_hmacsha512_aes_128_test.json", Hash::Sha512, 16),
        ("pbes2_hmacsha512_aes_256_test.json", Hash::Sha512, 32),
    ] {
        each(file, "msg", |_, test| {
            let key = derive(hash, test, len);
            let algorithm = if len == 16 { &AES_128 } else { &AES_256 };
            let key = UnboundCipherKey::new(algorithm, key.expose()).unwrap();
            let iv: [u8; 16] = hex(&test["iv"]).try_into().unwrap();
            let mut plaintext = hex(&test["ct"]);
            let opened = PaddedBlockDecryptingKey::cbc_pkcs7(key)
                .unwrap()
                .decrypt(&mut plaintext, DecryptionContext::Iv128(FixedLength::from(iv)))
                .map(|opened| opened.to_vec());
            Verdict::Came(opened.ok())
        });
    }
}

fn derive(hash: Hash, test: &Value, len: usize) -> Secret {
    let count = u32::try_from(test["iterationCount"].as_u64().unwrap()).unwrap();
    let count = NonZeroU32::new(count).unwrap();
    wrap::pbkdf2(hash, &hex(&test["password"]), &hex(&test["salt"]), count, len)
}
