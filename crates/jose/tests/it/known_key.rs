//! ES256 keys with a table: they judge every signature as keys without one do.

use keytide_jose::jwt::{HeaderParams, issue};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Limits, SystemRng, jws};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::vectors;

#[test]
fn project_wycheproof_finds_no_difference() {
    const FILE: &str = "wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_p1363_test.json";
    let Some(suite) = vectors::shared_json(FILE) else { return };
    let hex = |value: &Value| vectors::unhex(value.as_str().unwrap());
    let mut ran = 0;
    for group in suite["testGroups"].as_array().unwrap() {
        let der = hex(&group["publicKeyDer"]);
        let key = VerifyingKey::from_der(Algorithm::ES256, &der).unwrap();
        let known = key.clone().with_table();
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
            let judged = known.verify(&message, &signature);
            assert_eq!(judged, key.verify(&message, &signature), "{}", test["tcId"]);
            if test["result"] != "acceptable" {
                assert_eq!(judged.is_ok(), test["result"] == "valid", "{}", test["tcId"]);
            }
            ran += 1;
        }
    }
    println!("{FILE}: {ran} ran");
    assert!(ran > 0);
}

#[test]
fn a_table_changes_neither_the_key_nor_the_kid() {
    for alg in [Algorithm::ES256, Algorithm::ES384, Algorithm::HS256, Algorithm::EdDSA] {
        let signer = SigningKey::generate(alg, None, &mut SystemRng).unwrap();
        let (key, known) = (signer.verifying_key(), signer.verifying_key().with_table());
        assert_eq!(known.algorithm(), alg);
        assert_eq!(known.key_id(), key.key_id());
        assert_eq!(
            known.public_jwk().map(|jwk| jwk.thumbprint()),
            key.public_jwk().map(|jwk| jwk.thumbprint())
        );
        let token = issue(&signer, &HeaderParams::default(), &json!({"sub": "s"})).unwrap();
        let read = jws::Unverified::parse(&token, &Limits::default()).unwrap();
        assert!(read.verify(&known).is_ok(), "{alg}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_signature_holds_for_its_message_and_key_alone(
        message in prop::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let signer = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
        let other = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
        let known = signer.verifying_key().with_table();
        let signature = signer.sign(&message).unwrap();
        prop_assert!(known.verify(&message, &signature).is_ok());
        prop_assert!(other.verifying_key().with_table().verify(&message, &signature).is_err());
        let mut changed = signature.clone();
        changed[at.index(64)] ^= 1 << bit;
        prop_assert!(known.verify(&message, &changed).is_err());
        let mut longer = message.clone();
        longer.push(0);
        prop_assert!(known.verify(&longer, &signature).is_err());
    }
}
