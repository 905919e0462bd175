//! The verbs of rings and of the log on a server: the same words, the same data, the same statuses.

use serde_json::Value;

use crate::program::{Program, Ran};
use crate::server_process::ServerProcess;

struct Remote {
    server: ServerProcess,
    program: Program,
    url: String,
    token: String,
}

impl Remote {
    fn start() -> Self {
        let server = ServerProcess::start();
        let token = std::fs::read_to_string(server.store().join("operator.token")).unwrap();
        let url = format!("http://{}", server.address());
        Self { server, program: Program::new(), url, token: token.trim().to_owned() }
    }

    fn run(&self, args: &[&str]) -> Ran {
        let env = [("KEYTIDE_SERVER", self.url.as_str()), ("KEYTIDE_TOKEN", self.token.as_str())];
        self.program.run_with(args, b"", &env)
    }

    fn done(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.exit, 0, "{args:?}: {}", ran.stderr);
        String::from_utf8(ran.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[args, &["--json"]].concat())).unwrap()
    }
}

#[test]
fn a_ring_lives_its_whole_life_on_a_server() {
    let remote = Remote::start();
    let made = remote.json(&["ring", "create", "shop.test", "--alg", "HS256", "--token-ttl", "5m"]);
    assert_eq!(made["policy"]["token_ttl"], "5m");
    let signed = remote.json(&["sign", "--ring", "shop.test", "--sub", "alice"]);
    let token = signed["token"].as_str().unwrap();
    let verified = remote.json(&["verify", "--ring", "shop.test", token]);
    assert_eq!(verified["claims"]["sub"], "alice");
    assert_eq!(verified["kid"], signed["kid"]);
    let longer = remote.run(&["sign", "--ring", "shop.test", "--ttl", "1h"]);
    assert_eq!(longer.exit, 1);
    assert!(longer.stderr.contains("error[ttl_too_long]"), "{}", longer.stderr);

    let early = remote.run(&["--json", "ring", "rotate", "shop.test"]);
    assert_eq!(early.exit, 1);
    assert_eq!(early.error()["code"], "activation_too_early");
    assert!(early.error()["earliest_safe_at"].is_string());
    let kid = signed["kid"].as_str().unwrap();
    let revoked = remote.json(&["ring", "revoke", "shop.test", kid, "--reason", "a test"]);
    assert_eq!(revoked["revoked"], kid);
    assert_ne!(revoked["signs"], kid);
    let refused = remote.run(&["verify", "--ring", "shop.test", token]);
    assert_eq!(refused.exit, 1);
    let next = revoked["signs"].as_str().unwrap();
    let nothing = remote.done(&["ring", "activate", "shop.test", next]);
    assert!(nothing.contains("Nothing changed"), "{nothing}");

    assert!(remote.done(&["ring", "list"]).contains("shop.test"));
    assert!(remote.done(&["ring", "timeline", "shop.test"]).contains("revoked"));
    assert!(
        remote.done(&["ring", "explain", "shop.test"]).contains("leaves the set")
            || remote.done(&["ring", "explain", "shop.test"]).contains("begins to sign")
    );
    let log = remote.done(&["audit", "tail", "-n", "2"]);
    assert_eq!(log.lines().count(), 2);
    assert!(log.contains("operator@127.0.0.1") && log.contains("\"a test\""), "{log}");
    assert!(remote.done(&["audit", "verify"]).contains("the audit log holds"));
    remote.done(&["ring", "destroy", "shop.test", "--yes", "--reason", "over"]);
    assert_eq!(remote.run(&["ring", "show", "shop.test"]).exit, 2);
}

#[test]
fn a_server_and_its_embedded_store_say_the_same_of_a_ring() {
    let remote = Remote::start();
    let store = remote.server.store();
    let store = store.to_str().unwrap();
    for verb in ["show", "explain"] {
        let mut far = remote.json(&["ring", verb, "demo.development"]);
        let mut near = remote.program.json(&["ring", verb, "demo.development", "--store", store]);
        for view in [&mut far, &mut near] {
            view["now"] = Value::Null;
        }
        assert_eq!(far, near, "{verb}");
    }
    // What one changes, the other sees.
    remote.program.done(&["ring", "create", "near.test", "--alg", "ES256", "--store", store]);
    assert!(remote.done(&["ring", "list"]).contains("near.test"));
}

#[test]
fn a_published_set_verifies_what_the_ring_signed() {
    let remote = Remote::start();
    let token = remote.done(&["sign", "--ring", "demo.development", "--sub", "alice"]);
    let jwks = format!("{}/rings/demo.development/.well-known/jwks.json", remote.url);
    let claims = remote.program.done(&["verify", "--jwks", &jwks, &token]);
    assert!(claims.contains("alice"));
    let redirected = format!("{}/healthz", remote.url);
    assert_eq!(remote.program.run(&["verify", "--jwks", &redirected, &token]).exit, 2, "no set");
    let missing = format!("{}/nothing", remote.url);
    assert_eq!(remote.program.run(&["verify", "--jwks", &missing, &token]).exit, 3);
}

#[test]
fn without_a_good_token_nothing_is_told() {
    let remote = Remote::start();
    let url = remote.url.as_str();
    let without = remote.program.run(&["--json", "ring", "list", "--server", url]);
    assert_eq!((without.exit, without.error()["code"].as_str()), (2, Some("token_needed")));
    let env = [("KEYTIDE_TOKEN", "ktop_nobody")];
    let wrong = remote.program.run_with(&["--json", "ring", "list", "--server", url], b"", &env);
    assert_eq!((wrong.exit, wrong.error()["code"].as_str()), (3, Some("credentials_refused")));
    let file = remote.program.file("token", format!("{}\n", remote.token));
    let args = ["ring", "list", "--server", url, "--token-file", &file];
    assert_eq!(remote.program.run(&args).exit, 0);
    let plain = ["ring", "list", "--server", "http://keys.example", "--token-file", &file];
    assert_eq!(remote.program.run(&plain).exit, 2, "plain HTTP to another machine");
}
