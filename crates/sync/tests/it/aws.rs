//! AWS: a copy in Secrets Manager, and wrapping by KMS, against moto and ministack, with boto3 reading
//! and meddling from the other side.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Secret;
use keytide_sync::{
    AwsAccess, AwsKeys, Content, Credential, Error, Held, KmsWrap, Names, Target, ThisProcess,
    Version,
};
use serde_json::{Map, Value, json};

use crate::conformance::{Setting, promises};
use crate::programs::Program;
use crate::scene::{Around, document, document_named, open, run, secret_of};

const RING: &str = "billing.production";
const NAME: &str = "keytide/billing.production";

/// AWS, and somebody else who uses it.
struct Scene {
    address: String,
    _service: Program,
    boto3: Program,
}

impl Scene {
    fn with(service: &str) -> Option<Self> {
        let mut running = Program::start("aws.py", &[service])?;
        let address = running.line();
        let boto3 = Program::start("boto3_caller.py", &[&address])?;
        Some(Self { address, _service: running, boto3 })
    }

    /// The same for both stand-ins.
    fn both() -> impl Iterator<Item = Self> {
        ["moto", "ministack"].into_iter().filter_map(Self::with)
    }

    fn access(&self) -> AwsAccess {
        AwsAccess {
            region: Some("eu-central-1".into()),
            profile: None,
            endpoint: Some(self.address.clone()),
            access_key: Some(AwsKeys {
                id: "AKIATEST".into(),
                secret: Credential::Sealed(Secret::new(b"not-a-secret".to_vec())),
                session_token: None,
            }),
            around: Arc::new(ThisProcess::default()),
        }
    }

    fn target(&self) -> Box<dyn Target> {
        target(&self.address, NAME)
    }

    fn call(&mut self, call: &str, with: Value) -> Value {
        self.boto3.ask(&json!({"service": "secretsmanager", "call": call, "with": with}))
    }

    /// The copy under a stage, as boto3 sees it.
    fn staged(&mut self, stage: &str) -> Value {
        let found = self.call("get_secret_value", json!({"SecretId": NAME, "VersionStage": stage}));
        match found["SecretString"].as_str() {
            Some(text) => serde_json::from_str(text).unwrap(),
            None => found,
        }
    }

    /// Which stages there are, and on how many versions each.
    fn stages(&mut self) -> Vec<String> {
        let secret = self.call("describe_secret", json!({"SecretId": NAME}));
        let versions = secret["VersionIdsToStages"].as_object().unwrap().clone();
        let mut stages: Vec<String> = versions
            .values()
            .flat_map(|stages| stages.as_array().unwrap().clone())
            .map(|stage| stage.as_str().unwrap().to_owned())
            .collect();
        stages.sort();
        stages
    }

    async fn faults(&self, faults: Value) {
        let address = format!("{}/_faults", self.address);
        reqwest::Client::new().post(address).body(faults.to_string()).send().await.unwrap();
    }
}

/// The epoch of the copy that is there, and the version to write over.
async fn held(target: &dyn Target) -> (u64, Version) {
    let held = target.read().await.unwrap().expect("there is a copy");
    let Content::Ours(document) = held.content else { panic!("{:?}", held.content) };
    (document.epoch().get(), held.version)
}

fn is_foreign(held: &Held) -> bool {
    matches!(held.content, Content::Foreign { .. })
}

fn target(address: &str, name: &str) -> Box<dyn Target> {
    open(
        &json!({"kind": "aws", "region": "eu-central-1", "endpoint": address, "secret": name,
        "recovery_days": 7, "access_key": {"id": "AKIATEST", "secret": {"sealed": "not-a-secret"}}}),
        &Around::with(&[]),
    )
}

/// One secret of a moto that is shared.
struct Place {
    aws: Rc<RefCell<Scene>>,
    name: String,
}

impl Setting for Place {
    fn target(&self) -> Box<dyn Target> {
        target(&self.aws.borrow().address, &self.name)
    }

    fn edit(&self, name: &str, text: &str) {
        let mut aws = self.aws.borrow_mut();
        let found = aws.call("get_secret_value", json!({"SecretId": self.name}));
        let held = found["SecretString"].as_str().unwrap_or("{}");
        let mut texts: Map<String, Value> = serde_json::from_str(held).unwrap();
        texts.insert(name.into(), text.into());
        let value = Value::Object(texts).to_string();
        if found.get("error").is_some() {
            aws.call("create_secret", json!({"Name": self.name, "SecretString": value}));
        } else {
            let with = json!({"SecretId": self.name, "SecretString": value,
                "VersionStages": ["AWSCURRENT"]});
            aws.call("put_secret_value", with);
        }
    }

    fn has_others(&self) -> bool {
        false
    }

    fn others(&self) -> String {
        String::new()
    }

    fn fault(&self, fault: Option<&str>) -> bool {
        let often = 1_000_000;
        let faults = match fault {
            None => json!([]),
            Some("down") => json!([{"action": "*", "times": often, "status": 503}]),
            Some("failing") => json!([{"action": "PutSecretValue", "times": often, "status": 500,
                "body": {"__type": "InternalServiceError"}}]),
            Some("throttled") => json!([{"action": "*", "times": often, "status": 400,
                "body": {"__type": "ThrottlingException"}}]),
            Some("loses") => json!([{"action": "PutSecretValue", "times": often, "status": 200}]),
            Some("unanswered") => json!([{"action": "UpdateSecretVersionStage", "times": 1,
                "after": true, "status": 503}]),
            Some(_) => return false,
        };
        run(self.aws.borrow().faults(faults));
        true
    }
}

#[test]
fn secrets_manager_keeps_what_targets_promise() {
    let Some(aws) = Scene::with("moto").map(|aws| Rc::new(RefCell::new(aws))) else { return };
    let count = Cell::new(0);
    promises(&|| {
        count.set(count.get() + 1);
        Some(Box::new(Place { aws: Rc::clone(&aws), name: format!("keytide/{}", count.get()) }))
    });
}

#[tokio::test]
async fn boto3_reads_what_was_written_and_the_one_before() {
    for mut aws in Scene::both() {
        let target = aws.target();
        assert!(target.read().await.unwrap().is_none());
        target.write(&document(7), None).await.unwrap();
        assert_eq!(aws.staged("AWSCURRENT")["JWT_SECRET"], secret_of("k7"));
        let (epoch, version) = held(target.as_ref()).await;
        assert_eq!(epoch, 7);
        target.write(&document(8), Some(&version)).await.unwrap();
        assert_eq!(aws.staged("AWSCURRENT")["JWT_SECRET"], secret_of("k8"));
        assert_eq!(aws.staged("AWSCURRENT")["JWT_SECRET_NEXT"], secret_of("k9"));
        assert_eq!(aws.staged("AWSPREVIOUS")["JWT_SECRET"], secret_of("k7"));
        assert_eq!(aws.stages(), ["AWSCURRENT", "AWSPREVIOUS"]);
    }
}

#[tokio::test]
async fn a_write_over_what_is_no_longer_there_is_refused_and_changes_nothing() {
    for mut aws in Scene::both() {
        let target = aws.target();
        target.write(&document(7), None).await.unwrap();
        let (_, stale) = held(target.as_ref()).await;
        aws.call(
            "put_secret_value",
            json!({"SecretId": NAME, "SecretString": r#"{"mine":"all"}"#, "VersionStages": ["AWSCURRENT"]}),
        );
        let error = target.write(&document(8), Some(&stale)).await.unwrap_err();
        assert_eq!(error.code(), "target_changed");
        let error = target.write(&document(8), None).await.unwrap_err();
        assert_eq!(error.code(), "target_changed");
        assert_eq!(aws.staged("AWSCURRENT"), json!({"mine": "all"}));
        let found = target.read().await.unwrap().unwrap();
        assert!(is_foreign(&found));
        target.write(&document(8), Some(&found.version)).await.unwrap();
        assert_eq!(held(target.as_ref()).await.0, 8);
        assert_eq!(aws.staged("AWSPREVIOUS"), json!({"mine": "all"}));
    }
}

#[tokio::test]
async fn a_deleted_copy_is_nothing_and_is_restored_by_the_next_write() {
    for mut aws in Scene::both() {
        let target = aws.target();
        target.delete().await.unwrap();
        target.write(&document(7), None).await.unwrap();
        let (_, version) = held(target.as_ref()).await;
        target.delete().await.unwrap();
        target.delete().await.unwrap();
        assert!(target.read().await.unwrap().is_none());
        let gone = target.write(&document(8), Some(&version)).await.unwrap_err();
        assert_eq!(gone.code(), "target_changed");
        target.write(&document(8), None).await.unwrap();
        assert_eq!(held(target.as_ref()).await.0, 8);
        assert_eq!(aws.stages(), ["AWSCURRENT", "AWSPREVIOUS"]);
    }
}

#[tokio::test]
async fn a_secret_that_holds_nothing_yet_is_filled() {
    // ministack gives a secret without a value a current version all the same.
    let Some(mut aws) = Scene::with("moto") else { return };
    aws.call("create_secret", json!({"Name": NAME}));
    let target = aws.target();
    assert!(target.read().await.unwrap().is_none());
    target.write(&document(7), None).await.unwrap();
    assert_eq!(aws.staged("AWSCURRENT")["JWT_SECRET"], secret_of("k7"));
    assert!(!aws.stages().contains(&"KEYTIDENEXT".to_owned()));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_finished_by_the_next_attempt() {
    let Some(mut aws) = Scene::with("moto") else { return };
    let target = aws.target();
    let lost = |action: &str| json!([{"action": action, "times": 1, "after": true, "status": 503}]);
    aws.faults(lost("CreateSecret")).await;
    let error = target.write(&document(7), None).await.unwrap_err();
    assert_eq!(error.code(), "target_unreachable");
    target.write(&document(7), None).await.unwrap();
    for (epoch, action) in [(8, "PutSecretValue"), (9, "UpdateSecretVersionStage")] {
        let (_, version) = held(target.as_ref()).await;
        aws.faults(lost(action)).await;
        let error = target.write(&document(epoch), Some(&version)).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        target.write(&document(epoch), Some(&version)).await.unwrap();
        assert_eq!(held(target.as_ref()).await.0, epoch);
        assert_eq!(aws.stages(), ["AWSCURRENT", "AWSPREVIOUS"], "{action}");
    }
    let versions = aws.call("list_secret_version_ids", json!({"SecretId": NAME}));
    assert_eq!(versions["Versions"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn another_set_of_the_same_epoch_is_a_version_of_its_own() {
    let Some(mut aws) = Scene::with("moto") else { return };
    let target = aws.target();
    target.write(&document(7), None).await.unwrap();
    let (_, version) = held(target.as_ref()).await;
    let renamed =
        document_named(RING, 7, &Names { secret: "TOKEN_SECRET".into(), ..Names::default() });
    target.write(&renamed, Some(&version)).await.unwrap();
    assert_eq!(aws.staged("AWSCURRENT")["TOKEN_SECRET"], secret_of("k7"));
    let (_, version) = held(target.as_ref()).await;
    target.write(&document(7), Some(&version)).await.unwrap();
    assert_eq!(aws.staged("AWSCURRENT")["JWT_SECRET"], secret_of("k7"));
}

#[tokio::test]
async fn what_aws_refuses_is_told_by_its_kind_and_without_the_copy() {
    let Some(aws) = Scene::with("moto") else { return };
    let target = aws.target();
    let echo = format!("Value '{}' failed", secret_of("k7"));
    let cases = [
        (400, "AccessDeniedException", "no", "target_denied"),
        (400, "com.amazonaws#UnrecognizedClientException", "who", "target_denied"),
        (400, "ThrottlingException", "slower", "target_throttled"),
        (400, "EncryptionFailure", "the key is disabled", "target_refused"),
        (400, "ValidationException", &echo, "target_refused"),
        (500, "InternalServiceError", "oops", "target_unreachable"),
        (503, "", "", "target_unreachable"),
    ];
    for (status, kind, message, code) in cases {
        let headers = json!({"x-amz-retry-after": "2500"});
        aws.faults(json!([{"action": "CreateSecret", "times": 1, "status": status,
            "headers": headers, "body": {"__type": kind, "message": message}}]))
            .await;
        let error = target.write(&document(7), None).await.unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        assert!(!format!("{error} {error:?}").contains(&secret_of("k7")), "{error}");
        if let Error::Throttled { retry_after, .. } = error {
            assert_eq!(retry_after, Some(Duration::from_millis(2500)));
        }
    }
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_unreachable_and_no_credential_is_repeated() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let target = target(&address, NAME);
    let error = target.read().await.err().unwrap();
    assert_eq!(error.code(), "target_unreachable", "{error}");
    assert!(!format!("{error:?}").contains("not-a-secret"));
}

#[tokio::test]
async fn a_missing_access_key_is_named() {
    let settings = json!({"kind": "aws", "region": "eu-central-1", "secret": NAME,
        "access_key": {"id": "AKIATEST", "secret": {"env": "BILLING_KEY"}}});
    let error = open(&settings, &Around::with(&[])).read().await.err().unwrap();
    assert_eq!(error.code(), "no_credentials", "{error}");
    assert!(error.to_string().contains("BILLING_KEY"), "{error}");
}

#[tokio::test]
async fn kms_unwraps_what_it_wrapped_and_nothing_else() {
    for mut aws in Scene::both() {
        let made = aws.boto3.ask(&json!({"service": "kms", "call": "create_key", "with": {}}));
        let key_id = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        let wrap = KmsWrap::new(key_id, aws.access());
        let wrapped = wrap.wrap(&Secret::new(b"a master key".to_vec())).await.unwrap();
        assert!(wrapped.starts_with("aws-kms:v1:") && !wrapped.contains("master"));
        assert_eq!(wrap.unwrap(&wrapped).await.unwrap().expose(), b"a master key");
        for wrong in ["", "vault:v1:AAAA", "aws-kms:v1:%%", "aws-kms:v1:AAAA"] {
            assert!(wrap.unwrap(wrong).await.is_err(), "{wrong}");
        }
        let big = Secret::new(vec![7; 4097]);
        assert_eq!(wrap.wrap(&big).await.unwrap_err().code(), "target_refused");
    }
}

/// A stand-in that refuses each request in the request's own words.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut part) = (String::new(), [0; 4096]);
            let body = loop {
                let length = stream.read(&mut part).unwrap();
                request.push_str(std::str::from_utf8(&part[..length]).unwrap());
                let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
                let head = head.to_ascii_lowercase();
                let announced = head.split("content-length: ").nth(1).unwrap();
                let announced: usize = announced.lines().next().unwrap().parse().unwrap();
                if body.len() >= announced {
                    break body.to_owned();
                }
            };
            let said = json!({"__type": "AccessDeniedException", "message": format!("no: {body}")});
            let said = said.to_string();
            let length = said.len();
            let head = format!(
                "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(format!("{head}{said}").as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn a_kms_that_repeats_a_request_puts_no_secret_into_an_error() {
    let access = AwsAccess {
        region: Some("eu-central-1".into()),
        profile: None,
        endpoint: Some(echo()),
        access_key: Some(AwsKeys {
            id: "AKIATEST".into(),
            secret: Credential::Sealed(Secret::new(b"not-a-secret".to_vec())),
            session_token: None,
        }),
        around: Arc::new(ThisProcess::default()),
    };
    let wrap = KmsWrap::new("alias/keytide".into(), access);
    let key = "a key that is 32 bytes, or so.";
    let error = run(wrap.wrap(&Secret::new(key.as_bytes().to_vec()))).err().unwrap();
    let said = format!("{error} {error:?}");
    assert_eq!(error.code(), "target_denied", "{said}");
    assert!(said.contains("withheld") && said.contains("AccessDeniedException"), "{said}");
    let base64 = data_encoding::BASE64.encode(key.as_bytes());
    assert!(!said.contains(&base64[..12]) && !said.contains(key), "{said}");
}
