//! The store from outside: one suite for every store, and what becomes of one that was tampered with.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit_tampering;
mod backup;
mod behind;
mod bench;
mod conformance;
mod opening;
mod sqlite;
mod tamper;
