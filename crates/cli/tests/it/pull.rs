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

#[test]
fn a_comment_is_no_part_of_a_pulled_secret() {
    let secret = Program::new().done(&["secret"]);
    let secret = secret.trim();
    for line in [format!("{secret} # prod"), format!("'{secret}' # it's"), format!("\"{secret}\"")]
    {
        let program = program_with(&line);
        program.done(PULL);
        program.file("secret.txt", secret);
        let token = program.done(&["sign", "--ring", "legacy.test", "--sub", "a"]);
        let verify = ["verify", "--secret-file", "secret.txt", "--alg", "HS256", token.trim()];
        assert_eq!(program.run(&verify).exit, 0, "{line}");
    }
}

#[test]
fn a_line_that_its_readers_do_not_take_alike_is_refused_with_its_number() {
    let secret = Program::new().done(&["secret"]);
    let secret = secret.trim();
    let other = Program::new().done(&["secret"]);
    for line in [
        format!("{secret}#prod"),
        format!("{secret} prod"),
        format!("'{secret}'prod"),
        format!("'{secret}'#prod"),
        format!("\"{secret}\\n\""),
        format!("${secret}"),
        format!("it's{secret}"),
        format!("{secret}\\"),
        format!("{secret}\nJWT_SECRET_NEXT={other}JWT_SECRET={other}"),
    ] {
        let program = program_with(&line);
        let refused = program.run(&[PULL, &["--json"]].concat());
        let error = refused.error();
        assert_eq!((refused.exit, error["code"].as_str()), (1, Some("nothing_to_pull")), "{line}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("line 3") || message.contains("line 5"), "{message}");
        assert!(!refused.stderr.contains(&secret[..12]), "{}", refused.stderr);
        assert!(!program.path("keytide-data").exists(), "{line}");
    }
}

#[test]
fn a_text_under_another_of_the_names_is_not_the_secret() {
    let program = Program::new();
    let secret = program.done(&["secret"]);
    program.file("legacy.env", format!("JWT_SECRET_NEXT={secret}"));
    let refused = program.run(&[PULL, &["--json"]].concat());
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (1, Some("nothing_to_pull")));
}

#[test]
fn behind_a_server_no_secret_is_read_or_judged() {
    let program = program_with("weak");
    let server = ["--server", "http://127.0.0.1:1", "--json"];
    let refused = program.run(&[PULL, &server].concat());
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (2, Some("wrong_use")));
    assert!(refused.error()["message"].as_str().unwrap().contains("where the store is"));
}
