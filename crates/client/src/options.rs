//! The options of a ring whose keys are fetched, with their defaults and bounds.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Algorithm;

use crate::Error;
use crate::clock::{Chance, Clock, SystemChance, SystemClock};

/// How a key set is fetched, and for how long it is used.
///
/// ```
/// use std::time::Duration;
/// use keytide_client::{Options, Ring};
///
/// let mut options = Options::default();
/// options.timeout = Duration::from_secs(3);
/// let ring = Ring::from_jwks("https://id.example/.well-known/jwks.json", options)?;
/// // Nothing was fetched yet: the first token does that.
/// assert_eq!(ring.status().age, None);
/// # Ok::<(), keytide_client::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// For a whole request, from the look-up of the name to the last byte. Default 10 s.
    pub timeout: Duration,
    /// For the connection alone. Default 5 s.
    pub connect_timeout: Duration,
    /// The longest answer that is read. Default 512 KiB.
    pub max_bytes: usize,
    /// Whether keys may come over plain HTTP from another machine, where whoever is on the way could
    /// forge tokens. Loopback is always allowed. Default no.
    pub allow_plain_http: bool,
    /// The algorithms that keys of a public set may serve. Default: every asymmetric one.
    pub algorithms: Vec<Algorithm>,
    /// For how long a public set is used whose answer has no `max-age`. Default 5 min.
    pub default_ttl: Duration,
    /// The shortest time for which a set is used, whatever its `max-age`. Default 1 s.
    pub min_ttl: Duration,
    /// The longest time for which a set is used, whatever its `max-age`. Default 1 h.
    pub max_ttl: Duration,
    /// For how long a set that cannot be fetched again is used beyond its time. Default 1 h; 24 h for
    /// a connected ring.
    pub stale_for: Duration,
    /// Between two fetches that only an unknown `kid` caused. Default 30 s.
    pub cooldown: Duration,
    /// For how long a `kid` that a fetch did not bring is not asked for again. Default 60 s.
    pub unknown_kid_ttl: Duration,
    /// After a first failure, until the next attempt; it doubles with each. Default 1 s.
    pub retry_first: Duration,
    /// The longest time between two attempts. Default 60 s.
    pub retry_longest: Duration,
    /// Whether the constructor fetches the set, and fails if it cannot. Default no: the first use does.
    pub fetch_at_start: bool,
    /// Whether a thread keeps the set fresh ahead of its end. Without, whoever uses a set that has
    /// ended fetches it, and waits. Default yes.
    pub background: bool,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Spreads the fetches of many processes.
    pub chance: Arc<dyn Chance>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            max_bytes: 512 * 1024,
            allow_plain_http: false,
            algorithms: asymmetric(),
            default_ttl: Duration::from_secs(300),
            min_ttl: Duration::from_secs(1),
            max_ttl: HOUR,
            stale_for: HOUR,
            cooldown: Duration::from_secs(30),
            unknown_kid_ttl: Duration::from_secs(60),
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(60),
            fetch_at_start: false,
            background: true,
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
        }
    }
}

impl Options {
    /// What no caller can have meant.
    ///
    /// # Errors
    /// `bad_option`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let bad = |name, why: &str| Err(Error::BadOption { name, why: why.to_owned() });
        for (name, value) in [
            ("timeout", self.timeout),
            ("connect_timeout", self.connect_timeout),
            ("default_ttl", self.default_ttl),
            ("min_ttl", self.min_ttl),
            ("retry_first", self.retry_first),
        ] {
            if value.is_zero() {
                return bad(name, "must be more than nothing");
            }
        }
        for (name, value) in [("timeout", self.timeout), ("connect_timeout", self.connect_timeout)]
        {
            if value > HOUR {
                return bad(name, "must be at most an hour");
            }
        }
        if self.max_bytes == 0 || self.max_bytes > LARGEST_ANSWER {
            return bad("max_bytes", "must be from 1 to 16777216");
        }
        if self.max_ttl < self.min_ttl {
            return bad("max_ttl", "must be at least min_ttl");
        }
        if self.algorithms.is_empty() {
            return bad("algorithms", "must name at least one");
        }
        if let Some(alg) = self.algorithms.iter().find(|alg| alg.is_symmetric()) {
            let why = format!("must not hold {alg}: a public set has no secrets");
            return Err(Error::BadOption { name: "algorithms", why });
        }
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("max_bytes", &self.max_bytes)
            .field("allow_plain_http", &self.allow_plain_http)
            .field("algorithms", &self.algorithms)
            .field("default_ttl", &self.default_ttl)
            .field("min_ttl", &self.min_ttl)
            .field("max_ttl", &self.max_ttl)
            .field("stale_for", &self.stale_for)
            .field("cooldown", &self.cooldown)
            .field("unknown_kid_ttl", &self.unknown_kid_ttl)
            .field("retry_first", &self.retry_first)
            .field("retry_longest", &self.retry_longest)
            .field("fetch_at_start", &self.fetch_at_start)
            .field("background", &self.background)
            .finish_non_exhaustive()
    }
}

/// How a ring of a Keytide server is worked with.
///
/// The server tells which consumers and instances hold a ring's keys, and a symmetric ring switches to
/// its next key when every instance said that it has loaded it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// The consumer that the ring's policy knows this service as. Default `client`.
    pub consumer: String,
    /// The host or pod; the instance is named after it, the process's number and chance. Default
    /// `host`.
    pub host: String,
    /// The instance's name, where it must be a given one. A forked process appends its number.
    pub instance: Option<String>,
    /// For how long the server holds a request while nothing changes. Default 30 s.
    pub wait: Duration,
    /// Everything else. `algorithms` and the `ttl`s are of no meaning here: the ring's own hold.
    pub options: Options,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            consumer: "client".into(),
            host: "host".into(),
            instance: None,
            wait: Duration::from_secs(30),
            options: Options { stale_for: 24 * HOUR, ..Options::default() },
        }
    }
}

impl ConnectOptions {
    /// # Errors
    /// `bad_option`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.options.check()?;
        let names = [
            ("consumer", Some(&self.consumer)),
            ("host", Some(&self.host)),
            ("instance", self.instance.as_ref()),
        ];
        for (name, value) in names {
            let bad = |text: &String| {
                text.is_empty() || text.len() > LONGEST_NAME || text.chars().any(char::is_control)
            };
            if value.is_some_and(bad) {
                let why = format!("must have 1 to {LONGEST_NAME} printable bytes");
                return Err(Error::BadOption { name, why });
            }
        }
        if self.wait < Duration::from_secs(1) || self.wait > Duration::from_secs(60) {
            let why = "must be from 1 s to 60 s".to_owned();
            return Err(Error::BadOption { name: "wait", why });
        }
        Ok(())
    }
}

const HOUR: Duration = Duration::from_secs(3_600);
const LARGEST_ANSWER: usize = 16 << 20;
/// A server takes 128 bytes; the rest is for a process's number and chance.
const LONGEST_NAME: usize = 96;

fn asymmetric() -> Vec<Algorithm> {
    Algorithm::ALL.iter().copied().filter(|alg| !alg.is_symmetric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(adjust: impl FnOnce(&mut ConnectOptions)) -> &'static str {
        let mut options = ConnectOptions::default();
        adjust(&mut options);
        match options.check() {
            Err(Error::BadOption { name, .. }) => name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_that_cannot_be_are_refused_by_name() {
        ConnectOptions::default().check().unwrap();
        assert_eq!(refused(|o| o.options.timeout = Duration::ZERO), "timeout");
        assert_eq!(refused(|o| o.options.connect_timeout = 2 * HOUR), "connect_timeout");
        assert_eq!(refused(|o| o.options.max_bytes = 0), "max_bytes");
        assert_eq!(refused(|o| o.options.max_ttl = Duration::ZERO), "max_ttl");
        assert_eq!(refused(|o| o.options.algorithms.clear()), "algorithms");
        assert_eq!(refused(|o| o.options.algorithms.push(Algorithm::HS256)), "algorithms");
        assert_eq!(refused(|o| o.consumer.clear()), "consumer");
        assert_eq!(refused(|o| o.host = "a\nb".into()), "host");
        assert_eq!(refused(|o| o.instance = Some("i".repeat(97))), "instance");
        assert_eq!(refused(|o| o.wait = Duration::from_secs(61)), "wait");
    }
}
