//! Rings and keys as rows: what of them is stored, and what the seals over them cover.

use jiff::Timestamp;
use keytide_jose::digest::sha256;
use keytide_ring::{Epoch, Error, Key, Ring, RingName, RingSummary, Span, State, StoreError};

use crate::error::tampered;
use crate::fields::Fields;
use crate::kek::{Keys, Tag};
use crate::seal::{self, Label};

/// A ring's row, sealed as a whole: whoever reads one row can trust that row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RingRow {
    pub(crate) name: String,
    pub(crate) epoch: i64,
    pub(crate) revision: i64,
    pub(crate) created_at: i64,
    pub(crate) life: Life,
    pub(crate) mac: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Live(Live),
    Destroyed { at: i64 },
}

/// What only a live ring has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    pub(crate) next_due: i64,
    pub(crate) algorithm: String,
    pub(crate) active: String,
    /// As JSON.
    pub(crate) policy: String,
    /// As JSON.
    pub(crate) memory: String,
    /// See [`keys_digest`].
    pub(crate) keys_digest: Vec<u8>,
    /// Over what is known of instances.
    pub(crate) instances_digest: Vec<u8>,
}

impl RingRow {
    /// The row of a ring whose keys and instances have these digests, sealed.
    pub(crate) fn of(
        ring: &Ring,
        next_due: Timestamp,
        revision: i64,
        (keys_digest, instances_digest): (Tag, Tag),
        keys: &Keys,
    ) -> Result<Self, Error> {
        let unwritable = |what, error| inconsistent(ring.name(), format!("its {what}: {error}"));
        let life = Life::Live(Live {
            next_due: millis(next_due),
            algorithm: ring.policy().algorithm().to_string(),
            active: ring.active().kid.to_string(),
            policy: serde_json::to_string(ring.policy())
                .map_err(|error| unwritable("policy", error))?,
            memory: serde_json::to_string(ring.memory())
                .map_err(|error| unwritable("memory", error))?,
            keys_digest: keys_digest.to_vec(),
            instances_digest: instances_digest.to_vec(),
        });
        let row = Self {
            name: ring.name().to_string(),
            epoch: number(ring.epoch().get()),
            revision,
            created_at: millis(ring.created_at()),
            life,
            mac: Vec::new(),
        };
        Ok(row.sealed(keys))
    }

    /// The tombstone of a ring, sealed.
    pub(crate) fn tombstone(&self, revision: i64, at: Timestamp, keys: &Keys) -> Self {
        let row = Self {
            epoch: self.epoch.saturating_add(1),
            revision,
            life: Life::Destroyed { at: millis(at) },
            mac: Vec::new(),
            ..self.clone()
        };
        row.sealed(keys)
    }

    /// The same at a higher epoch, sealed.
    pub(crate) fn raised(&self, by: i64, revision: i64, keys: &Keys) -> Self {
        let epoch = self.epoch.saturating_add(by);
        Self { epoch, revision, mac: Vec::new(), ..self.clone() }.sealed(keys)
    }

    /// The same row with something of it changed that raises no epoch, sealed.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Live), keys: &Keys) -> Self {
        let mut row = Self { mac: Vec::new(), ..self.clone() };
        if let Life::Live(live) = &mut row.life {
            change(live);
        }
        row.sealed(keys)
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch::new(u64::try_from(self.epoch).unwrap_or(0))
    }

    pub(crate) fn live(&self) -> Option<&Live> {
        match &self.life {
            Life::Live(live) => Some(live),
            Life::Destroyed { .. } => None,
        }
    }

    /// # Errors
    /// `store_tampered` unless the row is as it was sealed.
    pub(crate) fn check(&self, keys: &Keys) -> Result<(), StoreError> {
        if keys.ring.fits(&self.fields(), &self.mac) {
            return Ok(());
        }
        Err(tampered(
            format!("the metadata of ring `{}`", shown(&self.name)),
            "its policy, epoch, times or name do not fit the seal over them",
        ))
    }

    /// The ring in a list. Call it on a row that was checked.
    pub(crate) fn summary(&self) -> Result<Option<RingSummary>, Error> {
        let name: RingName = self.name.parse()?;
        let Some(live) = self.live() else { return Ok(None) };
        Ok(Some(RingSummary {
            epoch: self.epoch(),
            algorithm: live.algorithm.parse()?,
            active: live.active.parse()?,
            next_due: instant(&name, live.next_due)?,
            name,
        }))
    }

    /// The ring whole. Call it on rows that were checked.
    pub(crate) fn assemble(&self, kept: &[KeptKey]) -> Result<Ring, Error> {
        let name: RingName = self.name.parse()?;
        let live = self.live().ok_or_else(|| Error::RingNotFound { ring: name.clone() })?;
        let policy = serde_json::from_str(&live.policy)
            .map_err(|error| inconsistent(&name, format!("its policy: {error}")))?;
        let memory = serde_json::from_str(&live.memory)
            .map_err(|error| inconsistent(&name, format!("its memory: {error}")))?;
        let keys = kept.iter().map(|kept| kept.row.key(&name)).collect::<Result<_, _>>()?;
        let created_at = instant(&name, self.created_at)?;
        Ring::assemble(name, self.epoch(), created_at, policy, memory, keys)
    }

    fn sealed(mut self, keys: &Keys) -> Self {
        self.mac = keys.ring.tag(&self.fields()).to_vec();
        self
    }

    fn fields(&self) -> Fields {
        let Self { name, epoch, revision, created_at, life, mac: _ } = self;
        let fields =
            Fields::of("ring 1").text(name).number(*epoch).number(*revision).number(*created_at);
        match life {
            Life::Destroyed { at } => fields.text("destroyed").number(*at),
            Life::Live(Live {
                next_due,
                algorithm,
                active,
                policy,
                memory,
                keys_digest,
                instances_digest,
            }) => fields
                .text("live")
                .number(*next_due)
                .text(algorithm)
                .text(active)
                .text(policy)
                .text(memory)
                .bytes(keys_digest)
                .bytes(instances_digest),
        }
    }
}

/// A key's row: everything but its secret, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRow {
    pub(crate) kid: String,
    pub(crate) ring: String,
    pub(crate) algorithm: String,
    pub(crate) born: i64,
    pub(crate) published_in: i64,
    pub(crate) since: i64,
    pub(crate) published_at: i64,
    pub(crate) longest_ttl: i64,
    /// As JSON.
    pub(crate) public: Option<String>,
    pub(crate) state: String,
    pub(crate) times: Times,
    pub(crate) mac: Vec<u8>,
}

/// The instants of all states, as columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) activated_at: Option<i64>,
    pub(crate) deactivated_at: Option<i64>,
    pub(crate) removed_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) exposed_until: Option<i64>,
    pub(crate) destroyed_at: Option<i64>,
}

impl KeyRow {
    /// The row of a ring's key, sealed.
    pub(crate) fn of(ring: &RingName, key: &Key, keys: &Keys) -> Result<Self, Error> {
        let Key {
            kid,
            algorithm,
            born,
            published_in,
            since,
            published_at,
            longest_ttl,
            public,
            state,
        } = key;
        let public = public
            .as_ref()
            .map(serde_json::to_string)
            .transpose()
            .map_err(|error| inconsistent(ring, format!("the public key `{kid}`: {error}")))?;
        let mut row = Self {
            kid: kid.to_string(),
            ring: ring.to_string(),
            algorithm: algorithm.to_string(),
            born: number(born.get()),
            published_in: number(published_in.get()),
            since: number(since.get()),
            published_at: millis(*published_at),
            longest_ttl: number(longest_ttl.as_millis()),
            public,
            state: state.name().to_owned(),
            times: Times::of(state),
            mac: Vec::new(),
        };
        row.mac = keys.key.tag(&row.fields()).to_vec();
        Ok(row)
    }

    fn check(&self, keys: &Keys) -> Result<(), StoreError> {
        if keys.key.fits(&self.fields(), &self.mac) {
            return Ok(());
        }
        Err(tampered(
            format!("key `{}` of ring `{}`", shown(&self.kid), shown(&self.ring)),
            format!(
                "its row says `{}`, and that or its times, algorithm, public key or name do not \
                 fit the seal over them",
                shown(&self.state)
            ),
        ))
    }

    fn label(&self) -> Label<'_> {
        Label { ring: &self.ring, kid: &self.kid, born: self.born }
    }

    fn key(&self, ring: &RingName) -> Result<Key, Error> {
        let epoch = |number: i64| Epoch::new(u64::try_from(number).unwrap_or(0));
        let wrong = |why: String| inconsistent(ring, format!("key `{}`: {why}", self.kid));
        let public = self
            .public
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(|error| wrong(format!("its public half: {error}")))?;
        Ok(Key {
            kid: self.kid.parse()?,
            algorithm: self.algorithm.parse()?,
            born: epoch(self.born),
            published_in: epoch(self.published_in),
            since: epoch(self.since),
            published_at: instant(ring, self.published_at)?,
            longest_ttl: Span::from_millis(u64::try_from(self.longest_ttl).unwrap_or(0)),
            public,
            state: self.times.state(&self.state, ring)?,
        })
    }

    fn fields(&self) -> Fields {
        let Self {
            kid,
            ring,
            algorithm,
            born,
            published_in,
            since,
            published_at,
            longest_ttl,
            public,
            state,
            times,
            mac: _,
        } = self;
        let Times {
            activated_at,
            deactivated_at,
            removed_at,
            revoked_at,
            exposed_until,
            destroyed_at,
        } = times;
        Fields::of("key 1")
            .text(ring)
            .text(kid)
            .text(algorithm)
            .number(*born)
            .number(*published_in)
            .number(*since)
            .number(*published_at)
            .number(*longest_ttl)
            .maybe_text(public.as_deref())
            .text(state)
            .maybe_number(*activated_at)
            .maybe_number(*deactivated_at)
            .maybe_number(*removed_at)
            .maybe_number(*revoked_at)
            .maybe_number(*exposed_until)
            .maybe_number(*destroyed_at)
    }
}

impl Times {
    fn of(state: &State) -> Self {
        let mut times = Self {
            activated_at: state.activated_at().map(millis),
            deactivated_at: state.deactivated_at().map(millis),
            destroyed_at: state.destroyed_at().map(millis),
            ..Self::default()
        };
        match state {
            State::Published | State::Active { .. } | State::Retiring { .. } => {}
            State::Retired { removed_at, .. } | State::Destroyed { removed_at, .. } => {
                times.removed_at = Some(millis(*removed_at));
            }
            State::Revoked { revoked_at, exposed_until, .. } => {
                times.revoked_at = Some(millis(*revoked_at));
                times.exposed_until = Some(millis(*exposed_until));
            }
        }
        times
    }

    fn state(&self, name: &str, ring: &RingName) -> Result<State, Error> {
        let at = |time: Option<i64>| match time {
            Some(time) => instant(ring, time),
            None => Err(inconsistent(ring, format!("a {name} key lacks one of its times"))),
        };
        let perhaps = |time: Option<i64>| time.map(|time| instant(ring, time)).transpose();
        let Self {
            activated_at,
            deactivated_at,
            removed_at,
            revoked_at,
            exposed_until,
            destroyed_at,
        } = *self;
        Ok(match name {
            "published" => State::Published,
            "active" => State::Active { activated_at: at(activated_at)? },
            "retiring" => State::Retiring {
                activated_at: at(activated_at)?,
                deactivated_at: at(deactivated_at)?,
            },
            "retired" => State::Retired {
                activated_at: at(activated_at)?,
                deactivated_at: at(deactivated_at)?,
                removed_at: at(removed_at)?,
            },
            "destroyed" => State::Destroyed {
                removed_at: at(removed_at)?,
                destroyed_at: at(destroyed_at)?,
                activated_at: perhaps(activated_at)?,
                deactivated_at: perhaps(deactivated_at)?,
            },
            "revoked" => State::Revoked {
                revoked_at: at(revoked_at)?,
                exposed_until: at(exposed_until)?,
                activated_at: perhaps(activated_at)?,
                deactivated_at: perhaps(deactivated_at)?,
                destroyed_at: perhaps(destroyed_at)?,
            },
            other => return Err(inconsistent(ring, format!("there is no state `{other}`"))),
        })
    }
}

/// A key's row, and its secret if it still has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptKey {
    pub(crate) row: KeyRow,
    pub(crate) secret: Option<SecretRow>,
}

/// A sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretRow {
    pub(crate) sealed: Vec<u8>,
    pub(crate) blind: Vec<u8>,
}

impl KeptKey {
    /// Opens the secret.
    ///
    /// # Errors
    /// `store_tampered` when it is not what was sealed for this key.
    pub(crate) fn open(&self, keys: &Keys) -> Result<Option<keytide_jose::Secret>, StoreError> {
        let Some(secret) = &self.secret else { return Ok(None) };
        let environment = self.row.ring.split('.').nth(1).unwrap_or_default();
        match seal::open(&keys.kek(environment), self.row.label(), &secret.sealed) {
            Some(secret) => Ok(Some(secret)),
            None => Err(tampered(
                format!(
                    "the sealed secret of key `{}` in ring `{}`",
                    shown(&self.row.kid),
                    shown(&self.row.ring)
                ),
                "it is not what was sealed for this key: its bytes were changed, or it belongs \
                 to another key",
            )),
        }
    }
}

/// One digest over all keys of a ring and their sealed secrets, in the order of their kids.
pub(crate) fn keys_digest(kept: &[KeptKey]) -> Tag {
    let mut fields = Fields::of("keys 1");
    for KeptKey { row, secret } in kept {
        let sealed = secret.as_ref().map(|secret| sha256(&secret.sealed));
        fields = fields
            .text(&row.kid)
            .bytes(&row.mac)
            .maybe_bytes(sealed.as_ref().map(|digest| digest.as_ref()))
            .maybe_bytes(secret.as_ref().map(|secret| &secret.blind[..]));
    }
    sha256(fields.as_bytes())
}

/// Checks the keys of a ring against its row, which was checked before.
///
/// # Errors
/// `store_tampered`, naming the key where one is at fault.
pub(crate) fn check_keys(row: &RingRow, kept: &[KeptKey], keys: &Keys) -> Result<(), StoreError> {
    for key in kept {
        key.row.check(keys)?;
    }
    let sealed = row.live().map_or(&[][..], |live| &live.keys_digest);
    if keys_digest(kept) == sealed {
        return Ok(());
    }
    // Each row is sound by itself. A secret that does not open is the one at fault.
    for key in kept {
        key.open(keys)?;
    }
    Err(tampered(
        format!("the keys of ring `{}`", shown(&row.name)),
        "a key or its secret was added, removed, or put back in an older form",
    ))
}

/// Milliseconds since the epoch: all that is kept of an instant.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A count as SQLite keeps one.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Text of the database in a message, where it may be anything.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

fn instant(ring: &RingName, millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millis)
        .map_err(|error| inconsistent(ring, format!("{millis} ms is no instant: {error}")))
}

pub(crate) fn inconsistent(ring: &RingName, why: String) -> Error {
    Error::RingInconsistent { ring: ring.clone(), why }
}
