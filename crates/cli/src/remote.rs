//! Rings behind a Keytide server, over its HTTP API.

use keytide_jose::{KeyId, Secret};
use keytide_ring::explain::Explanation;
use keytide_ring::{
    AuditReport, Changed, PolicySpec, RingName, RingView, SignRequest, Signed, Verification,
    VerifyRequest,
};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::args::Place;
use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{self, Exit, Failure, exit_for};
use crate::http::{Answer, Http, http_url, is_loopback};
use crate::rings::{AuditPage, PAGE, RingPage, Rings, Switch};
use crate::source::Purpose;

/// A server and the credential for it.
pub(crate) struct Remote {
    http: Http,
    base: Url,
    token: Secret,
}

/// Far longer than any access token.
const LONGEST_TOKEN: usize = 64 * 1024;

impl Remote {
    /// Prepares to ask the server at `url`; no request is made yet.
    ///
    /// # Errors
    /// A URL that is none, no access token, or plain HTTP to another machine.
    pub(crate) fn new(url: &str, place: &Place, config: &Config) -> Result<Self, Failure> {
        let base = http_url(url)?;
        if base.scheme() == "http" && !is_loopback(&base) && !place.insecure_http {
            return Err(Failure::wrong_use("plain HTTP would carry the access token in the clear")
                .hint("Use https, or say --insecure-http if the network between is yours."));
        }
        let token = match (&place.token_file, &config.token) {
            (Some(source), _) => {
                source.read(Purpose { option: "--token-file", limit: LONGEST_TOKEN }, config)?
            }
            (None, Some(token)) => token.duplicate(),
            (None, None) => {
                return Err(Failure::new(error::TOKEN_NEEDED, "there is no access token"));
            }
        };
        Ok(Self { http: Http::new()?, base, token: without_final_newline(token) })
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
        let mut body = serde_json::to_value(policy)
            .map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))?;
        body["name"] = json!(name);
        self.post(&["rings"], &body)
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

    fn activate(&self, name: &RingName, switch: Switch) -> Result<Changed, Failure> {
        let Switch { kid, force, reason } = switch;
        let mut body = json!({ "force": force });
        body["reason"] = json!(reason);
        match kid {
            None => self.post(&["rings", name.as_str(), "rotate"], &body),
            Some(kid) => {
                body["kid"] = json!(kid);
                self.post(&["rings", name.as_str(), "activate"], &body)
            }
        }
    }

    fn revoke(
        &self,
        name: &RingName,
        kid: KeyId,
        reason: Option<String>,
    ) -> Result<Changed, Failure> {
        let path = ["rings", name.as_str(), "keys", kid.as_str(), "revoke"];
        self.post(&path, &json!({ "reason": reason }))
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

    fn audit(&self, after: u64, limit: usize) -> Result<AuditPage, Failure> {
        self.get(&["audit"], &[("after", after.to_string()), ("limit", limit.to_string())])
    }

    fn verify_audit(&self) -> Result<AuditReport, Failure> {
        self.get(&["audit", "verify"], &[])
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
