//! Azure Key Vault over TLS, with Azure's own library reading from the other side.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use keytide_sync::{Content, Document, Error, Names, Target};
use serde_json::{Map, Value, json};

use crate::conformance::{Setting, promises};
use crate::scene::{
    Around, MARK, document, document_named, holds, open, read_by_library, run, secret_of,
};
use crate::server::Server;

fn around() -> Arc<Around> {
    Around::with(&[("SECRET", "client-secret-of-the-tests")])
}

fn settings(server: &Server, name: &str, auth: Value) -> Value {
    json!({"kind": "azure", "vault": server.address(), "authority": server.address(),
        "secret": name, "ca": server.ca(), "verify_domain": false, "auth": auth})
}

fn auth() -> Value {
    json!({"method": "client_secret", "tenant_id": "tenant", "client_id": "client-of-the-tests",
        "client_secret": {"env": "SECRET"}})
}

fn target(server: &Server, name: &str) -> Box<dyn Target> {
    open(&settings(server, name, auth()), &around())
}

/// One secret of a vault that is shared.
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
        let held = found["newest"]["value"].as_str().unwrap_or("{}");
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
fn key_vault_keeps_what_targets_promise() {
    let Some(server) = Server::start("azure.py").map(Rc::new) else { return };
    let count = std::cell::Cell::new(0);
    promises(&|| {
        count.set(count.get() + 1);
        let name = format!("billing-{}", count.get());
        Some(Box::new(Place { server: Rc::clone(&server), name }))
    });
}

#[test]
fn azures_own_library_reads_what_was_written() {
    let Some(server) = Server::start("azure.py") else { return };
    run(target(&server, "billing").write(&document(7), None)).unwrap();
    let args = [&server.address(), "billing"];
    let Some(read) = read_by_library("azure_reader.py", &args, &server.ca()) else { return };
    let value: Value = serde_json::from_str(read["value"].as_str().unwrap()).unwrap();
    assert_eq!(value["JWT_SECRET"], secret_of("k7"));
    let tags = json!({"keytide-ring": "billing.production", "keytide-epoch": "7"});
    assert_eq!(read["tags"], tags);
}

#[test]
fn a_disabled_version_is_no_copy_and_the_next_write_goes_over_it() {
    let Some(server) = Server::start("azure.py") else { return };
    let target = target(&server, "billing");
    run(target.write(&document(7), None)).unwrap();
    server.say(&json!({"disable": "billing"}));
    let held = run(target.read()).unwrap().unwrap();
    assert!(matches!(held.content, Content::Foreign { .. }));
    run(target.write(&document(7), Some(&held.version))).unwrap();
    assert_eq!(holds(target.as_ref()), Some(7));
}

#[test]
fn every_way_to_be_somebody_leads_in_and_a_wrong_secret_does_not() {
    let Some(server) = Server::start("azure.py") else { return };
    let token = server.folder.path().join("token");
    std::fs::write(&token, "assertion-of-the-tests").unwrap();
    let workload = json!({"method": "workload_identity", "tenant_id": "tenant",
        "client_id": "client-of-the-tests", "token_file": token});
    for auth in [auth(), workload] {
        let target = open(&settings(&server, "billing", auth), &around());
        assert!(run(target.read()).unwrap().is_none());
    }
    let wrong = Around::with(&[("SECRET", "wrong-secret")]);
    let error = run(open(&settings(&server, "billing", auth()), &wrong).read()).err().unwrap();
    assert_eq!(error.code(), "target_denied", "{error}");
    assert!(!format!("{error:?}").contains("wrong-secret"));
    let none = Around::with(&[]);
    let error = run(open(&settings(&server, "billing", auth()), &none).read()).err().unwrap();
    assert_eq!(error.code(), "no_credentials", "{error}");
}

#[test]
fn a_refusal_is_told_by_its_kind_and_without_the_copy() {
    let Some(server) = Server::start("azure.py") else { return };
    let target = target(&server, "billing");
    for (fault, code) in
        [("denied", "target_denied"), ("throttled", "target_throttled"), ("echo", "target_refused")]
    {
        server.say(&json!({ "fault": fault }));
        let error = run(target.write(&document(7), None)).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!format!("{error} {error:?}").contains(MARK), "{error}");
        if let Error::Throttled { retry_after, .. } = error {
            assert_eq!(retry_after, Some(Duration::from_secs(7)));
        }
    }
    server.say(&json!({ "fault": null }));
    let too_large: Document = document_named(
        "billing.production",
        7,
        &Names { secret: "N".repeat(30_000), ..Names::default() },
    );
    let error = run(target.write(&too_large, None)).unwrap_err();
    assert!(error.to_string().contains("25600"), "{error}");
}

#[test]
fn a_vault_of_another_domain_gets_no_token() {
    let Some(server) = Server::start("azure.py") else { return };
    let mut settings = settings(&server, "billing", auth());
    settings["verify_domain"] = true.into();
    assert!(run(open(&settings, &around()).read()).is_err());
}
