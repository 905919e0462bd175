//! The store from outside: one suite for every store, and what becomes of one that was tampered with.

mod bench;
mod conformance;
mod opening;
mod sqlite;
mod tamper;
