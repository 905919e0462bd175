//! The inputs that fuzzing starts from: the project's test data, and tokens to the keys of a target.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use keytide_jose::Rng;
use keytide_jose::jwe::{
    DecryptionKey, EncryptOptions, KeyAlgorithm, encrypt_compact, encrypt_flattened,
    encrypt_general,
};
use serde_json::Value;

use super::jwe::{KEYS, PLAINTEXT};

/// The inputs of each target, by its name; the same each time.
pub type Seeds = BTreeMap<&'static str, BTreeSet<Vec<u8>>>;

/// Reads the project's `vectors` and makes the rest.
pub fn seeds(vectors: &Path) -> Seeds {
    let mut seeds = Seeds::new();
    let mut put = |target, bytes: &[u8]| {
        // Longer ones repeat one thing many times.
        if bytes.len() < 100_000 {
            seeds.entry(target).or_default().insert(bytes.to_vec());
        }
    };
    let read = |name: &str| fs::read_to_string(vectors.join(name)).expect("a file of the project");
    for line in read("attacks.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let token = text(&case["token"]);
        match case["op"].as_str() {
            Some("jwt_verify") => {
                let payload = decoded(token.split('.').nth(1).unwrap_or_default());
                put("token", token.as_bytes());
                put("content", token.as_bytes());
                put("claims", &payload);
                put("json", &payload);
            }
            Some("jws_json_verify") => put("content", token.as_bytes()),
            Some("jwe_decrypt") => put("jwe", token.as_bytes()),
            _ => {}
        }
        let key = text(&case["key"]["value"]);
        match case["key"]["fmt"].as_str() {
            Some("jwk" | "jwks") => {
                put("jwk", key.as_bytes());
                put("key_file", key.as_bytes());
                put("json", key.as_bytes());
            }
            Some("text") => put("key_file", key.as_bytes()),
            Some("der_b64u") => put("key_file", &decoded(&key)),
            _ => {}
        }
    }
    let mut keys: Vec<_> = fs::read_dir(vectors.join("keys"))
        .expect("a folder of the project")
        .map(|entry| entry.expect("a file of the project").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .collect();
    keys.sort();
    for path in keys {
        put("key_file", &fs::read(path).expect("a file of the project"));
    }
    for (name, target) in [("rfc/jws.json", "token"), ("rfc/jwe.json", "jwe")] {
        let file: Value = serde_json::from_str(&read(name)).expect("JSON");
        for example in file["examples"].as_array().into_iter().flatten() {
            put(target, text(&example["token"]).as_bytes());
            put("jwk", example["key"].to_string().as_bytes());
        }
    }
    for key in KEYS.iter() {
        for token in encrypted(key) {
            put("jwe", token.as_bytes());
        }
    }
    put("jwe", &[&[1], PLAINTEXT.as_bytes()].concat());
    // RFC 1951 §3.2.4 and §3.2.6: a stored block, and one with fixed codes.
    put("jwe", b"\x00\x01\x05\x00\xfa\xffhello");
    put("jwe", b"\x00\xcb\x48\xcd\xc9\xc9\x07\x00");
    seeds
}

/// Tokens to a key, in every serialisation.
fn encrypted(key: &DecryptionKey) -> Vec<String> {
    // RSA takes the library's own randomness, so its seed is the example of the RFC.
    if key.key_algorithm() == KeyAlgorithm::RsaOaep {
        return Vec::new();
    }
    let to = key.encryption_key();
    let mut options = EncryptOptions::default();
    options.pbes2_count = 1000.try_into().expect("not zero");
    let rng = &mut Counting(0);
    let text = PLAINTEXT.as_bytes();
    let plain = encrypt_compact(&to, &options, text, rng).expect("encrypts");
    options.zip = true;
    let zip = encrypt_compact(&to, &options, text, rng).expect("encrypts");
    options.aad = Some(b"further".to_vec());
    let flattened = encrypt_flattened(&to, &options, text, rng).expect("encrypts");
    let general = encrypt_general(&[&to], &options, text, rng).expect("encrypts");
    vec![plain, zip, flattened, general]
}

/// Not random at all: seeds are the same each time and protect nothing.
struct Counting(u8);

impl Rng for Counting {
    fn fill(&mut self, out: &mut [u8]) -> keytide_jose::Result<()> {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

/// A text as it is, anything else as its JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn decoded(segment: &str) -> Vec<u8> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(segment).unwrap_or_else(|_| b"{}".to_vec())
}
