//! The slowest cases of the attack corpus, each the quickest of several runs: none may take 100 ms.

#![allow(dead_code, unreachable_pub, unused_imports, reason = "the engine's tests, read again")]

#[path = "../../../crates/jose/tests/it/attacks.rs"]
mod attacks;
#[path = "../../../crates/jose/tests/it/vectors.rs"]
mod vectors;

use std::time::{Duration, Instant};

use keytide_jose::{Rng, SystemRng};
use serde_json::Value;

const RUNS: usize = 5;
const SHOWN: usize = 5;

fn main() {
    // The first draw in a process gathers entropy for tens of milliseconds, which is no case's doing.
    SystemRng.fill(&mut [0]).expect("the system has randomness");
    let mut times: Vec<(Duration, String)> = include_str!("../../../vectors/attacks.jsonl")
        .lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).expect("JSON");
            let once = |_| {
                let began = Instant::now();
                assert!(attacks::run(&case).is_ok(), "every algorithm is compiled in");
                began.elapsed()
            };
            ((0..RUNS).map(once).min().unwrap_or_default(), case["id"].to_string())
        })
        .collect();
    times.sort();
    println!("{} cases; the slowest:", times.len());
    for (time, id) in times.iter().rev().take(SHOWN) {
        println!("{time:>10.1?} {id}");
    }
}
