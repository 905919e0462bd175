//! The JOSE examples of RFC 9964 for ML-DSA: JWK, thumbprint and token.

use std::fs;

use keytide_jose::jwk::PublicJwk;
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Limits, jwk::PrivateJwk, jws};
use serde_json::Value;

use crate::vectors;

#[test]
fn each_example_verifies_and_its_seed_gives_its_key() {
    let Some(folder) = vectors::shared("cose-dilithium/examples/jose/examples") else { return };
    for set in ["44", "65", "87"] {
        let text = fs::read_to_string(folder.join(format!("ML_DSA_{set}.jose.json"))).unwrap();
        let example: Value = serde_json::from_str(&text).unwrap();
        let private = PrivateJwk::parse(example["jwk"].to_string().as_bytes()).unwrap();
        let jwk = private.public().unwrap();
        assert_eq!(PublicJwk::parse(jwk.to_string().as_bytes()).unwrap(), jwk);
        assert_eq!(jwk.thumbprint().as_str(), example["jwk"]["kid"], "RFC 7638 over alg, kty, pub");

        let key = VerifyingKey::from_jwk(&jwk, None).unwrap();
        let token = example["jws"].as_str().unwrap();
        jws::Unverified::parse(token, &Limits::default()).unwrap().verify(&key).unwrap();

        let signer = SigningKey::from_jwk(&private, None).unwrap();
        key.verify(b"message", &signer.sign(b"message").unwrap()).unwrap();
    }
}
