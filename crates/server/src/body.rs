//! Request bodies and path names: parsed at the door, with an error that says where and what, never the value.

use std::collections::HashMap;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use keytide_jose::KeyId;
use keytide_ring::{RingName, TargetName};
use serde::de::DeserializeOwned;

use crate::codes;
use crate::problem::Problem;
use crate::state::State;

/// A JSON body of type `T`. An empty body reads as an empty object.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<State> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        let limit = state.config.body_limit;
        let body = Limited::new(request.into_body(), limit).collect();
        let body = tokio::time::timeout(state.config.body_timeout, body).await.map_err(|_| {
            Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                codes::BODY_TOO_SLOW,
                "the body did not arrive in time",
            )
        })?;
        let body = body.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    codes::BODY_TOO_LARGE,
                    format!("the body is longer than {limit} bytes"),
                )
            } else {
                Problem::bad_request("the body ended early")
            }
        })?;
        let bytes = body.to_bytes();
        parse(if bytes.is_empty() { b"{}" } else { &bytes }).map(Self)
    }
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Duplicate names are refused before anything is believed: another parser may read the other one.
    let value = keytide_jose::parse_json(bytes, &keytide_jose::Limits::default())
        .map_err(|error| Problem::bad_request(format!("the body: {error}")))?;
    from_value(value)
}

pub(crate) fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let what = without_value(&error.into_inner().to_string());
        let place = if path == "." { "the body".to_owned() } else { format!("`{path}`") };
        Problem::bad_request(format!("{place}: {what}"))
    })
}

/// serde names the offending value in `invalid type: string "…", expected …`: a body may hold secrets.
fn without_value(message: &str) -> String {
    match (message.starts_with("invalid "), message.rfind(", expected ")) {
        (true, Some(at)) => format!("expected {}", &message[at + ", expected ".len()..]),
        _ => message.to_owned(),
    }
}

/// The ring that a path names.
pub(crate) struct InRing(pub(crate) RingName);

impl FromRequestParts<State> for InRing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(part_of_path(parts, state, "ring").await?.parse()?))
    }
}

/// The key that a path names.
pub(crate) struct OfKey(pub(crate) KeyId);

impl FromRequestParts<State> for OfKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let kid = part_of_path(parts, state, "kid").await?;
        Ok(Self(kid.parse().map_err(keytide_ring::Error::from)?))
    }
}

/// The consumer that a path names.
pub(crate) struct OfConsumer(pub(crate) String);

impl FromRequestParts<State> for OfConsumer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(part_of_path(parts, state, "consumer").await?))
    }
}

/// The subject that a path names.
pub(crate) struct OfSubject(pub(crate) String);

impl FromRequestParts<State> for OfSubject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(part_of_path(parts, state, "subject").await?))
    }
}

/// The target that a path names.
pub(crate) struct OfTarget(pub(crate) TargetName);

impl FromRequestParts<State> for OfTarget {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(part_of_path(parts, state, "target").await?.parse()?))
    }
}

/// The webhook that a path names.
pub(crate) struct OfWebhook(pub(crate) String);

impl FromRequestParts<State> for OfWebhook {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(part_of_path(parts, state, "webhook").await?))
    }
}

/// What stands behind the question mark.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<State> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &State) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(|error| {
            let text = error.body_text();
            let why = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Problem::bad_request(format!("the query: {why}"))
        })?;
        Ok(Self(query.0))
    }
}

async fn part_of_path(parts: &mut Parts, state: &State, name: &str) -> Result<String, Problem> {
    let Path(mut named) = Path::<HashMap<String, String>>::from_request_parts(parts, state)
        .await
        .map_err(|_| Problem::bad_request("the path is not UTF-8"))?;
    Ok(named.remove(name).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_is_named_by_its_place_and_never_repeated() {
        #[derive(serde::Deserialize)]
        struct Body {
            #[expect(dead_code, reason = "only its type is of interest")]
            claims: serde_json::Map<String, serde_json::Value>,
        }
        let problem = parse::<Body>(br#"{"claims":"s3cret, expected nothing"}"#).err().unwrap();
        let text = format!("{problem:?}");
        assert!(text.contains("claims") && !text.contains("s3cret"), "{text}");
    }
}
