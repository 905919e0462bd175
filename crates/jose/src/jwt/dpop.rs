//! Proofs of possession for HTTP requests: DPoP (RFC 9449).

use core::time::Duration;

use serde_json::{Map, Value};

use super::replay::Replay;
use super::{NumericDate, Policy};
use crate::jwk::PublicJwk;
use crate::key::VerifyingKey;
use crate::{Algorithm, Error, KeyId, Limits, Result, backend, base64url, jws};

/// What a DPoP proof must say to be accepted with one request (RFC 9449 §4.3).
///
/// A proof shows that the sender has a key, not who the sender is: the access token must be bound to
/// the same key, by [`super::PolicyBuilder::bound_to_key`] with [`DpopProof::thumbprint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopPolicy {
    method: String,
    uri: String,
    algorithms: Vec<Algorithm>,
    max_age: Duration,
    leeway: Duration,
    nonce: Option<String>,
    access_token_hash: Option<String>,
}

/// A proof that holds for the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopProof {
    thumbprint: KeyId,
}

impl DpopProof {
    /// The RFC 7638 thumbprint of the sender's key, as `cnf.jkt` names it.
    #[must_use]
    pub fn thumbprint(&self) -> &KeyId {
        &self.thumbprint
    }
}

impl DpopPolicy {
    /// The proof for a request with this method and absolute URI, whose query and fragment do not
    /// count. Any asymmetric algorithm, 60 s old at most, 5 s in the future at most.
    #[must_use]
    pub fn new(method: impl Into<String>, uri: impl Into<String>) -> Self {
        let asymmetric = Algorithm::ALL.iter().copied().filter(|alg| !alg.is_symmetric());
        Self {
            method: method.into(),
            uri: uri.into(),
            algorithms: asymmetric.collect(),
            max_age: Duration::from_secs(60),
            leeway: Duration::from_secs(5),
            nonce: None,
            access_token_hash: None,
        }
    }

    /// Accepts these algorithms alone; symmetric ones are never accepted.
    #[must_use]
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.iter().copied().filter(|alg| !alg.is_symmetric()).collect();
        self
    }

    /// Accepts proofs made at most this long ago.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Demands this nonce, which the server gave out (RFC 9449 §8).
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Demands the proof for this access token (`ath`), as at every resource server.
    #[must_use]
    pub fn access_token(mut self, token: &str) -> Self {
        let hash = backend::digest::sha256(token.as_bytes());
        self.access_token_hash = Some(base64url::encode(&hash));
        self
    }

    /// Verifies a proof with the key in its own header, and checks it at the time `now`.
    ///
    /// # Errors
    /// As [`jws::Unverified::parse`], [`jws::Unverified::verify`] and [`jws::Verified::check_once`];
    /// `malformed_header` without a public `jwk`; `claim_mismatch` for `htm`, `htu`, `nonce`, `ath`.
    pub fn check(
        &self,
        proof: &str,
        now: NumericDate,
        memory: &mut dyn Replay,
        limits: &Limits,
    ) -> Result<DpopProof> {
        let token = jws::Unverified::parse(proof, limits)?;
        let alg = token.algorithm();
        if !self.algorithms.contains(&alg) {
            return Err(Error::AlgNotAllowed { alg: alg.as_str().into() });
        }
        // The one place where a key from a header verifies: the proof is about that very key.
        let jwk = token
            .header_of_proof()
            .params()
            .get("jwk")
            .ok_or_else(|| Error::MalformedHeader("jwk is missing".into()))?;
        let jwk = PublicJwk::parse(jwk.to_string().as_bytes())?;
        let key = VerifyingKey::from_jwk(&jwk, Some(alg))?;
        let thumbprint = jwk.thumbprint();
        self.policy()?.check_proof(token.verify(&key)?, now, memory)?;
        Ok(DpopProof { thumbprint })
    }

    fn policy(&self) -> Result<ProofPolicy> {
        let expected =
            request_uri(&self.uri).ok_or_else(|| Error::ClaimMismatch { name: "htu".into() })?;
        let mut builder = Policy::builder()
            .danger()
            .any_issuer()
            .danger()
            .any_audience()
            .typ("dpop+jwt")
            .danger()
            .allow_no_expiry()
            .leeway(self.leeway)?
            .max_age(self.max_age)
            .claim_equals("htm", self.method.as_str())
            .claim_matches("htu", move |value| {
                value.as_str().and_then(request_uri).is_some_and(|found| found == expected)
            });
        if let Some(nonce) = &self.nonce {
            builder = builder.claim_equals("nonce", nonce.as_str());
        }
        if let Some(hash) = &self.access_token_hash {
            builder = builder.claim_equals("ath", hash.as_str());
        }
        Ok(ProofPolicy { policy: builder.build(), max_age: self.max_age, leeway: self.leeway })
    }
}

struct ProofPolicy {
    policy: Policy,
    max_age: Duration,
    leeway: Duration,
}

impl ProofPolicy {
    fn check_proof(
        &self,
        proof: jws::Verified<'_>,
        now: NumericDate,
        memory: &mut dyn Replay,
    ) -> Result<()> {
        // A proof has no exp: it must be remembered for as long as it would be accepted, which for
        // one from the future is longer by the leeway.
        let until = now
            .saturating_add(self.max_age)
            .saturating_add(self.leeway)
            .saturating_add(self.leeway);
        let mut memory = Until { memory, until };
        proof.check_once::<Map<String, Value>>(&self.policy, now, &mut memory).map(drop)
    }
}

struct Until<'m> {
    memory: &'m mut dyn Replay,
    until: NumericDate,
}

impl Replay for Until<'_> {
    fn first_use(
        &mut self,
        issuer: Option<&str>,
        jti: &str,
        _until: Option<NumericDate>,
    ) -> Result<bool> {
        self.memory.first_use(issuer, jti, Some(self.until))
    }
}

/// The URI without query and fragment, scheme and host in lower case, the default port left out
/// (RFC 9449 §4.3, RFC 3986 §6.2.2–6.2.3); `None` when it is not absolute.
fn request_uri(uri: &str) -> Option<String> {
    let uri = uri.split(['?', '#']).next()?;
    let (scheme, rest) = uri.split_once("://")?;
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, path),
        None => (rest, ""),
    };
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    (!authority.is_empty()).then(|| format!("{scheme}://{authority}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_compared_without_what_does_not_count() {
        let same = "https://server.example/token";
        for uri in ["HTTPS://Server.Example/token?a=b", "https://server.example:443/token#f", same]
        {
            assert_eq!(request_uri(uri).unwrap(), same);
        }
        for uri in [
            "https://server.example/Token",
            "http://server.example/token",
            "https://server.example:444/token",
        ] {
            assert_ne!(request_uri(uri).unwrap(), same);
        }
        assert_eq!(request_uri("https://a"), request_uri("https://a/"));
        assert_eq!(request_uri("/token"), None);
        assert_eq!(request_uri("https:///x"), None);
    }
}
