//! The demands of a policy on further claims: values, matchers, remaining life, and the key or
//! certificate that a token is bound to (RFC 7800, RFC 8705, RFC 9449).

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use serde_json::Value;

use super::NumericDate;
use crate::json::Object;
use crate::{Error, Limits, Result, backend, base64url, json};

/// What a policy demands besides the registered claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Demands {
    pub(super) claims: Vec<(String, Demand)>,
    pub(super) min_remaining: Option<Duration>,
    /// Members of `cnf`, and the value each must have.
    pub(super) confirmations: Vec<(&'static str, String)>,
}

/// What one claim must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    Equals(Value),
    Matches(Matcher),
}

/// A caller's own test of a claim; equal only to its clones.
#[derive(Clone)]
pub(super) struct Matcher(pub(super) Arc<dyn Fn(&Value) -> bool + Send + Sync>);

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Matcher {}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Matcher")
    }
}

/// The member of `cnf` for a client certificate (RFC 8705 §3.1).
pub(super) const CERTIFICATE: &str = "x5t#S256";
/// The member of `cnf` for a key's thumbprint (RFC 9449 §6.1).
pub(super) const KEY: &str = "jkt";

/// The thumbprint of a certificate in DER (RFC 7515 §4.1.8).
pub(super) fn certificate_thumbprint(der: &[u8]) -> String {
    base64url::encode(&backend::digest::sha256(der))
}

impl Demands {
    pub(super) fn check(
        &self,
        object: &Object<'_>,
        exp: Option<NumericDate>,
        now: NumericDate,
        limits: &Limits,
    ) -> Result<()> {
        let Self { claims, min_remaining: _, confirmations } = self;
        for (name, demand) in claims {
            let missing = || Error::MissingClaim { name: name.clone() };
            let value = object.get(name).ok_or_else(missing)?;
            let mismatch = || Error::ClaimMismatch { name: name.clone() };
            let value: Value = serde_json::from_str(value).map_err(|_| mismatch())?;
            let holds = match demand {
                Demand::Equals(expected) => value == *expected,
                Demand::Matches(matcher) => matcher.0(&value),
            };
            if !holds {
                return Err(mismatch());
            }
        }
        self.check_remaining(exp, now)?;
        check_confirmations(object, confirmations, limits)
    }

    /// Whether nothing is demanded.
    pub(super) fn is_empty(&self) -> bool {
        let Self { claims, min_remaining, confirmations } = self;
        claims.is_empty() && min_remaining.is_none() && confirmations.is_empty()
    }

    /// The demand that time alone can break.
    pub(super) fn check_remaining(&self, exp: Option<NumericDate>, now: NumericDate) -> Result<()> {
        let Some(least) = self.min_remaining else { return Ok(()) };
        let exp = exp.ok_or_else(|| Error::MissingClaim { name: "exp".into() })?;
        if exp < now.saturating_add(least) {
            return Err(Error::ExpiresTooSoon { exp, least: least.as_secs() });
        }
        Ok(())
    }
}

/// RFC 7800 §3.1: a token that is bound says so in `cnf`.
fn check_confirmations(
    object: &Object<'_>,
    confirmations: &[(&'static str, String)],
    limits: &Limits,
) -> Result<()> {
    if confirmations.is_empty() {
        return Ok(());
    }
    let cnf = object.get("cnf").ok_or_else(|| Error::MissingClaim { name: "cnf".into() })?;
    let wrong = Error::InvalidClaimType { name: "cnf", expected: "an object" };
    let cnf = Object::parse(cnf.as_bytes(), limits).map_err(|_| wrong)?;
    for (name, expected) in confirmations {
        let found = cnf.get(name).and_then(json::string);
        let holds = found.is_some_and(|found| {
            backend::equal_in_constant_time(found.as_bytes(), expected.as_bytes())
        });
        if !holds {
            return Err(Error::BindingMismatch { name });
        }
    }
    Ok(())
}
