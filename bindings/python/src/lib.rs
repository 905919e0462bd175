//! The extension module `keytide._native`: conversion between Python objects and the engine.
//!
//! Nothing is decided here. The engine (`keytide-jose`) checks, the client (`keytide-client`) fetches,
//! and the Python part of the package is what users see.

mod claims;
mod error;
mod json_read;
mod json_write;
mod native_key;
mod policy;
mod prepared;
mod ring;
mod segment;

use pyo3::prelude::*;

/// What the Python part of the package is built on.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::native_key::{NativeSigningKey, NativeVerifyingKey};
    #[pymodule_export]
    use super::policy::{NativePolicy, NativeVerifier};
    #[pymodule_export]
    use super::prepared::PreparedKey;
    #[pymodule_export]
    use super::ring::{NativeRing, NativeSigner};
}
