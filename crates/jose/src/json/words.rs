//! Looking at JSON text eight bytes at a time: where strings end, what a number is, how names differ.

/// The integer at the start of a text and its length, when it is one that surely fits. `-0` is not:
/// it is a float.
#[inline]
pub(crate) fn small_integer(text: &[u8]) -> Option<(i64, usize)> {
    const SURELY_FIT: usize = 18;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut value, mut len) = match digits.first_chunk().and_then(eight_digits) {
        Some(value) => (i64::from(value), 8),
        None => (0, 0),
    };
    for byte in digits.iter().take(SURELY_FIT).skip(len) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // Eighteen digits stay below the largest value.
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        len += 1;
    }
    // No number starts with a zero and another digit.
    if len == 0 || (digits.first() == Some(&b'0') && (negative || len > 1)) {
        return None;
    }
    match digits.get(len) {
        Some(b'0'..=b'9' | b'.' | b'e' | b'E') => None,
        _ if negative => Some((-value, len + 1)),
        _ => Some((value, len)),
    }
}

/// The number that eight digits stand for, all read at once, as in every time of this century.
#[inline]
fn eight_digits(text: &[u8; 8]) -> Option<u32> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(*text);
    let digits = word ^ ZEROS;
    // A byte above 9 carries into its high bit, which no digit has.
    if (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & HIGH != 0 {
        return None;
    }
    // Neighbours are joined: eight digits to four pairs, to two fours, to one number.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    u32::try_from(eight).ok()
}

/// One of 64 bits, from the length and a few bytes; equal names have equal bits.
#[inline]
pub(super) fn name_shape(name: &[u8]) -> u64 {
    /// Found by trial: with it the usual claims of access and identity tokens have different bits.
    const MIX: u32 = 0xd219_0463;
    let (first, second, last) = match name {
        [] => (0, 0, 0),
        [only] => (*only, 0, *only),
        [first, second, ..] => (*first, *second, name.last().copied().unwrap_or(0)),
    };
    let mixed = u32::from_le_bytes([first, second, last, name.len() as u8]).wrapping_mul(MIX);
    1 << (mixed >> 26)
}

/// Whether the bytes may stand in a string as they are: neither a quote nor a backslash nor a control
/// character. The ends of long texts, and the bytes of short ones, are looked at in one word too.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    const ROOM: u8 = b' ';
    if let Some(end) = bytes.last_chunk() {
        let (chunks, _) = bytes.as_chunks();
        return chunks.iter().chain([end]).fold(0, |seen, chunk| seen | special(*chunk)) == 0;
    }
    let word = match *bytes {
        [] => [ROOM; 8],
        [a] => [a, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM],
        [a, b] => [a, b, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM],
        [a, b, c] => [a, b, c, ROOM, ROOM, ROOM, ROOM, ROOM],
        [a, b, c, d, .., w, x, y, z] => [a, b, c, d, w, x, y, z],
        [a, b, c, d, ref rest @ ..] => {
            let at = |at: usize| rest.get(at).copied().unwrap_or(ROOM);
            [a, b, c, d, at(0), at(1), at(2), ROOM]
        }
    };
    special(word) == 0
}

/// The high bit of each byte that is a quote, a backslash or a control character; bits above the
/// lowest one may be wrong.
#[inline]
fn special(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(bytes);
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let special = (word.wrapping_sub(ONES * 0x20) & !word)
        | (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash);
    special & HIGH
}

/// Where the first quote is. Eight bytes are looked at in one word.
#[inline]
pub(super) fn quote_at(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (at, chunk) in chunks.iter().enumerate() {
        let other = u64::from_le_bytes(*chunk) ^ (ONES * 0x22);
        // The high bit of each byte that is a quote; bits above the lowest one may be wrong.
        let quotes = other.wrapping_sub(ONES) & !other & HIGH;
        if quotes != 0 {
            return Some(at * 8 + quotes.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|byte| *byte == b'"').map(|at| chunks.len() * 8 + at)
}

/// How many bytes at the start may stand in a string as they are: neither a quote nor a backslash
/// nor a control character. Eight are looked at in one word.
#[inline]
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    for (at, chunk) in chunks.iter().enumerate() {
        let special = special(*chunk);
        if special != 0 {
            return at * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    chunks.len() * 8 + rest.iter().take_while(|byte| is_plain(&[**byte])).count()
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks beyond an end has failed")]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_to_the_last_digit_or_not_at_all() {
        for text in [
            "0",
            "7",
            "-1",
            "12345678",
            "123456789",
            "1767225600",
            "-1767225600",
            "99999999",
            "999999999999999999",
            "-999999999999999999",
        ] {
            let read = small_integer(text.as_bytes());
            assert_eq!(read, Some((text.parse().unwrap(), text.len())));
            let within = format!("{text},1");
            assert_eq!(small_integer(within.as_bytes()), read);
        }
        for text in ["", "-", "-0", "01", "1.5", "1e3", "12345678.5", "9999999999999999999", "x"] {
            assert_eq!(small_integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn eight_digits_are_digits_all() {
        assert_eq!(eight_digits(b"17672256"), Some(17_672_256));
        assert_eq!(eight_digits(b"00000009"), Some(9));
        for at in 0..8 {
            for other in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"19999999";
                text[at] = other;
                assert_eq!(eight_digits(&text), None, "{other} at {at}");
            }
        }
    }

    #[test]
    fn plain_bytes_end_where_a_string_needs_a_look() {
        for len in 0..20 {
            for special in [b'"', b'\\', 0, 0x1f, b'\n'] {
                for rest in [&b""[..], b"\"\"\"", b"aaaaaaaaaaa"] {
                    let text = [&vec![b' '; len], &[special][..], rest].concat();
                    assert_eq!(plain_bytes(&text), len);
                    assert!(!is_plain(&text));
                    assert_eq!(quote_at(&text), text.iter().position(|byte| *byte == b'"'));
                }
            }
            let text: Vec<u8> = [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff, 0xa2, 0xdc]
                .into_iter()
                .cycle()
                .take(len)
                .collect();
            assert_eq!(plain_bytes(&text), len);
            assert!(is_plain(&text));
        }
    }
}
