//! Each algorithm with PyJWT, npm's jose and pyca/cryptography: what one side signs the other
//! verifies, keys of either.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::foreign::Foreign;

const ALGORITHMS: &[&str] = &[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
    "ES384", "ES512", "EdDSA",
];

const ML_DSA: &[&str] = &["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

#[test]
fn what_keytide_signs_pyjwt_verifies_and_back() {
    goes_both_ways(&mut Foreign::start("interop/pyjwt_interop.py", &[]), ALGORITHMS);
}

#[test]
fn what_keytide_signs_jose_verifies_and_back() {
    let mut jose = Foreign::start("interop/jose_interop.mjs", &[]);
    goes_both_ways(&mut jose, ALGORITHMS);
    goes_both_ways(&mut jose, &["Ed25519"]);
    // It has what its runtime has: ML-DSA comes with Node 24.7.
    let made = ask(&mut jose, &json!({"do": "generate", "alg": "ML-DSA-44"}));
    match made["error"].as_str() {
        None => goes_both_ways(&mut jose, ML_DSA),
        Some(why) => println!("skipped ML-DSA with npm's jose: {why}"),
    }
}

#[test]
fn what_keytide_signs_with_ml_dsa_pyca_cryptography_verifies_and_back() {
    goes_both_ways(&mut Foreign::start("interop/pyca_interop.py", &[]), ML_DSA);
}

fn goes_both_ways(foreign: &mut Foreign, algorithms: &[&str]) {
    for algorithm in algorithms {
        let folder = tempfile::tempdir().unwrap();
        let ours = our_key(&folder, algorithm);
        both_directions(foreign, &folder, algorithm, &ours);
        // A secret has no PEM.
        if !algorithm.starts_with("HS") {
            let pem = as_pem(&folder, &ours);
            both_directions(foreign, &folder, algorithm, &pem);
        }
        let theirs = their_key(foreign, &folder, algorithm);
        both_directions(foreign, &folder, algorithm, &theirs);
    }
}

/// The two halves of a key as files that Keytide reads, and as the peers' protocol carries them.
struct Pair {
    private: PathBuf,
    public: PathBuf,
}

fn both_directions(foreign: &mut Foreign, folder: &TempDir, algorithm: &str, key: &Pair) {
    let now = now();
    let claims = json!({"sub": "ada", "iat": now, "exp": now + 600, "n": {"deep": [1, null, "ü"]}});
    let token = sign(folder, algorithm, &key.private, &claims);
    let request =
        json!({"do": "verify", "alg": algorithm, "key": carried(&key.public), "token": token});
    assert_eq!(ask(foreign, &request)["claims"], claims, "{algorithm}: ours, verified by the peer");

    let forged = with_other_signature(&token);
    let request =
        json!({"do": "verify", "alg": algorithm, "key": carried(&key.public), "token": forged});
    assert!(ask(foreign, &request)["error"].is_string(), "{algorithm}: the peer verifies nothing");

    let request =
        json!({"do": "sign", "alg": algorithm, "key": carried(&key.private), "claims": claims});
    let reply = ask(foreign, &request);
    let token = reply["token"].as_str().unwrap_or_else(|| panic!("{algorithm}: {reply}"));
    let verified = verify(algorithm, &key.public, token);
    assert_eq!(verified.status.code(), Some(0), "{algorithm}: {verified:?}");
    let said: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(said, claims, "{algorithm}: the peer's, verified by ours");

    let forged = with_other_signature(token);
    assert_eq!(verify(algorithm, &key.public, &forged).status.code(), Some(1), "{algorithm}");
}

fn our_key(folder: &TempDir, algorithm: &str) -> Pair {
    let private = folder.path().join("ours.jwk");
    run(&["key", "generate", "--alg", algorithm, "--out", path(&private)]);
    let public = folder.path().join("ours.public.jwk");
    if algorithm.starts_with("HS") {
        fs::copy(&private, &public).unwrap();
    } else {
        fs::write(&public, run(&["key", "public", path(&private)])).unwrap();
    }
    Pair { private, public }
}

fn as_pem(folder: &TempDir, key: &Pair) -> Pair {
    let convert = |from: &Path, name: &str| {
        let to = folder.path().join(name);
        fs::write(&to, run(&["key", "convert", "--to", "pem", path(from)])).unwrap();
        to
    };
    Pair {
        private: convert(&key.private, "ours.pem"),
        public: convert(&key.public, "ours.pub.pem"),
    }
}

fn their_key(foreign: &mut Foreign, folder: &TempDir, algorithm: &str) -> Pair {
    let reply = ask(foreign, &json!({"do": "generate", "alg": algorithm}));
    let write = |half: &str| {
        let to = folder.path().join(format!("theirs.{half}"));
        let key = &reply[half];
        let text = key["pem"].as_str().map_or_else(|| key["jwk"].to_string(), str::to_owned);
        fs::write(&to, text).unwrap();
        to
    };
    Pair { private: write("private"), public: write("public") }
}

/// A key file as the peers' protocol carries it.
fn carried(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    match serde_json::from_str::<Value>(&text) {
        Ok(jwk) => json!({ "jwk": jwk }),
        Err(_) => json!({ "pem": text }),
    }
}

fn sign(folder: &TempDir, algorithm: &str, key: &Path, claims: &Value) -> String {
    let file = folder.path().join("claims.json");
    fs::write(&file, claims.to_string()).unwrap();
    let claims = format!("@{}", path(&file));
    run(&["sign", "--key", path(key), "--alg", algorithm, "--claims", &claims]).trim().to_owned()
}

fn verify(algorithm: &str, key: &Path, token: &str) -> Output {
    keytide(&["verify", "--key", path(key), "--alg", algorithm, token])
}

fn ask(foreign: &mut Foreign, request: &Value) -> Value {
    serde_json::from_str(&foreign.ask(&request.to_string())).unwrap()
}

/// The same token with one bit of its signature turned.
fn with_other_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{other}{}", &signature[1..])
}

fn run(args: &[&str]) -> String {
    let output = keytide(args);
    assert!(output.status.success(), "keytide {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn keytide(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keytide")).args(args).output().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}
