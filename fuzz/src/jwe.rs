//! An encrypted token from a stranger, read and decrypted; a DEFLATE stream from whoever has the
//! key; and a plaintext of their own, there and back.

use std::sync::LazyLock;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, EncryptOptions, KeyAlgorithm, UnverifiedJwe,
    encrypt_compact,
};
use keytide_jose::jwk::PrivateJwk;
use keytide_jose::{Limits, SystemRng};
use serde_json::Value;

/// What every seed holds that is encrypted to one of [`KEYS`].
pub const PLAINTEXT: &str = "The true sign of intelligence is not knowledge but imagination.";

/// Runs it on one input. No token begins with the two bytes that ask for something else.
pub fn run(bytes: &[u8]) {
    match bytes {
        [0, compressed @ ..] => decompress(compressed),
        [1, plaintext @ ..] => there_and_back(plaintext),
        _ => decrypt(bytes),
    }
}

/// Whatever decrypts is what was encrypted.
fn decrypt(bytes: &[u8]) {
    // RFC 7518 §4.8.1.2: the smallest count there is; more of them finds no more.
    let mut limits = Limits::default();
    limits.pbes2_count = 1000;
    let mut options = DecryptOptions::default();
    options.zip = true;
    options.pbes2 = true;
    let tokens = [
        UnverifiedJwe::parse_json(bytes, &limits).ok(),
        core::str::from_utf8(bytes).ok().and_then(|text| UnverifiedJwe::parse(text, &limits).ok()),
    ];
    for token in tokens.into_iter().flatten() {
        if let Ok(decrypted) = token.decrypt_any(KEYS.iter(), &options) {
            assert_eq!(decrypted.plaintext(), PLAINTEXT.as_bytes(), "a forged token");
            let _ = decrypted.nested(&limits);
        }
    }
}

/// Any stream is decompressed up to the limit or refused.
fn decompress(compressed: &[u8]) {
    const HEADER: &str = r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#;
    let mut limits = Limits::default();
    limits.decompressed = 4096;
    let encode = |bytes: &[u8]| base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
    let aad = encode(HEADER.as_bytes());
    let key = UnboundKey::new(&AES_128_GCM, &SECRET).expect("16 bytes");
    let mut ciphertext = compressed.to_vec();
    let tag = LessSafeKey::new(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key([0; 12]),
            Aad::from(aad.as_bytes()),
            &mut ciphertext,
        )
        .expect("any plaintext is encrypted");
    let token =
        format!("{aad}..{}.{}.{}", encode(&[0; 12]), encode(&ciphertext), encode(tag.as_ref()));
    let mut options = DecryptOptions::default();
    options.zip = true;
    let Ok(token) = UnverifiedJwe::parse(&token, &limits) else { return };
    match token.decrypt_any(KEYS.iter(), &options) {
        Ok(decrypted) => assert!(decrypted.plaintext().len() <= limits.decompressed),
        Err(error) => assert!(matches!(error.code(), "too_large" | "malformed_payload")),
    }
}

fn there_and_back(plaintext: &[u8]) {
    let Some(key) = KEYS.first() else { return };
    let mut encrypt = EncryptOptions::default();
    encrypt.zip = true;
    let token = encrypt_compact(&key.encryption_key(), &encrypt, plaintext, &mut SystemRng)
        .expect("any plaintext is encrypted");
    let mut options = DecryptOptions::default();
    options.zip = true;
    if let Ok(token) = UnverifiedJwe::parse(&token, &Limits::default()) {
        let decrypted = token.decrypt(key, &options).expect("a token of our own");
        assert_eq!(decrypted.plaintext(), plaintext);
    }
}

const SECRET: [u8; 16] = *b"sixteen secrets!";

/// One key a family, the cheap ones first.
pub static KEYS: LazyLock<Vec<DecryptionKey>> = LazyLock::new(|| {
    let secret = |alg, enc| DecryptionKey::from_secret(alg, enc, &SECRET).expect("16 bytes");
    let jwk = |alg, enc, json: &str| {
        let jwk = PrivateJwk::parse_for_encryption(json.as_bytes()).expect("an example");
        DecryptionKey::from_jwk(&jwk, Some(alg), enc).expect("an example")
    };
    let examples: Value = serde_json::from_str(EXAMPLES).expect("a file of the project");
    vec![
        secret(KeyAlgorithm::Dir, ContentAlgorithm::A128GCM),
        secret(KeyAlgorithm::A128KW, ContentAlgorithm::A128CbcHs256),
        secret(KeyAlgorithm::A128GCMKW, ContentAlgorithm::A256CbcHs512),
        jwk(KeyAlgorithm::EcdhEs, ContentAlgorithm::A192GCM, P256),
        jwk(KeyAlgorithm::EcdhEsA256KW, ContentAlgorithm::A192CbcHs384, X25519),
        DecryptionKey::from_password(
            KeyAlgorithm::Pbes2Hs256A128KW,
            ContentAlgorithm::A128GCM,
            &SECRET,
        )
        .expect("a password"),
        jwk(
            KeyAlgorithm::RsaOaep,
            ContentAlgorithm::A256GCM,
            &examples["examples"][0]["key"].to_string(),
        ),
    ]
});

const EXAMPLES: &str = include_str!("../../vectors/rfc/jwe.json");

/// RFC 7518 appendix C.
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;

/// RFC 7748 §6.1.
const X25519: &str = r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08","d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"}"#;
