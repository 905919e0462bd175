//! The one place where a policy meets a token (RFC 7519 §7.2, RFC 8725 §3).

use core::time::Duration;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::policy::{Audience, Policy};
use super::registered::{self, Registered, Times, Values};
use super::{Claims, NumericDate};
use crate::json::{self, Noted, Object};
use crate::jws::{Header, Origin, Verified};
use crate::{Error, Limits, Result};

impl Verified<'_> {
    /// Checks the claims against the policy at the time `now` and reads them into `T`.
    ///
    /// # Errors
    /// `malformed_payload`, `nested_forbidden`, `typ_mismatch`, `invalid_claim_type`,
    /// `missing_claim`, `expired`, `not_yet_valid`, `issued_in_future`, `too_old`, `life_too_long`,
    /// `iss_mismatch`, `aud_mismatch`, `sub_mismatch`, `claim_mismatch`, `expires_too_soon`,
    /// `binding_mismatch`; `claims_shape` when they do not fit `T`.
    pub fn check<T: DeserializeOwned>(
        self,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Claims<T>> {
        check_header(policy, &self.header)?;
        let origin = Arc::new(Origin { header: self.header, key_id: self.key_id });
        check_payload(policy, now, &self.limits, &self.payload, origin)
    }
}

/// Checks a payload whose signature holds and whose header passed [`check_header`], and reads it.
#[inline]
pub(super) fn check_payload<T: DeserializeOwned>(
    policy: &Policy,
    now: NumericDate,
    limits: &Limits,
    payload: &[u8],
    origin: Arc<Origin>,
) -> Result<Claims<T>> {
    let mut noted = Noted::default();
    let others = policy.required.iter().any(|name| registered::place(name.as_bytes()).is_none());
    // Demands on further claims are read from the whole object.
    if policy.demands.is_empty()
        && let Some(value) = json::read(payload, limits, registered::place, others, &mut noted)
    {
        let claims = Registered::read_further(&noted.placed, &noted.read, limits)?;
        let times = check_claims(policy, now, &claims, &noted.placed, |name| {
            noted.others.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
        })?;
        return Ok(Claims { value, times, origin });
    }
    let object = Object::parse(payload, limits)
        .map_err(|refused| refused.into_error(Error::MalformedPayload))?;
    let values = registered::values(&object);
    let claims = Registered::read(&values, limits)?;
    let times = check_claims(policy, now, &claims, &values, |name| object.get(name))?;
    policy.demands.check(&object, times.exp, now, limits)?;
    let value = serde_json::from_str(object.text()).map_err(|error| shape(&error))?;
    Ok(Claims { value, times, origin })
}

/// Checks once more what may have changed since a token was accepted: the time alone.
pub(super) fn check_again(policy: &Policy, now: NumericDate, times: &Times) -> Result<()> {
    check_time(times, now, policy.leeway)?;
    if !policy.future_iat {
        check_issued(times, now, policy.leeway)?;
    }
    check_max_age(times, now, policy.leeway, policy.max_age)?;
    policy.demands.check_remaining(times.exp, now)
}

/// `other` finds the text of a claim that is not a registered one.
fn check_claims<'a>(
    policy: &Policy,
    now: NumericDate,
    claims: &Registered<'a>,
    values: &Values<'a>,
    other: impl Fn(&str) -> Option<&'a str>,
) -> Result<Times> {
    let Policy {
        issuers,
        audience,
        typ: _,
        subject,
        leeway,
        expiry_required,
        required,
        max_age,
        max_token_life,
        future_iat,
        demands: _,
    } = policy;
    check_time(&claims.times, now, *leeway)?;
    if !future_iat {
        check_issued(&claims.times, now, *leeway)?;
    }
    if *expiry_required && claims.times.exp.is_none() {
        return Err(missing("exp"));
    }
    for name in required {
        let value = match registered::place(name.as_bytes()).and_then(|at| values.get(at)) {
            Some(value) => *value,
            None => other(name),
        };
        if value.is_none_or(|value| value == "null") {
            return Err(missing(name));
        }
    }
    check_max_age(&claims.times, now, *leeway, *max_age)?;
    check_max_life(&claims.times, *max_token_life)?;
    check_issuer(claims, issuers.as_deref())?;
    check_audience(claims, audience)?;
    check_subject(claims, subject.as_deref())?;
    Ok(claims.times)
}

/// Checks what a header says of the token's kind.
pub(super) fn check_header(policy: &Policy, header: &Header) -> Result<()> {
    // RFC 7519 §5.2: cty JWT says that the payload is a token.
    if header.cty().is_some_and(|cty| media_type(cty).eq_ignore_ascii_case("JWT")) {
        return Err(Error::NestedForbidden);
    }
    let Some(expected) = policy.typ.as_deref() else { return Ok(()) };
    match header.typ() {
        Some(typ) if media_type(typ).eq_ignore_ascii_case(media_type(expected)) => Ok(()),
        found => Err(Error::TypMismatch { found: found.map(Into::into) }),
    }
}

/// RFC 7515 §4.1.9: `application/` may be left out when no other slash follows.
fn media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => typ,
    }
}

/// RFC 7519 §4.1.4 and §4.1.5: valid from `nbf` on and until before `exp`.
fn check_time(claims: &Times, now: NumericDate, leeway: Duration) -> Result<()> {
    if let Some(exp) = claims.exp.filter(|exp| exp.saturating_add(leeway) <= now) {
        return Err(Error::Expired { exp, now });
    }
    let latest = now.saturating_add(leeway);
    if let Some(nbf) = claims.nbf.filter(|nbf| *nbf > latest) {
        return Err(Error::NotYetValid { nbf, now });
    }
    Ok(())
}

/// RFC 7519 §4.1.6: issued no later than now.
fn check_issued(claims: &Times, now: NumericDate, leeway: Duration) -> Result<()> {
    let latest = now.saturating_add(leeway);
    if let Some(iat) = claims.iat.filter(|iat| *iat > latest) {
        return Err(Error::IssuedInFuture { iat, now });
    }
    Ok(())
}

fn check_max_age(
    claims: &Times,
    now: NumericDate,
    leeway: Duration,
    max_age: Option<Duration>,
) -> Result<()> {
    let Some(max_age) = max_age else { return Ok(()) };
    let iat = claims.iat.ok_or_else(|| missing("iat"))?;
    if iat.saturating_add(max_age).saturating_add(leeway) < now {
        return Err(Error::TooOld { iat, max_age: max_age.as_secs() });
    }
    Ok(())
}

fn check_max_life(claims: &Times, max_life: Option<Duration>) -> Result<()> {
    let Some(max_life) = max_life else { return Ok(()) };
    let iat = claims.iat.ok_or_else(|| missing("iat"))?;
    let exp = claims.exp.ok_or_else(|| missing("exp"))?;
    if exp > iat.saturating_add(max_life) {
        return Err(Error::LifeTooLong { max_life: max_life.as_secs() });
    }
    Ok(())
}

fn check_issuer(claims: &Registered<'_>, issuers: Option<&[String]>) -> Result<()> {
    let Some(issuers) = issuers else { return Ok(()) };
    let iss = claims.iss.as_deref().ok_or_else(|| missing("iss"))?;
    if issuers.iter().any(|expected| expected == iss) {
        return Ok(());
    }
    Err(Error::IssMismatch { found: iss.into() })
}

fn check_audience(claims: &Registered<'_>, audience: &Audience) -> Result<()> {
    match (audience, &claims.aud) {
        (Audience::Any, _) | (Audience::Absent, None) => Ok(()),
        (Audience::OneOf(_) | Audience::AllOf(_), None) => Err(missing("aud")),
        (Audience::OneOf(expected), Some(found))
            if found.iter().any(|aud| expected.iter().any(|expected| expected == aud)) =>
        {
            Ok(())
        }
        (Audience::AllOf(expected), Some(found))
            if expected.iter().all(|expected| found.iter().any(|aud| expected == aud)) =>
        {
            Ok(())
        }
        (_, Some(found)) => Err(Error::AudMismatch { found: found.join(", ") }),
    }
}

fn check_subject(claims: &Registered<'_>, subject: Option<&str>) -> Result<()> {
    let Some(subject) = subject else { return Ok(()) };
    let sub = claims.sub().ok_or_else(|| missing("sub"))?;
    if sub == subject {
        return Ok(());
    }
    Err(Error::SubMismatch { found: sub.into_owned() })
}

fn missing(name: &str) -> Error {
    Error::MissingClaim { name: name.into() }
}

/// Which member is missing or unknown may be told; other messages could quote a claim's value.
fn shape(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let told = text.starts_with("missing field");
    Error::ClaimsShape(if told {
        text
    } else {
        format!("a value of another type at line {}, column {}", error.line(), error.column())
    })
}
