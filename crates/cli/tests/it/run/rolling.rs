//! Two processes of a program side by side, and somebody tells the program to end: each does it in its own time.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;

use super::supervised::{Start, Supervised, make_ring};
use crate::server_process::ServerProcess;

/// One of the two ends at once when told to, the other once a file is there.
fn script(slow: &str) -> String {
    format!(
        "name=second; mkdir one 2>/dev/null && name=first; \
         end() {{ echo $name ends; test $name = {slow} || exit 5; \
           until test -e enough; do sleep 0.05; done; echo $name drained; exit 6; }}; \
         trap end TERM; echo $name up; while :; do sleep 0.05; done"
    )
}

fn told_to_roll(home: &ServerProcess, readiness: &str, slow: &str) -> Supervised {
    make_ring(home, "web.test");
    let url = format!("http://{}", home.address());
    let args = ["--ring", "web.test", "--rolling", "--readiness", readiness, "--debounce", "100ms"];
    let args = [&args[..], &["--readiness-timeout", "10m", "--grace", "10m"]].concat();
    let script = script(slow);
    let command = ["sh", "-c", script.as_str()];
    let start = Start { url: &url, token: home.operator_token(), args: &args, command: &command };
    let mut run = start.run();
    run.first_line();
    let body = json!({"when": "now", "force": true, "reason": "a test"});
    home.post("/v1/rings/web.test/rotate", &body);
    run
}

fn said(run: &mut Supervised, what: &str) {
    run.wait(what, |run| run.out().contains(what).then_some(()));
}

#[test]
fn a_process_that_has_been_taken_over_from_ends_in_its_own_time() {
    let home = ServerProcess::start();
    let mut run = told_to_roll(&home, &always_ready(), "first");
    said(&mut run, "first ends");
    run.signal("TERM");
    said(&mut run, "second ends");
    fs::write(run.path("enough"), "").unwrap();
    assert_eq!(run.end().code(), Some(5), "the status is that of the one that took over");
    assert!(run.out().contains("first drained"), "{}", run.out());
}

#[test]
fn a_process_that_has_not_taken_over_yet_ends_in_its_own_time() {
    let home = ServerProcess::start();
    // Nobody answers there: it is never ready.
    let mut run = told_to_roll(&home, "http://127.0.0.1:1/", "second");
    said(&mut run, "second up");
    run.signal("TERM");
    said(&mut run, "first ends");
    said(&mut run, "second ends");
    fs::write(run.path("enough"), "").unwrap();
    assert_eq!(run.end().code(), Some(5));
    assert!(run.out().contains("second drained"), "{}", run.out());
}

/// A URL that says of any program that it is ready.
fn always_ready() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _request = stream.read(&mut [0; 4096]);
            let answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            let _nobody_reads = stream.write_all(answer.as_bytes());
        }
    });
    url
}
