//! Keys and a policy prepared for many tokens: the whole way from text to claims in one call.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Claims, NumericDate, Policy, check};
use crate::jws::{ExpectedHeaders, Origin, Unverified};
use crate::key::KeySet;
use crate::{Error, Limits, Result, base64url};

/// Verifies tokens with a set of keys and one policy.
///
/// It accepts and refuses what [`Unverified::parse`], [`Unverified::verify_any`] and
/// [`crate::jws::Verified::check`] do, for the same reasons, and is faster: headers that the keys'
/// tokens usually have are recognised by their text, and nothing is allocated but what the claims
/// hold, as long as the payload has at most 1 KiB.
///
/// ```
/// use keytide_jose::{Algorithm, SystemRng, jwt, key::{KeySet, SigningKey}};
/// use serde_json::{Value, json};
///
/// let signer = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng)?;
/// let claims = json!({"iss": "https://id.example", "aud": "api", "exp": 2_000_000_000});
/// let token = jwt::issue(&signer, &jwt::HeaderParams::default(), &claims)?;
///
/// let policy = jwt::Policy::builder().issuer("https://id.example").audience("api").typ("JWT").build();
/// let verifier = jwt::Verifier::new(KeySet::new([signer.verifying_key()]), policy);
/// let now = jwt::NumericDate::from_secs(1_900_000_000);
/// let claims: jwt::Claims<Value> = verifier.verify(&token, now)?;
/// assert_eq!(claims["aud"], "api");
///
/// let outcomes = verifier.verify_batch::<Value, _>([&*token, "no.token.at-all"], now);
/// assert!(outcomes[0].is_ok());
/// assert_eq!(outcomes[1].as_ref().unwrap_err().code(), "malformed_token");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// For tokens that are seen again and again there is [`crate::jwt::VerifiedCache`].
#[derive(Debug)]
pub struct Verifier {
    keys: KeySet,
    policy: Policy,
    limits: Limits,
    expected: ExpectedHeaders,
}

impl Verifier {
    /// Prepares keys and policy, with the default limits.
    #[must_use]
    pub fn new(keys: KeySet, policy: Policy) -> Self {
        Self::with_limits(keys, policy, Limits::default())
    }

    /// Prepares keys and policy.
    #[must_use]
    pub fn with_limits(keys: KeySet, policy: Policy, limits: Limits) -> Self {
        let mut expected = ExpectedHeaders::new(&keys, policy.typ.as_deref(), &limits);
        expected.retain(|header| check::check_header(&policy, header).is_ok());
        Self { keys, policy, limits, expected }
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Verifies a compact token, checks its claims at the time `now` and reads them into `T`.
    ///
    /// # Errors
    /// As [`Unverified::parse`], [`Unverified::verify_any`] and [`crate::jws::Verified::check`].
    pub fn verify<T: DeserializeOwned>(&self, token: &str, now: NumericDate) -> Result<Claims<T>> {
        let mut room = [0; ON_STACK];
        if let Some(held) = self.recognise(token, &mut room) {
            let (payload, origin) = held?;
            return check::check_payload(&self.policy, now, &self.limits, &payload, origin);
        }
        Unverified::parse(token, &self.limits)?.verify_any(&self.keys)?.check(&self.policy, now)
    }

    /// Verifies many tokens at one time; the outcomes are in the order of the tokens.
    pub fn verify_batch<'t, T, I>(&self, tokens: I, now: NumericDate) -> Vec<Result<Claims<T>>>
    where
        T: DeserializeOwned,
        I: IntoIterator<Item = &'t str>,
    {
        tokens.into_iter().map(|token| self.verify(token, now)).collect()
    }

    /// The payload of a token whose signature holds, when its header is a known one. `None` is for the
    /// longer way to judge: another header, or a token that is not well formed, for whatever reason.
    fn recognise<'r>(&self, token: &str, room: &'r mut [u8; ON_STACK]) -> Option<Result<Held<'r>>> {
        if token.len() > self.limits.token {
            return None;
        }
        let token = self.expected.recognise(token)?;
        let payload = match base64url::decode_into_slice(token.payload, room) {
            Some(payload) => Cow::Borrowed(payload),
            None => Cow::Owned(base64url::decode(token.payload)?),
        };
        if token.holds() {
            return Some(Ok((payload, token.expected.origin.clone())));
        }
        base64url::decode(token.signature)?;
        Some(Err(Error::BadSignature))
    }
}

/// The payload of a token whose signature holds, and where it comes from.
type Held<'r> = (Cow<'r, [u8]>, Arc<Origin>);

/// Payloads up to so many bytes, nearly all, are decoded on the stack.
const ON_STACK: usize = 1024;
