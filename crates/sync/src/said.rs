//! What a place said, made fit for an error: one line, not too long, and nothing of a copy in it.

use std::collections::HashSet;
use std::error::Error;

use crate::Document;
use crate::withheld::{TELLING, bounded};

/// A service's own words. Some repeat a value that they refuse; such words are withheld.
pub(crate) fn words(said: &str, sent: Option<&Document>) -> String {
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    if sent.is_some_and(|document| repeats(&line, document)) {
        return "it refused the copy, with words that repeat parts of it".to_owned();
    }
    bounded(line)
}

/// An error with the causes behind it, each once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}

fn repeats(line: &str, document: &Document) -> bool {
    // The ring's name is in the copy too, and in many an address.
    let line = line.replace(document.ring().as_str(), " ");
    let copy = document.to_json();
    let copied: HashSet<&[u8]> = copy.expose().windows(TELLING).collect();
    let is_known = |part: &[u8]| KNOWN.as_bytes().windows(TELLING).any(|known| known == part);
    line.as_bytes().windows(TELLING).any(|part| copied.contains(part) && !is_known(part))
}

/// Names in a copy that a service may well say.
const KNOWN: &str = "KEYTIDE_DIGEST KEYTIDE_EPOCH KEYTIDE_RING JWT_SECRET_PREVIOUS JWT_SECRET_NEXT";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use keytide_jose::Secret;

    use super::*;
    use crate::withheld::LONGEST;

    #[test]
    fn words_that_repeat_a_part_of_the_copy_are_withheld() {
        let document = document("0123456789abcdefghijklmnopqrstuv");
        let said = "Value '…89abcdefghijklmn…' at 'secretString' is too long";
        assert!(!words(said, Some(&document)).contains("89abcdef"));
        let harmless = "Secret billing.production: KEYTIDE_DIGEST is no tag of it";
        assert_eq!(words(harmless, Some(&document)), harmless);
    }

    #[test]
    fn words_are_one_line_of_bounded_length() {
        assert_eq!(words(" not\n  now ", None), "not now");
        assert_eq!(words("", None), "it gave no reason");
        assert_eq!(words(&"ä".repeat(2000), None).chars().count(), LONGEST + 1);
    }

    fn document(secret: &str) -> Document {
        let text = |text: &str| Secret::new(text.as_bytes().to_vec());
        Document::for_tests(
            "billing.production",
            7,
            BTreeMap::from([("JWT_SECRET".to_owned(), text(secret))]),
        )
    }
}
