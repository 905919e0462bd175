//! The master key: thirty-two bytes under which everything in a store is sealed, and where they come from.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use keytide_jose::Rng;
use zeroize::Zeroizing;

use crate::OpenError;
use crate::files;

/// The key above all keys of a store: 32 bytes, wiped on drop, never shown.
///
/// ```
/// use keytide_store::MasterKey;
///
/// // As `openssl rand -hex 32` or `openssl rand -base64 32` print one.
/// assert!(MasterKey::parse(&"0123456789abcdef".repeat(4)).is_ok());
/// assert!(MasterKey::parse("too short").is_err());
/// ```
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new one.
    ///
    /// # Errors
    /// The random source failed.
    pub fn generate(rng: &mut dyn Rng) -> Result<Self, keytide_jose::Error> {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill(&mut key[..])?;
        Ok(Self(key))
    }

    /// These 32 bytes, which must be random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// From text: 64 hexadecimal digits, or 32 bytes in base64 or base64url. Space around it is
    /// ignored.
    ///
    /// # Errors
    /// `master_key_unusable`; the message holds nothing of the text.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        Self::read(text, "the given master key")
    }

    /// From a file with such a text.
    ///
    /// # Errors
    /// `master_key_missing`, `master_key_unusable`, `master_key_exposed` when everybody on the
    /// machine may read it, or `store_file_failed`.
    pub fn from_file(path: &Path) -> Result<Self, OpenError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(OpenError::MasterKeyMissing { path: path.to_owned() });
            }
            Err(error) => return Err(OpenError::file("read", path, error)),
        };
        let failed = |error| OpenError::file("read", path, error);
        let mode = files::mode(&file.metadata().map_err(failed)?);
        if mode & 0o007 != 0 {
            return Err(OpenError::MasterKeyExposed { path: path.to_owned(), mode });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_FILE));
        file.take(LONGEST_FILE as u64).read_to_end(&mut bytes).map_err(failed)?;
        Self::from_content(path, &bytes)
    }

    /// From the file beside the store: a plain file, this user's and nobody else's.
    pub(crate) fn from_own_file(path: &Path) -> Result<Self, OpenError> {
        match files::read_private(path) {
            Ok(Some(bytes)) => Self::from_content(path, bytes.expose()),
            Ok(None) => Err(OpenError::MasterKeyMissing { path: path.to_owned() }),
            Err(OpenError::FileExposed { path, mode }) => {
                Err(OpenError::MasterKeyExposed { path, mode })
            }
            Err(error) => Err(error),
        }
    }

    fn from_content(path: &Path, bytes: &[u8]) -> Result<Self, OpenError> {
        let from = format!("`{}`", path.display());
        let text = std::str::from_utf8(bytes).map_err(|_| OpenError::MasterKeyUnusable {
            from: from.clone(),
            why: "it is not text",
        })?;
        Self::read(text, &from)
    }

    /// The same one once more, for where two need it.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// One line of hexadecimal digits.
    pub(crate) fn to_line(&self) -> Zeroizing<Vec<u8>> {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0') as u8;
        let mut line = Zeroizing::new(Vec::with_capacity(65));
        for byte in self.0.iter() {
            line.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        line.push(b'\n');
        line
    }

    fn read(text: &str, from: &str) -> Result<Self, OpenError> {
        let text = text.trim().as_bytes();
        let unusable = |why| Err(OpenError::MasterKeyUnusable { from: from.to_owned(), why });
        let key = match text.len() {
            64 => from_hex(text),
            44 => text.strip_suffix(b"=").and_then(from_base64),
            43 => from_base64(text),
            _ => return unusable("it must be 64 hexadecimal digits, or 32 bytes in base64"),
        };
        match key {
            None => unusable("it has a character that belongs to no hexadecimal or base64 text"),
            Some(key) if key.iter().all(|byte| *byte == key[0]) => {
                unusable("it is one byte repeated, which everybody can guess")
            }
            Some(key) => Ok(Self(key)),
        }
    }
}

/// Far more than any text form of 32 bytes.
const LONGEST_FILE: usize = 4_096;

fn from_hex(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(key)
}

/// 43 characters of either alphabet (RFC 4648 §4, §5) without padding.
fn from_base64(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let (mut bits, mut held, mut at) = (0_u32, 0, 0);
    for c in text {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xfff;
        held += 6;
        if held >= 8 {
            held -= 8;
            *key.get_mut(at)? = (bits >> held & 0xff) as u8;
            at += 1;
        }
    }
    // The two bits left over belong to no byte and must be zero.
    (at == key.len() && bits & ((1 << held) - 1) == 0).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_and_both_base64_alphabets_give_the_same_key() {
        let mut bytes = [0xfb; 32];
        bytes[31] = 0xf0;
        let key = MasterKey::from_bytes(bytes);
        let hex = String::from_utf8(key.to_line().to_vec()).unwrap();
        let base64 = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/A=";
        let base64url = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_A";
        for text in [&hex, &hex.to_uppercase(), base64, base64url] {
            assert_eq!(*MasterKey::parse(text).unwrap().expose(), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_no_master_key_is_refused_without_being_repeated() {
        let half_a_digit = format!("{}g", "0".repeat(63));
        let stray_bits = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_B";
        let zeros = "0".repeat(64);
        for bad in ["", "hunter2hunter2", &half_a_digit, stray_bits, &zeros] {
            let error = MasterKey::parse(bad).err().unwrap();
            assert_eq!(error.code(), "master_key_unusable", "{bad}");
            assert!(bad.is_empty() || !error.to_string().contains(bad), "{bad}");
        }
    }
}
