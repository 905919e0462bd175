//! The fixtures of joserfc: tokens in every serialisation, and keys in the formats that it reads.

use std::path::Path;

use keytide_jose::jwe::UnverifiedJwe;
use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::{KeySet, SigningKey, VerifyingKey, parse_any};
use keytide_jose::{Algorithm, Limits, jws};
use serde_json::{Map, Value};

use crate::cookbook::{Key, decrypt, demand, read, verify};
use crate::vectors;

const FOLDER: &str = "authlib-joserfc/tests";
const FORMS: [&str; 3] = ["compact", "flattened_json", "general_json"];

fn fixture(folder: &Path, name: &str) -> Value {
    read(&folder.join("fixtures").join(name))
}

fn key_file(folder: &Path, name: &Value) -> Vec<u8> {
    std::fs::read(folder.join("keys").join(name.as_str().unwrap())).unwrap()
}

/// A key as [`verify`] takes it: a JWK, or the text of a PEM.
fn key(folder: &Path, name: &Value) -> Value {
    let text = String::from_utf8(key_file(folder, name)).unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

#[test]
fn signed_tokens_verify_in_each_serialisation_except_under_secrets_of_a_few_bytes() {
    let Some(folder) = vectors::shared(FOLDER) else { return };
    let rfc7515: Value = serde_json::from_str(&vectors::own("rfc/jws.json")).unwrap();
    let (mut ran, mut weak) = (0, 0);
    for file in ["jws_examples.json", "jws_rfc7520.json", "jws_rfc7797.json", "jwt_use_jws.json"] {
        let suite = fixture(&folder, file);
        for test in suite["tests"].as_array().unwrap() {
            let name = format!("{file} {}", test["name"]);
            let payload = test.get("payload").unwrap_or(&suite["payload"]);
            let payload = payload.as_str().map_or_else(|| payload.to_string(), str::to_owned);
            for token in FORMS.iter().chain(&["token"]).map(|form| &test[*form]) {
                if token.is_null() {
                    continue;
                }
                if let Some(secret) = test["secret"].as_str() {
                    let alg: Algorithm = test["name"].as_str().unwrap().parse().unwrap();
                    let short = VerifyingKey::from_secret(alg, secret.as_bytes()).unwrap_err();
                    assert_eq!(short.code(), "weak_key", "{name}");
                    weak += 1;
                    continue;
                }
                // RFC 7797 signs with the secret of RFC 7515 A.1.
                let key = match test.get("public_key") {
                    Some(file) => key(&folder, file),
                    None => rfc7515["examples"][0]["key"].clone(),
                };
                // A JWT of joserfc is JSON as Python writes it.
                let found = verify(token, payload.as_bytes(), &[key]);
                let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(
                    String::from_utf8(found).unwrap().replace(' ', ""),
                    payload.replace(' ', "")
                );
                ran += 1;
            }
        }
    }
    println!("ran {ran}; {weak} under secrets that are refused");
    assert!(ran >= 20);
}

#[test]
fn encrypted_tokens_decrypt_in_each_serialisation() {
    let Some(folder) = vectors::shared(FOLDER) else { return };
    let plaintext = &read(
        &folder.join("../../ietf-jose-cookbook/jwe/5_6.direct_encryption_using_aes-gcm.json"),
    );
    let plaintext = plaintext["input"]["plaintext"].as_str().unwrap();
    let mut ran = 0;
    for test in fixture(&folder, "jwe_rfc7520.json")["tests"].as_array().unwrap() {
        let jwk = key(&folder, &test["key"]);
        for token in FORMS.iter().map(|form| &test[*form]).filter(|token| !token.is_null()) {
            let name = format!("{} {}", test["name"], test["protected"]["alg"]);
            demand(&name, decrypt(token, &Key::Jwk(&jwk)), plaintext.as_bytes());
            ran += 1;
        }
    }
    assert!(ran >= 10);
}

/// ECDH-1PU is a draft that never became an RFC.
#[test]
fn key_agreement_with_a_sender_is_not_offered() {
    let Some(folder) = vectors::shared(FOLDER) else { return };
    for test in fixture(&folder, "jwe_compact_ecdh_1pu.json")["tests"].as_array().unwrap() {
        let token = test["value"].as_str().unwrap();
        let error = UnverifiedJwe::parse(token, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "alg_not_allowed");
    }
}

/// The two halves of each pair of files, and what they sign with; Ed448 only where it is compiled in.
const PAIRS: [(&str, &str, &[&str]); 7] = [
    ("ec-p256-private.pem", "ec-p256-public.pem", &["ES256"]),
    ("ec-p384-private.pem", "ec-p384-public.pem", &["ES384"]),
    ("ec-p512-private.pem", "ec-p512-public.pem", &["ES512"]),
    ("ec-secp256k1-private.pem", "ec-secp256k1-public.pem", &["ES256K"]),
    ("okp-ed25519-private.json", "okp-ed25519-public.json", &["EdDSA", "Ed25519"]),
    ("okp-ed448-private.pem", "okp-ed448-public.pem", &["Ed448"]),
    ("rsa-openssl-private.pem", "rsa-openssl-public.pem", &["RS256", "PS256", "PS384", "PS512"]),
];

#[test]
fn one_half_of_each_pair_verifies_what_the_other_signs() {
    let Some(folder) = vectors::shared(FOLDER) else { return };
    for (private, public, algorithms) in PAIRS {
        let (private, public) =
            (key_file(&folder, &private.into()), key_file(&folder, &public.into()));
        for name in algorithms {
            let Ok(alg) = name.parse::<Algorithm>() else {
                assert!(*name == "Ed448" && !cfg!(feature = "ed448"));
                continue;
            };
            let signer = match PrivateJwk::parse(&private) {
                Ok(jwk) => SigningKey::from_jwk(&jwk, Some(alg)),
                Err(_) => SigningKey::from_pem(alg, &private),
            };
            let signer = signer.unwrap();
            let token = jws::sign_compact(&signer, &Map::new(), b"hello").unwrap();
            let keys: KeySet = parse_any(&public, &[alg]).unwrap();
            let read = jws::Unverified::parse(&token, &Limits::default()).unwrap();
            assert_eq!(read.verify_any(&keys).unwrap().payload(), b"hello", "{name}");
        }
    }
}

#[test]
fn keys_are_read_as_jwks_and_neither_certificates_nor_ssh_files_are_keys() {
    let Some(folder) = vectors::shared(FOLDER) else { return };
    for name in [
        "RFC7516-A.1.3.json",
        "RFC7516-A.2.3.json",
        "RFC7520-EC-108.json",
        "RFC7520-EC-120.json",
        "RFC7520-RSA-73.json",
        "RFC7520-RSA-84.json",
        "RFC7520-oct-130.json",
        "RFC7520-oct-enc.json",
        "ec-p256-alice.json",
        "ec-p256-bob.json",
        "okp-x25519-alice.json",
        "okp-x25519-bob.json",
        "okp-x25519-charlie.json",
    ] {
        let jwk = PrivateJwk::parse_for_encryption(&key_file(&folder, &name.into()));
        let jwk = jwk.unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Some(public) = jwk.public() {
            assert_eq!(PublicJwk::parse(public.to_string().as_bytes()).unwrap(), public);
        }
    }
    for name in [
        // Nobody has checked what a certificate says.
        "firebase-cert.pem",
        "ssh-ecdsa-public.pem",
        "ssh-ed25519-public.pem",
        "ssh-rsa-private.pem",
        "ssh-rsa-public.pem",
    ] {
        let bytes = key_file(&folder, &name.into());
        let error = parse_any(&bytes, Algorithm::ALL).unwrap_err();
        assert_eq!(error.code(), "invalid_key", "{name}");
        // Nor is the text of a key a secret, which would let whoever knows it sign.
        assert!(SigningKey::from_secret(Algorithm::HS256, &bytes).is_err(), "{name}");
    }
}
