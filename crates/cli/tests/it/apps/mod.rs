//! The services under `examples/`, run as their READMEs say, while their rings rotate: no token is refused.

mod readme;
mod session;

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use self::session::Session;
use crate::foreign::tool;
use crate::program::bin_folder;
use crate::server_process::ServerProcess;

/// Between two rounds of signing in and showing tokens.
const ROUND: Duration = Duration::from_millis(200);
/// Rounds before the ring is asked to switch, and after it did.
const ROUNDS: usize = 5;
/// Reached only when what is waited for never comes.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

#[test]
fn the_axum_service_runs_as_its_readme_says_and_refuses_no_token_through_a_rotation() {
    Place::new("axum").follow(1);
}

#[test]
fn the_express_service_runs_as_its_readme_says_and_refuses_no_token_through_a_rotation() {
    let place = Place::new("express");
    let modules = tool("KEYTIDE_TEST_EXPRESS").join("node_modules");
    symlink(modules, place.folder.path().join("examples/express/node_modules")).unwrap();
    place.with(&tool("KEYTIDE_TEST_NODE")).follow(2);
}

#[test]
fn the_fastapi_service_runs_as_its_readme_says_and_refuses_no_token_through_a_rotation() {
    let python = tool("KEYTIDE_TEST_FASTAPI");
    Place::new("fastapi").with(&python).follow(1);
}

/// A folder that looks like the project's root to a README's commands, and a server that it may ask.
struct Place {
    readme: String,
    folder: TempDir,
    server: ServerProcess,
    path: Vec<PathBuf>,
    port: u16,
}

impl Place {
    fn new(example: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let source = root.join("examples").join(example);
        let readme = fs::read_to_string(source.join("README.md")).unwrap();
        // What a README has built by hand is built here.
        for line in readme::preparations(&readme) {
            if let Some(args) = line.strip_prefix("cargo build ") {
                let mut cargo = Command::new(std::env::var_os("CARGO").unwrap());
                cargo.args(["build", "--quiet"]).args(args.split(' ')).current_dir(&root);
                assert!(cargo.status().unwrap().success(), "{line}");
            }
        }
        let (folder, server) = (tempfile::tempdir().unwrap(), ServerProcess::start());
        let copy = folder.path().join("examples").join(example);
        fs::create_dir_all(&copy).unwrap();
        for entry in fs::read_dir(source).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
            }
        }
        symlink(bin_folder().parent().unwrap(), folder.path().join("target")).unwrap();
        symlink(server.store(), folder.path().join("keytide-data")).unwrap();
        // Free now; whoever takes it meanwhile fails the test by answering otherwise.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = vec![bin_folder().to_owned()];
        Self { readme, folder, server, path, port }
    }

    /// With this interpreter ahead of the system's.
    fn with(mut self, interpreter: &Path) -> Self {
        self.path.push(interpreter.parent().unwrap().to_owned());
        self
    }

    /// Types what the README says, with so many rotations in it; each is accompanied by visits.
    fn follow(self, rotations: usize) {
        let mut session = Session::start(self.shell());
        let mut seen = 0;
        for step in readme::steps(&self.readme) {
            let rotates = step.command.starts_with("keytide ring rotate ");
            let mut visitor = rotates.then(|| Visitor::new(self.port));
            if let Some(visitor) = &mut visitor {
                (0..ROUNDS).for_each(|_| visitor.round());
            }
            let command = step.command.replace("127.0.0.1:7430", self.server.address());
            let command = command.replace("3000", &self.port.to_string());
            let (said, status) = session.run(&command);
            let shown = step.shown();
            assert!(
                status == "0" && step.shows(&said),
                "$ {command}\n{said}(status {status})\nthe README shows:\n{shown}\n{}",
                self.logs()
            );
            if let Some(visitor) = &mut visitor {
                visitor.until_the_ring_has_switched();
                seen += 1;
            }
        }
        assert_eq!(seen, rotations);
        assert!(TcpStream::connect(("127.0.0.1", self.port)).is_err(), "it was stopped");
    }

    fn shell(&self) -> Command {
        let mut path = self.path.clone();
        path.extend(["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from));
        let path: OsString = std::env::join_paths(path).unwrap();
        let mut shell = Command::new("sh");
        shell.env_clear().env("PATH", path).env("HOME", self.folder.path()).env("USER", "tester");
        shell.current_dir(self.folder.path());
        if let Some(addon) = std::env::var_os("KEYTIDE_NATIVE_ADDON") {
            shell.env("KEYTIDE_NATIVE_ADDON", addon);
        }
        shell
    }

    /// What the service said, for a test that failed.
    fn logs(&self) -> String {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|path| path.extension().is_some_and(|kind| kind == "log"));
        logs.map(|path| fs::read_to_string(path).unwrap()).collect()
    }
}

/// Somebody who signs in again and again, and shows every token that was ever given.
struct Visitor {
    port: u16,
    tokens: Vec<String>,
    shown: usize,
}

impl Visitor {
    fn new(port: u16) -> Self {
        Self { port, tokens: Vec::new(), shown: 0 }
    }

    fn round(&mut self) {
        let login = json!({"name": "alice", "password": "correct horse"}).to_string();
        let (status, body) = self.ask("POST", "/login", "", &login);
        assert_eq!(status, 200, "{body}");
        self.tokens.push(body["access_token"].as_str().unwrap().to_owned());
        for token in &self.tokens {
            let (status, body) = self.ask("GET", "/me", token, "");
            assert_eq!((status, &body), (200, &json!({"name": "alice"})), "{token}");
            self.shown += 1;
        }
        sleep(ROUND);
    }

    /// Until tokens have another `kid`, and for some rounds more.
    fn until_the_ring_has_switched(&mut self) {
        let before = header(&self.tokens[0]).to_owned();
        let started = Instant::now();
        while header(self.tokens.last().unwrap()) == before {
            assert!(started.elapsed() < LONGEST_WAIT, "the ring never switched");
            self.round();
        }
        (0..ROUNDS).for_each(|_| self.round());
        let signed_after = self.tokens.iter().filter(|token| header(token) != before).count();
        println!("{} tokens, shown {} times, none refused", self.tokens.len(), self.shown);
        assert!(signed_after >= ROUNDS && self.shown > 50);
    }

    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let bearer = if token.is_empty() { "" } else { "Authorization: Bearer " };
        let end = if token.is_empty() { "" } else { "\r\n" };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}{token}{end}Connection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
    }
}

/// The first part of a token, which differs where the key does.
fn header(token: &str) -> &str {
    token.split('.').next().unwrap()
}
