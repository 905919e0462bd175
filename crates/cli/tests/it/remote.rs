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
fn every_change_to_a_ring_is_the_same_on_a_server_and_on_an_embedded_store() {
    let remote = Remote::start();
    let near = Program::new();
    let far = |args: &[&str]| remote.run(args);
    let near = |args: &[&str]| near.run(args);
    for place in [&far as &dyn Fn(&[&str]) -> Ran, &near] {
        let done = |args: &[&str]| {
            let ran = place(args);
            assert_eq!(ran.exit, 0, "{args:?}: {}", ran.stderr);
            ran.text().to_owned()
        };
        let refused = |args: &[&str], exit: i32, code: &str, hint: &str| {
            let ran = place(args);
            assert_eq!(ran.exit, exit, "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(code) && ran.stderr.contains(hint), "{}", ran.stderr);
        };
        done(&["ring", "create", "shop.test", "--alg", "HS256"]);
        let told =
            done(&["ring", "set", "shop.test", "--rotate-every", "30d", "--token-ttl", "5m"]);
        assert!(told.contains("Changed: rotate_every, token_ttl."), "{told}");
        refused(&["ring", "set", "shop.test", "--alg", "ES256"], 1, "policy_fixed", "new ring");
        refused(&["ring", "set", "shop.test"], 2, "wrong_use", "--rotate-every");

        let add = ["ring", "consumer", "add", "shop.test", "worker", "--acknowledges"];
        assert!(done(&[&add[..], &["--dry-run"]].concat()).contains("Nothing was changed."));
        assert!(done(&add).contains("Consumer worker is declared."));
        refused(&add, 1, "consumer_exists", "consumer remove");
        refused(&["ring", "consumer", "add", "shop.test", "a"], 2, "bad_consumer", "--hold");
        let list = done(&["ring", "consumer", "list", "shop.test"]);
        assert!(list.contains("worker  signs and verifies, acknowledges"), "{list}");

        let rotate = ["ring", "rotate", "shop.test"];
        refused(&rotate, 1, "activation_too_early", "--when-safe");
        refused(&[&rotate[..], &["--dry-run"]].concat(), 1, "activation_too_early", "--force");
        let planned = done(&[&rotate[..], &["--when-safe", "--dry-run"]].concat());
        assert!(
            planned.contains("no instance of consumer `worker` has been heard of"),
            "{planned}"
        );
        let answered = ["--when-safe", "--assume-restarted", "worker", "--reason", "by hand"];
        let planned = done(&[&rotate[..], &answered].concat());
        assert!(!planned.contains("It waits for"), "{planned}");
        let both = [&rotate[..], &["--when-safe", "--force", "--reason", "x"]].concat();
        assert_eq!(place(&both).exit, 2);
        refused(&["ring", "rollback", "shop.test"], 1, "nothing_to_roll_back", "ring rotate");

        let show: Value =
            serde_json::from_str(&done(&["ring", "show", "shop.test", "--json"])).unwrap();
        let kid = show["keys"][0]["kid"].as_str().unwrap();
        let destroy = ["ring", "destroy-key", "shop.test", kid, "--reason", "over"];
        refused(&destroy, 2, "confirmation_needed", "--yes");
        let really = [&destroy[..], &["--yes"]].concat();
        refused(&really, 1, "wrong_state", "ring show");
        let revoked = done(&["ring", "revoke", "shop.test", kid]);
        assert!(revoked.contains("signs now"), "{revoked}");
        assert!(done(&really).contains(&format!("The secret of key {kid} is destroyed.")));
        assert!(done(&really).contains("is gone already"));
        let gone = ["ring", "consumer", "remove", "shop.test", "worker", "--reason", "over"];
        assert!(done(&gone).contains("Consumer worker is gone"));
        refused(&gone, 2, "consumer_not_found", "consumer list");
        assert!(done(&["ring", "destroy", "shop.test", "--dry-run"]).contains("worthless"));
        let svg = done(&["ring", "timeline", "shop.test", "--svg", "-"]);
        assert!(svg.starts_with("<svg") && svg.contains("shop.test"));
    }
}

#[test]
fn a_token_with_fewer_permissions_is_issued_listed_and_withdrawn() {
    let remote = Remote::start();
    let create = ["access", "create", "--subject", "till", "--permissions", "verify,sign"];
    let token = remote.done(&[&create[..], &["--expires", "30d"]].concat());
    let env = [("KEYTIDE_SERVER", remote.url.as_str()), ("KEYTIDE_TOKEN", token.trim())];
    let sign = ["sign", "--ring", "demo.development", "--sub", "alice"];
    assert_eq!(remote.program.run_with(&sign, b"", &env).exit, 0);
    let list = remote.program.run_with(&["access", "list"], b"", &env);
    assert_eq!(list.exit, 3, "{}", list.stderr);
    let list = remote.done(&["access", "list"]);
    assert!(list.contains("till") && list.contains("sign,verify"), "{list}");
    assert!(!list.contains(token.trim()));
    assert_eq!(remote.run(&["access", "end", "till"]).exit, 0);
    assert_eq!(remote.program.run_with(&sign, b"", &env).exit, 3);
    assert_eq!(remote.run(&["access", "end", "till"]).exit, 1, "there was none");
    let unknown = ["access", "create", "--subject", "a", "--permissions", "fly"];
    assert_eq!(remote.run(&unknown).exit, 2);
}

#[test]
fn a_webhook_is_declared_with_a_secret_that_is_shown_once_listed_and_taken_away() {
    let remote = Remote::start();
    let add = ["ring", "webhook", "add", "demo.development", "http://127.0.0.1:9/keys"];
    let secret = remote.done(&add);
    assert!(secret.starts_with("whsec_") && secret.trim().len() == 50, "{secret}");
    let list = remote.json(&["ring", "webhook", "list", "demo.development"]);
    assert!(!list.to_string().contains("whsec_"), "{list}");
    let id = list["webhooks"][0]["id"].as_str().unwrap();
    let shown = remote.done(&["ring", "webhook", "list", "demo.development"]);
    assert!(shown.contains(id) && shown.contains("told up to epoch 1"), "{shown}");
    let attempts = remote.json(&["ring", "webhook", "deliveries", "demo.development", id]);
    assert_eq!(attempts["attempts"], serde_json::json!([]));
    remote.done(&["ring", "webhook", "remove", "demo.development", id]);
    let again = remote.run(&["ring", "webhook", "remove", "demo.development", id]);
    assert_eq!(again.exit, 2, "{}", again.stderr);
    let bad = ["ring", "webhook", "add", "demo.development", "ftp://a.example"];
    assert_eq!(remote.run(&bad).exit, 2);
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
