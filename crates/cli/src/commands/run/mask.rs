//! Hides secrets in what a program writes: raw, hex, base64 and base64url, wherever the chunks are cut.

use std::io::{self, Read, Write};
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use keytide_client::Delivery;

use crate::encoding::{base64, base64url, hex};

/// What stands in a secret's place.
const MASK: &[u8] = b"********";

/// Every form of every secret that was ever handed to the program. Those of earlier epochs stay: what
/// signed before still verifies, and a log keeps it.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<RwLock<Forms>>);

#[derive(Default)]
struct Forms {
    /// Each form once; none is shorter than [`SHORTEST`].
    all: Vec<Vec<u8>>,
    finder: Option<AhoCorasick>,
}

/// Parts of a base64 text that depend on what stands around them are left off; what is left must still
/// be so long that nothing else is hidden by chance.
const SHORTEST: usize = 8;

impl Secrets {
    /// Hides these from now on.
    pub(super) fn add(&self, set: &Delivery) {
        let mut forms = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = forms.all.len();
        for secret in set.keys().iter().filter_map(|key| key.secret()) {
            for form in all_forms(secret.expose()) {
                if form.len() >= SHORTEST && !forms.all.contains(&form) {
                    forms.all.push(form);
                }
            }
        }
        if forms.all.len() > before {
            let finder = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&forms.all);
            // Some hundred texts of some hundred bytes are far below every limit of the builder.
            forms.finder = finder.ok();
        }
    }

    /// Copies all that `from` gives to `to`, with the secrets hidden.
    ///
    /// # Errors
    /// What reading or writing does; whoever reads `to` may have gone.
    pub(super) fn copy(&self, mut from: impl Read, mut to: impl Write) -> io::Result<()> {
        let mut chunk = vec![0; 16 * 1024];
        let mut text: Vec<u8> = Vec::new();
        loop {
            let length = match from.read(&mut chunk) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            text.extend_from_slice(chunk.get(..length).unwrap_or_default());
            let (shown, taken) = self.hide(&text, length == 0);
            to.write_all(&shown)?;
            to.flush()?;
            text.drain(..taken);
            if length == 0 {
                return Ok(());
            }
        }
    }

    /// What may be shown of a text, and how much of it that stands for. What may be the beginning of a
    /// secret waits for what follows, unless this is the end.
    fn hide(&self, text: &[u8], is_end: bool) -> (Vec<u8>, usize) {
        let forms = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(finder) = &forms.finder else { return (text.to_vec(), text.len()) };
        let mut limit = if is_end { text.len() } else { text.len() - forms.begun(text) };
        let mut hidden: Vec<(usize, usize)> = Vec::new();
        let mut found: Vec<_> =
            finder.find_overlapping_iter(text).map(|found| (found.start(), found.end())).collect();
        found.sort_unstable();
        for (start, end) in found {
            match hidden.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => hidden.push((start, end)),
            }
        }
        // One secret may be the beginning of another form: both are hidden as one, or wait as one.
        if let Some((start, _)) = hidden.iter().find(|(start, end)| *start < limit && *end > limit)
        {
            limit = *start;
        }
        let mut shown = Vec::with_capacity(limit);
        let mut at = 0;
        for (start, end) in hidden.into_iter().filter(|(_, end)| *end <= limit) {
            shown.extend_from_slice(text.get(at..start).unwrap_or_default());
            shown.extend_from_slice(MASK);
            at = end;
        }
        shown.extend_from_slice(text.get(at..limit).unwrap_or_default());
        (shown, limit)
    }
}

impl Forms {
    /// How long the longest end of the text is that may be the beginning of a secret.
    fn begun(&self, text: &[u8]) -> usize {
        let longest = |form: &Vec<u8>| {
            let most = text.len().min(form.len() - 1);
            (1..=most).rev().find(|length| text.ends_with(form.get(..*length).unwrap_or_default()))
        };
        self.all.iter().filter_map(longest).max().unwrap_or(0)
    }
}

fn all_forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex(secret);
    let mut forms = vec![secret.to_vec(), hex.to_ascii_uppercase().into(), hex.into()];
    forms.push(base64(secret).into_bytes());
    forms.push(base64url(secret).into_bytes());
    // Within a longer text that is written in base64, a secret begins in one of three places.
    for before in 0..3_usize {
        let padded = [&[0; 2][..before], secret].concat();
        let mixed = if before == 0 { 0 } else { before + 1 };
        for text in [base64(&padded), base64url(&padded)] {
            let text = text.trim_end_matches('=');
            let last = usize::from(!padded.len().is_multiple_of(3));
            let form = text.get(mixed..text.len() - last).unwrap_or_default();
            forms.push(form.as_bytes().to_vec());
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u8] = b"marker-secret-that-nobody-may-see-1";
    const TWO: &[u8] = b"marker-secret-that-nobody-may-see-1-and-more";

    fn secrets() -> Secrets {
        let mut forms = Forms { all: [all_forms(ONE), all_forms(TWO)].concat(), finder: None };
        forms.finder = Some(AhoCorasick::new(&forms.all).unwrap());
        Secrets(Arc::new(RwLock::new(forms)))
    }

    /// Gives its text in pieces of one size.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len());
            let (piece, rest) = self.0.split_at(length);
            into[..length].copy_from_slice(piece);
            self.0 = rest;
            Ok(length)
        }
    }

    fn masked(text: &[u8], piece: usize) -> String {
        let mut shown = Vec::new();
        secrets().copy(Pieces(text, piece), &mut shown).unwrap();
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn every_form_is_hidden_wherever_the_chunks_are_cut() {
        let mut texts: Vec<Vec<u8>> = [ONE, TWO].iter().flat_map(|s| all_forms(s)).collect();
        for before in 0..4 {
            let around = [&b"user:x"[..before + 2], ONE, b":more"].concat();
            texts.push(base64(&around).into_bytes());
            texts.push(base64url(&around).into_bytes());
        }
        for text in texts {
            let line = [b"a ".as_slice(), &text, b" z ", &text, b"\n"].concat();
            for piece in 1..=line.len() {
                let shown = masked(&line, piece);
                assert!(shown.starts_with("a ") && shown.ends_with('\n'), "{shown}");
                assert_eq!(shown.matches("********").count(), 2, "{shown} in pieces of {piece}");
                for form in all_forms(ONE) {
                    assert!(!shown.contains(std::str::from_utf8(&form).unwrap()), "{shown}");
                }
            }
        }
    }

    #[test]
    fn whoever_holds_two_secrets_that_begin_alike_sees_nothing_of_the_longer_one() {
        for piece in 1..60 {
            assert_eq!(masked(&[TWO, b"."].concat(), piece), "********.");
            assert_eq!(masked(&[ONE, b"-and-less."].concat(), piece), "********-and-less.");
        }
    }

    #[test]
    fn what_is_no_secret_comes_through_as_it_is_and_at_once() {
        let (shown, taken) = secrets().hide(b"ready at marker", false);
        assert_eq!((shown.as_slice(), taken), (b"ready at ".as_slice(), 9));
        let (shown, taken) = secrets().hide(b"ready\n", false);
        assert_eq!((shown.as_slice(), taken), (b"ready\n".as_slice(), 6));
        assert_eq!(masked(b"ends with marker", 3), "ends with marker");
        assert_eq!(masked(b"", 1), "");
    }
}
