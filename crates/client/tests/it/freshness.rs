//! How long a set is used: as declared, within bounds, a bounded time longer through an outage, and never for longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keytide_client::{Options, Ring};
use keytide_jose::Algorithm;

use crate::clock::by_hand;
use crate::keys::{named, set};
use crate::server::until;
use crate::web::{Web, reply};

#[test]
fn a_set_is_used_as_long_as_it_says_within_bounds() {
    for (headers, seconds) in [
        ("Cache-Control: public, max-age=60\r\n", 60),
        ("Cache-Control: max-age=60\r\nAge: 40\r\n", 20),
        ("Cache-Control: max-age=60\r\nAge: 90\r\n", 1),
        ("Cache-Control: max-age=0\r\n", 1),
        ("Cache-Control: max-age=86400\r\n", 3_600),
        ("Cache-Control: no-cache\r\n", 300),
        ("Cache-Control: max-age=soon\r\n", 300),
        ("", 300),
    ] {
        let (clock, options) = by_hand();
        let body = Arc::new(Mutex::new(set(&[&named(Algorithm::ES256, "a")])));
        let web = Web::of(&body, headers);
        let ring = Ring::from_jwks(&web.url(), options).unwrap();
        let first = ring.snapshot().unwrap();
        clock.pass(seconds - 1);
        ring.snapshot().unwrap();
        assert!(ring.snapshot_cached().is_some(), "{headers}");
        assert_eq!(web.hits(), 1, "{headers}");
        clock.pass(1);
        assert!(ring.snapshot_cached().is_none(), "{headers}");
        // The same keys: what was derived from them may go on.
        assert_eq!(ring.snapshot().unwrap().identity(), first.identity());
        assert_eq!(web.hits(), 2, "{headers}");
    }
}

#[test]
fn an_unchanged_set_is_asked_for_by_its_tag_and_its_time_runs_anew() {
    let (clock, options) = by_hand();
    let body = set(&[&named(Algorithm::ES256, "a")]);
    let web = Web::start(move |request, stream| {
        let headers = "ETag: \"one\"\r\nCache-Control: max-age=60\r\n";
        if request.head.contains("if-none-match: \"one\"") {
            reply(stream, "304 Not Modified", headers, "")
        } else {
            assert_eq!(request.nth, 0);
            reply(stream, "200 OK", headers, &body)
        }
    });
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    let first = ring.snapshot().unwrap();
    for round in 1..4 {
        clock.pass(60);
        assert_eq!(ring.snapshot().unwrap().identity(), first.identity());
        assert_eq!(web.hits(), 1 + round);
    }
    assert_eq!(ring.status().age, Some(Duration::ZERO));
}

#[test]
fn an_outage_is_borne_for_a_bounded_time_and_ends_by_itself() {
    let (clock, mut options) = by_hand();
    options.stale_for = Duration::from_secs(600);
    let down = Arc::new(AtomicBool::new(false));
    let (is_down, body) = (Arc::clone(&down), set(&[&named(Algorithm::ES256, "a")]));
    let web = Web::start(move |_, stream| match is_down.load(Ordering::SeqCst) {
        true => reply(stream, "503 Service Unavailable", "", ""),
        false => reply(stream, "200 OK", "Cache-Control: max-age=60\r\n", &body),
    });
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    let first = ring.snapshot().unwrap();
    down.store(true, Ordering::SeqCst);
    for _ in 0..659 {
        clock.pass(1);
        assert_eq!(ring.snapshot().unwrap().identity(), first.identity());
    }
    let status = ring.status();
    assert!(status.stale && status.last_error.is_some(), "{status:?}");
    // One after each backoff: about 1, 2, 4, … 60 s.
    assert!((8..40).contains(&web.hits()), "{}", web.hits());
    clock.pass(1);
    let error = ring.snapshot().unwrap_err();
    assert_eq!(error.code(), "stale", "{error}");
    assert!(error.to_string().contains("HTTP 503"), "{error}");

    down.store(false, Ordering::SeqCst);
    clock.pass(60);
    assert_eq!(ring.snapshot().unwrap().identity(), first.identity());
    assert!(!ring.status().stale);
}

#[test]
fn a_set_that_lost_all_its_keys_is_an_outage_too() {
    let (clock, mut options) = by_hand();
    options.stale_for = Duration::from_secs(60);
    let body = Arc::new(Mutex::new(set(&[&named(Algorithm::ES256, "a")])));
    let web = Web::of(&body, "Cache-Control: max-age=60\r\n");
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    ring.snapshot().unwrap();
    *body.lock().unwrap() = "{\"keys\":[]}".into();
    clock.pass(61);
    ring.find(Some("a"), Algorithm::ES256).unwrap();
    clock.pass(60);
    assert_eq!(ring.snapshot().unwrap_err().code(), "stale");
}

#[test]
fn a_thread_brings_the_next_set_to_those_who_never_wait() {
    let (old, new) = (named(Algorithm::ES256, "old"), named(Algorithm::ES256, "new"));
    let body = Arc::new(Mutex::new(set(&[&old])));
    let web = Web::of(&body, "Cache-Control: max-age=1\r\n");
    let ring = Ring::from_jwks(&web.url(), Options::default()).unwrap();
    let first = ring.snapshot().unwrap();
    *body.lock().unwrap() = set(&[&old, &new]);
    // Nothing here fetches: None would say that it is needed.
    until("the next set came", || {
        ring.snapshot_cached().is_some_and(|set| set.unwrap().identity() != first.identity())
    });
    assert!(ring.find_cached(Some("new"), Algorithm::ES256).unwrap().is_ok());
}

#[test]
fn a_thread_that_fetches_in_vain_keeps_nobody_on_an_old_set_for_ever() {
    let down = Arc::new(AtomicBool::new(false));
    let (is_down, body) = (Arc::clone(&down), set(&[&named(Algorithm::ES256, "a")]));
    let web = Web::start(move |_, stream| match is_down.load(Ordering::SeqCst) {
        true => reply(stream, "503 Service Unavailable", "", ""),
        false => reply(stream, "200 OK", "Cache-Control: max-age=1\r\n", &body),
    });
    let mut options = Options::default();
    options.stale_for = Duration::from_secs(1);
    (options.retry_first, options.retry_longest) =
        (Duration::from_millis(10), Duration::from_millis(20));
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    ring.snapshot().unwrap();
    down.store(true, Ordering::SeqCst);
    until("the set may be used no more", || ring.snapshot().is_err());
    for _ in 0..200 {
        assert_eq!(ring.snapshot().unwrap_err().code(), "stale");
        std::thread::sleep(Duration::from_millis(1));
    }
    down.store(false, Ordering::SeqCst);
    until("it is fetched again", || ring.snapshot().is_ok());
}

#[test]
fn a_set_that_nobody_uses_is_not_fetched() {
    let (clock, mut options) = by_hand();
    options.background = true;
    let body = Arc::new(Mutex::new(set(&[&named(Algorithm::ES256, "a")])));
    let web = Web::of(&body, "Cache-Control: max-age=60\r\n");
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    assert_eq!((web.hits(), ring.status().age), (0, None), "nor before it is used");
    ring.refresh().unwrap();
    clock.pass(10_000);
    assert_eq!(web.hits(), 1);
}
