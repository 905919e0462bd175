//! An error of the engine or the client as JavaScript throws it: code, message, hint.

use napi_derive::napi;

/// Why something was refused.
#[napi(object)]
pub struct Refusal {
    /// Stable across releases and languages.
    pub code: String,
    /// What, and which value.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Refusal {
    /// Says that an answer needs the network, which the calling thread must not wait for.
    pub(crate) fn fetch_needed() -> Self {
        Self {
            code: "fetch_needed".into(),
            message: "the ring has to fetch keys first".into(),
            hint:
                "Await ring.ready() once at the start, or use the form with a promise or callback."
                    .into(),
        }
    }
}

impl From<keytide_jose::Error> for Refusal {
    fn from(error: keytide_jose::Error) -> Self {
        Self {
            code: error.code().into(),
            message: error.to_string(),
            hint: error.hint().unwrap_or_default().into(),
        }
    }
}

impl From<keytide_client::Error> for Refusal {
    fn from(error: keytide_client::Error) -> Self {
        Self { code: error.code().into(), message: error.to_string(), hint: error.hint().into() }
    }
}
