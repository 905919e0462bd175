//! An encrypted token from a stranger: read and decrypted, and a plaintext of their own compressed.
#![no_main]

use std::sync::LazyLock;

use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, EncryptOptions, KeyAlgorithm, UnverifiedJwe,
    encrypt_compact,
};
use keytide_jose::{Limits, SystemRng};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<Vec<DecryptionKey>> = LazyLock::new(|| {
    let enc = ContentAlgorithm::A128GCM;
    [KeyAlgorithm::Dir, KeyAlgorithm::A128KW, KeyAlgorithm::A128GCMKW, KeyAlgorithm::EcdhEs]
        .into_iter()
        .map(|alg| DecryptionKey::generate(alg, enc, &mut SystemRng).expect("a fresh key"))
        .collect()
});

fuzz_target!(|bytes: &[u8]| {
    // PBES2 is left off: its work is bounded, but not small.
    let mut options = DecryptOptions::default();
    options.zip = true;
    let limits = Limits::default();
    if let Ok(token) = UnverifiedJwe::parse_json(bytes, &limits) {
        assert!(token.decrypt_any(KEYS.iter(), &options).is_err(), "a forged token");
    }
    if let Ok(text) = core::str::from_utf8(bytes)
        && let Ok(token) = UnverifiedJwe::parse(text, &limits)
    {
        assert!(token.decrypt_any(KEYS.iter(), &options).is_err(), "a forged token");
    }
    if let Some(key) = KEYS.first() {
        let mut encrypt = EncryptOptions::default();
        encrypt.zip = true;
        let token = encrypt_compact(&key.encryption_key(), &encrypt, bytes, &mut SystemRng)
            .expect("any plaintext is encrypted");
        if let Ok(token) = UnverifiedJwe::parse(&token, &limits) {
            let plain = token.decrypt(key, &options).expect("a token of our own");
            assert_eq!(plain.plaintext(), bytes);
        }
    }
});
