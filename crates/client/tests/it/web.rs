//! A web server that answers as a test wants it to, however wrong that is.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Web {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

/// A request as it came.
pub(crate) struct Request {
    /// How many came before it.
    pub(crate) nth: usize,
    /// The request line and the headers, in lower case.
    pub(crate) head: String,
}

impl Web {
    /// Answers each request with `answer`, each on a thread of its own.
    pub(crate) fn start(
        answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let stopped = Arc::new(AtomicBool::new(false));
        let (counted, ended, answer) = (Arc::clone(&hits), Arc::clone(&stopped), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (counted, answer) = (Arc::clone(&counted), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    if let Some(request) = read(&stream, &counted) {
                        // A client that has had enough goes away.
                        let _gone = answer(&request, &mut stream);
                    }
                });
            }
        });
        Self { address, hits, stopped }
    }

    /// Answers each request with what `body` says then, as a key set with these headers.
    pub(crate) fn of(body: &Arc<Mutex<String>>, headers: &'static str) -> Self {
        let body = Arc::clone(body);
        Self::start(move |_, stream| {
            let body = body.lock().unwrap().clone();
            reply(stream, "200 OK", headers, &body)
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/jwks.json", self.address)
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many requests came.
    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _wakes_it = TcpStream::connect(self.address);
    }
}

/// Writes an answer and ends the connection. `headers` are whole lines.
pub(crate) fn reply(
    stream: &mut TcpStream,
    status: &str,
    headers: &str,
    body: &str,
) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )?;
    stream.flush()
}

/// Waits until the other side has gone away.
pub(crate) fn wait_for_the_end(stream: &mut TcpStream) {
    let mut byte = [0; 1];
    loop {
        match stream.read(&mut byte) {
            Ok(0) => return,
            Err(error) if error.kind() != ErrorKind::Interrupted => return,
            _ => {}
        }
    }
}

fn read(stream: &TcpStream, counted: &AtomicUsize) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line.to_lowercase());
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Request { nth: counted.fetch_add(1, Ordering::SeqCst), head })
}
