//! A `keytide run` with its folder and what it said; whatever it leaves alive is ended with the test.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server_process::ServerProcess;

/// Reached only when what is waited for never comes.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(30);

/// A running supervisor.
pub(super) struct Supervised {
    child: Child,
    folder: TempDir,
    ended: Option<ExitStatus>,
}

/// How it is started.
pub(super) struct Start<'a, Arg = &'a str> {
    pub(super) url: &'a str,
    pub(super) token: &'a str,
    pub(super) args: &'a [Arg],
    pub(super) command: &'a [&'a str],
}

impl<Arg: AsRef<OsStr>> Start<'_, Arg> {
    pub(super) fn run(&self) -> Supervised {
        self.run_in(tempfile::tempdir().unwrap())
    }

    /// The same where an earlier one has left its sealed copy.
    pub(super) fn run_in(&self, folder: TempDir) -> Supervised {
        self.run_under(&[], Stdio::null(), folder)
    }

    /// The same by way of a command that becomes it.
    pub(super) fn run_under(&self, way: &[&str], stdin: Stdio, folder: TempDir) -> Supervised {
        let words = [way, &[env!("CARGO_BIN_EXE_keytide"), "run"]].concat();
        let mut command = Command::new(words[0]);
        if way.is_empty() {
            // Out of the foreground of a terminal on which the tests are run.
            command.process_group(0);
        }
        command.args(&words[1..]).args(self.args).arg("--").args(self.command);
        command.env_clear().current_dir(folder.path());
        for name in ["PATH", "KEYTIDE_TEST_NODE_MODULES"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("KEYTIDE_SERVER", self.url).env("KEYTIDE_TOKEN", self.token);
        command.env("HOME", folder.path());
        let file = |name| File::create(folder.path().join(name)).unwrap();
        command.stdin(stdin).stdout(file("out")).stderr(file("err"));
        Supervised { child: command.spawn().unwrap(), folder, ended: None }
    }
}

impl Supervised {
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the program wrote, as far as it came.
    pub(super) fn out(&self) -> String {
        fs::read_to_string(self.path("out")).unwrap()
    }

    /// What the supervisor, and the program beside its data, said.
    pub(super) fn err(&self) -> String {
        fs::read_to_string(self.path("err")).unwrap()
    }

    /// Sends it a signal, by its number's name as `kill` has it.
    pub(super) fn signal(&self, name: &str) {
        send(self.pid(), name);
    }

    pub(super) fn is_over(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().unwrap();
        }
        self.ended.is_some()
    }

    /// Waits for its end, and gives the status.
    pub(super) fn end(&mut self) -> ExitStatus {
        self.wait("it ends", |run| run.is_over().then(|| run.ended.unwrap()))
    }

    /// Waits for something.
    pub(super) fn wait<T>(&mut self, what: &str, mut so: impl FnMut(&mut Self) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = so(self) {
                return found;
            }
            let late = started.elapsed() > LONGEST_WAIT;
            assert!(!late, "it never came: {what}\n{}\n{}", self.out(), self.err());
            sleep(PAUSE);
        }
    }

    /// The first line that the program wrote.
    pub(super) fn first_line(&mut self) -> String {
        self.wait("a first line", |run| run.out().split_once('\n').map(|(line, _)| line.to_owned()))
    }

    /// Ends it at once, and gives its folder back.
    pub(super) fn into_folder(mut self) -> TempDir {
        if !self.is_over() {
            self.signal("TERM");
        }
        self.end();
        let empty = tempfile::tempdir().unwrap();
        std::mem::replace(&mut self.folder, empty)
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // Its guard ends what runs below it.
        let _it_may_be_over = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub(super) fn send(pid: u32, name: &str) {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    let signal = match name {
        "TERM" => rustix::process::Signal::TERM,
        "HUP" => rustix::process::Signal::HUP,
        "INT" => rustix::process::Signal::INT,
        "USR1" => rustix::process::Signal::USR1,
        "KILL" => rustix::process::Signal::KILL,
        other => panic!("no such signal in these tests: {other}"),
    };
    let _it_may_be_over = rustix::process::kill_process(pid, signal);
}

/// Whether a process runs, and is no mere entry that nobody has collected.
pub(super) fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Makes a symmetric ring whose rotations take seconds.
pub(super) fn make_ring(server: &ServerProcess, name: &str) {
    server.post(
        "/v1/rings",
        &json!({
            "name": name, "algorithm": "HS256", "rotate_every": "1d", "token_ttl": "6s",
            "propagation": "2s", "clock_error": "100ms", "signer_lag": "4s", "leeway": "0s",
            "max_age": "1s", "issuer": null,
        }),
    );
}

/// The instances of the consumer `run`, as the ring's server knows them.
pub(super) fn instances(server: &ServerProcess, ring: &str) -> Vec<Value> {
    let told = server.request("GET", &format!("/v1/rings/{ring}/consumers"), "").body;
    let consumers = told["consumers"].as_array().cloned().unwrap_or_default();
    let run = consumers.into_iter().find(|consumer| consumer["name"] == "run");
    run.map_or_else(Vec::new, |run| run["instances"].as_array().cloned().unwrap_or_default())
}
