//! base64url without padding, in its one canonical form (RFC 7515 §2, RFC 4648 §3.5).

use base64_simd::{AsOut, URL_SAFE_NO_PAD};

/// Encodes into text without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends the encoding to `out`.
pub(crate) fn encode_into(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// Encodes into a buffer that has room for it.
pub(crate) fn encode_into_slice<'b>(bytes: &[u8], out: &'b mut [u8]) -> &'b [u8] {
    URL_SAFE_NO_PAD.encode(bytes, out.as_out())
}

/// How many characters stand for so many bytes.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes / 3 * 4 + (bytes % 3 * 8).div_ceil(6)
}

/// Decodes, or `None` for any text that [`encode`] would not have written: another alphabet,
/// padding, white space, a length of 1 mod 4, or stray bits in the last character.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !last_bits_are_zero(text) {
        return None;
    }
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// As [`decode`], into a buffer; `None` also when there is no room.
pub(crate) fn decode_into_slice<'b>(text: &str, out: &'b mut [u8]) -> Option<&'b [u8]> {
    let text = text.as_bytes();
    if !last_bits_are_zero(text)
        || text.len() / 4 * 3 + (text.len() % 4).saturating_sub(1) > out.len()
    {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text, out.as_out()).ok().map(|bytes| &*bytes)
}

/// The bits of the last character that carry no data must be zero, or two texts would stand for one
/// value.
fn last_bits_are_zero(text: &[u8]) -> bool {
    let stray = match text.len() % 4 {
        0 => return true,
        1 => return false,
        2 => 0b1111,
        _ => 0b11,
    };
    text.last().copied().and_then(value).is_some_and(|bits| bits & stray == 0)
}

fn value(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_canonical_text_decodes() {
        assert_eq!(decode("").unwrap(), b"");
        assert_eq!(decode("AA").unwrap(), [0]);
        assert_eq!(decode("_-8").unwrap(), [0xff, 0xef]);
        for text in ["A", "AB", "AAB", "AA==", "AA\n", " AA", "+/8", "AAAAA", "A A", "A.", "é"] {
            assert!(decode(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_buffer_that_is_too_small_takes_nothing() {
        assert!(decode_into_slice("AAAA", &mut [0; 2]).is_none());
        assert!(decode_into_slice("AAAA", &mut [0; 3]).is_some());
    }

    proptest! {
        #[test]
        fn every_value_has_exactly_one_text(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            let mut buffer = [0; 140];
            prop_assert_eq!(encode_into_slice(&bytes, &mut buffer), text.as_bytes());
            prop_assert_eq!(decode_into_slice(&text, &mut buffer), Some(&*bytes));
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn whatever_decodes_encodes_to_the_same_text(text in "[A-Za-z0-9_=+/ -]{0,40}") {
            let mut buffer = [0; 40];
            let decoded = decode(&text);
            prop_assert_eq!(decode_into_slice(&text, &mut buffer), decoded.as_deref());
            if let Some(bytes) = decoded {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
