//! Every case of the attack corpus that concerns compact JWS and keys, through the command line.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::program::Program;

/// Our codes under the names of the corpus, where they differ. The command line asks for an algorithm
/// that a caller of the library would have found allowed by nobody.
const NAMES: &[(&str, &str)] = &[
    ("claims_shape", "invalid_claim_type"),
    ("algorithm_needed", "alg_not_allowed"),
    ("wrong_use", "alg_not_allowed"),
];

#[test]
fn no_attack_passes_and_no_valid_token_is_refused() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/attacks.jsonl");
    let corpus = std::fs::read_to_string(corpus).unwrap();
    let cases: Vec<Value> =
        corpus.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let work = || {
            let program = Program::new();
            let mut tally = Tally::default();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                run(case, &program, &mut tally);
            }
            tally
        };
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut sum = Tally::default();
    for tally in tallies {
        sum.accepted += tally.accepted;
        sum.refused += tally.refused;
        sum.other_reason += tally.other_reason;
        for (why, count) in tally.left_out {
            *sum.left_out.entry(why).or_default() += count;
        }
    }
    let Tally { accepted, refused, other_reason, left_out } = sum;
    println!("{accepted} accepted, {refused} refused, left out for later: {left_out:?}");
    assert!(accepted + refused > 300, "the corpus has shrunk");
    assert!(other_reason * 20 <= refused, "less than 95 % of the reasons match");
}

#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    other_reason: usize,
    left_out: BTreeMap<&'static str, usize>,
}

fn run(case: &Value, program: &Program, tally: &mut Tally) {
    let id = case["id"].as_str().unwrap();
    let args = match case["op"].as_str().unwrap() {
        "jwt_verify" => verify(case, program),
        "jwk_import" => {
            let file = program.file("imported.jwk", case["key"]["value"].to_string());
            ["key", "convert", "--to", "pem", &file].map(String::from).to_vec()
        }
        "jwks_import" => {
            let file = program.file("imported.jwks", case["key"]["value"].to_string());
            ["verify", "--jwks", &file, "-"].map(String::from).to_vec()
        }
        "jwe_decrypt" => {
            *tally.left_out.entry("JWE").or_default() += 1;
            return;
        }
        "jws_json_verify" => {
            *tally.left_out.entry("JWS JSON serialisation").or_default() += 1;
            return;
        }
        other => panic!("unknown op {other}"),
    };
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    args.push("--json");
    // What is not a string reaches a program as its JSON text.
    let token = match &case["token"] {
        Value::String(token) => token.clone(),
        other => other.to_string(),
    };
    let ran = program.run_with(&args, token.as_bytes(), &[]);
    if case["expect"] == "accept" {
        assert_eq!(ran.exit, 0, "{id} was refused: {}", ran.stderr);
        if case["op"] == "jwt_verify" && !case["payload"].is_null() {
            let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
            assert_eq!(said["claims"], case["payload"], "{id}");
        }
        tally.accepted += 1;
        return;
    }
    assert!(matches!(ran.exit, 1 | 2), "{id} ended with {}: {}", ran.exit, ran.stderr);
    assert!(ran.stdout.is_empty(), "{id} printed something");
    tally.refused += 1;
    let error = ran.error();
    let code = error["code"].as_str().unwrap();
    let name = NAMES.iter().find(|(ours, _)| *ours == code).map_or(code, |(_, theirs)| theirs);
    let kinds = case["error_kind"].as_str().unwrap();
    if !kinds.split('|').any(|kind| kind == name) {
        tally.other_reason += 1;
        println!("{id}: {code}, expected {kinds}");
    }
}

/// The key in a file, and the options that say the same as the case's.
fn verify(case: &Value, program: &Program) -> Vec<String> {
    let key = &case["key"];
    let value = &key["value"];
    let (option, file) = match key["fmt"].as_str().unwrap() {
        "secret_b64u" | "der_b64u" => {
            let bytes = unbase64url(value.as_str().unwrap());
            ("--secret-file", program.file("key", bytes))
        }
        "text" => ("--key", program.file("key", value.as_str().unwrap())),
        "jwk" | "jwks" => ("--key", program.file("key", value.to_string())),
        "null" => ("--key", program.file("key", "")),
        other => panic!("unknown key format {other}"),
    };
    let mut args = vec!["verify".to_owned(), option.to_owned(), file];
    let options = &case["options"];
    for (name, option) in [
        ("algorithms", "--alg"),
        ("audience", "--aud"),
        ("issuer", "--iss"),
        ("subject", "--sub"),
        ("typ", "--typ"),
        ("leeway", "--leeway"),
        ("require", "--require"),
        ("now", "--now"),
    ] {
        let values = match &options[name] {
            Value::Null => &[],
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            args.extend([option.to_owned(), text]);
        }
    }
    args.push("-".to_owned());
    args
}

fn unbase64url(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            other => panic!("{other} is not base64url"),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
