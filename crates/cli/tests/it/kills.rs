//! `kill -9` at random moments of changes to an embedded store: it opens, and every ring is whole.

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::Program;

const KILLS: u32 = 100;
/// The moments of a run are drawn from this generator, so that each run of the test draws the same.
const SEED: u64 = 0x6b65_7974_6964_6531;

#[test]
fn after_a_hundred_kills_the_store_opens_and_each_ring_has_one_key_that_signs() {
    let program = Program::new();
    let mut random = SplitMix(SEED);
    let mut names: Vec<String> = vec!["base.test".to_owned()];
    program.done(&["ring", "create", "base.test", "--alg", "ES256"]);
    let force = ["ring", "rotate", "base.test", "--force", "--reason", "to see how long it takes"];
    let usual = (0..5).map(|_| took(&program, &force)).min().unwrap();
    let (mut died, mut lived) = (0, 0);
    for round in 0..KILLS {
        let name = names[usize::try_from(random.next()).unwrap_or(0) % names.len()].clone();
        let fresh = format!("ring-{round}.test");
        let active = active_key(&program, &name);
        let epoch = epoch(&program, &name);
        let args: Vec<&str> = match round % 3 {
            0 => vec!["ring", "create", &fresh, "--alg", "ES256"],
            1 => vec!["ring", "rotate", &name, "--force", "--reason", "the test's"],
            _ => vec!["ring", "revoke", &name, &active],
        };
        let mut child =
            program.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Not to wait for anything: this is where in its run the process dies.
        sleep(usual.mul_f64(random.fraction() * 1.1));
        let _it_may_be_over = child.kill();
        let finished = child.wait().unwrap().code() == Some(0);
        if finished {
            lived += 1
        } else {
            died += 1
        }
        if round % 3 == 0 {
            match program.run(&["ring", "show", &fresh]).exit {
                0 => names.push(fresh),
                2 => assert!(!finished, "{fresh} was acknowledged and is gone"),
                other => panic!("the store does not open: exit {other}"),
            }
        } else if finished {
            assert!(
                self::epoch(&program, &name) > epoch,
                "an acknowledged change of {name} is gone"
            );
        }
        assert_whole(&program, &name);
    }
    for name in &names {
        assert_whole(&program, name);
        let token = program.done(&["sign", "--ring", name, "--sub", "alice"]);
        program.done(&["verify", "--ring", name, &token]);
    }
    println!("{died} were killed in time, {lived} had finished");
    assert!(died > 0);
    let report = program.json(&["audit", "verify"]);
    assert_eq!(report["broken"], Value::Null);
    let left_over: Vec<_> = std::fs::read_dir(program.path("keytide-data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("keytide.") && name != "master.key")
        .collect();
    assert!(left_over.is_empty(), "{left_over:?}");
}

#[test]
fn backups_restores_and_replacements_of_the_master_key_that_are_killed_leave_a_store_that_is_whole()
{
    const ROUNDS: u32 = 60;
    let program = Program::new();
    let mut random = SplitMix(SEED ^ 1);
    program.done(&["ring", "create", "base.test", "--alg", "ES256"]);
    program.done(&["backup", "first.backup"]);
    let restore = [
        "restore",
        "first.backup",
        "--replace",
        "--accept-epoch",
        "--reason",
        "killed by the test",
    ];
    let usual = [
        took(&program, &["backup", "timed.backup"]),
        took(&program, &["rekey"]),
        took(&program, &restore),
    ];
    let (mut died, mut lived) = ([0; 3], [0; 3]);
    for round in 0..ROUNDS {
        let kind = round as usize % 3;
        let token = program.done(&["sign", "--ring", "base.test", "--sub", "alice"]);
        let epoch = epoch(&program, "base.test");
        let file = format!("{round}.backup");
        let args = match kind {
            0 => vec!["backup", &file],
            1 => vec!["rekey"],
            _ => restore.to_vec(),
        };
        let mut child =
            program.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Not to wait for anything: this is where in its run the process dies.
        sleep(usual[kind].mul_f64(random.fraction() * 1.1));
        let _it_may_be_over = child.kill();
        let finished = child.wait().unwrap().code() == Some(0);
        if finished {
            lived[kind] += 1
        } else {
            died[kind] += 1
        }
        if program.path(&file).exists() {
            program.done(&["backup", "verify", &file]);
        }
        assert!(!finished || kind != 0 || program.path(&file).exists());
        // At any moment the store opens with the key that is there, and has every key it had.
        assert_whole(&program, "base.test");
        program.done(&["verify", "--ring", "base.test", &token]);
        let signed = program.run(&["sign", "--ring", "base.test", "--sub", "bob", "--json"]);
        if signed.exit != 0 {
            assert_eq!(kind, 2, "{}", signed.stderr);
            assert_eq!(signed.error()["code"], "store_behind");
            program.done(&["restore", "--accept-epoch", "--reason", "killed by the test"]);
        }
        let raised = self::epoch(&program, "base.test");
        assert!(raised >= epoch && (kind != 2 || !finished || raised > epoch));
        assert_eq!(program.json(&["audit", "verify"])["broken"], Value::Null);
    }
    println!("killed in time {died:?}, had finished {lived:?}");
    assert!(died.iter().all(|died| *died > 0));
    program.done(&["rekey"]);
    program.done(&restore);
    let mut left_over: Vec<_> = std::fs::read_dir(program.path("keytide-data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left_over.sort();
    let known = ["keytide.anchor", "keytide.db", "keytide.lock", "master.key"];
    left_over.retain(|name| !known.contains(&name.as_str()));
    assert!(
        left_over.iter().all(|name| name.ends_with("-wal") || name.ends_with("-shm")),
        "{left_over:?}"
    );
}

#[test]
fn a_first_start_that_is_killed_can_be_started_again() {
    let mut random = SplitMix(SEED);
    let program = Program::new();
    let first = ["ring", "create", "a.test", "--alg", "ES256", "--store", "first"];
    let usual = took(&program, &first);
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

fn took(program: &Program, args: &[&str]) -> Duration {
    let start = Instant::now();
    program.done(args);
    start.elapsed()
}

fn assert_whole(program: &Program, name: &str) {
    let ring = program.json(&["ring", "show", name]);
    let states = ring["keys"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap());
    let count = |wanted| states.clone().filter(|state| *state == wanted).count();
    assert_eq!((count("active"), count("published")), (1, 1), "{name}");
}

fn active_key(program: &Program, name: &str) -> String {
    let ring = program.json(&["ring", "show", name]);
    let keys = ring["keys"].as_array().unwrap();
    let active = keys.iter().find(|key| key["state"] == "active").unwrap();
    active["kid"].as_str().unwrap().to_owned()
}

fn epoch(program: &Program, name: &str) -> u64 {
    program.json(&["ring", "show", name])["epoch"].as_u64().unwrap()
}

/// Numbers that look random and are the same each time.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
