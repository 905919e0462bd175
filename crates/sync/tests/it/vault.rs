//! A copy in Vault, over TLS: logins, renewals, refusals, and what `hvac` reads of it.

use std::collections::BTreeMap;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Secret;
use keytide_sync::{Outcome, Surroundings, Target, TransitSpec};
use serde_json::{Value, json};

use crate::conformance::{Setting, others_among, promises};
use crate::scene::{Around, converge, document, holds, open, run, texts};
use crate::server::Server;

const TOKEN: &str = "root-token-of-the-tests";
const SECRET_ID: &str = "secret-id-of-the-tests";

fn auth() -> Value {
    json!({"method": "approle", "role_id": "role-of-the-tests", "secret_id": {"env": "SECRET_ID"}})
}

fn around() -> Arc<Around> {
    Around::with(&[("SECRET_ID", SECRET_ID), ("TOKEN", TOKEN), ("JWT", "jwt-of-the-tests")])
}

fn settings(server: &Server, path: &str, auth: Value) -> Value {
    json!({"kind": "vault", "address": server.address(), "ca": server.ca(), "path": path, "auth": auth})
}

struct Place {
    server: Rc<Server>,
    path: String,
}

impl Place {
    fn data(&self) -> Option<BTreeMap<String, Value>> {
        let path = format!("secret/{}", self.path);
        serde_json::from_value(self.server.say(&json!({"read": path}))["data"].clone()).unwrap()
    }
}

impl Setting for Place {
    fn target(&self) -> Box<dyn Target> {
        open(&settings(&self.server, &self.path, auth()), &around())
    }

    fn edit(&self, name: &str, text: &str) {
        let mut data = self.data().unwrap_or_default();
        data.insert(name.into(), text.into());
        data.entry("NUMBER".into()).or_insert(json!({"not": ["a", 1.5, "text"]}));
        if name == "JWT_SECRET" {
            data.remove("NUMBER");
        }
        self.server.say(&json!({"put": format!("secret/{}", self.path), "data": data}));
    }

    fn has_others(&self) -> bool {
        true
    }

    fn others(&self) -> String {
        others_among(&self.data().unwrap_or_default())
    }

    fn fault(&self, fault: Option<&str>) -> bool {
        self.server.say(&json!({ "fault": fault }));
        !matches!(fault, Some("failing"))
    }
}

#[test]
fn vault_keeps_what_targets_promise() {
    let Some(server) = Server::start("vault.py").map(Rc::new) else { return };
    let count = std::cell::Cell::new(0);
    promises(&|| {
        count.set(count.get() + 1);
        let path = format!("apps/billing {}", count.get());
        Some(Box::new(Place { server: Rc::clone(&server), path }))
    });
}

#[test]
fn every_way_to_log_in_leads_in_and_a_wrong_credential_does_not() {
    let Some(server) = Server::start("vault.py") else { return };
    let around = around();
    let jwt = json!({"env": "JWT"});
    for (nth, auth) in [
        auth(),
        json!({"method": "approle", "mount": "team", "role_id": "role-of-the-tests", "secret_id": {"sealed": SECRET_ID}}),
        json!({"method": "token", "token": {"env": "TOKEN"}}),
        json!({"method": "kubernetes", "role": "keytide", "jwt": jwt}),
        json!({"method": "jwt", "role": "keytide", "jwt": jwt}),
    ]
    .into_iter()
    .enumerate()
    {
        let target = open(&settings(&server, &format!("p{nth}"), auth), &around);
        assert!(converge(target.as_ref(), &document(1)).is_converged(), "{nth}");
    }
    for (auth, code) in [
        (json!({"method": "token", "token": {"sealed": "hvs.wrong-h1dden"}}), "target_denied"),
        (
            json!({"method": "approle", "role_id": "x", "secret_id": {"sealed": "wrong-h1dden"}}),
            "target_denied",
        ),
        (
            json!({"method": "jwt", "role": "keytide", "jwt": {"sealed": "wrong-h1dden"}}),
            "target_denied",
        ),
        (json!({"method": "token", "token": {"env": "UNSET"}}), "no_credentials"),
        (
            json!({"method": "kubernetes", "role": "keytide", "jwt": {"file": "/nonexistent/jwt"}}),
            "no_credentials",
        ),
    ] {
        let target = open(&settings(&server, "p0", auth.clone()), &around);
        let error = run(target.read()).err().unwrap();
        assert_eq!(error.code(), code, "{auth}: {error}");
        assert!(!format!("{error} {error:?}").contains("h1dden"), "{error}");
    }
}

#[test]
fn a_revoked_token_is_replaced_by_one_login_and_an_ageing_one_is_renewed() {
    let Some(server) = Server::start("vault.py") else { return };
    let around = around();
    let target = open(&settings(&server, "p", auth()), &around);
    let seen = |path: &str| {
        let seen = server.say(&json!({"seen": true}));
        seen.as_array().unwrap().iter().filter(|seen| seen["path"] == path).count()
    };
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    assert_eq!(seen("auth/approle/login"), 1);
    server.say(&json!({"revoke": true}));
    assert!(converge(target.as_ref(), &document(2)).is_converged());
    assert_eq!(seen("auth/approle/login"), 2);
    *around.elapsed.lock().unwrap() += Duration::from_secs(1_700);
    assert_eq!(holds(target.as_ref()), Some(2));
    assert_eq!(seen("auth/token/renew-self"), 0);
    *around.elapsed.lock().unwrap() += Duration::from_secs(200);
    assert_eq!(holds(target.as_ref()), Some(2));
    assert_eq!((seen("auth/token/renew-self"), seen("auth/approle/login")), (1, 2));
}

#[test]
fn in_a_pod_the_token_of_its_service_account_logs_in() {
    let Some(server) = Server::start("vault.py") else { return };
    let (around, token) = (around(), server.folder.path().join("token"));
    std::fs::write(&token, "jwt-of-the-tests").unwrap();
    let looked_for = "/var/run/secrets/kubernetes.io/serviceaccount/token".into();
    around.moved.lock().unwrap().insert(looked_for, token);
    let settings = settings(&server, "p", json!({"method": "kubernetes", "role": "keytide"}));
    assert!(converge(open(&settings, &around).as_ref(), &document(1)).is_converged());
}

#[test]
fn a_namespace_goes_with_every_request() {
    let Some(server) = Server::start("vault.py") else { return };
    let mut settings = settings(&server, "p", auth());
    settings["namespace"] = "team/a".into();
    assert!(converge(open(&settings, &around()).as_ref(), &document(1)).is_converged());
    let seen = server.say(&json!({"seen": true}));
    assert!(seen.as_array().unwrap().iter().all(|seen| seen["namespace"] == "team/a"), "{seen}");
}

#[test]
fn a_version_that_somebody_deleted_is_written_over() {
    let Some(server) = Server::start("vault.py") else { return };
    let target = open(&settings(&server, "p", auth()), &around());
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    server.say(&json!({"delete": "secret/p"}));
    assert_eq!(holds(target.as_ref()), None);
    let outcome = converge(target.as_ref(), &document(1));
    assert!(matches!(outcome, Outcome::Written { over: None }), "{outcome:?}");
    assert_eq!(server.say(&json!({"read": "secret/p"}))["versions"], 2);
}

#[test]
fn a_server_of_another_authority_is_asked_nothing() {
    let (Some(server), Some(other)) = (Server::start("vault.py"), Server::start("vault.py")) else {
        return;
    };
    let mut settings = settings(&server, "p", auth());
    settings["ca"] = json!(other.ca());
    let error = run(open(&settings, &around()).read()).err().unwrap();
    assert_eq!(error.code(), "target_unreachable", "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(server.say(&json!({"seen": true})), json!([]));
}

#[test]
fn a_throttled_target_says_when_to_come_again() {
    let Some(server) = Server::start("vault.py") else { return };
    let target = open(&settings(&server, "p", auth()), &around());
    server.say(&json!({"fault": "throttled", "times": 1}));
    let error = run(target.read()).err().unwrap();
    assert_eq!(error.code(), "target_throttled");
    assert!(error.to_string().contains("in 7 s"), "{error}");
}

#[test]
fn hvac_reads_what_was_written_and_what_it_writes_is_seen() {
    let Ok(python) = std::env::var("KEYTIDE_TEST_PYTHON") else {
        println!("not run: KEYTIDE_TEST_PYTHON names no Python; `cargo xtask test` sets it");
        return;
    };
    let Some(server) = Server::start("vault.py") else { return };
    let target = open(&settings(&server, "p", auth()), &around());
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    let hvac = |script: &str| {
        let script = format!(
            "import hvac, json\nc = hvac.Client(url={:?}, token={TOKEN:?}, verify={:?})\nassert c.is_authenticated()\nkv = c.secrets.kv.v2\n{script}",
            server.address(),
            server.ca(),
        );
        // The header that the server asks of everybody is one that hvac sends as well.
        let output = Command::new(&python).arg("-c").arg(script).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let read = hvac(
        "print(json.dumps(kv.read_secret_version(path='p', raise_on_deleted_version=True)['data']['data']))",
    );
    assert_eq!(
        serde_json::from_str::<BTreeMap<String, String>>(&read).unwrap(),
        texts(&document(1))
    );
    hvac("kv.create_or_update_secret(path='p', secret={'JWT_SECRET': 'mine'}, cas=1)");
    assert_eq!(holds(target.as_ref()), None);
    hvac("kv.delete_latest_version_of_secret(path='p')");
    assert!(converge(target.as_ref(), &document(2)).is_converged());
}

#[test]
fn a_server_that_repeats_a_request_puts_no_secret_into_an_error() {
    let Some(server) = Server::start("vault.py") else { return };
    let spec = json!({
        "address": server.address(), "ca": server.ca(), "auth": auth_of_a_token(), "key": "keytide",
    });
    let around: Arc<dyn Surroundings> = around();
    let wrap = TransitSpec::read(spec.to_string().as_bytes()).unwrap().open(&around).unwrap();
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let secret = Secret::new(key.as_bytes().to_vec());
    let wrapped = run(wrap.wrap(&secret)).unwrap();
    server.say(&json!({"fault": "echoes"}));
    let base64 = data_encoding::BASE64.encode(key.as_bytes());
    for error in [run(wrap.wrap(&secret)).err().unwrap(), run(wrap.unwrap(&wrapped)).err().unwrap()]
    {
        assert_eq!(error.code(), "target_denied");
        let said = format!("{error} {error:?}");
        assert!(said.contains("withheld"), "{said}");
        for part in [&key[..12], &base64[..12], TOKEN, "root-token"] {
            assert!(!said.contains(part), "{said}");
        }
    }
    let target = open(&settings(&server, "p", auth_of_a_token()), &self::around());
    let error = run(target.write(&document(1), None)).err().unwrap();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
}

fn auth_of_a_token() -> Value {
    json!({"method": "token", "token": {"env": "TOKEN"}})
}

#[test]
fn transit_unwraps_what_it_wrapped_and_nothing_else() {
    let Some(server) = Server::start("vault.py") else { return };
    let spec =
        json!({"address": server.address(), "ca": server.ca(), "auth": auth(), "key": "keytide"});
    let around: Arc<dyn Surroundings> = around();
    let wrap = TransitSpec::read(spec.to_string().as_bytes()).unwrap().open(&around).unwrap();
    let secret = Secret::new((0..=255).collect());
    let wrapped = run(wrap.wrap(&secret)).unwrap();
    assert!(wrapped.starts_with("vault:v1:"));
    assert_eq!(run(wrap.unwrap(&wrapped)).unwrap().expose(), secret.expose());
    let error = run(wrap.unwrap("vault:v1:other")).err().unwrap();
    assert_eq!(error.code(), "target_refused", "{error}");
    let error = run(wrap.wrap(&Secret::new(vec![0; 5_000]))).err().unwrap();
    assert_eq!(error.code(), "target_refused", "{error}");
    assert_eq!(run(wrap.wrap(&Secret::new(vec![]))).map(drop), Ok(()));
}
