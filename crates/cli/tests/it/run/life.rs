//! What a program notices of its supervisor: its environment, signals, orphans; and what the caller notices: the status.

use std::fs;

use serde_json::json;

use super::supervised::{Start, Supervised, instances, is_alive, make_ring, send};
use crate::server_process::ServerProcess;

/// A ring's server with the ring `web.test`.
fn home() -> ServerProcess {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    home
}

fn run(home: &ServerProcess, args: &[&str], script: &str) -> Supervised {
    let url = format!("http://{}", home.address());
    let args = [&["--ring", "web.test"], args].concat();
    let command = ["sh", "-c", script];
    Start { url: &url, token: home.operator_token(), args: &args, command: &command }.run()
}

#[test]
fn the_status_is_the_programs_own_or_that_of_its_signal_or_of_a_shell() {
    let home = home();
    for (script, status) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -1 $$", 129)]
    {
        assert_eq!(run(&home, &[], script).end().code(), Some(status), "{script}");
    }
    let url = format!("http://{}", home.address());
    for (command, status) in [("/no/such/program", 127), ("/etc/passwd", 126)] {
        let args = ["--ring", "web.test"];
        let token = home.operator_token();
        let mut run = Start { url: &url, token, args: &args, command: &[command] }.run();
        assert_eq!(run.end().code(), Some(status), "{command}");
        assert!(run.err().contains("command_not_run") && run.err().contains(command));
    }
}

#[test]
fn signals_reach_the_program_which_ends_as_it_likes() {
    let home = home();
    let script = "trap 'echo hup' HUP; trap 'echo usr1' USR1; trap 'echo term; exit 5' TERM; echo up; \
                  while :; do sleep 0.05; done";
    let mut run = run(&home, &["--on-change", "none"], script);
    run.first_line();
    for (signal, word) in [("HUP", "hup"), ("USR1", "usr1"), ("TERM", "term")] {
        run.signal(signal);
        run.wait(word, |run| run.out().contains(word).then_some(()));
    }
    assert_eq!(run.end().code(), Some(5));
}

#[test]
fn a_hangup_that_was_ignored_before_stays_ignored_by_both() {
    let home = home();
    let url = format!("http://{}", home.address());
    let args = ["--ring", "web.test"];
    let command = ["sh", "-c", "echo $$; exec sleep 600"];
    let start = Start { url: &url, token: home.operator_token(), args: &args, command: &command };
    let way = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let folder = tempfile::tempdir().unwrap();
    let mut run = start.run_under(&way, std::process::Stdio::null(), folder);
    let program = run.first_line().parse().unwrap();
    for process in [program, run.pid()] {
        let facts = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let mask = facts.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
        let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
        assert_eq!(mask & 1, 1, "{process}: {mask:x}");
    }
}

#[test]
fn orphans_come_to_the_supervisor_and_are_collected() {
    let home = home();
    // The inner shell leaves an orphan, which ends soon after.
    let script = "sh -c '(sleep 0.2 & echo orphan $!) ' ; exec sleep 60";
    let mut run = run(&home, &[], script);
    let line = run.first_line();
    let orphan: u32 = line.split(' ').nth(1).unwrap().parse().unwrap();
    run.wait("the orphan is collected", |_| {
        (!fs::exists(format!("/proc/{orphan}")).unwrap()).then_some(())
    });
    assert!(!run.is_over());
}

#[test]
fn what_a_program_leaves_running_in_its_group_ends_with_it() {
    let home = home();
    let mut run = run(&home, &[], "sleep 600 & echo $!");
    let left: u32 = run.first_line().parse().unwrap();
    assert_eq!(run.end().code(), Some(0));
    run.wait("it is gone", |_| (!is_alive(left)).then_some(()));
}

#[test]
fn pristine_leaves_path_and_the_keys_and_no_program_gets_the_access_token() {
    let home = home();
    for (args, has_home) in [(&["--pristine"][..], false), (&[], true)] {
        let mut run = run(&home, args, "env | cut -d= -f1 | sort | tr '\\n' ' '; echo");
        let names = run.first_line();
        let names: Vec<&str> = names.split(' ').collect();
        for name in ["JWT_KEYS", "JWT_SECRET", "JWT_SECRET_NEXT", "KEYTIDE_EPOCHS", "PATH"] {
            assert!(names.contains(&name), "{name} of {names:?}");
        }
        assert_eq!(names.contains(&"HOME"), has_home, "{names:?}");
        assert!(!names.contains(&"KEYTIDE_TOKEN"), "{names:?}");
        run.end();
    }
}

#[test]
fn open_files_are_read_whole_and_have_no_name() {
    let home = home();
    let script = "cat $JWT_SECRET_FILE | wc -c; case $JWT_SECRET_FILE in /dev/fd/*) echo fd;; esac; \
                  test -z \"$JWT_SECRET\" && echo unset; (echo x >> $JWT_SECRET_FILE) 2>/dev/null || echo sealed";
    let mut run = run(&home, &["--deliver", "fd"], script);
    run.end();
    assert_eq!(run.out(), "43\nfd\nunset\nsealed\n");
}

#[test]
fn the_epoch_is_acknowledged_when_the_program_runs_and_another_only_when_it_was_loaded() {
    let home = home();
    let started = |home: &ServerProcess| {
        instances(home, "web.test").first().and_then(|one| one["epoch"].as_u64())
    };
    let script = "echo $$; exec sleep 600";
    let mut left_alone = run(&home, &["--on-change", "none", "--debounce", "100ms"], script);
    left_alone.wait("it is told", |_| started(&home));
    let first = started(&home);
    home.post(
        "/v1/rings/web.test/rotate",
        &json!({"when": "now", "force": true, "reason": "a test"}),
    );
    left_alone.wait("it hears of it", |run| run.err().contains("left as it is").then_some(()));
    assert_eq!(started(&home), first, "it still works with the keys that it has");
    assert!(!left_alone.is_over());
}

#[test]
fn an_epoch_with_the_same_keys_is_acknowledged_and_the_program_left_alone() {
    let home = home();
    let told = |name: &str| {
        let all = instances(&home, "web.test");
        all.iter().find(|one| one["instance"] == name).and_then(|one| one["epoch"].as_u64())
    };
    let script = "echo $$; exec sleep 600";
    let ways = [
        ("restarted", &[][..]),
        ("hooked", &["--on-change", "exec:echo hook"]),
        ("signalled", &["--deliver", "file", "--on-change", "signal:USR1"]),
    ];
    let mut runs = ways.map(|(name, args)| {
        let args = [&["--debounce", "100ms", "--instance", name], args].concat();
        (name, run(&home, &args, script))
    });
    for (name, run) in &mut runs {
        run.wait("its first keys are told", |_| told(name));
    }
    let edge = json!({"name": "edge", "profile": "jose"});
    let epoch = home.post("/v1/rings/web.test/consumers", &edge)["epoch"].as_u64();
    assert!(epoch.is_some());
    for (name, run) in &mut runs {
        run.wait("the epoch is told", |_| (told(name) >= epoch).then_some(()));
        let said = (run.out().lines().count(), run.err());
        assert_eq!(said, (1, String::new()), "{name}");
    }
}

#[test]
fn a_command_that_fails_acknowledges_nothing_and_one_that_works_does() {
    let home = home();
    let told = |home: &ServerProcess, name: &str| {
        let all = instances(home, "web.test");
        all.iter().find(|one| one["instance"] == name).and_then(|one| one["epoch"].as_u64())
    };
    let script = "exec sleep 600";
    let fast = ["--debounce", "100ms", "--instance"];
    let mut good = run(
        &home,
        &[
            &fast[..],
            &["good", "--on-change", "exec:test -n \"$KEYTIDE_PID\" -a -n \"$JWT_SECRET\""],
        ]
        .concat(),
        script,
    );
    let mut bad = run(&home, &[&fast[..], &["bad", "--on-change", "exec:exit 3"]].concat(), script);
    for (run, name) in [(&mut good, "good"), (&mut bad, "bad")] {
        run.wait("it is told", |_| told(&home, name));
    }
    let first = told(&home, "bad");
    home.post(
        "/v1/rings/web.test/rotate",
        &json!({"when": "now", "force": true, "reason": "a test"}),
    );
    good.wait("the word of success", |_| (told(&home, "good") > first).then_some(()));
    bad.wait("the failure", |run| run.err().contains("ended with status 3").then_some(()));
    assert_eq!(told(&home, "bad"), first);
}

#[test]
fn a_program_that_will_not_end_is_killed_after_its_grace() {
    let home = home();
    let script = "trap '' TERM; echo $$; while :; do sleep 0.05; done";
    let mut run = run(&home, &["--debounce", "100ms", "--grace", "300ms"], script);
    let first: u32 = run.first_line().parse().unwrap();
    home.post(
        "/v1/rings/web.test/rotate",
        &json!({"when": "now", "force": true, "reason": "a test"}),
    );
    run.wait("another process", |run| (run.out().lines().count() > 1).then_some(()));
    assert!(!is_alive(first));
    send(run.pid(), "KILL");
}

#[test]
fn wrong_use_is_told_before_anything_is_started() {
    let home = home();
    for args in [
        &["--on-change", "signal:HUP"][..],
        &["--map", "KEY=other.test.secret"],
        &["--map", "KEY=web.test.colour"],
        &["--map", "KEY=secret", "--map", "KEY=next"],
        &["--map", "JWT_SECRET_FILE=secret"],
        &["--map", "KEYTIDE_EPOCHS=epoch"],
        &["--rolling"],
        &["--ring", "web.test"],
        &["--max-stale", "1s"],
    ] {
        let mut run = run(&home, args, "echo started");
        assert_eq!((run.end().code(), run.out()), (Some(2), String::new()), "{args:?}");
    }
}
