//! Rings on a server: delivered, acknowledged, changed at once, and kept while the server is away.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, UNIX_EPOCH};

use keytide_client::{Ring, Signer, Verifier};
use keytide_jose::jwt::Policy;
use keytide_jose::{Algorithm, Secret};
use keytide_ring::{Actor, Command};
use serde_json::json;

use crate::keys::named;
use crate::server::{OPERATOR, READER, RingServer, options, until};
use crate::web::{Web, reply, wait_for_the_end};

fn policy() -> Policy {
    Policy::builder().danger().any_issuer().danger().any_audience().typ("JWT").build()
}

fn now() -> u64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs()
}

fn ada() -> serde_json::Value {
    json!({"sub": "ada", "exp": now() + 600})
}

fn acknowledging() -> serde_json::Value {
    json!({"consumers": [{"name": "api", "acknowledges": true, "lease": "60s"}]})
}

#[test]
fn a_symmetric_ring_signs_and_verifies_here_and_says_what_it_has_loaded() {
    let server = RingServer::start();
    server.make("shared.test", "HS256", acknowledging());
    let ring = server.connect("shared.test");
    assert_eq!(ring.status().presence.unwrap().acknowledged, None, "nothing before its use");
    let signer = ring.signer().unwrap();
    assert!(matches!(signer, Signer::Local(_)));
    assert_eq!(signer.key_id().unwrap().as_str(), server.signs("shared.test"));
    let token = signer.sign(&json!({"sub": "ada", "exp": 4_000_000_000_u64})).unwrap();
    let verifier: Verifier = Verifier::new(ring.clone(), policy());
    assert_eq!(verifier.verify(&token).unwrap()["sub"], "ada");
    assert_eq!(ring.snapshot().unwrap().keys().keys().len(), 2, "active and next");

    until("the epoch is acknowledged", || ring.status().presence.unwrap().acknowledged == Some(1));
    let presence = ring.status().presence.unwrap();
    let prefix = format!("tests-{}-", std::process::id());
    assert!(presence.instance.starts_with(&prefix), "{presence:?}");
    assert!(presence.lease_until.is_some());
    let stored = server.keeper.store().load(&"shared.test".parse().unwrap()).unwrap();
    let [known] = stored.evidence.instances() else { panic!("{:?}", stored.evidence) };
    assert_eq!((&*known.consumer, &known.instance), ("api", &presence.instance));
}

#[test]
fn the_server_signs_for_a_ring_whose_private_key_it_keeps() {
    let server = RingServer::start();
    server.make("signed.test", "ES256", json!({"token_ttl": "10m", "consumers": ["jose"]}));
    let ring = server.connect("signed.test");
    let signer = ring.signer().unwrap();
    assert!(
        matches!(signer, Signer::Remote(_)) && ring.snapshot().unwrap().signing_key().is_none()
    );
    assert_eq!(signer.algorithm(), Algorithm::ES256);
    let now = now();
    let token = signer.sign(&json!({"sub": "ada", "iat": now, "exp": now + 60})).unwrap();
    let verifier: Verifier = Verifier::new(ring.clone(), policy());
    let claims = verifier.verify(&token).unwrap();
    assert_eq!((&claims["sub"], &claims["exp"]), (&json!("ada"), &json!(now + 60)));
    // The server's own words and code.
    let refused = signer.sign(&json!({"sub": "ada", "exp": now + 3_600})).unwrap_err();
    assert_eq!(refused.code(), "ttl_too_long", "{refused}");
    assert!(!refused.hint().is_empty());
    assert_eq!(signer.sign(&json!([1])).unwrap_err().code(), "malformed_payload");

    let token = Secret::new(READER.as_bytes().to_vec());
    let reader = Ring::connect(&server.url("signed.test"), token, options()).unwrap();
    let refused = reader.signer().unwrap().sign(&ada()).unwrap_err();
    assert_eq!(refused.code(), "permission_missing");
}

#[test]
fn a_revoked_key_is_gone_without_anybody_asking_and_its_tokens_with_it() {
    let server = RingServer::start();
    for (name, algorithm) in [("shared.test", "HS256"), ("signed.test", "ES256")] {
        server.make(name, algorithm, acknowledging());
        let ring = server.connect(name);
        let verifier: Verifier = Verifier::new(ring.clone(), policy());
        let old = ring.signer().unwrap().sign(&ada()).unwrap();
        let first = ring.snapshot().unwrap();
        verifier.verify(&old).unwrap();
        until("it waits at the server", || ring.status().presence.unwrap().acknowledged.is_some());

        let kid = server.signs(name).parse().unwrap();
        server.command(name, Command::Revoke { kid, reason: Some("stolen".into()) });
        until("the new set came", || {
            // It is never a fetch of this thread.
            ring.snapshot_cached().unwrap().unwrap().identity() != first.identity()
        });
        let status = ring.status();
        assert_eq!((status.epoch, status.fetches), (Some(server.epoch(name)), 1), "{name}");
        assert_eq!(verifier.verify(&old).unwrap_err().code(), "unknown_kid", "{name}");
        let new = ring.signer().unwrap();
        assert_eq!(new.key_id().unwrap().as_str(), server.signs(name));
        verifier.verify(&new.sign(&ada()).unwrap()).unwrap();
    }
}

#[test]
fn a_server_that_is_away_is_borne_and_found_again() {
    let mut server = RingServer::start();
    server.make("shared.test", "HS256", acknowledging());
    server.make("signed.test", "ES256", acknowledging());
    let rings = [server.connect("shared.test"), server.connect("signed.test")];
    let old: Vec<_> = rings.iter().map(|ring| ring.snapshot().unwrap()).collect();
    let token = rings[0].signer().unwrap().sign(&ada()).unwrap();
    server.stop();
    for ring in &rings {
        until("it is noticed", || ring.status().last_error.is_some());
        assert_eq!(ring.refresh().unwrap_err().code(), "fetch_failed");
    }
    // Everything that needs no server goes on.
    let verifier: Verifier = Verifier::new(rings[0].clone(), policy());
    verifier.verify(&token).unwrap();
    verifier.verify(&rings[0].signer().unwrap().sign(&ada()).unwrap()).unwrap();
    let remote = rings[1].signer().unwrap().sign(&ada()).unwrap_err();
    assert_eq!(remote.code(), "fetch_failed");

    // It comes back changed.
    for name in ["shared.test", "signed.test"] {
        let kid = server.signs(name).parse().unwrap();
        server.command(name, Command::Revoke { kid, reason: Some("stolen".into()) });
    }
    server.start_again();
    for (ring, old) in rings.iter().zip(&old) {
        until("the new set came", || ring.snapshot().unwrap().identity() != old.identity());
        until("it is acknowledged", || {
            ring.status().presence.unwrap().acknowledged == ring.status().epoch
        });
    }
    assert_eq!(verifier.verify(&token).unwrap_err().code(), "unknown_kid");
    rings[1].signer().unwrap().sign(&ada()).unwrap();
}

#[test]
fn a_server_says_why_it_refuses() {
    let server = RingServer::start();
    server.make("shared.test", "HS256", acknowledging());
    let refused = |ring: &str, token: &str| {
        let token = Secret::new(token.as_bytes().to_vec());
        let ring = Ring::connect(&server.url(ring), token, options()).unwrap();
        let error = ring.snapshot().unwrap_err();
        assert!(error.is_fetch_error());
        error
    };
    assert_eq!(
        refused("shared.test", "ktop_another-one-of-the-tests").code(),
        "credentials_refused"
    );
    assert_eq!(refused("other.test", OPERATOR).code(), "ring_not_found");
    let bad = Secret::new(b"a\nb".to_vec());
    let error = Ring::connect(&server.url("shared.test"), bad, options()).unwrap_err();
    assert_eq!(error.code(), "bad_option");
}

#[test]
fn the_keys_of_a_destroyed_ring_are_used_no_more() {
    let server = RingServer::start();
    server.make("shared.test", "HS256", acknowledging());
    let ring = server.connect("shared.test");
    ring.snapshot().unwrap();
    until("it waits at the server", || ring.status().presence.unwrap().acknowledged.is_some());
    let name = "shared.test".parse().unwrap();
    server.keeper.destroy(&name, &Actor::local("test"), Some("the service is gone")).unwrap();
    until("its end is heard of", || {
        ring.snapshot().is_err_and(|error| error.code() == "ring_not_found")
    });
    assert_eq!(ring.status().keys, 0);
}

/// What a server delivers of a ring with these keys.
fn delivery(epoch: u64, active: &str, next: &str) -> String {
    let jwk = |kid| named(Algorithm::ES256, kid).public_jwk().unwrap().to_string();
    format!(
        "{{\"ring\":\"a.test\",\"epoch\":{epoch},\"algorithm\":\"ES256\",\"lease_until\":null,\
         \"active\":{},\"next\":{},\"previous\":[],\"more\":1}}",
        jwk(active),
        jwk(next)
    )
}

fn connect(web: &Web) -> Ring {
    let token = Secret::new(b"ktop_of-the-tests".to_vec());
    let mut options = options();
    options.options.background = false;
    Ring::connect(&web.at("/v1/rings/a.test"), token, options).unwrap()
}

#[test]
fn an_older_epoch_does_not_bring_a_key_back_unless_the_ring_was_made_anew() {
    let epoch = Arc::new(AtomicU64::new(7));
    let says = Arc::clone(&epoch);
    let web = Web::start(move |request, stream| {
        assert!(request.head.contains("authorization: bearer ktop_of-the-tests"));
        let body = match says.load(Ordering::SeqCst) {
            7 => delivery(7, "b", "c"),
            6 => delivery(6, "a", "b"),
            _ => delivery(1, "x", "y"),
        };
        reply(stream, "200 OK", "", &body)
    });
    let ring = connect(&web);
    assert_eq!(ring.snapshot().unwrap().epoch(), Some(7));
    epoch.store(6, Ordering::SeqCst);
    let error = ring.refresh().unwrap_err();
    assert_eq!(error.code(), "bad_answer");
    assert!(error.to_string().contains("went back from epoch 7 to 6"), "{error}");
    assert_eq!(ring.snapshot().unwrap().epoch(), Some(7));
    epoch.store(1, Ordering::SeqCst);
    ring.refresh().unwrap();
    assert_eq!(ring.snapshot().unwrap().epoch(), Some(1));
}

#[test]
fn answers_that_are_not_a_rings_are_refused_and_nothing_of_them_is_shown() {
    const SECRET: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T";
    let oct = format!("{{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"a\",\"k\":\"{SECRET}\"}}");
    let private = named(Algorithm::ES256, "p").to_private_jwk().expose_json();
    let private = String::from_utf8(private.expose().to_vec()).unwrap();
    let of = |active: &str, rest: &str| {
        format!(
            "{{\"ring\":\"a.test\",\"epoch\":1,\"active\":{active},\"next\":{oct},\"previous\":[]{rest}}}"
        )
    };
    for (status, body) in [
        ("200 OK", format!("\"{SECRET}\"")),
        ("200 OK", of(&oct, ",\"epoch\":2")),
        ("200 OK", of(&format!("\"{SECRET}\""), "")),
        ("200 OK", of(&oct.replace("HS256", "HS999"), "")),
        ("200 OK", of(&oct.replace(SECRET, "AQID"), "")),
        ("200 OK", of(&private, "")),
        ("200 OK", of(&oct, "").replace("a.test", "b.test")),
        ("307 Temporary Redirect", String::new()),
        ("304 Not Modified", String::new()),
        ("500 Oh No", format!("{{\"code\":\"{SECRET}\",\"detail\":\"d\"}}")),
    ] {
        let shown = body.clone();
        let web = Web::start(move |_, stream| reply(stream, status, "Location: /x\r\n", &body));
        let ring = connect(&web);
        let error = ring.snapshot().unwrap_err();
        assert_eq!(error.code(), "bad_answer", "{shown}: {error}");
        let said = format!("{error} {error:?} {ring:?} {:?}", ring.status());
        assert!(!said.contains(SECRET) && !said.contains("ktop_"), "{said}");
    }
}

#[test]
fn a_ring_that_is_let_go_ends_its_wait_at_the_server() {
    let (tell, told) = mpsc::channel();
    let waiting = Arc::new(AtomicBool::new(false));
    let waits = Arc::clone(&waiting);
    let web = Web::start(move |request, stream| {
        if request.head.starts_with("post") {
            return reply(stream, "200 OK", "", "{\"lease_until\":null}");
        }
        if !request.head.contains("after=1&wait=30000ms") {
            return reply(stream, "200 OK", "", &delivery(1, "a", "b"));
        }
        waits.store(true, Ordering::SeqCst);
        wait_for_the_end(stream);
        tell.send(()).unwrap();
        Ok(())
    });
    let token = Secret::new(b"ktop_of-the-tests".to_vec());
    let mut options = options();
    // Its own end does not come first.
    options.options.timeout = Duration::from_secs(3_600);
    let ring = Ring::connect(&web.at("/rings/a.test"), token, options).unwrap();
    let other = ring.clone();
    ring.snapshot().unwrap();
    until("it waits", || waiting.load(Ordering::SeqCst));
    drop(ring);
    assert!(told.try_recv().is_err(), "one of two clones is not the ring");
    drop(other);
    told.recv_timeout(Duration::from_secs(60)).unwrap();
}

#[test]
fn an_answer_that_was_overtaken_brings_nothing_back() {
    let (let_go, gate) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let gate = Mutex::new(gate);
    let web = Web::start(move |request, stream| {
        if request.head.starts_with("post") {
            return reply(stream, "200 OK", "", "{\"lease_until\":null}");
        }
        if request.head.contains("after=1&") {
            tell.send("waits after 1").unwrap();
            // The second epoch was read, and is slow on its way.
            let _released = gate.lock().unwrap().recv();
            return reply(stream, "200 OK", "", &delivery(2, "b", "c"));
        }
        if request.head.contains("after=3&") {
            tell.send("waits after 3").unwrap();
            wait_for_the_end(stream);
            return Ok(());
        }
        assert!(!request.head.contains("after="), "{}", request.head);
        let epoch = if request.nth == 0 { delivery(1, "a", "b") } else { delivery(3, "c", "d") };
        reply(stream, "200 OK", "", &epoch)
    });
    let token = Secret::new(b"ktop_of-the-tests".to_vec());
    let ring = Ring::connect(&web.at("/rings/a.test"), token, options()).unwrap();
    ring.snapshot().unwrap();
    assert_eq!(told.recv().unwrap(), "waits after 1");
    ring.refresh().unwrap();
    assert_eq!(ring.snapshot().unwrap().epoch(), Some(3));
    let_go.send(()).unwrap();
    assert_eq!(told.recv().unwrap(), "waits after 3");
    assert_eq!(ring.snapshot().unwrap().epoch(), Some(3));
    assert!(ring.find(Some("b"), Algorithm::ES256).is_err());
}

#[test]
fn keys_come_though_no_acknowledgement_is_taken() {
    let web = Web::start(move |request, stream| {
        if request.head.starts_with("post") {
            return reply(stream, "500 Oh No", "", "");
        }
        if request.head.contains("after=2&") {
            wait_for_the_end(stream);
            return Ok(());
        }
        let next = request.head.contains("after=1&");
        reply(
            stream,
            "200 OK",
            "",
            &if next { delivery(2, "b", "c") } else { delivery(1, "a", "b") },
        )
    });
    let token = Secret::new(b"ktop_of-the-tests".to_vec());
    let ring = Ring::connect(&web.at("/rings/a.test"), token, options()).unwrap();
    ring.snapshot().unwrap();
    until("the next epoch came", || ring.snapshot().unwrap().epoch() == Some(2));
    let status = ring.status();
    assert_eq!(status.presence.unwrap().acknowledged, None);
    assert_eq!(status.last_error.unwrap().code(), "bad_answer");
}
