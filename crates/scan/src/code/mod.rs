//! What a string stands for in code: the way from a literal out to the name or the call it ends in.

pub(crate) mod climb;
pub(crate) mod regions;
pub(crate) mod tree;
