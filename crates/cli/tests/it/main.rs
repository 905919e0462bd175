//! The program as its users run it: real processes, real files, loopback alone.

mod consumers;
mod foreign;
mod interop;
mod server_process;
