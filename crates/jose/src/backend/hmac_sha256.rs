//! HMAC-SHA-256 (RFC 2104) straight on the block function: two kept states, and no buffer between.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// The hash states after the inner and the outer padded key, and after what was taken of each
/// message already.
#[derive(Clone)]
pub(crate) struct Key {
    inner: [u32; 8],
    outer: [u32; 8],
    /// Bytes of each message in `inner`.
    taken: u64,
}

impl Key {
    pub(crate) fn new(secret: &[u8]) -> Self {
        let mut padded = Zeroizing::new([0; BLOCK]);
        let hashed;
        let secret = if secret.len() > BLOCK {
            hashed = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(secret)));
            &*hashed
        } else {
            secret
        };
        for (to, from) in padded.iter_mut().zip(secret) {
            *to = *from;
        }
        let keyed = |pad: u8| {
            let block = Zeroizing::new(padded.map(|byte| byte ^ pad));
            let mut state = INITIAL;
            compress256(&mut state, &[*block]);
            state
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c), taken: 0 }
    }

    /// Takes the start of the messages.
    pub(crate) fn take(&mut self, blocks: &[[u8; BLOCK]]) {
        compress256(&mut self.inner, blocks);
        self.taken += blocks.as_flattened().len() as u64;
    }

    /// The tag of what was taken, followed by `message`.
    pub(crate) fn tag(&self, message: &[u8]) -> [u8; 32] {
        /// What follows the inner hash in the outer one's last block: a one, zeros, and the length of
        /// a block and a hash in bits (FIPS 180-4 §5.1.1).
        const OUTER_END: [u8; 32] = {
            let mut end = [0; 32];
            end[0] = 0x80;
            [end[30], end[31]] = (8 * (BLOCK + 32) as u16).to_be_bytes();
            end
        };
        let mut state = self.inner;
        let (blocks, rest) = message.as_chunks();
        compress256(&mut state, blocks);

        let mut end = [[0; BLOCK]; 2];
        let (text, padding) = end.as_flattened_mut().split_at_mut(rest.len());
        text.copy_from_slice(rest);
        if let Some(one) = padding.first_mut() {
            *one = 0x80;
        }
        // The one and eight bytes of length go into the same block where there is room.
        let count = if rest.len() + 9 <= BLOCK { 1 } else { 2 };
        let end = end.get_mut(..count).expect("one block or two");
        let bits = 8 * (BLOCK as u64 + self.taken + message.len() as u64);
        if let Some(length) = end.as_flattened_mut().last_chunk_mut() {
            *length = bits.to_be_bytes();
        }
        compress256(&mut state, end);

        let mut block = [0; BLOCK];
        let (hash, end) = block.split_at_mut(32);
        hash.copy_from_slice(&bytes(state));
        end.copy_from_slice(&OUTER_END);
        let mut state = self.outer;
        compress256(&mut state, &[block]);
        bytes(state)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Bytes of a block of SHA-256.
pub(crate) const BLOCK: usize = 64;

/// FIPS 180-4 §5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

fn bytes(state: [u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;

    fn reference(secret: &[u8], message: &[u8]) -> [u8; 32] {
        let keyed = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        keyed.chain_update(message).finalize().into_bytes().into()
    }

    #[test]
    fn tags_are_those_of_the_hmac_crate_at_every_length_of_key_and_message() {
        for len in 0..300 {
            let bytes: Vec<u8> = (0..len).map(|at| at as u8 ^ 0xa5).collect();
            assert_eq!(Key::new(b"secret").tag(&bytes), reference(b"secret", &bytes), "{len}");
            assert_eq!(Key::new(&bytes).tag(b"text"), reference(&bytes, b"text"), "{len}");
        }
    }

    #[test]
    fn a_tag_is_that_of_rfc_4231() {
        let tag = Key::new(b"Jefe").tag(b"what do ya want for nothing?");
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    proptest! {
        #[test]
        fn tags_are_those_of_the_hmac_crate(
            secret in prop::collection::vec(any::<u8>(), 0..200),
            message in prop::collection::vec(any::<u8>(), 0..1000),
        ) {
            prop_assert_eq!(Key::new(&secret).tag(&message), reference(&secret, &message));
        }
    }
}
