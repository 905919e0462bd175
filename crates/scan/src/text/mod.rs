//! A file as text: what language it is in, its tokens, and where its lines begin.

pub(crate) mod decode;
pub(crate) mod language;
pub(crate) mod lexer;
pub(crate) mod lines;
