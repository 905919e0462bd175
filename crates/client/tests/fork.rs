//! A process that forks, as preforking servers do: the child goes on with a thread and a name of its own.
//!
//! A process of its own with no harness, because a test among the threads of others cannot fork.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use fork::{Fork, fork, waitpid_nohang};
use keytide_client::{ConnectOptions, Ring};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, Secret, SystemRng};

fn main() -> ExitCode {
    let server = Arc::new(Server::default());
    let address = server.listen();
    let mut options = ConnectOptions::default();
    options.host = "tests".into();
    let url = format!("http://{address}/rings/a.test");
    let ring = Ring::connect(&url, Secret::new(b"ktop_of-the-tests".to_vec()), options).unwrap();
    let first = ring.snapshot().unwrap();
    assert_eq!(first.epoch(), Some(1));
    until("the parent acknowledged", || server.acknowledged().len() == 1);

    match fork().unwrap() {
        Fork::Child => {
            // The parent's set serves at once, and the parent's thread is missed.
            assert_eq!(ring.snapshot().unwrap().identity(), first.identity());
            until("the child hears of the next epoch", || {
                ring.snapshot().unwrap().epoch() == Some(2)
            });
            until("the child acknowledged", || {
                ring.status().presence.unwrap().acknowledged == Some(2)
            });
            ring.refresh().unwrap();
            drop(ring);
            ExitCode::SUCCESS
        }
        Fork::Parent(child) => {
            // A thread of the child's own waits there, under another name.
            until("the child waits at the server", || server.instances().len() == 2);
            server.change();
            let mut status = None;
            until("the child ends", || {
                status = waitpid_nohang(child).unwrap();
                status.is_some()
            });
            assert_eq!(status, Some(0), "the child failed");
            until("the parent hears of it too", || ring.snapshot().unwrap().epoch() == Some(2));
            let parents = ring.status().presence.unwrap().instance;
            // As it stands in a query.
            let parents = parents.replace('_', "%5F");
            assert!(server.instances().contains(&parents), "{:?}", server.instances());
            ExitCode::SUCCESS
        }
    }
}

/// A ring's server with one ring of two epochs.
#[derive(Default)]
struct Server(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    changed: bool,
    waiting: Vec<String>,
    acknowledged: Vec<String>,
}

impl Server {
    fn listen(self: &Arc<Self>) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::clone(self);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let server = Arc::clone(&server);
                thread::spawn(move || server.serve(stream.unwrap()));
            }
        });
        address
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = if head.starts_with("POST") {
            self.0.lock().unwrap().acknowledged.push(String::from_utf8(body).unwrap());
            "{\"lease_until\":null}".to_owned()
        } else {
            if let Some((_, rest)) = head.split_once("instance=")
                && let Some((instance, _)) = rest.split_once("&after=1")
            {
                let instance = instance.replace("%2D", "-");
                self.0.lock().unwrap().waiting.push(instance);
                until("the ring changes", || self.0.lock().unwrap().changed);
            } else if head.contains("&after=2") {
                // It holds the request for longer than the test takes.
                thread::sleep(Duration::from_secs(30));
            }
            let epoch = if self.0.lock().unwrap().changed { 2 } else { 1 };
            delivery(epoch)
        };
        let _gone = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
            answer.len()
        );
    }

    fn change(&self) {
        self.0.lock().unwrap().changed = true;
    }

    fn acknowledged(&self) -> Vec<String> {
        self.0.lock().unwrap().acknowledged.clone()
    }

    /// The names under which somebody waits for the second epoch.
    fn instances(&self) -> Vec<String> {
        let mut names = self.0.lock().unwrap().waiting.clone();
        names.sort();
        names.dedup();
        names
    }
}

fn delivery(epoch: u64) -> String {
    let jwk = |kid: String| {
        let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
        let key = key.with_key_id(kid.parse::<KeyId>().unwrap());
        key.public_jwk().unwrap().to_string()
    };
    format!(
        "{{\"ring\":\"a.test\",\"epoch\":{epoch},\"algorithm\":\"ES256\",\"active\":{},\"next\":{},\"previous\":[]}}",
        jwk(format!("key-{epoch}")),
        jwk(format!("key-{}", epoch + 1))
    )
}

/// Waits until something is so; it must come, and before the set that the child was born with ends.
#[expect(clippy::disallowed_methods, reason = "what never comes must end the test")]
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < Duration::from_secs(30), "it never came: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
