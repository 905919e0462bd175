//! Every promise of `RingStore`, as sentences that hold on every store.

use std::sync::Barrier;

use jiff::Timestamp;
use keytide_jose::Algorithm::{ES256, EdDSA, HS256, HS512};
use keytide_jose::key::SigningKey;
use keytide_jose::{KeyId, Secret, SystemRng};
use keytide_ring::{
    AccessToken, AccessTokenHash, Action, Actor, Changes, Command, Commit, Epoch, Event,
    EventResult, Evidence, FreshKey, KeptTarget, Memory, Permission, Revision, Ring, RingPattern,
    RingSummary, State, Webhook, When, apply, plan,
};

use serde_json::{Map, Value, json};

use crate::bench::{Bench, actor, at, code, command_on, forced, hmac, key, name};

macro_rules! suite {
    ($($promise:ident)*) => {
        mod memory {
            $(#[test] fn $promise() { super::$promise(&crate::bench::Bench::memory()); })*
        }
        mod sqlite {
            $(#[test] fn $promise() { super::$promise(&crate::bench::Bench::sqlite()); })*
        }
    };
}

suite! {
    a_ring_is_loaded_as_it_was_made
    a_ring_has_the_same_face_after_every_change
    only_keys_that_verify_come_with_their_secret
    a_name_that_is_taken_is_refused
    a_ring_that_is_not_there_is_not_found
    a_commit_on_an_older_epoch_is_a_conflict_and_changes_nothing
    a_refused_decision_changes_nothing
    a_decision_to_do_nothing_changes_nothing
    the_decision_is_made_at_the_stores_time
    a_secret_serves_one_ring_only
    one_secret_cannot_be_both_keys_of_a_ring
    a_secret_under_another_name_and_algorithm_is_the_same_secret
    a_kid_never_stands_twice
    what_was_refused_can_be_kept_elsewhere
    a_destroyed_key_that_is_left_out_of_a_ring_does_not_come_back
    an_epoch_never_comes_back
    a_destroyed_ring_is_gone_and_its_secrets_are_free
    rings_are_listed_by_name_page_by_page
    rings_are_due_in_the_order_of_their_time
    changes_are_told_by_revision_and_destruction_is_one
    the_revision_is_told_even_to_those_who_are_ahead
    every_change_is_in_the_audit_log_in_its_place
    a_refused_attempt_is_recorded_and_changes_no_ring
    the_audit_log_is_read_page_by_page
    the_audit_log_verifies_to_its_newest_record
    an_access_token_is_found_by_its_hash_alone
    the_access_tokens_of_a_subject_end_together_and_no_others
    a_webhook_is_kept_with_its_secret_until_it_or_its_ring_goes
    of_attempts_to_tell_a_webhook_at_once_exactly_one_is_made
    a_target_is_kept_with_its_credentials_until_it_or_its_ring_goes
    a_ring_has_so_many_targets_and_no_more
    of_attempts_to_write_a_copy_at_once_exactly_one_is_made
    every_access_token_is_listed_by_subject
    of_commits_at_once_exactly_one_wins
    of_creations_at_once_exactly_one_wins
    commits_to_different_rings_all_happen
}

fn a_ring_is_loaded_as_it_was_made(bench: &Bench) {
    for (text, alg) in [("a.es", ES256), ("a.ed", EdDSA), ("a.hs", HS256)] {
        let keys = [key(alg), key(alg)];
        let exported = [keys[0].export().unwrap(), keys[1].export().unwrap()];
        let made = bench.create_with(text, alg, keys).unwrap();
        let stored = bench.store.load(&name(text)).unwrap();
        assert_eq!(stored.ring, made);
        assert_eq!(made.epoch(), Epoch::new(1));
        assert_eq!(stored.keys.len(), 2);
        for (key, secret) in [(made.active(), &exported[0]), (made.standby(), &exported[1])] {
            let loaded = stored.keys.iter().find(|k| k.key_id() == Some(&key.kid)).unwrap();
            assert_eq!(loaded.algorithm(), alg);
            assert_eq!(loaded.export().unwrap().expose(), secret.expose());
            assert_eq!(loaded.public_jwk(), key.public);
        }
    }
}

/// Lives through every state a key can have.
fn a_ring_has_the_same_face_after_every_change(bench: &Bench) {
    let mut ring = bench.create("a.b", ES256);
    let mut states = Vec::new();
    let mut step = |changes: keytide_ring::Changes| {
        assert_eq!(bench.load("a.b"), changes.ring);
        states.extend(changes.ring.keys().map(|key| key.state.name()));
        changes.ring
    };
    ring = step(bench.rotate(&ring));
    bench.pass("1h");
    ring = step(bench.command(&ring, &Command::Turn).unwrap());
    let revoke = |ring: &Ring, kid: &KeyId| {
        let command = Command::Revoke { kid: kid.clone(), reason: Some("leaked".into()) };
        bench.command(ring, &command).unwrap()
    };
    ring = step(revoke(&ring, &ring.active().kid.clone()));
    ring = step(revoke(&ring, &ring.standby().kid.clone()));
    let retiring = ring.past().iter().find(|k| matches!(k.state, State::Retiring { .. })).unwrap();
    ring = step(revoke(&ring, &retiring.kid.clone()));
    bench.pass("2d");
    ring = step(bench.command(&ring, &Command::Turn).unwrap());
    bench.pass("2d");
    step(bench.command(&ring, &Command::Turn).unwrap());
    for state in ["published", "active", "retiring", "retired", "revoked", "destroyed"] {
        assert!(states.contains(&state), "no key was ever {state}");
    }
}

fn only_keys_that_verify_come_with_their_secret(bench: &Bench) {
    let ring = bench.create("a.b", HS256);
    let ring = bench.rotate(&ring).ring;
    let revoked = Command::Revoke { kid: ring.past()[0].kid.clone(), reason: None };
    let ring = bench.command(&ring, &revoked).unwrap().ring;
    let stored = bench.store.load(&name("a.b")).unwrap();
    let mut kids: Vec<_> = stored.keys.iter().map(|key| key.key_id().unwrap().clone()).collect();
    let mut verifying: Vec<_> = ring.verifying().map(|key| key.kid.clone()).collect();
    kids.sort();
    verifying.sort();
    assert_eq!(kids, verifying);
    assert_eq!(ring.keys().count(), 3);
}

fn a_name_that_is_taken_is_refused(bench: &Bench) {
    let ring = bench.create("a.b", ES256);
    let again = bench.create_with("a.b", ES256, [key(ES256), key(ES256)]);
    assert_eq!(code(again), "ring_exists");
    assert_eq!(bench.load("a.b"), ring);
}

fn a_ring_that_is_not_there_is_not_found(bench: &Bench) {
    let elsewhere = Bench::memory().create("a.b", ES256);
    assert_eq!(code(bench.store.load(&name("a.b"))), "ring_not_found");
    assert_eq!(code(bench.command(&elsewhere, &forced())), "ring_not_found");
    assert_eq!(code(bench.store.destroy(&name("a.b"), &actor(), None)), "ring_not_found");
}

fn a_commit_on_an_older_epoch_is_a_conflict_and_changes_nothing(bench: &Bench) {
    let old = bench.create("a.b", ES256);
    let new = bench.rotate(&old).ring;
    let before = face(bench);
    let mut asked = false;
    let commit = Commit { ring: &name("a.b"), expected: old.epoch(), fresh: None };
    let late = bench.store.commit(commit, &mut |_, _| {
        asked = true;
        Ok(None)
    });
    assert_eq!(code(late), "conflict");
    assert!(!asked, "a decision on an old ring is not even made");
    assert_eq!(face(bench), before);
    assert_eq!(bench.load("a.b"), new);
}

fn a_refused_decision_changes_nothing(bench: &Bench) {
    let ring = bench.create("a.b", ES256);
    let before = face(bench);
    let early = Command::Activate { kid: None, when: When::IfSafe, reason: None };
    assert_eq!(code(bench.command(&ring, &early)), "activation_too_early");
    assert_eq!(face(bench), before);
    assert_eq!(bench.load("a.b"), ring);
}

fn a_decision_to_do_nothing_changes_nothing(bench: &Bench) {
    let ring = bench.create("a.b", ES256);
    let before = face(bench);
    let commit = Commit { ring: ring.name(), expected: ring.epoch(), fresh: Some(&key(ES256)) };
    assert_eq!(bench.store.commit(commit, &mut |_, _| Ok(None)).unwrap(), None);
    assert_eq!(face(bench), before);
}

fn the_decision_is_made_at_the_stores_time(bench: &Bench) {
    bench.pass("3s");
    let ring = bench.create("a.b", ES256);
    assert_eq!(ring.created_at(), at("2026-01-01T00:00:03Z"));
    assert_eq!(bench.store.now().unwrap(), at("2026-01-01T00:00:03Z"));
    bench.pass("4s");
    let mut told = Timestamp::MIN;
    let commit = Commit { ring: ring.name(), expected: ring.epoch(), fresh: None };
    let nothing = bench.store.commit(commit, &mut |now, _| {
        told = now;
        Ok(None)
    });
    assert_eq!(nothing.unwrap(), None);
    assert_eq!(told, at("2026-01-01T00:00:07Z"));
}

fn a_secret_serves_one_ring_only(bench: &Bench) {
    bench.create_with("a.prod", HS256, [hmac(1), hmac(2)]).unwrap();
    let shared = bench.create_with("a.test", HS256, [hmac(3), hmac(1)]);
    assert!(shared.unwrap_err().to_string().contains("`a.prod`"));
    assert_eq!(code(bench.store.load(&name("a.test"))), "ring_not_found");

    let ring = bench.create_with("a.dev", HS256, [hmac(4), hmac(5)]).unwrap();
    let before = face(bench);
    let shared = command_on(&*bench.store, &ring, &forced(), &hmac(2));
    assert_eq!(code(shared), "secret_in_use");
    assert_eq!(face(bench), before);
    let again = command_on(&*bench.store, &ring, &forced(), &hmac(4));
    assert_eq!(code(again), "secret_in_use", "not even the same ring may use it again");
}

fn one_secret_cannot_be_both_keys_of_a_ring(bench: &Bench) {
    let twice = bench.create_with("a.b", HS256, [hmac(1), hmac(1)]);
    assert_eq!(code(twice), "secret_in_use");
    assert_eq!(code(bench.store.load(&name("a.b"))), "ring_not_found");
}

fn a_secret_under_another_name_and_algorithm_is_the_same_secret(bench: &Bench) {
    let (long, other) = (key(HS512), key(HS512));
    let secret = long.export().unwrap();
    bench.create_with("a.b", HS512, [long, other]).unwrap();
    let renamed = SigningKey::import(HS256, &secret).unwrap().with_key_id("new".parse().unwrap());
    let keys = [renamed, key(HS256)];
    assert_eq!(code(bench.create_with("a.c", HS256, keys)), "secret_in_use");
}

fn a_kid_never_stands_twice(bench: &Bench) {
    let named = |byte: u8, kid: &str| hmac(byte).with_key_id(kid.parse().unwrap());
    let ring = bench.create_with("a.b", HS256, [named(1, "one"), named(2, "two")]).unwrap();
    let before = face(bench);
    let elsewhere = bench.create_with("a.c", HS256, [named(3, "three"), named(4, "one")]);
    assert_eq!(code(elsewhere), "ring_inconsistent");
    let here = command_on(&*bench.store, &ring, &forced(), &named(5, "two"));
    assert_eq!(code(here), "ring_inconsistent");
    assert_eq!(face(bench), before);
    assert_eq!(bench.load("a.b"), ring);
    let twins = bench.create_with("a.d", HS256, [named(6, "twin"), named(7, "twin")]);
    assert_eq!(code(twins), "ring_inconsistent");
}

fn what_was_refused_can_be_kept_elsewhere(bench: &Bench) {
    bench.create_with("a.prod", HS256, [hmac(1), hmac(2)]).unwrap();
    let refused = bench.create_with("a.test", HS256, [hmac(3), hmac(1)]);
    assert_eq!(code(refused), "secret_in_use");
    bench.create_with("a.test", HS256, [hmac(3), hmac(4)]).unwrap();
}

pub(crate) fn a_destroyed_key_that_is_left_out_of_a_ring_does_not_come_back(bench: &Bench) {
    let ring = bench.create("a.b", HS256);
    let ring = bench.rotate(&ring).ring;
    let first = ring.past()[0].kid.clone();
    bench.pass("1h");
    let ring = bench.command(&ring, &Command::Turn).unwrap().ring;
    bench.pass("2d");
    let ring = bench.command(&ring, &Command::Turn).unwrap().ring;
    assert_eq!(ring.key(&first).unwrap().state.name(), "destroyed");

    let new = key(HS256);
    let commit = Commit { ring: ring.name(), expected: ring.epoch(), fresh: Some(&new) };
    let kept = bench.store.commit(commit, &mut |now, evidence| {
        let changes =
            apply::apply(&ring, evidence, &forced(), Some(FreshKey::of(&new)), &actor(), now)?;
        Ok(changes.map(|changes| {
            let rest = |key: &&keytide_ring::Key| key.kid != first;
            let keys = changes.ring.keys().filter(rest).cloned().collect();
            let (name, policy) = (changes.ring.name().clone(), changes.ring.policy().clone());
            let (epoch, made) = (changes.ring.epoch(), changes.ring.created_at());
            let ring = Ring::assemble(name, epoch, made, policy, Memory::default(), keys).unwrap();
            Changes { ring, ..changes }
        }))
    });
    let kept = kept.unwrap().unwrap().ring;
    assert!(kept.key(&first).is_none() && ring.keys().count() == kept.keys().count());
    assert_eq!(bench.load("a.b"), kept);
    assert_eq!(bench.store.verify_audit().unwrap().broken, None);
    bench.rotate(&kept);
}

fn an_epoch_never_comes_back(bench: &Bench) {
    let ring = bench.create("a.b", ES256);
    let ring = bench.rotate(&ring).ring;
    let last = ring.epoch();
    for _ in 0..3 {
        bench.store.destroy(&name("a.b"), &actor(), Some("test")).unwrap();
        bench.create("a.b", ES256);
    }
    let made = bench.load("a.b");
    assert!(made.epoch().get() >= last.get() + 6, "{} follows {last}", made.epoch());
    assert_eq!(made.active().born, made.epoch());
    assert_eq!(code(bench.command(&ring, &forced())), "conflict");
}

fn a_destroyed_ring_is_gone_and_its_secrets_are_free(bench: &Bench) {
    bench.create_with("a.b", HS256, [hmac(1), hmac(2)]).unwrap();
    bench.store.destroy(&name("a.b"), &actor(), None).unwrap();
    assert_eq!(code(bench.store.load(&name("a.b"))), "ring_not_found");
    assert_eq!(code(bench.store.destroy(&name("a.b"), &actor(), None)), "ring_not_found");
    assert_eq!(bench.store.list(None, 10).unwrap(), []);
    assert_eq!(bench.store.due(Timestamp::MAX, 10).unwrap(), []);
    bench.create_with("a.c", HS256, [hmac(1), hmac(2)]).unwrap();
}

fn rings_are_listed_by_name_page_by_page(bench: &Bench) {
    let made: Vec<_> =
        ["b.prod", "a.prod", "a.prod.x", "c.prod"].map(|text| bench.create(text, HS256)).into();
    let list = |after: Option<&str>, limit| {
        let after = after.map(name);
        bench.store.list(after.as_ref(), limit).unwrap()
    };
    let names = |list: Vec<RingSummary>| -> Vec<String> {
        list.iter().map(|summary| summary.name.to_string()).collect()
    };
    assert_eq!(names(list(None, 10)), ["a.prod", "a.prod.x", "b.prod", "c.prod"]);
    assert_eq!(names(list(None, 2)), ["a.prod", "a.prod.x"]);
    assert_eq!(names(list(Some("a.prod.x"), 2)), ["b.prod", "c.prod"]);
    assert_eq!(names(list(Some("a.prod.a"), 1)), ["a.prod.x"]);
    assert_eq!(names(list(Some("c.prod"), 2)), [""; 0]);
    assert_eq!(list(None, 1)[0], RingSummary::of(&made[1]));
}

fn rings_are_due_in_the_order_of_their_time(bench: &Bench) {
    let first = bench.create("z.prod", HS256);
    bench.pass("1s");
    let second = bench.create("a.prod", HS256);
    let also_second = bench.create("b.prod", HS256);
    let (soon, later) = (first_due(&first), first_due(&second));
    let due = |at, limit| bench.store.due(at, limit).unwrap();
    let millisecond = jiff::SignedDuration::from_millis(1);
    assert_eq!(due(soon - millisecond, 10), []);
    assert_eq!(due(soon, 10), [first.name().clone()]);
    let all = [first.name().clone(), second.name().clone(), also_second.name().clone()];
    assert_eq!(due(later, 10), all);
    assert_eq!(due(later, 2), all[..2]);
}

fn changes_are_told_by_revision_and_destruction_is_one(bench: &Bench) {
    let since = |revision| bench.store.changed_since(revision).unwrap();
    let (start, none) = since(Revision(0));
    assert_eq!(none, []);
    let a = bench.create("a.b", HS256);
    bench.create("b.b", HS256);
    let (made, both) = since(start);
    assert!(made > start);
    assert_eq!(both, [name("a.b"), name("b.b")]);
    assert_eq!(since(made), (made, vec![]));
    bench.rotate(&a);
    let (rotated, changed) = since(made);
    assert_eq!(changed, [name("a.b")]);
    bench.store.destroy(&name("b.b"), &actor(), None).unwrap();
    let (destroyed, changed) = since(rotated);
    assert!(destroyed > rotated);
    assert_eq!(changed, [name("b.b")]);
    bench.create("b.b", HS256);
    assert_eq!(since(destroyed).1, [name("b.b")]);
}

fn the_revision_is_told_even_to_those_who_are_ahead(bench: &Bench) {
    bench.create("a.b", HS256);
    let (newest, _) = bench.store.changed_since(Revision(0)).unwrap();
    assert_eq!(bench.store.changed_since(Revision(u64::MAX)).unwrap(), (newest, vec![]));
}

fn every_change_is_in_the_audit_log_in_its_place(bench: &Bench) {
    let start = bench.store.audit_len().unwrap();
    bench.pass("5s");
    let ring = bench.create("a.b", ES256);
    bench.pass("5s");
    let changes = bench.rotate(&ring);
    bench.store.destroy(&name("a.b"), &actor(), Some("no longer needed")).unwrap();
    let records = bench.store.audit(start, 100).unwrap();
    let actions: Vec<_> = records.iter().map(|record| record.event.action).collect();
    assert_eq!(
        actions,
        [
            Action::RingCreate,
            Action::KeyActivate,
            Action::KeyPublish,
            Action::KeyPublish,
            Action::KeyDeactivate,
            Action::KeyActivate,
            Action::RingDestroy,
        ]
    );
    for (record, event) in records[3..].iter().zip(&changes.events) {
        assert_eq!(record.event, *event);
        assert_eq!(record.at, at("2026-01-01T00:00:10Z"));
    }
    let destroyed = &records[6].event;
    assert_eq!(destroyed.actor, actor());
    assert_eq!(destroyed.reason.as_deref(), Some("no longer needed"));
    assert_eq!(destroyed.epoch, Some(Epoch::new(changes.ring.epoch().get() + 1)));
    assert_eq!(destroyed.detail["keys"], "3");
    assert_eq!(bench.store.audit_len().unwrap(), start + 7);
}

fn a_refused_attempt_is_recorded_and_changes_no_ring(bench: &Bench) {
    bench.create("a.b", ES256);
    let (revision, _) = bench.store.changed_since(Revision(0)).unwrap();
    let event = Event::refused(Actor::local("x"), Action::KeyRevoke, "conflict").ring(&name("a.b"));
    let len = bench.store.audit_len().unwrap();
    bench.store.record(&event).unwrap();
    let records = bench.store.audit(len, 10).unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].event, event);
    assert_eq!(records[0].event.result, EventResult::Refused("conflict".into()));
    assert_eq!(bench.store.changed_since(revision).unwrap(), (revision, vec![]));
    bench.load("a.b");
}

fn the_audit_log_is_read_page_by_page(bench: &Bench) {
    for _ in 0..3 {
        bench.store.record(&Event::done(actor(), Action::KeyExport)).unwrap();
    }
    let len = bench.store.audit_len().unwrap();
    let seqs = |after, limit| -> Vec<u64> {
        bench.store.audit(after, limit).unwrap().iter().map(|record| record.seq).collect()
    };
    assert_eq!(seqs(0, 100), (1..=len).collect::<Vec<_>>());
    assert_eq!(seqs(0, 2), [1, 2]);
    assert_eq!(seqs(len - 1, 2), [len]);
    assert_eq!(seqs(len, 2), [0; 0]);
    assert_eq!(seqs(len + 7, 2), [0; 0]);
    assert_eq!(seqs(u64::MAX, 2), [0; 0]);
    assert_eq!(seqs(0, 0), [0; 0]);
}

fn the_audit_log_verifies_to_its_newest_record(bench: &Bench) {
    let ring = bench.create("a.b", ES256);
    bench.rotate(&ring);
    let records = bench.store.audit(0, 100).unwrap();
    assert_eq!(records[0].previous, "");
    assert!(records.windows(2).all(|pair| pair[1].previous == pair[0].hash));
    let report = bench.store.verify_audit().unwrap();
    assert_eq!(report.records, records.len() as u64);
    assert_eq!(report.head, records.last().unwrap().hash);
    assert_eq!(report.broken, None);
}

fn an_access_token_is_found_by_its_hash_alone(bench: &Bench) {
    let token = |byte: u8, expires_at| AccessToken {
        hash: AccessTokenHash([byte; 32]),
        subject: format!("subject {byte}"),
        permissions: vec![Permission::Sign, Permission::ReadRings],
        rings: vec!["billing.*".parse().unwrap(), "shop.production".parse().unwrap()],
        created_at: at("2026-01-01T00:00:00Z"),
        expires_at,
    };
    let tokens = [token(1, None), token(2, Some(at("2026-02-01T00:00:00.125Z")))];
    for token in &tokens {
        bench.store.put_access(token, &actor()).unwrap();
    }
    for token in &tokens {
        assert_eq!(bench.store.find_access(&token.hash).unwrap().as_ref(), Some(token));
    }
    assert_eq!(bench.store.find_access(&AccessTokenHash([3; 32])).unwrap(), None);
    let granted = bench.store.audit(bench.store.audit_len().unwrap() - 1, 1).unwrap();
    assert_eq!(granted[0].event.action, Action::AccessGrant);
    assert_eq!(granted[0].event.detail["subject"], "subject 2");
    assert_eq!(granted[0].event.detail["permissions"], "sign,read-rings");
    assert_eq!(granted[0].event.detail["rings"], "billing.*,shop.production");
}

fn every_access_token_is_listed_by_subject(bench: &Bench) {
    for (byte, subject) in [(1, "shop"), (2, "ci"), (3, "ci")] {
        let token = AccessToken {
            hash: AccessTokenHash([byte; 32]),
            subject: subject.into(),
            permissions: vec![Permission::Verify],
            rings: vec![RingPattern::all()],
            created_at: at("2026-01-01T00:00:00Z"),
            expires_at: None,
        };
        bench.store.put_access(&token, &actor()).unwrap();
    }
    let listed = bench.store.list_access().unwrap();
    let subjects: Vec<_> = listed.iter().map(|token| token.subject.as_str()).collect();
    assert_eq!(subjects, ["ci", "ci", "shop"]);
}

fn a_webhook(bench: &Bench, ring: &str) -> Webhook {
    let ring = bench.store.load(&name(ring)).unwrap().ring;
    let webhook =
        Webhook::new(&ring, "https://a.example/x", at("2026-01-01T00:00:00Z"), &mut SystemRng)
            .unwrap();
    bench.store.put_webhook(&webhook, &actor()).unwrap();
    webhook
}

fn a_webhook_is_kept_with_its_secret_until_it_or_its_ring_goes(bench: &Bench) {
    bench.create("a.test", HS256);
    bench.create("b.test", HS256);
    let (one, other) = (a_webhook(bench, "a.test"), a_webhook(bench, "b.test"));
    let kept = bench.store.webhooks().unwrap();
    assert_eq!(kept.iter().map(|kept| &kept.id).collect::<Vec<_>>(), [&one.id, &other.id]);
    assert_eq!(kept[0].view(), one.view());
    assert_eq!(kept[0].secret.expose(), one.secret.expose());

    let elsewhere = bench.store.remove_webhook(&name("b.test"), &one.id, &actor());
    assert_eq!(code(elsewhere), "webhook_not_found");
    bench.store.remove_webhook(&name("a.test"), &one.id, &actor()).unwrap();
    bench.store.destroy(&name("b.test"), &actor(), None).unwrap();
    assert!(bench.store.webhooks().unwrap().is_empty());
    let gone = bench.store.put_webhook(&other, &actor());
    assert_eq!(code(gone), "ring_not_found");
    let log = bench.store.audit(0, 100).unwrap();
    let actions: Vec<_> = log.iter().map(|record| record.event.action).collect();
    assert!(actions.contains(&Action::WebhookAdd) && actions.contains(&Action::WebhookRemove));
}

fn of_attempts_to_tell_a_webhook_at_once_exactly_one_is_made(bench: &Bench) {
    bench.create("a.test", HS256);
    let webhook = a_webhook(bench, "a.test");
    let attempting = webhook.standing.attempting(at("2026-01-01T00:00:05Z"));
    let claim = || bench.store.settle_webhook(&webhook.id, 1, &attempting).unwrap();
    let claims = std::thread::scope(|threads| {
        let claiming: Vec<_> = (0..4).map(|_| threads.spawn(claim)).collect();
        claiming.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(claims.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.store.webhooks().unwrap()[0].standing, attempting);
}

fn a_target(bench: &Bench, ring: &str, target: &str) -> KeptTarget {
    let target = KeptTarget {
        name: target.parse().unwrap(),
        ring: name(ring),
        settings: Secret::new(br#"{"kind":"file","token":"s3cret"}"#.to_vec()),
        shown: Map::from_iter([("kind".to_owned(), json!("file"))]),
        created_at: at("2026-01-01T00:00:00Z"),
        version: 1,
        standing: Value::Null,
    };
    bench.store.put_target(&target, &actor()).unwrap();
    target
}

fn a_target_is_kept_with_its_credentials_until_it_or_its_ring_goes(bench: &Bench) {
    bench.create("a.test", HS256);
    bench.create("b.test", HS256);
    let other = a_target(bench, "b.test", "prod");
    let one = a_target(bench, "a.test", "prod");
    let kept = bench.store.targets().unwrap();
    assert_eq!(kept.iter().map(|kept| &kept.ring).collect::<Vec<_>>(), [&one.ring, &other.ring]);
    assert_eq!(kept[0].view(), one.view());
    let own = bench.store.targets_of(&other.ring).unwrap();
    assert_eq!(own.iter().map(KeptTarget::view).collect::<Vec<_>>(), [other.view()]);
    assert!(bench.store.targets_of(&name("c.test")).unwrap().is_empty());
    let found = bench.store.target(&one.ring, &one.name).unwrap();
    assert_eq!(found.settings.expose(), one.settings.expose());

    let replaced = KeptTarget { settings: Secret::new(b"{}".to_vec()), ..one.duplicate() };
    bench.store.put_target(&replaced, &actor()).unwrap();
    assert_eq!(bench.store.targets().unwrap()[0].settings.expose(), b"{}");
    assert_eq!(bench.store.targets().unwrap()[1].view(), other.view());

    let unknown = "unknown".parse().unwrap();
    assert_eq!(code(bench.store.target(&one.ring, &unknown)), "target_not_found");
    assert_eq!(code(bench.store.remove_target(&one.ring, &unknown, &actor())), "target_not_found");
    bench.store.remove_target(&one.ring, &one.name, &actor()).unwrap();
    bench.store.destroy(&name("b.test"), &actor(), None).unwrap();
    assert!(bench.store.targets().unwrap().is_empty());
    assert_eq!(code(bench.store.put_target(&other, &actor())), "ring_not_found");

    let log = bench.store.audit(0, 100).unwrap();
    let told = |action| log.iter().filter(|record| record.event.action == action).count();
    assert_eq!(
        [Action::TargetAdd, Action::TargetChange, Action::TargetRemove].map(told),
        [2, 1, 1]
    );
    assert!(!serde_json::to_string(&log).unwrap().contains("s3cret"));
}

fn a_ring_has_so_many_targets_and_no_more(bench: &Bench) {
    bench.create("a.test", HS256);
    let targets: Vec<_> = (0..16).map(|n| a_target(bench, "a.test", &format!("t{n}"))).collect();
    let more = KeptTarget { name: "more".parse().unwrap(), ..targets[0].duplicate() };
    assert_eq!(code(bench.store.put_target(&more, &actor())), "too_many_targets");
    bench.store.put_target(&targets[3], &actor()).unwrap();
}

fn of_attempts_to_write_a_copy_at_once_exactly_one_is_made(bench: &Bench) {
    bench.create("a.test", HS256);
    let target = a_target(bench, "a.test", "prod");
    let standing = json!({"failures": 0});
    let claim = || bench.store.settle_target(&target.ring, &target.name, 1, &standing).unwrap();
    let claims = std::thread::scope(|threads| {
        let claiming: Vec<_> = (0..4).map(|_| threads.spawn(claim)).collect();
        claiming.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(claims.iter().filter(|won| **won).count(), 1);
    let kept = bench.store.target(&target.ring, &target.name).unwrap();
    assert_eq!((kept.version, kept.standing), (2, standing.clone()));
    assert_eq!(kept.settings.expose(), target.settings.expose());
    bench.store.remove_target(&target.ring, &target.name, &actor()).unwrap();
    assert!(!bench.store.settle_target(&target.ring, &target.name, 2, &standing).unwrap());
}

fn the_access_tokens_of_a_subject_end_together_and_no_others(bench: &Bench) {
    let token = |byte: u8, subject: &str| AccessToken {
        hash: AccessTokenHash([byte; 32]),
        subject: subject.into(),
        permissions: vec![Permission::Sign],
        rings: vec![RingPattern::all()],
        created_at: at("2026-01-01T00:00:00Z"),
        expires_at: None,
    };
    for token in [token(1, "ci"), token(2, "ci"), token(3, "ci-other")] {
        bench.store.put_access(&token, &actor()).unwrap();
    }
    let len = bench.store.audit_len().unwrap();
    assert_eq!(bench.store.end_access("ci", &actor()).unwrap(), 2);
    let found = [1, 2, 3]
        .map(|byte| bench.store.find_access(&AccessTokenHash([byte; 32])).unwrap().is_some());
    assert_eq!(found, [false, false, true]);
    let ended = bench.store.audit(len, 10).unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!((ended[0].event.action, &ended[0].event.actor), (Action::AccessEnd, &actor()));
    assert_eq!(ended[0].event.detail["subject"], "ci");
    assert_eq!(ended[0].event.detail["tokens"], "2");
    assert_eq!(bench.store.end_access("ci", &actor()).unwrap(), 0);
    assert_eq!(bench.store.audit_len().unwrap(), len + 1, "nothing more was done");
}

fn of_commits_at_once_exactly_one_wins(bench: &Bench) {
    const THREADS: usize = 4;
    let ring = bench.create("a.b", HS256);
    let barrier = Barrier::new(THREADS);
    let ends: Vec<&str> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    code(bench.command(&ring, &forced()))
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert_eq!(ends.iter().filter(|end| **end == "done").count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| **end == "conflict").count(), THREADS - 1, "{ends:?}");
    assert_eq!(bench.load("a.b").epoch().get(), ring.epoch().get() + 1);
}

fn of_creations_at_once_exactly_one_wins(bench: &Bench) {
    const THREADS: usize = 4;
    let barrier = Barrier::new(THREADS);
    let ends: Vec<&str> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let keys = [key(HS256), key(HS256)];
                    barrier.wait();
                    code(bench.create_with("a.b", HS256, keys))
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert_eq!(ends.iter().filter(|end| **end == "done").count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| **end == "ring_exists").count(), THREADS - 1, "{ends:?}");
}

fn commits_to_different_rings_all_happen(bench: &Bench) {
    let rings: Vec<_> =
        ["a.b", "b.b", "c.b"].map(|text| bench.create(text, HS256)).into_iter().collect();
    let len = bench.store.audit_len().unwrap();
    std::thread::scope(|scope| {
        for ring in &rings {
            scope.spawn(|| {
                let mut ring = ring.clone();
                for _ in 0..5 {
                    ring = bench.rotate(&ring).ring;
                    bench.store.load(ring.name()).unwrap();
                }
            });
        }
    });
    for ring in &rings {
        assert_eq!(bench.load(ring.name().as_str()).epoch().get(), ring.epoch().get() + 5);
    }
    assert_eq!(bench.store.audit_len().unwrap(), len + 3 * 5 * 3);
    assert_eq!(bench.store.verify_audit().unwrap().broken, None);
}

/// Whatever a change would change.
fn face(bench: &Bench) -> (Revision, Vec<RingSummary>, u64) {
    let (revision, _) = bench.store.changed_since(Revision(0)).unwrap();
    (revision, bench.store.list(None, 100).unwrap(), bench.store.audit_len().unwrap())
}

/// When time changes a ring first, if nothing is known of any instance.
fn first_due(ring: &Ring) -> Timestamp {
    plan::next_due(ring, &Evidence::default(), ring.created_at())
}
