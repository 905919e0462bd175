//! Google Cloud Secret Manager, with Google's own library reading over TLS from the other side.

use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use keytide_sync::{Content, Error, Target};
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Map, Value, json};

use crate::conformance::{Setting, promises};
use crate::scene::{Around, MARK, document, holds, open, read_by_library, run, secret_of};
use crate::server::Server;

/// The key of a service account.
static ACCOUNT: LazyLock<String> = LazyLock::new(|| {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    json!({"type": "service_account", "project_id": "tests", "private_key_id": "1",
        "client_email": "keytide@tests.iam.gserviceaccount.com", "client_id": "1",
        "private_key": key.serialize_pem(), "token_uri": "https://oauth2.googleapis.com/token"})
    .to_string()
});

fn target(server: &Server, name: &str) -> Box<dyn Target> {
    let port = server.say(&json!({"plain": true}))["port"].as_u64().unwrap();
    let settings = json!({"kind": "gcp", "project": "tests", "secret": name,
        "endpoint": format!("http://127.0.0.1:{port}"), "credentials": {"env": "ACCOUNT"}});
    open(&settings, &Around::with(&[("ACCOUNT", &ACCOUNT)]))
}

/// One secret of a project that is shared.
struct Place {
    server: Rc<Server>,
    name: String,
}

impl Setting for Place {
    fn target(&self) -> Box<dyn Target> {
        target(&self.server, &self.name)
    }

    fn edit(&self, name: &str, text: &str) {
        let found = self.server.say(&json!({"read": self.name}));
        let held = found["latest"].as_str().unwrap_or("{}");
        let mut texts: Map<String, Value> = serde_json::from_str(held).unwrap();
        texts.insert(name.into(), text.into());
        self.server.say(&json!({"put": self.name, "value": Value::Object(texts).to_string()}));
    }

    fn has_others(&self) -> bool {
        false
    }

    fn others(&self) -> String {
        String::new()
    }

    fn fault(&self, fault: Option<&str>) -> bool {
        self.server.say(&json!({ "fault": fault }));
        matches!(fault, None | Some("down" | "throttled" | "loses" | "stale" | "unanswered"))
    }
}

#[test]
fn secret_manager_keeps_what_targets_promise() {
    let Some(server) = Server::start("gcp.py").map(Rc::new) else { return };
    let count = std::cell::Cell::new(0);
    promises(&|| {
        count.set(count.get() + 1);
        let name = format!("billing-{}", count.get());
        Some(Box::new(Place { server: Rc::clone(&server), name }))
    });
}

#[test]
fn googles_own_library_reads_what_was_written_and_two_versions_are_kept() {
    let Some(server) = Server::start("gcp.py") else { return };
    server.say(&json!({"put": "billing", "value": "somebody's own"}));
    let target = target(&server, "billing");
    for epoch in 5..=8 {
        let held = run(target.read()).unwrap().unwrap();
        run(target.write(&document(epoch), Some(&held.version))).unwrap();
    }
    let args = [&format!("localhost:{}", server.port), "projects/tests/secrets/billing"];
    let Some(read) = read_by_library("gcp_reader.py", &args, &server.ca()) else { return };
    let value: Value = serde_json::from_str(read["value"].as_str().unwrap()).unwrap();
    assert_eq!(value["JWT_SECRET"], secret_of("k8"));
    // Newest first; what was there before us is not ours to destroy.
    let states = ["ENABLED", "ENABLED", "DESTROYED", "DESTROYED", "ENABLED"];
    assert_eq!(read["states"], json!(states));
}

#[test]
fn a_disabled_version_is_no_copy_and_the_next_write_goes_over_it() {
    let Some(server) = Server::start("gcp.py") else { return };
    let target = target(&server, "billing");
    run(target.write(&document(7), None)).unwrap();
    server.say(&json!({"disable": "billing"}));
    let held = run(target.read()).unwrap().unwrap();
    assert!(matches!(held.content, Content::Foreign { .. }));
    run(target.write(&document(7), Some(&held.version))).unwrap();
    assert_eq!(holds(target.as_ref()), Some(7));
}

#[test]
fn a_refusal_is_told_by_its_kind_and_without_the_copy() {
    let Some(server) = Server::start("gcp.py") else { return };
    let target = target(&server, "billing");
    run(target.write(&document(6), None)).unwrap();
    let held = run(target.read()).unwrap().unwrap();
    for (fault, code) in
        [("denied", "target_denied"), ("throttled", "target_throttled"), ("echo", "target_refused")]
    {
        server.say(&json!({ "fault": fault }));
        let error = run(target.write(&document(7), Some(&held.version))).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!format!("{error} {error:?}").contains(MARK), "{error}");
        if let Error::Throttled { retry_after, .. } = error {
            assert_eq!(retry_after, Some(Duration::from_secs(7)));
        }
    }
}

#[test]
fn credentials_that_are_none_are_told_and_not_repeated() {
    for given in [
        "no json: hunter2",
        r#"{"type":"hunter2"}"#,
        r#"{"type":"service_account","private_key":"hunter2"}"#,
    ] {
        let settings = json!({"kind": "gcp", "project": "tests", "secret": "billing",
            "credentials": {"sealed": given}});
        let error = run(open(&settings, &Around::with(&[])).read()).err().unwrap();
        assert_eq!(error.code(), "no_credentials", "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
