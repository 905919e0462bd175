//! The grammar of invented secrets: how much of a text is words that everybody uses for them.

use core::fmt;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::runs;

/// A text read as words, runs and remains, in the way that leaves the fewest bits.
pub(super) struct Phrase {
    words: usize,
    characters: usize,
    remains: usize,
    bits: f64,
}

impl Phrase {
    /// Whether somebody who knows the words finds the text.
    pub(super) fn is_guessable(&self) -> bool {
        let mostly_words = self.words >= 2 && self.remains * 5 <= self.characters;
        let one_word = self.words >= 1 && self.remains <= 4;
        mostly_words || one_word || self.words >= 1 && self.bits < FEWEST_BITS
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { words, characters, remains, .. } = self;
        write!(f, "{words} of them, and {remains} of {characters} characters besides")
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Phrase {
    let plain: Vec<char> = text.chars().flat_map(char::to_lowercase).take(LONGEST).collect();
    let unleeted: Vec<char> = plain.iter().map(|c| unleet(*c)).collect();
    // best[at] is the cheapest reading of what comes before `at`.
    let mut best = vec![Reading { bits: f64::INFINITY, words: 0, remains: 0 }; plain.len() + 1];
    best[0] = Reading { bits: 0.0, words: 0, remains: 0 };
    for at in 0..plain.len() {
        let here = best[at];
        let mut reach = |length: usize, bits: f64, words: usize, remains: usize| {
            let to = &mut best[at + length];
            let bits = here.bits + bits;
            if bits < to.bits {
                *to = Reading { bits, words: here.words + words, remains: here.remains + remains };
            }
        };
        let (bits, remains) = match plain[at] {
            c if c.is_ascii_digit() => (3.4, 1),
            c if c.is_alphabetic() => (5.2, 1),
            _ => (2.0, 0),
        };
        reach(1, bits, 0, remains);
        for length in 2..=LONGEST_WORD.min(plain.len() - at) {
            let word = |text: &[char]| text[at..at + length].iter().collect::<String>();
            if WORDS.contains(word(&plain).as_str()) || WORDS.contains(word(&unleeted).as_str()) {
                reach(length, 7.0, usize::from(length > 1), 0);
            }
        }
        let run = runs::run_at(&plain[at..]);
        if run >= 3 {
            reach(run, 9.0, 0, 0);
        }
    }
    let Reading { bits, words, remains } = best[plain.len()];
    Phrase { words, characters: plain.len(), remains, bits }
}

#[derive(Clone, Copy)]
struct Reading {
    bits: f64,
    words: usize,
    remains: usize,
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

static WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("words.txt").split_whitespace().collect());

const LONGEST_WORD: usize = 14;
const LONGEST: usize = 512;
/// Fewer are tried out by one machine.
const FEWEST_BITS: f64 = 64.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_secrets_are_words_and_random_ones_are_not() {
        for phrase in [
            "your-super-secret-jwt-key-change-in-production",
            "MyS3cr3tK3y!",
            "this_is_a_very_long_secret_key_for_jwt_signing_2024",
            "changeit",
            "dev-only-not-for-production-use-at-all-please-1234567",
        ] {
            assert!(read(phrase).is_guessable(), "{phrase}");
        }
        for random in ["q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0", "wq3-kzx9-vbn2-plm7-tyu1-hjk4"] {
            assert!(!read(random).is_guessable(), "{random}");
        }
    }
}
