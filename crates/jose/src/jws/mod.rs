//! JWS (RFC 7515): a token that was read, a token that holds, and how one is made; and content of any
//! kind in the JSON, detached and unencoded forms.

mod content;
mod expected_header;
mod header;
mod inspect;
mod parse;
mod sign;
mod sign_content;
mod verify;

pub use content::{UnverifiedContent, VerifiedContent};
pub use header::Header;
pub use inspect::{Inspection, inspect};
pub use parse::Unverified;
pub use sign::sign_compact;
pub use sign_content::{ContentOptions, sign_detached, sign_flattened, sign_general};
pub use verify::Verified;

pub(crate) use content::read as read_object;
pub(crate) use expected_header::ExpectedHeaders;
pub(crate) use header::{check_crit, crit_names_b64, refuse_private_jwk};
pub(crate) use sign::encode_signed;
pub(crate) use verify::Origin;
