//! How random bytes are written as text: base64url, base64, hex.

use keytide_jose::Secret;

const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// base64url without padding (RFC 4648 §5).
pub(crate) fn base64url(bytes: &[u8]) -> String {
    encode(bytes, ['-', '_'])
}

/// base64 with padding (RFC 4648 §4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = encode(bytes, ['+', '/']);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Six bits a character, without padding; the alphabets differ in their last two characters.
fn encode(bytes: &[u8], last: [char; 2]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=group.len() {
            let digit = (bits >> (18 - 6 * place) & 63) as usize;
            text.push(DIGITS.get(digit).map_or_else(|| last[digit - 62], |c| char::from(*c)));
        }
    }
    text
}

/// Lowercase hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// A secret that was written as text in a file: one newline at its end is the editor's, not the
/// secret's. Bytes that are no text are taken as they are.
pub(crate) fn without_final_newline(secret: Secret) -> Secret {
    let bytes = secret.expose();
    let text = match bytes {
        [text @ .., b'\r', b'\n'] | [text @ .., b'\n'] => text,
        _ => return secret,
    };
    let is_text = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if is_text { Secret::new(text.to_vec()) } else { secret }
}

#[cfg(test)]
mod tests {
    use keytide_jose::Algorithm;
    use keytide_jose::jwk::PrivateJwk;
    use keytide_jose::key::SigningKey;

    use super::*;

    #[test]
    fn base64url_reads_back_as_a_jwk_s_secret() {
        let bytes: Vec<u8> = (0..=255).collect();
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url(&bytes));
        let jwk = PrivateJwk::parse(jwk.as_bytes()).unwrap();
        let key = SigningKey::from_jwk(&jwk, Some(Algorithm::HS256)).unwrap();
        assert_eq!(key.export().unwrap().expose(), bytes);
    }

    #[test]
    fn base64_is_padded_and_has_its_own_alphabet() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
        assert_eq!(base64(&[0xfb]), "+w==");
        assert_eq!(base64(b"abc"), "YWJj");
        assert_eq!(hex(&[0, 0xff]), "00ff");
    }

    #[test]
    fn only_a_text_loses_its_final_newline() {
        let trimmed =
            |bytes: &[u8]| without_final_newline(Secret::new(bytes.to_vec())).expose().to_vec();
        assert_eq!(trimmed(b"secret\n"), b"secret");
        assert_eq!(trimmed(b"secret\r\n"), b"secret");
        assert_eq!(trimmed(b"secret\n\n"), b"secret\n\n", "a newline within is not a file's end");
        assert_eq!(trimmed(b"\x80\xffsecret\n"), b"\x80\xffsecret\n");
    }
}
