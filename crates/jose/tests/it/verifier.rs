//! The prepared verifier: it answers as the longer way does, for every token, in the same words.

use keytide_jose::jwt::{HeaderParams, NumericDate, Policy, Verifier};
use keytide_jose::key::{KeySet, SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Limits, Result, SystemRng, jws, jwt};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

const NOW: NumericDate = NumericDate::from_secs(1_900_000_000);

struct World {
    verifier: Verifier,
    /// Tokens that hold and tokens that are refused.
    tokens: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Typed {
    sub: Option<String>,
    exp: i64,
}

fn key(alg: Algorithm, kid: &str) -> SigningKey {
    SigningKey::generate(alg, None, &mut SystemRng).unwrap().with_key_id(kid.parse().unwrap())
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let keys =
        [key(Algorithm::HS256, "h"), key(Algorithm::HS512, "k\"id"), key(Algorithm::EdDSA, "e")];
    let nameless =
        VerifyingKey::from_secret(Algorithm::HS384, &[[7; 24], [8; 24]].concat()).unwrap();
    let policy = Policy::builder().issuer("i").audience("a").typ("JWT").require("x").build();
    let claims = [
        json!({"iss": "i", "aud": "a", "exp": 2_000_000_000, "sub": "s", "x": 1}),
        json!({"iss": "i", "aud": ["b", "a"], "exp": 2_000_000_000.5, "x": {"y": [null, "\n", 1e9]}}),
        json!({"iss": "i", "aud": "a", "exp": 1_800_000_000, "x": 1}),
        json!({"iss": "i", "aud": "a", "exp": 2_000_000_000, "x": null}),
        json!({"iss": "i", "aud": "b", "exp": 2_000_000_000, "x": 1}),
        json!({"iss": "j", "aud": "a", "exp": 2_000_000_000, "x": "z".repeat(3000)}),
        json!({"iss": "i", "aud": "a", "exp": 2_000_000_000, "x": "z".repeat(3000)}),
    ];
    let mut tokens = Vec::new();
    for key in keys.iter().chain([&key(Algorithm::HS256, "h"), &key(Algorithm::HS256, "unknown")]) {
        for claims in &claims {
            for typ in ["JWT", "at+jwt"] {
                tokens.push(jwt::issue(key, &HeaderParams::typ(typ), claims).unwrap());
            }
        }
        for payload in [&br#"{"iss":"i","aud":"a","exp":2000000000,"x":1,"x":1}"#[..], b"[1]", b"{"]
        {
            let header = json!({"typ": "JWT"});
            let header = header.as_object().unwrap();
            tokens.push(jws::sign_compact(key, header, payload).unwrap());
        }
    }
    let keys = keys.iter().map(SigningKey::verifying_key).chain([nameless]);
    World { verifier: Verifier::new(KeySet::new(keys), policy), tokens }
});

fn longer_way<T: serde::de::DeserializeOwned>(verifier: &Verifier, token: &str) -> Result<T> {
    jws::Unverified::parse(token, &Limits::default())?
        .verify_any(verifier.keys())?
        .check(verifier.policy(), NOW)
        .map(jwt::Claims::into_inner)
}

fn agrees(token: &str) -> bool {
    let verifier = &WORLD.verifier;
    let long = longer_way::<Value>(verifier, token);
    let short = verifier.verify::<Value>(token, NOW);
    if let Ok(short) = &short {
        let read = jws::Unverified::parse(token, &Limits::default()).unwrap();
        let verified = read.verify_any(verifier.keys()).unwrap();
        assert_eq!(short.header(), verified.header());
        assert_eq!(short.key_id(), verified.key_id());
    }
    assert_eq!(short.map(jwt::Claims::into_inner), long, "{token}");
    let typed = verifier.verify::<Typed>(token, NOW).map(jwt::Claims::into_inner);
    assert_eq!(typed, longer_way(verifier, token), "{token}");
    long.is_ok()
}

#[test]
fn tokens_that_hold_and_tokens_that_do_not_are_answered_as_by_the_longer_way() {
    let accepted = WORLD.tokens.iter().filter(|token| agrees(token)).count();
    // Three claims sets of one type under each of three keys.
    assert_eq!(accepted, 9);
}

#[test]
fn each_algorithm_is_verified_however_long_its_signatures_are() {
    for alg in Algorithm::ALL {
        let signer = SigningKey::generate(*alg, None, &mut SystemRng).unwrap();
        let claims = json!({"exp": 2_000_000_000});
        let token = jwt::issue(&signer, &HeaderParams::default(), &claims).unwrap();
        let policy = Policy::builder().no_audience().typ("JWT").danger().any_issuer().build();
        let verifier = Verifier::new(KeySet::new([signer.verifying_key()]), policy);
        let now = NumericDate::from_secs(1_900_000_000);
        assert!(verifier.verify::<Value>(&token, now).is_ok(), "{alg}");
        let (head, signature) = token.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        let forged = format!("{head}.{first}{}", &signature[1..]);
        let refused = verifier.verify::<Value>(&forged, now).unwrap_err();
        assert_eq!(refused.code(), "bad_signature", "{alg}");
    }
}

/// Headers of one block of the hash, of a byte less or more, and of several blocks.
#[test]
fn a_known_header_of_any_length_leaves_every_byte_of_the_token_signed() {
    for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for kid in (1..120).step_by(7).map(|len| "k".repeat(len)) {
            let signer = key(alg, &kid);
            let claims = json!({"exp": 2_000_000_000, "n": "x".repeat(kid.len())});
            let token = jwt::issue(&signer, &HeaderParams::default(), &claims).unwrap();
            let policy = Policy::builder().no_audience().typ("JWT").danger().any_issuer().build();
            let verifier = Verifier::new(KeySet::new([signer.verifying_key()]), policy);
            assert_eq!(*verifier.verify::<Value>(&token, NOW).unwrap(), claims);

            let (input, signature) = token.rsplit_once('.').unwrap();
            for (at, old) in input.char_indices().filter(|(_, old)| *old != '.') {
                let other = if old == 'A' { "B" } else { "A" };
                let forged = format!("{}{other}{}.{signature}", &input[..at], &input[at + 1..]);
                let refused = verifier.verify::<Value>(&forged, NOW).map(jwt::Claims::into_inner);
                assert_eq!(refused, longer_way(&verifier, &forged), "{alg} {at}");
                assert!(refused.is_err(), "{alg} {at}");
            }
        }
    }
}

#[test]
fn a_batch_answers_each_token_in_its_place() {
    let tokens = WORLD.tokens.iter().map(String::as_str);
    let outcomes = WORLD.verifier.verify_batch::<Value, _>(tokens, NOW);
    assert_eq!(outcomes.len(), WORLD.tokens.len());
    for (outcome, token) in outcomes.into_iter().zip(&WORLD.tokens) {
        assert_eq!(outcome.map(jwt::Claims::into_inner), longer_way(&WORLD.verifier, token));
    }
}

#[test]
fn limits_hold_for_known_headers_too() {
    let verifier = &WORLD.verifier;
    let token = &WORLD.tokens[0];
    let mut limits = Limits::default();
    limits.token = token.len() - 1;
    let strict = Verifier::with_limits(verifier.keys().clone(), verifier.policy().clone(), limits);
    assert_eq!(strict.verify::<Value>(token, NOW).unwrap_err().code(), "too_large");
    let mut limits = Limits::default();
    limits.header = 10;
    let strict = Verifier::with_limits(verifier.keys().clone(), verifier.policy().clone(), limits);
    assert_eq!(strict.verify::<Value>(token, NOW).unwrap_err().code(), "too_large");
}

proptest! {
    #[test]
    fn a_token_changed_anywhere_is_answered_as_by_the_longer_way(
        token in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        change in prop_oneof![Just(None), "[A-Za-z0-9_.=+-]".prop_map(Some)],
        insert in any::<bool>(),
    ) {
        let mut token = WORLD.tokens[token.index(WORLD.tokens.len())].clone();
        let at = at.index(token.len());
        match (change, insert) {
            (Some(text), true) => token.insert_str(at, &text),
            (Some(text), false) => token.replace_range(at..=at, &text),
            (None, true) => token.truncate(at),
            (None, false) => { token.remove(at); }
        }
        agrees(&token);
    }
}
