//! A real `keytide serve` on a loopback port with a store of its own, stopped when it is dropped.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Far more than a start takes on the slowest machine; reached only when it never comes.
const LONGEST_START: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// A running server.
pub(crate) struct ServerProcess {
    child: Child,
    address: String,
    operator_token: String,
    folder: TempDir,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl ServerProcess {
    /// Starts the server on an empty store and a free port, and waits until it is ready.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(&folder, ANY_PORT);
        let mut server =
            Self { child, address: String::new(), operator_token: String::new(), folder };
        server.wait_until_ready();
        server
    }

    /// Kills it, does something to its store, and starts it again, on another port.
    pub(crate) fn restart_after(&mut self, work: impl FnOnce(&Path)) {
        self.stop();
        work(&self.store());
        self.child = spawn(&self.folder, ANY_PORT);
        self.wait_until_ready();
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.folder, &self.address);
        self.wait_until_ready();
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The operator's access token.
    pub(crate) fn operator_token(&self) -> &str {
        &self.operator_token
    }

    /// The store's folder.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Posts `body` as the operator; panics unless the answer's status is one of success.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.request("POST", path, &body.to_string());
        assert!((200..300).contains(&answer.status), "POST {path}: {}", answer.body);
        answer.body
    }

    /// One request as the operator, on a connection of its own.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.operator_token,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    /// Its port is known from its first words, and it serves when it says it is ready.
    fn wait_until_ready(&mut self) {
        let start = Instant::now();
        loop {
            let said = fs::read_to_string(self.folder.path().join("out")).unwrap();
            if let Some((first, _)) = said.split_once('\n') {
                let url = first.split(' ').find_map(|word| word.strip_prefix("http://")).unwrap();
                self.address = url.to_owned();
                let token = fs::read_to_string(self.store().join("operator.token")).unwrap();
                self.operator_token = token.trim().to_owned();
                if self.request("GET", "/readyz", "").status == 200 {
                    return;
                }
            }
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > LONGEST_START {
                let talk = fs::read_to_string(self.folder.path().join("err")).unwrap();
                panic!("keytide serve did not become ready ({ended:?}):\n{talk}");
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Whichever port is free.
const ANY_PORT: &str = "127.0.0.1:0";

fn spawn(folder: &TempDir, listen: &str) -> Child {
    let folder = folder.path();
    Command::new(env!("CARGO_BIN_EXE_keytide"))
        .args(["serve", "--listen", listen, "--sync-check-every", "1s", "--store"])
        .arg(folder.join("store"))
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("out")).unwrap())
        .stderr(File::create(folder.join("err")).unwrap())
        .spawn()
        .unwrap()
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about that here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
