//! A copy in a Secret of Kubernetes: one object holds the whole set, and each change of it is one.
//!
//! Its `resourceVersion` is what a write goes over, so the API server itself compares. Whatever else is
//! in the object, such as other keys of its data, stays as it is: a write is a merge patch.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use data_encoding::BASE64;
use keytide_jose::Secret;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::credential::{Credential, Surroundings};
use crate::http::{self, Answer, Http};
use crate::{Document, Error, Held, Names, Reach, Target, Version, reach, withheld};

/// What Kubernetes gives each pod.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// The settings of a target in Kubernetes. Without `address` it is the cluster that the process runs in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KubernetesSpec {
    /// The Secret's namespace.
    namespace: String,
    /// The Secret's name.
    name: String,
    /// `https://10.0.0.1:6443`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// A bearer token. Without it, that of the pod's service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Credential>,
    /// A file of PEM certificates. Without it, that of the service account, if there is no `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
}

impl KubernetesSpec {
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (setting, value, longest) in
            [("namespace", &self.namespace, 63), ("name", &self.name, 253)]
        {
            let is_plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
            let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let is_fit = value.len() <= longest
                && value.chars().all(is_plain)
                && ends(value.chars().next())
                && ends(value.chars().last());
            if !is_fit {
                let shown: String = value.escape_debug().take(80).collect();
                let why = format!("`{setting}` is no name that Kubernetes takes: `{shown}`");
                return Err(Error::BadTarget { why });
            }
        }
        match (&self.address, &self.token) {
            (Some(address), Some(_)) => http::url(address).map(drop),
            (Some(_), None) => {
                Err(Error::BadTarget { why: "with an `address` it needs a `token`".to_owned() })
            }
            (None, _) => Ok(()),
        }
    }

    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let mut found = reach::of([self.token.as_ref()], self.ca.as_ref());
        if self.token.is_none() {
            let of = "the service account of its pod";
            found.push(Reach::Identity { of, elsewhere: self.address.is_some() });
        }
        found
    }

    pub(crate) fn open(
        self,
        names: Names,
        around: Arc<dyn Surroundings>,
    ) -> Result<KubernetesTarget, Error> {
        let inside = Path::new(SERVICE_ACCOUNT);
        let (address, ca) = match self.address {
            Some(address) => (address, self.ca),
            None => (in_cluster(around.as_ref())?, self.ca.or(Some(inside.join("ca.crt")))),
        };
        let http = Http::open(http::url(&address)?, ca.as_deref(), around.as_ref())?;
        let token = self.token.unwrap_or_else(|| Credential::File(inside.join("token")));
        let all = format!("api/v1/namespaces/{}/secrets", self.namespace);
        Ok(KubernetesTarget { http, token, around, all, name: self.name, names })
    }
}

/// The address that Kubernetes tells each pod.
fn in_cluster(around: &dyn Surroundings) -> Result<String, Error> {
    let variable = |name: &str| {
        let text =
            around.variable(name).map(|text| String::from_utf8_lossy(text.expose()).into_owned());
        text.ok_or_else(|| Error::BadTarget {
            why: format!("there is no `address`, and `{name}` is not set, so this is no pod"),
        })
    };
    let (host, port) = (variable("KUBERNETES_SERVICE_HOST")?, variable("KUBERNETES_SERVICE_PORT")?);
    Ok(if host.contains(':') {
        format!("https://[{host}]:{port}")
    } else {
        format!("https://{host}:{port}")
    })
}

/// A copy in a Secret.
pub(crate) struct KubernetesTarget {
    http: Http,
    token: Credential,
    around: Arc<dyn Surroundings>,
    /// The path of the namespace's Secrets.
    all: String,
    name: String,
    names: Names,
}

/// A Secret, as far as it matters here.
#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    resource_version: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

/// What was found of it.
struct Found {
    version: String,
    ours: BTreeMap<String, Secret>,
    has_others: bool,
    is_managed: bool,
}

#[async_trait]
impl Target for KubernetesTarget {
    fn place(&self) -> String {
        self.http.url(&self.path()).to_string()
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        let found = self.look().await?.filter(|found| !found.ours.is_empty());
        Ok(found.map(|found| Held {
            content: Document::read(found.ours),
            version: Version(found.version),
        }))
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let found = self.look().await?;
        let known = found.as_ref().filter(|found| !found.ours.is_empty());
        if known.map(|found| &found.version) != over.map(|over| &over.0) {
            let why = "it was changed after it was read".to_owned();
            return Err(Error::Changed { place: self.place(), why });
        }
        let texts = document.texts();
        match found {
            None => {
                let head = format!(
                    r#"{{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{{"name":"{}","labels":{{"{MANAGED_BY}":"keytide"}}}}"#,
                    self.name
                );
                let body = with_data(&head, &texts, []);
                self.change(Method::POST, &self.all, "application/json", &body).await
            }
            Some(found) => {
                let gone = found.ours.keys().filter(|name| !texts.contains_key(name.as_str()));
                self.patch(&found.version, &texts, gone).await
            }
        }
    }

    async fn delete(&self) -> Result<(), Error> {
        let Some(found) = self.look().await?.filter(|found| !found.ours.is_empty()) else {
            return Ok(());
        };
        if found.has_others || !found.is_managed {
            return self.patch(&found.version, &BTreeMap::new(), found.ours.keys()).await;
        }
        let body = serde_json::json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": { "resourceVersion": found.version },
        });
        let body = Secret::new(body.to_string().into_bytes());
        self.change(Method::DELETE, &self.path(), "application/json", &body).await
    }
}

impl KubernetesTarget {
    fn path(&self) -> String {
        format!("{}/{}", self.all, self.name)
    }

    async fn look(&self) -> Result<Option<Found>, Error> {
        let answer = self.send(Method::GET, &self.path(), None, None).await?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(self.refused(&answer)),
        }
        let strange = || Error::Refused {
            place: self.place(),
            why: "it answers otherwise than with a Secret".to_owned(),
        };
        let object: Object = serde_json::from_slice(answer.body.expose()).map_err(|_| strange())?;
        let labels = object.metadata.labels.unwrap_or_default();
        let mut found = Found {
            version: object.metadata.resource_version,
            ours: BTreeMap::new(),
            has_others: false,
            is_managed: labels.get(MANAGED_BY).is_some_and(|by| by == "keytide"),
        };
        for (name, text) in object.data.unwrap_or_default() {
            let text = Secret::new(text.into_bytes());
            if !self.names.all().contains(&name.as_str()) {
                found.has_others = true;
                continue;
            }
            let bytes = BASE64.decode(text.expose()).map_err(|_| strange())?;
            found.ours.insert(name, Secret::new(bytes));
        }
        Ok(Some(found))
    }

    async fn patch<'a>(
        &self,
        version: &str,
        texts: &BTreeMap<&str, Secret>,
        gone: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), Error> {
        let version = serde_json::Value::from(version);
        let head = format!(r#"{{"metadata":{{"resourceVersion":{version}}}"#);
        let body = with_data(&head, texts, gone);
        self.change(Method::PATCH, &self.path(), "application/merge-patch+json", &body).await
    }

    async fn change(
        &self,
        method: Method,
        path: &str,
        kind: &'static str,
        body: &Secret,
    ) -> Result<(), Error> {
        let is_delete = method == Method::DELETE;
        let answer = self.send(method, path, Some(kind), Some(body)).await?;
        match answer.status {
            200..=202 => Ok(()),
            404 if is_delete => Ok(()),
            409 => Err(Error::Changed { place: self.place(), why: told(&answer) }),
            _ => Err(self.refused(&answer)),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: Option<&'static str>,
        body: Option<&Secret>,
    ) -> Result<Answer, Error> {
        let place = self.place();
        let token = self.token.obtain(self.around.as_ref(), &place)?;
        let mut bearer = Vec::with_capacity(token.len() + 7);
        bearer.extend_from_slice(b"Bearer ");
        bearer.extend_from_slice(token.expose());
        let bearer = Secret::new(bearer);
        let mut headers = HeaderMap::new();
        http::secret_header(&mut headers, AUTHORIZATION, bearer.expose(), &place)?;
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        self.http.ask(method, path, headers, body).await
    }

    fn refused(&self, answer: &Answer) -> Error {
        let (place, why) = (self.place(), told(answer));
        match answer.status {
            401 | 403 => Error::Denied { place, why },
            429 => Error::Throttled { place, retry_after: answer.retry_after },
            500..=599 => Error::Unreachable { place, why },
            _ => Error::Refused { place, why },
        }
    }
}

/// `head`, an object that is not closed, with a member `data` of texts in base64 and names that go.
fn with_data<'a>(
    head: &str,
    texts: &BTreeMap<&str, Secret>,
    gone: impl IntoIterator<Item = &'a String>,
) -> Secret {
    let room = texts.iter().map(|(name, text)| name.len() + 2 * text.len() + 16).sum::<usize>();
    let mut body = Vec::with_capacity(head.len() + room + 1024);
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(br#","data":{"#);
    let mut add = |name: &str, value: &[u8]| {
        body.extend_from_slice(if body.ends_with(b"{") { b"\"" } else { b",\"" });
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(b"\":");
        body.extend_from_slice(value);
    };
    for (name, text) in texts {
        let length = BASE64.encode_len(text.len());
        let mut quoted = vec![b'"'; length + 2];
        BASE64.encode_mut(text.expose(), &mut quoted[1..=length]);
        add(name, Secret::new(quoted).expose());
    }
    for name in gone {
        add(name, b"null");
    }
    body.extend_from_slice(b"}}");
    Secret::new(body)
}

/// The server's own words, from a `Status`, but for those that repeat what it was sent.
fn told(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Status {
        message: Option<String>,
    }
    let status: Option<Status> = serde_json::from_slice(answer.body.expose()).ok();
    let message = status.and_then(|status| status.message).unwrap_or_default();
    let line = format!("it answers {} {message}", answer.status);
    withheld::guarded(line.trim_end(), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_server_are_passed_on_unless_they_repeat_a_secret() {
        let said = |message: &str| {
            let body = serde_json::json!({ "kind": "Status", "message": message }).to_string();
            let body = Secret::new(body.into_bytes());
            told(&Answer { status: 403, body, retry_after: None })
        };
        let forbidden = "secrets \"billing\" is forbidden: User \
            \"system:serviceaccount:keytide:keytide\" cannot get resource \"secrets\"";
        assert_eq!(said(forbidden), format!("it answers 403 {forbidden}"));
        let secret = BASE64.encode(b"0123456789abcdefghijklmnopqrstuv");
        assert!(!said(&format!("data[JWT_SECRET]: Invalid value: {secret}")).contains(&secret));
    }
}
