//! What stands between a supervisor and its server: it lets through, is silent, refuses, or is closed.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// It reaches the server.
    Open,
    /// It is closed at once.
    Down,
    /// It is answered with 500, whatever is asked.
    Broken,
    /// It is taken and never answered.
    Silent,
}

/// A port in front of a server.
pub(super) struct Gate {
    address: String,
    state: Arc<Mutex<State>>,
}

struct State {
    manner: Manner,
    /// Those that are open.
    streams: Vec<TcpStream>,
}

impl Gate {
    pub(super) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(Mutex::new(State { manner: Manner::Open, streams: Vec::new() }));
        let (server, shared) = (server.to_owned(), Arc::clone(&state));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, shared) = (server.clone(), Arc::clone(&shared));
                thread::spawn(move || serve(stream.unwrap(), &server, &shared));
            }
        });
        Self { address, state }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections it has, or had since it last changed.
    pub(super) fn connections(&self) -> usize {
        self.state.lock().unwrap().streams.len()
    }

    /// From now on, for those that wait at this moment too.
    pub(super) fn is(&self, manner: Manner) {
        let mut state = self.state.lock().unwrap();
        state.manner = manner;
        for stream in state.streams.drain(..) {
            let _it_may_be_closed = stream.shutdown(Shutdown::Both);
        }
    }
}

fn serve(mut stream: TcpStream, server: &str, shared: &Mutex<State>) {
    let manner = {
        let mut state = shared.lock().unwrap();
        state.streams.push(stream.try_clone().unwrap());
        state.manner
    };
    match manner {
        Manner::Down => {
            let _it_may_be_closed = stream.shutdown(Shutdown::Both);
        }
        Manner::Broken => {
            let _request = stream.read(&mut [0; 4096]);
            let answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _nobody_reads = stream.write_all(answer.as_bytes());
        }
        Manner::Silent => {
            // Until the other side has had enough, or the gate changes.
            let _its_end = std::io::copy(&mut stream, &mut std::io::sink());
        }
        Manner::Open => {
            let Ok(far) = TcpStream::connect(server) else { return };
            shared.lock().unwrap().streams.push(far.try_clone().unwrap());
            let (mut from, mut to) = (stream.try_clone().unwrap(), far.try_clone().unwrap());
            let there = thread::spawn(move || {
                let _its_end = std::io::copy(&mut from, &mut to);
                let _it_may_be_closed = to.shutdown(Shutdown::Write);
            });
            let _its_end = std::io::copy(&mut &far, &mut stream);
            let _it_may_be_closed = stream.shutdown(Shutdown::Both);
            let _ = there.join();
        }
    }
}
