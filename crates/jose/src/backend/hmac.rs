//! HMAC (RFC 2104) whose keyed state is derived once and cloned for each message.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use crate::alg::Hash;
use crate::base64url;

/// A keyed state; the secret itself is not kept.
#[derive(Clone)]
pub(crate) enum Key {
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

/// An authentication tag of 32 to 64 bytes.
pub(crate) struct Tag {
    bytes: [u8; 64],
    len: usize,
}

impl Tag {
    fn new(source: &[u8]) -> Self {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(source) {
            *to = *from;
        }
        Self { bytes, len: source.len() }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).expect("no hash here is longer than 64 bytes")
    }

    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.as_slice().to_vec()
    }
}

impl Key {
    pub(crate) fn new(hash: Hash, secret: &[u8]) -> Self {
        const ANY_LENGTH: &str = "HMAC takes a key of any length";
        match hash {
            Hash::Sha256 => Self::Sha256(Hmac::new_from_slice(secret).expect(ANY_LENGTH)),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(secret).expect(ANY_LENGTH)),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(secret).expect(ANY_LENGTH)),
        }
    }

    pub(crate) fn tag(&self, message: &[u8]) -> Tag {
        fn finish<M: Mac + Clone>(keyed: &M, message: &[u8]) -> Tag {
            let mut state = keyed.clone();
            state.update(message);
            Tag::new(&state.finalize().into_bytes())
        }
        match self {
            Self::Sha256(keyed) => finish(keyed, message),
            Self::Sha384(keyed) => finish(keyed, message),
            Self::Sha512(keyed) => finish(keyed, message),
        }
    }

    /// Compares with the tag as base64url: only the one canonical text can be equal, so that the
    /// foreign one need not be decoded.
    pub(crate) fn verify_encoded(&self, message: &[u8], tag: &str) -> bool {
        let mut buffer = [0; base64url::encoded_len(64)];
        let own = base64url::encode_into_slice(self.tag(message).as_slice(), &mut buffer);
        super::equal_in_constant_time(own, tag.as_bytes())
    }

    /// Only the whole tag counts; a truncated one is refused by its length.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        super::equal_in_constant_time(self.tag(message).as_slice(), tag)
    }
}
