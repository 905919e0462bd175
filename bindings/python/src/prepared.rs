//! A key that a program gave, prepared once for each algorithm it was used with.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use keytide_jose::Algorithm;
use keytide_jose::key::{SigningKey, VerifyingKey};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::claims::{self, Expected};
use crate::segment::{self, Content};
use crate::{json_read, json_write};

/// Verifications after which a key's table is worth its memory and the time to make it.
const TABLE_AFTER: u32 = 256;

/// A key's tokens have few headers; anybody can make up more.
/// What is longer is for the long way, whose limit the caller may have moved.
const LONGEST_TOKEN: usize = 64 * 1024;
const MOST_HEADERS: usize = 4;
const LONGEST_HEADER: usize = 512;

/// What was learned of one key: each slot is filled after the long way accepted the key, so that the
/// short way takes nothing that the long way would not.
#[pyclass(frozen, module = "keytide._native")]
pub(crate) struct PreparedKey {
    verifying: RwLock<Vec<Slot<VerifyingKey>>>,
    signing: RwLock<Vec<Slot<SigningKey>>>,
    /// Header segments seen, with nothing out of the ordinary in them.
    headers: RwLock<Vec<(Box<str>, Algorithm)>>,
    verified: Option<Mutex<Verified>>,
}

struct Slot<K> {
    alg: Algorithm,
    key: Arc<K>,
    /// What to warn of at each use.
    notice: Option<Py<PyString>>,
    used: core::sync::atomic::AtomicU32,
}

/// Tokens whose signature held under this key. Only the signature's check is saved: claims are read
/// and judged each time.
struct Verified {
    max: usize,
    young: HashSet<Box<str>>,
    old: HashSet<Box<str>>,
}

impl Verified {
    fn knows(&self, token: &str) -> bool {
        self.young.contains(token) || self.old.contains(token)
    }

    fn add(&mut self, token: &str) {
        if self.young.len() >= self.max.div_ceil(2) {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(token.into());
    }
}

#[pymethods]
impl PreparedKey {
    #[new]
    #[pyo3(signature = (remember = 0))]
    fn new(remember: usize) -> Self {
        let verified = (remember > 0).then(|| {
            Mutex::new(Verified { max: remember, young: HashSet::new(), old: HashSet::new() })
        });
        Self {
            verifying: RwLock::default(),
            signing: RwLock::default(),
            headers: RwLock::default(),
            verified,
        }
    }

    /// Whether bytes given as a secret are the text or DER of another kind of key.
    #[staticmethod]
    fn is_key_text(secret: &[u8]) -> bool {
        matches!(
            VerifyingKey::from_secret_less_safe(Algorithm::HS256, secret),
            Err(keytide_jose::Error::InvalidKey(_))
        )
    }

    /// Prepares a secret. False where the engine will not have it.
    fn learn_secret(&self, alg: &str, secret: &[u8], notice: Option<Py<PyString>>) -> bool {
        let Ok(alg) = alg.parse::<Algorithm>() else { return false };
        let (Ok(verifying), Ok(signing)) = (
            VerifyingKey::from_secret_less_safe(alg, secret),
            SigningKey::from_secret_less_safe(alg, secret),
        ) else {
            return false;
        };
        Python::attach(|py| {
            let again = notice.as_ref().map(|notice| notice.clone_ref(py));
            put(&self.verifying, alg, verifying, again);
        });
        put(&self.signing, alg, signing, notice);
        true
    }

    /// Prepares a public key in DER. False where the engine will not have it.
    fn learn_public(&self, alg: &str, der: &[u8]) -> bool {
        let Ok(alg) = alg.parse::<Algorithm>() else { return false };
        let Ok(key) = VerifyingKey::from_der(alg, der) else { return false };
        put(&self.verifying, alg, key, None);
        true
    }

    /// Prepares a private key in DER. False where the engine will not have it.
    fn learn_private(&self, alg: &str, der: &[u8]) -> bool {
        let Ok(alg) = alg.parse::<Algorithm>() else { return false };
        let Ok(key) = SigningKey::from_der(alg, der) else { return false };
        put(&self.signing, alg, key, None);
        true
    }

    /// The claims of a token whose signature holds, when they fit what is expected; else they stand in
    /// a tuple with whether they fit and a warning. False for a signature that does not hold; None
    /// where the long way must look.
    #[expect(clippy::too_many_arguments, reason = "one crossing of the border for all of it")]
    fn open<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyAny>,
        algorithms: &Bound<'py, PyAny>,
        now: f64,
        leeway: &Bound<'py, PyAny>,
        audience: &Bound<'py, PyAny>,
        issuer: &Bound<'py, PyAny>,
        subject: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.check(py, token, algorithms)? {
            Outcome::Unsure => Ok(None),
            Outcome::Forged => Ok(Some(false.into_pyobject(py)?.to_owned().into_any())),
            Outcome::Holds { claims, notice } => {
                let expected = Expected { now, leeway, audience, issuer, subject };
                let fit = claims::fit(&claims, &expected);
                if fit && notice.is_none() {
                    return Ok(Some(claims.into_any()));
                }
                Ok(Some((claims, fit, notice).into_pyobject(py)?.into_any()))
            }
        }
    }

    /// The token with these claims, with a warning beside it where there is one. None where the long
    /// way must look.
    fn issue<'py>(
        &self,
        py: Python<'py>,
        alg: &str,
        header_segment: &str,
        claims: &Bound<'py, PyDict>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(alg) = alg.parse::<Algorithm>() else { return Ok(None) };
        let Some((key, notice)) = find(&self.signing, alg, py) else { return Ok(None) };
        let Some(json) = json_write::claims(claims) else { return Ok(None) };
        let mut token = String::with_capacity(header_segment.len() + json.len() * 4 / 3 + 96);
        token.push_str(header_segment);
        token.push('.');
        segment::append(&mut token, json.as_bytes());
        let signed = if alg.is_symmetric() {
            key.append_signature(&mut token)
        } else {
            py.detach(|| key.append_signature(&mut token))
        };
        if signed.is_err() {
            return Ok(None);
        }
        let token = PyString::new(py, &token);
        match notice {
            None => Ok(Some(token.into_any())),
            Some(notice) => Ok(Some((token, notice).into_pyobject(py)?.into_any())),
        }
    }
}

enum Outcome<'py> {
    Unsure,
    Forged,
    Holds { claims: Bound<'py, PyDict>, notice: Option<Py<PyString>> },
}

impl PreparedKey {
    /// A key of the native API, with what is known of it.
    pub(crate) fn of(
        verifying: VerifyingKey,
        signing: Option<SigningKey>,
        remember: usize,
    ) -> Self {
        let prepared = Self::new(remember);
        let alg = verifying.algorithm();
        put(&prepared.verifying, alg, verifying, None);
        if let Some(key) = signing {
            put(&prepared.signing, alg, key, None);
        }
        prepared
    }

    fn check<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'py, PyAny>,
        algorithms: &Bound<'py, PyAny>,
    ) -> PyResult<Outcome<'py>> {
        let text = if let Ok(text) = token.cast::<PyString>() {
            let Ok(text) = text.to_cow() else { return Ok(Outcome::Unsure) };
            text
        } else if let Ok(bytes) = token.cast::<PyBytes>() {
            let Ok(text) = str::from_utf8(bytes.as_bytes()) else { return Ok(Outcome::Unsure) };
            text.into()
        } else {
            return Ok(Outcome::Unsure);
        };
        if text.len() > LONGEST_TOKEN {
            return Ok(Outcome::Unsure);
        }
        let Some((alg, read)) = self.read(py, &text) else { return Ok(Outcome::Unsure) };
        if !names(algorithms, alg.as_str())? {
            return Ok(Outcome::Unsure);
        }
        let Some((key, notice)) = find(&self.verifying, alg, py) else {
            return Ok(Outcome::Unsure);
        };
        if !self.knows(&text) {
            let Content { signing_input, signature, .. } = &read;
            let holds = if alg.is_symmetric() {
                key.verify(signing_input.as_bytes(), signature).is_ok()
            } else {
                py.detach(|| key.verify(signing_input.as_bytes(), signature).is_ok())
            };
            if !holds {
                // The warning comes before the refusal, and only the long way warns so.
                return Ok(if notice.is_some() { Outcome::Unsure } else { Outcome::Forged });
            }
            if let Some(verified) = &self.verified {
                verified.lock().unwrap_or_else(PoisonError::into_inner).add(&text);
            }
            self.count(alg);
        }
        Ok(match json_read::object(py, &read.payload) {
            Some(claims) => Outcome::Holds { claims, notice },
            None => Outcome::Unsure,
        })
    }

    /// Takes a token apart. Most tokens of a key have the same header, which is looked at once.
    fn read<'a>(&self, py: Python<'_>, text: &'a str) -> Option<(Algorithm, Content<'a>)> {
        let content = Content::read(text)?;
        let known = self.headers.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(segment, _)| **segment == *content.header);
        if let Some((_, alg)) = found {
            return Some((*alg, content));
        }
        drop(known);
        let alg = segment::algorithm(&segment::ordinary_header(py, content.header)?)?;
        let mut known = self.headers.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_HEADERS && content.header.len() <= LONGEST_HEADER {
            known.push((content.header.into(), alg));
        }
        Some((alg, content))
    }

    fn knows(&self, token: &str) -> bool {
        self.verified.as_ref().is_some_and(|verified| {
            verified.lock().unwrap_or_else(PoisonError::into_inner).knows(token)
        })
    }

    /// Gives a key that is used again and again its table.
    fn count(&self, alg: Algorithm) {
        if alg != Algorithm::ES256 {
            return;
        }
        let slots = self.verifying.read().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = slots.iter().find(|slot| slot.alg == alg) else { return };
        let used = slot.used.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
        if used != TABLE_AFTER {
            return;
        }
        let key = slot.key.as_ref().clone();
        drop(slots);
        put_used(&self.verifying, alg, key.with_table());
    }
}

/// Whether a list or tuple of names holds this one; anything else is for the long way.
fn names(algorithms: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    use pyo3::types::{PyList, PyTuple};
    let is = |item: &Bound<'_, PyAny>| {
        item.cast::<PyString>().is_ok_and(|item| item.to_cow().is_ok_and(|item| item == name))
    };
    if let Ok(list) = algorithms.cast_exact::<PyList>() {
        return Ok(list.iter().any(|item| is(&item)));
    }
    if let Ok(tuple) = algorithms.cast_exact::<PyTuple>() {
        return Ok(tuple.iter().any(|item| is(&item)));
    }
    Ok(false)
}

fn find<K>(
    slots: &RwLock<Vec<Slot<K>>>,
    alg: Algorithm,
    py: Python<'_>,
) -> Option<(Arc<K>, Option<Py<PyString>>)> {
    let slots = slots.read().unwrap_or_else(PoisonError::into_inner);
    let slot = slots.iter().find(|slot| slot.alg == alg)?;
    Some((Arc::clone(&slot.key), slot.notice.as_ref().map(|notice| notice.clone_ref(py))))
}

fn put<K>(slots: &RwLock<Vec<Slot<K>>>, alg: Algorithm, key: K, notice: Option<Py<PyString>>) {
    let mut slots = slots.write().unwrap_or_else(PoisonError::into_inner);
    if slots.iter().all(|slot| slot.alg != alg) {
        slots.push(Slot { alg, key: Arc::new(key), notice, used: 0.into() });
    }
}

fn put_used<K>(slots: &RwLock<Vec<Slot<K>>>, alg: Algorithm, key: K) {
    let mut slots = slots.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(slot) = slots.iter_mut().find(|slot| slot.alg == alg) {
        slot.key = Arc::new(key);
    }
}
