//! The words of whoever was given a secret, or asked for one: those that may repeat it are withheld.

use std::collections::HashSet;

use data_encoding::{BASE64, HEXLOWER};
use keytide_jose::Secret;

/// The words of a service that was given `secrets`, or was asked for one: those are withheld that repeat
/// a secret, plain, in base64 or in hex, or that hold a text that may be another's key.
pub(crate) fn guarded(said: &str, secrets: &[&Secret]) -> String {
    let words = said.split(|c: char| c.is_whitespace() || c.is_control());
    let line = bounded(words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    if secrets.iter().any(|secret| is_repeated(&line, secret.expose())) || holds_key(&line) {
        return "its words are withheld, for they may hold a secret".to_owned();
    }
    line
}

/// Words of a length that an error may have.
pub(crate) fn bounded(line: String) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => "it gave no reason".to_owned(),
        None => line,
    }
}

/// The longest words that are passed on, in characters.
pub(crate) const LONGEST: usize = 400;

/// So many bytes in a row are no coincidence: an HS256 secret has 43 characters in base64url.
pub(crate) const TELLING: usize = 12;

/// Whether a part of `secret` stands in `line` in one of the forms in which a service may repeat it.
fn is_repeated(line: &str, secret: &[u8]) -> bool {
    let line = letters(line.as_bytes());
    let parts: HashSet<&[u8]> = line.expose().windows(TELLING).collect();
    let is_said = |form: &[u8]| {
        let form = letters(form);
        let form = form.expose();
        if form.len() < TELLING {
            return !form.is_empty() && line.expose().windows(form.len()).any(|part| part == form);
        }
        form.windows(TELLING).any(|part| parts.contains(part))
    };
    let plain = Secret::new(secret.to_vec());
    let encoded = encodings(&plain);
    let again = encoded.iter().flat_map(encodings);
    is_said(secret)
        || encoded.iter().any(|form| is_said(form.expose()))
        || again.into_iter().any(|form| is_said(form.expose()))
}

/// In hex, and in base64 at each of the three places that a text before it can shift it to.
fn encodings(secret: &Secret) -> Vec<Secret> {
    let as_base64 = |shift: usize| {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(secret.expose());
        let bytes = Secret::new(bytes);
        let mut text = vec![0; BASE64.encode_len(bytes.len())];
        BASE64.encode_mut(bytes.expose(), &mut text);
        Secret::new(text)
    };
    let mut hex = vec![0; HEXLOWER.encode_len(secret.len())];
    HEXLOWER.encode_mut(secret.expose(), &mut hex);
    vec![Secret::new(hex), as_base64(0), as_base64(1), as_base64(2)]
}

/// Letters and digits alone, so that neither case nor what stands between them hides a repetition.
fn letters(bytes: &[u8]) -> Secret {
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    Secret::new(letters.map(u8::to_ascii_lowercase).collect())
}

/// Whether a text stands in it as long as 32 bytes in base64 or hex, which no word of a service is.
fn holds_key(line: &str) -> bool {
    let longest = |also: &str| {
        line.split(|c: char| !c.is_ascii_alphanumeric() && !also.contains(c))
            .map(str::len)
            .max()
            .unwrap_or(0)
    };
    longest("+=") >= 32 || longest("+/=-_") >= 43
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_repeat_a_secret_in_any_form_are_withheld() {
        let secret = Secret::new(b"0011223344556677aabbccddeeff8899".to_vec());
        let short = Secret::new(b"hunter2".to_vec());
        let withheld = |said: &str| guarded(said, &[&secret, &short]).contains("withheld");
        let base64 = BASE64.encode(secret.expose());
        let request = format!(r#"{{"plaintext":"{base64}"}}"#);
        let hex = HEXLOWER.encode(secret.expose());
        let spaced: String = hex.chars().flat_map(|c| [c, ' ']).collect();
        for said in [
            "permission denied for 0011223344556677aabbccddeeff8899",
            "near 44556677aabb",
            "the token HUNTER2 is none",
            &format!("permission denied: {request}"),
            &format!("permission denied: {}", BASE64.encode(request.as_bytes())),
            &hex.to_uppercase(),
            &spaced,
            &BASE64.encode(hex.as_bytes())[8..24],
            &HEXLOWER.encode(base64.as_bytes())[10..40],
        ] {
            assert!(withheld(said), "{said}");
        }
        for said in [
            "it answers 403 permission denied; invalid token",
            "encryption key not found",
            "User: arn:aws:iam::123456789012:user/keytide is not authorized to perform: kms:Encrypt on \
             resource: arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert_eq!(guarded(said, &[&secret, &short]), said);
        }
    }

    #[test]
    fn words_that_may_hold_a_key_that_nobody_sent_are_withheld() {
        for key in [BASE64.encode(&[0xa7; 32]), HEXLOWER.encode(&[0xa7; 16])] {
            assert!(guarded(&format!("found {key}"), &[]).contains("withheld"), "{key}");
        }
    }
}
