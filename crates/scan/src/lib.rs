//! Text in, findings out: secrets that sign tokens where they should not be, judged and proven.
//!
//! ```
//! use keytide_scan::{Severity, scan_bytes};
//!
//! let found = scan_bytes("auth.js", b"jwt.sign(user, 'zebra-crossing-41')", 0);
//! assert_eq!(found[0].rule, "hardcoded-secret");
//! assert_eq!(found[0].severity, Severity::Error);
//! assert!(!found[0].excerpt.contains("zebra"));
//! ```
#![forbid(unsafe_code)]

mod allow;
mod anchors;
mod baseline;
mod code;
mod config;
mod context;
mod environment;
mod error;
mod file;
mod finding;
mod history;
mod keys;
mod mask;
mod project;
mod proof;
pub mod report;
mod rules;
mod strength;
mod text;
mod token;
mod uses;
mod walk;

pub use allow::Allowances;
pub use baseline::{Baseline, KEY_BYTES};
pub use environment::{
    Named, TokenLife, lives_of_tokens, secret_of_variable, secrets_of_environment,
};
pub use error::{CODES, Code, Error};
pub use finding::{Confidence, Context, Finding, Severity};
pub use project::{Options, Progress, Report, What, scan};
pub use proof::KnownSecret;
pub use rules::{RULES, Rule, Sample, rule};
pub use strength::{Shape, Signal, Strength, Verdict, judge};

/// Scans one text as the file at `path`; `now` is in Unix seconds.
#[must_use]
pub fn scan_bytes(path: &str, bytes: &[u8], now: i64) -> Vec<Finding> {
    file::scan(path, bytes, &file::Settings { now, ..file::Settings::default() }).findings
}
