//! Every refusal as problem details (RFC 9457), with the challenge that RFC 6750 asks for.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use keytide_client::Error;
use serde_json::json;

/// A refusal on its way out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: String,
    detail: String,
    challenge: Option<String>,
}

impl Problem {
    /// There was no token; a challenge without an error says that one is wanted (RFC 6750 section 3.1).
    #[must_use]
    pub fn no_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "no_token", "this needs a Bearer token")
            .challenge("Bearer realm=\"shop\"".to_owned())
    }

    /// The request names its token in a way that nobody can read for certain.
    #[must_use]
    pub fn unreadable() -> Self {
        let detail =
            "the request has more than one Authorization header, or one that is no Bearer token";
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
            .challenge("Bearer realm=\"shop\", error=\"invalid_request\"".to_owned())
    }

    /// The token is good and permits something else.
    #[must_use]
    pub fn scope(wanted: &str) -> Self {
        let challenge =
            format!("Bearer realm=\"shop\", error=\"insufficient_scope\", scope=\"{wanted}\"");
        let detail = format!("the token's scope does not have `{wanted}`");
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", &detail).challenge(challenge)
    }

    /// The name or the password is wrong; which of them is nobody's business.
    #[must_use]
    pub fn wrong_password() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "wrong_password", "the name or the password is wrong")
    }

    /// What is wrong is this service's fault, and not the caller's.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here")
    }

    /// There is no key to verify or sign with, which says nothing about the caller.
    #[must_use]
    pub fn no_keys(error: &Error) -> Self {
        let detail = "the keys cannot be had at the moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), detail)
    }

    /// Why a token was not taken.
    #[must_use]
    pub fn refused(error: &Error) -> Self {
        if !matches!(error, Error::Engine(_)) {
            return Self::no_keys(error);
        }
        Self::new(StatusCode::UNAUTHORIZED, error.code(), &error.to_string())
            .challenge("Bearer realm=\"shop\", error=\"invalid_token\"".to_owned())
    }

    fn new(status: StatusCode, code: &str, detail: &str) -> Self {
        Self { status, code: code.to_owned(), detail: detail.to_owned(), challenge: None }
    }

    fn challenge(self, challenge: String) -> Self {
        Self { challenge: Some(challenge), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, detail, challenge } = self;
        let body = json!({
            "code": code, "detail": detail, "status": status.as_u16(),
            "title": status.canonical_reason(), "type": "about:blank",
        });
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
