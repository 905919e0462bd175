//! Rings behind a Keytide server, over its HTTP API.

use keytide_jose::{KeyId, Secret};
use keytide_ring::explain::Explanation;
use keytide_ring::{
    AccessView, AuditReport, Changed, Command, Permission, PolicySpec, RingName, RingPattern,
    RingView, SignRequest, Signed, Span, TargetName, TargetView, Verification, VerifyRequest,
    WebhookView, When,
};
use keytide_server::{NewTarget, Removal};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::args::Place;
use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{self, Exit, Failure, exit_for};
use crate::http::{Answer, Http, http_url, is_loopback};
use crate::rings::{AuditPage, Declared, Doing, Granted, PAGE, RingPage, Rings};
use crate::source::{Purpose, Source};

/// A server and the credential for it.
pub(crate) struct Remote {
    http: Http,
    base: Url,
    token: Secret,
}

/// Where a server is, and the credential for it.
pub(crate) struct Door {
    pub(crate) base: Url,
    pub(crate) token: Secret,
}

impl Door {
    /// Reads the access token from where it is named; no request is made.
    ///
    /// # Errors
    /// A URL that is none, no access token, or plain HTTP to another machine.
    pub(crate) fn open(
        url: &str,
        token_file: Option<&Source>,
        insecure_http: bool,
        config: &Config,
    ) -> Result<Self, Failure> {
        let base = http_url(url)?;
        if base.scheme() == "http" && !is_loopback(&base) && !insecure_http {
            return Err(Failure::wrong_use("plain HTTP would carry the access token in the clear")
                .hint("Use https, or say --insecure-http if the network between is yours."));
        }
        let token = match (token_file, &config.token) {
            (Some(source), _) => {
                source.read(Purpose { option: "--token-file", limit: LONGEST_TOKEN }, config)?
            }
            (None, Some(token)) => token.duplicate(),
            (None, None) => {
                return Err(Failure::new(error::TOKEN_NEEDED, "there is no access token"));
            }
        };
        Ok(Self { base, token: without_final_newline(token) })
    }
}

/// A secret that stands elsewhere is read and taken where the store is.
pub(crate) fn not_over_the_network() -> Failure {
    let message = "a secret is brought to a store from where the store is, not over the network";
    Failure::wrong_use(message).hint("Run it on the server's machine, with `--store`.")
}

/// Far longer than any access token.
const LONGEST_TOKEN: usize = 64 * 1024;

impl Remote {
    /// Prepares to ask the server at `url`; no request is made yet.
    ///
    /// # Errors
    /// A URL that is none, no access token, or plain HTTP to another machine.
    pub(crate) fn new(url: &str, place: &Place, config: &Config) -> Result<Self, Failure> {
        let Door { base, token } =
            Door::open(url, place.token_file.as_ref(), place.insecure_http, config)?;
        Ok(Self { http: Http::new()?, base, token })
    }

    fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        read(&self.ask(Method::GET, path, query, None)?)
    }

    fn post<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Result<T, Failure> {
        read(&self.ask(Method::POST, path, &[], Some(body))?)
    }

    /// One request; an answer that is no success becomes the failure that it tells.
    fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let answer = self.http.ask(method, url, &self.token, body)?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(problem(&answer)) }
    }
}

impl Rings for Remote {
    fn create(&self, name: &RingName, policy: PolicySpec) -> Result<RingView, Failure> {
        let body = new_ring(name, policy)?;
        self.post(&["rings"], &body)
    }

    fn adopt(&self, _: &RingName, _: PolicySpec, _: &Secret) -> Result<RingView, Failure> {
        Err(not_over_the_network())
    }

    fn try_create(&self, name: &RingName, policy: PolicySpec) -> Result<Changed, Failure> {
        let body = new_ring(name, policy)?;
        let dry_run = [("dry_run", "true".to_owned())];
        read(&self.ask(Method::POST, &["rings"], &dry_run, Some(&body))?)
    }

    fn list(&self, after: Option<&RingName>) -> Result<RingPage, Failure> {
        let mut query = vec![("limit", PAGE.to_string())];
        query.extend(after.map(|name| ("after", name.to_string())));
        self.get(&["rings"], &query)
    }

    fn show(&self, name: &RingName) -> Result<RingView, Failure> {
        self.get(&["rings", name.as_str()], &[])
    }

    fn destroy(&self, name: &RingName, reason: Option<&str>) -> Result<(), Failure> {
        let query: Vec<_> =
            reason.map(|reason| ("reason", reason.to_owned())).into_iter().collect();
        self.ask(Method::DELETE, &["rings", name.as_str()], &query, None).map(drop)
    }

    fn try_destroy(&self, name: &RingName) -> Result<Changed, Failure> {
        let dry_run = [("dry_run", "true".to_owned())];
        read(&self.ask(Method::DELETE, &["rings", name.as_str()], &dry_run, None)?)
    }

    fn change(&self, name: &RingName, command: Command, doing: Doing) -> Result<Changed, Failure> {
        let Request { method, path, mut query, body } = Request::of(&command)?;
        let mut whole = vec!["rings", name.as_str()];
        whole.extend(path.iter().map(String::as_str));
        if doing.is_dry_run() {
            query.push(("dry_run", "true".to_owned()));
        }
        read(&self.ask(method, &whole, &query, body.as_ref())?)
    }

    fn secrets(&self, _name: &RingName) -> Result<Option<Vec<(KeyId, Secret)>>, Failure> {
        Ok(None)
    }

    fn explain(&self, name: &RingName) -> Result<Explanation, Failure> {
        self.get(&["rings", name.as_str(), "explain"], &[])
    }

    fn sign(&self, name: &RingName, request: SignRequest) -> Result<Signed, Failure> {
        let SignRequest { claims, ttl, header } = request;
        let mut body = json!({ "claims": claims, "header": header });
        if let Some(ttl) = ttl {
            body["ttl"] = json!(ttl);
        }
        self.post(&["rings", name.as_str(), "sign"], &body)
    }

    fn verify(&self, name: &RingName, request: &VerifyRequest) -> Result<Verification, Failure> {
        let VerifyRequest { token, audience, leeway } = request;
        let mut body = json!({ "token": token });
        if let Some(audience) = audience {
            body["audience"] = json!(audience);
        }
        if let Some(leeway) = leeway {
            body["leeway"] = json!(leeway);
        }
        match self.post(&["rings", name.as_str(), "verify"], &body)? {
            Verdict { valid: true, verification: Some(verification), .. } => Ok(verification),
            Verdict { valid: false, error: Some(Refusal { code, message, hint }), .. } => {
                Err(Failure::remote(code, message, hint, Exit::No))
            }
            _ => Err(Failure::new(error::SERVER_ANSWER, "the verdict is incomplete")),
        }
    }

    fn add_webhook(&self, name: &RingName, url: &str) -> Result<Declared, Failure> {
        #[derive(Deserialize)]
        struct Added {
            secret: String,
            #[serde(flatten)]
            webhook: WebhookView,
        }
        let path = ["rings", name.as_str(), "webhooks"];
        let Added { secret, webhook } = self.post(&path, &json!({ "url": url }))?;
        Ok(Declared { webhook, secret: Secret::new(secret.into_bytes()) })
    }

    fn webhooks(&self, name: &RingName) -> Result<Vec<WebhookView>, Failure> {
        #[derive(Deserialize)]
        struct All {
            webhooks: Vec<WebhookView>,
        }
        self.get(&["rings", name.as_str(), "webhooks"], &[]).map(|All { webhooks }| webhooks)
    }

    fn remove_webhook(&self, name: &RingName, id: &str) -> Result<(), Failure> {
        self.ask(Method::DELETE, &["rings", name.as_str(), "webhooks", id], &[], None).map(drop)
    }

    fn add_target(&self, ring: &RingName, new: NewTarget) -> Result<TargetView, Failure> {
        let NewTarget { name, settings, replace } = new;
        let settings: Map<String, Value> = serde_json::from_slice(settings.expose())
            .map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))?;
        let body = json!({ "name": name, "replace": replace, "settings": settings });
        self.post(&["rings", ring.as_str(), "targets"], &body)
    }

    fn targets(&self, ring: &RingName) -> Result<Vec<TargetView>, Failure> {
        #[derive(Deserialize)]
        struct All {
            targets: Vec<TargetView>,
        }
        self.get(&["rings", ring.as_str(), "targets"], &[]).map(|All { targets }| targets)
    }

    fn test_target(&self, ring: &RingName, name: &TargetName) -> Result<Value, Failure> {
        self.post(&["rings", ring.as_str(), "targets", name.as_str(), "test"], &json!({}))
    }

    fn push_target(&self, ring: &RingName, name: &TargetName) -> Result<TargetView, Failure> {
        self.post(&["rings", ring.as_str(), "targets", name.as_str(), "push"], &json!({}))
    }

    fn remove_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        removal: &Removal,
    ) -> Result<(), Failure> {
        let Removal { delete_copy, reason } = removal;
        let mut query = vec![("delete_copy", delete_copy.to_string())];
        query.extend(reason.iter().map(|reason| ("reason", reason.clone())));
        let path = ["rings", ring.as_str(), "targets", name.as_str()];
        self.ask(Method::DELETE, &path, &query, None).map(drop)
    }

    fn grant(
        &self,
        subject: &str,
        permissions: Vec<Permission>,
        reach: Vec<RingPattern>,
        expires: Option<Span>,
    ) -> Result<Granted, Failure> {
        #[derive(Deserialize)]
        struct Issued {
            token: String,
            #[serde(flatten)]
            access: AccessView,
        }
        let mut body = json!({ "subject": subject, "permissions": permissions, "rings": reach });
        if let Some(expires) = expires {
            body["expires"] = json!(expires);
        }
        let Issued { token, access } = self.post(&["access"], &body)?;
        Ok(Granted { token: Secret::new(token.into_bytes()), access })
    }

    fn list_access(&self) -> Result<Vec<AccessView>, Failure> {
        #[derive(Deserialize)]
        struct All {
            access: Vec<AccessView>,
        }
        self.get(&["access"], &[]).map(|All { access }| access)
    }

    fn end_access(&self, subject: &str) -> Result<usize, Failure> {
        #[derive(Deserialize)]
        struct Ended {
            ended: usize,
        }
        let answer = self.ask(Method::DELETE, &["access", subject], &[], None)?;
        read(&answer).map(|Ended { ended }| ended)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<AuditPage, Failure> {
        self.get(&["audit"], &[("after", after.to_string()), ("limit", limit.to_string())])
    }

    fn verify_audit(&self) -> Result<AuditReport, Failure> {
        self.get(&["audit", "verify"], &[])
    }
}

fn new_ring(name: &RingName, policy: PolicySpec) -> Result<Value, Failure> {
    let mut body = serde_json::to_value(policy)
        .map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))?;
    body["name"] = json!(name);
    Ok(body)
}

/// A command as a request: the path below the ring, and what goes with it.
struct Request {
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Request {
    fn of(command: &Command) -> Result<Self, Failure> {
        let because = |reason: &Option<String>| json!({ "reason": reason });
        Ok(match command {
            // A server turns its rings by itself.
            Command::Turn => {
                return Err(Failure::wrong_use("a server cannot be asked to do what is due"));
            }
            // A server declares a target together with its settings.
            Command::AddTarget { .. } | Command::RemoveTarget { .. } => {
                return Err(Failure::wrong_use("a server's targets have a route of their own"));
            }
            Command::Activate { kid, when, reason } => {
                let mut body = because(reason);
                body["when"] = json!(if *when == When::WhenSafe { "safe" } else { "now" });
                body["force"] = json!(*when == When::Forced);
                match kid {
                    None => Self::post(["rotate"], body),
                    Some(kid) => {
                        body["kid"] = json!(kid);
                        Self::post(["activate"], body)
                    }
                }
            }
            Command::Rollback { reason } => Self::post(["rollback"], because(reason)),
            Command::Revoke { kid, reason } => {
                Self::post(["keys", kid.as_str(), "revoke"], because(reason))
            }
            Command::Destroy { kid, reason } => {
                Self::post(["keys", kid.as_str(), "destroy"], because(reason))
            }
            Command::Change { patch, reason } => {
                let mut patch = patch.clone();
                if let Some(reason) = reason {
                    patch.insert("reason".to_owned(), json!(reason));
                }
                let body = Some(Value::Object(patch));
                Self { method: Method::PATCH, path: Vec::new(), query: Vec::new(), body }
            }
            Command::AddConsumer { consumer } => Self::post(["consumers"], json!(consumer)),
            Command::RemoveConsumer { name, reason } => Self {
                method: Method::DELETE,
                path: vec!["consumers".to_owned(), name.clone()],
                query: reason.iter().map(|reason| ("reason", reason.clone())).collect(),
                body: None,
            },
            Command::Assume { consumer, instance, reason } => {
                let body = json!({ "instance": instance, "reason": reason });
                Self::post(["consumers", consumer, "assume-restarted"], body)
            }
        })
    }

    fn post<const N: usize>(path: [&str; N], body: Value) -> Self {
        let path = path.map(str::to_owned).to_vec();
        Self { method: Method::POST, path, query: Vec::new(), body: Some(body) }
    }
}

#[derive(Deserialize)]
struct Verdict {
    valid: bool,
    #[serde(flatten)]
    verification: Option<Verification>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    message: String,
    #[serde(default)]
    hint: String,
}

/// The members of RFC 9457 that are told, Keytide's own among them, and those that depend on the code.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    hint: String,
    #[serde(flatten)]
    members: Map<String, Value>,
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        Failure::new(error::SERVER_ANSWER, format!("the answer cannot be understood: {error}"))
    })
}

fn problem(answer: &Answer) -> Failure {
    let status = answer.status;
    let Ok(Problem { code, detail, hint, mut members }) = serde_json::from_slice(&answer.body)
    else {
        return Failure::new(
            error::SERVER_ANSWER,
            format!("the answer is HTTP {status} without an explanation"),
        );
    };
    for registered in ["type", "title", "status", "instance"] {
        members.remove(registered);
    }
    let exit = match status {
        401 | 403 | 500.. => Exit::Failed,
        _ => exit_for(&code),
    };
    Failure::remote(code, detail, hint, exit).members(members)
}
