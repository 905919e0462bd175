//! The JOSE cookbook (RFC 7520, 7797, 8037, 9964) and tokens of other libraries, against one table
//! of exceptions.

use std::fs;
use std::path::{Path, PathBuf};

use keytide_jose::jwe::{
    ContentAlgorithm, DecryptOptions, DecryptionKey, KeyAlgorithm, UnverifiedJwe,
};
use keytide_jose::jwk::PrivateJwk;
use keytide_jose::key::{KeySet, parse_any};
use keytide_jose::{Algorithm, Limits, Result, jws};
use serde_json::Value;

use crate::vectors;

/// What the vectors call valid and we refuse: the part of a case's name, our code, and why.
const EXCEPTIONS: [(&str, &str, &str); 10] = [
    ("TestDecodeBytes_HS512", "alg_not_allowed", "RFC 7518 §3.2: the secret has 36 bytes"),
    ("TestDecodeHS384", "alg_not_allowed", "RFC 7518 §3.2: the secret has 36 bytes"),
    ("TestDecodeHS512", "alg_not_allowed", "RFC 7518 §3.2: the secret has 36 bytes"),
    ("4.2.hmac-sha2_b64_false", "crit_malformed", "RFC 7797 §6: crit must name b64"),
    ("RSA1_5", "alg_not_allowed", "RFC 8725 §3.2: PKCS #1 v1.5 encryption is not offered"),
    ("rsa_v15_and_aes", "alg_not_allowed", "RFC 8725 §3.2: PKCS #1 v1.5 encryption is not offered"),
    ("Plaintext", "alg_not_allowed", "RFC 8725 §3.2: alg none"),
    ("none", "alg_not_allowed", "RFC 8725 §3.2: alg none"),
    ("Rsa1_5", "alg_not_allowed", "RFC 8725 §3.2: PKCS #1 v1.5 encryption is not offered"),
    ("RSA_1_5", "alg_not_allowed", "RFC 8725 §3.2: PKCS #1 v1.5 encryption is not offered"),
];

/// The outcome demanded of a valid case, whose name may be in the table.
pub(crate) fn demand(name: &str, result: Result<Vec<u8>>, expected: &[u8]) -> bool {
    let exception = EXCEPTIONS.iter().find(|(part, ..)| name.contains(part));
    match (result, exception) {
        (Ok(found), None) => assert_eq!(found, expected, "{name}"),
        (Err(error), Some((_, code, _))) => assert_eq!(error.code(), *code, "{name}"),
        (Err(error), None) => panic!("{name} was refused: {error}"),
        (Ok(_), Some((_, _, why))) => panic!("{name} was accepted, though {why}"),
    }
    exception.is_none()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// All parameters of a token in whatever serialisation, those of all recipients merged.
fn joint_header(token: &Value) -> Value {
    let mut joint = serde_json::Map::new();
    let mut add = |part: &Value| match part {
        Value::String(encoded) => {
            let json: Value = serde_json::from_slice(&vectors::unbase64url(encoded)).unwrap();
            joint.extend(json.as_object().unwrap().clone());
        }
        Value::Object(part) => joint.extend(part.clone()),
        _ => {}
    };
    match token {
        Value::String(compact) => add(&compact.split('.').next().unwrap().into()),
        object => {
            for name in ["protected", "unprotected", "header"] {
                add(&object[name]);
            }
            for name in ["recipients", "signatures"] {
                for part in object[name].as_array().into_iter().flatten() {
                    add(&part["header"]);
                    add(&part["protected"]);
                }
            }
        }
    }
    joint.into()
}

pub(crate) fn verify(token: &Value, payload: &[u8], keys: &[Value]) -> Result<Vec<u8>> {
    let limits = Limits::default();
    let mut bound = Vec::new();
    for key in keys.iter().filter(|key| !key.is_null()) {
        let text = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        bound.extend(parse_any(text.as_bytes(), Algorithm::ALL)?.keys().to_vec());
    }
    let keys = KeySet::new(bound);
    let text = token.to_string();
    let content = match token {
        Value::String(compact) if compact.contains("..") => {
            jws::UnverifiedContent::parse_detached(compact, payload, &limits)
        }
        Value::String(compact) => jws::UnverifiedContent::parse_compact(compact, &limits),
        object if object.get("payload").is_none() => {
            jws::UnverifiedContent::parse_json_detached(text.as_bytes(), payload, &limits)
        }
        _ => jws::UnverifiedContent::parse_json(text.as_bytes(), &limits),
    };
    content?.verify_any(&keys).map(|content| content.payload().to_vec())
}

pub(crate) enum Key<'a> {
    Jwk(&'a Value),
    Pem(&'a str),
    Password(&'a str),
}

pub(crate) fn decrypt(token: &Value, key: &Key<'_>) -> Result<Vec<u8>> {
    let limits = Limits::default();
    let text = token.to_string();
    let read = match token {
        Value::String(compact) => UnverifiedJwe::parse(compact, &limits),
        _ => UnverifiedJwe::parse_json(text.as_bytes(), &limits),
    }?;
    let header = joint_header(token);
    let named = |name: &str| header[name].as_str().unwrap();
    let (alg, enc): (KeyAlgorithm, ContentAlgorithm) =
        (named("alg").parse()?, named("enc").parse()?);
    let key = match key {
        Key::Pem(pem) => DecryptionKey::from_pem(alg, enc, pem.as_bytes()),
        Key::Password(password) => DecryptionKey::from_password(alg, enc, password.as_bytes()),
        Key::Jwk(jwk) => {
            PrivateJwk::parse_for_encryption(jwk.to_string().as_bytes()).and_then(|jwk| {
                // One of several recipients: the key says itself which.
                let alg = jwk_algorithm(&jwk, alg);
                DecryptionKey::from_jwk(&jwk, Some(alg), enc)
            })
        }
    }?;
    let mut options = DecryptOptions::default();
    options.pbes2 = true;
    options.zip = true;
    read.decrypt(&key, &options).map(|decrypted| decrypted.plaintext().to_vec())
}

/// The algorithm of the JWK, where it names one.
fn jwk_algorithm(jwk: &PrivateJwk, otherwise: KeyAlgorithm) -> KeyAlgorithm {
    let json: Value = serde_json::from_slice(jwk.expose_json().expose()).unwrap();
    json["alg"].as_str().and_then(|alg| alg.parse().ok()).unwrap_or(otherwise)
}

/// A case of the shape that the IETF cookbook and panva/jose have.
fn cookbook_case(name: &str, case: &Value, ran: &mut usize) {
    let input = &case["input"];
    for form in ["compact", "json", "json_flat"] {
        let token = &case["output"][form];
        if token.is_null() {
            continue;
        }
        let name = format!("{name} {form}");
        if let Some(plaintext) = input["plaintext"].as_str() {
            let key = match &input["pwd"] {
                Value::String(password) => Key::Password(password),
                _ => Key::Jwk(&input["key"]),
            };
            // What a table calls plaintext may be a document.
            demand(&name, decrypt(token, &key), plaintext.as_bytes());
        } else {
            let payload = match &input["payload"] {
                Value::String(text) => text.clone(),
                document => document.to_string(),
            };
            let keys = match &input["key"] {
                Value::Array(keys) => keys.clone(),
                one => vec![one.clone()],
            };
            let result = verify(token, payload.as_bytes(), &keys);
            demand(&name, result, payload.as_bytes());
        }
        *ran += 1;
    }
}

#[test]
fn the_ietf_cookbook() {
    let Some(folder) = vectors::shared("ietf-jose-cookbook") else { return };
    let mut ran = 0;
    for part in ["jws", "jwe", "rfc7797", "curve25519"] {
        for path in json_files(&folder.join(part)) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mut case = read(&path);
            if name.starts_with("5_13.") {
                // Its keys are tried one by one below.
                for key in case["input"]["key"].as_array().unwrap() {
                    if key["kty"] == "RSA" {
                        continue;
                    }
                    let result = decrypt_for_recipient(&case["output"]["json"], key);
                    let plaintext = case["input"]["plaintext"].as_str().unwrap();
                    demand(&name, result, plaintext.as_bytes());
                    ran += 1;
                }
                continue;
            }
            if name.starts_with("ecdh-es") {
                // The example encrypts with a key that is given apart.
                if case["input"]["key"].get("d").is_none() {
                    continue;
                }
            }
            let case = case.take();
            cookbook_case(&name, &case, &mut ran);
        }
    }
    println!("ran {ran}");
    assert!(ran > 50);
}

fn decrypt_for_recipient(token: &Value, key: &Value) -> Result<Vec<u8>> {
    let recipients = token["recipients"].as_array().unwrap();
    let own = recipients.iter().find(|one| one["header"]["kid"] == key["kid"]).unwrap();
    let alg: KeyAlgorithm = own["header"]["alg"].as_str().unwrap().parse()?;
    let enc: ContentAlgorithm = joint_header(token)["enc"].as_str().unwrap().parse()?;
    let jwk = PrivateJwk::parse_for_encryption(key.to_string().as_bytes())?;
    let key = DecryptionKey::from_jwk(&jwk, Some(alg), enc)?;
    let text = token.to_string();
    UnverifiedJwe::parse_json(text.as_bytes(), &Limits::default())?
        .decrypt(&key, &DecryptOptions::default())
        .map(|decrypted| decrypted.plaintext().to_vec())
}

#[test]
fn the_cookbook_of_another_library() {
    let Some(folder) = vectors::shared("panva-jose-cookbook") else { return };
    let mut ran = 0;
    for file in ["jws.json", "jwe.json"] {
        for case in read(&folder.join(file)).as_array().unwrap() {
            cookbook_case(case["title"].as_str().unwrap(), case, &mut ran);
        }
    }
    println!("ran {ran}");
    assert!(ran > 40);
}

#[test]
fn tokens_that_another_library_made_or_refuses() {
    let Some(suite) = vectors::shared_json("jose2go_interop.json") else { return };
    let (mut ran, mut skipped) = (0, 0);
    for case in suite["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let token = &case["token"];
        let expression = case["key_expr"].as_str().unwrap();
        let key = match expression {
            "PrivKey()" | "PubKey()" => &suite["keys"]["privKey"]["pem"],
            "Ecc256()" => &suite["keys"]["Ecc256Private()"],
            other => &suite["keys"][other],
        };
        let encrypted = token.as_str().unwrap().split('.').count() == 5;
        let result = match (key, expression.strip_prefix('"')) {
            (_, Some(password)) => {
                decrypt(token, &Key::Password(password.strip_suffix('"').unwrap()))
            }
            // A key made in the code of the other library.
            (Value::Null, None) if expression != "nil" => {
                skipped += 1;
                continue;
            }
            (Value::String(pem), _) if encrypted => decrypt(token, &Key::Pem(pem)),
            (key, _) if encrypted => decrypt(token, &Key::Jwk(key)),
            (key, _) => verify(token, b"", std::slice::from_ref(key)),
        };
        ran += 1;
        if case["result"] == "accept" {
            let payload = match (&case["expected_payload"], &result) {
                (Value::String(payload), _) => payload.clone().into_bytes(),
                (_, Ok(payload)) => payload.clone(),
                (_, Err(_)) => Vec::new(),
            };
            let name = format!("{id} {}", case["header"]["alg"]);
            demand(&name, result, &payload);
        } else if !id.contains("IterationViolation") && !id.contains("Deregister") {
            // Those are refused there by what the other library's test sets itself.
            assert!(result.is_err(), "{id} was accepted");
        }
    }
    println!("ran {ran}, skipped {skipped}");
    assert!(ran > 40);
}

/// The examples of RFC 7515 and 7520 in every serialisation, each with its key in a file beside it.
#[test]
fn the_examples_that_lie_beside_their_keys() {
    let Some(folder) = vectors::shared("latchset-jose/tests/vectors") else { return };
    let mut ran = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some((stem, form)) = name.rsplit_once('.') else { continue };
        let token = match form {
            "jwsc" | "jwec" => Value::from(linked(&folder, &name).trim()),
            "jwsg" | "jwsf" | "jweg" | "jwef" => {
                serde_json::from_str(&linked(&folder, &name)).unwrap()
            }
            _ => continue,
        };
        let file = |extension: &str| folder.join(format!("{stem}.{extension}"));
        let key = ["jwk", "jwkset"].into_iter().map(file).find(|path| path.exists()).map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            serde_json::from_str::<Value>(&linked(&folder, &name)).unwrap()
        });
        let header = joint_header(&token);
        let alg = header["alg"].as_str().unwrap_or("none");
        let named = format!("{name} {alg}");
        if form.starts_with("jws") {
            let Some(key) = key else { continue };
            let detached = fs::read(folder.join("rfc7520_4.5.payl")).unwrap();
            let result = verify(&token, &detached, &[key]);
            // RFC 7520 signs one text throughout; those of RFC 7515 are in `rfc.rs`.
            let expected = match &result {
                Ok(payload) if !stem.starts_with("rfc7520") => payload.clone(),
                _ => detached,
            };
            demand(&named, result, &expected);
        } else {
            if !file("pt").exists() {
                continue;
            }
            let plaintext = linked(&folder, &format!("{stem}.pt")).into_bytes();
            let password = fs::read_to_string(file("pwd")).ok();
            let password: Option<String> =
                password.map(|text| serde_json::from_str(&text).unwrap());
            let result = match (&password, key) {
                (Some(password), _) => decrypt(&token, &Key::Password(password)),
                (None, Some(key)) => match key["keys"].as_array() {
                    Some(keys) => {
                        for key in keys.iter().filter(|key| key["kty"] != "RSA") {
                            demand(&name, decrypt_for_recipient(&token, key), &plaintext);
                        }
                        continue;
                    }
                    None => decrypt(&token, &Key::Jwk(&key)),
                },
                (None, None) => continue,
            };
            demand(&named, result, &plaintext);
        }
        ran += 1;
    }
    println!("ran {ran}");
    assert!(ran > 40);
}

/// A file's text, or that of the file whose name is all that it holds.
fn linked(folder: &Path, name: &str) -> String {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    match text.starts_with("rfc") && folder.join(text.trim()).exists() {
        true => linked(folder, text.trim()),
        false => text,
    }
}

/// CVE-2023-50967: a count of iterations that keeps a recipient busy for hours.
#[test]
fn a_count_without_end_is_refused_at_once() {
    let Some(folder) = vectors::shared("latchset-jose/tests/cve-2023-50967") else { return };
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let text = text.trim();
        let read = match text.starts_with('{') {
            true => UnverifiedJwe::parse_json(text.as_bytes(), &Limits::default()),
            false => UnverifiedJwe::parse(text, &Limits::default()),
        };
        let Ok(read) = read else { continue };
        let Some((alg, enc)) = read
            .headers()
            .next()
            .map(|header| (header.key_algorithm(), header.content_algorithm()))
        else {
            continue;
        };
        let key = DecryptionKey::from_password(alg, enc, b"secret").unwrap();
        let mut options = DecryptOptions::default();
        options.pbes2 = true;
        assert!(read.decrypt(&key, &options).is_err());
    }
}
