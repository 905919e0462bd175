//! nst/JSONTestSuite through the only JSON that this crate reads: payloads and headers.

use std::fs;

use keytide_jose::jwt::{NumericDate, Policy};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Limits, SystemRng, jws};
use serde_json::{Map, Value};

use crate::vectors;

/// Valid by RFC 8259 and refused by us: a name twice (RFC 7519 §4).
const DUPLICATES: [&str; 2] =
    ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

#[test]
fn each_text_of_the_suite_is_judged_as_the_suite_says() {
    let Some(folder) = vectors::shared("json-testsuite/test_parsing") else { return };
    let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    let policy = Policy::builder()
        .danger()
        .any_issuer()
        .no_audience()
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry()
        .build();
    let mut judged = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".json") {
            continue;
        }
        // A member's value, so that texts of every type are tested inside an object.
        let mut payload = b"{\"v\":".to_vec();
        payload.extend_from_slice(&fs::read(&path).unwrap());
        payload.push(b'}');
        let limits = {
            let mut limits = Limits::default();
            limits.token = 1 << 20;
            limits
        };
        let token = jws::sign_compact(&key, &Map::new(), &payload).unwrap();
        let accepted = jws::Unverified::parse(&token, &limits)
            .unwrap()
            .verify(&key.verifying_key())
            .unwrap()
            .check::<Value>(&policy, NumericDate::from_secs(0))
            .is_ok();
        judged += 1;
        match name.split('_').next() {
            Some("y") => assert_eq!(accepted, !DUPLICATES.contains(&&*name), "{name}"),
            Some("n") => assert!(!accepted, "{name}"),
            _ => {}
        }
    }
    println!("judged {judged} texts");
    assert!(judged > 300);
}
