//! The headers that a key's tokens usually have, read beforehand and recognised by their text.

use core::fmt;
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::{Header, Origin};
use crate::key::{KeySet, VerifyingKey};
use crate::{KeyId, Limits, backend, base64url};

/// Header segments whose meaning is known. A token with one of them need not have its header read;
/// any other token has.
///
/// Each was read by the strict reader and found its key in the set when this was made, so that
/// nothing is recognised that the longer way would not accept.
#[derive(Debug, Default)]
pub(crate) struct ExpectedHeaders {
    /// Ordered by the segment's length, then by its text.
    known: Vec<Expected>,
}

/// A header segment, what it says, and the one key that a token with it may try.
pub(crate) struct Expected {
    segment: Box<str>,
    pub(crate) origin: Arc<Origin>,
    key: VerifyingKey,
    /// The key after so many bytes of the signing input, which are the same in every token with this
    /// header: they are hashed once.
    after: Option<(backend::Verifier, usize)>,
}

/// A token whose header is known, in its parts.
pub(crate) struct Recognised<'e, 'a> {
    pub(crate) expected: &'e Expected,
    signing_input: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
}

impl ExpectedHeaders {
    /// Writes the headers of each key's tokens in the orders that issuers write them. `typ` is the
    /// type that tokens must have, or `None` where they may also have none.
    pub(crate) fn new(keys: &KeySet, typ: Option<&str>, limits: &Limits) -> Self {
        let mut known: Vec<Expected> = keys
            .keys()
            .iter()
            .flat_map(|key| headers(key, typ))
            .filter_map(|json| Expected::read(&json, keys, limits))
            .collect();
        known.sort_unstable_by(|a, b| order(&a.segment).cmp(&order(&b.segment)));
        known.dedup_by(|a, b| a.segment == b.segment);
        Self { known }
    }

    /// Forgets the headers that `acceptable` does not let pass.
    pub(crate) fn retain(&mut self, acceptable: impl Fn(&Header) -> bool) {
        self.known.retain(|expected| acceptable(&expected.origin.header));
    }

    /// What a header segment says, where it is known.
    fn find(&self, segment: &str) -> Option<&Expected> {
        let at = self
            .known
            .binary_search_by(|expected| order(&expected.segment).cmp(&order(segment)))
            .ok()?;
        self.known.get(at)
    }

    /// The parts of a token whose header is known. Its payload may still hold anything, dots too.
    pub(crate) fn recognise<'a>(&self, token: &'a str) -> Option<Recognised<'_, 'a>> {
        let first = memchr(b'.', token.as_bytes())?;
        let expected = self.find(token.get(..first)?)?;
        let (signing_input, signature) = token.split_at(memrchr(b'.', token.as_bytes())?);
        let (payload, signature) = (signing_input.get(first + 1..)?, signature.get(1..)?);
        Some(Recognised { expected, signing_input, payload, signature })
    }
}

impl Recognised<'_, '_> {
    /// Whether the signature holds under the one key that the token may try.
    pub(crate) fn holds(&self) -> bool {
        let Self { expected, signing_input, signature, .. } = self;
        match &expected.after {
            None => expected.key.holds_encoded(signing_input.as_bytes(), signature),
            Some((verifier, taken)) => signing_input
                .as_bytes()
                .get(*taken..)
                .is_some_and(|rest| verifier.verify_encoded(rest, signature)),
        }
    }
}

impl fmt::Debug for Expected {
    /// Shows what the header says, no key material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("origin", &self.origin)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Expected {
    /// Takes a header as a token with it would be taken; `None` where it would not be, or where
    /// more than one key would have to be tried.
    fn read(json: &str, keys: &KeySet, limits: &Limits) -> Option<Self> {
        let header = Header::parse(json.as_bytes(), limits, &[]).ok()?;
        let mut candidates = keys.find(header.key_id(), header.algorithm()).ok()?;
        let (Some(key), None) = (candidates.next(), candidates.next()) else { return None };
        let start = format!("{}.", base64url::encode(json.as_bytes()));
        Some(Self {
            after: key.after(&start),
            segment: start.trim_end_matches('.').into(),
            origin: Arc::new(Origin { header, key_id: key.key_id().cloned() }),
            key: key.clone(),
        })
    }
}

fn order(segment: &str) -> (usize, &[u8]) {
    (segment.len(), segment.as_bytes())
}

fn headers(key: &VerifyingKey, typ: Option<&str>) -> Vec<String> {
    let alg = member("alg", key.algorithm().as_str());
    let kid = key.key_id().map(KeyId::as_str).map(|kid| member("kid", kid));
    let typ_or_default = member("typ", typ.unwrap_or("JWT"));
    let mut orders: Vec<Vec<&str>> = vec![vec![&typ_or_default, &alg], vec![&alg, &typ_or_default]];
    if let Some(kid) = &kid {
        orders.push(vec![&alg, kid, &typ_or_default]);
        orders.push(vec![&alg, &typ_or_default, kid]);
        orders.push(vec![&typ_or_default, &alg, kid]);
    }
    if typ.is_none() {
        orders.push(vec![&alg]);
        orders.extend(kid.as_deref().map(|kid| vec![alg.as_str(), kid]));
    }
    orders.into_iter().map(|members| format!("{{{}}}", members.join(","))).collect()
}

fn member(name: &str, value: &str) -> String {
    format!("\"{name}\":{}", serde_json::Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Algorithm;

    fn key(secret: u8, kid: Option<&str>) -> VerifyingKey {
        let secret: Vec<u8> = (0..32).map(|at| secret ^ at).collect();
        let key = VerifyingKey::from_secret(Algorithm::HS256, &secret).unwrap();
        match kid {
            Some(kid) => key.with_key_id(kid.parse().unwrap()),
            None => key,
        }
    }

    fn knows(headers: &ExpectedHeaders, json: &str) -> bool {
        headers.find(&base64url::encode(json.as_bytes())).is_some()
    }

    #[test]
    fn a_kid_of_the_set_is_known_and_finds_its_own_key() {
        let keys = KeySet::new([key(1, Some("a")), key(2, Some("b"))]);
        let headers = ExpectedHeaders::new(&keys, Some("JWT"), &Limits::default());
        let segment = base64url::encode(br#"{"alg":"HS256","kid":"b","typ":"JWT"}"#);
        let expected = headers.find(&segment).unwrap();
        assert_eq!(expected.key.key_id().unwrap().as_str(), "b");
        assert_eq!(expected.origin.header.key_id().unwrap().for_lookup(), "b");
        assert!(!knows(&headers, r#"{"alg":"HS256","kid":"c","typ":"JWT"}"#));
        assert!(!knows(&headers, r#"{"alg":"HS512","kid":"a","typ":"JWT"}"#));
    }

    #[test]
    fn a_header_that_leaves_a_choice_of_keys_is_not_known() {
        let one = KeySet::new([key(1, None)]);
        let two = KeySet::new([key(1, None), key(2, None)]);
        let limits = Limits::default();
        let json = r#"{"typ":"JWT","alg":"HS256"}"#;
        assert!(knows(&ExpectedHeaders::new(&one, Some("JWT"), &limits), json));
        assert!(!knows(&ExpectedHeaders::new(&two, Some("JWT"), &limits), json));
    }

    #[test]
    fn an_algorithm_that_the_set_does_not_allow_is_not_known() {
        let keys = KeySet::new([key(1, None)]).allowing(&[Algorithm::ES256]);
        let headers = ExpectedHeaders::new(&keys, None, &Limits::default());
        assert!(headers.known.is_empty());
    }

    #[test]
    fn a_kid_with_characters_to_escape_is_written_as_json() {
        let keys = KeySet::new([key(1, Some("a\"b"))]);
        let headers = ExpectedHeaders::new(&keys, None, &Limits::default());
        assert!(knows(&headers, r#"{"alg":"HS256","kid":"a\"b"}"#));
    }
}
