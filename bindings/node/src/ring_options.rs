//! The options of a ring, and how it stands, in the words of JavaScript.

use keytide_client::{ConnectOptions, EnvNames, Error, Options, Status};
use keytide_jose::Algorithm;
use napi_derive::napi;

use crate::policy::millis;
use crate::refusal::Refusal;

/// The names of the environment variables that keys are read from.
#[napi(object)]
pub struct EnvOptions {
    /// Of the JWK Set.
    pub keys: Option<String>,
    /// Of the secret that signs.
    pub secret: Option<String>,
    /// Of the secret that will.
    pub secret_next: Option<String>,
    /// Of the secret that did.
    pub secret_previous: Option<String>,
    /// The algorithm of the secrets.
    pub algorithm: Option<String>,
}

impl EnvOptions {
    pub(crate) fn names(self) -> Result<EnvNames, Error> {
        let mut names = EnvNames::default();
        let given = [
            (&mut names.keys, self.keys),
            (&mut names.secret, self.secret),
            (&mut names.secret_next, self.secret_next),
            (&mut names.secret_previous, self.secret_previous),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                *name = value;
            }
        }
        if let Some(alg) = self.algorithm {
            names.algorithm = algorithm(alg)?;
        }
        Ok(names)
    }
}

/// How keys are fetched; spans are in milliseconds.
#[napi(object)]
pub struct RingOptions {
    /// For a whole request.
    pub timeout: Option<f64>,
    /// For the connection alone.
    pub connect_timeout: Option<f64>,
    /// The longest answer that is read.
    pub max_bytes: Option<u32>,
    /// Whether keys may come over plain HTTP from another machine.
    pub allow_plain_http: Option<bool>,
    /// What keys of a public set may serve.
    pub algorithms: Option<Vec<String>>,
    /// For how long a set without `max-age` is used.
    pub default_ttl: Option<f64>,
    /// The shortest time for which a set is used.
    pub min_ttl: Option<f64>,
    /// The longest time for which a set is used.
    pub max_ttl: Option<f64>,
    /// For how long a set is used beyond its time.
    pub stale_for: Option<f64>,
    /// Between two fetches that only an unknown `kid` caused.
    pub cooldown: Option<f64>,
    /// For how long an unknown `kid` is not asked for again.
    pub unknown_kid_ttl: Option<f64>,
    /// Whether a thread keeps the set fresh.
    pub background: Option<bool>,
    /// The consumer that the ring's policy knows this service as.
    pub consumer: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// The instance's name.
    pub instance: Option<String>,
    /// For how long the server holds a request.
    pub wait: Option<f64>,
}

impl RingOptions {
    pub(crate) fn options(self) -> Result<Options, Error> {
        self.over(Options::default())
    }

    pub(crate) fn connect_options(mut self) -> Result<ConnectOptions, Error> {
        let mut connect = ConnectOptions::default();
        if let Some(consumer) = self.consumer.take() {
            connect.consumer = consumer;
        }
        if let Some(host) = self.host.take() {
            connect.host = host;
        }
        connect.instance = self.instance.take();
        if let Some(wait) = self.wait {
            connect.wait = millis(wait);
        }
        connect.options = self.over(connect.options)?;
        Ok(connect)
    }

    fn over(self, mut options: Options) -> Result<Options, Error> {
        let spans = [
            (&mut options.timeout, self.timeout),
            (&mut options.connect_timeout, self.connect_timeout),
            (&mut options.default_ttl, self.default_ttl),
            (&mut options.min_ttl, self.min_ttl),
            (&mut options.max_ttl, self.max_ttl),
            (&mut options.stale_for, self.stale_for),
            (&mut options.cooldown, self.cooldown),
            (&mut options.unknown_kid_ttl, self.unknown_kid_ttl),
        ];
        for (span, value) in spans {
            if let Some(value) = value {
                *span = millis(value);
            }
        }
        if let Some(bytes) = self.max_bytes {
            options.max_bytes = bytes as usize;
        }
        if let Some(allow) = self.allow_plain_http {
            options.allow_plain_http = allow;
        }
        if let Some(background) = self.background {
            options.background = background;
        }
        if let Some(names) = self.algorithms {
            options.algorithms = names.into_iter().map(algorithm).collect::<Result<_, _>>()?;
        }
        Ok(options)
    }
}

fn algorithm(name: String) -> Result<Algorithm, Error> {
    name.parse().map_err(|_| keytide_jose::Error::AlgNotAllowed { alg: name }.into())
}

/// How a ring stands.
#[napi(object)]
pub struct RingStatus {
    /// Where the keys come from.
    pub source: String,
    /// The ring's epoch.
    pub epoch: Option<f64>,
    /// How many keys verify.
    pub keys: u32,
    /// Milliseconds since the keys were last known to be these.
    pub age: Option<f64>,
    /// Whether they are used beyond their time.
    pub stale: bool,
    /// The last failure.
    pub last_error: Option<Refusal>,
    /// Milliseconds since then.
    pub last_error_age: Option<f64>,
    /// Keys of the set that are not used.
    pub skipped: Vec<SkippedKey>,
    /// How many fetches were begun.
    pub fetches: f64,
}

/// A key of a set that is not used.
#[napi(object)]
pub struct SkippedKey {
    /// Its place in the set.
    pub index: u32,
    /// Its `kid`.
    pub kid: Option<String>,
    /// Why.
    pub why: Refusal,
}

impl RingStatus {
    pub(crate) fn of(status: Status) -> Self {
        let skipped = status.skipped.into_iter().map(|skipped| SkippedKey {
            index: u32::try_from(skipped.index).unwrap_or(u32::MAX),
            kid: skipped.kid,
            why: skipped.why.into(),
        });
        Self {
            source: status.source,
            epoch: status.epoch.map(|epoch| epoch as f64),
            keys: u32::try_from(status.keys).unwrap_or(u32::MAX),
            age: status.age.map(|age| age.as_secs_f64() * 1000.0),
            stale: status.stale,
            last_error: status.last_error.map(Refusal::from),
            last_error_age: status.last_error_age.map(|age| age.as_secs_f64() * 1000.0),
            skipped: skipped.collect(),
            fetches: status.fetches as f64,
        }
    }
}
