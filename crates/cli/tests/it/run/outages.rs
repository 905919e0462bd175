//! The server is down, broken or silent: within `--max-stale` nothing happens to a program, then it is ended and none is started.

use std::thread;

use super::gate::{Gate, Manner};
use super::supervised::{Start, Supervised, is_alive, make_ring};
use crate::server_process::ServerProcess;

const SCRIPT: &str = "echo $$; exec sleep 600";

fn start(url: &str, token: &str, max_stale: &str, folder: tempfile::TempDir) -> Supervised {
    let args = ["--ring", "web.test", "--max-stale", max_stale];
    Start { url, token, args: &args, command: &["sh", "-c", SCRIPT] }.run_in(folder)
}

#[test]
fn an_outage_of_any_kind_is_borne_for_its_time_and_then_refused() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let gates: Vec<_> = [Manner::Down, Manner::Broken, Manner::Silent]
        .map(|manner| (Gate::before(home.address()), manner))
        .into();
    thread::scope(|threads| {
        for (gate, manner) in &gates {
            let token = home.operator_token();
            threads.spawn(move || through_an_outage(gate, *manner, token));
        }
    });
}

fn through_an_outage(gate: &Gate, manner: Manner, token: &str) {
    let folder = tempfile::tempdir().unwrap();
    // Long enough for the client's own patience with a server that takes a request and says nothing.
    let max_stale = if manner == Manner::Silent { "30s" } else { "15s" };
    let mut run = start(&gate.url(), token, max_stale, folder);
    let first: u32 = run.first_line().parse().unwrap();
    let mut folder = run.into_folder();
    assert!(!is_alive(first));

    // A start without the server, with the copy that the first run left.
    gate.is(manner);
    let mut run = start(&gate.url(), token, max_stale, folder);
    let program: u32 = run.first_line().parse().unwrap();
    let said = run.err();
    assert!(said.contains("starting with the sealed copy"), "{manner:?}: {said}");

    // It comes back, goes again, and the program never notices.
    gate.is(Manner::Open);
    run.wait("it answers again", |run| run.err().contains("answers again").then_some(()));
    gate.is(manner);
    run.wait("its silence is told", |run| run.err().contains("keeps the keys").then_some(()));
    assert!(is_alive(program) && run.out().lines().count() == 1, "{manner:?}: {}", run.err());

    // Until the keys may have been revoked for too long.
    assert_eq!(run.end().code(), Some(3), "{manner:?}: {}", run.err());
    assert!(run.err().contains("keys_too_old"), "{manner:?}: {}", run.err());
    assert!(!is_alive(program));
    folder = run.into_folder();
    let mut refused = start(&gate.url(), token, "5s", folder);
    assert_eq!((refused.end().code(), refused.out()), (Some(3), String::new()), "{manner:?}");
    assert!(refused.err().contains("keys_too_old"), "{manner:?}: {}", refused.err());
}

#[test]
fn a_signal_before_the_keys_are_there_ends_it_and_nothing_is_started() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    make_ring(&home, "api.test");
    let gate = Gate::before(home.address());
    let args = ["--ring", "web.test", "--ring", "api.test"];
    let url = gate.url();
    let start =
        Start { url: &url, token: home.operator_token(), args: &args, command: &["echo", "up"] };
    // With copies, from which it could be started.
    let mut run = start.run();
    assert_eq!(run.end().code(), Some(0), "{}", run.err());
    let mut folder = run.into_folder();
    gate.is(Manner::Silent);
    for (signal, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let mut run = start.run_in(folder);
        run.wait("both rings are asked for", |_| (gate.connections() == 2).then_some(()));
        run.signal(signal);
        assert_eq!(run.end().code(), Some(status), "{}", run.err());
        assert_eq!(run.out(), "", "{signal}");
        assert!(!run.err().contains("sealed copy"), "{signal}: {}", run.err());
        folder = run.into_folder();
        gate.is(Manner::Silent);
    }
}

#[test]
fn without_a_copy_or_with_another_token_there_is_no_start_without_the_server() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let gate = Gate::before(home.address());
    let mut run = start(&gate.url(), home.operator_token(), "1h", tempfile::tempdir().unwrap());
    run.first_line();
    let folder = run.into_folder();
    gate.is(Manner::Down);
    let other = "another-token-of-the-tests-0123456789-0123456789";
    let mut run = start(&gate.url(), other, "1h", folder);
    assert_eq!(run.end().code(), Some(3));
    assert!(run.err().contains("no_keys") && run.out().is_empty(), "{}", run.err());
    assert!(run.err().contains("not sealed for this ring with this access token"), "{}", run.err());
    let nowhere = tempfile::tempdir().unwrap();
    let mut run = start(&gate.url(), home.operator_token(), "1h", nowhere);
    assert_eq!(run.end().code(), Some(3));
    assert!(run.err().contains("no_keys"), "{}", run.err());
}

#[test]
fn a_token_that_the_server_refuses_is_no_outage_and_the_copy_goes() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let url = format!("http://{}", home.address());
    let access = home.post(
        "/v1/access",
        &serde_json::json!({"subject": "web", "permissions": ["read-keys"], "rings": ["web.test"]}),
    );
    let token = access["token"].as_str().unwrap();
    let mut run = start(&url, token, "1h", tempfile::tempdir().unwrap());
    run.first_line();
    let folder = run.into_folder();
    let copies = folder.path().join(".local/state/keytide");
    assert_eq!(std::fs::read_dir(&copies).unwrap().count(), 1);
    assert_eq!(home.request("DELETE", "/v1/access/web", "").status, 200);
    let mut run = start(&url, token, "1h", folder);
    assert_eq!((run.end().code(), run.out()), (Some(3), String::new()));
    assert!(run.err().contains("credentials_refused"), "{}", run.err());
    assert_eq!(std::fs::read_dir(run.path(".local/state/keytide")).unwrap().count(), 0);
}
