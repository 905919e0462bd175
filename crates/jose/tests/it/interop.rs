//! Tokens to and from other libraries, both ways: npm's jose and joserfc. They run where
//! `KEYTIDE_TEST_NODE` and `KEYTIDE_TEST_NODE_MODULES`, or `KEYTIDE_TEST_PYTHON`, say where they are.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, EncryptOptions, KeyAlgorithm, UnverifiedJwe,
    encrypt_compact,
};
use keytide_jose::jwk::PrivateJwk;
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Limits, SystemRng, jws};
use serde_json::{Map, Value, json};

/// A program that answers each line of its stdin with one line on stdout.
struct Foreign {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Foreign {
    /// Starts a script of `tests/interop`; `None`, with a word on the console, where a tool is
    /// absent.
    fn start(script: &str, interpreter: &str, also: Option<&str>) -> Option<Self> {
        for needed in also.into_iter().chain([interpreter]) {
            if std::env::var_os(needed).is_none() {
                println!("skipped {script}: {needed} is not set");
                return None;
            }
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop").join(script);
        let mut child = Command::new(std::env::var_os(interpreter).unwrap())
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, to, from })
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.to.as_mut().unwrap(), "{request}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // The end of its stdin is how it is told to stop.
        self.to = None;
        let _ = self.child.wait();
    }
}

const PASSWORD: &str = "correct horse battery staple";

/// A key of ours, on X25519 instead of P-256 where that is asked for.
fn key(alg: KeyAlgorithm, enc: ContentAlgorithm, x25519: bool) -> DecryptionKey {
    if alg.as_str().starts_with("PBES2") {
        return DecryptionKey::from_password(alg, enc, PASSWORD.as_bytes()).unwrap();
    }
    if x25519 {
        // RFC 7748 §6.1.
        let jwk = br#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08","d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"}"#;
        let jwk = PrivateJwk::parse(jwk).unwrap();
        return DecryptionKey::from_jwk(&jwk, Some(alg), enc).unwrap();
    }
    DecryptionKey::generate(alg, enc, &mut SystemRng).unwrap()
}

/// Encrypts here and decrypts there, and back; the pairs that the other library has not are counted.
fn both_ways(
    foreign: &mut Foreign,
    lacking: impl Fn(KeyAlgorithm, ContentAlgorithm, bool) -> bool,
) {
    const TEXT: &str = "there and back";
    let mut encrypting = EncryptOptions::default();
    // The most that npm's jose takes unasked.
    encrypting.pbes2_count = 10_000.try_into().unwrap();
    let mut options = DecryptOptions::default();
    options.pbes2 = true;
    let mut ran = 0;
    for alg in KeyAlgorithm::ALL {
        for x25519 in [false, true] {
            if x25519 && !alg.as_str().starts_with("ECDH") {
                continue;
            }
            let first = key(*alg, ContentAlgorithm::A256GCM, x25519);
            for enc in ContentAlgorithm::ALL {
                if lacking(*alg, *enc, x25519) {
                    continue;
                }
                let own = match first.for_content_algorithm(*enc) {
                    Ok(same) => same,
                    Err(_) => key(*alg, *enc, x25519),
                };
                let mut request = json!({"alg": alg.as_str(), "enc": enc.as_str()});
                match own.to_private_jwk() {
                    Some(jwk) => {
                        request["jwk"] =
                            serde_json::from_slice(jwk.expose_json().expose()).unwrap();
                    }
                    None => request["password"] = PASSWORD.into(),
                }
                let to = own.encryption_key();
                let token =
                    encrypt_compact(&to, &encrypting, TEXT.as_bytes(), &mut SystemRng).unwrap();
                let mut there = request.clone();
                there["do"] = "decrypt".into();
                there["token"] = token.into();
                let reply = foreign.ask(&there);
                assert_eq!(reply["plaintext"], TEXT, "{alg} {enc} there: {reply}");

                let mut back = request;
                back["do"] = "encrypt".into();
                back["plaintext"] = TEXT.into();
                if let Some(public) = to.public_jwk() {
                    back["jwk"] = json!(public);
                }
                let reply = foreign.ask(&back);
                let token =
                    reply["token"].as_str().unwrap_or_else(|| panic!("{alg} {enc}: {reply}"));
                let decrypted = UnverifiedJwe::parse(token, &Limits::default())
                    .unwrap()
                    .decrypt(&own, &options)
                    .unwrap_or_else(|error| panic!("{alg} {enc} back: {error}"));
                assert_eq!(decrypted.plaintext(), TEXT.as_bytes());
                ran += 1;
            }
        }
    }
    println!("{ran} pairs of algorithms both ways");
    assert!(ran > 60);
}

#[test]
fn npm_jose_decrypts_ours_and_we_decrypt_its() {
    let Some(mut jose) =
        Foreign::start("jose_jwe.mjs", "KEYTIDE_TEST_NODE", Some("KEYTIDE_TEST_NODE_MODULES"))
    else {
        return;
    };
    both_ways(&mut jose, |_, _, _| false);
}

#[test]
fn joserfc_decrypts_ours_and_we_decrypt_its() {
    let Some(mut joserfc) = Foreign::start("joserfc_interop.py", "KEYTIDE_TEST_PYTHON", None)
    else {
        return;
    };
    // It has these under no name.
    both_ways(&mut joserfc, |alg, _, _| {
        matches!(alg, KeyAlgorithm::RsaOaep384 | KeyAlgorithm::RsaOaep512)
    });
}

#[test]
fn joserfc_verifies_what_we_sign_and_back() {
    let Some(mut joserfc) = Foreign::start("joserfc_interop.py", "KEYTIDE_TEST_PYTHON", None)
    else {
        return;
    };
    const TEXT: &str = "there and back";
    for alg in Algorithm::ALL.iter().filter(|alg| !alg.as_str().starts_with("ML-DSA")) {
        let own = SigningKey::generate(*alg, None, &mut SystemRng).unwrap();
        let private: Value =
            serde_json::from_slice(own.to_private_jwk().expose_json().expose()).unwrap();
        let public = own.public_jwk().map_or_else(|| private.clone(), |jwk| json!(jwk));
        let token = jws::sign_compact(&own, &Map::new(), TEXT.as_bytes()).unwrap();
        let there = json!({"do": "verify", "alg": alg, "jwk": public, "token": token});
        let reply = joserfc.ask(&there);
        assert_eq!(reply["plaintext"], TEXT, "{alg} there: {reply}");
        let back = json!({"do": "sign", "alg": alg, "jwk": private, "plaintext": TEXT});
        let reply = joserfc.ask(&back);
        let token = reply["token"].as_str().unwrap_or_else(|| panic!("{alg}: {reply}"));
        let verified = jws::Unverified::parse(token, &Limits::default())
            .unwrap()
            .verify(&own.verifying_key())
            .unwrap_or_else(|error| panic!("{alg} back: {error}"));
        assert_eq!(verified.payload(), TEXT.as_bytes());
    }
}
