//! Marker secrets go into every command, and come out of none.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use crate::program::{Program, Ran};

/// 33 bytes, so that their base64 has no padding and can be found within a longer text.
const MARKER: &str = "marker-secret-that-nobody-may-see";
/// A master key of the same kind.
const MASTER: &str = "6d61726b65722d6d61737465722d6b65792d2d2d2d2d2d2d2d2d2d2d2d2d2d21";

#[test]
fn no_command_repeats_a_secret_that_it_was_given() {
    let program = Program::new();
    let secret = program.file("secret.txt", MARKER);
    let jwk = program.file("secret.jwk", marker_jwk());
    let broken = program.file("broken.jwk", marker_jwk().replace("\"oct\"", "\"EC\""));
    let cut = program.file("cut.jwk", marker_jwk().trim_end_matches('}'));
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{MARKER}\n-----END PRIVATE KEY-----\n");
    let pem = program.file("bad.pem", pem);
    let master = program.file("master.txt", MASTER);
    let env = [("MARKER", MARKER), ("KEYTIDE_TOKEN", MARKER), ("KEYTIDE_MASTER_KEY", MASTER)];
    let server = ["--server", "http://127.0.0.1:1"];
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["sign", "--secret-file", &secret, "--alg", "HS256"],
        vec!["sign", "--secret-file", "env:MARKER", "--alg", "HS256"],
        vec!["sign", "--secret-file", &secret, "--alg", "HS512"],
        vec!["sign", "--secret-file", &secret, "--alg", "ES256"],
        vec!["sign", "--secret-file", MARKER, "--alg", "HS256"],
        vec!["sign", "--secret", MARKER],
        vec!["sign", "--key", MARKER],
        vec!["sign", "--key", &jwk, "--kid", "k"],
        vec!["verify", "--secret-file", &secret, "--alg", "HS256", "x.y.z"],
        vec!["verify", "--secret", MARKER, "x.y.z"],
        vec!["verify", "--secret-file", MARKER, "--alg", "HS256", "x.y.z"],
        vec!["verify", "--key", MARKER, "x.y.z"],
        vec!["verify", "--jwks", MARKER, "x.y.z"],
        vec!["verify", "--jwks", "http://marker-secret-that-nobody-may-see:x@127.0.0.1/", "x.y.z"],
        vec!["verify", "--key", &jwk, "x.y.z"],
        vec!["key", "public", &jwk],
        vec!["key", "thumbprint", &jwk],
        vec!["key", "convert", "--to", "pem", &jwk],
        vec!["secret", "--name", "MARKER", "--format", "env"],
        vec!["ring", "create", "a.test", "--alg", "HS256"],
        vec!["ring", "create", "b.test", "--alg", "ES256", "--master-key", &master],
        vec!["ring", "create", "c.test", "--alg", "ES256", "--master-key", MARKER],
        vec!["ring", "create", "d.test", "--alg", "ES256", "--master-key", "env:MARKER"],
        vec!["ring", "create", "e.test", "--policy", &jwk],
        vec!["ring", "list"],
        vec!["ring", "show", "a.test"],
        vec!["ring", "explain", "a.test"],
        vec!["ring", "timeline", "a.test"],
        vec!["ring", "rotate", "a.test"],
        vec!["sign", "--ring", "a.test"],
        vec!["verify", "--ring", "a.test", "x.y.z"],
        vec!["run", "--ring", "a.test", "--server", server[1], "--", "true"],
        vec![
            "run",
            "--ring",
            "a.test",
            "--server",
            server[1],
            "--token-file",
            MARKER,
            "--",
            "true",
        ],
        vec!["run", "--ring", "a.test", "--map", MARKER, "--server", server[1], "--", "true"],
        vec!["audit", "tail"],
        vec!["audit", "verify"],
        vec!["ring", "destroy", "a.test", "--yes"],
    ];
    for file in [&broken, &cut, &pem] {
        for verb in [["sign", "--key"], ["key", "public"], ["key", "thumbprint"]] {
            commands.push([verb.as_slice(), &[file.as_str()]].concat());
        }
        commands.push(vec!["verify", "--key", file, "--alg", "HS256", "x.y.z"]);
        commands.push(vec!["key", "convert", "--to", "jwk", file]);
    }
    for verb in ["list", "show", "explain", "timeline", "rotate", "create"] {
        let mut args = vec!["ring", verb];
        args.extend((verb != "list").then_some("a.test"));
        args.extend((verb == "create").then_some("--alg=ES256"));
        args.extend(server);
        commands.push(args.clone());
        args.extend(["--token-file", MARKER]);
        commands.push(args);
    }
    for args in &commands {
        for json in [&[][..], &["--json"]] {
            let args = [args.as_slice(), json].concat();
            assert_unseen(&program.run_with(&args, b"", &env), &args);
        }
    }
    let stored = fs::read(program.path("keytide-data/keytide.db")).unwrap();
    assert!(forms().iter().all(|form| !contains(&stored, form)), "the database has the marker");
}

#[test]
fn a_server_shows_no_secret_token_or_claim_in_its_log_or_to_other_processes() {
    let program = Program::new();
    let master = program.file("master.txt", MASTER);
    let log = File::create(program.path("log")).unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--log", "trace", "--master-key", &master];
    let mut server =
        Stopped(program.command(&args).stdout(Stdio::piped()).stderr(log).spawn().unwrap());
    let mut greeting = BufReader::new(server.0.stdout.take().unwrap());
    let mut first = String::new();
    greeting.read_line(&mut first).unwrap();
    let url = first.split(' ').find(|word| word.starts_with("http://")).unwrap().to_owned();
    let operator = fs::read_to_string(program.path("keytide-data/operator.token")).unwrap();
    let operator = operator.trim();
    let env = [("KEYTIDE_SERVER", url.as_str()), ("KEYTIDE_TOKEN", operator)];
    let claims = format!(r#"{{"secret_claim":"{MARKER}"}}"#);
    let sign = ["sign", "--ring", "demo.development", "--claims", &claims];
    let signed = program.run_with(&sign, b"", &env);
    assert_eq!(signed.exit, 0, "{}", signed.stderr);
    let token = signed.text();
    let verify = ["verify", "--ring", "demo.development", token];
    assert_eq!(program.run_with(&verify, b"", &env).exit, 0);
    let wrong = [("KEYTIDE_SERVER", url.as_str()), ("KEYTIDE_TOKEN", MARKER)];
    assert_eq!(program.run_with(&["ring", "list"], b"", &wrong).exit, 3);
    for verb in [["ring", "list"], ["audit", "tail"], ["audit", "verify"]] {
        let ran = program.run_with(&verb, b"", &env);
        assert_eq!(ran.exit, 0);
        assert_unseen(&ran, &verb);
        assert!(!ran.text().contains(operator));
    }
    for file in ["environ", "cmdline"] {
        let seen = fs::read(format!("/proc/{}/{file}", server.0.id())).unwrap();
        assert!(forms().iter().all(|form| !contains(&seen, form)), "{file}");
        assert!(!contains(&seen, operator.as_bytes()), "{file}");
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.0.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    drop(server);
    let mut rest = String::new();
    greeting.read_to_string(&mut rest).unwrap();
    let log = fs::read(program.path("log")).unwrap();
    assert!(contains(&log, b"/v1/rings/{ring}/sign"), "the log is on");
    for hidden in
        [operator.as_bytes(), token.as_bytes(), token.split('.').nth(1).unwrap().as_bytes()]
    {
        assert!(!contains(&log, hidden), "{}", String::from_utf8_lossy(hidden));
    }
    for form in forms() {
        assert!(!contains(&log, &form) && !contains(rest.as_bytes(), &form));
    }
}

/// A server that does not outlive its test.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _it_may_be_over = self.0.kill();
        let _ = self.0.wait();
    }
}

fn assert_unseen(ran: &Ran, args: &[&str]) {
    for form in forms() {
        let shown = String::from_utf8_lossy(&form).into_owned();
        assert!(!contains(ran.stderr.as_bytes(), &form), "{args:?}: {shown}\n{}", ran.stderr);
        assert!(!contains(&ran.stdout, &form), "{args:?}: {shown}");
    }
    assert!((0..=3).contains(&ran.exit), "{args:?} ended with {}", ran.exit);
}

/// The markers raw, in hex, and in base64 of either alphabet.
fn forms() -> Vec<Vec<u8>> {
    let hex: String = MARKER.bytes().map(|byte| format!("{byte:02x}")).collect();
    let master: Vec<u8> = (0..MASTER.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&MASTER[at..at + 2], 16).unwrap())
        .collect();
    vec![
        MARKER.into(),
        hex.to_uppercase().into(),
        hex.into(),
        marker_base64().into(),
        MASTER.into(),
        master,
    ]
}

fn marker_jwk() -> String {
    format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, marker_base64())
}

/// The marker's base64, the same in both alphabets.
fn marker_base64() -> &'static str {
    "bWFya2VyLXNlY3JldC10aGF0LW5vYm9keS1tYXktc2Vl"
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
