//! `kill -9` at random moments of everything that changes a store, by the command line and by a server.
//!
//! A round is: prepare, start a real process, kill it, let the next one open the store, and look at
//! all that must hold. `KEYTIDE_KILLS` is how many rounds there are, `KEYTIDE_KILLS_SEED` what their
//! choices are drawn from: `KEYTIDE_KILLS=500 cargo test -p keytide --test it kills -- --nocapture`.

mod moment;
mod operations;
mod plaintext;
mod scene;
mod server;
mod witness;

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use moment::SplitMix;
use operations::OPERATIONS;
use scene::{Scene, Tally};

use crate::program::Program;

/// How many rounds there are unless the environment says otherwise.
const ROUNDS: u32 = 60;
/// How many of them one store goes through.
const ROUNDS_OF_A_STORE: u32 = 30;
/// Waiting for the disk is most of the work.
const STORES_AT_ONCE: usize = 2;
const SEED: u64 = 0x6b65_7974_6964_6531;

#[test]
fn whichever_change_is_killed_the_store_opens_whole_and_nothing_that_was_told_is_lost() {
    let (rounds, seed) = (rounds(ROUNDS), seed());
    println!("{rounds} rounds of seed {seed}");
    let tallies = Mutex::new([Tally::default(); OPERATIONS.len()]);
    let taken = AtomicU32::new(0);
    std::thread::scope(|threads| {
        for _ in 0..STORES_AT_ONCE {
            threads.spawn(|| {
                loop {
                    let first = taken.fetch_add(ROUNDS_OF_A_STORE, Ordering::Relaxed);
                    if first >= rounds {
                        break;
                    }
                    let mut scene = Scene::new(seed.wrapping_add(first.into()));
                    for round in first..rounds.min(first + ROUNDS_OF_A_STORE) {
                        let index = round as usize % OPERATIONS.len();
                        let tally = scene.round(index, true);
                        tallies.lock().unwrap()[index].add(tally);
                    }
                    scene.assert_tidy();
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap();
    let mut all = Tally::default();
    for (operation, tally) in OPERATIONS.iter().zip(tallies) {
        println!("{:<20} {tally}", operation.name);
        assert!(rounds < ROUNDS || tally.amid > 0, "{} was never hit", operation.name);
        all.add(tally);
    }
    println!("{:<20} {all}", "all");
    assert!(all.amid * 2 > all.rounds, "too few died in the middle");
}

#[test]
fn a_first_start_that_is_killed_can_be_started_again() {
    let mut random = SplitMix(SEED);
    let program = Program::new();
    let first = ["ring", "create", "a.test", "--alg", "ES256", "--store", "first"];
    let start = Instant::now();
    program.done(&first);
    let usual = start.elapsed();
    for round in 0..20 {
        let store = format!("store-{round}");
        let mut child = program
            .command(&["ring", "create", "a.test", "--alg", "ES256", "--store", &store])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(usual.mul_f64(random.fraction()));
        let _it_may_be_over = child.kill();
        child.wait().unwrap();
        let again = program.run(&["ring", "create", "b.test", "--alg", "ES256", "--store", &store]);
        assert_eq!(again.exit, 0, "{}", again.stderr);
        program.done(&["audit", "verify", "--store", &store]);
    }
}

fn rounds(usual: u32) -> u32 {
    std::env::var("KEYTIDE_KILLS").map_or(usual, |rounds| rounds.parse().unwrap())
}

fn seed() -> u64 {
    std::env::var("KEYTIDE_KILLS_SEED").map_or(SEED, |seed| seed.parse().unwrap())
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rounds, killed, amid, untold, slowest } = self;
        let slowest: Duration = *slowest;
        write!(
            f,
            "{rounds:>3} rounds, {killed:>3} killed before the end, {amid:>3} of them in the middle, \
             {untold:>3} with the change made and not told; opened again in {slowest:.0?} at most"
        )
    }
}
