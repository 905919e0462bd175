//! Ed25519 where implementations differ (C2SP/CCTV): ours takes canonical points alone, no key of small
//! order, and no signature that holds only with the cofactor (RFC 8032 §5.1.7).

use keytide_jose::Algorithm;
use keytide_jose::jwk::PublicJwk;
use keytide_jose::key::VerifyingKey;

use crate::vectors;

#[test]
fn edge_cases_of_points_are_judged_by_one_rule() {
    let Some(suite) = vectors::shared_json("cctv/ed25519/ed25519vectors.json") else { return };
    let (mut accepted, mut keys_refused, mut refused) = (0, 0, 0);
    for case in suite.as_array().unwrap() {
        let hex = |name: &str| vectors::unhex(case[name].as_str().unwrap());
        // Cases without an edge have null.
        let flags = case["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let has = |flag: &str| flags.iter().any(|known| known == flag);
        let jwk =
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, vectors::base64url(&hex("key")));
        let key = PublicJwk::parse(jwk.as_bytes())
            .and_then(|jwk| VerifyingKey::from_jwk(&jwk, Some(Algorithm::EdDSA)));
        let number = &case["number"];
        if has("low_order_A") || has("non_canonical_A") {
            assert_eq!(key.map(drop).unwrap_err().code(), "invalid_key", "{number}");
            keys_refused += 1;
            continue;
        }
        let message = case["msg"].as_str().unwrap().as_bytes();
        let holds = key.unwrap().verify(message, &hex("sig")).is_ok();
        assert_eq!(holds, !has("non_canonical_R") && !has("low_order_residue"), "{number}: {case}");
        if holds { accepted += 1 } else { refused += 1 }
    }
    println!("{accepted} accepted, {refused} refused, {keys_refused} keys refused");
    assert!(accepted > 0 && refused > 0 && keys_refused > 0);
}
