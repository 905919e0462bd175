//! `keytide sync pull`: a secret that programs use already becomes the first key of a ring, if it may.

use std::fs;

use crate::program::Program;

fn program_with(secret: &str) -> Program {
    let program = Program::new();
    program.file("legacy.env", format!("# ours\nPORT=80\nJWT_SECRET={secret}\n"));
    program
}

const PULL: &[&str] =
    &["sync", "pull", "legacy.test", "--file", "legacy.env", "--consumer", "environment"];

#[test]
fn programs_that_sign_with_a_pulled_secret_go_on_as_they_are() {
    let secret = Program::new().done(&["secret"]);
    let program = program_with(secret.trim());
    let before = fs::read(program.path("legacy.env")).unwrap();
    program.done(PULL);
    assert_eq!(fs::read(program.path("legacy.env")).unwrap(), before, "nothing is written");
    program.file("secret.txt", secret.trim());
    let token = program.done(&["sign", "--ring", "legacy.test", "--sub", "a"]);
    let verify = ["verify", "--secret-file", "secret.txt", "--alg", "HS256", token.trim()];
    let verified = program.run(&verify);
    assert_eq!(verified.exit, 0, "{}", verified.stderr);
    assert!(program.done(&["audit", "tail"]).contains("brought_from_elsewhere=true"));

    // From then on the file is kept up, its other lines as they were.
    program.done(&[
        "sync",
        "target",
        "add",
        "legacy",
        "--ring",
        "legacy.test",
        "--file",
        "legacy.env",
        "--adopt",
    ]);
    program.done(&["sync", "push"]);
    let text = fs::read_to_string(program.path("legacy.env")).unwrap();
    assert!(text.starts_with("# ours\nPORT=80\n") && text.contains("JWT_SECRET_NEXT="), "{text}");
    assert!(text.contains(secret.trim()), "the active secret is the one that was there");
    let again = ["sync", "pull", "other.test", "--file", "legacy.env", "--json"];
    let refused = program.run(&again);
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (1, Some("nothing_to_pull")));
}

#[test]
fn a_weak_secret_is_refused_with_the_way_out_and_leaves_nothing_behind() {
    let program = program_with("my-super-secret-jwt-key-change-me-in-production");
    let refused = program.run(&[PULL, &["--json"]].concat());
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (1, Some("weak_secret")));
    assert!(refused.error()["hint"].as_str().unwrap().contains("--adopt"));
    assert!(!refused.stderr.contains("super-secret"), "it is not repeated");
    assert!(!program.path("keytide-data").exists());
}

#[test]
fn a_secret_that_another_ring_has_is_refused() {
    let secret = Program::new().done(&["secret"]);
    let program = program_with(secret.trim());
    program.done(PULL);
    let again = ["sync", "pull", "other.test", "--file", "legacy.env", "--json"];
    let refused = program.run(&again);
    assert_eq!(refused.exit, 1, "{}", refused.stderr);
    assert!(refused.error()["message"].as_str().unwrap().contains("secret"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(secret.trim()));
}
