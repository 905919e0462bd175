//! A policy from the options that JavaScript has checked for completeness.

use std::time::Duration;

use keytide_jose::Error;
use keytide_jose::jwt::Policy;
use napi_derive::napi;

/// What a verifier demands. Where issuer, audience or type is absent, it was waived by name.
#[napi(object)]
pub struct PolicyOptions {
    /// One of these issuers.
    pub issuers: Option<Vec<String>>,
    /// One of these audiences.
    pub audiences: Option<Vec<String>>,
    /// The token must have no audience.
    pub no_audience: bool,
    /// The header's `typ`.
    pub typ: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// Milliseconds by which clocks may differ.
    pub leeway: f64,
    /// Claims that must be there.
    pub required: Vec<String>,
    /// Milliseconds since `iat`.
    pub max_age: Option<f64>,
    /// Milliseconds from `iat` to `exp`.
    pub max_token_life: Option<f64>,
    /// Tokens without `exp`.
    pub allow_no_expiry: bool,
    /// An `iat` in the future.
    pub allow_future_iat: bool,
    /// A leeway of more than a minute.
    pub any_leeway: bool,
}

impl PolicyOptions {
    pub(crate) fn policy(self) -> Result<Policy, Error> {
        let start = Policy::builder();
        let issuer = match self.issuers {
            Some(issuers) => start.issuers(issuers),
            None => start.danger().any_issuer(),
        };
        let audience = match (self.audiences, self.no_audience) {
            (Some(audiences), _) => issuer.audiences(audiences),
            (None, true) => issuer.no_audience(),
            (None, false) => issuer.danger().any_audience(),
        };
        let mut policy = match self.typ {
            Some(typ) => audience.typ(typ),
            None => audience.danger().any_typ(),
        };
        if let Some(subject) = self.subject {
            policy = policy.subject(subject);
        }
        let leeway = millis(self.leeway);
        policy = if self.any_leeway {
            policy.danger().any_leeway(leeway)
        } else {
            policy.leeway(leeway)?
        };
        for claim in self.required {
            policy = policy.require(claim);
        }
        if let Some(age) = self.max_age {
            policy = policy.max_age(millis(age));
        }
        if let Some(life) = self.max_token_life {
            policy = policy.max_token_life(millis(life));
        }
        if self.allow_no_expiry {
            policy = policy.danger().allow_no_expiry();
        }
        if self.allow_future_iat {
            policy = policy.danger().allow_future_iat();
        }
        Ok(policy.build())
    }
}

/// A span that JavaScript has checked to be finite and not negative; anything else is none.
pub(crate) fn millis(span: f64) -> Duration {
    Duration::try_from_secs_f64(span / 1000.0).unwrap_or_default()
}
