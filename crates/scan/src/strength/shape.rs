//! How a secret is written, and how many bits it can carry at most, written so.

use core::fmt;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use serde::Serialize;

/// How a secret is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// Bytes that are no text.
    Bytes,
    /// Pairs of hexadecimal digits.
    Hex,
    /// Base64 or base64url, padded or not.
    Base64,
    /// RFC 9562: 122 bits at most.
    Uuid,
    /// Digits alone.
    Digits,
    /// Any other text.
    Text,
}

impl Shape {
    /// The shape of these bytes.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        let Ok(text) = core::str::from_utf8(secret) else { return Self::Bytes };
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Self::Bytes;
        }
        if is_uuid(text) {
            return Self::Uuid;
        }
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Self::Digits;
        }
        if text.len() >= 8 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Self::Hex;
        }
        if text.len() >= SHORTEST_BASE64 && is_base64(text) { Self::Base64 } else { Self::Text }
    }

    /// The most bits that `secret` can carry in this shape.
    #[must_use]
    pub fn bits(self, secret: &[u8]) -> u32 {
        let length = |bits: f64, count: usize| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a bound in whole bits; a float saturates"
            )]
            let whole = (bits * count as f64) as u32;
            whole
        };
        match self {
            Self::Bytes => length(8.0, secret.len()),
            Self::Hex => length(4.0, secret.len()),
            Self::Digits => length(10_f64.log2(), secret.len()),
            Self::Uuid => 122,
            Self::Base64 => {
                let padding = secret.iter().rev().take_while(|b| **b == b'=').count();
                length(6.0, secret.len() - padding)
            }
            Self::Text => {
                let text = String::from_utf8_lossy(secret);
                length(f64::from(alphabet(&text)).log2(), text.chars().count())
            }
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Uuid => "a UUID",
            Self::Digits => "digits",
            Self::Text => "text",
        })
    }
}

/// The readable texts that `text` may be an encoding of.
pub(super) fn decoded_texts(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.len() < 8 || text.len() > LONGEST_DECODED {
        return Vec::new();
    }
    decodings(text)
        .into_iter()
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| text.len() >= 5 && text.bytes().all(|b| (b' '..=b'~').contains(&b)))
        .collect()
}

/// Every way in which `text` can be read as encoded bytes.
pub(crate) fn decodings(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut keep = |decoded: Result<Vec<u8>, _>| {
        if let Ok(decoded) = decoded
            && !found.contains(&decoded)
        {
            found.push(decoded);
        }
    };
    if bytes.len().is_multiple_of(2) {
        keep(HEXLOWER_PERMISSIVE.decode(bytes));
    }
    keep(BASE64.decode(bytes));
    keep(BASE64URL.decode(bytes));
    let bare = text.trim_end_matches('=').as_bytes();
    keep(BASE64_NOPAD.decode(bare));
    keep(BASE64URL_NOPAD.decode(bare));
    found
}

/// The bytes that numbers parted by commas list: `64, 0xa1, 17`; as many as a key has at least.
pub(crate) fn listed_bytes(text: &str) -> Option<Vec<u8>> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) || !text.contains(',') {
        return None;
    }
    let numbers = text.trim_end_matches([',', ' ', '\n', '\r', '\t']).split(',');
    let bytes = numbers.map(|number| {
        let number = number.trim().trim_end_matches("u8");
        match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
            Some(hex) => u8::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        }
    });
    let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
    (bytes.len() >= FEWEST_LISTED).then_some(bytes)
}

/// Fewer are coordinates, colours, versions.
const FEWEST_LISTED: usize = 16;

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Both cases, and nothing but the alphabet: words parted by dashes are of the alphabet too.
fn is_base64(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    let standard = bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let url = bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (standard || url)
        && bare.bytes().any(|b| b.is_ascii_uppercase())
        && bare.bytes().any(|b| b.is_ascii_lowercase())
}

/// How many characters there are to choose from, by the classes that occur.
fn alphabet(text: &str) -> u32 {
    let has = |class: fn(char) -> bool| text.chars().any(class);
    let mut size = 0;
    for (class, members) in [
        (has(|c| c.is_ascii_lowercase()), 26),
        (has(|c| c.is_ascii_uppercase()), 26),
        (has(|c| c.is_ascii_digit()), 10),
        (has(|c| c.is_ascii_punctuation() || c == ' '), 33),
        (has(|c| !c.is_ascii()), 128),
    ] {
        if class {
            size += members;
        }
    }
    size.max(1)
}

/// Shorter text is in the alphabet by chance.
const SHORTEST_BASE64: usize = 20;
const LONGEST_DECODED: usize = 4096;

#[cfg(test)]
pub(super) mod encode {
    use super::*;

    pub(crate) fn base64url(bytes: &[u8]) -> String {
        BASE64URL_NOPAD.encode(bytes)
    }

    pub(crate) fn base64(bytes: &[u8]) -> String {
        BASE64.encode(bytes)
    }

    pub(crate) fn hex(bytes: &[u8]) -> String {
        HEXLOWER_PERMISSIVE.encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_bounds_the_bits() {
        for (text, shape, bits) in [
            ("00112233445566778899aabbccddeeff", Shape::Hex, 128),
            ("q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0", Shape::Base64, 192),
            ("6f1d0c9a-5b7e-4c7f-9a51-1f0f6a8e2b3c", Shape::Uuid, 122),
            ("31415926535897", Shape::Digits, 46),
            ("lowercase", Shape::Text, 42),
        ] {
            assert_eq!(Shape::of(text.as_bytes()), shape, "{text}");
            assert_eq!(shape.bits(text.as_bytes()), bits, "{text}");
        }
        assert_eq!(Shape::of(&[0xff, 0, 1]), Shape::Bytes);
    }

    #[test]
    fn an_encoding_is_seen_through() {
        assert_eq!(decoded_texts("aGVsbG8gd29ybGQ="), ["hello world"]);
        assert_eq!(decoded_texts("68656c6c6f20776f726c64")[0], "hello world");
        assert!(decoded_texts("q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0").is_empty());
    }
}
