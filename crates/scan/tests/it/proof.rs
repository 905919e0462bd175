//! Tokens and secrets in different files are joined; demonstrations are told apart from leaks.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Secret};
use keytide_scan::{Confidence, KnownSecret, Options, Progress, Report, Severity, What, scan};

fn token(key: &[u8]) -> String {
    let header = BASE64URL_NOPAD.encode(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let claims = BASE64URL_NOPAD.encode(b"{\"sub\":\"zebra\",\"exp\":4000000000}");
    let mut text = format!("{header}.{claims}");
    let key = SigningKey::from_secret_less_safe(Algorithm::HS256, key).unwrap();
    key.append_signature(&mut text).unwrap();
    text
}

fn scanned(files: &[(&str, String)], known: Vec<KnownSecret>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let what = What::Tree(vec![folder.path().into()]);
    let mut options = Options::new(what, folder.path().into(), 1_700_000_000);
    options.secrets = known;
    scan(&options, &Progress::default()).unwrap()
}

#[test]
fn a_token_and_its_secret_in_files_of_different_kinds_are_joined() {
    let raw = b"zebra-crossing-on-the-high-street-41";
    for (written, name) in [
        (String::from_utf8(raw.to_vec()).unwrap(), "raw"),
        (BASE64.encode(raw), "base64"),
        (BASE64URL_NOPAD.encode(raw), "base64url"),
        (HEXLOWER.encode(raw), "hex"),
    ] {
        let report = scanned(
            &[
                ("values.yaml", format!("auth:\n  jwtSecret: \"{written}\"\n")),
                ("client.py", format!("TOKEN = \"{}\"\n", token(raw))),
            ],
            Vec::new(),
        );
        assert_eq!(report.proven, 1, "{name}");
        let of = |rule: &str| report.findings.iter().find(|found| found.rule == rule).unwrap();
        for (rule, other) in [("config-secret", "client.py:1"), ("token", "values.yaml:2")] {
            let finding = of(rule);
            assert_eq!(finding.confidence, Confidence::Proven, "{name} {rule}");
            assert_eq!(finding.severity, Severity::Error);
            assert!(finding.facts.iter().any(|fact| fact.contains(other)), "{:?}", finding.facts);
        }
    }
}

#[test]
fn a_token_of_a_demonstration_is_a_note() {
    let report =
        scanned(&[("a.js", format!("f('{}')", token(b"your-256-bit-secret")))], Vec::new());
    let [found] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert_eq!((found.rule, found.severity), ("token", Severity::Note));
    assert!(found.facts[0].contains("jwt.io"), "{:?}", found.facts);
}

#[test]
fn a_given_secret_proves_a_token_that_nothing_else_explains() {
    let known = |secret: &str| {
        vec![KnownSecret {
            origin: "line 1 of --secrets".into(),
            secret: Secret::new(secret.into()),
        }]
    };
    let files = [("a.js", format!("f('{}')", token(b"rhino-and-zebra")))];
    let report = scanned(&files, known("  rhino-and-zebra "));
    assert_eq!(report.findings[0].severity, Severity::Error);
    assert!(report.findings[0].facts[0].ends_with("line 1 of --secrets."));
    assert_eq!(scanned(&files, known("another")).proven, 0);
}

#[test]
fn a_constant_that_another_file_signs_with_is_found() {
    let report = scanned(
        &[
            ("constants.ts", "export const APP_SECRET = 'zebra-crossing-41';\n".into()),
            ("other.ts", "export const APP_SECRET = 'zebra-crossing-42';\n".into()),
            ("auth.ts", "import * as jwt from 'jsonwebtoken';\nimport { APP_SECRET } from './constants';\njwt.sign(p, APP_SECRET);\n".into()),
        ],
        Vec::new(),
    );
    let paths: Vec<&str> = report.findings.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["constants.ts"]);
}
