//! What may serve as an HMAC secret: nothing that is the text or DER of another kind of key.

use zeroize::Zeroizing;

use super::{der, material};
use crate::{Algorithm, Error, Limits, Result, base64url, json};

/// Refuses a secret that is too weak for `alg`, or is a key in another form given by mistake: such
/// a text is often public, and whoever has it could sign.
pub(crate) fn check(alg: Algorithm, secret: &[u8]) -> Result<()> {
    check_form(alg, secret)?;
    material::check_secret(alg, secret)
}

/// The same for one that may be weak, but not empty.
pub(crate) fn check_form(alg: Algorithm, secret: &[u8]) -> Result<()> {
    if !alg.is_symmetric() {
        return Err(material::cannot_serve("a secret", alg));
    }
    refuse_other_key(secret)?;
    if secret.is_empty() { Err(Error::WeakKey("the secret is empty".into())) } else { Ok(()) }
}

/// Refuses bytes that are another kind of key in any of its usual forms.
pub(crate) fn refuse_other_key(secret: &[u8]) -> Result<()> {
    match form_of_other_key(secret) {
        Some(form) => Err(Error::InvalidKey(format!("the secret is {form}, not a secret"))),
        None => Ok(()),
    }
}

fn form_of_other_key(bytes: &[u8]) -> Option<&'static str> {
    const SSH: [&str; 6] =
        ["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-"];
    if holds_ignoring_case(bytes, b"-----begin ") {
        return Some("a PEM text");
    }
    if der::any(bytes).is_ok() {
        return Some("a key in DER");
    }
    let text = core::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim();
    if SSH.iter().any(|prefix| text.starts_with(prefix)) {
        return Some("an SSH key");
    }
    if is_jwk_text(text) {
        return Some("the text of a JWK");
    }
    if is_der_in_base64(text) {
        return Some("a key in DER, written in base64");
    }
    None
}

fn holds_ignoring_case(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

fn is_jwk_text(text: &str) -> bool {
    let limits = Limits::default();
    if text.starts_with('[') {
        return json::check(text.as_bytes(), &limits).is_ok() && text.contains("\"kty\"");
    }
    json::Object::parse(text.as_bytes(), &limits)
        .is_ok_and(|object| object.get("kty").is_some() || object.get("keys").is_some())
}

fn is_der_in_base64(text: &str) -> bool {
    // Wiped, for most texts that come here are real secrets.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(
        text.chars().filter(|character| !character.is_ascii_whitespace() && *character != '=').map(
            |character| match character {
                '+' => '-',
                '/' => '_',
                other => other,
            },
        ),
    );
    base64url::decode(&plain).map(Zeroizing::new).is_some_and(|bytes| der::any(&bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;
    use crate::key::SigningKey;

    #[test]
    fn a_public_key_in_any_form_is_no_secret() {
        let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
        let verifying = key.verifying_key();
        let pem = verifying.to_spki_pem().unwrap();
        let der = verifying.to_spki_der().unwrap();
        let jwk = serde_json::to_string(&key.public_jwk().unwrap()).unwrap();
        // Standard base64 with padding, in lines as `openssl base64` writes it.
        let wrapped: Vec<String> = base64url::encode(&der)
            .replace('-', "+")
            .replace('_', "/")
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        let forms: [Vec<u8>; 10] = [
            format!("{}==\n", wrapped.join("\n")).into_bytes(),
            format!("{{\"keys\":[{jwk}]}}").into_bytes(),
            format!(" {jwk}\r\n").into_bytes(),
            pem.clone().into_bytes(),
            format!("\u{feff}\t{}", pem.to_lowercase()).into_bytes(),
            base64url::encode(&der).into_bytes(),
            der,
            jwk.clone().into_bytes(),
            format!("[{jwk}]").into_bytes(),
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpoRtEk6Tn9NG5ogQgVLXuCiHgH9Fn5UIAWKOanF+ec"
                .to_vec(),
        ];
        for form in forms {
            assert_eq!(check(Algorithm::HS256, &form).unwrap_err().code(), "invalid_key");
        }
    }

    #[test]
    fn texts_that_only_remind_of_a_key_are_secrets() {
        let long = "0123456789abcdefghijklmnopqrstuv";
        for secret in [
            format!("[\"{long}\"]"),
            format!("{{\"a\":\"{long}\"}}"),
            format!("[\"kty\", {long}"),
            format!("begin {long}"),
            format!("not ssh-rsa {long}"),
            "TWFueSBzZWNyZXRzIGFyZSB3cml0dGVuIGluIGJhc2U2NA==".to_owned(),
        ] {
            check(Algorithm::HS256, secret.as_bytes()).unwrap();
        }
    }

    #[test]
    fn short_and_uniform_secrets_are_weak() {
        for secret in [&b""[..], &[1; 31], &[0; 32], &[7; 64]] {
            assert_eq!(check(Algorithm::HS256, secret).unwrap_err().code(), "weak_key");
        }
        let secret: Vec<u8> = (0..32).collect();
        check(Algorithm::HS256, &secret).unwrap();
        assert_eq!(check(Algorithm::HS384, &secret).unwrap_err().code(), "weak_key");
    }
}
