//! The verbs, one file each: its arguments, its examples, and what it does.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod decode;
pub(crate) mod doctor;
pub(crate) mod key;
pub(crate) mod man;
pub(crate) mod reference;
pub(crate) mod rekey;
pub(crate) mod restore;
pub(crate) mod ring;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod seal;
pub(crate) mod secret;
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod sync;
pub(crate) mod unseal;
pub(crate) mod verify;
