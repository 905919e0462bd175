//! A copy in a Secret of Kubernetes, over TLS: what else is in the object, whose it is, who may.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use data_encoding::BASE64;
use keytide_sync::{Surroundings, Target, TargetSpec};
use serde_json::{Value, json};

use crate::conformance::{Setting, others_among, promises};
use crate::scene::{Around, converge, document, holds, open, read_by_library, run, secret_of};
use crate::server::Server;

fn settings(server: &Server, name: &str) -> Value {
    json!({
        "kind": "kubernetes", "namespace": "shop", "name": name,
        "address": server.address(), "ca": server.ca(), "token": {"env": "TOKEN"},
    })
}

fn around() -> Arc<Around> {
    Around::with(&[("TOKEN", "token-of-the-tests")])
}

#[test]
fn kubernetes_own_library_reads_what_was_written() {
    let Some(server) = Server::start("kubernetes.py") else { return };
    run(open(&settings(&server, "billing"), &around()).write(&document(7), None)).unwrap();
    let args = [&server.address(), "shop", "billing", "token-of-the-tests"];
    let Some(read) = read_by_library("kubernetes_reader.py", &args, &server.ca()) else { return };
    assert_eq!(read["texts"]["JWT_SECRET"], secret_of("k7"));
    assert_eq!(read["texts"]["KEYTIDE_EPOCH"], "7");
    assert_eq!(read["labels"]["app.kubernetes.io/managed-by"], "keytide");
}

struct Place {
    server: Rc<Server>,
    name: String,
}

impl Place {
    fn object(&self) -> Value {
        self.server.say(&json!({"read": format!("shop/{}", self.name)}))
    }
}

impl Setting for Place {
    fn target(&self) -> Box<dyn Target> {
        open(&settings(&self.server, &self.name), &around())
    }

    fn edit(&self, name: &str, text: &str) {
        let mut object = self.object();
        if object.is_null() {
            object = json!({
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": self.name, "namespace": "shop", "annotations": {"by": "hand"}},
            });
        }
        object["data"][name] = BASE64.encode(text.as_bytes()).into();
        self.server.say(&json!({"put": format!("shop/{}", self.name), "object": object}));
    }

    fn has_others(&self) -> bool {
        true
    }

    fn others(&self) -> String {
        let object = self.object();
        let data: BTreeMap<String, Value> =
            serde_json::from_value(object["data"].clone()).unwrap_or_default();
        format!("{}{}{}", object["type"], object["metadata"]["annotations"], others_among(&data))
    }

    fn fault(&self, fault: Option<&str>) -> bool {
        self.server.say(&json!({ "fault": fault }));
        !matches!(fault, Some("sealed" | "behind"))
    }
}

#[test]
fn kubernetes_keeps_what_targets_promise() {
    let Some(server) = Server::start("kubernetes.py").map(Rc::new) else { return };
    let count = std::cell::Cell::new(0);
    promises(&|| {
        count.set(count.get() + 1);
        let name = format!("billing-{}", count.get());
        Some(Box::new(Place { server: Rc::clone(&server), name }))
    });
}

#[test]
fn an_object_of_ours_says_so_and_goes_with_the_copy_and_somebodys_own_stays() {
    let Some(server) = Server::start("kubernetes.py").map(Rc::new) else { return };
    let ours = Place { server: Rc::clone(&server), name: "ours".into() };
    assert!(converge(ours.target().as_ref(), &document(1)).is_converged());
    let object = ours.object();
    assert_eq!(object["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "keytide"}));
    assert_eq!(object["type"], "Opaque");
    run(ours.target().delete()).unwrap();
    assert!(ours.object().is_null());
    assert!(converge(ours.target().as_ref(), &document(1)).is_converged());
    ours.edit("ADDED", "x");
    run(ours.target().delete()).unwrap();
    assert_eq!(ours.object()["data"], json!({"ADDED": "eA=="}));
    let theirs = Place { server, name: "theirs".into() };
    theirs.edit("THEIRS", "x");
    assert!(converge(theirs.target().as_ref(), &document(1)).is_converged());
    assert!(theirs.object()["metadata"]["labels"].is_null());
    run(theirs.target().delete()).unwrap();
    assert_eq!(theirs.object()["data"], json!({"THEIRS": "eA=="}));
}

#[test]
fn who_may_not_is_told_the_clusters_own_words() {
    let Some(server) = Server::start("kubernetes.py") else { return };
    let mut forbidden = settings(&server, "billing");
    forbidden["namespace"] = "forbidden".into();
    let error = run(open(&forbidden, &around()).read()).err().unwrap();
    assert_eq!(error.code(), "target_denied");
    assert!(error.to_string().contains("cannot get resource"), "{error}");
    let around = Around::with(&[("TOKEN", "h1dden")]);
    let error = run(open(&settings(&server, "billing"), &around).read()).err().unwrap();
    assert_eq!(error.code(), "target_denied");
    assert!(!format!("{error} {error:?}").contains("h1dden"), "{error}");
}

#[test]
fn a_token_that_was_renewed_in_its_file_is_used_at_once() {
    let Some(server) = Server::start("kubernetes.py") else { return };
    let file = server.folder.path().join("token");
    std::fs::write(&file, "token-of-the-tests\n").unwrap();
    let mut settings = settings(&server, "billing");
    settings["token"] = json!({ "file": file });
    let target = open(&settings, &around());
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    server.say(&json!({"token": "another"}));
    assert_eq!(run(target.read()).err().unwrap().code(), "target_denied");
    std::fs::write(&file, "another").unwrap();
    assert_eq!(holds(target.as_ref()), Some(1));
}

#[test]
fn an_immutable_secret_is_refused_in_words_that_say_so() {
    let Some(server) = Server::start("kubernetes.py").map(Rc::new) else { return };
    let place = Place { server: Rc::clone(&server), name: "fixed".into() };
    place.edit("THEIRS", "x");
    let mut object = place.object();
    object["immutable"] = true.into();
    server.say(&json!({"put": "shop/fixed", "object": object}));
    let error = run(place.target().write(&document(1), None)).unwrap_err();
    assert_eq!(error.code(), "target_refused");
    assert!(error.to_string().contains("immutable"), "{error}");
}

#[test]
fn in_a_pod_its_service_account_leads_in() {
    let Some(server) = Server::start("kubernetes.py") else { return };
    let port = server.port.to_string();
    let around = Around::with(&[
        ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
        ("KUBERNETES_SERVICE_PORT", port.as_str()),
    ]);
    let token = server.folder.path().join("token");
    std::fs::write(&token, "token-of-the-tests").unwrap();
    let account = Path::new("/var/run/secrets/kubernetes.io/serviceaccount");
    let moved = [(account.join("token"), token), (account.join("ca.crt"), server.ca())];
    around.moved.lock().unwrap().extend(moved);
    let settings = json!({"kind": "kubernetes", "namespace": "shop", "name": "billing"});
    assert!(converge(open(&settings, &around).as_ref(), &document(1)).is_converged());
}

#[test]
fn outside_a_pod_it_needs_an_address() {
    let settings = br#"{"kind": "kubernetes", "namespace": "shop", "name": "billing"}"#;
    let around: Arc<dyn Surroundings> = around();
    let error = TargetSpec::read(settings).unwrap().open(&around).err().unwrap();
    assert_eq!(error.code(), "bad_target");
    assert!(error.to_string().contains("KUBERNETES_SERVICE_HOST"), "{error}");
}
