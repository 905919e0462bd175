//! The rules I1 to I7, each by example at the instants where they turn.

use jiff::{SignedDuration, Timestamp};
use keytide_ring::apply::apply;
use keytide_ring::plan::{self, Step};
use keytide_ring::{Action, BindingTerm, Command, Error, Evidence, Memory, Ring, State, When};

use crate::{at, operator, paper_key, policy, ring};

const START: &str = "2026-01-01T00:00:00Z";
/// lead = 30 s + 20 min + 10 s; overlap = 10 s + 1 h + 60 s + 10 s.
const ISTIO: &str =
    r#"{"algorithm":"HS256","rotate_every":"1d","token_ttl":"1h","consumers":["istio"]}"#;

fn rotate() -> Command {
    Command::Activate { kid: None, when: When::IfSafe, reason: None }
}

fn forced(reason: Option<&str>) -> Command {
    Command::Activate { kid: None, when: When::Forced, reason: reason.map(str::to_owned) }
}

fn revoke(kid: &str) -> Command {
    Command::Revoke { kid: kid.parse().unwrap(), reason: Some("stolen".into()) }
}

fn change(ring: &Ring, command: &Command, key: usize, now: Timestamp) -> Ring {
    apply(ring, &Evidence::default(), command, Some(paper_key(key)), &operator(), now)
        .unwrap()
        .unwrap()
        .ring
}

fn later(secs: i64, millis: i64) -> Timestamp {
    at(START) + SignedDuration::from_secs(secs) + SignedDuration::from_millis(millis)
}

#[test]
fn a_new_ring_signs_at_once_and_has_its_next_key_published() {
    let ring = ring(policy(ISTIO), at(START));
    assert_eq!(ring.active().state, State::Active { activated_at: at(START) });
    assert_eq!(ring.standby().state, State::Published);
    assert_eq!(ring.epoch().get(), 1);
}

#[test]
fn i1_a_switch_is_refused_through_the_last_unsafe_instant_and_succeeds_in_the_next() {
    let ring = ring(policy(ISTIO), at(START));
    let lead = 30 + 1_200 + 10;
    let refused = apply(
        &ring,
        &Evidence::default(),
        &rotate(),
        Some(paper_key(2)),
        &operator(),
        later(lead, 0),
    );
    let Err(Error::ActivationTooEarly { earliest_safe_at, binding, held_until, .. }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(earliest_safe_at, later(lead, 1));
    assert_eq!(binding, BindingTerm::Consumer { name: "istio".into() });
    assert_eq!(held_until, later(30 + 1_200, 0));

    let switched = change(&ring, &rotate(), 2, earliest_safe_at);
    assert_eq!(switched.active().kid.as_str(), "k1");
    assert_eq!(switched.standby().kid.as_str(), "k2");
    assert_eq!(switched.epoch().get(), 2);
}

#[test]
fn i2_a_key_leaves_the_set_only_after_everything_it_signed_has_ended() {
    let ring = ring(policy(ISTIO), at(START));
    let ring = change(&ring, &rotate(), 2, later(2_000, 0));
    let overlap = 10 + 3_600 + 60 + 10;
    let k0 = "k0".parse().unwrap();
    assert!(
        !plan::due(&ring, &Evidence::default(), later(2_000 + overlap, 0))
            .contains(&Step::Retire(k0))
    );
    let ring = change(&ring, &Command::Turn, 3, later(2_000 + overlap, 1));
    assert_eq!(ring.past()[0].state.name(), "retired");
}

#[test]
fn i2_remembers_the_longest_life_that_was_permitted_while_the_key_signed() {
    let ring = ring(policy(ISTIO), at(START));
    let ring = change(&ring, &rotate(), 2, later(2_000, 0));
    assert_eq!(ring.past()[0].longest_ttl.to_string(), "1h");
    assert_eq!(ring.removable_at(&ring.past()[0]), Some(later(2_000 + 3_680, 1)));
}

#[test]
fn i4_force_needs_a_reason_and_tells_what_was_risked() {
    let ring = ring(policy(ISTIO), at(START));
    for reason in [None, Some(""), Some("  ")] {
        let refused = apply(
            &ring,
            &Evidence::default(),
            &forced(reason),
            Some(paper_key(2)),
            &operator(),
            later(40, 0),
        );
        assert_eq!(refused.unwrap_err().code(), "reason_required");
    }
    let changes = apply(
        &ring,
        &Evidence::default(),
        &forced(Some("key in a log")),
        Some(paper_key(2)),
        &operator(),
        later(40, 0),
    )
    .unwrap()
    .unwrap();
    assert_eq!(changes.outcome.risked_seconds, Some(1_201));
    let event = changes.events.iter().find(|e| e.action == Action::KeyActivate).unwrap();
    assert_eq!(event.reason.as_deref(), Some("key in a log"));
    assert_eq!(event.detail["forced"], "true");
    assert_eq!(event.detail["risked_seconds"], "1201");
}

#[test]
fn i6_revoking_the_active_key_hands_over_at_once_and_states_the_exposure() {
    let ring = ring(policy(ISTIO), at(START));
    let changes = apply(
        &ring,
        &Evidence::default(),
        &revoke("k0"),
        Some(paper_key(2)),
        &operator(),
        later(5_000, 0),
    )
    .unwrap()
    .unwrap();
    assert_eq!(changes.outcome.exposed_until, Some(later(5_000 + 30 + 1_200 + 10, 0)));
    assert_eq!(changes.outcome.risked_seconds, None, "the standby was known everywhere");
    assert_eq!(changes.ring.active().kid.as_str(), "k1");
    assert!(changes.ring.verifying().all(|key| key.kid.as_str() != "k0"));
}

#[test]
fn i7_revoking_the_published_key_publishes_another() {
    let ring = ring(policy(ISTIO), at(START));
    let ring = change(&ring, &revoke("k1"), 2, later(5_000, 0));
    assert_eq!(ring.active().kid.as_str(), "k0");
    assert_eq!(ring.standby().kid.as_str(), "k2");
    assert_eq!(
        plan::activation(&ring, &Evidence::default(), ring.created_at()).at,
        later(5_000 + 1_240, 1)
    );
}

#[test]
fn revoking_twice_changes_nothing_and_repeats_the_first_answer() {
    let ring = ring(policy(ISTIO), at(START));
    let ring = change(&ring, &revoke("k0"), 2, later(5_000, 0));
    let again =
        apply(&ring, &Evidence::default(), &revoke("k0"), None, &operator(), later(9_000, 0))
            .unwrap();
    assert!(again.is_none(), "{again:?}");
}

#[test]
fn activating_the_key_that_signs_changes_nothing_and_any_other_but_the_published_is_refused() {
    let ring = ring(policy(ISTIO), at(START));
    let activate = |kid: &str| Command::Activate {
        kid: Some(kid.parse().unwrap()),
        when: When::IfSafe,
        reason: None,
    };
    let now = later(5_000, 0);
    assert_eq!(
        apply(&ring, &Evidence::default(), &activate("k0"), None, &operator(), now).unwrap(),
        None
    );
    let ring = change(&ring, &activate("k1"), 2, now);
    let refuse = |kid| {
        apply(&ring, &Evidence::default(), &activate(kid), None, &operator(), now)
            .unwrap_err()
            .code()
    };
    assert_eq!(refuse("k0"), "wrong_state");
    assert_eq!(refuse("k9"), "key_not_found");
}

#[test]
fn time_rotates_at_the_end_of_the_period_and_destroys_after_the_rollback_window() {
    let day = 86_400;
    let ring = ring(policy(ISTIO), at(START));
    assert_eq!(plan::next_due(&ring, &Evidence::default(), ring.created_at()), later(day, 0));
    let idle = apply(
        &ring,
        &Evidence::default(),
        &Command::Turn,
        Some(paper_key(2)),
        &operator(),
        later(day - 1, 0),
    );
    assert_eq!(idle.unwrap(), None);
    let ring = change(&ring, &Command::Turn, 2, later(day, 0));
    assert_eq!(ring.active().kid.as_str(), "k1");
    let removed = plan::next_due(&ring, &Evidence::default(), ring.created_at());
    let ring = change(&ring, &Command::Turn, 9, removed);
    let ring = change(&ring, &Command::Turn, 3, later(8 * day, 0));
    let destroyed = removed + SignedDuration::from_hours(7 * 24);
    let changes = apply(
        &ring,
        &Evidence::default(),
        &Command::Turn,
        Some(paper_key(4)),
        &operator(),
        destroyed,
    )
    .unwrap()
    .unwrap();
    assert_eq!(changes.shred, ["k0".parse().unwrap()]);
}

#[test]
fn after_a_long_absence_one_turn_switches_once_and_never_to_an_unpublished_key() {
    let ring = ring(policy(ISTIO), at(START));
    let now = later(365 * 86_400, 0);
    let ring = change(&ring, &Command::Turn, 2, now);
    assert_eq!(ring.active().kid.as_str(), "k1");
    let again =
        apply(&ring, &Evidence::default(), &Command::Turn, Some(paper_key(3)), &operator(), now)
            .unwrap();
    assert_eq!(again, None);
}

#[test]
fn a_turn_without_a_fresh_key_leaves_the_switch_for_the_next_one() {
    let ring = ring(policy(ISTIO), at(START));
    let idle =
        apply(&ring, &Evidence::default(), &Command::Turn, None, &operator(), later(86_400, 0))
            .unwrap();
    assert_eq!(idle, None);
}

#[test]
fn a_clock_that_was_set_back_only_delays() {
    let ring = ring(policy(ISTIO), at(START));
    let refused = apply(
        &ring,
        &Evidence::default(),
        &rotate(),
        Some(paper_key(2)),
        &operator(),
        later(-86_400, 0),
    );
    assert_eq!(refused.unwrap_err().code(), "activation_too_early");
    assert!(plan::due(&ring, &Evidence::default(), later(-86_400, 0)).is_empty());
}

#[test]
fn a_ring_put_together_from_two_active_keys_or_none_is_refused() {
    let good = ring(policy(ISTIO), at(START));
    let assemble = |keys: Vec<keytide_ring::Key>| {
        Ring::assemble(
            good.name().clone(),
            good.epoch(),
            good.created_at(),
            good.policy().clone(),
            Memory::default(),
            keys,
        )
    };
    let keys: Vec<_> = good.keys().cloned().collect();
    assert_eq!(assemble(keys.clone()).unwrap(), good);
    for bad in [vec![], vec![keys[0].clone()], vec![keys[1].clone()], [keys.clone(), keys].concat()]
    {
        assert_eq!(assemble(bad).unwrap_err().code(), "ring_inconsistent");
    }
}
