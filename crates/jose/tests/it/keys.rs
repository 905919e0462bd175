//! Which keys are read, which are refused and why, and which of a set a token may try.

use std::fs;
use std::path::Path;

use keytide_jose::jwk::{JwkSet, PrivateJwk, PublicJwk};
use keytide_jose::key::{KeySet, SigningKey, VerifyingKey, parse_any};
use keytide_jose::{Algorithm, Error, KeyId, Limits, Result, Rng, Secret, SystemRng, jws};
use serde_json::{Map, Value, json};

fn pem(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/keys");
    fs::read(folder.join(name)).unwrap()
}

fn generate(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, None, &mut SystemRng).unwrap()
}

fn code<T>(result: Result<T>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

#[test]
fn the_private_keys_that_openssl_writes_are_read() {
    for (name, alg) in [
        ("ec-with-parameters.pem", Algorithm::ES256),
        ("ec-p521.pem", Algorithm::ES512),
        ("rsa-pkcs1.pem", Algorithm::PS256),
        ("ed25519-pkcs8.pem", Algorithm::EdDSA),
        ("ec-secp256k1.pem", Algorithm::ES256K),
    ] {
        let key = SigningKey::from_pem(alg, &pem(name)).unwrap();
        let signature = key.sign(b"message").unwrap();
        key.verifying_key().verify(b"message", &signature).unwrap();
    }
    let public = VerifyingKey::from_pem(Algorithm::RS256, &pem("rsa-pkcs1-public.pem")).unwrap();
    let private = SigningKey::from_pem(Algorithm::RS256, &pem("rsa-pkcs1.pem")).unwrap();
    public.verify(b"message", &private.sign(b"message").unwrap()).unwrap();
}

#[test]
fn pem_that_is_no_usable_key_is_refused_with_the_reason() {
    for (name, reason) in [
        ("ec-encrypted.pem", "encrypted"),
        ("pkcs8-encrypted.pem", "encrypted"),
        ("certificate.pem", "certificate"),
    ] {
        let error = parse_any(&pem(name), Algorithm::ALL).unwrap_err();
        assert_eq!(error.code(), "invalid_key", "{name}");
        assert!(error.to_string().contains(reason), "{name}: {error}");
    }
    let two = [pem("ed25519-pkcs8.pem"), pem("ec-p521.pem")].concat();
    assert_eq!(code(parse_any(&two, Algorithm::ALL)), "invalid_key");
    let noise = [b"# my key\n".to_vec(), pem("ed25519-pkcs8.pem")].concat();
    assert_eq!(code(parse_any(&noise, Algorithm::ALL)), "invalid_key");
}

#[test]
fn keys_are_read_whatever_their_format_up_to_the_limit_and_no_further() {
    let key = generate(Algorithm::ES256);
    let verifying = key.verifying_key();
    let der = verifying.to_spki_der().unwrap();
    let pem = verifying.to_spki_pem().unwrap().into_bytes();
    let private = key.export().unwrap().expose().to_vec();
    let jwk = key.public_jwk().unwrap().to_string().into_bytes();
    let set = [b" {\"keys\":[", &jwk[..], b"]}"].concat();
    for bytes in [&der, &pem, &private, &jwk, &set] {
        let found = parse_any(bytes, Algorithm::ALL).unwrap();
        let [found] = found.keys() else { panic!("{found:?}") };
        assert_eq!(found.to_spki_der().unwrap(), der);
        assert_eq!(found.algorithm(), Algorithm::ES256);
    }
    for noise in [&b""[..], b" \n", b"\x30", b"secret", b"\x04\x00"] {
        assert_eq!(code(parse_any(noise, Algorithm::ALL)), "invalid_key", "{noise:?}");
    }

    let max = Limits::default().jwks;
    let mut padded = set;
    padded.resize(max, b' ');
    assert_eq!(code(parse_any(&padded, Algorithm::ALL)), "accepted");
    padded.push(b' ');
    assert_eq!(
        parse_any(&padded, Algorithm::ALL).unwrap_err(),
        Error::TooLarge { limit: "jwks", max }
    );
}

#[test]
fn a_key_is_bound_to_the_allowed_algorithms_it_can_serve_and_no_other() {
    let rsa = pem("rsa-pkcs1-public.pem");
    let keys = parse_any(&rsa, Algorithm::ALL).unwrap();
    let algs: Vec<&str> = keys.keys().iter().map(|key| key.algorithm().as_str()).collect();
    assert_eq!(algs, ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]);
    assert_eq!(code(parse_any(&rsa, &[Algorithm::ES256, Algorithm::HS256])), "key_alg_mismatch");
    assert_eq!(code(parse_any(&rsa, &[])), "key_alg_mismatch");
    assert_eq!(
        code(SigningKey::from_pem(Algorithm::ES384, &pem("ec-p521.pem"))),
        "key_alg_mismatch"
    );
}

#[test]
fn generated_keys_are_named_without_a_word_about_the_secret() {
    let ec = generate(Algorithm::ES256);
    assert_eq!(ec.key_id(), ec.thumbprint().as_ref());
    let secret = generate(Algorithm::HS384);
    let exported = secret.export().unwrap();
    let text = std::str::from_utf8(exported.expose()).unwrap();
    assert_eq!(text.len(), 64, "the base64url of 48 random bytes");
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
    assert_eq!(secret.key_id().unwrap().as_str().len(), 22);
    assert!(secret.thumbprint().is_none());
    assert_eq!(
        code(SigningKey::generate(Algorithm::RS256, Some(1024), &mut SystemRng)),
        "weak_key"
    );
    assert_eq!(
        code(SigningKey::generate(Algorithm::RS256, Some(2049), &mut SystemRng)),
        "invalid_key"
    );
}

#[test]
fn keys_made_from_the_same_randomness_are_the_same() {
    struct Counting(u8);
    impl Rng for Counting {
        fn fill(&mut self, out: &mut [u8]) -> Result<()> {
            for byte in out {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }
    struct Broken;
    impl Rng for Broken {
        fn fill(&mut self, _: &mut [u8]) -> Result<()> {
            Err(Error::Random)
        }
    }
    for alg in ["HS256", "ES256", "ES384", "ES512", "EdDSA", "ES256K", "ML-DSA-44", "ML-DSA-87"] {
        let alg = alg.parse().unwrap();
        let export = |start| {
            let key = SigningKey::generate(alg, None, &mut Counting(start)).unwrap();
            key.export().unwrap().expose().to_vec()
        };
        assert_eq!(export(1), export(1), "{alg}");
        assert_ne!(export(1), export(2), "{alg}");
        assert_eq!(code(SigningKey::generate(alg, None, &mut Broken)), "random_failed");
    }
}

#[test]
fn a_source_that_never_gives_a_scalar_in_range_ends_in_an_error() {
    struct Ones;
    impl Rng for Ones {
        fn fill(&mut self, out: &mut [u8]) -> Result<()> {
            out.fill(0xff);
            Ok(())
        }
    }
    assert_eq!(code(SigningKey::generate(Algorithm::ES256, None, &mut Ones)), "random_failed");
}

#[test]
fn an_import_must_be_what_the_algorithm_needs() {
    let es256 = generate(Algorithm::ES256).export().unwrap();
    assert_eq!(code(SigningKey::import(Algorithm::ES384, &es256)), "key_alg_mismatch");
    assert_eq!(code(SigningKey::import(Algorithm::EdDSA, &es256)), "key_alg_mismatch");
    assert_eq!(
        code(SigningKey::import(Algorithm::ES256, &Secret::new(vec![0; 32]))),
        "invalid_key"
    );
    assert_eq!(code(SigningKey::import(Algorithm::HS512, &Secret::new(vec![1; 63]))), "weak_key");
}

#[test]
fn alg_use_and_key_ops_of_a_jwk_are_obeyed() {
    let private = generate(Algorithm::ES256).to_private_jwk();
    let base: Value = serde_json::from_slice(private.expose_json().expose()).unwrap();
    let with = |name: &str, value: Value| {
        let mut jwk = base.as_object().unwrap().clone();
        jwk.remove("use");
        jwk.insert(name.into(), value);
        PrivateJwk::parse(Value::Object(jwk).to_string().as_bytes())
    };
    let sign = |name: &str, value: Value| {
        code(with(name, value).and_then(|jwk| SigningKey::from_jwk(&jwk, Some(Algorithm::ES256))))
    };
    assert_eq!(sign("use", json!("sig")), "accepted");
    assert_eq!(sign("use", json!("enc")), "key_alg_mismatch");
    assert_eq!(sign("key_ops", json!(["sign"])), "accepted");
    assert_eq!(sign("key_ops", json!(["verify"])), "key_alg_mismatch");
    assert_eq!(sign("key_ops", json!([])), "key_alg_mismatch");
    assert_eq!(sign("key_ops", json!(["sign", "sign"])), "invalid_key");
    assert_eq!(sign("key_ops", json!("sign")), "invalid_key");
    assert_eq!(sign("alg", json!("ES384")), "key_alg_mismatch");
    assert_eq!(sign("alg", json!("ECDH-ES")), "key_alg_mismatch");
    assert_eq!(sign("alg", json!(256)), "invalid_key");
    assert_eq!(sign("kid", json!("")), "invalid_key");

    let only_signs = with("key_ops", json!(["sign"])).unwrap();
    let public = only_signs.public().unwrap();
    assert_eq!(code(VerifyingKey::from_jwk(&public, None)), "accepted");
    assert_eq!(code(VerifyingKey::from_private_jwk(&only_signs, None)), "accepted");
}

#[test]
fn a_key_from_a_jwk_keeps_its_name() {
    let key = generate(Algorithm::ES256).with_key_id("own".parse().unwrap());
    let (private, public) = (key.to_private_jwk(), key.public_jwk().unwrap());
    let own = key.key_id();
    assert_eq!(own.unwrap().as_str(), "own");
    assert_eq!(SigningKey::from_jwk(&private, None).unwrap().key_id(), own);
    assert_eq!(VerifyingKey::from_jwk(&public, None).unwrap().key_id(), own);
    assert_eq!(VerifyingKey::from_private_jwk(&private, None).unwrap().key_id(), own);
    assert_eq!(key.verifying_key().key_id(), own);
    let renamed = key.verifying_key().with_key_id("other".parse().unwrap());
    assert_eq!(renamed.key_id().unwrap().as_str(), "other");
    assert_eq!(renamed.public_jwk().unwrap().key_id(), renamed.key_id());
}

#[test]
fn a_key_that_is_weak_says_so_whatever_else_is_allowed() {
    // 32 bytes, of which HS512 wants 64.
    let jwk = br#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
    for allowed in [
        &[Algorithm::HS512][..],
        &[Algorithm::ES256, Algorithm::HS512],
        &[Algorithm::HS512, Algorithm::ES256],
    ] {
        assert_eq!(code(parse_any(jwk, allowed)), "weak_key");
    }
    let refused = parse_any(jwk, &[Algorithm::ES256, Algorithm::RS256]).unwrap_err();
    assert_eq!(refused, Error::KeyAlgMismatch("a secret cannot serve ES256".into()));
    assert_eq!(parse_any(jwk, &[Algorithm::HS512, Algorithm::HS256]).unwrap().keys().len(), 1);
}

#[test]
fn a_jwk_without_alg_needs_one_from_the_caller() {
    let jwk = PublicJwk::parse(
        br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    )
    .unwrap();
    assert_eq!(code(VerifyingKey::from_jwk(&jwk, None)), "key_alg_mismatch");
    assert_eq!(code(VerifyingKey::from_jwk(&jwk, Some(Algorithm::Ed25519))), "accepted");
    assert_eq!(code(VerifyingKey::from_jwk(&jwk, Some(Algorithm::ES256))), "key_alg_mismatch");
}

#[test]
fn a_public_jwk_holds_no_private_member_and_a_private_one_is_never_public() {
    for alg in ["HS256", "ES384", "EdDSA", "ML-DSA-65"] {
        let jwk = generate(alg.parse().unwrap()).to_private_jwk();
        let text = jwk.expose_json();
        assert_eq!(code(PublicJwk::parse(text.expose())), "invalid_key", "{alg}");
        let set = [b"{\"keys\":[", text.expose(), b"]}"].concat();
        assert_eq!(code(JwkSet::parse(&set, &Limits::default())), "invalid_key", "{alg}");
        if let Some(public) = jwk.public() {
            assert!(!public.to_string().contains("\"d\""));
            assert!(!public.to_string().contains("\"priv\""));
            assert_eq!(code(PrivateJwk::parse(public.to_string().as_bytes())), "invalid_key");
        }
    }
}

#[test]
fn an_akp_key_names_its_algorithm_once_and_must() {
    let key = generate(Algorithm::MlDsa44);
    let private = key.to_private_jwk().expose_json();
    for text in [key.public_jwk().unwrap().to_string().as_bytes(), private.expose()] {
        let text = core::str::from_utf8(text).unwrap();
        assert_eq!(text.matches("\"alg\":\"ML-DSA-44\"").count(), 1);
    }
    let mut jwk: Value = serde_json::from_slice(private.expose()).unwrap();
    let mut with_alg = |alg: Option<&str>| {
        jwk["alg"] = alg.into();
        if alg.is_none() {
            jwk.as_object_mut().unwrap().remove("alg");
        }
        code(PrivateJwk::parse(jwk.to_string().as_bytes()))
    };
    assert_eq!(with_alg(Some("ML-DSA-65")), "invalid_key");
    assert_eq!(with_alg(Some("ES256")), "invalid_key");
    assert_eq!(with_alg(None), "invalid_key");
    assert_eq!(with_alg(Some("ML-DSA-44")), "accepted");
    jwk["priv"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
    assert_eq!(code(PrivateJwk::parse(jwk.to_string().as_bytes())), "invalid_key");
}

#[test]
fn a_private_member_poisons_a_public_set_even_in_a_key_that_is_not_understood() {
    let set = br#"{"keys":[{"kty":"FUTURE","d":"AA"}]}"#;
    assert_eq!(code(JwkSet::parse(set, &Limits::default())), "invalid_key");
}

#[test]
fn a_set_is_written_always_in_the_same_bytes_and_reads_back() {
    let keys: Vec<PublicJwk> = ["ES256", "EdDSA", "ES512"]
        .iter()
        .map(|alg| generate(alg.parse().unwrap()).public_jwk().unwrap())
        .collect();
    let set = JwkSet::new(keys.clone()).unwrap();
    let bytes = set.to_json();
    assert_eq!(bytes, JwkSet::new(keys).unwrap().to_json());
    let read = JwkSet::parse(&bytes, &Limits::default()).unwrap();
    assert_eq!(read, set);
    assert_eq!(read.to_json(), bytes);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with(r#"{"keys":[{"kty":"EC","crv":"P-256","x":""#), "{text}");
}

#[test]
fn the_limits_of_a_set_are_named() {
    let mut limits = Limits::default();
    limits.jwks_keys = 1;
    let two = br#"{"keys":[{"kty":"A"},{"kty":"B"}]}"#;
    assert_eq!(
        JwkSet::parse(two, &limits).unwrap_err(),
        Error::TooLarge { limit: "jwks_keys", max: 1 }
    );
    limits.jwks = 10;
    assert_eq!(
        JwkSet::parse(two, &limits).unwrap_err(),
        Error::TooLarge { limit: "jwks", max: 10 }
    );
}

/// A key under a name of the test's choosing, and a token of it that names `kid`.
fn named(alg: Algorithm, kid: &str) -> (SigningKey, VerifyingKey) {
    let key = generate(alg).with_key_id(kid.parse().unwrap());
    let verifying = key.verifying_key();
    (key, verifying)
}

fn verify(token: &str, keys: &KeySet) -> Result<Option<KeyId>> {
    let token = jws::Unverified::parse(token, &Limits::default())?;
    token.verify_any(keys).map(|verified| verified.key_id().cloned())
}

#[test]
fn a_kid_finds_its_key_and_no_other() {
    let (a, verify_a) = named(Algorithm::HS256, "a");
    let (b, verify_b) = named(Algorithm::HS256, "b");
    let keys = KeySet::new([verify_a.clone(), verify_b]);
    let token = |key: &SigningKey| jws::sign_compact(key, &Map::new(), b"{}").unwrap();
    assert_eq!(verify(&token(&b), &keys).unwrap(), b.key_id().cloned());

    let impostor = a.with_key_id("b".parse().unwrap());
    assert_eq!(code(verify(&token(&impostor), &keys)), "bad_signature");
    let stranger = impostor.with_key_id("c".parse().unwrap());
    assert_eq!(code(verify(&token(&stranger), &keys)), "unknown_kid");
    assert_eq!(
        jws::Unverified::parse(&token(&stranger), &Limits::default())
            .unwrap()
            .verify(&verify_a)
            .unwrap_err(),
        Error::UnknownKid { kid: "c".into() }
    );
}

#[test]
fn a_key_without_a_name_may_serve_a_token_with_any() {
    let secret: Vec<u8> = (0..32).collect();
    let nameless = VerifyingKey::from_secret(Algorithm::HS256, &secret).unwrap();
    let signer = SigningKey::from_secret(Algorithm::HS256, &secret)
        .unwrap()
        .with_key_id("old".parse().unwrap());
    let token = jws::sign_compact(&signer, &Map::new(), b"{}").unwrap();
    let (_, other) = named(Algorithm::HS256, "new");
    assert_eq!(verify(&token, &KeySet::new([other, nameless])).unwrap(), None);
}

#[test]
fn a_token_cannot_choose_an_algorithm_that_its_key_is_not_bound_to() {
    let (hmac, _) = named(Algorithm::HS256, "ec");
    let (_, ec) = named(Algorithm::ES256, "ec");
    let token = jws::sign_compact(&hmac, &Map::new(), b"{}").unwrap();
    let keys = KeySet::new([ec]);
    assert_eq!(code(verify(&token, &keys)), "alg_not_allowed");
    let keys = keys.allowing(&[Algorithm::ES256, Algorithm::HS256]);
    assert_eq!(code(verify(&token, &keys)), "key_alg_mismatch");
    assert_eq!(code(verify(&token, &keys.allowing(&[]))), "alg_not_allowed");
}

#[test]
fn a_token_without_kid_does_not_make_us_try_keys_without_end() {
    let keys: Vec<_> = (0..17).map(|_| generate(Algorithm::HS256).verifying_key()).collect();
    let enough = KeySet::new(keys[1..].to_vec());
    assert_eq!(enough.find(None, Algorithm::HS256).unwrap().count(), KeySet::MAX_CANDIDATES);
    let keys = KeySet::new(keys);
    assert_eq!(
        keys.find(None, Algorithm::HS256).unwrap_err(),
        Error::TooLarge { limit: "candidates", max: KeySet::MAX_CANDIDATES }
    );
}

#[test]
fn a_set_from_the_network_gives_keys_for_the_allowed_algorithms_only() {
    let ec = generate(Algorithm::ES256).public_jwk().unwrap();
    let ed = generate(Algorithm::EdDSA).public_jwk().unwrap();
    let set = JwkSet::new([ec, ed]).unwrap();
    let keys = KeySet::from_jwks(&set, &[Algorithm::ES256]).unwrap();
    assert_eq!(keys.keys().len(), 1);
    assert_eq!(code(KeySet::from_jwks(&set, &[Algorithm::RS256])), "key_alg_mismatch");
    assert!(KeySet::from_jwks(&JwkSet::default(), &[Algorithm::RS256]).unwrap().keys().is_empty());
}

#[test]
fn no_debug_output_or_error_shows_a_secret() {
    const MARKER: &[u8] = b"marker-secret-5f1d-marker-secret-5f1d";
    let key = SigningKey::from_secret(Algorithm::HS256, MARKER).unwrap();
    let key = key.with_key_id("kid-9".parse().unwrap());
    let shown = format!("{key:?} {:?}", key.verifying_key());
    assert_eq!(shown.matches("HS256").count(), 2, "{shown}");
    assert_eq!(shown.matches("kid-9").count(), 2, "{shown}");
    let hex: String = MARKER.iter().map(|byte| format!("{byte:02x}")).collect();
    let listed = format!("{MARKER:?}");
    for form in ["marker", &hex, listed.trim_matches(['[', ']'])] {
        assert!(!shown.contains(form), "{shown}");
    }
    for error in [
        SigningKey::from_secret(Algorithm::HS512, MARKER).unwrap_err(),
        SigningKey::from_pem(Algorithm::ES256, MARKER).unwrap_err(),
        SigningKey::from_der(Algorithm::ES256, MARKER).unwrap_err(),
        parse_any(MARKER, Algorithm::ALL).unwrap_err(),
        PrivateJwk::parse(b"{\"kty\":\"oct\",\"k\":\"marker!\"}").err().unwrap(),
    ] {
        assert!(!format!("{error} {error:?}").contains("marker"), "{error:?}");
    }
}
