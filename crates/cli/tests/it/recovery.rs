//! An older database put back, a backup restored, and the master key replaced under a server that signs.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::json;

use crate::program::Program;
use crate::server_process::ServerProcess;

const DEMO: &str = "/v1/rings/demo.development";
const OTHER: &str = "/v1/rings/other.test";

fn copy_database(from: &Path, to: &Path) {
    for file in ["keytide.db", "keytide.db-wal", "keytide.db-shm"] {
        let _perhaps = fs::remove_file(to.join(file));
        if from.join(file).exists() {
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }
}

#[test]
fn a_server_on_an_older_database_verifies_and_publishes_and_neither_signs_nor_changes() {
    let program = Program::new();
    let older = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start();
    let signed = server.post(&format!("{DEMO}/sign"), &json!({"claims": {"sub": "alice"}}));
    let policy = json!({"name": "other.test", "algorithm": "ES256"});
    server.post("/v1/rings", &policy);
    let other = server.post(&format!("{OTHER}/sign"), &json!({"claims": {"sub": "bob"}}));
    server.restart_after(|store| copy_database(store, older.path()));
    let before = server.request("GET", DEMO, "").body;
    let active = before["keys"][0]["kid"].as_str().unwrap().to_owned();
    server.post(&format!("{DEMO}/keys/{active}/revoke"), &json!({"reason": "leaked"}));
    server.restart_after(|store| copy_database(older.path(), store));

    let answer = server.request("POST", &format!("{OTHER}/sign"), r#"{"claims":{}}"#);
    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("store_behind")));
    let hint = answer.body["hint"].as_str().unwrap();
    assert!(hint.contains("keytide restore --accept-epoch"), "{hint}");
    let answer = server.request(
        "POST",
        &format!("{OTHER}/rotate"),
        r#"{"force":true,"reason":"the test's"}"#,
    );
    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("store_behind")));
    let other = json!({"token": other["token"]});
    assert_eq!(server.post(&format!("{OTHER}/verify"), &other)["valid"], true);
    let jwks = |ring: &str| format!("/rings/{ring}/.well-known/jwks.json");
    assert_eq!(server.request("GET", &jwks("other.test"), "").status, 200);
    // A ring with a key that was revoked since is not used at all.
    let token = json!({"token": signed["token"]});
    assert_eq!(server.request("POST", &format!("{DEMO}/verify"), &token.to_string()).status, 503);
    assert_eq!(server.request("GET", &jwks("demo.development"), "").status, 503);

    let store = server.store();
    let store = store.to_str().unwrap();
    let refused = program.run(&["sign", "--ring", "demo.development", "--store", store, "--json"]);
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (3, Some("store_behind")));
    let accept =
        ["restore", "--accept-epoch", "--reason", "put back by the test", "--store", store];
    assert_eq!(program.json(&accept)["revoked"], json!([active]));
    // The server hears of it, reads its rings again, and signs.
    let start = Instant::now();
    let signed = loop {
        let answer = server.request("POST", &format!("{DEMO}/sign"), r#"{"claims":{}}"#);
        if answer.status == 200 {
            break answer.body;
        }
        assert!(start.elapsed().as_secs() < 60, "{}", answer.body);
        std::thread::yield_now();
    };
    assert_ne!(signed["kid"].as_str(), Some(active.as_str()));
    assert_eq!(server.post(&format!("{DEMO}/verify"), &token)["valid"], false);
    assert!(program.done(&accept).contains("nothing to accept"));
}

#[test]
fn no_signature_fails_while_the_master_key_is_replaced_again_and_again() {
    const SIGNERS: usize = 4;
    const REPLACEMENTS: usize = 6;
    let program = Program::new();
    let mut server = ServerProcess::start();
    let store = server.store();
    let key = store.join("master.key");
    let first = fs::read(&key).unwrap();
    let (done, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..SIGNERS {
            scope.spawn(|| {
                let mut signer = Signer::connect(&server);
                while !done.load(Ordering::Relaxed) {
                    signer.sign();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..REPLACEMENTS {
            let before = fs::read(&key).unwrap();
            let signed = count.load(Ordering::Relaxed);
            program.done(&["rekey", "--store", store.to_str().unwrap()]);
            assert_ne!(fs::read(&key).unwrap(), before);
            // Each replacement had signatures around it.
            while count.load(Ordering::Relaxed) < signed + 1_000 {
                std::thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    let (count, took) = (count.into_inner(), start.elapsed().as_secs_f64());
    println!("{count} signatures, {:.0} a second, {REPLACEMENTS} master keys", count as f64 / took);

    server.restart_after(|_| ());
    Signer::connect(&server).sign();
    let old = program.file("old.key", first);
    fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let refused = program.run(&[
        "ring",
        "list",
        "--store",
        store.to_str().unwrap(),
        "--master-key",
        &old,
        "--json",
    ]);
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (3, Some("wrong_master_key")));
}

#[test]
fn a_backup_of_a_server_that_works_is_restored_elsewhere_and_signs_there() {
    let program = Program::new();
    let server = ServerProcess::start();
    let store = server.store();
    let store = store.to_str().unwrap();
    program.done(&["backup", "one.backup", "--store", store]);
    program.done(&["backup", "verify", "one.backup", "--store", store]);
    let key = format!("{store}/master.key");
    let in_use = program.run(&["restore", "one.backup", "--store", store, "--replace", "--json"]);
    assert_eq!((in_use.exit, in_use.error()["code"].as_str()), (3, Some("store_busy")));
    let to = ["restore", "one.backup", "--store", "elsewhere", "--master-key", &key];
    let refused = program.run(&[&to[..], &["--json"]].concat());
    assert_eq!(refused.error()["code"].as_str(), Some("store_behind"));
    assert!(!program.path("elsewhere/keytide.db").exists());
    program.done(&[&to[..], &["--accept-epoch", "--reason", "the test's"]].concat());
    let there = ["--store", "elsewhere", "--master-key", &key];
    let sign = ["sign", "--ring", "demo.development", "--sub", "alice"];
    let token = program.done(&[&sign[..], &there].concat());
    program.done(&[&["verify", "--ring", "demo.development", &token][..], &there].concat());
}

#[test]
fn the_only_master_key_is_never_removed_as_the_old_one_of_itself() {
    let program = Program::new();
    program.done(&["ring", "create", "base.test", "--alg", "ES256"]);
    let key = program.path("keytide-data/master.key");
    let content = fs::read(&key).unwrap();
    program.file("copy.key", &content);
    std::os::unix::fs::symlink(&key, program.path("link.key")).unwrap();
    fs::hard_link(&key, program.path("second.key")).unwrap();
    let text = String::from_utf8(content.clone()).unwrap();
    let sources = [
        "keytide-data/master.key",
        "keytide-data/../keytide-data/master.key",
        "link.key",
        "second.key",
        "copy.key",
        "-",
        "env:NEW",
    ];
    for source in sources {
        let args = ["rekey", "--new-master-key", source, "--json"];
        let ran = program.run_with(&args, &content, &[("NEW", text.trim())]);
        assert_eq!(
            (ran.exit, ran.error()["code"].as_str()),
            (2, Some("master_key_same")),
            "{source}"
        );
        assert_eq!(fs::read(&key).unwrap(), content, "{source}");
        program.done(&["ring", "show", "base.test"]);
    }
    // Named for the store as well, it is refused by what it is.
    let both = ["--master-key", "copy.key", "--new-master-key", "keytide-data/master.key"];
    fs::set_permissions(program.path("copy.key"), Permissions::from_mode(0o600)).unwrap();
    let ran = program.run(&[&["rekey", "--json"][..], &both].concat());
    assert_eq!(ran.error()["code"], "master_key_same");
    // What waits to follow it is removed when the store is opened.
    let next = program.path("keytide-data/master.key.next");
    program.done(&["secret", "--format", "hex", "--out", "keytide-data/master.key.next"]);
    let args = ["rekey", "--json", "--new-master-key", "keytide-data/master.key.next"];
    assert_eq!(program.run(&args).error()["code"], "master_key_same");
    assert!(next.exists() && key.exists());
    program.done(&["ring", "show", "base.test"]);

    fs::remove_file(program.path("second.key")).unwrap();
    let spare = program.path("spare.key");
    fs::hard_link(&key, &spare).unwrap();
    program.done(&["secret", "--format", "hex", "--out", "new.key"]);
    program.done(&["rekey", "--new-master-key", "new.key"]);
    assert!(!key.exists());
    assert!(fs::read(&spare).unwrap().iter().all(|byte| *byte == 0), "its bytes are wiped");
    program.done(&["ring", "show", "base.test", "--master-key", "new.key"]);
}

#[test]
fn who_accepts_a_database_without_its_anchor_hears_what_may_be_back() {
    let program = Program::new();
    program.done(&["ring", "create", "base.test", "--alg", "ES256"]);
    fs::remove_file(program.path("keytide-data/keytide.anchor")).unwrap();
    let ran = program.run(&["restore", "--accept-epoch", "--reason", "the test's"]);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    for word in ["the anchor was lost", "may be back", "access tokens withdrawn since work again"] {
        assert!(ran.stderr.contains(word), "{}", ran.stderr);
    }
}

/// Signs over one connection that stays open.
struct Signer<'a> {
    server: &'a ServerProcess,
    stream: TcpStream,
}

impl<'a> Signer<'a> {
    fn connect(server: &'a ServerProcess) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { server, stream }
    }

    fn sign(&mut self) {
        let body = r#"{"claims":{"sub":"alice"}}"#;
        write!(
            self.stream,
            "POST {DEMO}/sign HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.server.address(),
            self.server.operator_token(),
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        let mut buffer = [0; 4_096];
        loop {
            let count = self.stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the server hung up");
            answer.extend(&buffer[..count]);
            let text = std::str::from_utf8(&answer).unwrap();
            assert!(!text.starts_with("HTTP/1.1 ") || text.starts_with("HTTP/1.1 200"), "{text}");
            if text.contains("\r\n\r\n") && text.ends_with('}') {
                assert!(text.contains("\"token\""), "{text}");
                return;
            }
        }
    }
}

#[test]
fn a_sealed_store_opens_with_any_three_of_five_shares_and_with_no_other() {
    let program = Program::new();
    program.done(&["ring", "create", "base.test", "--alg", "ES256"]);
    let impossible = program.run(&["seal", "--shares", "2", "--threshold", "3", "--json"]);
    assert_eq!(impossible.error()["code"], "shares_impossible");
    let shares = program.done(&["seal", "--shares", "5", "--threshold", "3"]);
    let shares: Vec<&str> = shares.lines().collect();
    assert_eq!(shares.len(), 5);
    assert!(!program.path("keytide-data/master.key").exists());
    let closed = program.run(&["ring", "list", "--json"]);
    assert_eq!((closed.exit, closed.error()["code"].as_str()), (3, Some("store_sealed")));
    assert!(closed.error()["message"].as_str().unwrap().contains("3 of 5"));

    let sign = ["sign", "--ring", "base.test", "--sub", "alice", "--unseal", "--json"];
    let given = |numbers: &[usize]| -> String {
        numbers.iter().map(|number| format!("{}\n", shares[*number])).collect()
    };
    for numbers in [[0, 1, 2], [4, 2, 0], [1, 3, 4]] {
        let ran = program.run_with(&sign, given(&numbers).as_bytes(), &[]);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
    }
    for numbers in [&[0, 1][..], &[2, 2, 2], &[]] {
        let ran = program.run_with(&sign, given(numbers).as_bytes(), &[]);
        assert_eq!((ran.exit, ran.error()["code"].as_str()), (1, Some("shares_wrong")));
        assert!(!ran.stderr.contains("ktshare"), "{}", ran.stderr);
    }
    // Shares of another store give a master key, and not this one's.
    let other = Program::new();
    other.done(&["ring", "create", "base.test", "--alg", "ES256"]);
    let foreign = other.done(&["seal", "--shares", "2", "--threshold", "2"]);
    let ran = program.run_with(&sign, foreign.as_bytes(), &[]);
    assert_eq!(ran.error()["code"], "wrong_master_key");

    let ran = program.run_with(&["unseal"], given(&[3, 1, 0]).as_bytes(), &[]);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    program.done(&["ring", "show", "base.test"]);
    let log = program.done(&["audit", "tail"]);
    assert!(log.contains("store_seal") && log.contains("store_unseal"), "{log}");
}
