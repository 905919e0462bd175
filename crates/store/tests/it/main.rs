//! The crate from outside: one suite for every store, and what becomes of a store that was tampered with.
