//! The published set of an epoch: its bytes, its entity tag, and for how long it may be cached.

use keytide_jose::jwk::JwkSet;

use crate::{Error, Ring};

/// What `/.well-known/jwks.json` serves: made once for an epoch, identical on every node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSet {
    /// The JWK Set (RFC 7517 §5): active key first, then the next one, then those that retire.
    pub body: Vec<u8>,
    /// A strong entity tag with its quotes: the epoch and a digest of the body.
    pub etag: String,
    /// The `Cache-Control` value.
    pub cache_control: String,
}

impl PublishedSet {
    /// Makes the set of an asymmetric ring.
    ///
    /// # Errors
    /// `symmetric_ring`: a symmetric secret is never in a public set.
    pub(crate) fn of(ring: &Ring) -> Result<Self, Error> {
        let keys = ring.verifying().map(|key| {
            key.public.clone().ok_or_else(|| Error::SymmetricRing {
                ring: ring.name().clone(),
                algorithm: key.algorithm,
            })
        });
        let body = JwkSet::new(keys.collect::<Result<Vec<_>, _>>()?)?.to_json();
        let digest = keytide_jose::digest::sha256(&body);
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            etag: format!("\"{}-{digest}\"", ring.epoch()),
            cache_control: format!("public, max-age={}", ring.policy().max_age().as_secs()),
            body,
        })
    }
}
