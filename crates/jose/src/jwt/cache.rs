//! Tokens that were verified before: answered from memory, with the time checked at every hit.

use core::fmt;
use core::hash::{BuildHasher, BuildHasherDefault, Hasher};
use core::mem;
use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::de::DeserializeOwned;

use super::{Claims, NumericDate, Verifier, check};
use crate::{Result, backend, base64url};

/// Verifies tokens, and knows again those that it accepted.
///
/// A token is known by all of its text, and only under the keys and the policy that accepted it:
/// [`VerifiedCache::replace`] forgets every token, so that call it whenever a key is added, retired
/// or revoked, or the policy changes. `exp`, `nbf`, `iat` and the policy's maximum age are checked
/// at every hit. Refused tokens are not kept.
///
/// It holds at most so many bytes as it was given, counting for each token an upper bound of what
/// its text and its claims as [`serde_json::Value`] take up; when it is full, tokens that were not
/// seen for the longest time go first. It can be shared between threads.
///
/// ```
/// use keytide_jose::{Algorithm, SystemRng, jwt, key::{KeySet, SigningKey}};
/// use serde_json::{Value, json};
///
/// let signer = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
/// let claims = json!({"iss": "https://id.example", "aud": "api", "exp": 2_000_000_000});
/// let token = jwt::issue(&signer, &jwt::HeaderParams::default(), &claims)?;
/// let policy = jwt::Policy::builder().issuer("https://id.example").audience("api").typ("JWT").build();
/// let verifier = jwt::Verifier::new(KeySet::new([signer.verifying_key()]), policy.clone());
///
/// let cache: jwt::VerifiedCache<Value> = jwt::VerifiedCache::new(verifier, 16 << 20);
/// let now = jwt::NumericDate::from_secs(1_900_000_000);
/// assert_eq!(cache.verify(&token, now)?["aud"], "api");
/// assert_eq!(cache.verify(&token, now)?["aud"], "api"); // from memory
///
/// let later = jwt::NumericDate::from_secs(2_000_000_000);
/// assert_eq!(cache.verify(&token, later).unwrap_err().code(), "expired");
///
/// cache.replace(jwt::Verifier::new(KeySet::new([]), policy));
/// assert_eq!(cache.verify(&token, now).unwrap_err().code(), "alg_not_allowed");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
pub struct VerifiedCache<T> {
    max_bytes: usize,
    hash: RandomState,
    state: RwLock<State<T>>,
}

struct State<T> {
    verifier: Arc<Verifier>,
    /// Counts the verifiers; what one accepted is not kept under another.
    epoch: u64,
    /// Tokens seen since the two were last exchanged.
    young: Generation<T>,
    /// Tokens seen only before; they go when `young` is full.
    old: Generation<T>,
}

struct Generation<T> {
    tokens: HashMap<u64, Known<T>, BuildHasherDefault<AsItIs>>,
    bytes: usize,
}

struct Known<T> {
    token: Box<str>,
    claims: Arc<Claims<T>>,
    bytes: usize,
}

impl<T: DeserializeOwned> VerifiedCache<T> {
    /// Starts with no token, and with this verifier.
    #[must_use]
    pub fn new(verifier: Verifier, max_bytes: usize) -> Self {
        let state = State {
            verifier: Arc::new(verifier),
            epoch: 0,
            young: Generation::default(),
            old: Generation::default(),
        };
        Self { max_bytes, hash: RandomState::new(), state: RwLock::new(state) }
    }

    /// As [`Verifier::verify`]; a token that was accepted before has only its times checked.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify(&self, token: &str, now: NumericDate) -> Result<Arc<Claims<T>>> {
        let fingerprint = self.fingerprint(token);
        let state = self.read();
        if let Some(claims) = state.young.find(fingerprint, token) {
            check::check_again(state.verifier.policy(), now, &claims.times)?;
            return Ok(claims.clone());
        }
        let (verifier, epoch) = (state.verifier.clone(), state.epoch);
        let known = state.old.find(fingerprint, token).cloned();
        drop(state);
        if let Some(claims) = &known {
            check::check_again(verifier.policy(), now, &claims.times)?;
        }
        let claims = match known {
            Some(claims) => claims,
            None => Arc::new(verifier.verify(token, now)?),
        };
        self.keep(epoch, fingerprint, token, &claims);
        Ok(claims)
    }

    /// Takes another verifier and forgets all tokens. No call that begins after this one returned
    /// accepts what only the former verifier would.
    pub fn replace(&self, verifier: Verifier) {
        let mut state = self.write();
        state.verifier = Arc::new(verifier);
        state.epoch += 1;
        state.forget();
    }

    /// Forgets all tokens and keeps the verifier, as after revoking single tokens elsewhere.
    pub fn clear(&self) {
        let mut state = self.write();
        state.epoch += 1;
        state.forget();
    }

    /// How many bytes the known tokens count for.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let state = self.read();
        state.young.bytes + state.old.bytes
    }

    /// Keeps a token unless the verifier that accepted it was replaced meanwhile.
    fn keep(&self, epoch: u64, fingerprint: u64, token: &str, claims: &Arc<Claims<T>>) {
        let bytes = weight::<T>(token);
        let half = self.max_bytes / 2;
        if bytes > half {
            return;
        }
        let known = Known { token: token.into(), claims: claims.clone(), bytes };
        let mut state = self.write();
        if state.epoch != epoch {
            return;
        }
        state.old.remove(fingerprint);
        if state.young.bytes + bytes > half {
            state.old = mem::take(&mut state.young);
        }
        state.young.insert(fingerprint, known);
    }

    /// A keyed hash of the token's end. The signature stands there, so that nobody who cannot sign
    /// chooses what is kept; whether the token is known is decided by all of its text.
    fn fingerprint(&self, token: &str) -> u64 {
        const ENOUGH: usize = 32;
        let bytes = token.as_bytes();
        let end = bytes.last_chunk::<ENOUGH>().map_or(bytes, |end| end);
        let mut hasher = self.hash.build_hasher();
        hasher.write(end);
        hasher.finish()
    }
}

impl<T> VerifiedCache<T> {
    // A thread that panicked elsewhere leaves whole entries behind, or none.
    fn read(&self) -> RwLockReadGuard<'_, State<T>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State<T>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn forget(&mut self) {
        self.young = Generation::default();
        self.old = Generation::default();
    }
}

impl<T> Generation<T> {
    fn find(&self, fingerprint: u64, token: &str) -> Option<&Arc<Claims<T>>> {
        let known = self.tokens.get(&fingerprint)?;
        // The time must not tell how much of a guessed token is right.
        let same = backend::equal_in_constant_time(known.token.as_bytes(), token.as_bytes());
        same.then_some(&known.claims)
    }

    fn insert(&mut self, fingerprint: u64, known: Known<T>) {
        self.bytes += known.bytes;
        if let Some(before) = self.tokens.insert(fingerprint, known) {
            self.bytes -= before.bytes;
        }
    }

    fn remove(&mut self, fingerprint: u64) {
        if let Some(known) = self.tokens.remove(&fingerprint) {
            self.bytes -= known.bytes;
        }
    }
}

impl<T> Default for Generation<T> {
    fn default() -> Self {
        Self { tokens: HashMap::default(), bytes: 0 }
    }
}

impl<T> fmt::Debug for VerifiedCache<T> {
    /// Shows how much is held, no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.read();
        f.debug_struct("VerifiedCache")
            .field("tokens", &(state.young.tokens.len() + state.old.tokens.len()))
            .field("bytes", &(state.young.bytes + state.old.bytes))
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// An upper bound of the bytes for one token and its claims, were they read as `Value`.
fn weight<T>(token: &str) -> usize {
    /// The first node of a map's tree.
    const OBJECT: usize = 640;
    /// A value in a list or tree that is half empty, and the allocation of its text.
    const VALUE: usize = 96;
    let payload = token.split('.').nth(1).and_then(base64url::decode).unwrap_or_default();
    let held: usize = payload
        .iter()
        .map(|byte| match byte {
            b'{' => OBJECT,
            b',' | b':' | b'[' => VALUE,
            _ => 2,
        })
        .sum();
    token.len() + held + size_of::<(u64, Known<T>)>() * 2 + size_of::<Claims<T>>()
}

/// Passes a fingerprint on, which is a keyed hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks beyond an end has failed")]
mod tests {
    use core::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::jwt::{HeaderParams, Policy, issue};
    use crate::key::{KeySet, SigningKey};
    use crate::{Algorithm, SystemRng};

    const NOW: NumericDate = NumericDate::from_secs(1_900_000_000);

    fn key() -> SigningKey {
        SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap()
    }

    fn token(key: &SigningKey, name: &str) -> String {
        let claims = json!({
            "iss": "i", "aud": "a", "jti": name,
            "exp": 1_900_000_100, "nbf": 1_899_999_900, "iat": 1_899_999_900,
        });
        issue(key, &HeaderParams::default(), &claims).unwrap()
    }

    fn verifier(keys: &[&SigningKey], audience: &str) -> Verifier {
        let policy = Policy::builder()
            .issuer("i")
            .audience(audience)
            .typ("JWT")
            .max_age(Duration::from_secs(150))
            .build();
        Verifier::new(KeySet::new(keys.iter().map(|key| key.verifying_key())), policy)
    }

    fn cache(keys: &[&SigningKey]) -> VerifiedCache<Value> {
        VerifiedCache::new(verifier(keys, "a"), 1 << 20)
    }

    fn code(result: Result<Arc<Claims<Value>>>) -> &'static str {
        result.unwrap_err().code()
    }

    #[test]
    fn a_token_seen_before_is_answered_from_memory() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        let first = cache.verify(&token, NOW).unwrap();
        let again = cache.verify(&token, NOW).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn the_time_is_checked_at_every_hit() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        let at = |secs| cache.verify(&token, NumericDate::from_secs(secs));
        assert!(at(1_900_000_000).is_ok());
        assert_eq!(code(at(1_900_000_100)), "expired");
        assert_eq!(code(at(1_899_999_899)), "not_yet_valid");
        assert_eq!(code(at(1_900_000_051)), "too_old");
        assert!(at(1_900_000_050).is_ok());
    }

    #[test]
    fn a_clock_set_back_before_a_token_was_issued_refuses_it_unless_that_is_allowed() {
        let key = key();
        let claims = json!({"iat": 1_900_000_000, "exp": 1_900_000_100});
        let token = issue(&key, &HeaderParams::default(), &claims).unwrap();
        for allowed in [false, true] {
            let open = Policy::builder().danger().any_issuer().no_audience().danger().any_typ();
            let open = if allowed { open.danger().allow_future_iat() } else { open };
            let keys = KeySet::new([key.verifying_key()]);
            let cache: VerifiedCache<Value> =
                VerifiedCache::new(Verifier::new(keys, open.build()), 1 << 20);
            let first = cache.verify(&token, NOW).unwrap();
            match cache.verify(&token, NumericDate::from_secs(1_899_999_999)) {
                Ok(again) => assert!(allowed && Arc::ptr_eq(&first, &again)),
                Err(error) => assert!(!allowed && error.code() == "issued_in_future", "{error}"),
            }
        }
    }

    #[test]
    fn a_hit_in_the_older_generation_is_checked_too() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        let first = cache.verify(&token, NOW).unwrap();
        let mut state = cache.write();
        state.old = mem::take(&mut state.young);
        drop(state);
        assert_eq!(code(cache.verify(&token, NumericDate::from_secs(1_900_000_100))), "expired");
        assert!(Arc::ptr_eq(&first, &cache.verify(&token, NOW).unwrap()));
        assert_eq!(cache.read().young.tokens.len(), 1);
        assert!(cache.read().old.tokens.is_empty());
    }

    #[test]
    fn a_token_of_a_revoked_key_is_refused_from_that_moment() {
        let (kept, revoked) = (key(), key());
        let cache = cache(&[&kept, &revoked]);
        let token = token(&revoked, "1");
        assert!(cache.verify(&token, NOW).is_ok());
        cache.replace(verifier(&[&kept], "a"));
        assert_eq!(code(cache.verify(&token, NOW)), "unknown_kid");
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn a_token_accepted_under_another_policy_is_not_known() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        assert!(cache.verify(&token, NOW).is_ok());
        cache.replace(verifier(&[&key], "b"));
        assert_eq!(code(cache.verify(&token, NOW)), "aud_mismatch");
    }

    #[test]
    fn what_a_replaced_verifier_accepts_late_is_not_kept() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        let late = Arc::new(cache.read().verifier.verify(&token, NOW).unwrap());
        cache.replace(verifier(&[], "a"));
        cache.keep(0, cache.fingerprint(&token), &token, &late);
        assert_eq!(cache.bytes(), 0);
        assert_eq!(code(cache.verify(&token, NOW)), "alg_not_allowed");
    }

    #[test]
    fn a_token_that_differs_in_any_one_character_is_not_known() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        assert!(cache.verify(&token, NOW).is_ok());
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(cache.verify(&other, NOW).is_err(), "{at}");
        }
        assert!(cache.verify(&format!("{token}A"), NOW).is_err());
    }

    #[test]
    fn a_fingerprint_shared_by_two_tokens_serves_neither_for_the_other() {
        let key = key();
        let (cache, one, two) = (cache(&[&key]), token(&key, "1"), token(&key, "2"));
        let claims = cache.verify(&one, NOW).unwrap();
        cache.clear();
        cache.keep(1, cache.fingerprint(&two), &one, &claims);
        assert_eq!(cache.verify(&two, NOW).unwrap()["jti"], "2");
    }

    #[test]
    fn refused_tokens_are_not_kept() {
        let (ours, other) = (key(), key());
        let cache = cache(&[&ours]);
        assert!(cache.verify(&token(&other, "1"), NOW).is_err());
        assert!(cache.verify(&token(&ours, "1"), NumericDate::from_secs(2_000_000_000)).is_err());
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn the_bytes_stay_within_the_bound_and_recent_tokens_stay_known() {
        let key = key();
        let cache: VerifiedCache<Value> = VerifiedCache::new(verifier(&[&key], "a"), 64 << 10);
        let always = token(&key, "always");
        let first = cache.verify(&always, NOW).unwrap();
        for at in 0..200 {
            cache.verify(&token(&key, &at.to_string()), NOW).unwrap();
            assert!(cache.bytes() <= 64 << 10);
            assert!(Arc::ptr_eq(&first, &cache.verify(&always, NOW).unwrap()));
        }
        assert!(cache.bytes() > 32 << 10);
    }

    #[test]
    fn a_token_too_large_for_the_bound_is_verified_and_not_kept() {
        let key = key();
        let cache: VerifiedCache<Value> = VerifiedCache::new(verifier(&[&key], "a"), 1024);
        assert!(cache.verify(&token(&key, "1"), NOW).is_ok());
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn debug_shows_no_token() {
        let key = key();
        let (cache, token) = (cache(&[&key]), token(&key, "1"));
        cache.verify(&token, NOW).unwrap();
        assert!(!format!("{cache:?}").contains(&token[..20]));
    }
}
