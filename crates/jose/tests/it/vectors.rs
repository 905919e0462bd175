//! Where test data lies: beside the project, and what public collections there are on this machine.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of the project's own `vectors/`.
pub(crate) fn own(name: &str) -> String {
    let path = root().join("vectors").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file or folder of `$KEYTIDE_VECTORS`; `None`, with a word on the console, where it is absent.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let base = std::env::var_os("KEYTIDE_VECTORS")
        .map_or_else(|| root().join("../shared/vectors"), PathBuf::from);
    let path = base.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped {name}: not in {} (set KEYTIDE_VECTORS)", base.display());
    None
}

/// A JSON file of `$KEYTIDE_VECTORS`.
pub(crate) fn shared_json(name: &str) -> Option<Value> {
    let text = fs::read_to_string(shared(name)?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0);
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// base64url by another hand than the library's, for keys and tokens of the vectors.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap();
            text.push(char::from(ALPHABET[index]));
        }
    }
    text
}

/// The bytes of such a text.
pub(crate) fn unbase64url(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
