//! Hides secrets in what a program writes: raw, escaped, hex, base64 and base64url, wherever lines and chunks are cut.

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
    /// Each form once and without line breaks; none is shorter than [`SHORTEST`].
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
            forms.add(secret.expose());
        }
        if forms.all.len() > before {
            forms.prepare();
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
        let solid = Solid::of(text);
        let mut limit = if is_end { text.len() } else { forms.begun(&solid, text.len()) };
        let mut hidden: Vec<(usize, usize)> = Vec::new();
        let found = finder.find_overlapping_iter(&solid.bytes);
        let mut found: Vec<_> =
            found.map(|found| solid.place(found.start(), found.end())).collect();
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

/// A text without its line breaks: a long base64 text is wrapped, wherever a secret in it stands.
struct Solid {
    bytes: Vec<u8>,
    /// Where each of them is in the text.
    places: Vec<usize>,
}

impl Solid {
    fn of(text: &[u8]) -> Self {
        let solid = text.iter().copied().enumerate().filter(|(_, byte)| !is_break(*byte));
        let (places, bytes) = solid.unzip();
        Self { bytes, places }
    }

    /// Where a part of it that is not empty begins and ends in the text.
    fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |solid: usize| self.places.get(solid).copied().unwrap_or_default();
        (at(start), at(end - 1) + 1)
    }
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

impl Forms {
    fn add(&mut self, secret: &[u8]) {
        for mut form in all_forms(secret) {
            form.retain(|byte| !is_break(*byte));
            if form.len() >= SHORTEST && !self.all.contains(&form) {
                self.all.push(form);
            }
        }
    }

    fn prepare(&mut self) {
        let finder = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&self.all);
        // Some hundred texts of some hundred bytes are far below every limit of the builder.
        self.finder = finder.ok();
    }

    /// Where the longest end of the text begins that may be the beginning of a secret. Too little before a
    /// line break does not count, or half of all lines would wait for the next one.
    fn begun(&self, solid: &Solid, length: usize) -> usize {
        let start = |form: &Vec<u8>| {
            let most = solid.bytes.len().min(form.len() - 1);
            (1..=most).rev().find_map(|taken| {
                let start = solid.bytes.len() - taken;
                let place = solid.places.get(start).copied()?;
                let is_whole = length - place == taken;
                let begins = solid.bytes.ends_with(form.get(..taken)?);
                (begins && (is_whole || taken >= SHORTEST)).then_some(place)
            })
        };
        self.all.iter().filter_map(start).min().unwrap_or(length)
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
    if let Ok(text) = std::str::from_utf8(secret) {
        let json = json(text);
        forms.extend([escaped_slashes(&ascii(&json)), ascii(&json), escaped_slashes(&json), json]);
    }
    for (kept, blank) in KEPT_IN_URLS {
        forms.extend([url(secret, kept, blank, true), url(secret, kept, blank, false)]);
    }
    forms
}

/// As it stands in a JSON text, between the quotes.
fn json(text: &str) -> Vec<u8> {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().into()
}

/// The same by a writer that has ASCII alone, such as Python's.
fn ascii(json: &[u8]) -> Vec<u8> {
    let mut escaped = String::new();
    for letter in String::from_utf8_lossy(json).chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped.into_bytes()
}

/// The same by PHP's.
fn escaped_slashes(json: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(json).replace('/', "\\/").into_bytes()
}

/// What writers of URLs leave as it is beside letters and digits, and what they write for a blank: by RFC 3986;
/// Python's `quote`; JavaScript's `encodeURIComponent`; forms.
const KEPT_IN_URLS: [(&[u8], &str); 4] =
    [(b"-_.~", "%20"), (b"-_.~/", "%20"), (b"-_.~!*'()", "%20"), (b"-_.*", "+")];

fn url(secret: &[u8], kept: &[u8], blank: &str, is_upper: bool) -> Vec<u8> {
    let mut written = String::new();
    for byte in secret {
        match byte {
            b' ' => written.push_str(blank),
            byte if byte.is_ascii_alphanumeric() || kept.contains(byte) => {
                written.push(char::from(*byte));
            }
            byte if is_upper => written.push_str(&format!("%{byte:02X}")),
            byte => written.push_str(&format!("%{byte:02x}")),
        }
    }
    written.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    const ONE: &[u8] = b"marker-secret-that-nobody-may-see-1";
    const TWO: &[u8] = b"marker-secret-that-nobody-may-see-1-and-more";

    /// As somebody may have made one up.
    const ODD: &[u8] = "a \"secret\" m\u{f6}rker/with+odd=signs & \\more \u{1f511}".as_bytes();

    static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
        let mut forms = Forms::default();
        [ONE, TWO, ODD].into_iter().for_each(|secret| forms.add(secret));
        forms.prepare();
        Secrets(Arc::new(RwLock::new(forms)))
    });

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
        SECRETS.copy(Pieces(text, piece), &mut shown).unwrap();
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn every_form_is_hidden_wherever_the_chunks_are_cut() {
        let mut texts: Vec<Vec<u8>> = [ONE, TWO, ODD].iter().flat_map(|s| all_forms(s)).collect();
        texts.extend(
            [
                r#"a \"secret\" mörker/with+odd=signs & \\more 🔑"#,
                r#"a \"secret\" m\u00f6rker/with+odd=signs & \\more \ud83d\udd11"#,
                r#"a \"secret\" m\u00f6rker\/with+odd=signs & \\more \ud83d\udd11"#,
                "a%20%22secret%22%20m%C3%B6rker/with%2Bodd%3Dsigns%20%26%20%5Cmore%20%F0%9F%94%91",
                "a+%22secret%22+m%c3%b6rker%2fwith%2bodd%3dsigns+%26+%5cmore+%f0%9f%94%91",
            ]
            .map(|text| text.as_bytes().to_vec()),
        );
        for before in 0..4 {
            let around = [&b"user:x"[..before + 2], ONE, b":more"].concat();
            texts.push(base64(&around).into_bytes());
            texts.push(base64url(&around).into_bytes());
        }
        for text in texts {
            let line = [b"a ".as_slice(), &text, b" z ", &text, b"\n"].concat();
            for piece in (1..=line.len()).step_by(3) {
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
    fn a_secret_that_lines_are_wrapped_in_is_hidden_with_its_line_breaks() {
        let around = [b"user:", ONE, b":more and more and more"].concat();
        for (text, line_break) in [(hex(ONE), "\n"), (base64(ONE), "\r\n"), (base64(&around), "\n")]
        {
            let lines: Vec<_> = text.as_bytes().chunks(20).collect();
            let wrapped = [b"a: ", &lines.join(line_break.as_bytes())[..], b" z\n"].concat();
            for piece in 1..=wrapped.len() {
                let shown = masked(&wrapped, piece);
                assert_eq!(shown.matches("********").count(), 1, "{shown} in pieces of {piece}");
                let solid = shown.replace(['\r', '\n'], "");
                for form in all_forms(ONE) {
                    assert!(!solid.contains(std::str::from_utf8(&form).unwrap()), "{shown}");
                }
            }
        }
    }

    #[test]
    fn a_line_waits_for_the_next_only_where_it_ends_in_much_of_a_secret() {
        for (line, waits) in [("at m\n", 0), ("at marker-\n", 0), ("at marker-s\n", 9), ("at m", 1)]
        {
            let (_, taken) = SECRETS.hide(line.as_bytes(), false);
            assert_eq!(line.len() - taken, waits, "{line}");
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
        let (shown, taken) = SECRETS.hide(b"ready at marker", false);
        assert_eq!((shown.as_slice(), taken), (b"ready at ".as_slice(), 9));
        let (shown, taken) = SECRETS.hide(b"ready\n", false);
        assert_eq!((shown.as_slice(), taken), (b"ready\n".as_slice(), 6));
        assert_eq!(masked(b"ends with marker", 3), "ends with marker");
        assert_eq!(masked(b"", 1), "");
    }
}
