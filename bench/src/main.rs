//! How long the engine, its peers and the bare primitives take for the same bytes, in one run.
//!
//! `keytide-bench [ROUNDS]` prints the table; `keytide-bench once ROW TIMES` runs one row's own work so
//! often and measures nothing, for counting instructions.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

mod asymmetric;
mod hs256;
mod measure;
mod repeated;
mod table;
mod workload;

use std::process::ExitCode;

/// Rounds without another wish; about a minute in all.
const ROUNDS: usize = 300;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args {
        [] => print(ROUNDS),
        ["once", row, times] => match times.parse() {
            Ok(times) if once(row, times) => {}
            _ => return usage(),
        },
        [rounds] => match rounds.parse() {
            Ok(rounds) if rounds > 0 => print(rounds),
            _ => return usage(),
        },
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: keytide-bench [ROUNDS] | once verify|sign|cached|known TIMES");
    ExitCode::FAILURE
}

fn print(rounds: usize) {
    let mut rows = hs256::rows(rounds);
    rows.extend(repeated::rows(rounds));
    rows.extend(asymmetric::rows(rounds));
    rows.push(asymmetric::known_key(rounds));
    print!("{}", table::markdown(&rows));
}

fn once(row: &str, times: u64) -> bool {
    let mut contender = match row {
        "verify" => hs256::verifying(),
        "sign" => hs256::signing(),
        "cached" => repeated::cached(),
        "known" => asymmetric::known(),
        _ => return false,
    };
    contender.run(times);
    true
}
