//! What a token must say, and the check of a whole token against it.

use std::time::Duration;

use keytide_client::Verifier;
use keytide_jose::jwt::{Claims, NumericDate, Policy};
use keytide_jose::{Limits, jws};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::error::{bad_option, client, engine};
use crate::json_read;
use crate::native_key::NativeVerifyingKey;
use crate::ring::NativeRing;

/// A policy, and the tokens that a ring verified under it.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct NativePolicy(Policy);

/// A ring and a policy; tokens seen before are answered from memory.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct NativeVerifier(Verifier);

#[pymethods]
impl NativePolicy {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "one for each choice that a policy has")]
    fn new(
        issuers: Option<Vec<String>>,
        audiences: Option<Vec<String>>,
        typ: Option<&str>,
        subject: Option<String>,
        leeway: f64,
        require: Vec<String>,
        max_age: Option<f64>,
        allow_no_expiry: bool,
    ) -> PyResult<Self> {
        let builder = Policy::builder();
        let builder = match issuers {
            Some(issuers) => builder.issuers(issuers),
            None => builder.danger().any_issuer(),
        };
        let builder = match audiences {
            Some(audiences) if audiences.is_empty() => builder.no_audience(),
            Some(audiences) => builder.audiences(audiences),
            None => builder.danger().any_audience(),
        };
        let mut builder = match typ {
            Some(typ) => builder.typ(typ),
            None => builder.danger().any_typ(),
        };
        builder = builder.leeway(seconds("leeway", leeway)?).map_err(|error| engine(&error))?;
        if let Some(subject) = subject {
            builder = builder.subject(subject);
        }
        for claim in require {
            builder = builder.require(claim);
        }
        if let Some(max_age) = max_age {
            builder = builder.max_age(seconds("max_age", max_age)?);
        }
        if allow_no_expiry {
            builder = builder.danger().allow_no_expiry();
        }
        Ok(Self(builder.build()))
    }

    /// The claims of a token that one key and the policy accept at the time `now`.
    fn verify<'py>(
        &self,
        py: Python<'py>,
        token: &str,
        key: &NativeVerifyingKey,
        now: f64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let now = date(now);
        let claims: Claims<Value> = py
            .detach(|| {
                jws::Unverified::parse(token, &Limits::default())?
                    .verify(&key.0)?
                    .check(&self.0, now)
            })
            .map_err(|error| engine(&error))?;
        to_python(py, claims.get())
    }

    /// Binds the policy to a ring. `remember` is how many bytes of verified tokens are kept.
    fn verifier(&self, ring: &NativeRing, remember: usize) -> NativeVerifier {
        NativeVerifier(Verifier::with_cache(ring.ring().clone(), self.0.clone(), remember))
    }
}

#[pymethods]
impl NativeVerifier {
    fn verify<'py>(&self, py: Python<'py>, token: &str, now: f64) -> PyResult<Bound<'py, PyDict>> {
        let claims = py.detach(|| self.0.verify_at(token, date(now)));
        to_python(py, claims.map_err(|error| client(&error))?.get())
    }
}

/// A span that a caller gave.
pub(crate) fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value).map_err(|_| {
        bad_option(&format!("{name} is {value}"), "give a number of seconds that is not negative")
    })
}

fn date(now: f64) -> NumericDate {
    // The cast saturates; a clock that far off refuses every token.
    NumericDate::from_millis((now * 1000.0) as i64)
}

fn to_python<'py>(py: Python<'py>, claims: &Value) -> PyResult<Bound<'py, PyDict>> {
    let text = claims.to_string();
    match json_read::object(py, text.as_bytes()) {
        Some(claims) => Ok(claims),
        None => Ok(py.import("json")?.call_method1("loads", (text,))?.cast_into()?),
    }
}
