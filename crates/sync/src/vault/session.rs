//! Requests to one Vault as somebody: logs in when it must, renews, and logs in again once when refused.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keytide_jose::Secret;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::auth::{AuthForm, Login};
use crate::http::{self, Http};
use crate::{Error, Surroundings, withheld};

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
const REQUEST: HeaderName = HeaderName::from_static("x-vault-request");

/// A server and who is known there.
pub(super) struct Session {
    http: Http,
    namespace: Option<HeaderValue>,
    auth: AuthForm,
    around: Arc<dyn Surroundings>,
    known: Mutex<Option<Arc<Known>>>,
}

/// What it answered. The body may be secret.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Secret,
    /// Its words, fit for an error: none that repeat what was sent.
    pub(super) told: String,
    retry_after: Option<Duration>,
}

/// A token, and when it is to be renewed.
struct Known {
    token: Secret,
    /// In the time that `Surroundings::monotonic` tells.
    renew_at: Option<Duration>,
}

#[derive(Deserialize)]
struct LoginAnswer {
    auth: Option<Granted>,
}

#[derive(Deserialize)]
struct Granted {
    client_token: String,
    #[serde(default)]
    lease_duration: u64,
    #[serde(default)]
    renewable: bool,
}

impl Session {
    pub(super) fn open(
        address: Url,
        authority: Option<&Path>,
        namespace: Option<String>,
        auth: AuthForm,
        around: Arc<dyn Surroundings>,
    ) -> Result<Self, Error> {
        let namespace =
            namespace.map(|name| HeaderValue::from_str(&name)).transpose().map_err(|_| {
                Error::BadTarget {
                    why: "`namespace` has characters that no namespace has".to_owned(),
                }
            })?;
        let http = Http::open(address, authority, around.as_ref())?;
        Ok(Self { http, namespace, auth, around, known: Mutex::new(None) })
    }

    pub(super) fn url(&self, path: &str) -> String {
        self.http.url(path).to_string()
    }

    /// One request as who the settings say.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Secret>,
    ) -> Result<Answer, Error> {
        let (known, is_fresh) = self.known(path).await?;
        let answer = self.send(method.clone(), path, Some(&known.token), body).await?;
        if answer.status != 403 || is_fresh || !self.auth.can_repeat() {
            return Ok(answer);
        }
        // The token may have been revoked, or its lease have run out: whoever logs in anew is known.
        self.keep(None);
        let (known, _) = self.known(path).await?;
        self.send(method, path, Some(&known.token), body).await
    }

    /// A token, and whether it was got only now.
    async fn known(&self, path: &str) -> Result<(Arc<Known>, bool), Error> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(kept) = kept else { return Ok((self.login(path).await?, true)) };
        if kept.renew_at.is_none_or(|at| self.around.monotonic() < at) {
            return Ok((kept, false));
        }
        match self.renew(&kept.token).await {
            Ok(Some(renewed)) => Ok((self.keep(Some(renewed)).unwrap_or(kept), false)),
            // It cannot be renewed any more; it may still be good for a while.
            Ok(None) if !self.auth.can_repeat() => Ok((kept, false)),
            Ok(None) => Ok((self.login(path).await?, true)),
            Err(error) => Err(error),
        }
    }

    async fn login(&self, path: &str) -> Result<Arc<Known>, Error> {
        let place = self.url(path);
        let known = match self.auth.login(self.around.as_ref(), &place)? {
            // Renewed at once, which tells for how long it is good; one that cannot be is used as it is.
            Login::Token(token) => match self.renew(&token).await? {
                Some(known) => known,
                None => Known { token, renew_at: None },
            },
            Login::Post { path, body } => {
                let answer = self.send(Method::POST, &path, None, Some(&body)).await?;
                let place = self.url(&path);
                match answer.status {
                    200 => self.granted(&answer.body).ok_or_else(|| Error::Refused {
                        place,
                        why: "it answers a login without a token".to_owned(),
                    })?,
                    // A login that is wrong is a bad request to some methods.
                    400 => return Err(Error::Denied { place, why: answer.told }),
                    _ => return Err(refused(place, &answer)),
                }
            }
        };
        let known = Arc::new(known);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn renew(&self, token: &Secret) -> Result<Option<Known>, Error> {
        let body = Secret::new(b"{}".to_vec());
        let path = "v1/auth/token/renew-self";
        let answer = self.send(Method::POST, path, Some(token), Some(&body)).await?;
        Ok(if answer.status == 200 { self.granted(&answer.body) } else { None })
    }

    fn granted(&self, answer: &Secret) -> Option<Known> {
        let answer: LoginAnswer = serde_json::from_slice(answer.expose()).ok()?;
        let Granted { client_token, lease_duration, renewable } = answer.auth?;
        // At half its time there is time left to log in again.
        let half = Duration::from_secs(lease_duration / 2);
        let renew_at =
            (renewable && lease_duration > 0).then(|| self.around.monotonic().saturating_add(half));
        Some(Known { token: Secret::new(client_token.into_bytes()), renew_at })
    }

    fn keep(&self, known: Option<Known>) -> Option<Arc<Known>> {
        let known = known.map(Arc::new);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&known);
        known
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&Secret>,
        body: Option<&Secret>,
    ) -> Result<Answer, Error> {
        let mut headers = HeaderMap::new();
        // Asked for by servers that want to be sure no browser was led here.
        headers.insert(REQUEST, HeaderValue::from_static("true"));
        if let Some(namespace) = &self.namespace {
            headers.insert(NAMESPACE, namespace.clone());
        }
        if let Some(token) = token {
            http::secret_header(&mut headers, TOKEN, token.expose(), &self.url(path))?;
        }
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let http::Answer { status, retry_after, body: answer } =
            self.http.ask(method, path, headers, body).await?;
        let told = if (200..300).contains(&status) {
            String::new()
        } else {
            let parts = body.map(strings).unwrap_or_default();
            let sent: Vec<&Secret> = parts.iter().chain(token).collect();
            withheld::guarded(&words(status, &answer), &sent)
        };
        Ok(Answer { status, body: answer, told, retry_after })
    }
}

/// The server's own words, as they are.
fn words(status: u16, answer: &Secret) -> String {
    #[derive(Deserialize)]
    struct Told {
        errors: Vec<String>,
    }
    let told: Option<Told> = serde_json::from_slice(answer.expose()).ok();
    let errors = told.map(|told| told.errors.join("; ")).unwrap_or_default();
    format!("it answers {status} {errors}")
}

/// Shorter texts are names and numbers: no secret is one.
const SHORTEST: usize = 16;

/// The texts of a JSON object that was sent.
fn strings(body: &Secret) -> Vec<Secret> {
    let texts = body.expose().split(|byte| *byte == b'"');
    let texts = texts.filter(|text| text.len() >= SHORTEST);
    texts.map(|text| Secret::new(text.to_vec())).collect()
}

/// What an answer that is no success means.
pub(super) fn refused(place: String, answer: &Answer) -> Error {
    let (why, retry_after) = (answer.told.clone(), answer.retry_after);
    match answer.status {
        401 | 403 => Error::Denied { place, why },
        429 => Error::Throttled { place, retry_after },
        // 412: a replica that has not caught up; 472 and 473: a standby; 503: sealed.
        412 | 472 | 473 | 500..=599 => Error::Unreachable { place, why },
        _ => Error::Refused { place, why },
    }
}
