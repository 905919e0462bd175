//! A ring on a Keytide server: its keys delivered by role, waited for, acknowledged; its signatures made there where the private key is.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keytide_jose::jwk::{PrivateJwk, PublicJwk};
use keytide_jose::jwt::HeaderParams;
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, KeyId, Secret, SystemRng};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::address::{Address, RingAddress};
use crate::http::{Answer, Ask, Http, bearer};
use crate::snapshot::{Skipped, Snapshot};
use crate::source::{Fetched, Known, Presence, Source, Tag};
use crate::{ConnectOptions, Error};

/// A ring on a server, and who asks for its keys.
pub(crate) struct Connected {
    ring: RingAddress,
    token: Arc<Secret>,
    settings: ConnectOptions,
    instance: String,
    http: Http,
    /// For requests that the server holds: they are ended when the ring is let go.
    waiting: Http,
    /// The epoch that was acknowledged; 0 before the first.
    acknowledged: AtomicU64,
    lease_until: Mutex<Option<String>>,
}

impl Connected {
    /// # Errors
    /// `bad_url`, `insecure_url`, `bad_option`.
    pub(crate) fn new(url: &str, token: Secret, settings: &ConnectOptions) -> Result<Self, Error> {
        settings.check()?;
        let ring = RingAddress::parse(url, settings.options.allow_plain_http)?;
        bearer(&token)?;
        let instance = match &settings.instance {
            Some(instance) => instance.clone(),
            None => name(&settings.host)?,
        };
        Ok(Self::of(ring, Arc::new(token), settings.clone(), instance))
    }

    fn of(
        ring: RingAddress,
        token: Arc<Secret>,
        settings: ConnectOptions,
        instance: String,
    ) -> Self {
        Self {
            http: Http::new(&settings.options),
            waiting: Http::new(&settings.options),
            acknowledged: AtomicU64::new(0),
            lease_until: Mutex::new(None),
            ring,
            token,
            settings,
            instance,
        }
    }

    fn ask(
        &self,
        http: &Http,
        url: &str,
        body: Option<&[u8]>,
        held_for: Duration,
    ) -> Result<Answer, Error> {
        let address = Address::parse(url, self.settings.options.allow_plain_http)?;
        let answer = http.ask(&Ask {
            address: &address,
            accept: "application/json",
            token: Some(&self.token),
            if_none_match: None,
            body,
            held_for,
        })?;
        match answer.status {
            200 => Ok(answer),
            // Only whoever waits has said what is known.
            304 if !held_for.is_zero() => Ok(answer),
            status @ (301..=303 | 307 | 308) => Err(self.bad_answer(format!(
                "the answer is a redirect (HTTP {status}), which is not followed"
            ))),
            _ => Err(self.refusal(&answer)),
        }
    }

    fn keys_url(&self) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let (consumer, instance) = (&self.settings.consumer, &self.instance);
        format!(
            "{}?consumer={}&instance={}",
            self.ring.at("keys"),
            encoded(consumer),
            encoded(instance)
        )
    }

    /// What the server answers of the keys as they are.
    pub(crate) fn keys_now(&self) -> Result<Answer, Error> {
        self.ask(&self.http, &self.keys_url(), None, Duration::ZERO)
    }

    /// What the server answers as soon as there are others than those of this epoch, or 304.
    pub(crate) fn keys_after(&self, epoch: u64) -> Result<Answer, Error> {
        let wait = self.settings.wait;
        let url = format!("{}&after={epoch}&wait={}ms", self.keys_url(), wait.as_millis());
        self.ask(&self.waiting, &url, None, wait)
    }

    pub(crate) fn ring_name(&self) -> &str {
        self.ring.name()
    }

    pub(crate) fn url(&self) -> String {
        self.ring.to_string()
    }

    pub(crate) fn unreadable(&self) -> Error {
        self.bad_answer("the answer is not the ring's keys by role".into())
    }

    fn read(&self, answer: &Answer, known: Option<&Known>) -> Result<Fetched, Error> {
        let fresh_for = self.fresh_for();
        if answer.status == 304 {
            return Ok(Fetched { keys: None, fresh_for });
        }
        // The parser's own words might quote a secret.
        let delivery: Delivery<'_> = serde_json::from_slice(answer.body.expose())
            .map_err(|_| self.bad_answer("the answer is not a ring's keys by role".into()))?;
        if delivery.ring != self.ring.name() {
            return Err(self.bad_answer("the answer is of another ring".into()));
        }
        self.note_lease(delivery.lease_until.as_deref());
        let Some(known) = known else {
            return Ok(Fetched {
                keys: Some((self.snapshot(&delivery)?, Tag::default())),
                fresh_for,
            });
        };
        let before = known.snapshot.epoch().unwrap_or(0);
        if delivery.epoch == before {
            return Ok(Fetched { keys: None, fresh_for });
        }
        let snapshot = self.snapshot(&delivery)?;
        // A set from before a revocation must not come back; a ring that was made anew has other keys.
        if delivery.epoch < before && shares_a_key(&snapshot, &known.snapshot) {
            let why = format!("the ring went back from epoch {before} to {}", delivery.epoch);
            return Err(self.bad_answer(why));
        }
        Ok(Fetched { keys: Some((snapshot, Tag::default())), fresh_for })
    }

    fn snapshot(&self, delivery: &Delivery<'_>) -> Result<Snapshot, Error> {
        let unusable = |role: &str, why: &keytide_jose::Error| {
            self.bad_answer(format!("the ring's {role} key cannot be used: {why}"))
        };
        let active = Key::read(delivery.active).map_err(|why| unusable("active", &why))?;
        let signing = match &active.secret {
            Some(jwk) => {
                Some(SigningKey::from_jwk(jwk, None).map_err(|why| unusable("active", &why))?)
            }
            None => None,
        };
        let of_active = (active.verifying.key_id().cloned(), active.verifying.algorithm());
        let (mut keys, mut skipped) = (vec![active.verifying], Vec::new());
        let others = std::iter::once(&delivery.next).chain(&delivery.previous);
        for (index, jwk) in (1..).zip(others) {
            match Key::read(jwk) {
                Ok(key) => keys.push(key.verifying),
                Err(why) => skipped.push(Skipped { index, kid: kid(jwk), why }),
            }
        }
        Ok(Snapshot {
            epoch: Some(delivery.epoch),
            signing: signing.map(Arc::new),
            active: Some(of_active),
            skipped,
            ..Snapshot::new(keys, Algorithm::ALL)
        })
    }

    /// Longer than a whole wait, so that it only runs out when nobody waits, or the server is silent.
    fn fresh_for(&self) -> Duration {
        self.settings.wait.saturating_add(self.settings.options.timeout).saturating_add(MARGIN)
    }

    fn note_lease(&self, until: Option<&str>) {
        let mut lease = self.lease_until.lock().unwrap_or_else(PoisonError::into_inner);
        *lease = until.map(ToOwned::to_owned);
    }

    fn bad_answer(&self, why: String) -> Error {
        Error::BadAnswer { url: self.ring.to_string(), why }
    }

    /// What the server says of why it refuses (RFC 9457).
    fn refusal(&self, answer: &Answer) -> Error {
        let status = answer.status;
        let problem = serde_json::from_slice::<Problem>(answer.body.expose()).ok();
        let is_code = |code: &str| {
            (1..=64).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        match problem {
            Some(Problem { code, detail, hint }) if is_code(&code) => {
                Error::Refused { status, code, message: printable(&detail), hint: printable(&hint) }
            }
            _ => self.bad_answer(format!("the answer is HTTP {status} without an explanation")),
        }
    }
}

impl Source for Connected {
    fn fetch(&self, known: Option<&Known>) -> Result<Fetched, Error> {
        let answer = self.keys_now()?;
        self.read(&answer, known)
    }

    fn wait(&self, known: &Known) -> Option<Result<Fetched, Error>> {
        let epoch = known.snapshot.epoch()?;
        let answer = self.keys_after(epoch);
        Some(answer.and_then(|answer| self.read(&answer, Some(known))))
    }

    fn acknowledge(&self, epoch: u64) -> Result<(), Error> {
        let (consumer, instance) = (&self.settings.consumer, &self.instance);
        let body = json!({"consumer": consumer, "instance": instance, "epoch": epoch}).to_string();
        let url = self.ring.at("acknowledge");
        let answer = self.ask(&self.http, &url, Some(body.as_bytes()), Duration::ZERO)?;
        self.acknowledged.store(epoch, Ordering::Relaxed);
        if let Ok(Lease { lease_until }) = serde_json::from_slice(answer.body.expose()) {
            self.note_lease(lease_until.as_deref());
        }
        Ok(())
    }

    fn sign(&self, header: &HeaderParams, claims: &Value) -> Result<String, Error> {
        let mut body = Map::new();
        body.insert("claims".into(), claims.clone());
        if !header.extra.is_empty() {
            body.insert("header".into(), header.extra.clone().into());
        }
        let body = Value::Object(body).to_string();
        let url = self.ring.at("sign");
        let answer = self.ask(&self.http, &url, Some(body.as_bytes()), Duration::ZERO)?;
        let Signed { token } = serde_json::from_slice(answer.body.expose())
            .map_err(|_| self.bad_answer("the answer holds no token".into()))?;
        Ok(token)
    }

    fn in_new_process(&self) -> Result<Box<dyn Source>, Error> {
        let instance = match &self.settings.instance {
            Some(instance) => format!("{instance}-{}", std::process::id()),
            None => name(&self.settings.host)?,
        };
        let (ring, token) = (self.ring.clone(), Arc::clone(&self.token));
        Ok(Box::new(Self::of(ring, token, self.settings.clone(), instance)))
    }

    fn shut_down(&self) {
        self.waiting.shut_down();
    }

    fn describe(&self) -> String {
        format!("the ring {}", self.ring)
    }

    fn presence(&self) -> Option<Presence> {
        let epoch = self.acknowledged.load(Ordering::Relaxed);
        Some(Presence {
            consumer: self.settings.consumer.clone(),
            instance: self.instance.clone(),
            acknowledged: (epoch > 0).then_some(epoch),
            lease_until: self.lease_until.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        })
    }
}

/// What a server's and a client's clock and a slow network may differ by.
const MARGIN: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Delivery<'a> {
    #[serde(borrow)]
    ring: Cow<'a, str>,
    epoch: u64,
    #[serde(borrow, default)]
    lease_until: Option<Cow<'a, str>>,
    #[serde(borrow)]
    active: &'a RawValue,
    #[serde(borrow)]
    next: &'a RawValue,
    #[serde(borrow)]
    previous: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    hint: String,
}

#[derive(Deserialize)]
struct Lease {
    lease_until: Option<String>,
}

#[derive(Deserialize)]
struct Signed {
    token: String,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
}

/// A key as it was delivered.
struct Key {
    verifying: VerifyingKey,
    /// The secret of a symmetric ring.
    secret: Option<PrivateJwk>,
}

impl Key {
    fn read(jwk: &RawValue) -> keytide_jose::Result<Self> {
        let jwk = jwk.get().as_bytes();
        if let Ok(public) = PublicJwk::parse(jwk) {
            return Ok(Self { verifying: VerifyingKey::from_jwk(&public, None)?, secret: None });
        }
        let secret = PrivateJwk::parse(jwk)?;
        if secret.public().is_some() {
            let why = "a private key was delivered, which never leaves a server".to_owned();
            return Err(keytide_jose::Error::InvalidKey(why));
        }
        let verifying = VerifyingKey::from_private_jwk(&secret, None)?;
        Ok(Self { verifying, secret: Some(secret) })
    }
}

fn kid(jwk: &RawValue) -> Option<String> {
    let named: Named<'_> = serde_json::from_str(jwk.get()).ok()?;
    Some(named.kid?.chars().take(256).collect())
}

fn shares_a_key(one: &Snapshot, other: &Snapshot) -> bool {
    let kids = |snapshot: &Snapshot| -> Vec<KeyId> {
        snapshot.keys().keys().iter().filter_map(|key| key.key_id().cloned()).collect()
    };
    let others = kids(other);
    kids(one).iter().any(|kid| others.contains(kid))
}

/// `HOST-PID-CHANCE`: no two processes have the same, however often they start.
fn name(host: &str) -> Result<String, Error> {
    let chance = KeyId::random(&mut SystemRng)?;
    let chance: String = chance.as_str().chars().take(8).collect();
    Ok(format!("{host}-{}-{chance}", std::process::id()))
}

/// A server's words without what could forge a line of a log.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}
