//! What the crate promises as a whole: on its corpus, on broken input, in repositories, in reports.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken;
mod corpus;
mod hops;
mod long;
mod merging;
mod proof;
mod repository;
mod sarif;
mod strength;
