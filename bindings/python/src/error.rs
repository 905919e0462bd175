//! Errors of the engine and the client as `keytide.Error`, with their code and hint.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// An error of the engine.
pub(crate) fn engine(error: &keytide_jose::Error) -> PyErr {
    make(error.code(), &error.to_string(), error.hint().unwrap_or_default())
}

/// An error of the client.
pub(crate) fn client(error: &keytide_client::Error) -> PyErr {
    if error.is_fetch_error() {
        let text = error.to_string();
        return Python::attach(|py| made(py, "FetchError", error.code(), &text, &error.hint()));
    }
    make(error.code(), &error.to_string(), &error.hint())
}

/// What a caller gave is not usable.
pub(crate) fn bad_option(message: &str, hint: &str) -> PyErr {
    make("bad_option", message, hint)
}

fn make(code: &str, message: &str, hint: &str) -> PyErr {
    Python::attach(|py| made(py, "Error", code, message, hint))
}

fn made(py: Python<'_>, class: &str, code: &str, message: &str, hint: &str) -> PyErr {
    let module = MAKE.get_or_try_init(py, || {
        py.import("keytide.errors").map(|module| module.into_any().unbind())
    });
    let error =
        module.and_then(|module| module.bind(py).getattr(class)?.call1((code, message, hint)));
    match error {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
