//! From a file's bytes to text, whatever they are: UTF-8, UTF-16, or something binary.

use std::borrow::Cow;

/// The text of `bytes`; `None` where they are no text.
pub(crate) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => return Some(Cow::Owned(utf16(rest, u16::from_le_bytes))),
        [0xfe, 0xff, rest @ ..] => return Some(Cow::Owned(utf16(rest, u16::from_be_bytes))),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if is_binary(bytes) {
        return None;
    }
    // The usual case by the quicker of the two.
    Some(str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
}

/// Whether the first bytes hold a NUL, as git decides it.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    !utf16 && memchr::memchr(0, bytes.get(..LOOKED_AT).unwrap_or(bytes)).is_some()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

const LOOKED_AT: usize = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_text_and_an_executable_is_not() {
        let little: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("ab".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(text(&little).unwrap(), "ab");
        assert_eq!(text(&[0xfe, 0xff, 0, b'a', 7]).unwrap(), "a");
        assert_eq!(text(b"\xef\xbb\xbfab").unwrap(), "ab");
        assert!(text(b"\x7fELF\0\0").is_none());
    }
}
