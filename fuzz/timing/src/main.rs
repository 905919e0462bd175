//! Constant time, measured: `cargo run --release`. A |t| under 4.5 shows no difference between the
//! two classes; the controls, which differ on purpose, must be over 10 in the same run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hint::black_box;

use dudect_bencher::rand::RngExt;
use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};
use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, EncryptOptions, KeyAlgorithm, UnverifiedJwe,
    encrypt_compact,
};
use keytide_jose::jwt::{HeaderParams, NumericDate, Policy, Verifier, issue};
use keytide_jose::key::{KeySet, SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Limits, SystemRng};

const RUNS: usize = 100_000;

fn classes(rng: &mut BenchRng) -> Vec<Class> {
    (0..RUNS).map(|_| if rng.random::<bool>() { Class::Left } else { Class::Right }).collect()
}

fn hmac_key(alg: Algorithm) -> (VerifyingKey, Vec<u8>) {
    let key = SigningKey::generate(alg, None, &mut SystemRng).expect("a fresh secret");
    let tag = key.sign(b"message").expect("HMAC signs anything");
    (key.verifying_key(), tag)
}

/// A tag that is wrong in its first byte, and one that is wrong in its last.
fn mac_wrong_early_or_late(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, tag) = hmac_key(Algorithm::HS512);
    let (mut early, mut late) = (tag.clone(), tag);
    early.first_mut().into_iter().for_each(|byte| *byte ^= 1);
    late.last_mut().into_iter().for_each(|byte| *byte ^= 1);
    for class in classes(rng) {
        let tag = if matches!(class, Class::Left) { early.clone() } else { late.clone() };
        runner.run_one(class, || key.verify(black_box(b"message"), black_box(&tag)).is_ok());
    }
}

/// A whole token whose tag is wrong in its first character, and one where it is in one of the last.
fn token_wrong_early_or_late(runner: &mut CtRunner, rng: &mut BenchRng) {
    let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).expect("a secret");
    let claims = BTreeMap::from([("exp", 2_000_000_000)]);
    let token = issue(&key, &HeaderParams::default(), &claims).expect("claims are signed");
    let builder = Policy::builder().danger().any_issuer().no_audience().danger().any_typ();
    let verifier = Verifier::new(KeySet::new([key.verifying_key()]), builder.build());
    let now = NumericDate::from_secs(1_900_000_000);
    // One buffer for both, so that no difference of addresses is measured. The last character but
    // one: not every last one is canonical.
    let mut bytes = token.clone().into_bytes();
    let places = [token.len() - 43, token.len() - 2];
    for class in classes(rng) {
        let wrong = places[usize::from(matches!(class, Class::Right))];
        for place in places {
            let right = token.as_bytes()[place];
            let other = if right == b'A' { b'B' } else { b'A' };
            bytes[place] = if place == wrong { other } else { right };
        }
        let token = core::str::from_utf8(&bytes).expect("base64url");
        runner.run_one(class, || {
            verifier.verify::<BTreeMap<String, i64>>(black_box(token), now).is_ok()
        });
    }
}

/// A token whose encrypted key is damaged, and one whose tag is.
fn aes_key_wrap_key_or_tag_damaged(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, token) = encrypted(KeyAlgorithm::A256KW);
    decrypt_either(runner, rng, &key, &damaged(&token, 1), &damaged(&token, 4));
}

fn gcm_key_wrap_key_or_tag_damaged(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, token) = encrypted(KeyAlgorithm::A256GCMKW);
    decrypt_either(runner, rng, &key, &damaged(&token, 1), &damaged(&token, 4));
}

fn ecdh_key_or_tag_damaged(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, token) = encrypted(KeyAlgorithm::EcdhEsA256KW);
    decrypt_either(runner, rng, &key, &damaged(&token, 1), &damaged(&token, 4));
}

fn rsa_key_or_tag_damaged(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, token) = encrypted(KeyAlgorithm::RsaOaep256);
    decrypt_either(runner, rng, &key, &damaged(&token, 1), &damaged(&token, 4));
}

/// The control of decrypting: a damaged tag, and a token that is whole.
fn control_decrypts_one_of_two(runner: &mut CtRunner, rng: &mut BenchRng) {
    let (key, token) = encrypted(KeyAlgorithm::A256KW);
    decrypt_either(runner, rng, &key, &token, &damaged(&token, 4));
}

fn encrypted(alg: KeyAlgorithm) -> (DecryptionKey, String) {
    let enc = ContentAlgorithm::A256CbcHs512;
    let key = DecryptionKey::generate(alg, enc, &mut SystemRng).expect("a fresh key");
    let options = EncryptOptions::default();
    let token = encrypt_compact(&key.encryption_key(), &options, &[7; 64], &mut SystemRng)
        .expect("any plaintext is encrypted");
    (key, token)
}

/// The token with another first character in one segment.
fn damaged(token: &str, segment: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    if let Some(part) = parts.get_mut(segment) {
        let first = if part.starts_with('A') { "B" } else { "A" };
        part.replace_range(..1, first);
    }
    parts.join(".")
}

fn decrypt_either(
    runner: &mut CtRunner,
    rng: &mut BenchRng,
    key: &DecryptionKey,
    left: &str,
    right: &str,
) {
    for class in classes(rng) {
        let token = if matches!(class, Class::Left) { left } else { right };
        let read = UnverifiedJwe::parse(token, &Limits::default()).expect("well-formed");
        let read = Cell::new(Some(read));
        runner.run_one(class, || {
            read.take().map(|token| token.decrypt(key, &DecryptOptions::default()).is_ok())
        });
    }
}

/// The control: a comparison that stops at the first difference.
fn control_that_leaks(runner: &mut CtRunner, rng: &mut BenchRng) {
    let secret = vec![7_u8; 4096];
    let (mut early, mut late) = (secret.clone(), secret.clone());
    early.first_mut().into_iter().for_each(|byte| *byte ^= 1);
    late.last_mut().into_iter().for_each(|byte| *byte ^= 1);
    for class in classes(rng) {
        let guess = if matches!(class, Class::Left) { early.clone() } else { late.clone() };
        runner.run_one(class, || {
            black_box(&secret).iter().zip(black_box(&guess)).all(|(ours, theirs)| ours == theirs)
        });
    }
}

ctbench_main!(
    mac_wrong_early_or_late,
    token_wrong_early_or_late,
    aes_key_wrap_key_or_tag_damaged,
    gcm_key_wrap_key_or_tag_damaged,
    ecdh_key_or_tag_damaged,
    rsa_key_or_tag_damaged,
    control_decrypts_one_of_two,
    control_that_leaks
);
