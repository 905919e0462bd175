//! JSON text to Python objects, for the texts about which every reader agrees.
//!
//! What the host's `json` would treat in a way of its own (huge numbers, `NaN`, lone surrogates, other
//! encodings), and what ought to be refused with its words (errors, repeated names), is given back as
//! `None`, and the caller asks the host.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

/// Claims nested deeper than this are for the host to judge.
const MAX_DEPTH: usize = 32;
/// The most digits that surely fit into an `i64`.
const MAX_DIGITS: usize = 18;

/// Reads one JSON object.
pub(crate) fn object<'py>(py: Python<'py>, text: &[u8]) -> Option<Bound<'py, PyDict>> {
    let text = str::from_utf8(text).ok()?;
    let mut reader = Reader { py, text, at: 0 };
    reader.space();
    let object = reader.object(0)?;
    reader.space();
    (reader.at == text.len()).then_some(object)
}

struct Reader<'a, 'py> {
    py: Python<'py>,
    text: &'a str,
    at: usize,
}

impl<'a, 'py> Reader<'a, 'py> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.text.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn value(&mut self, depth: usize) -> Option<Bound<'py, PyAny>> {
        Some(match self.peek()? {
            b'"' => self.string()?.into_any(),
            b'{' => self.object(depth)?.into_any(),
            b'[' => self.list(depth)?.into_any(),
            b't' => self.word("true").map(|()| self.boolean(true))?,
            b'f' => self.word("false").map(|()| self.boolean(false))?,
            b'n' => self.word("null").map(|()| self.py.None().into_bound(self.py))?,
            _ => self.number()?,
        })
    }

    fn boolean(&self, value: bool) -> Bound<'py, PyAny> {
        PyBool::new(self.py, value).to_owned().into_any()
    }

    fn object(&mut self, depth: usize) -> Option<Bound<'py, PyDict>> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.take(b'{')?;
        let object = PyDict::new(self.py);
        self.space();
        if self.take(b'}').is_some() {
            return Some(object);
        }
        let mut names = 0;
        loop {
            self.space();
            let name = match self.usual_name() {
                Some(name) => name,
                None => self.string()?,
            };
            self.space();
            self.take(b':')?;
            self.space();
            let value = self.value(depth + 1)?;
            object.set_item(name, value).ok()?;
            names += 1;
            self.space();
            if self.take(b',').is_none() {
                break;
            }
        }
        self.take(b'}')?;
        // A name that came twice left one behind.
        (object.len() == names).then_some(object)
    }

    /// A name that most tokens have, for which the interpreter has an object already.
    fn usual_name(&mut self) -> Option<Bound<'py, PyString>> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let &[b'"', a, b, c, b'"', ..] = rest else { return None };
        let name = match &[a, b, c] {
            b"exp" => intern!(self.py, "exp"),
            b"iat" => intern!(self.py, "iat"),
            b"nbf" => intern!(self.py, "nbf"),
            b"iss" => intern!(self.py, "iss"),
            b"sub" => intern!(self.py, "sub"),
            b"aud" => intern!(self.py, "aud"),
            b"jti" => intern!(self.py, "jti"),
            b"alg" => intern!(self.py, "alg"),
            b"typ" => intern!(self.py, "typ"),
            b"kid" => intern!(self.py, "kid"),
            _ => return None,
        };
        self.at += 5;
        Some(name.clone())
    }

    fn list(&mut self, depth: usize) -> Option<Bound<'py, PyList>> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.take(b'[')?;
        let list = PyList::empty(self.py);
        self.space();
        if self.take(b']').is_some() {
            return Some(list);
        }
        loop {
            self.space();
            let value = self.value(depth + 1)?;
            list.append(value).ok()?;
            self.space();
            if self.take(b',').is_none() {
                break;
            }
        }
        self.take(b']')?;
        Some(list)
    }

    fn string(&mut self) -> Option<Bound<'py, PyString>> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        if rest.as_bytes().get(end) == Some(&b'"') {
            self.at += end + 1;
            return Some(PyString::new(self.py, rest.get(..end)?));
        }
        let mut text = rest.get(..end)?.to_owned();
        self.at += end;
        loop {
            let rest = self.text.get(self.at..)?;
            let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
            text.push_str(rest.get(..end)?);
            self.at += end;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(PyString::new(self.py, &text));
                }
                b'\\' => text.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        self.take(b'\\')?;
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                match char::from_u32(unit) {
                    Some(character) => character,
                    None => {
                        self.word("\\u")?;
                        let pair = [u16::try_from(unit).ok()?, u16::try_from(self.unit()?).ok()?];
                        char::decode_utf16(pair).next()?.ok()?
                    }
                }
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Option<Bound<'py, PyAny>> {
        let start = self.at;
        let _sign = self.take(b'-');
        let leading_zero = self.peek()? == b'0';
        let digits = self.digits();
        if digits == 0 || digits > MAX_DIGITS || (leading_zero && digits > 1) {
            return None;
        }
        let mut whole = true;
        if self.take(b'.').is_some() {
            whole = false;
            if self.digits() == 0 {
                return None;
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return None;
            }
        }
        let number = self.text.get(start..self.at)?;
        if whole {
            return Some(PyInt::new(self.py, number.parse::<i64>().ok()?).into_any());
        }
        let number: f64 = number.parse().ok()?;
        number.is_finite().then(|| PyFloat::new(self.py, number).into_any())
    }
}
