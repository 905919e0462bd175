//! Project Wycheproof: the primitives under the JOSE algorithms, and JOSE tokens and keys.

use keytide_jose::jwe::{DecryptOptions, DecryptionKey, UnverifiedJwe};
use keytide_jose::jwk::PrivateJwk;
use keytide_jose::key::{SigningKey, VerifyingKey, parse_any};
use keytide_jose::{Algorithm, Limits, jws};
use serde_json::Value;

use crate::vectors;

const FOLDER: &str = "wycheproof/testvectors_v1";

/// Runs every test of a file through `verify`, which gets the group and the test.
fn each(file: &str, mut verify: impl FnMut(&Value, &Value) -> Verdict) {
    let Some(suite) = vectors::shared_json(&format!("{FOLDER}/{file}")) else { return };
    let (mut ran, mut skipped) = (0, 0);
    for group in suite["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let expected = test["result"].as_str().unwrap();
            let about = format!("{file} {} ({})", test["tcId"], test["comment"]);
            match (verify(group, test), expected) {
                (Verdict::Skipped, _) => skipped += 1,
                (Verdict::Accepted, "invalid") => panic!("accepted {about}"),
                (Verdict::Refused(why), "valid") => panic!("refused {about}: {why}"),
                _ => ran += 1,
            }
        }
    }
    println!("{file}: {ran} ran, {skipped} skipped");
    assert!(ran + skipped > 0, "{file}");
}

enum Verdict {
    Accepted,
    Refused(String),
    /// Not a question for this crate, such as a hash that JOSE does not have.
    Skipped,
}

fn verdict<T>(result: keytide_jose::Result<T>) -> Verdict {
    match result {
        Ok(_) => Verdict::Accepted,
        Err(error) => Verdict::Refused(error.code().to_owned()),
    }
}

fn hex(value: &Value) -> Vec<u8> {
    vectors::unhex(value.as_str().unwrap())
}

fn signature(alg: Algorithm, group: &Value, test: &Value) -> Verdict {
    verdict(
        VerifyingKey::from_der(alg, &hex(&group["publicKeyDer"]))
            .and_then(|key| key.verify(&hex(&test["msg"]), &hex(&test["sig"]))),
    )
}

#[test]
fn ecdsa_with_fixed_length_signatures() {
    for (file, alg) in [
        ("ecdsa_secp256r1_sha256_p1363_test.json", Algorithm::ES256),
        ("ecdsa_secp384r1_sha384_p1363_test.json", Algorithm::ES384),
        ("ecdsa_secp521r1_sha512_p1363_test.json", Algorithm::ES512),
        ("ecdsa_secp256k1_sha256_p1363_test.json", Algorithm::ES256K),
    ] {
        each(file, |group, test| signature(alg, group, test));
    }
}

#[test]
fn ed25519() {
    each("ed25519_test.json", |group, test| signature(Algorithm::EdDSA, group, test));
}

#[cfg(feature = "ed448")]
#[test]
fn ed448() {
    each("ed448_test.json", |group, test| signature(Algorithm::Ed448, group, test));
}

const ML_DSA: [(&str, Algorithm); 3] =
    [("44", Algorithm::MlDsa44), ("65", Algorithm::MlDsa65), ("87", Algorithm::MlDsa87)];

#[test]
fn ml_dsa_verifies_with_an_empty_context_only() {
    for (set, alg) in ML_DSA {
        let file = format!("mldsa_{set}_verify_test.json");
        each(&file, |group, test| {
            let Value::String(der) = &group["publicKeyDer"] else {
                // A key of the wrong length has no DER form.
                return Verdict::Skipped;
            };
            let outcome = verdict(
                VerifyingKey::from_der(alg, &vectors::unhex(der))
                    .and_then(|key| key.verify(&hex(&test["msg"]), &hex(&test["sig"]))),
            );
            if test["ctx"].as_str().is_some_and(|context| !context.is_empty()) {
                assert!(matches!(outcome, Verdict::Refused(_)), "{file} {}", test["tcId"]);
                return Verdict::Skipped;
            }
            outcome
        });
    }
}

/// Our signatures are hedged (FIPS 204 §3.4) and so never those of the file: what is compared is the
/// key that each seed gives, and that it takes both signatures.
#[test]
fn ml_dsa_keys_come_from_their_seeds() {
    for (set, alg) in ML_DSA {
        each(&format!("mldsa_{set}_sign_seed_test.json"), |group, test| {
            let key = match &group["privateKeyPkcs8"] {
                Value::String(der) => SigningKey::from_der(alg, &vectors::unhex(der)),
                _ => PrivateJwk::parse(akp(alg, group).as_bytes())
                    .and_then(|jwk| SigningKey::from_jwk(&jwk, None)),
            };
            let outcome = key.and_then(|key| {
                let verifying = key.verifying_key();
                let spki = verifying.to_spki_der()?;
                assert!(spki.ends_with(&hex(&group["publicKey"])));
                let Value::String(message) = &test["msg"] else { return Ok(None) };
                let message = vectors::unhex(message);
                verifying.verify(&message, &key.sign(&message)?)?;
                if test.get("ctx").is_some() || test["result"] == "invalid" {
                    return Ok(None);
                }
                verifying.verify(&message, &hex(&test["sig"])).map(Some)
            });
            match outcome {
                Ok(None) => Verdict::Skipped,
                other => verdict(other),
            }
        });
    }
}

fn akp(alg: Algorithm, group: &Value) -> String {
    let member = |name: &str| vectors::base64url(&hex(&group[name]));
    let (seed, key) = (member("privateSeed"), member("publicKey"));
    format!(r#"{{"kty":"AKP","alg":"{alg}","pub":"{key}","priv":"{seed}"}}"#)
}

#[test]
fn rsa_pkcs1() {
    for bits in [2048, 3072, 4096] {
        for (hash, alg) in
            [(256, Algorithm::RS256), (384, Algorithm::RS384), (512, Algorithm::RS512)]
        {
            let file = format!("rsa_signature_{bits}_sha{hash}_test.json");
            each(&file, |group, test| signature(alg, group, test));
        }
    }
}

#[test]
fn rsa_pss_takes_no_other_salt_or_hash_than_jose_has() {
    let mut not_jose = 0;
    for file in [
        "rsa_pss_2048_sha256_mgf1_0_test.json",
        "rsa_pss_2048_sha256_mgf1_32_test.json",
        "rsa_pss_2048_sha256_mgf1sha1_20_test.json",
        "rsa_pss_2048_sha384_mgf1_48_test.json",
        "rsa_pss_3072_sha256_mgf1_32_test.json",
        "rsa_pss_4096_sha256_mgf1_32_test.json",
        "rsa_pss_4096_sha384_mgf1_48_test.json",
        "rsa_pss_4096_sha512_mgf1_32_test.json",
        "rsa_pss_4096_sha512_mgf1_64_test.json",
        "rsa_pss_misc_test.json",
    ] {
        each(file, |group, test| {
            let sha = group["sha"].as_str().unwrap();
            let (alg, salt) = match sha {
                "SHA-256" => (Algorithm::PS256, 32),
                "SHA-384" => (Algorithm::PS384, 48),
                "SHA-512" => (Algorithm::PS512, 64),
                _ => (Algorithm::PS256, 32),
            };
            let outcome = signature(alg, group, test);
            let jose = alg.as_str()[2..] == sha[4..] && group["mgfSha"] == sha;
            if jose && group["sLen"] == salt {
                return outcome;
            }
            // Valid with other parameters, and so by RFC 7518 §3.5 not valid for us.
            if test["result"] == "valid" {
                assert!(matches!(outcome, Verdict::Refused(_)), "{file} {}", test["tcId"]);
                not_jose += 1;
            }
            Verdict::Skipped
        });
    }
    println!("RSA-PSS: {not_jose} signatures with other parameters refused");
}

#[test]
fn hmac_takes_whole_tags_only() {
    for (file, alg, bits) in [
        ("hmac_sha256_test.json", Algorithm::HS256, 256),
        ("hmac_sha384_test.json", Algorithm::HS384, 384),
        ("hmac_sha512_test.json", Algorithm::HS512, 512),
    ] {
        each(file, |group, test| {
            let outcome = verdict(
                VerifyingKey::from_secret(alg, &hex(&test["key"]))
                    .and_then(|key| key.verify(&hex(&test["msg"]), &hex(&test["tag"]))),
            );
            let short_key = group["keySize"].as_u64().unwrap() < bits;
            if short_key || group["tagSize"] != bits {
                assert!(matches!(outcome, Verdict::Refused(_)), "{file} {}", test["tcId"]);
                return Verdict::Skipped;
            }
            outcome
        });
    }
}

/// The token under the group's key or key set, by any algorithm the key itself allows.
fn token(group: &Value, test: &Value) -> Verdict {
    let key = if group["public"].is_object() { &group["public"] } else { &group["private"] };
    let Some(token) = test["jws"].as_str() else { return Verdict::Skipped };
    let keys = parse_any(key.to_string().as_bytes(), Algorithm::ALL);
    verdict(keys.and_then(|keys| {
        jws::Unverified::parse(token, &Limits::default())?.verify_any(&keys).map(drop)
    }))
}

#[test]
fn json_web_signatures() {
    /// Marked valid though the JWK's alg contradicts the token (346, 347, 350, 351) or a segment is
    /// no base64url (372, 373); marked invalid though equal to the valid case 357 (367, 370).
    const WRONG: [u64; 8] = [346, 347, 350, 351, 372, 373, 367, 370];
    /// A secret of zeros has no entropy, which RFC 8725 §3.5 asks for: weak_key.
    const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    each("json_web_signature_test.json", |group, test| match token(group, test) {
        _ if WRONG.contains(&test["tcId"].as_u64().unwrap()) => Verdict::Skipped,
        Verdict::Refused(why) if group["private"]["k"] == ZEROS => {
            assert_eq!(why, "weak_key");
            Verdict::Skipped
        }
        outcome => outcome,
    });
}

#[test]
fn json_web_keys() {
    /// A set of an HMAC and an EC key, called ambiguous there: each of our keys is bound to one
    /// algorithm, and the token's kid and alg name just one of them.
    const MIXED_SET: u64 = 1;
    each("json_web_key_test.json", |group, test| {
        if test["tcId"] == MIXED_SET { Verdict::Skipped } else { token(group, test) }
    });
}

/// The token under the group's key, which may be bound to no more than the token's algorithms.
fn encrypted(group: &Value, test: &Value) -> Verdict {
    let Some(token) = test["jwe"].as_str() else { return Verdict::Skipped };
    let decrypt = || {
        let read = UnverifiedJwe::parse(token, &Limits::default())?;
        let header = read
            .headers()
            .next()
            .map(|header| (header.key_algorithm(), header.content_algorithm()));
        let Some((alg, enc)) = header else { return Ok(None) };
        let jwk = PrivateJwk::parse_for_encryption(group["private"].to_string().as_bytes())?;
        let key = DecryptionKey::from_jwk(&jwk, Some(alg), enc)?;
        let mut options = DecryptOptions::default();
        options.pbes2 = true;
        options.zip = true;
        read.decrypt(&key, &options).map(Some)
    };
    let outcome = decrypt();
    if let (Ok(Some(decrypted)), Some(expected)) = (&outcome, test["pt"].as_str()) {
        assert_eq!(decrypted.plaintext(), vectors::unhex(expected), "{}", test["tcId"]);
    }
    verdict(outcome)
}

#[test]
fn json_web_encryption() {
    each("json_web_encryption_test.json", |group, test| match encrypted(group, test) {
        // RFC 8725 §3.2: PKCS #1 v1.5 encryption is not offered.
        Verdict::Refused(why) if group["private"]["alg"] == "RSA1_5" => {
            assert!(why == "alg_not_allowed" || test["result"] == "invalid", "{}", test["tcId"]);
            Verdict::Skipped
        }
        outcome => outcome,
    });
}

#[test]
fn json_web_crypto() {
    /// As `MIXED_SET` in the test of keys.
    const MIXED_SET: u64 = 47;
    each("json_web_crypto_test.json", |group, test| match &test["jwe"] {
        _ if test["tcId"] == MIXED_SET => Verdict::Skipped,
        Value::String(_) => encrypted(group, test),
        _ => token(group, test),
    });
}
