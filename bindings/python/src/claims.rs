//! Whether claims pass every check that callers of the drop-in can ask for.
//!
//! A yes is final. A no sends the caller the long way, where the option that asked for less is looked
//! at, and where the words for the error are.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyList, PyString};

/// What the caller expects, as it gave it.
pub(crate) struct Expected<'a, 'py> {
    pub(crate) now: f64,
    pub(crate) leeway: &'a Bound<'py, PyAny>,
    pub(crate) audience: &'a Bound<'py, PyAny>,
    pub(crate) issuer: &'a Bound<'py, PyAny>,
    pub(crate) subject: &'a Bound<'py, PyAny>,
}

/// Beyond this, a float no longer holds every whole number.
const LARGEST_EXACT: i64 = 1 << 53;

/// Whether all of them fit.
pub(crate) fn fit(claims: &Bound<'_, PyDict>, expected: &Expected<'_, '_>) -> bool {
    times_fit(claims, expected)
        .and_then(|()| names_fit(claims, expected))
        .and_then(|()| audience_fits(claims, expected))
        .is_some()
}

fn times_fit(claims: &Bound<'_, PyDict>, expected: &Expected<'_, '_>) -> Option<()> {
    let py = claims.py();
    let leeway = expected.leeway;
    if !(leeway.is_exact_instance_of::<PyInt>() || leeway.is_exact_instance_of::<PyFloat>()) {
        return None;
    }
    let leeway: f64 = leeway.extract().ok()?;
    let (earliest, latest) = (expected.now - leeway, expected.now + leeway);
    for name in [intern!(py, "iat"), intern!(py, "nbf")] {
        if let Some(start) = claims.get_item(name).ok()? {
            (whole(&start)? <= latest).then_some(())?;
        }
    }
    if let Some(end) = claims.get_item(intern!(py, "exp")).ok()? {
        (whole(&end)? > earliest).then_some(())?;
    }
    Some(())
}

fn whole(value: &Bound<'_, PyAny>) -> Option<f64> {
    if !value.is_exact_instance_of::<PyInt>() {
        return None;
    }
    let value: i64 = value.extract().ok()?;
    (-LARGEST_EXACT..=LARGEST_EXACT).contains(&value).then_some(value as f64)
}

fn names_fit(claims: &Bound<'_, PyDict>, expected: &Expected<'_, '_>) -> Option<()> {
    let py = claims.py();
    if !expected.issuer.is_none() {
        let issuer = claims.get_item(intern!(py, "iss")).ok()??;
        same(&issuer, expected.issuer)?;
    }
    if let Some(subject) = claims.get_item(intern!(py, "sub")).ok()? {
        text(&subject)?;
        if !expected.subject.is_none() {
            same(&subject, expected.subject)?;
        }
    }
    if let Some(id) = claims.get_item(intern!(py, "jti")).ok()? {
        text(&id)?;
    }
    Some(())
}

fn audience_fits(claims: &Bound<'_, PyDict>, expected: &Expected<'_, '_>) -> Option<()> {
    let named = claims.get_item(intern!(claims.py(), "aud")).ok()?;
    if expected.audience.is_none() {
        return named.is_none().then_some(());
    }
    text(expected.audience)?;
    let named = named?;
    let Ok(several) = named.cast_exact::<PyList>() else {
        return same(&named, expected.audience);
    };
    let mut found = None;
    for name in several.iter() {
        text(&name)?;
        found = found.or_else(|| same(&name, expected.audience));
    }
    found
}

fn text(value: &Bound<'_, PyAny>) -> Option<()> {
    value.is_exact_instance_of::<PyString>().then_some(())
}

fn same(value: &Bound<'_, PyAny>, expected: &Bound<'_, PyAny>) -> Option<()> {
    text(value)?;
    text(expected)?;
    value.eq(expected).ok()?.then_some(())
}
