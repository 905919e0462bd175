//! Claims to JSON text, byte for byte as the host's `json.dumps(claims, separators=(",", ":"))`.
//!
//! Only objects of the exact built-in types are written; for everything else there is `None`, and the
//! caller asks the host.

use core::fmt::Write as _;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// Claims nested deeper than this may be a circle.
const MAX_DEPTH: usize = 32;

/// Writes claims. `None` also where the issuer is no text, which is for the caller to refuse.
pub(crate) fn claims(claims: &Bound<'_, PyDict>) -> Option<String> {
    if let Some(issuer) = claims.get_item("iss").ok()?
        && !issuer.is_exact_instance_of::<PyString>()
    {
        return None;
    }
    let mut text = String::with_capacity(256);
    object(&mut text, claims, 0)?;
    Some(text)
}

fn object(text: &mut String, object: &Bound<'_, PyDict>, depth: usize) -> Option<()> {
    if depth >= MAX_DEPTH {
        return None;
    }
    text.push('{');
    let mut first = true;
    for (name, member) in object.iter() {
        if !first {
            text.push(',');
        }
        first = false;
        if !name.is_exact_instance_of::<PyString>() {
            return None;
        }
        string(text, name.cast::<PyString>().ok()?)?;
        text.push(':');
        value(text, &member, depth + 1)?;
    }
    text.push('}');
    Some(())
}

fn value(text: &mut String, value: &Bound<'_, PyAny>, depth: usize) -> Option<()> {
    if value.is_exact_instance_of::<PyString>() {
        string(text, value.cast::<PyString>().ok()?)
    } else if value.is_exact_instance_of::<PyInt>() {
        write!(text, "{}", value.extract::<i64>().ok()?).ok()
    } else if value.is_exact_instance_of::<PyBool>() {
        text.push_str(if value.is_truthy().ok()? { "true" } else { "false" });
        Some(())
    } else if value.is_none() {
        text.push_str("null");
        Some(())
    } else if value.is_exact_instance_of::<PyDict>() {
        object(text, value.cast::<PyDict>().ok()?, depth)
    } else if value.is_exact_instance_of::<PyList>() {
        list(text, value.cast::<PyList>().ok()?.iter(), depth)
    } else if value.is_exact_instance_of::<PyTuple>() {
        list(text, value.cast::<PyTuple>().ok()?.iter(), depth)
    } else if value.is_exact_instance_of::<PyFloat>() {
        float(text, value.extract().ok()?)
    } else {
        None
    }
}

fn list<'py>(
    text: &mut String,
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    depth: usize,
) -> Option<()> {
    if depth >= MAX_DEPTH {
        return None;
    }
    text.push('[');
    let mut first = true;
    for item in items {
        if !first {
            text.push(',');
        }
        first = false;
        value(text, &item, depth + 1)?;
    }
    text.push(']');
    Some(())
}

/// Both languages write the shortest digits that read back the same; they differ in where they start
/// to use exponents.
fn float(text: &mut String, number: f64) -> Option<()> {
    let size = number.abs();
    (number == 0.0 || (1e-4..1e16).contains(&size)).then(|| write!(text, "{number:?}").ok())?
}

fn string(text: &mut String, string: &Bound<'_, PyString>) -> Option<()> {
    let string = string.to_cow().ok()?;
    text.push('"');
    if string.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        text.push_str(&string);
    } else {
        for character in string.chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\u{8}' => text.push_str("\\b"),
                '\u{c}' => text.push_str("\\f"),
                ' '..='~' => text.push(character),
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(text, "\\u{unit:04x}").ok()?;
                    }
                }
            }
        }
    }
    text.push('"');
    Some(())
}
