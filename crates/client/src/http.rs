//! One HTTP request: bounded in time and size, with no redirect, no proxy and no cookie.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Secret;
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response, header, request};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, AsSendBody, Body};

use crate::address::Address;
use crate::{Error, Options};

/// Makes requests within the limits of the options.
pub(crate) struct Http {
    agent: Agent,
    timeout: Duration,
    connect_timeout: Duration,
    max_bytes: usize,
}

/// What is asked.
pub(crate) struct Ask<'a> {
    pub(crate) address: &'a Address,
    pub(crate) accept: &'static str,
    pub(crate) token: Option<&'a Secret>,
    pub(crate) if_none_match: Option<&'a str>,
    /// A JSON text to post.
    pub(crate) body: Option<&'a [u8]>,
    /// For how long the server may hold the request beyond the usual time.
    pub(crate) held_for: Duration,
}

/// What was answered, however it turned out.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// It may hold a ring's secrets.
    pub(crate) body: Secret,
}

impl Http {
    pub(crate) fn new(options: &Options) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(options.connect_timeout))
            .user_agent(concat!("keytide-client/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        Self {
            agent: config.build().into(),
            timeout: options.timeout,
            connect_timeout: options.connect_timeout,
            max_bytes: options.max_bytes,
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// `fetch_failed`, `fetch_timed_out`, `too_large`, `bad_option`.
    pub(crate) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Error> {
        let limit = self.timeout.saturating_add(ask.held_for);
        let failed = |error: &ureq::Error| self.failure(ask.address, limit, error);
        let request = Self::request(ask)?;
        let response = match ask.body {
            Some(body) => self.send(request.body(body), limit),
            None => self.send(request.body(()), limit),
        };
        let response = response.map_err(|error| failed(&error))?;
        let (parts, body) = response.into_parts();
        let too_large =
            || Error::AnswerTooLarge { url: ask.address.to_string(), max_bytes: self.max_bytes };
        let stated = body.content_length().unwrap_or(0);
        if usize::try_from(stated).map_or(true, |stated| stated > self.max_bytes) {
            return Err(too_large());
        }
        let most = self.max_bytes.saturating_add(1);
        // With room for all of it, a secret is not left behind when a buffer grows.
        let room = if stated == 0 { FIRST_ROOM } else { usize::try_from(stated).unwrap_or(0) + 1 };
        let mut bytes = Vec::with_capacity(room.min(most));
        let mut reader = body.into_with_config().limit(u64::MAX).reader();
        let read = reader.by_ref().take(most as u64).read_to_end(&mut bytes);
        let body = Secret::new(bytes);
        read.map_err(|error| failed(&ureq::Error::from(error)))?;
        if body.len() > self.max_bytes {
            return Err(too_large());
        }
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Ends what is asked at this moment; nothing can be asked any more.
    pub(crate) fn shut_down(&self) {
        self.agent.clone().shutdown();
    }

    fn send<B: AsSendBody>(
        &self,
        request: Result<Request<B>, ureq::http::Error>,
        limit: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        let request = self.agent.configure_request(request?).timeout_global(Some(limit)).build();
        self.agent.run(request)
    }

    fn request(ask: &Ask<'_>) -> Result<request::Builder, Error> {
        let method = if ask.body.is_some() { Method::POST } else { Method::GET };
        let request = Request::builder().method(method).uri(ask.address.uri());
        let mut request = request.header(header::ACCEPT, ask.accept);
        if let Some(token) = ask.token {
            request = request.header(header::AUTHORIZATION, bearer(token)?);
        }
        if let Some(tag) = ask.if_none_match {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        if ask.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        Ok(request)
    }

    fn failure(&self, address: &Address, timeout: Duration, error: &ureq::Error) -> Error {
        let url = address.to_string();
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect) => {
                Error::FetchTimedOut { url, limit: "connect_timeout", after: self.connect_timeout }
            }
            ureq::Error::Timeout(_) => {
                Error::FetchTimedOut { url, limit: "timeout", after: timeout }
            }
            other => Error::FetchFailed { url, why: cause(other) },
        }
    }
}

/// Room for a usual answer whose length was not told.
const FIRST_ROOM: usize = 16 * 1024;

impl Answer {
    /// The value of a header, where it is plain text; several are joined as RFC 9110 §5.3 does.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<String> {
        let values: Vec<&str> =
            self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        if values.is_empty() { None } else { Some(values.join(", ")) }
    }
}

/// The credential, marked so that no log shows it.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    let text = Secret::new([b"Bearer ".as_slice(), token.expose()].concat());
    let mut value = HeaderValue::from_bytes(text.expose()).map_err(|_| Error::BadOption {
        name: "token",
        why: "has characters that no access token has".into(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The innermost reason, which is the one that helps.
fn cause(error: &ureq::Error) -> String {
    let mut cause: &dyn std::error::Error = match error {
        ureq::Error::Io(error) => error,
        ureq::Error::Rustls(error) => error,
        other => other,
    };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
