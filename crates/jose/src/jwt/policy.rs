//! What a token must say to be accepted: issuer, audience and type are chosen or waived by name.

use core::marker::PhantomData;
use core::time::Duration;
use std::sync::Arc;

use serde_json::Value;

use super::demands::{self, Demand, Demands, Matcher};
use crate::{Error, KeyId, Result};

/// The longest leeway without `danger()`.
const MAX_LEEWAY: Duration = Duration::from_secs(60);

/// The demands on a token's header and claims.
///
/// Issuer, audience and type must each be chosen before [`PolicyBuilder::build`] exists; to waive
/// one, say [`PolicyBuilder::danger`]. An expected value implies that the claim is there and has the
/// right type. `exp` is required, `nbf` and `iat` are checked when present, leeway is zero.
///
/// ```
/// use keytide_jose::jwt::Policy;
///
/// let policy = Policy::builder()
///     .issuer("https://id.example")
///     .audience("api")
///     .typ("at+jwt")
///     .require("scope")
///     .leeway(std::time::Duration::from_secs(5))?
///     .build();
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// ```compile_fail
/// // No audience and no type were chosen.
/// keytide_jose::jwt::Policy::builder().issuer("https://id.example").build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `None`: any.
    pub(super) issuers: Option<Vec<String>>,
    pub(super) audience: Audience,
    /// `None`: any.
    pub(super) typ: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) leeway: Duration,
    pub(super) expiry_required: bool,
    pub(super) required: Vec<String>,
    pub(super) max_age: Option<Duration>,
    pub(super) max_token_life: Option<Duration>,
    pub(super) future_iat: bool,
    pub(super) demands: Demands,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Whatever `aud` says, or nothing.
    Any,
    /// A token that names an audience is not for us.
    Absent,
    OneOf(Vec<String>),
    AllOf(Vec<String>),
}

impl Policy {
    /// Starts a policy in which nothing is chosen yet.
    pub fn builder() -> PolicyBuilder<Missing, Missing, Missing> {
        PolicyBuilder {
            policy: Self {
                issuers: None,
                audience: Audience::Absent,
                typ: None,
                subject: None,
                leeway: Duration::ZERO,
                expiry_required: true,
                required: Vec::new(),
                max_age: None,
                max_token_life: None,
                future_iat: false,
                demands: Demands::default(),
            },
            chosen: PhantomData,
        }
    }

    /// The profile of OAuth 2.0 access tokens (RFC 9068 §2, §4): `typ` is `at+jwt`; `iss`, `aud`,
    /// `exp`, `sub`, `client_id`, `iat` and `jti` are there, the first two with these values.
    pub fn access_token(
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> PolicyBuilder<Chosen, Chosen, Chosen> {
        let builder = Self::builder().issuer(issuer).audience(audience).typ("at+jwt");
        ["sub", "client_id", "iat", "jti"].into_iter().fold(builder, PolicyBuilder::require)
    }
}

/// A choice that was not made yet.
#[derive(Clone, Copy, Debug)]
pub enum Missing {}

/// A choice that was made.
#[derive(Clone, Copy, Debug)]
pub enum Chosen {}

/// A policy in the making; the parameters tell whether issuer, audience and type were chosen.
#[derive(Clone, Debug)]
#[must_use]
pub struct PolicyBuilder<Issuer, Audience, Typ> {
    policy: Policy,
    chosen: PhantomData<(Issuer, Audience, Typ)>,
}

impl<I, A, T> PolicyBuilder<I, A, T> {
    /// Expects exactly this `iss`.
    pub fn issuer(self, issuer: impl Into<String>) -> PolicyBuilder<Chosen, A, T> {
        self.issuers([issuer])
    }

    /// Expects one of these as `iss`.
    pub fn issuers<S: Into<String>>(
        mut self,
        issuers: impl IntoIterator<Item = S>,
    ) -> PolicyBuilder<Chosen, A, T> {
        self.policy.issuers = Some(issuers.into_iter().map(Into::into).collect());
        self.becomes()
    }

    /// Expects this among the values of `aud`.
    pub fn audience(self, audience: impl Into<String>) -> PolicyBuilder<I, Chosen, T> {
        self.audiences([audience])
    }

    /// Expects at least one of these among the values of `aud`.
    pub fn audiences<S: Into<String>>(
        mut self,
        audiences: impl IntoIterator<Item = S>,
    ) -> PolicyBuilder<I, Chosen, T> {
        self.policy.audience = Audience::OneOf(audiences.into_iter().map(Into::into).collect());
        self.becomes()
    }

    /// Expects every one of these among the values of `aud`.
    pub fn all_audiences<S: Into<String>>(
        mut self,
        audiences: impl IntoIterator<Item = S>,
    ) -> PolicyBuilder<I, Chosen, T> {
        self.policy.audience = Audience::AllOf(audiences.into_iter().map(Into::into).collect());
        self.becomes()
    }

    /// Expects that there is no `aud`: a token for somebody else is refused, as RFC 7519 §4.1.3
    /// demands of whoever has no audience name.
    pub fn no_audience(mut self) -> PolicyBuilder<I, Chosen, T> {
        self.policy.audience = Audience::Absent;
        self.becomes()
    }

    /// Expects this header `typ`, whatever its case and with or without `application/`
    /// (RFC 7515 §4.1.9, RFC 8725 §3.11).
    pub fn typ(mut self, typ: impl Into<String>) -> PolicyBuilder<I, A, Chosen> {
        self.policy.typ = Some(typ.into());
        self.becomes()
    }

    /// Expects exactly this `sub`.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.policy.subject = Some(subject.into());
        self
    }

    /// Allows this much difference between the clocks; at most 60 s.
    ///
    /// # Errors
    /// `leeway_too_large`.
    pub fn leeway(mut self, leeway: Duration) -> Result<Self> {
        if leeway > MAX_LEEWAY {
            return Err(Error::LeewayTooLarge { seconds: leeway.as_secs() });
        }
        self.policy.leeway = leeway;
        Ok(self)
    }

    /// Requires that this claim is there and not null.
    pub fn require(mut self, claim: impl Into<String>) -> Self {
        self.policy.required.push(claim.into());
        self
    }

    /// Requires `iat`, at most this long ago.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.policy.max_age = Some(max_age);
        self
    }

    /// Requires `iat` and `exp`, at most this far apart.
    pub fn max_token_life(mut self, life: Duration) -> Self {
        self.policy.max_token_life = Some(life);
        self
    }

    /// Requires `exp`, at least this far ahead. Leeway does not count here.
    pub fn min_remaining(mut self, least: Duration) -> Self {
        self.policy.demands.min_remaining = Some(least);
        self
    }

    /// Requires that this claim is there and has this JSON value.
    ///
    /// ```
    /// use keytide_jose::jwt::Policy;
    ///
    /// let policy = Policy::access_token("https://id.example", "api")
    ///     .claim_equals("acr", "urn:mfa")
    ///     .claim_matches("scope", |scope| {
    ///         scope.as_str().is_some_and(|scope| scope.split(' ').any(|one| one == "read"))
    ///     })
    ///     .build();
    /// ```
    pub fn claim_equals(mut self, claim: impl Into<String>, value: impl Into<Value>) -> Self {
        self.policy.demands.claims.push((claim.into(), Demand::Equals(value.into())));
        self
    }

    /// Requires that this claim is there and passes this test.
    pub fn claim_matches(
        mut self,
        claim: impl Into<String>,
        test: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        let test = Demand::Matches(Matcher(Arc::new(test)));
        self.policy.demands.claims.push((claim.into(), test));
        self
    }

    /// Requires that the token is bound to this client certificate, in DER, by `cnf` and
    /// `x5t#S256` (RFC 8705 §3).
    pub fn bound_to_certificate(mut self, der: &[u8]) -> Self {
        let thumbprint = demands::certificate_thumbprint(der);
        self.policy.demands.confirmations.push((demands::CERTIFICATE, thumbprint));
        self
    }

    /// Requires that the token is bound to the key of this thumbprint, by `cnf` and `jkt`
    /// (RFC 9449 §6.1).
    pub fn bound_to_key(mut self, thumbprint: &KeyId) -> Self {
        self.policy.demands.confirmations.push((demands::KEY, thumbprint.as_str().into()));
        self
    }

    /// The choices that weaken a policy, so that they stand out where they are made.
    pub fn danger(self) -> Danger<I, A, T> {
        Danger(self)
    }

    fn becomes<I2, A2, T2>(self) -> PolicyBuilder<I2, A2, T2> {
        PolicyBuilder { policy: self.policy, chosen: PhantomData }
    }
}

impl PolicyBuilder<Chosen, Chosen, Chosen> {
    /// The finished policy.
    #[must_use]
    pub fn build(self) -> Policy {
        self.policy
    }
}

/// Choices that weaken a policy; see [`PolicyBuilder::danger`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Danger<Issuer, Audience, Typ>(PolicyBuilder<Issuer, Audience, Typ>);

impl<I, A, T> Danger<I, A, T> {
    /// Accepts any `iss`, or none: whoever has the key may speak for any issuer.
    pub fn any_issuer(mut self) -> PolicyBuilder<Chosen, A, T> {
        self.0.policy.issuers = None;
        self.0.becomes()
    }

    /// Accepts any `aud`, or none: a token meant for another service is accepted.
    pub fn any_audience(mut self) -> PolicyBuilder<I, Chosen, T> {
        self.0.policy.audience = Audience::Any;
        self.0.becomes()
    }

    /// Accepts any `typ`, or none: another kind of token of the same issuer is accepted.
    pub fn any_typ(mut self) -> PolicyBuilder<I, A, Chosen> {
        self.0.policy.typ = None;
        self.0.becomes()
    }

    /// Accepts tokens without `exp`, which never end.
    pub fn allow_no_expiry(mut self) -> PolicyBuilder<I, A, T> {
        self.0.policy.expiry_required = false;
        self.0
    }

    /// Accepts an `iat` in the future: RFC 7519 §4.1.6 demands nothing of it.
    pub fn allow_future_iat(mut self) -> PolicyBuilder<I, A, T> {
        self.0.policy.future_iat = true;
        self.0
    }

    /// Allows more than 60 s of leeway.
    pub fn any_leeway(mut self, leeway: Duration) -> PolicyBuilder<I, A, T> {
        self.0.policy.leeway = leeway;
        self.0
    }
}
