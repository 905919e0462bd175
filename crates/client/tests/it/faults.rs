//! Servers that misbehave: each fault ends in bounded time and room with an error of its own, and the set that was there stays.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use keytide_client::{Error, Options, Ring};
use keytide_jose::Algorithm;

use crate::keys::{key, named, set};
use crate::web::{Web, reply, wait_for_the_end};

type Fault = fn(&mut TcpStream) -> std::io::Result<()>;

/// What a server does, the code of the error, and words that must be in it.
const FAULTS: &[(&str, Fault, &str, &str)] = &[
    ("garbage", |s| reply(s, "200 OK", "", "\u{0}garbage"), "set_refused", ""),
    ("a page", |s| reply(s, "200 OK", "", "<html>Hello</html>"), "set_refused", ""),
    ("another document", |s| reply(s, "200 OK", "", r#"{"issuer":"a"}"#), "set_refused", ""),
    ("nothing", |s| reply(s, "200 OK", "", ""), "set_refused", ""),
    ("no array", |s| reply(s, "200 OK", "", r#"{"keys":7}"#), "set_refused", ""),
    ("members twice", |s| reply(s, "200 OK", "", r#"{"keys":[],"keys":[]}"#), "set_refused", ""),
    ("an empty set", |s| reply(s, "200 OK", "", r#"{"keys":[]}"#), "no_usable_key", "empty"),
    (
        "only unknown keys",
        |s| reply(s, "200 OK", "", r#"{"keys":[{"kty":"FUTURE","kid":"f"}]}"#),
        "no_usable_key",
        "none of the 1 keys",
    ),
    (
        "a private key",
        |s| {
            reply(
                s,
                "200 OK",
                "",
                r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},{"kty":"EC","d":"AQ"}]}"#,
            )
        },
        "private_key_published",
        "",
    ),
    (
        "a shared secret",
        |s| reply(s, "200 OK", "", r#"{"keys":[{"kty":"oct","k":"AQ"}]}"#),
        "private_key_published",
        "",
    ),
    (
        "a redirect",
        |s| reply(s, "302 Found", "Location: /elsewhere\r\n", ""),
        "fetch_failed",
        "a redirect (HTTP 302), which is not followed",
    ),
    ("a failure", |s| reply(s, "500 Oh No", "", r#"{"keys":[]}"#), "fetch_failed", "HTTP 500"),
    ("not there", |s| reply(s, "404 Not Found", "", ""), "fetch_failed", "HTTP 404"),
    (
        "nothing new, unasked",
        |s| reply(s, "304 Not Modified", "", ""),
        "fetch_failed",
        "the answer is HTTP 304",
    ),
    ("the end at once", |_| Ok(()), "fetch_failed", ""),
    ("no HTTP", |s| s.write_all(b"220 mail.example ESMTP\r\n"), "fetch_failed", ""),
    (
        "the end in the middle",
        |s| s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"keys\":["),
        "fetch_failed",
        "",
    ),
    (
        "headers without end",
        |s| {
            s.write_all(b"HTTP/1.1 200 OK\r\n")?;
            loop {
                s.write_all(b"X-More: and more, and more, and more, and more\r\n")?;
            }
        },
        "fetch_failed",
        "",
    ),
    (
        "silence",
        |s| {
            wait_for_the_end(s);
            Ok(())
        },
        "fetch_timed_out",
        "timeout of 400ms",
    ),
    (
        "silence after the headers",
        |s| {
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")?;
            wait_for_the_end(s);
            Ok(())
        },
        "fetch_timed_out",
        "timeout of 400ms",
    ),
    (
        "a byte now and then",
        |s| {
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n")?;
            loop {
                s.write_all(b" ")?;
                s.flush()?;
                std::thread::sleep(Duration::from_millis(20));
            }
        },
        "fetch_timed_out",
        "timeout of 400ms",
    ),
    (
        "10 MB, as announced",
        |s| {
            s.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")?;
            flood(s)
        },
        "too_large",
        "max_bytes of 524288",
    ),
    (
        "10 MB and more, unannounced",
        |s| {
            s.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            flood(s)
        },
        "too_large",
        "max_bytes of 524288",
    ),
];

static FLOODED: AtomicUsize = AtomicUsize::new(0);

fn flood(stream: &mut TcpStream) -> std::io::Result<()> {
    let block = [b' '; 64 * 1024];
    loop {
        stream.write_all(&block)?;
        FLOODED.fetch_add(block.len(), Ordering::Relaxed);
    }
}

fn options(fault: &str) -> Options {
    let mut options = Options::default();
    let times_out = fault.contains("silence") || fault.contains("byte");
    options.timeout = Duration::from_millis(if times_out { 400 } else { 20_000 });
    options.background = false;
    options
}

fn check(name: &str, error: &Error, code: &str, words: &str) {
    assert_eq!(error.code(), code, "{name}: {error}");
    assert!(error.to_string().contains(words), "{name}: {error}");
    assert!(error.is_fetch_error() && !error.hint().is_empty(), "{name}");
}

#[test]
fn each_fault_has_an_error_of_its_own_and_gives_no_key() {
    for (name, fault, code, words) in FAULTS {
        let web = Web::start(|_, stream| fault(stream));
        let ring = Ring::from_jwks(&web.url(), options(name)).unwrap();
        check(name, &ring.snapshot().unwrap_err(), code, words);
        let found = ring.find_cached(Some("a"), Algorithm::ES256);
        check(name, &found.unwrap().unwrap_err(), code, words);
        assert_eq!(web.hits(), 1, "{name}: after a failure it is not asked again at once");
    }
    // What sockets hold in both directions, and not ten megabytes.
    assert!(FLOODED.load(Ordering::Relaxed) < 16 << 20);
}

#[test]
fn each_fault_leaves_the_set_that_was_there() {
    let good = key(Algorithm::ES256);
    let kid = good.key_id().unwrap().as_str();
    for (name, fault, code, words) in FAULTS {
        let broken = Arc::new(AtomicBool::new(false));
        let (is_broken, body) = (Arc::clone(&broken), set(&[&good]));
        let web = Web::start(move |_, stream| {
            let broken = is_broken.load(Ordering::SeqCst);
            if broken { fault(stream) } else { reply(stream, "200 OK", "", &body) }
        });
        let ring = Ring::from_jwks(&web.url(), options(name)).unwrap();
        let before = ring.snapshot().unwrap();
        broken.store(true, Ordering::SeqCst);
        check(name, &ring.refresh().unwrap_err(), code, words);
        assert_eq!(ring.snapshot().unwrap().identity(), before.identity(), "{name}");
        assert_eq!(ring.find(Some(kid), Algorithm::ES256).unwrap().as_slice().len(), 1);
        assert_eq!(ring.status().last_error.unwrap().code(), *code, "{name}");
    }
}

#[test]
fn a_server_that_is_not_there_is_an_error_at_once() {
    let url = Web::start(|_, _| Ok(())).url();
    let ring = Ring::from_jwks(&url, options("gone")).unwrap();
    check("gone", &ring.refresh().unwrap_err(), "fetch_failed", "");
    let mut at_start = options("gone");
    at_start.fetch_at_start = true;
    check("gone", &Ring::from_jwks(&url, at_start).unwrap_err(), "fetch_failed", "");
}

#[test]
fn keys_that_cannot_be_used_are_listed_with_their_reasons() {
    let good = named(Algorithm::ES256, "good");
    let jwk = good.public_jwk().unwrap().to_string();
    let with = |kid: &str, members: &str| {
        let jwk = jwk.replace("\"kid\":\"good\"", &format!("\"kid\":\"{kid}\""));
        jwk.replace("\"use\":\"sig\"", members)
    };
    let weak = format!(r#"{{"kty":"RSA","kid":"weak","e":"AQAB","n":"{}E"}}"#, "v".repeat(170));
    let keys = [
        r#"{"kty":"FUTURE","kid":"unknown"}"#.to_owned(),
        weak,
        with("encrypts", "\"use\":\"enc\""),
        jwk.clone(),
        with("other", "\"use\":\"sig\"").replace("\"alg\":\"ES256\"", "\"alg\":\"ECDH-ES\""),
    ];
    let body = format!("{{\"keys\":[{}]}}", keys.join(","));
    let web = Web::start(move |_, stream| reply(stream, "200 OK", "", &body));
    let ring = Ring::from_jwks(&web.url(), options("skipped")).unwrap();
    ring.refresh().unwrap();
    let status = ring.status();
    let skipped: Vec<_> = status
        .skipped
        .iter()
        .map(|key| (key.index, key.kid.as_deref().unwrap(), key.why.code()))
        .collect();
    assert_eq!(
        skipped,
        [
            (0, "unknown", "invalid_key"),
            (1, "weak", "weak_key"),
            (2, "encrypts", "key_alg_mismatch"),
            (4, "other", "key_alg_mismatch"),
        ]
    );
    assert_eq!(status.keys, 1);
}

#[test]
fn an_algorithm_that_was_not_allowed_gives_no_key() {
    let (es, ed) = (key(Algorithm::ES256), key(Algorithm::EdDSA));
    let body = set(&[&es, &ed]);
    let web = Web::start(move |_, stream| reply(stream, "200 OK", "", &body));
    let mut options = options("algorithms");
    options.algorithms = vec![Algorithm::EdDSA];
    let ring = Ring::from_jwks(&web.url(), options).unwrap();
    assert!(ring.find(ed.key_id().map(|kid| kid.as_str()), Algorithm::EdDSA).is_ok());
    let refused = ring.find(es.key_id().map(|kid| kid.as_str()), Algorithm::ES256).unwrap_err();
    assert_eq!(refused.code(), "alg_not_allowed");
}
