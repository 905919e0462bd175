//! Rings over real stores for 24 months at a time: nodes, consumers, operators and faults, all drawn from a seed.
//!
//! A run goes from happening to happening, on true time that only it knows. Everybody else has a clock
//! that is off, so that any two may disagree by ε: each by half of it. What is promised is judged in
//! true time: nobody refuses a valid token, and nobody trusts a revoked key for longer than was said.
//!
//! A few seeds of a month are run each time. `KEYTIDE_SIM_SEEDS=200` runs so many of 24 months, and
//! `KEYTIDE_SIM_SEED=17` that one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod changes;
mod consumer;
mod course;
mod faults;
mod judge;
mod mishaps;
mod node;
mod operator;
mod process;
mod tokens;
mod web;
mod world;

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use consumer::Flaw;
use course::{Failure, Figures, WHOLE, run};

/// As many seeds and days as an ordinary run of the tests has time for.
const FEW: u64 = 2;
const SHORT: i64 = 30;

#[expect(
    clippy::disallowed_methods,
    reason = "how much is run is said where the tests are started"
)]
fn given(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

/// Beside the test's own output, which is shown only when it fails: how much was run is the proof.
fn say(line: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

fn tell(failure: &Failure) {
    let Failure { seed, broken, log } = failure;
    say(format_args!(
        "seed {seed}: {broken}\n  {}\nreplay: KEYTIDE_SIM_SEED={seed} cargo test --release -p keytide-store --test simulation -- every_promise",
        log.join("\n  ")
    ));
}

#[test]
fn every_promise_holds_through_months_of_rotation_with_faults() {
    let seeds: Vec<u64> = match given("KEYTIDE_SIM_SEED") {
        Some(seed) => vec![seed],
        None => (0..given("KEYTIDE_SIM_SEEDS").unwrap_or(FEW)).collect(),
    };
    let asked = given("KEYTIDE_SIM_SEED").is_some() || given("KEYTIDE_SIM_SEEDS").is_some();
    let days = if asked { WHOLE } else { SHORT };
    let next = AtomicU64::new(0);
    let work = || {
        let mut ended = Vec::new();
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            let end = run(*seed, days, None);
            if let Err(failure) = &end {
                tell(failure);
            }
            ended.push((*seed, end));
        }
        ended
    };
    let mut ended = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut ended = work();
        ended.extend(other.join().unwrap());
        ended
    });
    ended.sort_by_key(|(seed, _)| *seed);
    let mut failures = 0;
    let mut sum = [0; 6];
    let mut digests = Vec::new();
    for (seed, end) in &ended {
        match end {
            Ok(figures) => {
                let Figures {
                    happenings, changes, switches, revocations, tokens, judgements, ..
                } = figures;
                let all = [happenings, changes, switches, revocations, tokens, judgements];
                sum.iter_mut().zip(all).for_each(|(sum, one)| *sum += one);
                digests.extend_from_slice(figures.digest.as_bytes());
                if ended.len() <= 10 {
                    say(format_args!(
                        "seed {seed}: {} lines, digest {}",
                        figures.lines, figures.digest
                    ));
                }
            }
            Err(_) => failures += 1,
        }
    }
    let [happenings, changes, switches, revocations, tokens, judgements] = sum;
    let digest = keytide_jose::digest::sha256(&digests);
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    say(format_args!(
        "{} seeds of {days} days: {happenings} happenings, {changes} changes, {switches} switches, \
         {revocations} revocations, {tokens} tokens, {judgements} judgements, digest {digest}",
        ended.len()
    ));
    assert_eq!(failures, 0, "promises were broken");
}

#[test]
fn a_seed_happens_twice_in_the_same_way_bit_for_bit() {
    let seed = given("KEYTIDE_SIM_SEED").unwrap_or(7);
    let (once, again) = (run(seed, 30, None).unwrap(), run(seed, 30, None).unwrap());
    assert_eq!(once, again);
}

/// Runs seeds with something broken until the judge says so.
fn is_seen(flaw: Flaw, said: &str) {
    let failures = (0..30).filter_map(|seed| run(seed, 200, Some(flaw)).err());
    let said = |failure: &Failure| failure.broken.contains(said);
    let Failure { seed, broken, .. } =
        *failures.into_iter().find(|f| said(f)).expect("nobody noticed");
    say(format_args!("{flaw:?}: seed {seed}: {broken}"));
}

#[test]
fn a_consumer_that_keeps_a_set_longer_than_declared_is_seen_to_refuse_tokens() {
    is_seen(Flaw::HoldsLonger, "refuses");
}

#[test]
fn a_consumer_that_forgets_no_key_is_seen_to_trust_one_that_was_revoked() {
    is_seen(Flaw::ForgetsNothing, "trusts");
}

#[test]
fn clocks_that_disagree_by_more_than_declared_are_seen_to_break_a_promise() {
    is_seen(Flaw::ClocksFurtherOff, "");
}
