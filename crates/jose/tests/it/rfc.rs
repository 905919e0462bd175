//! The examples of RFC 7515 and RFC 7516 appendix A, RFC 7638 §3.1 and RFC 8037 appendix A.

use keytide_jose::jwe::{DecryptOptions, DecryptionKey, UnverifiedJwe};
use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Limits, jws};
use serde_json::Value;

use crate::vectors;

fn examples(name: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(&vectors::own(name)).unwrap();
    file["examples"].as_array().unwrap().clone()
}

fn text<'a>(example: &'a Value, name: &str) -> &'a str {
    example[name].as_str().unwrap()
}

#[test]
fn the_signed_examples_verify_and_the_deterministic_ones_are_made_again() {
    for example in examples("rfc/jws.json") {
        let section = text(&example, "section");
        let token = text(&example, "token");
        let jwk = PrivateJwk::parse(example["key"].to_string().as_bytes()).unwrap();
        let alg = text(&example, "alg").parse().unwrap();
        let key = VerifyingKey::from_private_jwk(&jwk, Some(alg)).unwrap();
        let verified =
            jws::Unverified::parse(token, &Limits::default()).unwrap().verify(&key).unwrap();
        assert_eq!(verified.payload(), text(&example, "payload").as_bytes(), "{section}");

        if example["deterministic"] == true {
            let (input, signature) = token.rsplit_once('.').unwrap();
            let signer = SigningKey::from_jwk(&jwk, Some(alg)).unwrap();
            assert_eq!(
                signer.sign(input.as_bytes()).unwrap(),
                vectors::unbase64url(signature),
                "{section}"
            );
        }
    }
}

#[test]
fn the_encrypted_examples_decrypt() {
    for example in examples("rfc/jwe.json") {
        let jwk = PrivateJwk::parse_for_encryption(example["key"].to_string().as_bytes()).unwrap();
        let alg = text(&example, "alg").parse().unwrap();
        let enc = text(&example, "enc").parse().unwrap();
        let key = DecryptionKey::from_jwk(&jwk, Some(alg), enc).unwrap();
        let decrypted = UnverifiedJwe::parse(text(&example, "token"), &Limits::default())
            .unwrap()
            .decrypt(&key, &DecryptOptions::default())
            .unwrap();
        assert_eq!(decrypted.plaintext(), text(&example, "plaintext").as_bytes());
    }
}

#[test]
fn the_unsecured_example_is_refused() {
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    let error = jws::Unverified::parse(token, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "alg_not_allowed");
}

#[test]
fn thumbprints_are_those_of_the_rfcs() {
    for example in examples("rfc/thumbprint.json") {
        let jwk = PublicJwk::parse(example["key"].to_string().as_bytes()).unwrap();
        assert_eq!(jwk.thumbprint().as_str(), text(&example, "thumbprint"));
    }
}
