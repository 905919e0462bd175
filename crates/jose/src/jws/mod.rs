//! Compact JWS (RFC 7515): a token that was read, a token that holds, and how one is made.

mod expected_header;
mod header;
mod inspect;
mod parse;
mod sign;
mod verify;

pub use header::Header;
pub use inspect::{Inspection, inspect};
pub use parse::Unverified;
pub use sign::sign_compact;
pub use verify::Verified;

pub(crate) use expected_header::{Expected, ExpectedHeaders};
pub(crate) use parse::Segments;
pub(crate) use sign::encode_signed;
pub(crate) use verify::Origin;
