//! Exit statuses, and what goes where: data on stdout, talk on stderr, files for their owner alone.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Program, ran};

const HOUR: u64 = 3_600;

fn program_with_key() -> Program {
    let program = Program::new();
    program.done(&["key", "generate", "--alg", "ES256", "--out", "key.jwk"]);
    program
}

#[test]
fn a_valid_token_is_0_an_invalid_one_1_wrong_use_2_and_a_failure_3() {
    let program = program_with_key();
    let token = program.done(&["sign", "--key", "key.jwk", "--sub", "alice"]);
    assert_eq!(program.run(&["verify", "--key", "key.jwk", &token]).exit, 0);
    assert_eq!(program.run(&["verify", "--key", "key.jwk", "--sub", "bob", &token]).exit, 1);
    assert_eq!(program.run(&["verify", "--key", "key.jwk", "not a token"]).exit, 1);
    assert_eq!(program.run(&["verify", &token]).exit, 2);
    assert_eq!(program.run(&["verify", "--key", "key.jwk", "--alg", "HS256", &token]).exit, 2);
    assert_eq!(program.run(&["verify", "--key", "key.jwk", "--alg", "none", &token]).exit, 2);
    assert_eq!(program.run(&["verify", "--key", "missing.jwk", &token]).exit, 2);
    let unreachable = ["verify", "--jwks", "http://127.0.0.1:1/jwks.json", &token];
    assert_eq!(program.run(&unreachable).exit, 3);
    assert_eq!(program.run(&["ring", "list"]).exit, 3, "there is no store");
    assert_eq!(program.run(&["no-such-verb"]).exit, 2);
    assert_eq!(program.run(&["--help"]).exit, 0);
}

#[test]
fn a_refused_rotation_is_a_no_and_says_until_when() {
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "EdDSA"]);
    let ran = program.run(&["ring", "rotate", "a.test", "--json"]);
    assert_eq!(ran.exit, 1);
    let error = ran.error();
    assert_eq!(error["code"], "activation_too_early");
    assert_eq!(error["binding_term"]["name"], "max_age");
    assert!(error["earliest_safe_at"].is_string());
    assert_eq!(program.run(&["ring", "rotate", "a.test", "--force"]).exit, 2, "no reason");
    program.done(&["ring", "rotate", "a.test", "--force", "--reason", "the test's"]);
    let log = program.done(&["audit", "tail"]);
    assert!(log.contains("forced=true") && log.contains("the test's"), "{log}");
    assert!(log.contains("refused: activation_too_early"), "{log}");
}

#[test]
fn an_audience_that_nobody_asked_for_is_refused() {
    let program = program_with_key();
    let token = program.done(&["sign", "--key", "key.jwk", "--aud", "api"]);
    assert_eq!(program.run(&["verify", "--key", "key.jwk", &token]).exit, 1);
    let both = ["verify", "--key", "key.jwk", "--aud", "web", "--aud", "api", &token];
    assert_eq!(program.run(&both).exit, 0);
}

#[test]
fn a_token_is_over_at_its_end_and_lives_15_minutes_by_default() {
    let program = program_with_key();
    let token = program.done(&["sign", "--key", "key.jwk", "--now", "1000000"]);
    let at = |now: u64, leeway: &str| {
        let now = now.to_string();
        let args = ["verify", "--key", "key.jwk", "--now", &now, "--leeway", leeway, &token];
        program.run(&args).exit
    };
    assert_eq!(at(1_000_000, "0s"), 0);
    assert_eq!(at(1_000_899, "0s"), 0);
    assert_eq!(at(1_000_900, "0s"), 1);
    assert_eq!(at(1_000_900, "10"), 0);
    assert_eq!(at(1_000_900 + HOUR, "60s"), 1);
    assert_eq!(at(1_000_000, "61s"), 2, "too much leeway is wrong use");
    assert_eq!(at(999_999, "0s"), 1, "issued in the future");
}

#[test]
fn claims_come_back_as_they_were_given_and_nothing_is_written_over_them() {
    let program = program_with_key();
    let claims = json!({"iat": 5, "exp": 99, "n": [1.5, null, {"deep": "ü"}], "sub": "ada"});
    let file = program.file("claims.json", claims.to_string());
    let token = program.done(&["sign", "--key", "key.jwk", "--claims", &format!("@{file}")]);
    let said = program.done(&["verify", "--key", "key.jwk", "--now", "50", &token]);
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), claims);
    let twice = ["sign", "--key", "key.jwk", "--claims", r#"{"sub":"a"}"#, "--sub", "b"];
    assert_eq!(program.run(&twice).exit, 2);
    let duplicate = ["sign", "--key", "key.jwk", "--claims", r#"{"sub":"a","sub":"b"}"#];
    assert_eq!(program.run(&duplicate).exit, 2);
    let header = ["sign", "--key", "key.jwk", "--header", "alg=none"];
    assert_eq!(program.run(&header).exit, 2);
}

#[test]
fn a_line_s_end_after_a_token_is_refused_unless_trimmed() {
    let program = program_with_key();
    let token = program.done(&["sign", "--key", "key.jwk"]);
    assert!(!token.ends_with('\n'), "a pipe gets the token alone");
    let line = format!("{token}\n");
    let verify = ["verify", "--key", "key.jwk", "-"];
    assert_eq!(program.run_with(&verify, token.as_bytes(), &[]).exit, 0);
    assert_eq!(program.run_with(&verify, line.as_bytes(), &[]).exit, 1);
    let trimmed = ["verify", "--key", "key.jwk", "--trim", "-"];
    assert_eq!(program.run_with(&trimmed, line.as_bytes(), &[]).exit, 0);
}

#[test]
fn what_json_asks_for_is_json_errors_too() {
    let program = program_with_key();
    let token = program.done(&["sign", "--key", "key.jwk", "--sub", "alice"]);
    let verified = program.json(&["verify", "--key", "key.jwk", &token]);
    assert_eq!(verified["valid"], true);
    assert_eq!(verified["claims"]["sub"], "alice");
    let decoded = program.json(&["decode", &token]);
    assert_eq!(decoded["verified"], false);
    assert_eq!(decoded["unverified_claims"]["sub"], "alice");
    let refused = program.run(&["--json", "verify", "--key", "key.jwk", "x"]);
    assert_eq!(refused.error()["code"], "malformed_token");
    assert!(refused.stdout.is_empty());
    assert_eq!(program.run(&["--json", "nothing"]).error()["code"], "wrong_use");
}

#[test]
fn decode_says_on_stderr_that_nothing_was_verified() {
    let program = Program::new();
    let ran = program.run(&["decode", "--now", "0", "eyJhbGciOiJub25lIn0.eyJleHAiOjYwfQ."]);
    assert_eq!(ran.exit, 0);
    assert!(ran.stderr.contains("NOT VERIFIED"), "{}", ran.stderr);
    assert!(ran.text().contains("1970-01-01T00:01:00Z  (in 1m)"), "{}", ran.text());
}

#[test]
fn key_files_are_for_their_owner_alone_and_replaced_only_by_force() {
    let program = program_with_key();
    let mode =
        |name: &str| std::fs::metadata(program.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("key.jwk"), 0o600);
    let again = ["key", "generate", "--alg", "ES256", "--out", "key.jwk"];
    assert_eq!(program.run(&again).exit, 1);
    let before = std::fs::read(program.path("key.jwk")).unwrap();
    program.done(&[again.as_slice(), &["--force"]].concat());
    assert_ne!(std::fs::read(program.path("key.jwk")).unwrap(), before);
    program.done(&["secret", "--format", "env", "--out", "secret.env"]);
    assert_eq!(mode("secret.env"), 0o600);
    program.done(&["ring", "create", "a.test", "--alg", "HS256"]);
    assert_eq!(mode("keytide-data"), 0o700);
    for file in ["keytide.db", "master.key"] {
        assert_eq!(mode(&format!("keytide-data/{file}")), 0o600, "{file}");
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let program = Program::new();
    let mut child = program
        .command(&["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_key_whose_name_begins_with_a_dash_is_named_like_any_other() {
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "ES256"]);
    for verb in ["activate", "revoke"] {
        let args = ["ring", verb, "a.test", "-dash_first", "--reason", "why", "--json"];
        let ran = program.run(&args);
        assert_ne!(ran.exit, 2, "{}", ran.stderr);
        assert!(ran.error()["message"].as_str().unwrap().contains("-dash_first"));
    }
}

#[test]
fn keys_go_through_every_format_and_verify_what_they_signed() {
    let program = Program::new();
    for alg in ["RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"] {
        program.done(&["key", "generate", "--alg", alg, "--out", "k.jwk", "--force"]);
        for format in ["pem", "der", "jwk"] {
            let (private, public) = (format!("k.{format}"), format!("p.{format}"));
            if format != "jwk" {
                program
                    .done(&["key", "convert", "--to", format, "k.jwk", "-o", &private, "--force"]);
            }
            program.done(&["key", "public", "--format", format, "k.jwk", "-o", &public, "--force"]);
            let token = program.done(&["sign", "--key", &private, "--alg", alg]);
            program.done(&["verify", "--key", &public, "--alg", alg, &token]);
            let back = ["key", "convert", "--to", "jwk", "--alg", alg, &private];
            let back: Value = serde_json::from_str(&program.done(&back)).unwrap();
            let text = std::fs::read_to_string(program.path("k.jwk")).unwrap();
            let first: Value = serde_json::from_str(&text).unwrap();
            for member in ["kty", "crv", "x", "y", "n", "e", "d"] {
                assert_eq!(back[member], first[member], "{alg} {format} {member}");
            }
        }
    }
    assert_eq!(program.run(&["key", "thumbprint", "k.jwk"]).exit, 0);
}

#[test]
fn a_secret_comes_from_a_file_stdin_or_a_variable() {
    let program = Program::new();
    let secret = program.done(&["secret"]);
    let file = program.file("secret.txt", &secret);
    let token = program.done(&["sign", "--secret-file", &file, "--alg", "HS256"]);
    let secret = secret.trim();
    let env = [("JWT_SECRET", secret)];
    let verify = |source: &str, stdin: &str, env: &[(&str, &str)]| {
        let args = ["verify", "--secret-file", source, "--alg", "HS256", &token];
        program.run_with(&args, stdin.as_bytes(), env).exit
    };
    assert_eq!(verify(&file, "", &[]), 0, "the newline at the file's end is not the secret's");
    assert_eq!(verify("-", secret, &[]), 0);
    assert_eq!(verify("env:JWT_SECRET", "", &env), 0);
    assert_eq!(verify("env:JWT_SECRET", "", &[]), 2);
    assert_eq!(
        verify("env:JWT_SECRET", "", &[("JWT_SECRET", "another secret, and long enough")]),
        2
    );
    let other = "another secret, and long enough!!";
    assert_eq!(verify("env:JWT_SECRET", "", &[("JWT_SECRET", other)]), 1);
}

#[test]
fn the_terminal_is_not_steered_by_what_a_token_says() {
    let program = program_with_key();
    let claims = "{\"sub\":\"\\u009b31m\\u202e\\u001b[2J\"}";
    let token = program.done(&["sign", "--key", "key.jwk", "--claims", claims]);
    for args in
        [["decode", &token, "--now", "0"].as_slice(), &["verify", "--key", "key.jwk", &token]]
    {
        let ran = ran(program.command(args), b"");
        assert_eq!(ran.exit, 0);
        assert!(ran.text().is_ascii(), "{}", ran.text());
    }
}
