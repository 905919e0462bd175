//! A newcomer's first minutes: `serve` starts, what it prints can be pasted, and it starts again.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::program::{Program, Ran, ran};

/// A server that was started in a folder, and its greeting so far.
struct Started {
    child: Child,
    greeting: BufReader<ChildStdout>,
    requests: String,
}

impl Started {
    fn start(program: &Program) -> Self {
        Self::spawn(program, &[]).greeted()
    }

    /// On its way, with these further arguments.
    fn spawn(program: &Program, further: &[&str]) -> Self {
        let args = ["serve", "--listen", "127.0.0.1:0", "--store", "it's here"];
        let mut child = program
            .command(&[&args, further].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let greeting = BufReader::new(child.stdout.take().unwrap());
        Self { child, greeting, requests: String::new() }
    }

    /// Once it has printed its requests.
    fn greeted(mut self) -> Self {
        // The last request is the one for the public keys; the server listens before it greets.
        while !self.requests.contains("jwks.json") {
            let mut line = String::new();
            let read = self.greeting.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "the server ended: {}", self.requests);
            if line.starts_with('#') || !self.requests.is_empty() {
                self.requests.push_str(&line);
            }
        }
        self
    }

    /// The requests as they stand there, pasted into a shell.
    fn paste(&self) -> Ran {
        let mut shell = Command::new("sh");
        shell.args(["-c", &self.requests]);
        ran(shell, b"")
    }

    /// SIGTERM; its exit status once all is answered.
    fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.greeting.read_to_string(&mut rest).unwrap();
        assert!(!rest.contains("ktop_"));
        status.code()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _it_may_be_over = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_printed_requests_work_as_pasted_at_the_first_start_and_at_the_next() {
    let program = Program::new();
    let first = Started::start(&program);
    let first_kid = assert_answers(&first);
    assert!(first.requests.contains("Bearer ktop_"), "the token is shown at the first start");
    assert_eq!(first.stop(), Some(0));

    let second = Started::start(&program);
    assert!(!second.requests.contains("ktop_"), "and never again");
    assert_eq!(assert_answers(&second), first_kid, "the keys are the same");
    assert_eq!(second.stop(), Some(0));
}

/// Sign, verify and JWKS, each an answer on a line; gives the kid that signs.
fn assert_answers(started: &Started) -> String {
    let pasted = started.paste();
    assert_eq!(pasted.exit, 0, "{}", pasted.stderr);
    let answers: Vec<Value> = pasted
        .text()
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let [signed, verified, jwks] = answers.as_slice() else { panic!("{}", pasted.text()) };
    assert_eq!(verified["valid"], true);
    assert_eq!(verified["claims"]["sub"], "alice");
    assert_eq!(verified["kid"], signed["kid"]);
    let kids = jwks["keys"].as_array().unwrap().iter().map(|key| &key["kid"]);
    assert!(kids.into_iter().any(|kid| *kid == signed["kid"]));
    signed["kid"].as_str().unwrap().to_owned()
}

#[test]
fn of_servers_that_start_at_once_on_an_empty_folder_all_run_with_one_operators_token() {
    const SERVERS: usize = 4;
    let program = Program::new();
    let starting: Vec<_> = (0..SERVERS).map(|_| Started::spawn(&program, &[])).collect();
    let servers: Vec<_> = starting.into_iter().map(Started::greeted).collect();
    let shown = servers.iter().filter(|server| server.requests.contains("Bearer ktop_"));
    assert_eq!(shown.count(), 1, "one made the token");
    for server in &servers {
        assert_answers(server);
    }
    let token = std::fs::read_to_string(program.path("it's here/operator.token")).unwrap();
    let maker = servers.iter().find(|server| server.requests.contains("ktop_")).unwrap();
    assert!(maker.requests.contains(token.trim()), "the token in the file is the one that works");
    let args = ["audit", "tail", "-n", "1000", "--json", "--store", "it's here"];
    let log: Vec<Value> =
        program.done(&args).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |action: &str| {
        log.iter().filter(|record| record["action"] == action && record["result"] == "done").count()
    };
    assert_eq!((of("access_grant"), of("ring_create"), of("store_create")), (1, 1, 1));
    for server in servers {
        assert_eq!(server.stop(), Some(0));
    }
}

#[test]
fn a_new_operators_token_ends_the_one_before() {
    let program = Program::new();
    let file = program.path("it's here/operator.token");
    assert_eq!(Started::start(&program).stop(), Some(0));
    let old = std::fs::read_to_string(&file).unwrap();
    let server = Started::spawn(&program, &["--new-operator-token"]).greeted();
    let new = std::fs::read_to_string(&file).unwrap();
    assert_ne!(old, new);
    assert_answers(&server);
    assert_eq!(server.stop(), Some(0));
    // The old one put back into the file is no token of the operator's any more.
    std::fs::write(&file, &old).unwrap();
    let server = Started::start(&program);
    let refused = server.paste();
    assert!(refused.text().contains("credentials_refused"), "{}", refused.text());
}

#[test]
fn an_operators_token_that_others_may_read_is_refused_until_it_is_replaced() {
    let program = Program::new();
    let file = program.path("it's here/operator.token");
    assert_eq!(Started::start(&program).stop(), Some(0));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let serve = ["--json", "serve", "--listen", "127.0.0.1:0", "--store", "it's here"];
    let refused = program.run(&serve);
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (3, Some("store_file_exposed")));
    let server = Started::spawn(&program, &["--new-operator-token"]).greeted();
    assert_answers(&server);
}

#[test]
fn a_store_that_lost_its_master_key_is_refused_and_no_new_one_is_made() {
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "ES256"]);
    std::fs::remove_file(program.path("keytide-data/master.key")).unwrap();
    let refused = program.run(&["--json", "serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (3, Some("master_key_missing")));
    assert!(!program.path("keytide-data/master.key").exists());
    let other = "11".repeat(31) + "22";
    let env = [("KEYTIDE_MASTER_KEY", other.as_str())];
    let wrong = program.run_with(&["--json", "ring", "list"], b"", &env);
    assert_eq!((wrong.exit, wrong.error()["code"].as_str()), (3, Some("wrong_master_key")));
}

#[test]
fn a_server_that_cannot_start_as_told_says_so_before_it_listens() {
    let program = Program::new();
    let code = |args: &[&str]| {
        let ran = program.run(&[&["--json", "serve"], args].concat());
        (ran.exit, ran.error()["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code(&["--listen", "0.0.0.0:0"]), (2, "plain_http".to_owned()));
    assert_eq!(code(&["--public-url", "keys.example"]), (2, "bad_public_url".to_owned()));
    assert_eq!(code(&["--log", "loud=very"]), (2, "wrong_use".to_owned()));
    assert_eq!(code(&["--listen", "127.0.0.1:0", "--tls-cert", "x", "--tls-key", "y"]).0, 3);
}
