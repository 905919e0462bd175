//! What is done to a store while it is killed: one row for each command that changes it.

use std::fs;

use keytide_jose::Algorithm;

use super::scene::Scene;
use super::witness::INSTANCE;

/// One row.
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// Whether it makes a key sign before its lead is over.
    pub(super) hurries: bool,
    /// Brings the store where this can be done, and says what to do.
    pub(super) prepare: fn(&mut Scene) -> Work,
}

/// A command that is about to be killed.
pub(super) struct Work {
    /// The ring that it changes; the one to look at, where it changes none or all.
    pub(super) ring: String,
    pub(super) args: Vec<String>,
    /// Whether it takes a backup's state for the store's.
    pub(super) restores: bool,
    /// Whether it was done to the end, apart from the ring's epoch.
    pub(super) is_done: Box<dyn Fn(&Scene) -> bool>,
}

/// All of them.
pub(super) const OPERATIONS: [Operation; 10] = [
    Operation { name: "ring create", hurries: false, prepare: create },
    Operation { name: "rotate --force", hurries: true, prepare: rotate_forced },
    Operation { name: "rotate --when-safe", hurries: false, prepare: rotate_when_safe },
    Operation { name: "revoke", hurries: true, prepare: revoke },
    Operation { name: "rollback", hurries: false, prepare: roll_back },
    Operation { name: "set --alg", hurries: false, prepare: set_algorithm },
    Operation { name: "destroy-key", hurries: false, prepare: destroy_key },
    Operation { name: "backup", hurries: false, prepare: back_up },
    Operation { name: "rekey", hurries: false, prepare: rekey },
    Operation { name: "restore", hurries: false, prepare: restore },
];

/// The rings of a store: name and algorithm. Their terms are short, so that they turn by themselves too.
pub(super) const RINGS: [(&str, &str); 5] = [
    (ASYMMETRIC, "ES256"),
    (SHARED, "HS256"),
    (PATIENT, "ES256"),
    (ROLLED_BACK, "EdDSA"),
    (CHANGING, "ES256"),
];

const ASYMMETRIC: &str = "asymmetric.test";
/// Has a consumer that acknowledges.
pub(super) const SHARED: &str = "shared.test";
const PATIENT: &str = "patient.test";
pub(super) const ROLLED_BACK: &str = "rolled-back.test";
const CHANGING: &str = "changing.test";

pub(super) const TERMS: [&str; 14] = [
    "--token-ttl",
    "10m",
    "--propagation",
    "2s",
    "--signer-lag",
    "2s",
    "--clock-error",
    "50ms",
    "--leeway",
    "0s",
    "--max-age",
    "1s",
    "--rotate-every",
    "1d",
];
pub(super) const REASON: [&str; 2] = ["--reason", "killed by the test"];

impl Work {
    fn of(ring: &str, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        let is_done = Box::new(|_: &Scene| true);
        Self { ring: ring.to_owned(), args, restores: false, is_done }
    }
}

fn create(scene: &mut Scene) -> Work {
    let name = format!("fresh-{}.test", scene.random.next());
    let (_, algorithm) = *scene.random.one_of(&RINGS);
    let args = [&["ring", "create", &name, "--alg", algorithm], &TERMS[..]].concat();
    let is_there = name.clone();
    let is_done = Box::new(move |scene: &Scene| scene.witness.ring(&is_there).is_some());
    Work { is_done, ..Work::of(&name, &args) }
}

fn rotate_forced(scene: &mut Scene) -> Work {
    let ring = *scene.random.one_of(&[ASYMMETRIC, SHARED]);
    Work::of(ring, &[&["ring", "rotate", ring, "--force"], &REASON[..]].concat())
}

fn rotate_when_safe(scene: &mut Scene) -> Work {
    let ring = *scene.random.one_of(&[PATIENT, SHARED]);
    if ring == SHARED && scene.random.fraction() < 0.5 {
        scene.witness.acknowledge(SHARED);
    }
    Work::of(ring, &["ring", "rotate", ring, "--when-safe"])
}

fn revoke(scene: &mut Scene) -> Work {
    let ring = *scene.random.one_of(&[ASYMMETRIC, SHARED]);
    let keys = scene.witness.ring(ring).unwrap();
    let kid = scene.random.one_of(&[keys.active(), keys.standby()]).kid.as_str().to_owned();
    Work::of(ring, &[&["ring", "revoke", ring, &kid], &REASON[..]].concat())
}

fn roll_back(scene: &mut Scene) -> Work {
    // Those who verify have the key before for long enough, once this would be done.
    let args = [&["ring", "rollback", ROLLED_BACK], &REASON[..]].concat();
    scene.wait_for(&[&args[..], &["--dry-run"]].concat());
    Work::of(ROLLED_BACK, &args)
}

fn set_algorithm(scene: &mut Scene) -> Work {
    let now = scene.witness.ring(CHANGING).unwrap().policy().algorithm();
    let next = if now == Algorithm::ES256 { Algorithm::EdDSA } else { Algorithm::ES256 };
    let args = [&["ring", "set", CHANGING, "--alg", next.as_str()], &REASON[..]].concat();
    let is_done = Box::new(move |scene: &Scene| {
        let ring = scene.witness.ring(CHANGING).unwrap();
        let follows = [ring.active(), ring.standby()].iter().any(|key| key.algorithm == next);
        ring.policy().algorithm() == next && follows
    });
    Work { is_done, ..Work::of(CHANGING, &args) }
}

fn destroy_key(scene: &mut Scene) -> Work {
    let ring = *scene.random.one_of(&[ASYMMETRIC, SHARED]);
    let kid = scene.witness.ring(ring).unwrap().standby().kid.as_str().to_owned();
    scene.program.done(&[&["ring", "revoke", ring, &kid], &REASON[..]].concat());
    let args = [&["ring", "destroy-key", ring, &kid, "--yes"], &REASON[..]].concat();
    let work = Work::of(ring, &args);
    let is_done = Box::new(move |scene: &Scene| {
        let ring = scene.witness.ring(ring).unwrap();
        let key = ring.keys().find(|key| key.kid.as_str() == kid);
        key.is_none_or(|key| !key.state.has_secret())
    });
    Work { is_done, ..work }
}

fn back_up(scene: &mut Scene) -> Work {
    let file = format!("{}.backup", scene.random.next());
    let path = scene.program.path(&file);
    let is_done = {
        let file = file.clone();
        Box::new(move |scene: &Scene| {
            if !path.exists() {
                return false;
            }
            // What is there is there whole.
            scene.program.done(&["backup", "verify", &file]);
            fs::remove_file(&path).unwrap();
            true
        })
    };
    Work { is_done, ..Work::of(ASYMMETRIC, &["backup", &file]) }
}

fn rekey(scene: &mut Scene) -> Work {
    let path = scene.witness.store().join("master.key");
    let before = fs::read(&path).unwrap();
    let is_done = Box::new(move |scene: &Scene| {
        let changed = fs::read(&path).unwrap() != before;
        assert_eq!(scene.witness.opens_with(&before), !changed, "whether the old key opens it");
        changed
    });
    Work { is_done, ..Work::of(ASYMMETRIC, &["rekey"]) }
}

fn restore(scene: &mut Scene) -> Work {
    let file = format!("{}.backup", scene.random.next());
    scene.program.done(&["backup", &file]);
    // What an older store must not undo.
    let kid = scene.witness.ring(ASYMMETRIC).unwrap().standby().kid.as_str().to_owned();
    scene.program.done(&[&["ring", "revoke", ASYMMETRIC, &kid], &REASON[..]].concat());
    let args = [&["restore", &file, "--replace", "--accept-epoch"], &REASON[..]].concat();
    Work { restores: true, ..Work::of(ASYMMETRIC, &args) }
}

/// Makes the rings of a new store.
pub(super) fn make_rings(scene: &mut Scene) {
    for (ring, algorithm) in RINGS {
        let args = [&["ring", "create", ring, "--alg", algorithm], &TERMS[..]].concat();
        scene.program.done(&args);
    }
    let api = ["ring", "consumer", "add", SHARED, INSTANCE.0, "--acknowledges", "--lease", "1h"];
    scene.program.done(&api);
    scene.program.done(&[&["ring", "rotate", ROLLED_BACK, "--force"], &REASON[..]].concat());
    scene.witness.acknowledge(SHARED);
}
