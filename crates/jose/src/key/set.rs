//! A set of keys to verify with, and which of them a token may try.

use std::collections::BTreeMap;

use super::{KeyId, Untrusted, VerifyingKey};
use crate::jwk::{JwkSet, PublicJwk};
use crate::{Algorithm, Error, Result};

/// Keys to verify with, found by `kid` and algorithm.
///
/// ```
/// use keytide_jose::{Algorithm, SystemRng, key::{KeySet, SigningKey}};
///
/// let old = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
/// let new = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
/// let set = KeySet::new([old.verifying_key(), new.verifying_key()]);
/// assert_eq!(set.find(None, Algorithm::ES256)?.count(), 2);
/// assert_eq!(set.find(None, Algorithm::RS256).unwrap_err().code(), "alg_not_allowed");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    by_kid: BTreeMap<KeyId, Vec<usize>>,
    without_kid: Vec<usize>,
    allowed: Vec<Algorithm>,
}

impl KeySet {
    /// How many keys one token may make us try; a `kid` keeps it to one or two.
    pub const MAX_CANDIDATES: usize = 16;

    /// Takes keys; their algorithms are the allowed ones.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let mut set = Self::default();
        for key in keys {
            let alg = key.algorithm();
            if !set.allowed.contains(&alg) {
                set.allowed.push(alg);
            }
            set.push(key);
        }
        set
    }

    /// The keys of a JWK Set, bound to those of the `allowed` algorithms that each can serve. `alg`,
    /// `use` and `key_ops` are obeyed; a JWK without `alg` gives one key for each allowed algorithm
    /// of its type.
    ///
    /// # Errors
    /// `key_alg_mismatch` when the set has keys, but none for these algorithms.
    pub fn from_jwks(jwks: &JwkSet, allowed: &[Algorithm]) -> Result<Self> {
        let mut keys = Bound::default();
        for jwk in jwks.keys() {
            keys.add_public(jwk, allowed);
        }
        if jwks.keys().is_empty() {
            return Ok(Self::default().allowing(allowed));
        }
        keys.into_set(allowed)
    }

    /// The same set, refusing algorithms outside this list even where a key could serve them, and
    /// telling `key_alg_mismatch` from `alg_not_allowed` where no key does.
    #[must_use]
    pub fn allowing(mut self, allowed: &[Algorithm]) -> Self {
        self.allowed = allowed.to_vec();
        self
    }

    /// The keys that a token with this `kid` and algorithm may try.
    ///
    /// A `kid` finds the keys that have it; where none has, the keys without a `kid` of their own,
    /// whose identity the token cannot contradict. A token without `kid` may try all keys of its
    /// algorithm (RFC 7515 §4.1.4, appendix D).
    ///
    /// # Errors
    /// `alg_not_allowed`; `unknown_kid`; `key_alg_mismatch` when the keys found are bound to other
    /// algorithms; `too_large` when there are more than [`KeySet::MAX_CANDIDATES`].
    pub fn find(
        &self,
        key_id: Option<&Untrusted<KeyId>>,
        alg: Algorithm,
    ) -> Result<Candidates<'_>> {
        if !self.allowed.contains(&alg) {
            return Err(Error::AlgNotAllowed { alg: alg.as_str().into() });
        }
        let found: Vec<usize> = match key_id {
            Some(key_id) => match self.by_kid.get(key_id.for_lookup()) {
                Some(named) => named.clone(),
                None if self.without_kid.is_empty() => {
                    return Err(Error::UnknownKid { kid: key_id.for_lookup().into() });
                }
                None => self.without_kid.clone(),
            },
            None => (0..self.keys.len()).collect(),
        };
        let keys: Vec<&VerifyingKey> = found
            .into_iter()
            .filter_map(|at| self.keys.get(at))
            .filter(|key| key.algorithm() == alg)
            .collect();
        if keys.is_empty() {
            return Err(Error::KeyAlgMismatch(format!("the key is not one for {alg}")));
        }
        if keys.len() > Self::MAX_CANDIDATES {
            return Err(Error::TooLarge { limit: "candidates", max: Self::MAX_CANDIDATES });
        }
        Ok(Candidates(keys.into_iter()))
    }

    /// All keys.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    fn push(&mut self, key: VerifyingKey) {
        let at = self.keys.len();
        match key.key_id() {
            Some(key_id) => self.by_kid.entry(key_id.clone()).or_default().push(at),
            None => self.without_kid.push(at),
        }
        self.keys.push(key);
    }
}

/// The keys that may be tried, in the set's order.
#[derive(Debug)]
pub struct Candidates<'a>(std::vec::IntoIter<&'a VerifyingKey>);

impl<'a> Iterator for Candidates<'a> {
    type Item = &'a VerifyingKey;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// Collects keys while binding them to algorithms, remembering why those that fit none did not.
#[derive(Default)]
pub(super) struct Bound {
    keys: Vec<VerifyingKey>,
    refused: Option<Error>,
}

impl Bound {
    /// Binds one key to each allowed algorithm for which `bind` finds it fit.
    pub(super) fn add(
        &mut self,
        allowed: &[Algorithm],
        bind: impl Fn(Algorithm) -> Result<VerifyingKey>,
    ) {
        let before = self.keys.len();
        let mut refused = None;
        for alg in allowed {
            match bind(*alg) {
                Ok(key) => self.keys.push(key),
                // A weak key says more than a key of another type.
                Err(error @ Error::WeakKey(_)) => refused = Some(error),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        if self.keys.len() == before {
            self.refuse(refused);
        }
    }

    pub(super) fn add_public(&mut self, jwk: &PublicJwk, allowed: &[Algorithm]) {
        self.add(allowed, |alg| VerifyingKey::from_jwk(jwk, Some(alg)));
    }

    pub(super) fn refuse(&mut self, why: Option<Error>) {
        if self.refused.is_none() {
            self.refused = why;
        }
    }

    pub(super) fn into_set(self, allowed: &[Algorithm]) -> Result<KeySet> {
        if self.keys.is_empty() {
            return Err(self.refused.unwrap_or_else(|| {
                Error::KeyAlgMismatch("no key can serve an allowed algorithm".into())
            }));
        }
        Ok(KeySet::new(self.keys).allowing(allowed))
    }
}
