//! `keytide doctor`: the environment around it, and tokens that live longer than their ring allows.

use crate::program::Program;

#[test]
fn the_environment_around_it_is_looked_at_when_it_is_asked_to() {
    let program = Program::new();
    let env = [("JWT_SECRET", "your-256-bit-secret"), ("PATH_LIKE", "your-256-bit-secret")];
    let ran = program.run_with(&["doctor", "--env", "--json"], b"", &env);
    assert_eq!(ran.exit, 1, "{}", ran.stderr);
    let seen: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(seen["defects"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(seen["defects"][0]["code"], "weak_secret");
    assert_eq!(seen["defects"][0]["subject"], "this environment: JWT_SECRET");
    assert!(!ran.text().contains("256-bit"), "the secret is not repeated");
}

#[test]
fn a_token_that_outlives_its_rings_policy_is_an_error() {
    let program = Program::new();
    program.done(&["ring", "create", "a.test", "--alg", "EdDSA", "--consumer", "pyjwt"]);
    let ring = program.json(&["ring", "show", "a.test"]);
    let kid = ring["keys"][0]["kid"].as_str().unwrap().to_owned();
    program.done(&["key", "generate", "--alg", "EdDSA", "--out", "other.jwk"]);
    let forged = ["sign", "--key", "other.jwk", "--kid", &kid, "--ttl", "30d"];
    let token = program.done(&forged);
    program.file("a.env", format!("TOKEN={token}"));
    let ran = program.run(&["doctor", "--env", "a.env", "--json"]);
    let seen: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(seen["defects"][0]["code"], "token_outlives_policy", "{seen}");

    // A token of nobody's ring is measured by the day.
    let token = program.done(&["sign", "--key", "other.jwk", "--no-exp"]);
    program.file("a.env", format!("TOKEN={token}"));
    let ran = program.run(&["doctor", "--env", "a.env", "--json"]);
    let seen: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(seen["defects"][0]["code"], "long_lived_token", "{seen}");
}
