//! Webhooks: those who are told of a ring's changes by HTTP, how far each is told, and how a message is signed.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, Rng, Secret};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Action, Actor, Epoch, Error, Event, Ring, RingName, Span, State};

/// Somebody who is told of each change of a ring, with the secret that signs what they are told.
pub struct Webhook {
    /// Its name.
    pub id: String,
    /// The ring.
    pub ring: RingName,
    /// Where messages are posted to.
    pub url: String,
    /// Signs the messages.
    pub secret: Secret,
    /// How far it is told.
    pub standing: Standing,
}

/// How far somebody is told, and the last attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Raised by every change, so that of several nodes one makes an attempt.
    pub version: u64,
    /// When it was declared.
    pub created_at: Timestamp,
    /// The newest epoch that was told and taken.
    pub told: Epoch,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// Before then no attempt is made.
    pub next_attempt_at: Timestamp,
    /// The last attempts, newest last.
    pub attempts: Vec<Attempt>,
}

/// One message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// The epoch that it told of.
    pub epoch: Epoch,
    /// The status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A webhook as it is shown: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// Its name.
    pub id: String,
    /// Where messages are posted to.
    pub url: String,
    /// How far it is told.
    #[serde(flatten)]
    pub standing: Standing,
}

/// A signed message: the body, and the headers of the Standard Webhooks specification.
pub struct Message {
    /// The same for every attempt to tell of one epoch.
    pub id: String,
    /// The body, JSON.
    pub body: String,
    /// `webhook-timestamp`, in seconds.
    pub timestamp: i64,
    /// `webhook-signature`: `v1,` and the HMAC-SHA-256 of id, timestamp and body.
    pub signature: String,
}

/// How many a ring may have.
const MOST_WEBHOOKS: usize = 16;
/// How many attempts are remembered of each.
const MOST_ATTEMPTS: usize = 20;
const LONGEST_URL: usize = 2_048;
/// What a standard-webhooks secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// After one failure; it doubles with each further one.
const FIRST_WAIT: Span = Span::from_secs(5);
const LONGEST_WAIT: Span = Span::from_secs(3_600);
/// How long an attempt may take before another node makes one.
const ATTEMPT: Span = Span::from_secs(30);

impl Webhook {
    /// A webhook of `ring` that is told of every change from now on.
    ///
    /// # Errors
    /// `bad_webhook` for a URL that is none, or the random source's failure.
    pub fn new(ring: &Ring, url: &str, now: Timestamp, rng: &mut dyn Rng) -> Result<Self, Error> {
        check_url(url)?;
        let mut secret = vec![0; 32];
        rng.fill(&mut secret)?;
        Ok(Self {
            id: KeyId::random(rng)?.as_str().to_owned(),
            ring: ring.name().clone(),
            url: url.to_owned(),
            secret: Secret::new(secret),
            standing: Standing {
                version: 1,
                created_at: now,
                told: ring.epoch(),
                failures: 0,
                next_attempt_at: now,
                attempts: Vec::new(),
            },
        })
    }

    /// A second copy, secret and all.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            id: self.id.clone(),
            ring: self.ring.clone(),
            url: self.url.clone(),
            secret: self.secret.duplicate(),
            standing: self.standing.clone(),
        }
    }

    /// What the audit log keeps of it: of the URL the origin alone, for a path or query may be a
    /// credential.
    pub fn event(&self, action: Action, actor: &Actor) -> Event {
        Event::done(actor.clone(), action)
            .ring(&self.ring)
            .detail("webhook", &self.id)
            .detail("origin", origin(&self.url))
    }

    /// The webhook as it is shown.
    pub fn view(&self) -> WebhookView {
        WebhookView { id: self.id.clone(), url: self.url.clone(), standing: self.standing.clone() }
    }

    /// The secret as its receiver is given it.
    pub fn shown_secret(&self) -> Secret {
        let text = format!("{SECRET_PREFIX}{}", base64(self.secret.expose()));
        Secret::new(text.into_bytes())
    }

    /// Whether there is something to tell at `now`.
    pub fn is_due(&self, ring: &Ring, now: Timestamp) -> bool {
        self.standing.told != ring.epoch() && self.standing.next_attempt_at <= now
    }

    /// What is told of `ring`, signed at `now`.
    ///
    /// # Errors
    /// The engine's refusal to sign.
    pub fn message(&self, ring: &Ring, now: Timestamp) -> Result<Message, Error> {
        let id = format!("msg_{}_{}", self.id, ring.epoch());
        let body = json!({
            "type": "ring.epoch",
            "timestamp": now,
            "data": {
                "ring": ring.name(),
                "epoch": ring.epoch(),
                "changes": changes(ring, self.standing.told),
            },
        })
        .to_string();
        let timestamp = now.as_second();
        let key = SigningKey::from_secret(Algorithm::HS256, self.secret.expose())?;
        let signature = key.sign(format!("{id}.{timestamp}.{body}").as_bytes())?;
        Ok(Message { id, body, timestamp, signature: format!("v1,{}", base64(&signature)) })
    }
}

impl Standing {
    /// While an attempt is under way, for everybody else.
    #[must_use]
    pub fn attempting(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, next_attempt_at: ATTEMPT.after(now), ..self.clone() }
    }

    /// After an attempt: told if the answer was one of success, and otherwise to be tried again
    /// after a wait that doubles each time. `jitter`, from 0 to 255, spreads those waits.
    #[must_use]
    pub fn after(&self, attempt: Attempt, jitter: u8) -> Self {
        let mut after = Self { version: self.version + 1, ..self.clone() };
        if attempt.status.is_some_and(|status| (200..300).contains(&status)) {
            after.told = attempt.epoch;
            after.failures = 0;
            after.next_attempt_at = attempt.at;
        } else {
            let doubled = FIRST_WAIT.as_millis() << self.failures.min(20);
            let wait = doubled.min(LONGEST_WAIT.as_millis());
            let wait = wait - wait / 4 + wait / 2 * u64::from(jitter) / 255;
            after.failures = self.failures.saturating_add(1);
            after.next_attempt_at = Span::from_millis(wait).after(attempt.at);
        }
        after.attempts.push(attempt);
        let surplus = after.attempts.len().saturating_sub(MOST_ATTEMPTS);
        after.attempts.drain(..surplus);
        after
    }
}

/// What happened to keys after `told`, in the words of the audit log; a change of none is the policy's.
fn changes(ring: &Ring, told: Epoch) -> Vec<&'static str> {
    let changed = ring.keys().filter(|key| key.since > told);
    let mut changes: Vec<_> = changed
        .map(|key| match key.state {
            State::Published => "key_publish",
            State::Active { .. } => "key_activate",
            State::Retiring { .. } => "key_deactivate",
            State::Retired { .. } => "key_retire",
            State::Destroyed { .. } => "key_destroy",
            State::Revoked { .. } => "key_revoke",
        })
        .collect();
    changes.dedup();
    if changes.is_empty() {
        changes.push("ring_change");
    }
    changes
}

/// Refuses one more than a ring may have.
///
/// # Errors
/// `bad_webhook`.
pub fn check_count(known: usize) -> Result<(), Error> {
    if known < MOST_WEBHOOKS {
        return Ok(());
    }
    Err(Error::BadWebhook {
        why: format!("the ring has {known}, and {MOST_WEBHOOKS} is the limit"),
    })
}

fn check_url(url: &str) -> Result<(), Error> {
    let bad = |why: &str| Err(Error::BadWebhook { why: why.to_owned() });
    let Some(host) = authority(url) else {
        return bad("its URL must begin with https:// or http://");
    };
    if url.len() > LONGEST_URL || host.is_empty() || !url.bytes().all(|b| b.is_ascii_graphic()) {
        return bad("its URL must have a host, no space, and at most 2048 bytes of ASCII");
    }
    if host.contains('@') {
        return bad("its URL has credentials in it; messages are signed instead");
    }
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    match address(host) {
        Err(Unreadable) => {
            bad("an address in its URL must be a.b.c.d in decimal, or IPv6 in brackets")
        }
        Ok(Some(address)) if is_link_local(address) => bad(
            "its URL names a link-local address (169.254.0.0/16, fe80::/10), where hosts are given \
             credentials",
        ),
        Ok(_) => Ok(()),
    }
}

/// Host and port, as a URL parser finds them; a backslash ends them as well (WHATWG URL §4.4).
fn authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.split(['/', '\\', '?', '#']).next()
}

/// Scheme, host and port.
fn origin(url: &str) -> &str {
    let (Some(host), Some(scheme)) = (authority(url), url.find("://")) else { return "" };
    &url[..scheme + "://".len() + host.len()]
}

/// A host that a URL parser would take for an address in a spelling that is not the usual one.
struct Unreadable;

/// The address that a host is, if it is none that must be looked up.
fn address(host: &str) -> Result<Option<IpAddr>, Unreadable> {
    if let Some(rest) = host.strip_prefix('[') {
        let inner = rest.strip_suffix(']').ok_or(Unreadable)?;
        return inner.parse().map(|v6: Ipv6Addr| Some(v6.into())).map_err(|_| Unreadable);
    }
    if host.contains('%') {
        return Err(Unreadable);
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    // Parsers take any host for an address whose last label is a number, hexadecimal ones too.
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_number = match last.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()),
    };
    if !is_number {
        return Ok(None);
    }
    host.parse().map(|v4: Ipv4Addr| Some(v4.into())).map_err(|_| Unreadable)
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local() || v6.to_ipv4().is_some_and(|v4| v4.is_link_local())
        }
    }
}

/// Base64 with padding (RFC 4648 §4), as the specification of the headers demands.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let part = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = part(0) << 16 | part(1) << 8 | part(2);
        for place in 0..4_usize {
            let digit = (bits >> (18 - 6 * place)) & 63;
            text.push(match place <= chunk.len() {
                true => char::from(ALPHABET[digit as usize]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn only_http_urls_with_a_host_and_without_credentials_are_taken() {
        for good in ["https://a.example/x?y=1", "http://127.0.0.1:8080"] {
            check_url(good).unwrap();
        }
        for bad in
            ["ftp://a", "https://", "https:///x", "https://u:p@a/", "https://a b", "a.example"]
        {
            assert_eq!(check_url(bad).unwrap_err().code(), "bad_webhook", "{bad}");
        }
    }

    #[test]
    fn link_local_addresses_are_refused_in_every_spelling_and_others_taken() {
        for bad in [
            "http://169.254.169.254/latest/meta-data",
            "http://169.254.0.1:80/",
            "http://169.254.169.254./",
            "http://169.254.169.254\\a/",
            "http://[fe80::1]/",
            "http://[febf::1]:8080",
            "http://[::ffff:169.254.169.254]/",
        ] {
            let refusal = check_url(bad).unwrap_err();
            assert_eq!(refusal.code(), "bad_webhook", "{bad}");
            assert!(refusal.to_string().contains("link-local"), "{bad}: {refusal}");
        }
        for unreadable in [
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://0251.254.169.254/",
            "http://169.254.43518/",
            "http://%3169.254.169.254/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1/",
        ] {
            assert_eq!(check_url(unreadable).unwrap_err().code(), "bad_webhook", "{unreadable}");
        }
        for good in
            ["http://10.0.0.7/", "http://[::1]:80/", "https://169.254.example/", "http://db"]
        {
            check_url(good).unwrap();
        }
    }

    #[test]
    fn the_origin_is_all_that_the_audit_log_keeps_of_a_url() {
        for (url, kept) in [
            ("https://a.example/T0/s3cret?key=1", "https://a.example"),
            ("http://[::1]:8080?s3cret", "http://[::1]:8080"),
            ("https://a.example\\s3cret", "https://a.example"),
            ("https://a.example#s3cret", "https://a.example"),
        ] {
            assert_eq!(origin(url), kept);
        }
    }

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let now = Timestamp::UNIX_EPOCH;
        let mut standing = Standing {
            version: 1,
            created_at: now,
            told: Epoch::new(1),
            failures: 0,
            next_attempt_at: now,
            attempts: Vec::new(),
        };
        let failed = Attempt { at: now, epoch: Epoch::new(2), status: Some(500), failure: None };
        let mut waits = Vec::new();
        for _ in 0..30 {
            let (least, most) =
                (standing.after(failed.clone(), 0), standing.after(failed.clone(), 255));
            waits.push((least.next_attempt_at.as_second(), most.next_attempt_at.as_second()));
            standing = least;
        }
        assert_eq!(waits[..3], [(3, 6), (7, 12), (15, 25)]);
        assert_eq!(waits[29], (2_700, 4_500));
        assert_eq!((standing.attempts.len(), standing.failures, standing.version), (20, 30, 31));
        let taken = Attempt { status: Some(204), ..failed };
        let told = standing.after(taken, 7);
        assert_eq!((told.told, told.failures), (Epoch::new(2), 0));
    }
}
