//! A public key set behind a URL (RFC 7517 §5): fetched, read strictly, and used as long as its `Cache-Control` says.

use std::time::Duration;

use keytide_jose::digest::sha256;
use keytide_jose::jwk::{JwkSet, PublicJwk};
use keytide_jose::jwt::HeaderParams;
use keytide_jose::key::VerifyingKey;
use keytide_jose::{Algorithm, Limits};
use serde_json::Value;
use ureq::http::header;

use crate::address::Address;
use crate::http::{Answer, Ask, Http};
use crate::snapshot::{Skipped, Snapshot};
use crate::source::{Fetched, Known, Presence, Source, Tag};
use crate::{Error, Options};

/// The public set at an address.
pub(crate) struct Published {
    address: Address,
    options: Options,
    http: Http,
}

impl Published {
    /// # Errors
    /// `bad_url`, `insecure_url`, `bad_option`.
    pub(crate) fn new(url: &str, options: &Options) -> Result<Self, Error> {
        options.check()?;
        let address = Address::parse(url, options.allow_plain_http)?;
        Ok(Self { address, options: options.clone(), http: Http::new(options) })
    }

    fn ask(&self, if_none_match: Option<&str>) -> Result<Answer, Error> {
        let answer = self.http.ask(&Ask {
            address: &self.address,
            accept: "application/jwk-set+json, application/json",
            token: None,
            if_none_match,
            body: None,
            held_for: Duration::ZERO,
        })?;
        let why = match answer.status {
            200 => return Ok(answer),
            304 if if_none_match.is_some() => return Ok(answer),
            status @ (301..=303 | 307 | 308) => {
                format!("the answer is a redirect (HTTP {status}), which is not followed")
            }
            status => format!("the answer is HTTP {status}"),
        };
        Err(Error::FetchFailed { url: self.address.to_string(), why })
    }

    fn fresh_for(&self, answer: &Answer) -> Duration {
        let control = answer.header(header::CACHE_CONTROL);
        let age = answer.header(header::AGE).and_then(|age| age.trim().parse().ok());
        let declared = control.as_deref().and_then(max_age);
        let ttl = declared.map_or(self.options.default_ttl, |declared| {
            declared.saturating_sub(Duration::from_secs(age.unwrap_or(0)))
        });
        ttl.clamp(self.options.min_ttl, self.options.max_ttl)
    }

    fn read(&self, body: &[u8]) -> Result<Snapshot, Error> {
        let url = || self.address.to_string();
        let mut limits = Limits::default();
        limits.jwks = self.options.max_bytes;
        let set = JwkSet::parse(body, &limits).map_err(|why| {
            if holds_private_key(body) {
                Error::PrivateKeyPublished { url: url() }
            } else {
                Error::SetRefused { url: url(), why }
            }
        })?;
        let kids = kids(body);
        let mut skipped: Vec<Skipped> = set
            .ignored()
            .iter()
            .map(|ignored| Skipped {
                index: ignored.index,
                kid: kids.get(ignored.index).cloned().flatten(),
                why: ignored.reason.clone(),
            })
            .collect();
        let is_ignored = |index: &usize| !set.ignored().iter().any(|known| known.index == *index);
        let places: Vec<usize> = (0..kids.len()).filter(is_ignored).collect();
        let mut keys = Vec::new();
        for (jwk, index) in set.keys().iter().zip(places) {
            match bind(jwk, &self.options.algorithms) {
                Ok(bound) => keys.extend(bound),
                Err(why) => {
                    let kid = jwk.key_id().map(ToString::to_string);
                    skipped.push(Skipped { index, kid, why });
                }
            }
        }
        skipped.sort_by_key(|skipped| skipped.index);
        if keys.is_empty() {
            let first = skipped.first().map(|skipped| skipped.why.clone());
            return Err(Error::NoUsableKey { url: url(), skipped: skipped.len(), first });
        }
        Ok(Snapshot { skipped, ..Snapshot::new(keys, &self.options.algorithms) })
    }
}

impl Source for Published {
    fn fetch(&self, known: Option<&Known>) -> Result<Fetched, Error> {
        let answer = self.ask(known.and_then(|known| known.tag.etag.as_deref()))?;
        let fresh_for = self.fresh_for(&answer);
        if answer.status == 304 {
            return Ok(Fetched { keys: None, fresh_for });
        }
        let body = answer.body.expose();
        let digest = Some(sha256(body));
        if known.is_some_and(|known| known.tag.digest == digest) {
            return Ok(Fetched { keys: None, fresh_for });
        }
        let tag = Tag { etag: answer.header(header::ETAG), digest };
        Ok(Fetched { keys: Some((self.read(body)?, tag)), fresh_for })
    }

    fn wait(&self, _known: &Known) -> Option<Result<Fetched, Error>> {
        None
    }

    fn acknowledge(&self, _epoch: u64) -> Result<(), Error> {
        Ok(())
    }

    fn sign(&self, _header: &HeaderParams, _claims: &Value) -> Result<String, Error> {
        Err(Error::VerifyOnly { source: self.describe() })
    }

    fn in_new_process(&self) -> Result<Box<dyn Source>, Error> {
        let (address, options) = (self.address.clone(), self.options.clone());
        let http = Http::new(&options);
        Ok(Box::new(Self { address, options, http }))
    }

    fn shut_down(&self) {
        self.http.shut_down();
    }

    fn describe(&self) -> String {
        format!("the key set {}", self.address)
    }

    fn presence(&self) -> Option<Presence> {
        None
    }
}

/// Fetches a key set once and gives its text, which was not looked at.
///
/// # Errors
/// `bad_url`, `insecure_url`, `bad_option`, `fetch_failed`, `fetch_timed_out`, `too_large`.
pub fn fetch_key_set(url: &str, options: &Options) -> Result<Vec<u8>, Error> {
    let source = Published::new(url, options)?;
    Ok(source.ask(None)?.body.expose().to_vec())
}

/// A key for each allowed algorithm that the JWK can serve.
fn bind(jwk: &PublicJwk, allowed: &[Algorithm]) -> keytide_jose::Result<Vec<VerifyingKey>> {
    let mut refused = None;
    let mut keys = Vec::new();
    // A JWK that names an algorithm is told what is wrong with that one.
    let named = jwk.algorithm().filter(|alg| allowed.contains(alg));
    let candidates = named.as_ref().map_or(allowed, std::slice::from_ref);
    for alg in candidates {
        match VerifyingKey::from_jwk(jwk, Some(*alg)) {
            Ok(key) => keys.push(key),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    let none = || keytide_jose::Error::KeyAlgMismatch("no algorithm is allowed".into());
    if keys.is_empty() { Err(refused.unwrap_or_else(none)) } else { Ok(keys) }
}

/// The `kid` of each key of a set that was read, in order.
fn kids(body: &[u8]) -> Vec<Option<String>> {
    let set: Value = serde_json::from_slice(body).unwrap_or_default();
    let keys = set["keys"].as_array().map_or(&[][..], Vec::as_slice);
    keys.iter().map(|key| Some(key["kid"].as_str()?.chars().take(256).collect())).collect()
}

/// Whether any key of a set that was refused has a private member (RFC 7518 §6, RFC 9964 §4).
fn holds_private_key(body: &[u8]) -> bool {
    const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    let set: Value = serde_json::from_slice(body).unwrap_or_default();
    let keys = set["keys"].as_array().map_or(&[][..], Vec::as_slice);
    keys.iter().any(|key| PRIVATE.iter().any(|name| key.get(name).is_some()))
}

/// The `max-age` of a `Cache-Control` header (RFC 9111 §5.2.2.1).
fn max_age(control: &str) -> Option<Duration> {
    let directives = control.split(',').filter_map(|directive| directive.split_once('='));
    let mut ages = directives.filter(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"));
    let (_, value) = ages.next()?;
    let digits = value.trim().trim_matches('"');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(digits.parse().unwrap_or(u64::from(u32::MAX))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_found_among_other_directives() {
        let seconds = |control| max_age(control).map(|age| age.as_secs());
        assert_eq!(seconds("public, max-age=300, must-revalidate"), Some(300));
        assert_eq!(seconds("Max-Age=\"60\""), Some(60));
        assert_eq!(seconds("max-age=0"), Some(0));
        assert_eq!(seconds("max-age=99999999999999999999999"), Some(u64::from(u32::MAX)));
        for none in ["no-store", "max-age", "max-age=-1", "max-age=1h", "s-maxage=5", ""] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }
}
