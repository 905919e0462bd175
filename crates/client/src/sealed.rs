//! A copy of a ring's keys for times without a server: sealed for whoever has the ring's access token, and dated.

use std::time::Duration;

use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, EncryptOptions, KeyAlgorithm, UnverifiedJwe,
    encrypt_compact,
};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Limits, Secret, SystemRng};

use crate::Error;

/// Seals and opens copies of one ring's keys, with a key derived from the access token and the ring's
/// URL: without that very token a copy is of no use to anybody.
pub struct SealedCopy {
    key: DecryptionKey,
}

impl SealedCopy {
    /// # Errors
    /// `weak_key` for a token that is too short to derive a key from.
    pub fn new(token: &Secret, url: &str) -> Result<Self, Error> {
        // HMAC under a token of 256 random bits is a pseudorandom function: its output is a key.
        let label = format!("keytide sealed copy 1\n{url}");
        let token = SigningKey::from_secret(Algorithm::HS256, token.expose())?;
        let key = Secret::new(token.sign(label.as_bytes())?);
        let (alg, enc) = (KeyAlgorithm::Dir, ContentAlgorithm::A256GCM);
        Ok(Self { key: DecryptionKey::from_secret(alg, enc, key.expose())? })
    }

    /// Seals what was known to be the ring's keys at this time since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// `random_failed`, `backend_failed`.
    pub fn seal(&self, keys: &Secret, known_at: Duration) -> Result<Vec<u8>, Error> {
        let millis = u64::try_from(known_at.as_millis()).unwrap_or(u64::MAX);
        let dated = Secret::new([&millis.to_be_bytes(), keys.expose()].concat());
        let (key, options) = (self.key.encryption_key(), EncryptOptions::default());
        Ok(encrypt_compact(&key, &options, dated.expose(), &mut SystemRng)?.into_bytes())
    }

    /// Opens a copy, and says when it was known to hold the ring's keys. `None` for whatever is not a
    /// copy that was sealed with this token for this ring.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<(Secret, Duration)> {
        let text = std::str::from_utf8(sealed).ok()?;
        let token = UnverifiedJwe::parse(text, &Limits::default()).ok()?;
        let opened = token.decrypt(&self.key, &DecryptOptions::default()).ok()?;
        let (millis, keys) = opened.plaintext().split_first_chunk::<8>()?;
        let known_at = Duration::from_millis(u64::from_be_bytes(*millis));
        Some((Secret::new(keys.to_vec()), known_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &[u8] = b"an-access-token-of-the-tests-0123456789";
    const URL: &str = "https://keys.example/rings/a.test";
    const KEYS: &[u8] = b"marker-secret-that-nobody-may-see";

    fn copy(token: &[u8], url: &str) -> SealedCopy {
        SealedCopy::new(&Secret::new(token.to_vec()), url).unwrap()
    }

    #[test]
    fn only_the_same_token_and_ring_open_a_copy_and_the_date_comes_with_it() {
        let at = Duration::from_millis(1_795_320_930_123);
        let sealed = copy(TOKEN, URL).seal(&Secret::new(KEYS.to_vec()), at).unwrap();
        let (keys, known_at) = copy(TOKEN, URL).open(&sealed).unwrap();
        assert_eq!((keys.expose(), known_at), (KEYS, at));
        assert!(!sealed.windows(KEYS.len()).any(|part| part == KEYS));
        assert!(copy(b"another-token-of-the-tests-0123456789ab", URL).open(&sealed).is_none());
        assert!(copy(TOKEN, "https://keys.example/rings/b.test").open(&sealed).is_none());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            let opened = copy(TOKEN, URL).open(&changed);
            assert!(opened.is_none(), "byte {place} was changed unnoticed");
        }
        assert!(copy(TOKEN, URL).open(b"").is_none());
    }

    #[test]
    fn a_token_that_could_be_guessed_seals_nothing() {
        let refused = SealedCopy::new(&Secret::new(b"short".to_vec()), URL).err().unwrap();
        assert_eq!(refused.code(), "weak_key");
    }
}
