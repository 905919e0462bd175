//! A ring's keys for somebody who hands them on: secrets by role, waited for, acknowledged when the receiver says so.

use core::fmt;
use std::borrow::Cow;

use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, KeyId, Secret};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::connected::Connected;
use crate::source::{Presence, Source as _};
use crate::{ConnectOptions, Error};

/// The keys of a ring on a server, as a supervisor gets them that gives them to other programs.
///
/// Other than [`crate::Ring`] it starts no thread, and acknowledges nothing by itself: only whoever
/// started the program knows what that has loaded.
pub struct Deliveries {
    connected: Connected,
}

/// The keys of a ring at one epoch, with their secrets if it is a symmetric ring.
pub struct Delivery {
    ring: String,
    epoch: u64,
    keys: Vec<DeliveredKey>,
    text: Secret,
}

/// One key of a delivery.
pub struct DeliveredKey {
    role: KeyRole,
    kid: KeyId,
    algorithm: Algorithm,
    jwk: Secret,
    secret: Option<Secret>,
}

/// What a key does in its ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRole {
    /// It signs.
    Active,
    /// It will sign, and verifies already.
    Next,
    /// It signed, and still verifies.
    Previous,
}

impl Deliveries {
    /// Prepares to ask for the keys of the ring at `https://keys.example:7430/rings/NAME`; no request
    /// is made yet. The token needs the permission `read-keys`.
    ///
    /// # Errors
    /// `bad_url`, `insecure_url`, `bad_option`.
    pub fn connect(url: &str, token: Secret, options: &ConnectOptions) -> Result<Self, Error> {
        Ok(Self { connected: Connected::new(url, token, options)? })
    }

    /// The keys as they are now. Asking renews the instance's lease.
    ///
    /// # Errors
    /// `fetch_failed`, `fetch_timed_out`, `too_large`, `bad_answer`, or the server's own code.
    pub fn fetch(&self) -> Result<Delivery, Error> {
        let body = self.connected.ask_for_keys(None)?;
        body.map_or_else(|| Err(self.connected.unreadable()), |body| self.read(body))
    }

    /// The keys as soon as the ring is at another epoch than this; `None` if it still is when the
    /// server's patience ends. Waiting renews the instance's lease.
    ///
    /// # Errors
    /// As [`Deliveries::fetch`].
    pub fn wait(&self, epoch: u64) -> Result<Option<Delivery>, Error> {
        self.connected.ask_for_keys(Some(epoch))?.map(|body| self.read(body)).transpose()
    }

    /// Says that an epoch is loaded.
    ///
    /// # Errors
    /// As [`Deliveries::fetch`].
    pub fn acknowledge(&self, epoch: u64) -> Result<(), Error> {
        self.connected.acknowledge(epoch)
    }

    /// Under which names the server knows the instance.
    #[must_use]
    pub fn presence(&self) -> Option<Presence> {
        self.connected.presence()
    }

    /// The ring's whole URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.connected.url()
    }

    /// Reads what was delivered earlier, such as from a [`crate::SealedCopy`].
    ///
    /// # Errors
    /// `bad_answer`.
    pub fn read(&self, text: Secret) -> Result<Delivery, Error> {
        let delivery = Delivery::parse(text).ok_or_else(|| self.connected.unreadable())?;
        if delivery.ring == self.connected.ring_name() {
            Ok(delivery)
        } else {
            Err(self.connected.unreadable())
        }
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Deliveries").field(&self.url()).finish()
    }
}

impl Delivery {
    /// The parser's own words might quote a secret, so that nothing is said of what is wrong.
    fn parse(text: Secret) -> Option<Self> {
        let body: Body<'_> = serde_json::from_slice(text.expose()).ok()?;
        let mut keys = vec![DeliveredKey::parse(KeyRole::Active, body.active)?];
        keys.push(DeliveredKey::parse(KeyRole::Next, body.next)?);
        for jwk in &body.previous {
            keys.push(DeliveredKey::parse(KeyRole::Previous, jwk)?);
        }
        let (ring, epoch) = (body.ring.into_owned(), body.epoch);
        Some(Self { ring, epoch, keys, text })
    }

    /// The ring's name.
    #[must_use]
    pub fn ring(&self) -> &str {
        &self.ring
    }

    /// The ring's epoch: what is acknowledged once it is loaded.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The key that signs, the next one, and those before, newest first.
    #[must_use]
    pub fn keys(&self) -> &[DeliveredKey] {
        &self.keys
    }

    /// The delivery as the server sent it.
    #[must_use]
    pub fn text(&self) -> &Secret {
        &self.text
    }
}

impl fmt::Debug for Delivery {
    /// Shows what is in it, no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ring, epoch, keys, text: _ } = self;
        f.debug_struct("Delivery")
            .field("ring", ring)
            .field("epoch", epoch)
            .field("keys", keys)
            .finish_non_exhaustive()
    }
}

impl DeliveredKey {
    fn parse(role: KeyRole, json: &RawValue) -> Option<Self> {
        let json = json.get().as_bytes();
        let jwk = Secret::new(json.to_vec());
        if let Ok(public) = PublicJwk::parse(json) {
            let key = VerifyingKey::from_jwk(&public, None).ok()?;
            let (kid, algorithm) = (key.key_id()?.clone(), key.algorithm());
            return Some(Self { role, kid, algorithm, jwk, secret: None });
        }
        let private = PrivateJwk::parse(json).ok()?;
        // A private key never leaves a server: whatever answers here is none.
        if private.public().is_some() {
            return None;
        }
        let key = SigningKey::from_jwk(&private, None).ok()?;
        let (kid, algorithm) = (key.key_id()?.clone(), key.algorithm());
        let secret = Some(key.export().ok()?);
        Some(Self { role, kid, algorithm, jwk, secret })
    }

    /// What it does.
    #[must_use]
    pub fn role(&self) -> KeyRole {
        self.role
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// The one algorithm that it serves.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its JWK: of a symmetric ring with the secret, of any other the public key.
    #[must_use]
    pub fn jwk(&self) -> &Secret {
        &self.jwk
    }

    /// The bytes of a symmetric ring's secret.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }
}

impl fmt::Debug for DeliveredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { role, kid, algorithm, jwk: _, secret: _ } = self;
        f.debug_struct("DeliveredKey")
            .field("role", role)
            .field("kid", kid)
            .field("algorithm", algorithm)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    ring: Cow<'a, str>,
    epoch: u64,
    #[serde(borrow)]
    active: &'a RawValue,
    #[serde(borrow)]
    next: &'a RawValue,
    #[serde(borrow)]
    previous: Vec<&'a RawValue>,
}

impl Connected {
    /// What the server answers, or `None` where the ring still is at the epoch that was waited at.
    fn ask_for_keys(&self, after: Option<u64>) -> Result<Option<Secret>, Error> {
        let answer = match after {
            None => self.keys_now()?,
            Some(epoch) => self.keys_after(epoch)?,
        };
        Ok((answer.status != 304).then_some(answer.body))
    }
}

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    fn body(ring: &str, active: &str) -> Secret {
        let key = SigningKey::generate(Algorithm::HS256, None, &mut SystemRng).unwrap();
        let next = String::from_utf8(key.to_private_jwk().expose_json().expose().to_vec()).unwrap();
        let text = format!(
            r#"{{"ring":"{ring}","epoch":3,"algorithm":"HS256","active":{active},"next":{next},"previous":[]}}"#
        );
        Secret::new(text.into_bytes())
    }

    fn deliveries() -> Deliveries {
        let token = Secret::new(b"token".to_vec());
        let url = "https://keys.example/rings/a.test";
        Deliveries::connect(url, token, &ConnectOptions::default()).unwrap()
    }

    const ACTIVE: &str = r#"{"kty":"oct","alg":"HS256","kid":"one","k":"bWFya2VyLXNlY3JldC10aGF0LW5vYm9keS1tYXktc2Vl"}"#;
    const MARKER: &str = "marker-secret-that-nobody-may-see";

    #[test]
    fn the_secrets_of_a_symmetric_ring_are_told_by_role_and_not_shown() {
        let delivery = deliveries().read(body("a.test", ACTIVE)).unwrap();
        let [active, next] = delivery.keys() else { panic!("{delivery:?}") };
        assert_eq!((active.role(), next.role()), (KeyRole::Active, KeyRole::Next));
        assert_eq!((delivery.epoch(), active.kid().as_str()), (3, "one"));
        assert_eq!(active.secret().unwrap().expose(), MARKER.as_bytes());
        let shown = format!("{delivery:?}");
        assert!(!shown.contains(MARKER) && !shown.contains("bWFya2Vy"), "{shown}");
    }

    #[test]
    fn what_is_of_another_ring_or_no_delivery_is_refused_without_a_word_of_it() {
        let public = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap();
        let private = public.to_private_jwk().expose_json();
        let private = String::from_utf8(private.expose().to_vec()).unwrap();
        for text in [
            body("b.test", ACTIVE),
            body("a.test", "\"marker-secret-that-nobody-may-see\""),
            body("a.test", &private),
            Secret::new(MARKER.into()),
        ] {
            let error = deliveries().read(text).unwrap_err();
            assert_eq!(error.code(), "bad_answer");
            assert!(!format!("{error} {error:?}").contains("marker"), "{error:?}");
        }
    }
}
