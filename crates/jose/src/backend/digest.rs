//! SHA-256, for thumbprints, and keyed, for values that only the key's owner can derive.

use sha2::{Digest, Sha256};

use crate::Secret;
use crate::alg::Hash;

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC with SHA-256.
pub(crate) fn keyed(key: &Secret, message: &[u8]) -> [u8; 32] {
    let tag = super::hmac::Key::new(Hash::Sha256, key.expose()).tag(message);
    tag.as_slice().try_into().expect("the output of SHA-256 has 32 bytes")
}
