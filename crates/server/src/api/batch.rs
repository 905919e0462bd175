//! One thing or many in a body: `{…}` or `{"batch":[{…}, …]}`.

use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::body::from_value;
use crate::codes;
use crate::problem::Problem;

/// What a body asks for.
pub(super) enum OneOrMany<T> {
    /// One thing.
    One(T),
    /// Many.
    Many(Vec<T>),
}

impl<T: DeserializeOwned> OneOrMany<T> {
    pub(super) fn read(mut body: Map<String, Value>, limit: usize) -> Result<Self, Problem> {
        let Some(batch) = body.remove("batch") else {
            return from_value(Value::Object(body)).map(Self::One);
        };
        if let Some(name) = body.keys().next() {
            return Err(Problem::bad_request(format!("`{name}` cannot stand beside `batch`")));
        }
        let Value::Array(items) = batch else {
            return Err(Problem::bad_request("`batch`: expected an array"));
        };
        if items.len() > limit {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                codes::BATCH_TOO_LARGE,
                format!("the batch has {} items, more than {limit}", items.len()),
            ));
        }
        from_value(Value::Array(items)).map(Self::Many)
    }
}
