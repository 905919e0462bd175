//! Tokens that name keys which are not in the set: what they may cost, and how a new key is found.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use keytide_client::{Options, Ring, Verifier};
use keytide_jose::Algorithm;
use keytide_jose::jwt::{HeaderParams, Policy, issue};
use serde_json::json;

use crate::clock::by_hand;
use crate::keys::{named, set};
use crate::web::{Web, reply};

#[test]
fn a_flood_of_unknown_kids_causes_one_fetch_per_cooldown() {
    let (clock, options) = by_hand();
    let body = Arc::new(Mutex::new(set(&[&named(Algorithm::ES256, "known")])));
    let web = Web::of(&body, "Cache-Control: max-age=3600\r\n");
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    ring.snapshot().unwrap();
    for second in 0..90 {
        for nth in 0..20 {
            let kid = format!("forged-{second}-{nth}");
            let error = ring.find(Some(&kid), Algorithm::ES256).unwrap_err();
            assert_eq!(error.code(), "unknown_kid");
        }
        clock.pass(1);
    }
    assert_eq!(web.hits(), 1 + 3, "90 s, a cooldown of 30 s");
    // A known kid, or none, never causes one.
    clock.pass(60);
    ring.find(Some("known"), Algorithm::ES256).unwrap();
    ring.find(None, Algorithm::ES256).unwrap();
    assert_eq!(ring.find(Some("known"), Algorithm::RS256).unwrap_err().code(), "key_alg_mismatch");
    assert_eq!(web.hits(), 4);
}

#[test]
fn a_kid_that_a_fetch_did_not_bring_is_not_asked_for_again_for_a_while() {
    let (clock, options) = by_hand();
    let body = Arc::new(Mutex::new(set(&[&named(Algorithm::ES256, "known")])));
    let web = Web::of(&body, "Cache-Control: max-age=3600\r\n");
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    let ask = || ring.find(Some("forged"), Algorithm::ES256).unwrap_err();
    ask();
    assert_eq!(web.hits(), 2);
    clock.pass(59);
    ask();
    assert_eq!(web.hits(), 2);
    clock.pass(1);
    ask();
    assert_eq!(web.hits(), 3);
    ring.find(Some(&"k".repeat(2_000)), Algorithm::ES256).unwrap_err();
    clock.pass(600);
    ring.find(Some(&"k".repeat(2_000)), Algorithm::ES256).unwrap_err();
    assert_eq!(web.hits(), 3, "no key is named like that");
}

#[test]
fn a_new_key_is_found_by_the_first_token_that_names_it() {
    let (_, options) = by_hand();
    let (old, new) = (named(Algorithm::ES256, "old"), named(Algorithm::EdDSA, "new"));
    let body = Arc::new(Mutex::new(set(&[&old])));
    let web = Web::of(&body, "Cache-Control: max-age=3600\r\n");
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    let before = ring.find(Some("old"), Algorithm::ES256).unwrap();
    *body.lock().unwrap() = set(&[&old, &new]);

    // A host that must not wait is told so, and its other thread does the waiting.
    assert!(ring.find_cached(Some("new"), Algorithm::EdDSA).is_none());
    assert!(ring.find_cached(Some("old"), Algorithm::ES256).unwrap().is_ok());
    assert_eq!(web.hits(), 1);
    let found = ring.find(Some("new"), Algorithm::EdDSA).unwrap();
    assert_ne!(found.snapshot().identity(), before.snapshot().identity());
    assert!(ring.find_cached(Some("new"), Algorithm::EdDSA).unwrap().is_ok());
    // In the cooldown it is an answer, not a fetch.
    let other = ring.find_cached(Some("newer"), Algorithm::EdDSA).unwrap();
    assert_eq!(other.unwrap_err().code(), "unknown_kid");
    assert_eq!(web.hits(), 2);
}

#[test]
fn a_verifier_finds_a_new_key_and_forgets_tokens_of_one_that_is_gone() {
    let (_, options) = by_hand();
    let (old, new) = (named(Algorithm::ES256, "old"), named(Algorithm::ES256, "new"));
    let body = Arc::new(Mutex::new(set(&[&old])));
    let web = Web::of(&body, "");
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    let policy = Policy::builder().issuer("i").audience("a").typ("JWT").build();
    let verifier: Verifier = Verifier::new(ring, policy);
    let claims = json!({"iss": "i", "aud": "a", "exp": 1_900_000_000});
    let sign = |key| issue(key, &HeaderParams::default(), &claims).unwrap();
    let (by_old, by_new) = (sign(&old), sign(&new));
    assert!(verifier.verify(&by_old).is_ok() && verifier.verify(&by_old).is_ok());

    *body.lock().unwrap() = set(&[&new]);
    assert!(verifier.verify(&by_new).is_ok());
    assert_eq!(verifier.verify(&by_old).unwrap_err().code(), "unknown_kid");
    assert_eq!(web.hits(), 2, "the second unknown kid came within the cooldown");
}

#[test]
fn threads_that_need_the_set_at_once_share_one_fetch() {
    const THREADS: usize = 32;
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let (opens, body) = (Arc::clone(&gate), set(&[&named(Algorithm::ES256, "known")]));
    let web = Web::start(move |_, stream| {
        let mut open = opens.0.lock().unwrap();
        while !*open {
            open = opens.1.wait(open).unwrap();
        }
        reply(stream, "200 OK", "Cache-Control: max-age=3600\r\n", &body)
    });
    let mut options = Options::default();
    options.background = false;
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    let calling = AtomicUsize::new(0);
    let any_waited_in_vain = AtomicBool::new(false);
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                calling.fetch_add(1, Ordering::SeqCst);
                if ring.find(Some("known"), Algorithm::ES256).is_err() {
                    any_waited_in_vain.store(true, Ordering::SeqCst);
                }
            });
        }
        while calling.load(Ordering::SeqCst) < THREADS || web.hits() == 0 {
            thread::yield_now();
        }
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    });
    assert!(!any_waited_in_vain.load(Ordering::SeqCst));
    assert_eq!((web.hits(), ring.status().fetches), (1, 1));

    // The same for a kid that none of them knows.
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| ring.find(Some("forged"), Algorithm::ES256).unwrap_err());
        }
    });
    assert_eq!(web.hits(), 2);
}
