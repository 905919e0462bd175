//! Keys of the native API: bound to one algorithm, in and out of their usual forms.

use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, KeyId, SystemRng};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{bad_option, engine};
use crate::prepared::PreparedKey;

/// A private key or a secret.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct NativeSigningKey(SigningKey);

/// A public key or a shared secret.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct NativeVerifyingKey(pub(crate) VerifyingKey);

fn algorithm(name: &str) -> PyResult<Algorithm> {
    name.parse().map_err(|_| {
        let known: Vec<&str> = Algorithm::ALL.iter().map(|alg| alg.as_str()).collect();
        bad_option(
            &format!("the algorithm {name:?} is not known"),
            &format!("give one of {}", known.join(", ")),
        )
    })
}

#[pymethods]
impl NativeSigningKey {
    #[staticmethod]
    fn generate(py: Python<'_>, alg: &str, rsa_bits: Option<u32>) -> PyResult<Self> {
        let alg = algorithm(alg)?;
        py.detach(|| SigningKey::generate(alg, rsa_bits, &mut SystemRng))
            .map(Self)
            .map_err(|error| engine(&error))
    }

    #[staticmethod]
    fn from_secret(alg: &str, secret: &[u8]) -> PyResult<Self> {
        let alg = algorithm(alg)?;
        SigningKey::from_secret(alg, secret).map(Self).map_err(|error| engine(&error))
    }

    #[staticmethod]
    fn from_pem(alg: &str, pem: &[u8]) -> PyResult<Self> {
        let alg = algorithm(alg)?;
        SigningKey::from_pem(alg, pem).map(Self).map_err(|error| engine(&error))
    }

    #[staticmethod]
    fn from_jwk(json: &[u8], alg: Option<&str>) -> PyResult<Self> {
        let alg = alg.map(algorithm).transpose()?;
        PrivateJwk::parse(json)
            .and_then(|jwk| SigningKey::from_jwk(&jwk, alg))
            .map(Self)
            .map_err(|error| engine(&error))
    }

    fn with_key_id(&self, key_id: &str) -> PyResult<Self> {
        let key_id: KeyId = key_id.parse().map_err(|error| engine(&error))?;
        let jwk = self.0.to_private_jwk();
        let key = SigningKey::from_jwk(&jwk, Some(self.0.algorithm()));
        key.map(|key| Self(key.with_key_id(key_id))).map_err(|error| engine(&error))
    }

    #[getter]
    fn algorithm(&self) -> &'static str {
        self.0.algorithm().as_str()
    }

    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.0.key_id().map(KeyId::as_str)
    }

    fn sign<'py>(&self, py: Python<'py>, message: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let signature = py.detach(|| self.0.sign(message)).map_err(|error| engine(&error))?;
        Ok(PyBytes::new(py, &signature))
    }

    fn verifying_key(&self) -> NativeVerifyingKey {
        NativeVerifyingKey(self.0.verifying_key())
    }

    fn public_jwk(&self) -> Option<String> {
        self.0.public_jwk().and_then(|jwk| serde_json::to_string(&jwk).ok())
    }

    /// The private key in PEM, or nothing for a secret.
    fn expose_pem(&self) -> PyResult<String> {
        let pem = self.0.to_pkcs8_pem().map_err(|error| engine(&error))?;
        Ok(String::from_utf8_lossy(pem.expose()).into_owned())
    }

    fn prepared(&self, remember: usize) -> PyResult<PreparedKey> {
        let jwk = self.0.to_private_jwk();
        let again = SigningKey::from_jwk(&jwk, Some(self.0.algorithm())).map_err(|e| engine(&e))?;
        Ok(PreparedKey::of(self.0.verifying_key(), Some(again), remember))
    }
}

#[pymethods]
impl NativeVerifyingKey {
    #[staticmethod]
    fn from_secret(alg: &str, secret: &[u8]) -> PyResult<Self> {
        let alg = algorithm(alg)?;
        VerifyingKey::from_secret(alg, secret).map(Self).map_err(|error| engine(&error))
    }

    #[staticmethod]
    fn from_pem(alg: &str, pem: &[u8]) -> PyResult<Self> {
        let alg = algorithm(alg)?;
        VerifyingKey::from_pem(alg, pem).map(Self).map_err(|error| engine(&error))
    }

    #[staticmethod]
    fn from_jwk(json: &[u8], alg: Option<&str>) -> PyResult<Self> {
        let alg = alg.map(algorithm).transpose()?;
        let key = match PrivateJwk::parse(json) {
            Ok(jwk) => VerifyingKey::from_private_jwk(&jwk, alg),
            Err(_) => PublicJwk::parse(json).and_then(|jwk| VerifyingKey::from_jwk(&jwk, alg)),
        };
        key.map(Self).map_err(|error| engine(&error))
    }

    fn with_key_id(&self, key_id: &str) -> PyResult<Self> {
        let key_id: KeyId = key_id.parse().map_err(|error| engine(&error))?;
        Ok(Self(self.0.clone().with_key_id(key_id)))
    }

    #[getter]
    fn algorithm(&self) -> &'static str {
        self.0.algorithm().as_str()
    }

    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.0.key_id().map(KeyId::as_str)
    }

    fn verify(&self, py: Python<'_>, message: &[u8], signature: &[u8]) -> bool {
        py.detach(|| self.0.verify(message, signature).is_ok())
    }

    fn public_jwk(&self) -> Option<String> {
        self.0.public_jwk().and_then(|jwk| serde_json::to_string(&jwk).ok())
    }

    fn public_pem(&self) -> PyResult<String> {
        self.0.to_spki_pem().map_err(|error| engine(&error))
    }

    fn prepared(&self, remember: usize) -> PreparedKey {
        PreparedKey::of(self.0.clone(), None, remember)
    }
}
