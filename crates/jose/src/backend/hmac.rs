//! HMAC (RFC 2104) whose keyed state is derived once and cloned for each message; the state may also
//! have taken the start of the messages beforehand.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha384, Sha512};

use super::hmac_sha256;
use crate::alg::Hash;
use crate::base64url;

/// A keyed state, and what it has taken of each message already; the secret itself is not kept.
#[derive(Clone)]
pub(crate) enum Key {
    Sha256(hmac_sha256::Key),
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
            Hash::Sha256 => Self::Sha256(hmac_sha256::Key::new(secret)),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(secret).expect(ANY_LENGTH)),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(secret).expect(ANY_LENGTH)),
        }
    }

    /// The key for messages that start with `start`: its methods are given what follows the bytes
    /// counted here, which are whole blocks of the hash. `None` where `start` has no whole block.
    pub(crate) fn after(&self, start: &[u8]) -> Option<(Self, usize)> {
        let block = match self {
            Self::Sha256(_) => hmac_sha256::BLOCK,
            Self::Sha384(_) | Self::Sha512(_) => 128,
        };
        let taken = start.len() / block * block;
        let start = start.get(..taken).filter(|blocks| !blocks.is_empty())?;
        let mut key = self.clone();
        match &mut key {
            Self::Sha256(keyed) => keyed.take(start.as_chunks().0),
            Self::Sha384(keyed) => keyed.update(start),
            Self::Sha512(keyed) => keyed.update(start),
        }
        Some((key, taken))
    }

    pub(crate) fn tag(&self, message: &[u8]) -> Tag {
        fn finish<M: Mac + Clone>(keyed: &M, message: &[u8]) -> Tag {
            let mut state = keyed.clone();
            state.update(message);
            Tag::new(&state.finalize().into_bytes())
        }
        match self {
            Self::Sha256(keyed) => Tag::new(&keyed.tag(message)),
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

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks beyond an end has failed")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_state_that_took_the_start_gives_the_tag_of_the_whole(
            secret in prop::collection::vec(any::<u8>(), 0..150),
            start in prop::collection::vec(any::<u8>(), 0..300),
            rest in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let message = [&*start, &*rest].concat();
            for (hash, block) in [(Hash::Sha256, 64), (Hash::Sha384, 128), (Hash::Sha512, 128)] {
                let key = Key::new(hash, &secret);
                let whole = key.tag(&message);
                let Some((after, taken)) = key.after(&start) else {
                    prop_assert!(start.len() < block);
                    continue;
                };
                prop_assert!(taken > 0 && taken % block == 0 && start.len() - taken < block);
                let left = &message[taken..];
                prop_assert_eq!(after.tag(left).to_vec(), whole.to_vec());
                prop_assert!(after.verify_encoded(left, &base64url::encode(whole.as_slice())));
                prop_assert!(!after.verify(&message, whole.as_slice()), "the start is not taken twice");
            }
        }
    }
}
