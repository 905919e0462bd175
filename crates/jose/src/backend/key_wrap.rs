//! AES key wrap (RFC 3394) in all three sizes. It is written here over the block cipher, because
//! libraries tell a key that is not whole by what they then do, and so by their time.

use aes::cipher::consts::U16;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::candidate::Candidate;
use crate::{Error, Result};

/// RFC 3394 §2.2.3.1.
const INITIAL: [u8; 8] = [0xa6; 8];

const ROUNDS: usize = 6;

/// Wraps a key, which has 16 or more bytes in eights, with one of 16, 24 or 32 bytes.
pub(crate) fn wrap(kek: &[u8], key: &[u8]) -> Result<Vec<u8>> {
    let wrapped = match kek.len() {
        16 => Aes128::new_from_slice(kek).ok().and_then(|kek| wrap_with(&kek, key)),
        24 => Aes192::new_from_slice(kek).ok().and_then(|kek| wrap_with(&kek, key)),
        32 => Aes256::new_from_slice(kek).ok().and_then(|kek| wrap_with(&kek, key)),
        _ => None,
    };
    wrapped.ok_or(Error::Backend("wrapping a key"))
}

/// Unwraps a key, which is whole unless it was wrapped with another; only lengths show in the time.
pub(crate) fn unwrap(kek: &[u8], wrapped: &[u8]) -> Candidate {
    let unwrapped = match kek.len() {
        16 => Aes128::new_from_slice(kek).ok().and_then(|kek| unwrap_with(&kek, wrapped)),
        24 => Aes192::new_from_slice(kek).ok().and_then(|kek| unwrap_with(&kek, wrapped)),
        32 => Aes256::new_from_slice(kek).ok().and_then(|kek| unwrap_with(&kek, wrapped)),
        _ => None,
    };
    unwrapped.unwrap_or_else(Candidate::none)
}

/// RFC 3394 §2.2.1; `None` for a length that cannot be wrapped.
fn wrap_with(kek: &impl BlockCipherEncrypt<BlockSize = U16>, key: &[u8]) -> Option<Vec<u8>> {
    // What is encrypted halfway is no secret less than the key.
    let mut out = Zeroizing::new([&INITIAL, key].concat());
    let (check, registers) = parts(&mut out)?;
    let mut state = Zeroizing::new([0; 16]);
    let mut step = 0_u64;
    for _ in 0..ROUNDS {
        for register in registers.iter_mut() {
            step += 1;
            join(&mut state, check, register);
            kek.encrypt_block(Array::cast_from_core_mut(&mut state));
            split(&state, check, register);
            count(check, step);
        }
    }
    Some(core::mem::take(&mut *out))
}

/// RFC 3394 §2.2.2; `None` for a length that nothing wrapped has.
fn unwrap_with(
    kek: &impl BlockCipherDecrypt<BlockSize = U16>,
    wrapped: &[u8],
) -> Option<Candidate> {
    let mut out = Zeroizing::new(wrapped.to_vec());
    let (check, registers) = parts(&mut out)?;
    let mut state = Zeroizing::new([0; 16]);
    let mut step = u64::try_from(ROUNDS * registers.len()).ok()?;
    for _ in 0..ROUNDS {
        for register in registers.iter_mut().rev() {
            count(check, step);
            step -= 1;
            join(&mut state, check, register);
            kek.decrypt_block(Array::cast_from_core_mut(&mut state));
            split(&state, check, register);
        }
    }
    let whole = check.ct_eq(&INITIAL);
    let key = Zeroizing::new(registers.as_flattened().to_vec());
    Some(Candidate::new(key, whole))
}

/// The integrity check register and the others, of which there are two or more (RFC 3394 §2).
fn parts(out: &mut [u8]) -> Option<(&mut [u8; 8], &mut [[u8; 8]])> {
    match out.as_chunks_mut::<8>() {
        ([check, registers @ ..], []) if registers.len() >= 2 => Some((check, registers)),
        _ => None,
    }
}

fn join(state: &mut [u8; 16], check: &[u8; 8], register: &[u8; 8]) {
    let (first, second) = state.split_at_mut(8);
    first.copy_from_slice(check);
    second.copy_from_slice(register);
}

fn split(state: &[u8; 16], check: &mut [u8; 8], register: &mut [u8; 8]) {
    let (first, second) = state.split_at(8);
    check.copy_from_slice(first);
    register.copy_from_slice(second);
}

fn count(check: &mut [u8; 8], step: u64) {
    *check = (u64::from_be_bytes(*check) ^ step).to_be_bytes();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    /// RFC 3394 §4.1 to §4.6: the keys are the first bytes of these.
    const KEK: [u8; 32] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31,
    ];
    const KEY: [u8; 32] = [
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
        0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];

    #[test]
    fn keys_are_wrapped_as_in_the_rfc_and_come_back() {
        for (kek, key, starts) in [
            (16, 16, [0x1f, 0xa6, 0x8b, 0x0a, 0x81, 0x12, 0xb4, 0x47]),
            (24, 16, [0x96, 0x77, 0x8b, 0x25, 0xae, 0x6c, 0xa4, 0x35]),
            (32, 16, [0x64, 0xe8, 0xc3, 0xf9, 0xce, 0x0f, 0x5b, 0xa2]),
            (24, 24, [0x03, 0x1d, 0x33, 0x26, 0x4e, 0x15, 0xd3, 0x32]),
            (32, 24, [0xa8, 0xf9, 0xbc, 0x16, 0x12, 0xc6, 0x8b, 0x3f]),
            (32, 32, [0x28, 0xc9, 0xf4, 0x04, 0xc4, 0xb8, 0x10, 0xf4]),
        ] {
            let (kek, key) = (KEK.get(..kek).unwrap(), KEY.get(..key).unwrap());
            let wrapped = wrap(kek, key).unwrap();
            assert_eq!(wrapped.len(), key.len() + 8);
            assert!(wrapped.starts_with(&starts));
            let substitute = Secret::new(vec![0xff; key.len()]);
            assert_eq!(unwrap(kek, &wrapped).or(&substitute).expose(), key);
        }
    }

    #[test]
    fn a_key_with_any_bit_changed_is_not_whole() {
        let wrapped = wrap(KEK.first_chunk::<16>().unwrap(), &KEY).unwrap();
        let substitute = Secret::new(vec![0xff; KEY.len()]);
        for bit in 0..8 * wrapped.len() {
            let mut damaged = wrapped.clone();
            *damaged.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
            let got = unwrap(KEK.first_chunk::<16>().unwrap(), &damaged).or(&substitute);
            assert_eq!(got.expose(), substitute.expose(), "bit {bit}");
        }
    }

    #[test]
    fn lengths_that_the_rfc_has_not_are_refused() {
        for len in [0, 8, 15, 17] {
            assert_eq!(wrap(&KEK, &vec![7; len]).unwrap_err().code(), "backend_failed");
        }
        assert_eq!(
            wrap(KEK.first_chunk::<17>().unwrap(), &KEY).unwrap_err().code(),
            "backend_failed"
        );
        for len in [0, 7, 8, 16, 23, 25] {
            let substitute = Secret::new(vec![0xff; len]);
            let got = unwrap(&KEK, &vec![7; len]).or(&substitute);
            assert_eq!(got.expose(), substitute.expose());
        }
    }
}
