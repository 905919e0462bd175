//! Each demand of a policy at its edge: what just passes, and what just does not.

use std::time::Duration;

use keytide_jose::jwt::{self, Chosen, Claims, HeaderParams, NumericDate, Policy, PolicyBuilder};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Error, Limits, SystemRng, jws};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const NOW: i64 = 1_900_000_000;

fn open() -> PolicyBuilder<Chosen, Chosen, Chosen> {
    Policy::builder()
        .danger()
        .any_issuer()
        .danger()
        .any_audience()
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry()
}

/// Signs the payload as it is, so that wrong claims can be signed too.
fn token(key: &SigningKey, header: &Value, payload: &str) -> String {
    jws::sign_compact(key, header.as_object().unwrap(), payload.as_bytes()).unwrap()
}

fn check_with(
    header: &Value,
    payload: &str,
    policy: &Policy,
) -> Result<Claims<Map<String, Value>>, Error> {
    let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    let token = token(&key, header, payload);
    jws::Unverified::parse(&token, &Limits::default())
        .unwrap()
        .verify(&key.verifying_key())
        .unwrap()
        .check(policy, NumericDate::from_secs(NOW))
}

fn check(claims: &Value, policy: &Policy) -> Result<Claims<Map<String, Value>>, Error> {
    check_with(&json!({}), &claims.to_string(), policy)
}

fn code(claims: &Value, policy: &Policy) -> &'static str {
    check(claims, policy).err().map_or("accepted", |error| error.code())
}

#[test]
fn a_token_is_over_at_exp_and_not_before() {
    let policy = open().build();
    assert_eq!(code(&json!({"exp": NOW}), &policy), "expired");
    assert_eq!(code(&json!({"exp": NOW + 1}), &policy), "accepted");
    let lenient = open().leeway(Duration::from_secs(10)).unwrap().build();
    assert_eq!(code(&json!({"exp": NOW - 10}), &lenient), "expired");
    assert_eq!(code(&json!({"exp": NOW - 9}), &lenient), "accepted");
}

#[test]
fn nbf_and_iat_may_be_now_but_not_later() {
    let policy = open().build();
    let lenient = open().leeway(Duration::from_secs(10)).unwrap().build();
    for (claim, refused) in [("nbf", "not_yet_valid"), ("iat", "issued_in_future")] {
        assert_eq!(code(&json!({ claim: NOW }), &policy), "accepted");
        assert_eq!(code(&json!({ claim: NOW as f64 + 0.5 }), &policy), refused);
        assert_eq!(code(&json!({ claim: NOW + 10 }), &lenient), "accepted");
        assert_eq!(code(&json!({ claim: NOW + 11 }), &lenient), refused);
    }
}

#[test]
fn exp_is_demanded_unless_waived() {
    let demanding =
        Policy::builder().danger().any_issuer().no_audience().danger().any_typ().build();
    assert_eq!(
        check(&json!({}), &demanding).unwrap_err(),
        Error::MissingClaim { name: "exp".into() }
    );
    let claims = check(&json!({"exp": NOW + 5}), &demanding).unwrap();
    assert_eq!(claims.expires_at(), Some(NumericDate::from_secs(NOW + 5)));
}

#[test]
fn more_than_a_minute_of_leeway_is_danger() {
    assert!(open().leeway(Duration::from_secs(60)).is_ok());
    let error = open().leeway(Duration::from_secs(61)).unwrap_err();
    assert_eq!(error.code(), "leeway_too_large");
    let far = open().danger().any_leeway(Duration::from_secs(3600)).build();
    assert_eq!(code(&json!({"exp": NOW - 3599}), &far), "accepted");
}

#[test]
fn an_expected_issuer_must_be_there_and_equal() {
    let policy = Policy::builder()
        .issuers(["https://a.example", "https://b.example"])
        .danger()
        .any_audience()
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry()
        .build();
    assert_eq!(code(&json!({"iss": "https://b.example"}), &policy), "accepted");
    assert_eq!(code(&json!({"iss": "https://b.example/"}), &policy), "iss_mismatch");
    assert_eq!(code(&json!({}), &policy), "missing_claim");
    assert_eq!(code(&json!({"iss": ["https://b.example"]}), &policy), "invalid_claim_type");
}

#[test]
fn one_expected_audience_among_those_named_is_enough() {
    let policy = Policy::builder()
        .danger()
        .any_issuer()
        .audiences(["api", "web"])
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry()
        .build();
    assert_eq!(code(&json!({"aud": "web"}), &policy), "accepted");
    assert_eq!(code(&json!({"aud": ["other", "api"]}), &policy), "accepted");
    assert_eq!(code(&json!({"aud": ["other"]}), &policy), "aud_mismatch");
    assert_eq!(code(&json!({"aud": []}), &policy), "aud_mismatch");
    assert_eq!(code(&json!({}), &policy), "missing_claim");
}

#[test]
fn without_an_audience_of_our_own_a_token_for_another_is_refused() {
    let nobody = Policy::builder()
        .danger()
        .any_issuer()
        .no_audience()
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry()
        .build();
    assert_eq!(code(&json!({"aud": "api"}), &nobody), "aud_mismatch");
    assert_eq!(code(&json!({}), &nobody), "accepted");
    assert_eq!(code(&json!({"aud": "api"}), &open().build()), "accepted");
}

#[test]
fn a_subject_must_be_there_and_equal() {
    let policy = open().subject("alice").build();
    assert_eq!(code(&json!({"sub": "alice"}), &policy), "accepted");
    assert_eq!(code(&json!({"sub": "Alice"}), &policy), "sub_mismatch");
    assert_eq!(code(&json!({}), &policy), "missing_claim");
}

#[test]
fn a_required_claim_must_be_there_and_not_null() {
    let policy = open().require("scope").build();
    assert_eq!(code(&json!({"scope": ""}), &policy), "accepted");
    assert_eq!(code(&json!({"scope": null}), &policy), "missing_claim");
    assert_eq!(code(&json!({"Scope": "x"}), &policy), "missing_claim");
}

#[test]
fn age_and_life_are_measured_from_iat() {
    let aged = open().max_age(Duration::from_secs(100)).build();
    assert_eq!(code(&json!({"iat": NOW - 100}), &aged), "accepted");
    assert_eq!(code(&json!({"iat": NOW - 101}), &aged), "too_old");
    assert_eq!(code(&json!({}), &aged), "missing_claim");

    let short = open().max_token_life(Duration::from_secs(100)).build();
    assert_eq!(code(&json!({"iat": NOW - 50, "exp": NOW + 50}), &short), "accepted");
    assert_eq!(code(&json!({"iat": NOW - 50, "exp": NOW + 51}), &short), "life_too_long");
    assert_eq!(code(&json!({"exp": NOW + 51}), &short), "missing_claim");
    assert_eq!(code(&json!({"iat": NOW}), &short), "missing_claim");
}

#[test]
fn a_type_is_compared_without_case_and_prefix() {
    let policy = Policy::builder()
        .danger()
        .any_issuer()
        .no_audience()
        .typ("at+jwt")
        .danger()
        .allow_no_expiry()
        .build();
    let code = |header: Value| {
        check_with(&header, "{}", &policy).err().map_or("accepted", |error| error.code())
    };
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        assert_eq!(code(json!({"typ": typ})), "accepted", "{typ}");
    }
    for typ in ["JWT", "at+jwt ", "x/at+jwt", "application/x/at+jwt", ""] {
        assert_eq!(code(json!({"typ": typ})), "typ_mismatch", "{typ}");
    }
    assert_eq!(code(json!({})), "typ_mismatch");
}

#[test]
fn a_token_in_a_token_is_no_claims() {
    for cty in ["JWT", "jwt", "application/jwt"] {
        let error = check_with(&json!({"cty": cty}), "{}", &open().build()).unwrap_err();
        assert_eq!(error.code(), "nested_forbidden");
    }
    assert!(check_with(&json!({"cty": "json"}), "{}", &open().build()).is_ok());
}

#[test]
fn registered_claims_of_the_wrong_type_are_refused_even_where_nobody_asks() {
    let policy = open().build();
    for claims in [
        json!({"iss": 1}),
        json!({"sub": null}),
        json!({"aud": [1]}),
        json!({"aud": {"api": true}}),
        json!({"jti": []}),
        json!({"exp": "1"}),
        json!({"nbf": null}),
        json!({"iat": true}),
    ] {
        assert_eq!(code(&claims, &policy), "invalid_claim_type", "{claims}");
        let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
        let error =
            jwt::issue(&key, &HeaderParams::default(), claims.as_object().unwrap()).unwrap_err();
        assert_eq!(error.code(), "invalid_claim_type", "{claims} must not be issued");
    }
}

#[test]
fn claims_are_read_into_the_callers_type_and_errors_quote_no_value() {
    #[derive(Debug, Deserialize)]
    struct Mine {
        role: String,
    }
    let key = SigningKey::generate(Algorithm::EdDSA, None, &mut SystemRng).unwrap();
    let read = |claims: Value| {
        let token =
            jwt::issue(&key, &HeaderParams::default(), claims.as_object().unwrap()).unwrap();
        jws::Unverified::parse(&token, &Limits::default())
            .unwrap()
            .verify(&key.verifying_key())
            .unwrap()
            .check::<Mine>(&open().build(), NumericDate::from_secs(NOW))
    };
    let mine = read(json!({"role": "admin", "more": 1})).unwrap();
    assert_eq!(mine.role, "admin");
    assert_eq!(mine.key_id(), key.key_id());
    assert_eq!(mine.header().typ(), Some("JWT"));

    let missing = read(json!({})).unwrap_err();
    assert!(missing.to_string().contains("missing field `role`"));
    let wrong = read(json!({"role": {"marker-5f1d": 1}})).unwrap_err();
    assert_eq!(wrong.code(), "claims_shape");
    assert!(!wrong.to_string().contains("marker-5f1d"), "{wrong}");
}

#[test]
fn the_limits_given_to_parse_hold_for_the_claims_too() {
    let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let token = token(&key, &json!({}), &deep);
    let code = |limits: &Limits| {
        jws::Unverified::parse(&token, limits)
            .unwrap()
            .verify(&key.verifying_key())
            .unwrap()
            .check::<Value>(&open().build(), NumericDate::from_secs(NOW))
            .err()
            .map_or("accepted", |error| error.code())
    };
    assert_eq!(code(&Limits::default()), "too_deep");
    let mut limits = Limits::default();
    limits.json_depth = 64;
    assert_eq!(code(&limits), "accepted");
}
