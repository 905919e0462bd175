//! The endpoints, one file for each kind.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod change;
pub(crate) mod consumers;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod published;
pub(crate) mod rings;
pub(crate) mod sign;
pub(crate) mod targets;
pub(crate) mod verify;
pub(crate) mod webhooks;

mod batch;
