//! Keytide for Node: conversion between the engine and the host, nothing else.
//!
//! JSON, the clock and every option of the packages stay in JavaScript; a call from there crosses
//! once, with text or bytes, and comes back with text or a reason.
// Built for tests, of which there are none here, it would export nothing and seem unused.
#![cfg(not(test))]
#![expect(
    unnameable_types,
    unreachable_pub,
    reason = "what the macros export is named by JavaScript, not by another crate"
)]

mod background;
mod keys;
mod policy;
mod refusal;
mod ring;
mod ring_options;
mod signing;
mod token;
mod verifier;
mod verifying;
