//! A ring behind `keytide.Ring`: keys that change while the program runs.

use std::collections::HashMap;

use keytide_client::{ConnectOptions, EnvNames, Options, Ring, Signer};
use keytide_jose::jwt::HeaderParams;
use keytide_jose::{Algorithm, KeyId, Secret};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::error::{bad_option, client, engine};
use crate::policy::seconds;

/// The client's ring. Whatever may wait does so without the interpreter's lock.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct NativeRing(Ring);

/// The key that signs at this moment.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct NativeSigner(Signer);

#[pymethods]
impl NativeRing {
    /// Keys from environment variables, given as a mapping.
    #[staticmethod]
    fn from_env(env: HashMap<String, String>, names: HashMap<String, String>) -> PyResult<Self> {
        let mut known = EnvNames::default();
        for (name, value) in names {
            match name.as_str() {
                "keys" => known.keys = value,
                "secret" => known.secret = value,
                "secret_next" => known.secret_next = value,
                "secret_previous" => known.secret_previous = value,
                "algorithm" => known.algorithm = value.parse().map_err(|error| engine(&error))?,
                _ => return Err(unknown_option(&name)),
            }
        }
        Ring::from_env(&|name| env.get(name).cloned(), &known)
            .map(Self)
            .map_err(|error| client(&error))
    }

    /// The public key set at a URL.
    #[staticmethod]
    fn from_jwks(py: Python<'_>, url: &str, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut set = Options::default();
        for (name, value) in options.iter() {
            apply(&mut set, &name.extract::<String>()?, &value)?;
        }
        py.detach(|| Ring::from_jwks(url, set)).map(Self).map_err(|error| client(&error))
    }

    /// A ring on a Keytide server.
    #[staticmethod]
    fn connect(
        py: Python<'_>,
        url: &str,
        token: &str,
        host: String,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let mut set = ConnectOptions::default();
        set.host = host;
        for (name, value) in options.iter() {
            match name.extract::<String>()?.as_str() {
                "consumer" => set.consumer = value.extract()?,
                "instance" => set.instance = value.extract()?,
                "wait" => set.wait = seconds("wait", value.extract()?)?,
                other => apply(&mut set.options, other, &value)?,
            }
        }
        let token = Secret::new(token.as_bytes().to_vec());
        py.detach(|| Ring::connect(url, token, set)).map(Self).map_err(|error| client(&error))
    }

    /// Whether a key of the ring signed the message; an error says why there is no such key.
    fn verify(
        &self,
        py: Python<'_>,
        kid: Option<&str>,
        alg: &str,
        message: &[u8],
        signature: &[u8],
    ) -> PyResult<()> {
        let alg: Algorithm = alg.parse().map_err(|error| engine(&error))?;
        py.detach(|| self.0.find(kid, alg)?.verify(message, signature).map(|_| ()))
            .map_err(|error| client(&error))
    }

    fn signer(&self, py: Python<'_>) -> PyResult<NativeSigner> {
        py.detach(|| self.0.signer()).map(NativeSigner).map_err(|error| client(&error))
    }

    fn refresh(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.refresh()).map_err(|error| client(&error))
    }

    /// What is known of the ring.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let status = self.0.status();
        let told = PyDict::new(py);
        told.set_item("source", &status.source)?;
        told.set_item("epoch", status.epoch)?;
        told.set_item("keys", status.keys)?;
        told.set_item("age", status.age.map(|age| age.as_secs_f64()))?;
        told.set_item("stale", status.stale)?;
        told.set_item("fetches", status.fetches)?;
        let last = status.last_error.as_ref();
        told.set_item("last_error", last.map(|error| (error.code(), error.to_string())))?;
        let skipped: Vec<_> = status
            .skipped
            .iter()
            .map(|key| (key.index, key.kid.as_deref(), key.why.code(), key.why.to_string()))
            .collect();
        told.set_item("skipped", skipped)?;
        Ok(told)
    }
}

impl NativeRing {
    pub(crate) fn ring(&self) -> &Ring {
        &self.0
    }
}

#[pymethods]
impl NativeSigner {
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.0.algorithm().as_str()
    }

    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.0.key_id().map(KeyId::as_str)
    }

    /// Whether the ring's server signs, and writes the header.
    #[getter]
    fn remote(&self) -> bool {
        matches!(self.0, Signer::Remote(_))
    }

    /// The token that a signing input becomes; for keys that are here.
    fn finish(&self, py: Python<'_>, signing_input: String) -> PyResult<String> {
        let Signer::Local(key) = &self.0 else {
            return Err(bad_option("the key is on the server", "let the server write the header"));
        };
        let mut token = signing_input;
        py.detach(|| key.append_signature(&mut token)).map_err(|error| engine(&error))?;
        Ok(token)
    }

    /// The token with these claims in JSON, signed by the ring's server.
    fn ask(&self, py: Python<'_>, claims: &[u8], typ: Option<String>) -> PyResult<String> {
        let claims: Value = serde_json::from_slice(claims)
            .map_err(|_| bad_option("the claims are no JSON", "give a dict"))?;
        let header = typ.map_or_else(HeaderParams::default, HeaderParams::typ);
        py.detach(|| self.0.sign_with(&header, &claims)).map_err(|error| client(&error))
    }
}

fn apply(options: &mut Options, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match name {
        "timeout" => options.timeout = seconds(name, value.extract()?)?,
        "connect_timeout" => options.connect_timeout = seconds(name, value.extract()?)?,
        "default_ttl" => options.default_ttl = seconds(name, value.extract()?)?,
        "min_ttl" => options.min_ttl = seconds(name, value.extract()?)?,
        "max_ttl" => options.max_ttl = seconds(name, value.extract()?)?,
        "stale_for" => options.stale_for = seconds(name, value.extract()?)?,
        "cooldown" => options.cooldown = seconds(name, value.extract()?)?,
        "unknown_kid_ttl" => options.unknown_kid_ttl = seconds(name, value.extract()?)?,
        "max_bytes" => options.max_bytes = value.extract()?,
        "allow_plain_http" => options.allow_plain_http = value.extract()?,
        "fetch_at_start" => options.fetch_at_start = value.extract()?,
        "background" => options.background = value.extract()?,
        "algorithms" => {
            let names: Vec<String> = value.extract()?;
            let known: Result<Vec<Algorithm>, _> = names.iter().map(|name| name.parse()).collect();
            options.algorithms = known.map_err(|error| engine(&error))?;
        }
        _ => return Err(unknown_option(name)),
    }
    Ok(())
}

fn unknown_option(name: &str) -> PyErr {
    bad_option(&format!("there is no option {name:?}"), "see the options in docs/python.md")
}
