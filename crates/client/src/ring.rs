//! The ring as a program holds it: keys to verify and sign with, wherever they come from.

use core::fmt;
use std::mem;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Secret};

use crate::clock::Moment;
use crate::connected::Connected;
use crate::environment::{self, EnvNames};
use crate::published::Published;
use crate::signer::{RemoteSigner, Signer};
use crate::snapshot::{Snapshot, VerifyingKeys};
use crate::source::Source;
use crate::status::Status;
use crate::upkeep::{Look, Reason, Upkeep};
use crate::{ConnectOptions, Error, Options, worker};

/// Keys that belong together and change together. Cheap to clone; safe to share between threads, and
/// to use in a process that was forked.
///
/// ```
/// use keytide_client::{EnvNames, Ring};
/// use keytide_jose::Algorithm;
///
/// let env = |name: &str| (name == "JWT_SECRET").then(|| "a-secret-that-is-32-bytes-or-more".to_owned());
/// let ring = Ring::from_env(&env, &EnvNames::default())?;
/// let token = ring.signer()?.sign(&serde_json::json!({"sub": "alice"}))?;
/// assert_eq!(ring.find(None, Algorithm::HS256)?.as_slice().len(), 1);
/// # Ok::<(), keytide_client::Error>(())
/// ```
#[derive(Clone)]
pub struct Ring(Arc<Inner>);

enum Inner {
    /// Keys that do not change.
    Fixed { snapshot: Arc<Snapshot>, source: String },
    /// Keys that are fetched.
    Kept(Kept),
}

impl Ring {
    /// Keys that were there already. `signing` signs, and verifies too.
    #[must_use]
    pub fn from_keys(
        verifying: impl IntoIterator<Item = VerifyingKey>,
        signing: Option<SigningKey>,
    ) -> Self {
        let mut keys: Vec<VerifyingKey> = verifying.into_iter().collect();
        let active = signing.as_ref().map(|key| (key.key_id().cloned(), key.algorithm()));
        if let Some(key) = &signing
            && !keys.iter().any(|known| known.key_id().is_some() && known.key_id() == key.key_id())
        {
            keys.push(key.verifying_key());
        }
        let snapshot = Snapshot::new(keys, Algorithm::ALL);
        let snapshot = Snapshot { active, signing: signing.map(Arc::new), ..snapshot };
        Self::fixed(snapshot, "the given keys")
    }

    /// Keys from environment variables, as `keytide run` sets them: `JWT_KEYS`, a JWK Set, or
    /// `JWT_SECRET` with `_NEXT` and `_PREVIOUS`. `env` reads one variable.
    ///
    /// # Errors
    /// `env_missing`; `env_unusable`, which names the variable and never its value.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>, names: &EnvNames) -> Result<Self, Error> {
        Ok(Self::fixed(environment::read(env, names)?, "the environment"))
    }

    /// The public key set at a URL (RFC 7517 §5). It verifies and does not sign.
    ///
    /// Nothing is fetched before the first use, unless the options ask for it.
    ///
    /// # Errors
    /// `bad_url`, `insecure_url`, `bad_option`; with `fetch_at_start` whatever [`Ring::refresh`] has.
    pub fn from_jwks(url: &str, options: Options) -> Result<Self, Error> {
        let source = Published::new(url, &options)?;
        Self::kept(Box::new(source), options)
    }

    /// A ring on a Keytide server: `https://keys.example:7430/rings/NAME`. A symmetric ring signs here;
    /// of any other, its server does.
    ///
    /// The token needs the permission `read-keys`, and `sign` where the server signs. The server holds
    /// a request until the ring changes, so that a revoked key is gone at once; each new set is
    /// acknowledged when it is in use. While the server is away, or refuses the token, the keys stay in
    /// use for `stale_for`; those of a ring that was destroyed do not.
    ///
    /// # Errors
    /// `bad_url`, `insecure_url`, `bad_option`; with `fetch_at_start` whatever [`Ring::refresh`] has.
    pub fn connect(url: &str, token: Secret, options: ConnectOptions) -> Result<Self, Error> {
        let source = Connected::new(url, token, &options)?;
        Self::kept(Box::new(source), options.options)
    }

    /// The keys as they are now. The first use fetches them and waits; later ones take no lock.
    ///
    /// # Errors
    /// Why there are no keys that may be used: whatever [`Ring::refresh`] has, or `stale`.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        match &*self.0 {
            Inner::Fixed { snapshot, .. } => Ok(Arc::clone(snapshot)),
            Inner::Kept(kept) => kept.snapshot(),
        }
    }

    /// The keys that a token with this `kid` and algorithm may try. For an unknown `kid` the set may be
    /// fetched once more, at most once in a cooldown.
    ///
    /// # Errors
    /// As [`Ring::snapshot`]; as [`keytide_jose::key::KeySet::find`].
    pub fn find(&self, kid: Option<&str>, alg: Algorithm) -> Result<VerifyingKeys, Error> {
        let snapshot = self.snapshot()?;
        match (snapshot.find(kid, alg), kid) {
            (Err(keytide_jose::Error::UnknownKid { .. }), Some(kid)) => {
                self.seek(kid, snapshot.identity());
                Ok(self.snapshot()?.find(Some(kid), alg)?)
            }
            (found, _) => Ok(found?),
        }
    }

    /// As [`Ring::find`], without ever waiting for the network: for hosts that must not block. `None`
    /// says that a fetch is needed: call [`Ring::find`] where waiting is allowed.
    ///
    /// # Errors
    /// As [`Ring::find`].
    #[must_use]
    pub fn find_cached(
        &self,
        kid: Option<&str>,
        alg: Algorithm,
    ) -> Option<Result<VerifyingKeys, Error>> {
        let snapshot = match self.snapshot_cached()? {
            Ok(snapshot) => snapshot,
            Err(error) => return Some(Err(error)),
        };
        let found = snapshot.find(kid, alg);
        if let (Err(keytide_jose::Error::UnknownKid { .. }), Inner::Kept(kept), Some(kid)) =
            (&found, &*self.0, kid)
            && kept.here().is_ok_and(|upkeep| upkeep.may_fetch_for(kid))
        {
            return None;
        }
        Some(found.map_err(Error::from))
    }

    /// As [`Ring::snapshot`], without ever waiting for the network. `None` says that a fetch is needed.
    ///
    /// # Errors
    /// As [`Ring::snapshot`].
    #[must_use]
    pub fn snapshot_cached(&self) -> Option<Result<Arc<Snapshot>, Error>> {
        match &*self.0 {
            Inner::Fixed { snapshot, .. } => Some(Ok(Arc::clone(snapshot))),
            Inner::Kept(kept) => kept.snapshot_cached(),
        }
    }

    /// Fetches the keys now, whatever is there. If a fetch is under way, its outcome is waited for.
    ///
    /// # Errors
    /// `fetch_failed`, `fetch_timed_out`, `too_large`, `set_refused`, `private_key_published`,
    /// `no_usable_key`, `bad_answer`, or a server's own code. The keys that are there stay in use.
    pub fn refresh(&self) -> Result<(), Error> {
        match &*self.0 {
            Inner::Fixed { .. } => Ok(()),
            Inner::Kept(kept) => {
                let upkeep = kept.here()?;
                worker::ensure(&upkeep);
                upkeep.fetch(Reason::Forced)
            }
        }
    }

    /// Has the set fetched for the sake of a `kid` that a snapshot does not have, if that may be.
    pub(crate) fn seek(&self, kid: &str, identity: u64) {
        if let Inner::Kept(kept) = &*self.0
            && let Ok(upkeep) = kept.here()
        {
            // Whether or not it succeeded, the set that is there says what is known.
            let _noted = upkeep.fetch(Reason::Unknown { kid, identity });
        }
    }

    /// What signs for the ring now. Ask again for each token: keys change.
    ///
    /// # Errors
    /// As [`Ring::snapshot`]; `verify_only`.
    pub fn signer(&self) -> Result<Signer, Error> {
        let snapshot = self.snapshot()?;
        match (snapshot.signing_key(), snapshot.signing_algorithm()) {
            (Some(key), _) => Ok(Signer::Local(Arc::clone(key))),
            (None, Some(alg)) => {
                Ok(Signer::Remote(RemoteSigner::new(self.clone(), Arc::clone(&snapshot), alg)))
            }
            (None, None) => Err(Error::VerifyOnly { source: self.describe() }),
        }
    }

    /// How the ring stands, for people and for monitoring. It asks nobody.
    #[must_use]
    pub fn status(&self) -> Status {
        match &*self.0 {
            Inner::Fixed { snapshot, source } => Status::fixed(source.clone(), snapshot),
            Inner::Kept(kept) => match kept.here() {
                Ok(upkeep) => Status::kept(&upkeep),
                Err(error) => Status::broken(error),
            },
        }
    }

    pub(crate) fn source(&self) -> Result<Arc<dyn Source>, Error> {
        match &*self.0 {
            Inner::Fixed { source, .. } => Err(Error::VerifyOnly { source: source.clone() }),
            Inner::Kept(kept) => Ok(Arc::clone(&kept.here()?.source)),
        }
    }

    /// The time now, since 1970-01-01T00:00:00Z, by the ring's clock.
    pub(crate) fn wall(&self) -> Duration {
        use crate::clock::{Clock as _, SystemClock};
        match &*self.0 {
            Inner::Fixed { .. } => SystemClock.wall(),
            Inner::Kept(kept) => kept.upkeep.load().options.clock.wall(),
        }
    }

    fn describe(&self) -> String {
        match &*self.0 {
            Inner::Fixed { source, .. } => source.clone(),
            Inner::Kept(kept) => kept.upkeep.load().source.describe(),
        }
    }

    fn fixed(snapshot: Snapshot, source: &str) -> Self {
        Self(Arc::new(Inner::Fixed { snapshot: Arc::new(snapshot), source: source.to_owned() }))
    }

    fn kept(source: Box<dyn Source>, options: Options) -> Result<Self, Error> {
        let at_start = options.fetch_at_start;
        let kept = Kept {
            upkeep: ArcSwap::from_pointee(Upkeep::new(source, options)),
            looked_at_pid: AtomicU64::new(0),
        };
        let ring = Self(Arc::new(Inner::Kept(kept)));
        if at_start {
            ring.refresh()?;
        }
        Ok(ring)
    }
}

impl fmt::Debug for Ring {
    /// Shows where the keys come from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ring").field(&self.describe()).finish()
    }
}

/// A set that is kept fresh, in whichever process it is used.
struct Kept {
    upkeep: ArcSwap<Upkeep>,
    /// When the process's number was last looked at, in milliseconds on the monotonic clock: it is a
    /// call to the system, and verifying a token may take less.
    looked_at_pid: AtomicU64,
}

impl Kept {
    fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        if let Some(snapshot) = self.fresh() {
            return Ok(snapshot);
        }
        let upkeep = self.here()?;
        worker::ensure(&upkeep);
        match upkeep.look() {
            Look::Ready(snapshot) => Ok(snapshot),
            Look::Failed(error) => Err(error),
            Look::Due => upkeep.after(upkeep.fetch(Reason::Due)),
        }
    }

    fn snapshot_cached(&self) -> Option<Result<Arc<Snapshot>, Error>> {
        if let Some(snapshot) = self.fresh() {
            return Some(Ok(snapshot));
        }
        let upkeep = match self.here() {
            Ok(upkeep) => upkeep,
            Err(error) => return Some(Err(error)),
        };
        match upkeep.look() {
            Look::Ready(snapshot) => Some(Ok(snapshot)),
            Look::Failed(error) => Some(Err(error)),
            Look::Due => None,
        }
    }

    fn fresh(&self) -> Option<Arc<Snapshot>> {
        /// A forked child goes by its parent's set for no longer.
        const LOOK_EVERY: u64 = 100;
        let upkeep = self.upkeep.load();
        let now = Moment::now(&*upkeep.options.clock);
        let millis = now.millis();
        if millis.saturating_sub(self.looked_at_pid.load(Ordering::Relaxed)) >= LOOK_EVERY {
            if upkeep.pid != process::id() {
                return None;
            }
            self.looked_at_pid.store(millis, Ordering::Relaxed);
        }
        upkeep.fresh(now)
    }

    /// The upkeep of this process. A fork leaves a child with its parent's, whose threads are gone and
    /// whose locks may be held for ever: the child makes its own, under another name.
    fn here(&self) -> Result<Arc<Upkeep>, Error> {
        let found = self.upkeep.load_full();
        if found.pid == process::id() {
            return Ok(found);
        }
        let own = Arc::new(found.in_new_process()?);
        let before = self.upkeep.compare_and_swap(&found, Arc::clone(&own));
        let won = Arc::ptr_eq(&before, &found);
        drop(before);
        // Dropping it could wait for what only the parent has.
        mem::forget(found);
        if !won {
            return Ok(self.upkeep.load_full());
        }
        if own.loaded().is_some() {
            worker::ensure(&own);
        }
        Ok(own)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let upkeep = self.upkeep.load_full();
        if upkeep.pid == process::id() {
            upkeep.stop();
        } else {
            mem::forget(upkeep);
        }
    }
}

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    fn key(alg: Algorithm) -> SigningKey {
        SigningKey::generate(alg, None, &mut SystemRng).unwrap()
    }

    #[test]
    fn given_keys_verify_and_the_one_that_signs_is_among_them() {
        let (old, new) = (key(Algorithm::ES256), key(Algorithm::EdDSA));
        let verifying = [old.verifying_key(), new.verifying_key()];
        let ring = Ring::from_keys(verifying, Some(new));
        assert_eq!(ring.status().keys, 2);
        let signer = ring.signer().unwrap();
        assert_eq!(signer.algorithm(), Algorithm::EdDSA);
        let kid = signer.key_id().unwrap().as_str();
        assert!(ring.find(Some(kid), Algorithm::EdDSA).is_ok());
        let unknown = ring.find_cached(Some("other"), Algorithm::EdDSA).unwrap().unwrap_err();
        assert_eq!(unknown.code(), "unknown_kid");
        assert!(ring.refresh().is_ok() && ring.clone().snapshot_cached().is_some());
    }

    #[test]
    fn a_ring_without_a_key_to_sign_with_says_so() {
        let ring = Ring::from_keys([key(Algorithm::ES256).verifying_key()], None);
        assert_eq!(ring.signer().unwrap_err().code(), "verify_only");
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        const SECRET: &str = "a-secret-of-the-tests-0123456789";
        let env = |name: &str| (name == "JWT_SECRET").then(|| SECRET.to_owned());
        let ring = Ring::from_env(&env, &EnvNames::default()).unwrap();
        let (snapshot, signer) = (ring.snapshot().unwrap(), ring.signer().unwrap());
        let found = ring.find(None, Algorithm::HS256).unwrap();
        let url = "https://keys.example/rings/a.test";
        let options = ConnectOptions::default();
        let other = Ring::connect(url, Secret::new(SECRET.into()), options.clone()).unwrap();
        let shown = format!(
            "{ring:?} {snapshot:?} {signer:?} {found:?} {:?} {other:?} {:?} {options:?}",
            ring.status(),
            other.status()
        );
        assert!(!shown.contains(SECRET), "{shown}");
    }

    #[test]
    fn a_ring_is_shared_between_threads() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Ring>();
        shared::<Signer>();
    }
}
