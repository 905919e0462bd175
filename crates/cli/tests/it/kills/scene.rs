//! A store that is worked on by real processes which are killed, and looked at after each.

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::moment::{Moment, SplitMix, Struck, strike};
use super::operations::{OPERATIONS, REASON, Work, make_rings};
use super::witness::{Files, Since, Witness};
use crate::program::Program;

/// The store, and what is known of it.
pub(super) struct Scene {
    pub(super) program: Program,
    pub(super) witness: Witness,
    pub(super) random: SplitMix,
    seed: u64,
    /// How long each operation takes from where it opened the store.
    usual: [Duration; OPERATIONS.len()],
}

/// How the kills of one operation went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) rounds: u32,
    /// Dead before the end, wherever.
    pub(super) killed: u32,
    /// Of those: with the store open, or a file half made, or the change made.
    pub(super) amid: u32,
    /// Of those: with the change made and not told.
    pub(super) untold: u32,
    /// The longest that the next process took, opening included.
    pub(super) slowest: Duration,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.killed += other.killed;
        self.amid += other.amid;
        self.untold += other.untold;
        self.slowest = self.slowest.max(other.slowest);
    }
}

impl Scene {
    /// A new store with its rings, on which every operation was done once, to see how long it takes.
    pub(super) fn new(seed: u64) -> Self {
        let program = Program::new();
        let witness = Witness::new(program.path("keytide-data"));
        let usual = [Duration::ZERO; OPERATIONS.len()];
        let mut scene = Self { program, witness, random: SplitMix(seed), seed, usual };
        make_rings(&mut scene);
        scene.witness.look(Since::default());
        for index in 0..OPERATIONS.len() {
            scene.round(index, false);
        }
        scene
    }

    /// Prepares an operation, does it, kills it at a random moment if it is to be killed, and looks.
    pub(super) fn round(&mut self, index: usize, kills: bool) -> Tally {
        let operation = &OPERATIONS[index];
        let told = format!("seed {}, {}", self.seed, operation.name);
        let _where = WhereItFailed(told);
        let work = (operation.prepare)(self);
        self.witness.look(Since::default());
        let before = self.witness.ring(&work.ring).cloned();
        let holds = self.witness.token(&work.ring).map(str::to_owned);

        let (kind, fraction) = (self.random.next() % 10, self.random.fraction());
        let of_usual = |fraction: f64| self.usual[index].mul_f64(fraction);
        let moment = match (kills, kind) {
            (false, _) => Moment::Never,
            (true, 0) => Moment::AfterStart(of_usual(fraction)),
            (true, 1..=4) => Moment::AfterOpening(of_usual(fraction)),
            // Where changes are made: towards the end.
            (true, _) => Moment::AfterOpening(of_usual(0.6 + fraction * 0.5)),
        };
        let (struck, printed) = self.start(&work, &moment);
        let died_with = Files::of(self.witness.store()).with(&self.program.path("."));
        // The machine is not always as quick: the span follows what is seen of it.
        let usual = &mut self.usual[index];
        *usual = match (&moment, struck.killed) {
            (Moment::Never, _) => struck.open_for,
            (_, true) => usual.mul_f64(1.02),
            (_, false) => (*usual + struck.open_for) / 2,
        };

        let slowest = self.opens(&work);
        let hurried = operation.hurries.then(|| work.ring.clone());
        let hurried = hurried.as_slice();
        self.witness.look(Since { hurried, restored: work.restores });
        let is_done = (work.is_done)(self);
        match &printed {
            Some(told) if told.get("signs").is_some() => {
                self.witness.assert_kept(told);
                assert!(is_done, "{told}");
            }
            Some(told) => assert!(is_done, "{told}"),
            None => assert!(struck.killed, "it ended well and told nothing"),
        }
        self.witness.assert_sealed(&died_with);
        self.assert_used(&work, holds);

        let epoch = self.witness.ring(&work.ring).map(|ring| ring.epoch());
        let moved = epoch != before.map(|ring| ring.epoch());
        let changed = match operation.name {
            "backup" | "rekey" => is_done,
            _ => moved,
        };
        let amid = struck.killed && (struck.left_open || changed);
        Tally {
            rounds: 1,
            killed: struck.killed.into(),
            amid: amid.into(),
            untold: (amid && changed && printed.is_none()).into(),
            slowest,
        }
    }

    /// Starts the process, kills it in time, and gives what it had told by then.
    fn start(&self, work: &Work, moment: &Moment) -> (Struck, Option<Value>) {
        let store = self.witness.store();
        assert!(!store.join("keytide.db-wal").exists(), "somebody has the store open");
        let args: Vec<&str> = work.args.iter().map(String::as_str).chain(["--json"]).collect();
        let mut command = self.program.command(&args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let struck = strike(&mut child, store, moment);
        let output = child.wait_with_output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(struck.killed || output.status.success(), "keytide {args:?}: {talk}");
        (struck, serde_json::from_slice(&output.stdout).ok())
    }

    /// The next process opens the store by itself, and it takes no endless time.
    fn opens(&self, work: &Work) -> Duration {
        let ring = self.witness.ring(&work.ring).map_or("asymmetric.test", |_| &work.ring);
        let start = Instant::now();
        let mut child = self
            .program
            .command(&["ring", "show", ring, "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed() > LONGEST_OPENING {
                child.kill().unwrap();
                panic!("the store does not open");
            }
            sleep(Duration::from_millis(1));
        }
        let took = start.elapsed();
        let output = child.wait_with_output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr);
        if work.restores {
            let behind = talk.contains("store_behind");
            assert!(output.status.success() || behind, "{talk}");
            self.program.done(&[&["restore", "--accept-epoch"], &REASON[..]].concat());
        } else {
            assert!(output.status.success(), "{talk}");
        }
        took
    }

    /// The program itself verifies what was signed before, signs, and finds its audit log whole.
    fn assert_used(&self, work: &Work, holds: Option<String>) {
        if let Some(token) =
            holds.filter(|token| self.witness.tokens().any(|(_, known)| known == token))
        {
            self.program.done(&["verify", "--ring", &work.ring, &token]);
        }
        if self.witness.ring(&work.ring).is_some() {
            let token = self.program.done(&["sign", "--ring", &work.ring, "--sub", "alice"]);
            self.program.done(&["verify", "--ring", &work.ring, &token]);
        }
        assert_eq!(self.program.json(&["audit", "verify"])["broken"], Value::Null);
    }

    /// Runs a command until it succeeds.
    pub(super) fn wait_for(&self, args: &[&str]) {
        let start = Instant::now();
        while self.program.run(args).exit != 0 {
            assert!(start.elapsed() < LONGEST_WAIT, "it never came: {args:?}");
            sleep(Duration::from_millis(50));
        }
    }

    /// At the end nothing lies in the folder that no store has.
    pub(super) fn assert_tidy(&self) {
        self.program.done(&["rekey"]);
        self.program.done(&["backup", "last"]);
        let restore = ["restore", "last", "--replace", "--accept-epoch"];
        self.program.done(&[&restore[..], &REASON[..]].concat());
        let known =
            ["keytide.anchor", "keytide.checkpoints", "keytide.db", "keytide.lock", "master.key"];
        for file in std::fs::read_dir(self.witness.store()).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            assert!(known.contains(&file.as_str()), "{file} was left lying");
        }
    }
}

/// Reached only when the store never opens.
const LONGEST_OPENING: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Says where a test was that fails.
pub(super) struct WhereItFailed(pub(super) String);

impl Drop for WhereItFailed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("failed at: {}", self.0);
        }
    }
}
