//! The one place where a policy meets a token (RFC 7519 §7.2, RFC 8725 §3).

use core::time::Duration;

use serde::de::DeserializeOwned;

use super::policy::{Audience, Policy};
use super::registered::Registered;
use super::{Claims, NumericDate};
use crate::json::Object;
use crate::jws::{Header, Verified};
use crate::{Error, Result};

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
        let object = Object::parse(&self.payload, &self.limits)
            .map_err(|refused| refused.into_error(Error::MalformedPayload))?;
        let claims = Registered::read(&object, &self.limits)?;
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
            demands,
        } = policy;
        check_time(&claims, now, *leeway)?;
        if !future_iat {
            check_issued(&claims, now, *leeway)?;
        }
        if *expiry_required && claims.exp.is_none() {
            return Err(missing("exp"));
        }
        for name in required {
            if object.get(name).is_none_or(|value| value == "null") {
                return Err(missing(name));
            }
        }
        check_max_age(&claims, now, *leeway, *max_age)?;
        check_max_life(&claims, *max_token_life)?;
        check_issuer(&claims, issuers.as_deref())?;
        check_audience(&claims, audience)?;
        check_subject(&claims, subject.as_deref())?;
        demands.check(&object, claims.exp, now, &self.limits)?;
        let value = serde_json::from_str(object.text()).map_err(|error| shape(&error))?;
        Ok(Claims { value, expires_at: claims.exp, header: self.header, key_id: self.key_id })
    }
}

fn check_header(policy: &Policy, header: &Header) -> Result<()> {
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
fn check_time(claims: &Registered<'_>, now: NumericDate, leeway: Duration) -> Result<()> {
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
fn check_issued(claims: &Registered<'_>, now: NumericDate, leeway: Duration) -> Result<()> {
    let latest = now.saturating_add(leeway);
    if let Some(iat) = claims.iat.filter(|iat| *iat > latest) {
        return Err(Error::IssuedInFuture { iat, now });
    }
    Ok(())
}

fn check_max_age(
    claims: &Registered<'_>,
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

fn check_max_life(claims: &Registered<'_>, max_life: Option<Duration>) -> Result<()> {
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
    let sub = claims.sub.as_deref().ok_or_else(|| missing("sub"))?;
    if sub == subject {
        return Ok(());
    }
    Err(Error::SubMismatch { found: sub.into() })
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
