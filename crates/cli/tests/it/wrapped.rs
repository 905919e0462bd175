//! A store whose master key a key manager keeps: sealed by `seal --wrap`, opened by asking it, taken back.

use std::fs;

use serde_json::json;

use crate::program::Program;
use crate::python;
use crate::tls_server::Server;

const TOKEN: &str = "root-token-of-the-tests";

/// A store with a ring, and settings of a Transit key on the server.
fn beside(server: &Server) -> Program {
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "HS256", "--consumer", "environment"]);
    let settings = json!({
        "kind": "transit", "address": server.address(), "ca": server.ca(), "key": "keytide",
        "auth": { "method": "token", "token": { "env": "VAULT_TOKEN" } },
    });
    program.file("transit.json", settings.to_string());
    program
}

#[test]
fn a_wrapped_master_key_opens_the_store_as_long_as_its_manager_answers() {
    let Some(server) = Server::start("vault.py") else { return };
    let program = beside(&server);
    let with_token = |args: &[&str]| program.run_with(args, b"", &[("VAULT_TOKEN", TOKEN)]);
    let store = program.path("keytide-data");
    let key = fs::read_to_string(store.join("master.key")).unwrap();

    let refused = program.run(&["seal", "--wrap", "transit.json", "--json"]);
    assert_eq!(refused.error()["code"], "no_credentials");
    assert!(store.join("master.key").exists(), "what was not wrapped stays");

    let sealed = with_token(&["seal", "--wrap", "transit.json"]);
    assert_eq!(sealed.exit, 0, "{}", sealed.stderr);
    assert!(!store.join("master.key").exists());
    let wrapped = fs::read_to_string(store.join("master.key.wrapped")).unwrap();
    assert!(!wrapped.contains(TOKEN) && !wrapped.contains(key.trim()), "{wrapped}");

    let signed = with_token(&["sign", "--ring", "a.test", "--sub", "a"]);
    assert_eq!(signed.exit, 0, "{}", signed.stderr);
    let audit = with_token(&["audit", "tail"]);
    assert!(audit.text().contains("wrapped_by=transit"), "{}", audit.text());
    let closed = program.run(&["ring", "list", "--json"]);
    assert_eq!((closed.exit, closed.error()["code"].as_str()), (3, Some("no_credentials")));
    server.say(&json!({ "fault": "down", "times": 9 }));
    let closed = with_token(&["ring", "list", "--json"]);
    assert_eq!((closed.exit, closed.error()["code"].as_str()), (3, Some("target_unreachable")));
    let hint = closed.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("key manager") && !hint.contains("ring"), "{hint}");
    server.say(&json!({ "fault": null }));

    let twice = with_token(&["seal", "--wrap", "transit.json", "--json"]);
    assert_eq!((twice.exit, twice.error()["code"].as_str()), (2, Some("wrong_use")));
    assert!(twice.error()["message"].as_str().unwrap().contains("sealed already"));
    assert!(twice.error()["hint"].as_str().unwrap().contains("keytide unseal"));

    // Another master key would leave the wrapped one behind.
    let rekeyed = with_token(&["rekey", "--json"]);
    assert_eq!((rekeyed.exit, rekeyed.error()["code"].as_str()), (2, Some("wrong_use")));

    let unsealed = with_token(&["unseal"]);
    assert_eq!(unsealed.exit, 0, "{}", unsealed.stderr);
    assert_eq!(fs::read_to_string(store.join("master.key")).unwrap(), key);
    assert!(!store.join("master.key.wrapped").exists());
    program.done(&["ring", "list"]);
}

#[test]
fn a_manager_that_repeats_what_it_is_sent_shows_nobody_the_master_key() {
    let Some(server) = Server::start("vault.py") else { return };
    let program = beside(&server);
    let env = [("VAULT_TOKEN", TOKEN)];
    let key = fs::read(program.path("keytide-data").join("master.key")).unwrap();
    let base64 = data_encoding::BASE64.encode(&key);
    let key = String::from_utf8(key).unwrap();
    let hidden = |stderr: &str| {
        for secret in [&key[..12], &base64[..12], TOKEN] {
            assert!(!stderr.contains(secret), "{stderr}");
        }
    };
    server.say(&json!({ "fault": "echoes" }));
    let refused = program.run_with(&["seal", "--wrap", "transit.json"], b"", &env);
    assert!(refused.exit == 3 && refused.stderr.contains("target_denied"), "{}", refused.stderr);
    hidden(&refused.stderr);
    assert!(program.path("keytide-data").join("master.key").exists(), "what was not wrapped stays");

    server.say(&json!({ "fault": null }));
    assert_eq!(program.run_with(&["seal", "--wrap", "transit.json"], b"", &env).exit, 0);
    server.say(&json!({ "fault": "echoes" }));
    let closed = program.run_with(&["ring", "list"], b"", &env);
    assert!(closed.exit == 3 && closed.stderr.contains("target_denied"), "{}", closed.stderr);
    hidden(&closed.stderr);
}

#[test]
fn what_lies_in_place_of_a_wrapped_key_is_not_repeated() {
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "HS256"]);
    let store = program.path("keytide-data");
    let key = fs::read_to_string(store.join("master.key")).unwrap();
    fs::rename(store.join("master.key"), store.join("master.key.wrapped")).unwrap();
    for text in [key.trim().to_owned(), format!("{:?}", key.trim())] {
        fs::write(store.join("master.key.wrapped"), text).unwrap();
        let closed = program.run(&["ring", "list"]);
        assert!(
            closed.exit != 0 && closed.stderr.contains("master.key.wrapped"),
            "{}",
            closed.stderr
        );
        assert!(!closed.stderr.contains(&key[..12]), "{}", closed.stderr);
    }
}

#[test]
fn aws_kms_wraps_a_master_key_with_the_credentials_of_the_environment() {
    let Some(mut aws) = python::Program::start("aws.py", &["moto"]) else { return };
    let address = aws.line();
    let Some(mut boto3) = python::Program::start("boto3_caller.py", &[&address]) else { return };
    let made = boto3.ask(&json!({ "service": "kms", "call": "create_key", "with": {} }));
    let key_id = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "EdDSA", "--consumer", "pyjwt"]);
    let settings = json!({
        "kind": "aws-kms", "key_id": key_id, "region": "eu-central-1", "endpoint": address,
    });
    program.file("kms.json", settings.to_string());
    let env = [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", "not-a-secret")];
    let sealed = program.run_with(&["seal", "--wrap", "kms.json"], b"", &env);
    assert_eq!(sealed.exit, 0, "{}", sealed.stderr);
    let store = program.path("keytide-data");
    assert!(!store.join("master.key").exists());
    let listed = program.run_with(&["ring", "list"], b"", &env);
    assert!(listed.exit == 0 && listed.text().contains("a.test"), "{}", listed.stderr);

    // What was wrapped was changed: nothing opens, and nothing is made anew.
    let file = store.join("master.key.wrapped");
    let wrapped = fs::read_to_string(&file).unwrap();
    fs::write(&file, wrapped.replace("aws-kms:v1:", "aws-kms:v1:AAAA")).unwrap();
    let refused = program.run_with(&["ring", "list", "--json"], b"", &env);
    // AWS says that the ciphertext is none, its stand-in that there is no such key for us.
    let error = refused.error();
    let code = error["code"].as_str().unwrap_or_default();
    assert!(refused.exit == 3 && ["target_refused", "target_denied"].contains(&code), "{error}");
    fs::write(&file, wrapped).unwrap();
    assert_eq!(program.run_with(&["unseal"], b"", &env).exit, 0);
    program.done(&["ring", "list"]);
}

#[test]
fn settings_with_a_credential_in_them_are_refused_before_the_store_is_opened() {
    let program = Program::new();
    let settings = r#"{"kind":"transit","address":"https://localhost:1","key":"k",
        "auth":{"method":"token","token":{"sealed":"hvs.marker"}}}"#;
    program.file("transit.json", settings);
    let ran = program.run(&["seal", "--wrap", "transit.json", "--json"]);
    assert_eq!((ran.exit, ran.error()["code"].as_str()), (2, Some("bad_target")));
    assert!(!ran.stderr.contains("hvs.marker") && !program.path("keytide-data").exists());
}
