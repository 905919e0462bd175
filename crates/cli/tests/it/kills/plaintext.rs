//! What a disk must not have: every secret that was ever known, in each form that it is written in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use keytide_jose::key::SigningKey;
use serde_json::Value;

/// The forms to look for, by their first two bytes.
pub(super) struct Plaintext {
    forms: BTreeMap<[u8; 2], Vec<(Vec<u8>, String)>>,
    begins: Vec<bool>,
    known: BTreeSet<Vec<u8>>,
}

impl Plaintext {
    pub(super) fn new() -> Self {
        let begins = vec![false; 1 << 16];
        let mut plaintext = Self { forms: BTreeMap::new(), begins, known: BTreeSet::new() };
        for form in ["PRIVATE KEY", "\"d\":\"", "\"k\":\"", "ktshare"] {
            plaintext.add(form.into(), "what private keys are written with");
        }
        plaintext
    }

    /// Learns a key's secret number, raw and in its texts.
    pub(super) fn learn_key(&mut self, key: &SigningKey) {
        let jwk = key.to_private_jwk().expose_json();
        let jwk: Value = serde_json::from_slice(jwk.expose()).unwrap();
        let text = jwk["d"].as_str().or(jwk["k"].as_str()).unwrap();
        let name = format!("the secret of key {}", jwk["kid"]);
        self.learn(&from_base64url(text), &name);
        self.add(text.into(), &name);
        self.add(text.replace('-', "+").replace('_', "/").into(), &name);
    }

    /// Learns the master key out of its file.
    pub(super) fn learn_master_key(&mut self, file: &Path) {
        let line = std::fs::read_to_string(file).unwrap();
        let hex = line.trim();
        let raw: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        self.learn(&raw, "a master key");
    }

    fn learn(&mut self, raw: &[u8], name: &str) {
        assert!(raw.len() >= 16, "{name} is too short to be told from chance");
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        self.add(hex.to_uppercase().into(), name);
        self.add(hex.into(), name);
        self.add(raw.to_vec(), name);
    }

    fn add(&mut self, form: Vec<u8>, name: &str) {
        if self.known.insert(form.clone()) {
            let begin = [form[0], form[1]];
            self.begins[usize::from(u16::from_be_bytes(begin))] = true;
            self.forms.entry(begin).or_default().push((form, name.to_owned()));
        }
    }

    /// The first of them that is in these bytes, by name.
    pub(super) fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        let mut before = 0_usize;
        for (at, byte) in bytes.iter().enumerate() {
            before = ((before << 8) | usize::from(*byte)) & 0xffff;
            if at == 0 || !self.begins[before] {
                continue;
            }
            let rest = &bytes[at - 1..];
            let found =
                self.forms[&[rest[0], rest[1]]].iter().find(|(form, _)| rest.starts_with(form));
            if let Some((_, name)) = found {
                return Some(name);
            }
        }
        None
    }
}

/// RFC 4648 §5, without padding.
fn from_base64url(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for symbol in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == symbol).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}

#[test]
fn a_secret_is_found_in_every_form_wherever_it_lies() {
    use keytide_jose::{Algorithm, SystemRng};
    for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm, None, &mut SystemRng).unwrap();
        let mut plaintext = Plaintext::new();
        plaintext.learn_key(&key);
        let jwk = key.to_private_jwk().expose_json();
        let value: Value = serde_json::from_slice(jwk.expose()).unwrap();
        let text = value["d"].as_str().or(value["k"].as_str()).unwrap();
        let raw = key.export().unwrap();
        for form in [text.as_bytes(), jwk.expose(), raw.expose()] {
            let lies = [b"some bytes before ", form, b" and some behind"].concat();
            assert!(plaintext.found_in(&lies).is_some(), "{algorithm}");
        }
        assert_eq!(plaintext.found_in(b"nothing of the kind"), None);
    }
}
