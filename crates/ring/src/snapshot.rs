//! A ring held in memory, ready to use: signing and verifying on one consistent state, with no store in sight.

use std::time::Duration;

use jiff::Timestamp;
use keytide_jose::jwt::{self, HeaderParams, NumericDate};
use keytide_jose::key::{KeySet, SigningKey};
use keytide_jose::{KeyId, Limits, jws};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, PublishedSet, Ring, SigningGate, Span, Stored};

/// A ring at one epoch, its keys parsed and its public set made.
pub struct Snapshot {
    ring: Ring,
    signer: SigningKey,
    gate: SigningGate,
    verifiers: KeySet,
    /// What is expected of a token when the verifier says no more.
    policy: jwt::Policy,
    published: Result<PublishedSet, Error>,
}

/// What is to be signed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// The claims. `iat` is the ring's to write; `iss` and `aud` too where the ring binds them.
    pub claims: Map<String, Value>,
    /// How long the token lives; the ring's longest, if none. Not beside an `exp` in the claims.
    #[serde(default)]
    pub ttl: Option<Span>,
    /// Further header parameters.
    #[serde(default)]
    pub header: Map<String, Value>,
}

/// A signed token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The compact JWS (RFC 7515 §7.1).
    pub token: String,
    /// The key that signed it.
    pub kid: KeyId,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A token to be verified, and what the verifier expects of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// The compact JWS.
    pub token: String,
    /// The audience that the verifier is; the ring's, if none.
    #[serde(default)]
    pub audience: Option<String>,
    /// Leeway on `exp`, `nbf` and `iat`, at most the ring's σ; its clock error, if none.
    #[serde(default)]
    pub leeway: Option<Span>,
}

/// A token that holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Its claims.
    pub claims: Map<String, Value>,
    /// Its header.
    pub header: Map<String, Value>,
    /// The key that it verified under.
    pub kid: KeyId,
}

impl Snapshot {
    /// Prepares a stored ring for use.
    ///
    /// # Errors
    /// `ring_inconsistent` when a key of the set lacks its secret.
    pub fn new(stored: Stored) -> Result<Self, Error> {
        let Stored { ring, keys, evidence: _, gate } = stored;
        let missing = |kid: &KeyId| Error::RingInconsistent {
            ring: ring.name().clone(),
            why: format!("the secret of key `{kid}` is missing"),
        };
        let mut verifiers = Vec::new();
        for key in ring.verifying() {
            let secret = keys.iter().find(|k| k.key_id() == Some(&key.kid));
            verifiers.push(secret.ok_or_else(|| missing(&key.kid))?.verifying_key());
        }
        let active = &ring.active().kid;
        let signer =
            keys.into_iter().find(|k| k.key_id() == Some(active)).ok_or_else(|| missing(active))?;
        let published = PublishedSet::of(&ring);
        let policy = claims_policy(&ring, None, None)?;
        Ok(Self { policy, verifiers: KeySet::new(verifiers), published, signer, gate, ring })
    }

    /// The ring.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// What the public may fetch.
    ///
    /// # Errors
    /// `symmetric_ring`, where there is nothing that the public may see.
    pub fn published(&self) -> Result<&PublishedSet, Error> {
        self.published.as_ref().map_err(|_| Error::SymmetricRing {
            ring: self.ring.name().clone(),
            algorithm: self.ring.active().algorithm,
        })
    }

    /// Signs with the active key: `kid`, `alg`, `typ`, `iat` and what the ring binds are written
    /// in the same step in which the key is chosen.
    ///
    /// # Errors
    /// `ttl_too_long` (I3), `claim_conflict`, `reserved_header`, `store_behind`.
    pub fn sign(&self, request: SignRequest, now: Timestamp) -> Result<Signed, Error> {
        self.gate.check()?;
        let SignRequest { mut claims, ttl, header } = request;
        let issued_at = now.as_second();
        let expires_at = self.expiry(&claims, ttl, issued_at)?;
        self.bind(&mut claims)?;
        claims.insert("iat".to_owned(), issued_at.into());
        claims.insert("exp".to_owned(), expires_at.into());
        let params =
            HeaderParams { typ: Some(self.ring.policy().spec().typ.clone()), extra: header };
        let token = jwt::issue(&self.signer, &params, &claims)?;
        Ok(Signed {
            token,
            kid: self.ring.active().kid.clone(),
            expires_at: Timestamp::from_second(expires_at).unwrap_or(Timestamp::MAX),
        })
    }

    /// Verifies a token against every key of the set, and its claims against the ring.
    ///
    /// # Errors
    /// The engine's refusal, or `leeway_too_long`.
    pub fn verify(&self, request: &VerifyRequest, now: Timestamp) -> Result<Verification, Error> {
        let own;
        let policy = match request {
            VerifyRequest { audience: None, leeway: None, .. } => &self.policy,
            VerifyRequest { audience, leeway, .. } => {
                own = claims_policy(&self.ring, audience.as_deref(), *leeway)?;
                &own
            }
        };
        let verified = jws::Unverified::parse(&request.token, &Limits::default())?
            .verify_any(&self.verifiers)?;
        let header = verified.header().params().clone();
        let kid = verified.key_id().cloned();
        let claims = verified
            .check::<Map<String, Value>>(policy, NumericDate::from_millis(now.as_millisecond()))?;
        Ok(Verification {
            claims: claims.into_inner(),
            header,
            kid: kid.unwrap_or_else(|| self.ring.active().kid.clone()),
        })
    }

    /// I3: `exp`, from the claims or the asked life, never further than L from `iat`.
    fn expiry(
        &self,
        claims: &Map<String, Value>,
        ttl: Option<Span>,
        issued_at: i64,
    ) -> Result<i64, Error> {
        let limit = self.ring.policy().spec().token_ttl;
        let too_long =
            |asked: String| Error::TtlTooLong { ring: self.ring.name().clone(), limit, asked };
        let conflict = |claim, why: &str| Error::ClaimConflict { claim, why: why.to_owned() };
        if claims.contains_key("iat") {
            return Err(conflict("iat", "it is the second in which the ring signs"));
        }
        let life = match (claims.get("exp"), ttl) {
            (Some(_), Some(_)) => {
                return Err(conflict("exp", "give either exp or ttl, not both"));
            }
            (None, ttl) => {
                let ttl = ttl.unwrap_or(limit);
                if ttl > limit {
                    return Err(too_long(ttl.to_string()));
                }
                if ttl < Span::from_secs(1) {
                    return Err(conflict("exp", "a token must live for at least 1s"));
                }
                ttl.as_secs()
            }
            (Some(exp), None) => {
                let exp = exp
                    .as_i64()
                    .ok_or_else(|| conflict("exp", "it must be a whole number of seconds"))?;
                let life = exp.checked_sub(issued_at).and_then(|life| u64::try_from(life).ok());
                let life = life.filter(|life| *life > 0);
                let life = life.ok_or_else(|| conflict("exp", "it is not after now"))?;
                if life > limit.as_secs() {
                    return Err(too_long(format!("{life}s")));
                }
                life
            }
        };
        i64::try_from(life)
            .ok()
            .and_then(|life| issued_at.checked_add(life))
            .ok_or_else(|| conflict("exp", "it lies beyond the calendar"))
    }

    /// Writes `iss` and `aud` where the ring binds them, and refuses others.
    fn bind(&self, claims: &mut Map<String, Value>) -> Result<(), Error> {
        let spec = self.ring.policy().spec();
        if let Some(issuer) = &spec.issuer {
            match claims.get("iss") {
                Some(given) if given.as_str() != Some(issuer) => {
                    return Err(Error::ClaimConflict {
                        claim: "iss",
                        why: format!("the ring's issuer is `{issuer}`"),
                    });
                }
                _ => claims.insert("iss".to_owned(), issuer.clone().into()),
            };
        }
        if let Some(first) = spec.audience.first() {
            let allowed = |value: &Value| {
                value.as_str().is_some_and(|aud| spec.audience.iter().any(|known| known == aud))
            };
            let fits = match claims.get("aud") {
                None => {
                    claims.insert("aud".to_owned(), first.clone().into());
                    true
                }
                Some(Value::Array(all)) => !all.is_empty() && all.iter().all(allowed),
                Some(one) => allowed(one),
            };
            if !fits {
                return Err(Error::ClaimConflict {
                    claim: "aud",
                    why: format!("the ring's audiences are {}", spec.audience.join(", ")),
                });
            }
        }
        Ok(())
    }
}

/// What the ring expects of its tokens' claims, for a verifier that is `audience`.
fn claims_policy(
    ring: &Ring,
    audience: Option<&str>,
    leeway: Option<Span>,
) -> Result<jwt::Policy, Error> {
    let spec = ring.policy().spec();
    let leeway = leeway.unwrap_or(spec.clock_error.min(spec.leeway));
    if leeway > spec.leeway {
        return Err(Error::LeewayTooLong {
            ring: ring.name().clone(),
            limit: spec.leeway,
            asked: leeway,
        });
    }
    let builder = jwt::Policy::builder();
    let builder = match &spec.issuer {
        Some(issuer) => builder.issuer(issuer.clone()),
        None => builder.danger().any_issuer(),
    };
    let builder = match audience {
        Some(audience) => builder.audience(audience),
        None if spec.audience.is_empty() => builder.no_audience(),
        None => builder.audiences(spec.audience.iter().cloned()),
    };
    // The ring's own σ is the bound here: its overlap was computed from it.
    let leeway = Duration::from_millis(leeway.as_millis());
    Ok(builder.typ(spec.typ.clone()).danger().any_leeway(leeway).build())
}
