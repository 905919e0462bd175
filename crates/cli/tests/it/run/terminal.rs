//! On a terminal: its keys reach the program once, other signals do too, and it may ask for a password.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;

use super::supervised::{Start, Supervised, is_alive, make_ring, send};
use crate::server_process::ServerProcess;

/// The end of a terminal at which somebody sits.
struct Keyboard(File);

const CTRL_C: &[u8] = b"\x03";

impl Keyboard {
    fn press(&mut self, keys: &[u8]) {
        self.0.write_all(keys).unwrap();
    }
}

/// A new terminal: where its keys are pressed, and where a program reads them.
fn terminal() -> (Keyboard, File) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap();
    let no_ctty = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
    let name = OsStr::from_bytes(name.as_bytes());
    let far = OpenOptions::new().read(true).write(true).custom_flags(no_ctty).open(name).unwrap();
    (Keyboard(File::from(near)), far)
}

/// Runs a script in the foreground of a terminal of its own; with this in place of its stdin, if given.
fn run(
    home: &ServerProcess,
    args: &[&str],
    script: &str,
    stdin: Option<&str>,
) -> (Supervised, Keyboard) {
    let (keyboard, far) = terminal();
    let url = format!("http://{}", home.address());
    let args = [&["--ring", "web.test"], args].concat();
    let command = ["sh", "-c", script];
    let start = Start { url: &url, token: home.operator_token(), args: &args, command: &command };
    let redirect = stdin.map(|file| format!("exec \"$@\" < {file}"));
    let mut way = vec!["setsid", "--ctty"];
    way.extend(redirect.iter().flat_map(|text| ["sh", "-c", text, "sh"]));
    (start.run_under(&way, Stdio::from(far), tempfile::tempdir().unwrap()), keyboard)
}

fn home() -> ServerProcess {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    home
}

#[test]
fn a_key_reaches_the_program_once_and_so_does_a_signal_to_the_supervisor_alone() {
    let home = home();
    let script = "trap 'echo int' INT; trap 'echo term; exit 5' TERM; echo up; \
                  while :; do sleep 0.05; done";
    let (mut run, mut keyboard) = run(&home, &[], script, None);
    run.first_line();
    keyboard.press(CTRL_C);
    run.wait("the key", |run| run.out().contains("int").then_some(()));
    run.signal("INT");
    run.wait("the signal", |run| (run.out().matches("int").count() == 2).then_some(()));
    run.signal("TERM");
    assert_eq!(run.end().code(), Some(5), "{}", run.err());
    assert_eq!(run.out(), "up\nint\nint\nterm\n");
}

#[test]
fn a_program_that_a_key_ends_in_the_middle_of_a_restart_is_not_started_again() {
    let home = home();
    let script = "trap 'echo ending' TERM; trap 'echo int' INT; echo up; \
                  until test -e end; do sleep 0.05; done";
    let (mut run, mut keyboard) =
        run(&home, &["--debounce", "100ms", "--grace", "10m"], script, None);
    run.first_line();
    let body = json!({"when": "now", "force": true, "reason": "a test"});
    home.post("/v1/rings/web.test/rotate", &body);
    run.wait("it is told to end", |run| run.out().contains("ending").then_some(()));
    keyboard.press(CTRL_C);
    run.wait("the key", |run| run.out().contains("int").then_some(()));
    fs::write(run.path("end"), "").unwrap();
    assert_eq!(run.end().code(), Some(0), "{}", run.err());
    assert_eq!(run.out(), "up\nending\nint\n");
}

#[test]
fn a_program_whose_stdin_is_no_terminal_may_ask_at_the_terminal() {
    let home = home();
    let script = "echo up; read -r word < /dev/tty; echo got $word";
    let (mut run, mut keyboard) = run(&home, &[], script, Some("/dev/null"));
    run.first_line();
    keyboard.press(b"hello\n");
    assert_eq!(run.end().code(), Some(0), "{}", run.err());
    assert_eq!(run.out(), "up\ngot hello\n");
}

#[test]
fn what_a_program_leaves_running_on_a_terminal_ends_with_it_but_for_what_left_its_group() {
    let home = home();
    let script = "sleep 600 & echo $!; setsid sh -c 'echo $$; touch apart; exec sleep 600' & \
                  until test -e apart; do sleep 0.05; done";
    let (mut run, _keyboard) = run(&home, &[], script, None);
    assert_eq!(run.end().code(), Some(0), "{}", run.err());
    let out = run.out();
    let (left, gone) = out.trim_end().split_once('\n').unwrap();
    let (left, gone) = (left.parse().unwrap(), gone.parse().unwrap());
    assert!(!is_alive(left) && is_alive(gone));
    send(gone, "KILL");
}

#[test]
fn a_kill_of_the_supervisor_leaves_no_orphan_on_a_terminal_either() {
    let home = home();
    let script = "sleep 600 & echo $$ $!; wait";
    for pristine in [&[][..], &["--pristine"]] {
        let (mut run, _keyboard) = run(&home, pristine, script, Some("/dev/null"));
        let line = run.first_line();
        let (program, child) = line.split_once(' ').unwrap();
        let (program, child) = (program.parse().unwrap(), child.parse().unwrap());
        assert!(is_alive(program) && is_alive(child));
        send(run.pid(), "KILL");
        run.wait("nothing of it is left", |_| {
            (!is_alive(program) && !is_alive(child)).then_some(())
        });
    }
}
