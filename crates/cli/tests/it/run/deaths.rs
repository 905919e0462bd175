//! The supervisor is killed: no program runs on, no file is left.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::supervised::{Start, Supervised, is_alive, make_ring, send};
use crate::server_process::ServerProcess;

/// Reports itself, a child of its own, and where its files are.
const SCRIPT: &str = "sleep 600 & echo $$ $! $JWT_KEYS_FILE; wait";

struct Seen {
    program: u32,
    child: u32,
    folder: PathBuf,
}

fn start(home: &ServerProcess, place: &Path) -> (Supervised, Seen) {
    let url = format!("http://{}", home.address());
    let args = [
        "--ring",
        "web.test",
        "--deliver",
        "file",
        "--file-dir",
        place.to_str().unwrap(),
        "--no-copy",
    ];
    let command = ["sh", "-c", SCRIPT];
    let token = home.operator_token();
    let mut run = Start { url: &url, token, args: &args, command: &command }.run();
    let line = run.first_line();
    let parts: Vec<&str> = line.split(' ').collect();
    let [program, child, file] = parts[..] else { panic!("{line}") };
    let folder = Path::new(file).parent().unwrap().to_owned();
    assert!(folder.is_dir() && fs::exists(folder.join("JWT_SECRET")).unwrap());
    let seen = Seen { program: program.parse().unwrap(), child: child.parse().unwrap(), folder };
    (run, seen)
}

fn gone(run: &mut Supervised, seen: &Seen) {
    run.wait("nothing of it is left", |_| {
        let left = is_alive(seen.program) || is_alive(seen.child) || seen.folder.exists();
        (!left).then_some(())
    });
}

#[test]
fn a_kill_of_the_supervisor_leaves_no_orphan_and_no_file() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let place = in_memory();
    for _ in 0..10 {
        let (mut run, seen) = start(&home, place.path());
        send(run.pid(), "KILL");
        gone(&mut run, &seen);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

#[test]
fn an_end_a_crash_or_a_kill_of_the_program_leaves_no_file() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let place = in_memory();
    for signal in ["TERM", "KILL"] {
        let (mut run, seen) = start(&home, place.path());
        send(seen.program, signal);
        run.end();
        gone(&mut run, &seen);
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_guard_that_is_killed_is_replaced_and_what_both_left_is_swept_by_the_next() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let place = in_memory();
    let (mut run, seen) = start(&home, place.path());
    let first = guard_of(run.pid()).unwrap();
    send(first, "KILL");
    let supervisor = run.pid();
    let second = run.wait("another guard", |_| guard_of(supervisor).filter(|pid| *pid != first));
    // Both at once: nobody is left to clean up but the kernel, which ends the program.
    send(second, "KILL");
    send(supervisor, "KILL");
    run.wait("the program is gone", |_| (!is_alive(seen.program)).then_some(()));
    let (mut next, other) = start(&home, place.path());
    assert!(!seen.folder.exists() || seen.folder == other.folder, "it is swept");
    send(next.pid(), "KILL");
    gone(&mut next, &other);
    if is_alive(seen.child) {
        send(seen.child, "KILL");
    }
}

#[test]
fn the_files_go_with_the_supervisor_whatever_their_folder_is_called_and_nothing_else_does() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let url = format!("http://{}", home.address());
    for name in [&b"relative"[..], b"no text \xff\xfe", b"precious\ntail", b"precious\nfolder x"] {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        fs::create_dir(&precious).unwrap();
        fs::write(precious.join("data"), "x").unwrap();
        let name = OsStr::from_bytes(name);
        let place = folder.path().join(name);
        fs::create_dir(&place).unwrap();
        let args = ["--ring", "web.test", "--no-copy", "--deliver", "file", "--file-dir"];
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        args.push(name.to_owned());
        let script = "cd / && test -r \"$JWT_SECRET_FILE\" && echo there; exec sleep 600";
        let command = ["sh", "-c", script];
        let token = home.operator_token();
        let mut run = Start { url: &url, token, args: &args, command: &command }.run_in(folder);
        assert_eq!(run.first_line(), "there", "{name:?}");
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1, "{name:?}");
        send(run.pid(), "KILL");
        run.wait("the files are gone", |_| {
            (fs::read_dir(&place).unwrap().count() == 0).then_some(())
        });
        assert!(precious.join("data").exists(), "{name:?}");
    }
}

/// A folder in memory, as the files want it.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap()
}

fn guard_of(supervisor: u32) -> Option<u32> {
    let children =
        fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children")).ok()?;
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).find(|pid: &u32| {
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|args| args.ends_with(b"__guard\0"))
    })
}
