//! The program as its users run it: real processes, real files, loopback alone.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it left out"
)]

mod apps;
mod attacks;
mod cmd;
mod consumers;
mod doctor;
mod drop_ins;
mod examples;
mod exits;
mod foreign;
mod holders;
mod interop;
mod kills;
mod program;
mod pull;
mod recovery;
mod remote;
mod run;
mod secrets;
mod server_process;
mod startup;
mod sync;
mod wrapped;

// The servers that speak as secret managers do.
#[path = "../../../sync/tests/it/programs.rs"]
mod python;
#[path = "../../../sync/tests/it/server.rs"]
mod tls_server;
