//! Each demand of a policy at its edge: what just passes, and what just does not.

use std::time::Duration;

use keytide_jose::jwt::{
    self, Chosen, Claims, DpopPolicy, HeaderParams, NumericDate, Policy, PolicyBuilder, Replay,
};
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

#[test]
fn all_expected_audiences_must_be_named_where_all_are_demanded() {
    let policy = Policy::builder()
        .danger()
        .any_issuer()
        .all_audiences(["api", "web"])
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry()
        .build();
    assert_eq!(code(&json!({"aud": ["web", "other", "api"]}), &policy), "accepted");
    assert_eq!(code(&json!({"aud": ["web", "other"]}), &policy), "aud_mismatch");
    assert_eq!(code(&json!({"aud": "api"}), &policy), "aud_mismatch");
    assert_eq!(code(&json!({}), &policy), "missing_claim");
}

#[test]
fn a_claim_must_be_there_and_equal_or_pass_its_test() {
    let policy = open()
        .claim_equals("acr", json!(["a", 1]))
        .claim_matches("scope", |scope| scope.as_str().is_some_and(|scope| scope.contains("read")))
        .build();
    assert_eq!(code(&json!({"acr": ["a", 1], "scope": "read write"}), &policy), "accepted");
    assert_eq!(code(&json!({"acr": ["a", 1.5], "scope": "read"}), &policy), "claim_mismatch");
    assert_eq!(code(&json!({"acr": ["a", 1], "scope": "write"}), &policy), "claim_mismatch");
    assert_eq!(code(&json!({"acr": ["a", 1], "scope": ["read"]}), &policy), "claim_mismatch");
    assert_eq!(code(&json!({"acr": ["a", 1]}), &policy), "missing_claim");
    assert_eq!(policy, policy.clone());
    assert!(format!("{policy:?}").contains("Matcher"));
    assert_ne!(
        open().claim_matches("a", |_| true).build(),
        open().claim_matches("a", |_| true).build()
    );
}

#[test]
fn the_life_that_must_remain_is_measured_without_leeway() {
    let policy = open()
        .min_remaining(Duration::from_secs(30))
        .leeway(Duration::from_secs(60))
        .unwrap()
        .build();
    assert_eq!(code(&json!({"exp": NOW + 30}), &policy), "accepted");
    assert_eq!(code(&json!({"exp": NOW + 29}), &policy), "expires_too_soon");
    assert_eq!(code(&json!({}), &policy), "missing_claim");
}

#[test]
fn an_iat_in_the_future_passes_only_where_it_is_allowed() {
    assert_eq!(code(&json!({"iat": NOW + 1}), &open().build()), "issued_in_future");
    let policy = open().danger().allow_future_iat().build();
    assert_eq!(code(&json!({"iat": NOW + 1}), &policy), "accepted");
    assert_eq!(code(&json!({"nbf": NOW + 1}), &policy), "not_yet_valid");
}

#[test]
fn a_bound_token_needs_the_certificate_and_the_key_it_is_bound_to() {
    // SHA-256 of "abc".
    let thumbprint = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
    let policy = open().bound_to_certificate(b"abc").build();
    let bound = |value: Value| json!({"cnf": value});
    assert_eq!(code(&bound(json!({"x5t#S256": thumbprint})), &policy), "accepted");
    assert_eq!(code(&bound(json!({"x5t#S256": "AAAA"})), &policy), "binding_mismatch");
    assert_eq!(code(&bound(json!({"jkt": thumbprint})), &policy), "binding_mismatch");
    assert_eq!(code(&bound(json!("x")), &policy), "invalid_claim_type");
    assert_eq!(code(&json!({}), &policy), "missing_claim");
    let both = open().bound_to_certificate(b"abc").bound_to_key(&thumbprint.parse().unwrap());
    let both = both.build();
    let cnf = json!({"x5t#S256": thumbprint, "jkt": thumbprint});
    assert_eq!(code(&bound(cnf), &both), "accepted");
    assert_eq!(code(&bound(json!({"x5t#S256": thumbprint})), &both), "binding_mismatch");
}

#[test]
fn a_media_type_is_cut_to_its_name_on_both_sides_alike() {
    let header = |typ: &str| json!({ "typ": typ });
    for (expected, found, outcome) in [
        ("a/b", "application/a/b", "typ_mismatch"),
        ("application/a/b", "application/a/b", "accepted"),
        ("b", "xpplication/b", "typ_mismatch"),
        ("application/b", "B", "accepted"),
    ] {
        let policy = Policy::builder()
            .danger()
            .any_issuer()
            .no_audience()
            .typ(expected)
            .danger()
            .allow_no_expiry()
            .build();
        let result = check_with(&header(found), "{}", &policy);
        let code = result.err().map_or("accepted", |error| error.code());
        assert_eq!(code, outcome, "{expected} and {found}");
    }
}

#[test]
fn an_access_token_has_all_that_its_profile_demands() {
    let policy = Policy::access_token("https://id.example", "api").build();
    let claims = json!({
        "iss": "https://id.example", "aud": "api", "exp": NOW + 60, "sub": "alice",
        "client_id": "app", "iat": NOW, "jti": "1"
    });
    let with_typ = |typ: &str, claims: &Value| {
        check_with(&json!({"typ": typ}), &claims.to_string(), &policy)
            .err()
            .map_or("accepted", |error| error.code())
    };
    assert_eq!(with_typ("at+jwt", &claims), "accepted");
    assert_eq!(with_typ("application/at+jwt", &claims), "accepted");
    // RFC 7515 §4.1.9: `application/` alone may be left out, and only before a type without a slash.
    for typ in ["JWT", "xpplication/at+jwt", "application/at+jwt/x", "application/x/at+jwt"] {
        assert_eq!(with_typ(typ, &claims), "typ_mismatch", "{typ}");
    }
    for name in ["iss", "aud", "exp", "sub", "client_id", "iat", "jti"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(with_typ("at+jwt", &claims), "missing_claim", "{name}");
    }
}

/// What was used, and until when it must be remembered.
#[derive(Default)]
struct Memory(Vec<(Option<String>, String, Option<NumericDate>)>);

impl Replay for Memory {
    fn first_use(
        &mut self,
        issuer: Option<&str>,
        jti: &str,
        until: Option<NumericDate>,
    ) -> keytide_jose::Result<bool> {
        let issuer = issuer.map(str::to_owned);
        if self.0.iter().any(|known| known.0 == issuer && known.1 == jti) {
            return Ok(false);
        }
        self.0.push((issuer, jti.to_owned(), until));
        Ok(true)
    }
}

#[test]
fn a_token_is_accepted_once_for_each_issuer_and_remembered_only_when_it_passed() {
    let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    let policy = open().leeway(Duration::from_secs(10)).unwrap().build();
    let mut memory = Memory::default();
    let mut once = |claims: Value| {
        let token = token(&key, &json!({}), &claims.to_string());
        jws::Unverified::parse(&token, &Limits::default())
            .unwrap()
            .verify(&key.verifying_key())
            .unwrap()
            .check_once::<Value>(&policy, NumericDate::from_secs(NOW), &mut memory)
            .err()
            .map_or("accepted", |error| error.code())
    };
    assert_eq!(once(json!({"jti": "1", "exp": NOW - 10})), "expired");
    assert_eq!(once(json!({"jti": "1", "exp": NOW + 5})), "accepted");
    assert_eq!(once(json!({"jti": "1", "exp": NOW + 5})), "replayed");
    assert_eq!(once(json!({"jti": "1", "iss": "b"})), "accepted");
    assert_eq!(once(json!({})), "missing_claim");
    let until: Vec<_> = memory.0.iter().map(|(.., until)| *until).collect();
    assert_eq!(until, [Some(NumericDate::from_secs(NOW + 15)), None]);
}

/// A proof by `key` with these claims, its public key in the header as a client writes it.
fn proof(key: &SigningKey, jwk: &Value, typ: &str, claims: &Value) -> String {
    // The library writes no jwk into a header, and so the token is put together here.
    let header = json!({"typ": typ, "alg": key.algorithm(), "jwk": jwk});
    let encode = |value: &Value| crate::vectors::base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", encode(&header), encode(claims));
    let signature = crate::vectors::base64url(&key.sign(input.as_bytes()).unwrap());
    format!("{input}.{signature}")
}

#[test]
fn a_proof_of_possession_holds_for_its_request_once_and_for_a_minute() {
    let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
    let jwk = json!(key.public_jwk().unwrap());
    let claims = json!({
        "jti": "1", "htm": "GET", "htu": "https://api.example/a", "iat": NOW,
        "nonce": "n", "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    });
    let policy = DpopPolicy::new("GET", "https://api.example/a?q")
        .nonce("n")
        .access_token("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
    let at = |policy: &DpopPolicy, proof: &str, now: i64| {
        let now = NumericDate::from_secs(now);
        policy.check(proof, now, &mut Memory::default(), &Limits::default())
    };
    let good = proof(&key, &jwk, "dpop+jwt", &claims);
    let result = at(&policy, &good, NOW).unwrap();
    assert_eq!(Some(result.thumbprint().clone()), key.thumbprint());

    let told =
        |result: Result<_, Error>| result.err().map_or("accepted", |error: Error| error.code());
    assert_eq!(told(at(&policy, &good, NOW + 65)), "accepted");
    assert_eq!(told(at(&policy, &good, NOW + 66)), "too_old");
    assert_eq!(told(at(&policy, &good, NOW - 5)), "accepted");
    assert_eq!(told(at(&policy, &good, NOW - 6)), "issued_in_future");
    let mut memory = Memory::default();
    for expected in ["accepted", "replayed"] {
        let now = NumericDate::from_secs(NOW);
        assert_eq!(told(policy.check(&good, now, &mut memory, &Limits::default())), expected);
    }
    assert_eq!(memory.0[0].2, Some(NumericDate::from_secs(NOW + 70)));

    for (name, wrong, expected) in [
        ("htm", json!("POST"), "claim_mismatch"),
        ("htu", json!("https://api.example/b"), "claim_mismatch"),
        ("htu", json!(1), "claim_mismatch"),
        ("nonce", json!("m"), "claim_mismatch"),
        ("ath", json!("AA"), "claim_mismatch"),
        ("jti", json!(1), "invalid_claim_type"),
        ("iat", Value::Null, "invalid_claim_type"),
    ] {
        let mut claims = claims.clone();
        claims[name] = wrong;
        let proof = proof(&key, &jwk, "dpop+jwt", &claims);
        assert_eq!(told(at(&policy, &proof, NOW)), expected, "{name}");
    }
    for name in ["htm", "htu", "nonce", "ath", "jti", "iat"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        let proof = proof(&key, &jwk, "dpop+jwt", &claims);
        assert_eq!(told(at(&policy, &proof, NOW)), "missing_claim", "{name}");
    }
    let stranger = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
    let other = json!(stranger.public_jwk().unwrap());
    let private: Value =
        serde_json::from_slice(key.to_private_jwk().expose_json().expose()).unwrap();
    let secret = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    for (signer, jwk, typ, expected) in [
        (&key, &other, "dpop+jwt", "bad_signature"),
        (&key, &private, "dpop+jwt", "malformed_header"),
        (&key, &jwk, "JWT", "typ_mismatch"),
        (&secret, &jwk, "dpop+jwt", "alg_not_allowed"),
    ] {
        assert_eq!(told(at(&policy, &proof(signer, jwk, typ, &claims), NOW)), expected);
    }
    let only_ed = policy.algorithms(&[Algorithm::EdDSA, Algorithm::HS256]);
    assert_eq!(told(at(&only_ed, &good, NOW)), "alg_not_allowed");
}
