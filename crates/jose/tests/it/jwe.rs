//! Encrypted tokens: every pair of algorithms there and back, and what each kind of damage is called.

use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, Decrypted, DecryptionKey, EncryptOptions, EncryptionKey,
    KeyAlgorithm, UnverifiedJwe, encrypt_compact, encrypt_flattened, encrypt_general,
    encrypt_nested,
};
use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Error, Limits, Result, SystemRng, jws, jwt};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::vectors;

fn key(alg: KeyAlgorithm, enc: ContentAlgorithm) -> DecryptionKey {
    if alg.as_str().starts_with("PBES2") {
        return DecryptionKey::from_password(alg, enc, b"correct horse battery staple").unwrap();
    }
    DecryptionKey::generate(alg, enc, &mut SystemRng).unwrap()
}

fn quick() -> EncryptOptions {
    let mut options = EncryptOptions::default();
    options.pbes2_count = 1000.try_into().unwrap();
    options
}

fn everything() -> DecryptOptions {
    let mut options = DecryptOptions::default();
    options.pbes2 = true;
    options.zip = true;
    options
}

fn decrypt(token: &str, key: &DecryptionKey) -> Result<Decrypted> {
    UnverifiedJwe::parse(token, &Limits::default())?.decrypt(key, &everything())
}

fn code<T>(result: Result<T>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

#[test]
fn every_pair_of_algorithms_decrypts_what_it_encrypted_in_each_serialisation() {
    for alg in KeyAlgorithm::ALL {
        // Prepared once; RSA keys are slow to make.
        let first = key(*alg, ContentAlgorithm::A256GCM);
        for enc in ContentAlgorithm::ALL {
            let own = match first.for_content_algorithm(*enc) {
                Ok(same) => same,
                Err(_) => key(*alg, *enc),
            };
            let to = own.encryption_key();
            let compact = encrypt_compact(&to, &quick(), b"plaintext", &mut SystemRng).unwrap();
            assert_eq!(decrypt(&compact, &own).unwrap().plaintext(), b"plaintext", "{alg} {enc}");

            let mut options = quick();
            options.aad = Some(b"in clear".to_vec());
            options.zip = true;
            let flat = encrypt_flattened(&to, &options, b"plaintext", &mut SystemRng).unwrap();
            let general = encrypt_general(&[&to], &options, b"plaintext", &mut SystemRng).unwrap();
            for text in [flat, general] {
                let read = |text: &str| {
                    UnverifiedJwe::parse_json(text.as_bytes(), &Limits::default())
                        .unwrap()
                        .decrypt(&own, &everything())
                };
                assert_eq!(read(&text).unwrap().plaintext(), b"plaintext", "{alg} {enc}");
                let altered = text.replace("aW4gY2xlYXI", "aW4gY2xlYVI");
                assert_eq!(code(read(&altered)), "jwe_decrypt", "{alg} {enc}");
            }
        }
    }
}

#[test]
fn several_recipients_read_the_same_plaintext_each_with_a_key_of_their_own() {
    let enc = ContentAlgorithm::A128CbcHs256;
    let keys = [KeyAlgorithm::A128KW, KeyAlgorithm::EcdhEsA256KW, KeyAlgorithm::RsaOaep256]
        .map(|alg| key(alg, enc));
    let to: Vec<EncryptionKey> = keys.iter().map(DecryptionKey::encryption_key).collect();
    let to: Vec<&EncryptionKey> = to.iter().collect();
    let text = encrypt_general(&to, &quick(), b"to all", &mut SystemRng).unwrap();
    for key in &keys {
        let read = UnverifiedJwe::parse_json(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.decrypt(key, &everything()).unwrap().plaintext(), b"to all");
    }
    let stranger = key(KeyAlgorithm::A128KW, enc);
    let read = UnverifiedJwe::parse_json(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(code(read.decrypt(&stranger, &everything())), "unknown_kid");

    let direct = key(KeyAlgorithm::Dir, enc).encryption_key();
    let mixed = encrypt_general(&[&direct, to[0]], &quick(), b"", &mut SystemRng);
    assert_eq!(code(mixed), "key_alg_mismatch");
    assert_eq!(code(encrypt_general(&[], &quick(), b"", &mut SystemRng)), "key_alg_mismatch");
}

#[test]
fn every_failure_to_decrypt_has_one_and_the_same_message() {
    for alg in KeyAlgorithm::ALL {
        for enc in [ContentAlgorithm::A128GCM, ContentAlgorithm::A128CbcHs256] {
            let own = key(*alg, enc);
            let token = encrypt_compact(&own.encryption_key(), &quick(), b"secret", &mut SystemRng)
                .unwrap();
            let parts: Vec<&str> = token.split('.').collect();
            for (at, part) in parts.iter().enumerate().skip(1) {
                if part.is_empty() {
                    continue;
                }
                let mut bytes = vectors::unbase64url(part);
                let with = |bytes: &[u8]| {
                    let changed = vectors::base64url(bytes);
                    let mut parts = parts.clone();
                    parts[at] = &changed;
                    parts.join(".")
                };
                let longer = with(&[&bytes[..], &[0]].concat());
                let shorter = with(&bytes[..bytes.len() - 1]);
                let none = with(&[]);
                bytes[0] ^= 1;
                for token in [with(&bytes), longer, shorter, none] {
                    let error = decrypt(&token, &own).unwrap_err();
                    assert_eq!(error, Error::Undecryptable, "{alg} {enc} segment {at}");
                }
            }
        }
    }
}

#[test]
fn what_the_recipient_did_not_allow_is_refused_by_name() {
    let enc = ContentAlgorithm::A128GCM;
    let strict = |token: &str, key: &DecryptionKey| {
        code(
            UnverifiedJwe::parse(token, &Limits::default())
                .and_then(|token| token.decrypt(key, &DecryptOptions::default())),
        )
    };
    let own = key(KeyAlgorithm::A128KW, enc);
    let mut options = quick();
    options.zip = true;
    let zipped = encrypt_compact(&own.encryption_key(), &options, b"x", &mut SystemRng).unwrap();
    assert_eq!(strict(&zipped, &own), "zip_forbidden");

    let password = key(KeyAlgorithm::Pbes2Hs256A128KW, enc);
    let to = password.encryption_key();
    let token = encrypt_compact(&to, &quick(), b"x", &mut SystemRng).unwrap();
    assert_eq!(strict(&token, &password), "alg_not_allowed");

    let mut limits = Limits::default();
    limits.pbes2_count = 999;
    let read = UnverifiedJwe::parse(&token, &limits).unwrap();
    assert_eq!(
        read.decrypt(&password, &everything()).unwrap_err(),
        Error::TooLarge { limit: "pbes2_count", max: 999 }
    );
    let mut limits = Limits::default();
    limits.pbes2_count = 1999;
    let twice = encrypt_general(&[&to, &to], &quick(), b"x", &mut SystemRng).unwrap();
    let read = UnverifiedJwe::parse_json(twice.as_bytes(), &limits).unwrap();
    assert_eq!(
        read.decrypt(&password, &everything()).unwrap_err(),
        Error::TooLarge { limit: "pbes2_count", max: 1999 }
    );
    let mut few = quick();
    few.pbes2_count = 999.try_into().unwrap();
    assert_eq!(code(encrypt_compact(&to, &few, b"x", &mut SystemRng)), "jwe_param");
}

#[test]
fn a_plaintext_that_grows_beyond_the_limit_is_refused() {
    let own = key(KeyAlgorithm::Dir, ContentAlgorithm::A256GCM);
    let mut options = quick();
    options.zip = true;
    let bomb = vec![0; 300 * 1024];
    let token = encrypt_compact(&own.encryption_key(), &options, &bomb, &mut SystemRng).unwrap();
    assert_eq!(
        decrypt(&token, &own).unwrap_err(),
        Error::TooLarge { limit: "decompressed", max: 256 * 1024 }
    );
}

#[test]
fn a_key_serves_its_own_algorithms_and_name_alone() {
    let own = key(KeyAlgorithm::A256KW, ContentAlgorithm::A256GCM);
    let token = encrypt_compact(&own.encryption_key(), &quick(), b"x", &mut SystemRng).unwrap();
    let other_enc = own.for_content_algorithm(ContentAlgorithm::A128GCM).unwrap();
    assert_eq!(code(decrypt(&token, &other_enc)), "key_alg_mismatch");
    let renamed = key(KeyAlgorithm::A256KW, ContentAlgorithm::A256GCM);
    assert_eq!(code(decrypt(&token, &renamed)), "unknown_kid");
    let impostor = renamed.with_key_id(own.key_id().unwrap().clone());
    assert_eq!(code(decrypt(&token, &impostor)), "jwe_decrypt");
    let direct = key(KeyAlgorithm::Dir, ContentAlgorithm::A128GCM);
    assert_eq!(code(direct.for_content_algorithm(ContentAlgorithm::A256GCM)), "invalid_key");
}

#[test]
fn a_key_to_sign_with_does_not_decrypt_nor_the_reverse() {
    let enc = ContentAlgorithm::A128GCM;
    let signing = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
    let jwk = signing.to_private_jwk();
    assert_eq!(
        code(DecryptionKey::from_jwk(&jwk, Some(KeyAlgorithm::EcdhEs), enc)),
        "key_alg_mismatch"
    );
    let public = signing.public_jwk().unwrap();
    assert_eq!(
        code(EncryptionKey::from_jwk(&public, Some(KeyAlgorithm::EcdhEs), enc)),
        "key_alg_mismatch"
    );
    let decrypting = key(KeyAlgorithm::EcdhEs, enc).to_private_jwk().unwrap();
    assert_eq!(code(SigningKey::from_jwk(&decrypting, Some(Algorithm::ES256))), "key_alg_mismatch");

    let ed = SigningKey::generate(Algorithm::EdDSA, None, &mut SystemRng).unwrap();
    let pem = ed.to_pkcs8_pem().unwrap();
    for alg in [KeyAlgorithm::EcdhEs, KeyAlgorithm::RsaOaep, KeyAlgorithm::A128KW] {
        assert_eq!(code(DecryptionKey::from_pem(alg, enc, pem.expose())), "key_alg_mismatch");
    }
}

#[test]
fn keys_survive_their_formats() {
    let enc = ContentAlgorithm::A256GCM;
    for alg in KeyAlgorithm::ALL {
        let own = key(*alg, enc);
        let Some(jwk) = own.to_private_jwk() else { continue };
        let text = jwk.expose_json();
        let read = PrivateJwk::parse_for_encryption(text.expose()).unwrap();
        let again = DecryptionKey::from_jwk(&read, None, enc).unwrap();
        assert_eq!(again.key_id(), own.key_id());
        let to = match own.encryption_key().public_jwk() {
            Some(public) => {
                let public = PublicJwk::parse(public.to_string().as_bytes()).unwrap();
                assert_eq!(public.key_use(), Some("enc"));
                EncryptionKey::from_jwk(&public, None, enc).unwrap()
            }
            None => own.encryption_key(),
        };
        let token = encrypt_compact(&to, &quick(), b"x", &mut SystemRng).unwrap();
        assert_eq!(decrypt(&token, &again).unwrap().plaintext(), b"x", "{alg}");
        assert!(!format!("{own:?}{to:?}").contains("material"));
    }
}

/// RFC 8037 appendix A.6, as a recipient.
const X25519: &str =
    r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;

#[test]
fn x25519_keys_agree_and_points_of_small_order_do_not() {
    let enc = ContentAlgorithm::A128GCM;
    let alg = Some(KeyAlgorithm::EcdhEsA128KW);
    let public = PublicJwk::parse(X25519.as_bytes()).unwrap();
    assert_eq!(public.key_type(), "OKP");
    let to = EncryptionKey::from_jwk(&public, alg, enc).unwrap();
    assert!(encrypt_compact(&to, &quick(), b"x", &mut SystemRng).is_ok());
    for x in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let small = json!({"kty": "OKP", "crv": "X25519", "x": vectors::base64url(&x)});
        let small = PublicJwk::parse(small.to_string().as_bytes()).unwrap();
        let to = EncryptionKey::from_jwk(&small, alg, enc).unwrap();
        assert_eq!(code(encrypt_compact(&to, &quick(), b"x", &mut SystemRng)), "invalid_key");
    }
}

#[test]
fn what_comes_out_becomes_claims_by_a_signature_inside_alone() {
    let enc = ContentAlgorithm::A256GCM;
    let own = key(KeyAlgorithm::RsaOaep256, enc);
    let signer = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    let claims = json!({"sub": "alice"});
    let claims = claims.as_object().unwrap();
    let signed = jwt::issue(&signer, &jwt::HeaderParams::default(), claims).unwrap();
    let token = encrypt_nested(&own.encryption_key(), &signed, &mut SystemRng).unwrap();
    let decrypted = decrypt(&token, &own).unwrap();
    let inner = decrypted.nested(&Limits::default()).unwrap();
    assert!(inner.verify(&signer.verifying_key()).is_ok());

    let to = own.encryption_key();
    let plain = encrypt_compact(&to, &quick(), b"{\"sub\":\"root\"}", &mut SystemRng).unwrap();
    let decrypted = decrypt(&plain, &own).unwrap();
    assert_eq!(code(decrypted.nested(&Limits::default())), "nested_required");
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    let token = encrypt_nested(&to, unsigned, &mut SystemRng).unwrap();
    let decrypted = decrypt(&token, &own).unwrap();
    assert_eq!(code(decrypted.nested(&Limits::default())), "alg_not_allowed");
    assert!(!format!("{decrypted:?}").contains("e30"));
}

#[test]
fn the_key_and_the_library_decide_the_header_and_no_one_else() {
    let own = key(KeyAlgorithm::A128KW, ContentAlgorithm::A128GCM).encryption_key();
    for name in ["alg", "enc", "kid", "zip", "crit", "epk", "iv", "tag", "p2c", "p2s", "jku", "jwk"]
    {
        let mut options = quick();
        options.protected.insert(name.into(), "x".into());
        let error = encrypt_compact(&own, &options, b"", &mut SystemRng).unwrap_err();
        assert_eq!(error, Error::ReservedHeader { name: name.into() });
    }
    let mut options = quick();
    options.aad = Some(Vec::new());
    assert_eq!(code(encrypt_compact(&own, &options, b"", &mut SystemRng)), "reserved_header");
}

#[test]
fn headers_that_break_their_rules_are_refused() {
    let own = key(KeyAlgorithm::Dir, ContentAlgorithm::A128GCM);
    let parse = |header: Value| {
        let header = vectors::base64url(header.to_string().as_bytes());
        let token = format!("{header}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA");
        code(decrypt(&token, &own))
    };
    for (header, expected) in [
        (json!({"alg": "dir", "enc": "A128GCM"}), "jwe_decrypt"),
        (json!({"alg": "dir"}), "malformed_header"),
        (json!({"enc": "A128GCM"}), "malformed_header"),
        (json!({"alg": "RSA1_5", "enc": "A128GCM"}), "alg_not_allowed"),
        (json!({"alg": "dir", "enc": "A128CTR"}), "alg_not_allowed"),
        (json!({"alg": "dir", "enc": "A128GCM", "zip": "GZ"}), "jwe_param"),
        (json!({"alg": "dir", "enc": "A128GCM", "crit": ["b64"], "b64": true}), "crit_unsupported"),
        (json!({"alg": "dir", "enc": "A128GCM", "crit": ["zip"], "zip": "DEF"}), "crit_malformed"),
        (
            json!({"alg": "dir", "enc": "A128GCM", "jwk": {"kty": "oct", "k": "AA"}}),
            "malformed_header",
        ),
        (json!({"alg": "ECDH-ES", "enc": "A128GCM"}), "jwe_param"),
        (json!({"alg": "ECDH-ES", "enc": "A128GCM", "epk": 1}), "jwe_param"),
        (json!({"alg": "A128GCMKW", "enc": "A128GCM", "iv": "AAAAAAAAAAAAAAAA"}), "jwe_param"),
        (json!({"alg": "A128GCMKW", "enc": "A128GCM", "iv": "!", "tag": "AA"}), "jwe_param"),
    ] {
        assert_eq!(parse(header.clone()), expected, "{header}");
    }
    let private_epk = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
    let jwk = private_epk.to_private_jwk().expose_json();
    let epk: Value = serde_json::from_slice(jwk.expose()).unwrap();
    assert_eq!(parse(json!({"alg": "ECDH-ES", "enc": "A128GCM", "epk": epk})), "jwe_param");
}

#[test]
fn a_json_serialisation_that_mixes_or_doubles_its_parts_is_refused() {
    let limits = Limits::default();
    let parse =
        |value: Value| code(UnverifiedJwe::parse_json(value.to_string().as_bytes(), &limits));
    let header = vectors::base64url(br#"{"alg":"dir","enc":"A128GCM"}"#);
    for (value, expected) in [
        (json!({"protected": header, "ciphertext": "AA"}), "accepted"),
        (json!({"protected": "", "ciphertext": "AA"}), "malformed_token"),
        (json!({"protected": header, "header": {"alg": "dir"}}), "malformed_header"),
        (json!({"protected": header, "unprotected": {"zip": "DEF"}}), "malformed_header"),
        (json!({"protected": header, "unprotected": {"crit": ["x"], "x": 1}}), "crit_malformed"),
        (json!({"protected": header, "recipients": []}), "malformed_token"),
        (json!({"protected": header, "recipients": [{}], "header": {}}), "malformed_token"),
        (json!({"protected": header, "recipients": [1]}), "malformed_token"),
        (json!({"protected": header, "recipients": vec![json!({}); 17]}), "too_large"),
        (json!({"protected": header, "aad": "!"}), "malformed_token"),
    ] {
        assert_eq!(parse(value.clone()), expected, "{value}");
    }
    let differ = json!({"recipients": [
        {"header": {"alg": "dir", "enc": "A128GCM"}}, {"header": {"alg": "dir", "enc": "A256GCM"}}
    ]});
    assert_eq!(parse(differ), "malformed_token");
}

#[test]
fn signed_content_keeps_what_its_signature_covers() {
    let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
    let other = SigningKey::generate(Algorithm::EdDSA, None, &mut SystemRng).unwrap();
    let limits = Limits::default();
    let mut options = jws::ContentOptions::default();
    options.unprotected.insert("typ".into(), "JWT".into());
    let text = jws::sign_general(&[(&key, &options), (&other, &options)], b"content").unwrap();
    for key in [&key, &other] {
        let read = jws::UnverifiedContent::parse_json(text.as_bytes(), &limits).unwrap();
        let content = read.verify(&key.verifying_key()).unwrap();
        assert_eq!(content.payload(), b"content");
        // Anybody could have written it.
        assert_eq!(content.header().typ(), None);
        assert_eq!(content.unprotected_header()["typ"], "JWT");
        assert_eq!(content.key_id(), key.key_id());
    }
    for (detached, unencoded) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut options = jws::ContentOptions::default();
        options.detached = detached;
        options.unencoded = unencoded;
        let text = jws::sign_flattened(&key, &options, b"$.02").unwrap();
        let read = |payload: &[u8]| {
            let read = if detached {
                jws::UnverifiedContent::parse_json_detached(text.as_bytes(), payload, &limits)
            } else {
                jws::UnverifiedContent::parse_json(text.as_bytes(), &limits)
            };
            read.and_then(|content| content.verify(&key.verifying_key()))
        };
        assert_eq!(read(b"$.02").unwrap().payload(), b"$.02");
        if detached {
            assert_eq!(code(read(b"$.03")), "bad_signature");
            let attached = jws::UnverifiedContent::parse_json(text.as_bytes(), &limits);
            assert_eq!(code(attached), "malformed_token");
        }
        let compact = jws::sign_detached(&key, &options, b"$.02").unwrap();
        let content = jws::UnverifiedContent::parse_detached(&compact, b"$.02", &limits).unwrap();
        assert!(content.verify(&key.verifying_key()).is_ok());
        // What has no encoded payload is no JWT.
        let as_token = jws::Unverified::parse(&compact, &limits)
            .and_then(|token| token.verify(&key.verifying_key()));
        let expected = if unencoded { "b64_forbidden" } else { "bad_signature" };
        assert_eq!(code(as_token), expected);
    }
}

#[test]
fn b64_that_crit_does_not_name_or_signatures_that_differ_in_it_are_refused() {
    let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
    let header = vectors::base64url(br#"{"alg":"HS256","b64":false}"#);
    let limits = Limits::default();
    let token = format!("{header}.a.AA");
    let read = jws::UnverifiedContent::parse_compact(&token, &limits);
    assert_eq!(code(read), "crit_malformed");
    let mut unencoded = jws::ContentOptions::default();
    unencoded.unencoded = true;
    let encoded = jws::ContentOptions::default();
    let mixed = jws::sign_general(&[(&key, &unencoded), (&key, &encoded)], b"a");
    assert_eq!(code(mixed), "malformed_payload");
    let one = |options| -> Value {
        serde_json::from_str(&jws::sign_flattened(&key, options, b"a").unwrap()).unwrap()
    };
    let mut entries = [one(&unencoded), one(&encoded)];
    for entry in &mut entries {
        entry.as_object_mut().unwrap().remove("payload");
    }
    let text = json!({"payload": "a", "signatures": entries}).to_string();
    let read = jws::UnverifiedContent::parse_json(text.as_bytes(), &limits);
    assert_eq!(code(read), "malformed_token");
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_of_encrypted_or_signed_content_panic(
        text in ".{0,200}",
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let limits = Limits::default();
        let _ = UnverifiedJwe::parse(&text, &limits);
        let _ = UnverifiedJwe::parse_json(&bytes, &limits);
        let _ = UnverifiedJwe::parse_json(text.as_bytes(), &limits);
        let _ = jws::UnverifiedContent::parse_json(&bytes, &limits);
        let _ = jws::UnverifiedContent::parse_compact(&text, &limits);
        let _ = jws::UnverifiedContent::parse_detached(&text, &bytes, &limits);
    }

    #[test]
    fn any_one_changed_character_stops_a_token_from_decrypting(at in any::<prop::sample::Index>(), bit in 0..6_u8) {
        use std::sync::LazyLock;
        static TOKEN: LazyLock<(DecryptionKey, String)> = LazyLock::new(|| {
            let own = key(KeyAlgorithm::A256GCMKW, ContentAlgorithm::A256CbcHs512);
            let token = encrypt_compact(&own.encryption_key(), &quick(), b"secret", &mut SystemRng).unwrap();
            (own, token)
        });
        let (own, token) = &*TOKEN;
        let at = at.index(token.len());
        let mut bytes = token.clone().into_bytes();
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(decrypt(&changed, own).is_err(), "{}", changed);
        }
    }
}
