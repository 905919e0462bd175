//! Every error as RFC 9457 problem details: `code` and `hint` beside the registered members.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use keytide_jose::Code;
use keytide_ring::{Error, StoreError};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::codes;
use crate::copies::CopyError;

/// An error on its way out.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    hint: &'static str,
    members: Map<String, Value>,
}

/// The members that stand in a batch's or a verification's answer.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    code: &'static str,
    message: String,
    hint: &'static str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        let Code { code, hint, .. } = code;
        Self { status, code, detail: detail.into(), hint, members: Map::new() }
    }

    /// Whether the caller is refused, rather than that something failed.
    pub(crate) fn is_refusal(&self) -> bool {
        self.status.is_client_error()
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, codes::BAD_REQUEST, detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = status_of(&error);
        Self {
            status,
            code: error.code(),
            detail: error.to_string(),
            hint: error.hint(),
            members: error.facts(),
        }
    }
}

impl From<CopyError> for Problem {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Ring(error) => error.into(),
            CopyError::Target { code, message, by_settings: true } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
            }
            CopyError::Target { code, message, by_settings: false } => {
                Self::new(StatusCode::BAD_GATEWAY, code, message)
            }
        }
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        Self { code: error.code(), message: error.to_string(), hint: error.hint() }
    }
}

fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::RingNotFound { .. }
        | Error::KeyNotFound { .. }
        | Error::ConsumerNotFound { .. }
        | Error::WebhookNotFound { .. }
        | Error::TargetNotFound { .. }
        | Error::SymmetricRing { .. }
        | Error::IssuerNotSet { .. } => StatusCode::NOT_FOUND,
        Error::RingExists { .. }
        | Error::Conflict { .. }
        | Error::WrongState { .. }
        | Error::ActivationTooEarly { .. }
        | Error::NotAcknowledged { .. }
        | Error::NothingToRollBack { .. }
        | Error::ConsumerExists { .. }
        | Error::TargetExists { .. }
        | Error::SetFull { .. }
        | Error::SecretInUse { .. } => StatusCode::CONFLICT,
        Error::BadRingName { .. } | Error::BadTargetName { .. } | Error::BadSpan { .. } => {
            StatusCode::BAD_REQUEST
        }
        Error::Fenced { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Store(StoreError::Full(_)) => StatusCode::INSUFFICIENT_STORAGE,
        Error::Store(StoreError::Busy(_) | StoreError::Unavailable(_) | StoreError::Behind(_)) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Store(_) | Error::RingInconsistent { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let Self { status, code, detail, hint, members } = self;
        let mut body = json!({
            "type": format!("urn:keytide:error:{code}"),
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "detail": detail,
            "code": code,
            "hint": hint,
        });
        if let Some(object) = body.as_object_mut() {
            object.extend(members);
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
