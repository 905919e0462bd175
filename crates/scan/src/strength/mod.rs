//! How hard a shared secret is to guess: several signals, one verdict, for one algorithm.

mod phrase;
mod published;
mod runs;
mod shape;

use core::fmt;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use keytide_jose::{Algorithm, digest};
use serde::Serialize;

pub(crate) use published::every as every_published;
pub use shape::Shape;
pub(crate) use shape::{decodings, listed_bytes};

/// What a secret is worth, from nothing on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strength {
    /// Anybody can look it up.
    Published,
    /// It can be guessed with a list of words or by trying out.
    Weak,
    /// Nobody guesses it today, yet it has less than the algorithm demands (RFC 7518 §3.2).
    Short,
    /// As many unpredictable bits as the algorithm's hash has.
    Strong,
}

impl Strength {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Weak => "weak",
            Self::Short => "short",
            Self::Strong => "strong",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that was seen of a secret. None of its texts holds a part of the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Signal {
    /// Stable, for programs.
    pub code: &'static str,
    /// How good the secret can be at best, by this signal.
    pub at_most: Strength,
    /// A sentence for people.
    pub message: String,
}

/// A secret's verdict and the signals behind it, the gravest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// What the secret is worth.
    pub strength: Strength,
    /// The algorithm it was judged for.
    pub alg: Algorithm,
    /// How many bytes the key has.
    pub bytes: usize,
    /// How it is written.
    pub shape: Shape,
    /// The most bits it can carry, written as it is.
    pub bits_at_most: u32,
    /// Everything that was seen.
    pub signals: Vec<Signal>,
}

/// Judges the bytes that an HMAC algorithm would really use as its key.
///
/// ```
/// use keytide_jose::Algorithm;
/// use keytide_scan::{Strength, judge};
///
/// let verdict = judge(b"your-256-bit-secret", Algorithm::HS256);
/// assert_eq!(verdict.strength, Strength::Published);
/// assert_eq!(verdict.signals[0].code, "published");
/// ```
#[must_use]
pub fn judge(secret: &[u8], alg: Algorithm) -> Verdict {
    let least = alg.min_secret_len().unwrap_or(LEAST_BYTES);
    let shape = Shape::of(secret);
    let bits_at_most = shape.bits(secret);
    let mut signals = Vec::new();
    let mut see = |code, at_most, message: String| signals.push(Signal { code, at_most, message });

    if secret.is_empty() {
        see("empty", Strength::Weak, "It is empty: everybody knows it.".to_owned());
    }
    let text = core::str::from_utf8(secret).ok();
    if let Some(text) = text {
        published_signals(text, &mut see);
        text_signals(text, shape, &mut see);
    } else if let Some(kind) = runs::in_bytes(secret) {
        see("pattern", Strength::Weak, format!("Its bytes are {kind}."));
    }
    if secret.len() < least {
        let at_most = if bits_at_most < FEWEST_BITS { Strength::Weak } else { Strength::Short };
        see(
            "too_few_bytes",
            at_most,
            format!("It has {} bytes; {alg} needs {least} (RFC 7518 §3.2).", secret.len()),
        );
    }
    let needed = u32::try_from(least.saturating_mul(8)).unwrap_or(u32::MAX);
    if bits_at_most < needed {
        let at_most = if bits_at_most < FEWEST_BITS { Strength::Weak } else { Strength::Short };
        see(
            "too_few_bits",
            at_most,
            format!(
                "Written as {shape}, it carries {bits_at_most} bits at most; {alg} has {needed}."
            ),
        );
    }
    signals.sort_by_key(|signal| signal.at_most);
    let strength = signals.first().map_or(Strength::Strong, |signal| signal.at_most);
    if strength == Strength::Strong {
        let message = format!("{} bytes as {shape}, without a pattern.", secret.len());
        signals.push(Signal { code: "full_length", at_most: Strength::Strong, message });
    }
    Verdict { strength, alg, bytes: secret.len(), shape, bits_at_most, signals }
}

/// Verdicts that were made before, by the digest of the secret: one stands in many files, and a dictionary
/// attack takes its time.
#[derive(Default)]
pub(crate) struct Verdicts(Mutex<HashMap<[u8; 32], Verdict>>);

impl Verdicts {
    /// As [`judge`], for HS256.
    pub(crate) fn of(&self, secret: &[u8]) -> Verdict {
        let digest = digest::sha256(secret);
        // A thread that panicked has spoilt nothing that others wrote.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known().get(&digest) {
            return verdict.clone();
        }
        let verdict = judge(secret, Algorithm::HS256);
        known().insert(digest, verdict.clone());
        verdict
    }
}

fn published_signals(text: &str, see: &mut impl FnMut(&'static str, Strength, String)) {
    let forms = core::iter::once(text.trim().to_owned()).chain(shape::decoded_texts(text));
    for form in forms {
        match published::find(&form) {
            Some(published::Match::Itself(origin)) => {
                return see(
                    "published",
                    Strength::Published,
                    format!("It is published: {origin}."),
                );
            }
            Some(published::Match::Derived(origin)) => see(
                "derived_from_published",
                Strength::Weak,
                format!("It is a published secret with little changed: {origin}."),
            ),
            None => {}
        }
    }
}

fn text_signals(text: &str, shape: Shape, see: &mut impl FnMut(&'static str, Strength, String)) {
    if shape == Shape::Uuid {
        see(
            "uuid",
            Strength::Weak,
            "It is a UUID: made to be unique and shown around, not to be secret.".to_owned(),
        );
    }
    if let Some(kind) = runs::in_text(text) {
        see("pattern", Strength::Weak, format!("It is {kind}."));
    }
    let words = phrase::read(text);
    if words.is_guessable() {
        see(
            "phrase",
            Strength::Weak,
            format!("It is put together from words that everybody uses for this: {words}."),
        );
    }
    for decoded in shape::decoded_texts(text) {
        if phrase::read(&decoded).is_guessable() || runs::in_text(&decoded).is_some() {
            see(
                "encoded_phrase",
                Strength::Weak,
                "It is a guessable text in another encoding; encoding adds no strength.".to_owned(),
            );
        }
    }
    // Only against a secret: a published key has a high score too.
    if (1..=LONGEST_SCORED).contains(&text.len()) && !is_plainly_random(text, shape) {
        let guesses = zxcvbn::zxcvbn(text, &[]).guesses_log10();
        if guesses < FEWEST_GUESSES_LOG10 {
            see(
                "guessable",
                Strength::Weak,
                format!("A dictionary attack needs about 10^{guesses:.0} guesses (zxcvbn)."),
            );
        }
    }
}

/// Whether a dictionary has nothing to say: digits among the letters of a long encoding.
fn is_plainly_random(text: &str, shape: Shape) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    matches!(shape, Shape::Hex | Shape::Base64) && text.len() >= 40 && digits >= 3
        || shape == Shape::Uuid
}

/// What every HMAC of JOSE asks for at least.
const LEAST_BYTES: usize = 32;
/// Fewer can be tried out by who owns a hall of machines.
const FEWEST_BITS: u32 = 80;
/// An offline attack makes about 10^10 HMACs a second and card.
const FEWEST_GUESSES_LOG10: f64 = 16.0;
/// zxcvbn's work grows with the square of the length.
const LONGEST_SCORED: usize = 72;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strength::shape::encode;
    use keytide_jose::{Rng, SystemRng};

    #[test]
    fn what_keytide_makes_is_strong_ten_thousand_times() {
        for round in 0..10_000 {
            for (alg, bytes) in
                [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)]
            {
                let mut random = vec![0; bytes];
                SystemRng.fill(&mut random).unwrap();
                let text = encode::base64url(&random);
                assert_eq!(judge(text.as_bytes(), alg).strength, Strength::Strong, "{round}");
                if round % 20 == 0 {
                    for text in [encode::hex(&random), encode::base64(&random)] {
                        let verdict = judge(text.as_bytes(), alg);
                        assert_eq!(verdict.strength, Strength::Strong, "{text} {verdict:?}");
                    }
                    assert_eq!(judge(&random, alg).strength, Strength::Strong);
                }
            }
        }
    }

    #[test]
    fn no_signal_repeats_the_secret() {
        for secret in ["zebra-crossing-77", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "c2hoaGhoaA=="] {
            let told = format!("{:?}", judge(secret.as_bytes(), Algorithm::HS256));
            assert!(!told.contains(secret), "{told}");
        }
    }

    #[test]
    fn nothing_makes_it_panic() {
        for length in 0..200 {
            let mut bytes = vec![0; length];
            SystemRng.fill(&mut bytes).unwrap();
            let _verdict = judge(&bytes, Algorithm::HS512);
            let _verdict = judge(String::from_utf8_lossy(&bytes).as_bytes(), Algorithm::HS256);
        }
        let _verdict = judge("ключ-подписи-токена".repeat(4000).as_bytes(), Algorithm::HS256);
    }
}
