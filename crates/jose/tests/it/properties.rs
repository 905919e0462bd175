//! Properties of every algorithm: what we sign we verify, and nothing else.

use std::sync::LazyLock;

use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::jwt::{self, HeaderParams, NumericDate, Policy};
use keytide_jose::key::{SigningKey, VerifyingKey, parse_any};
use keytide_jose::{Algorithm, Limits, SystemRng, jws};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// One key for each algorithm; RSA is slow to make, so that its six share one.
static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    let rsa = SigningKey::generate(Algorithm::RS256, None, &mut SystemRng).unwrap();
    Algorithm::ALL
        .iter()
        .map(|alg| match alg.as_str().get(..2) {
            Some("RS" | "PS") => {
                let key = SigningKey::import(*alg, &rsa.export().unwrap()).unwrap();
                let kid = key.thumbprint().unwrap();
                key.with_key_id(kid)
            }
            _ => SigningKey::generate(*alg, None, &mut SystemRng).unwrap(),
        })
        .collect()
});

fn key() -> impl Strategy<Value = &'static SigningKey> {
    (0..Algorithm::ALL.len()).prop_map(|at| &KEYS[at])
}

fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no NaN", |f| f.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("x.*", value, 0..6).prop_map(|map| map.into_iter().collect())
}

fn open_policy() -> Policy {
    Policy::builder()
        .danger()
        .any_issuer()
        .danger()
        .any_audience()
        .typ("JWT")
        .danger()
        .allow_no_expiry()
        .build()
}

proptest! {
    #[test]
    fn what_is_issued_comes_back_verified_and_unchanged(key in key(), claims in claims()) {
        let token = jwt::issue(key, &HeaderParams::default(), &claims).unwrap();
        let verified = jws::Unverified::parse(&token, &Limits::default())
            .unwrap()
            .verify(&key.verifying_key())
            .unwrap();
        prop_assert_eq!(verified.key_id(), key.key_id());
        let read = verified
            .check::<Map<String, Value>>(&open_policy(), NumericDate::from_secs(0))
            .unwrap();
        prop_assert_eq!(read.into_inner(), claims);
    }

    #[test]
    fn any_one_bit_changed_anywhere_is_refused(key in key(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let claims = json!({"sub": "alice", "exp": 2_000_000_000});
        let token = jwt::issue(key, &HeaderParams::default(), claims.as_object().unwrap()).unwrap();
        let mut bytes = token.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        // What is no UTF-8 any more cannot even be given to the parser.
        if let Ok(changed) = String::from_utf8(bytes) {
            let verified = jws::Unverified::parse(&changed, &Limits::default())
                .and_then(|token| token.verify(&key.verifying_key()));
            prop_assert!(verified.is_err(), "{}", changed);
        }
    }

    #[test]
    fn a_signature_holds_under_no_other_key_or_message(
        key in key(),
        message in prop::collection::vec(any::<u8>(), 0..64),
        other in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        prop_assume!(message != other);
        let signature = key.sign(&message).unwrap();
        prop_assert!(key.verifying_key().verify(&message, &signature).is_ok());
        prop_assert!(key.verifying_key().verify(&other, &signature).is_err());
        for stranger in KEYS.iter().filter(|k| k.thumbprint() != key.thumbprint() || k.thumbprint().is_none()) {
            if stranger.key_id() != key.key_id() {
                prop_assert!(stranger.verifying_key().verify(&message, &signature).is_err());
            }
        }
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = jws::Unverified::parse(&text, &Limits::default());
        let _ = jws::inspect(&text, &Limits::default());
        let _ = parse_any(&bytes, Algorithm::ALL);
        let _ = parse_any(text.as_bytes(), Algorithm::ALL);
        let _ = PublicJwk::parse(&bytes);
    }
}

#[test]
fn every_key_survives_each_of_its_formats() {
    for key in KEYS.iter() {
        let alg = key.algorithm();
        let signature = key.sign(b"message").unwrap();
        let holds = |key: &VerifyingKey| key.verify(b"message", &signature).is_ok();

        let imported = SigningKey::import(alg, &key.export().unwrap()).unwrap();
        assert!(holds(&imported.verifying_key()), "{alg} export");
        let jwk = PrivateJwk::parse(key.to_private_jwk().expose_json().expose()).unwrap();
        assert_eq!(jwk.key_id(), key.key_id());
        assert!(holds(&SigningKey::from_jwk(&jwk, None).unwrap().verifying_key()), "{alg} JWK");
        assert!(holds(&VerifyingKey::from_private_jwk(&jwk, Some(alg)).unwrap()));
        if alg.is_symmetric() {
            assert!(key.public_jwk().is_none() && key.thumbprint().is_none());
            assert_eq!(key.to_pkcs8_pem().err().unwrap().code(), "no_public_key");
            assert_eq!(key.verifying_key().to_spki_pem().unwrap_err().code(), "no_public_key");
            continue;
        }
        let pem = key.to_pkcs8_pem().unwrap();
        assert!(holds(&SigningKey::from_pem(alg, pem.expose()).unwrap().verifying_key()));
        assert!(holds(&VerifyingKey::from_pem(alg, pem.expose()).unwrap()), "{alg} PEM");
        let verifying = key.verifying_key();
        let spki = verifying.to_spki_pem().unwrap();
        assert!(holds(&VerifyingKey::from_pem(alg, spki.as_bytes()).unwrap()), "{alg} SPKI");
        assert!(holds(&VerifyingKey::from_der(alg, &verifying.to_spki_der().unwrap()).unwrap()));
        assert_eq!(SigningKey::from_pem(alg, spki.as_bytes()).err().unwrap().code(), "invalid_key");
        let public = key.public_jwk().unwrap();
        let text = public.to_string();
        assert_eq!(PublicJwk::parse(text.as_bytes()).unwrap(), public);
        assert_eq!(Some(public.thumbprint()), key.thumbprint());
        assert_eq!(key.key_id(), key.thumbprint().as_ref());
        assert!(holds(&VerifyingKey::from_jwk(&public, None).unwrap()), "{alg} public JWK");
    }
}
