//! Tokens that may be used once: `jti` and a memory that the caller keeps (RFC 7519 §4.1.7).

use serde::de::DeserializeOwned;

use super::{Claims, NumericDate, Policy};
use crate::json::Object;
use crate::jws::Verified;
use crate::{Error, Result};

/// A memory of the tokens that were used. Nothing is kept here; a service of several processes
/// needs a memory that they share.
pub trait Replay {
    /// Remembers the token of this issuer and `jti`, at least until `until`, and tells whether this
    /// is its first use. Both must be one step, or two uses at once would both be first.
    ///
    /// # Errors
    /// Whatever the memory reports; the token is then refused.
    fn first_use(
        &mut self,
        issuer: Option<&str>,
        jti: &str,
        until: Option<NumericDate>,
    ) -> Result<bool>;
}

impl Verified<'_> {
    /// As [`Verified::check`], and requires a `jti` that was not used before. The memory is asked
    /// last, so that refused tokens are not remembered.
    ///
    /// ```
    /// use std::collections::HashSet;
    ///
    /// use keytide_jose::jwt::{NumericDate, Replay};
    ///
    /// struct Seen(HashSet<(Option<String>, String)>);
    ///
    /// impl Replay for Seen {
    ///     fn first_use(
    ///         &mut self,
    ///         issuer: Option<&str>,
    ///         jti: &str,
    ///         _until: Option<NumericDate>,
    ///     ) -> keytide_jose::Result<bool> {
    ///         Ok(self.0.insert((issuer.map(Into::into), jti.into())))
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Verified::check`]; also `missing_claim` without `jti`, and `replayed`.
    pub fn check_once<T: DeserializeOwned>(
        self,
        policy: &Policy,
        now: NumericDate,
        memory: &mut dyn Replay,
    ) -> Result<Claims<T>> {
        let (issuer, jti) = {
            let object = Object::parse(&self.payload, &self.limits)
                .map_err(|refused| refused.into_error(Error::MalformedPayload))?;
            let text = |name| -> Result<Option<String>> {
                let value = object.string(name);
                let value =
                    value.map_err(|name| Error::InvalidClaimType { name, expected: "a string" })?;
                Ok(value.map(Into::into))
            };
            (text("iss")?, text("jti")?)
        };
        let claims: Claims<T> = self.check(policy, now)?;
        let jti = jti.ok_or_else(|| Error::MissingClaim { name: "jti".into() })?;
        // A token within the leeway after exp would otherwise be forgotten and accepted again.
        let until = claims.expires_at().map(|exp| exp.saturating_add(policy.leeway));
        if memory.first_use(issuer.as_deref(), &jti, until)? {
            Ok(claims)
        } else {
            Err(Error::Replayed)
        }
    }
}
