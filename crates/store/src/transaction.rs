//! One change to a store: rings, secrets, audit events and the head together, or nothing of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use keytide_jose::digest::sha256;
use keytide_jose::key::SigningKey;
use keytide_jose::{KeyId, Rng};
use keytide_ring::{AccessToken, Actor, Changes, CheckIn, Error, Event, Evidence, Ring, RingName};
use rusqlite::Connection;

use crate::access::{self, AccessRow};
use crate::anchor::Entry;
use crate::audit;
use crate::error::Fault;
use crate::fields::Fields;
use crate::head::Head;
use crate::hex;
use crate::instances;
use crate::kek::{Keys, Tag};
use crate::rings;
use crate::row::{self, KeptKey, KeyRow, RingRow, inconsistent};
use crate::seal::{self, Label};

/// A change under way, inside a transaction that holds the write lock.
pub(crate) struct Change<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) keys: &'a Keys,
    pub(crate) rng: &'a mut dyn Rng,
    /// As it will be written.
    pub(crate) head: Head,
    /// The store's time.
    pub(crate) now: Timestamp,
    /// Whether there is anything to commit.
    pub(crate) made: bool,
    /// Whether a secret was deleted.
    pub(crate) shredded: bool,
    /// What an older database must not undo.
    pub(crate) outside: Vec<Entry>,
}

impl<'a> Change<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        keys: &'a Keys,
        rng: &'a mut dyn Rng,
        head: Head,
        now: Timestamp,
    ) -> Self {
        Self { connection, keys, rng, head, now, made: false, shredded: false, outside: Vec::new() }
    }

    /// Keeps a ring as it was decided, over the row and the keys that stood there before.
    pub(crate) fn keep(
        &mut self,
        before: Option<&RingRow>,
        kept: &[KeptKey],
        changes: &Changes,
        fresh: &[&SigningKey],
    ) -> Result<(), Fault> {
        let after = After {
            ring: &changes.ring,
            next_due: changes.next_due,
            evidence: changes.evidence.as_ref(),
            shred: &changes.shred,
            fresh,
        };
        self.keep_ring(before, kept, &after)?;
        for event in &changes.events {
            match destroyed(event, kept) {
                // What was destroyed is named by its digest: whoever finds a copy in an old backup
                // can tell that it is this one.
                Some(sealed) => {
                    let digest = hex::encode(&sha256(sealed));
                    self.append(&event.clone().detail("sealed_sha256", digest))?;
                }
                None => self.append(event)?,
            }
        }
        Ok(())
    }

    /// Keeps a ring, what is known of its instances where that changed, and when it next needs a
    /// turn, over the row and the keys that stood there before.
    pub(crate) fn keep_ring(
        &mut self,
        before: Option<&RingRow>,
        kept: &[KeptKey],
        after: &After<'_>,
    ) -> Result<(), Fault> {
        let After { ring, next_due, evidence, shred, fresh } = *after;
        let name = ring.name();
        let fresh = fresh
            .iter()
            .map(|key| Fresh::of(name, key, self.keys))
            .collect::<Result<Vec<_>, _>>()?;
        for (at, key) in fresh.iter().enumerate() {
            if fresh[..at].iter().any(|other| other.blind == key.blind) {
                return Err(Error::SecretInUse { other: name.clone() }.into());
            }
            self.refuse_second_use(name, key)?;
        }

        let mut rows = BTreeMap::new();
        for key in ring.keys() {
            let row = KeyRow::of(name, key, self.keys)?;
            if rows.insert(key.kid.as_str(), row).is_some() {
                return Err(inconsistent(name, format!("it has two keys `{}`", key.kid)).into());
            }
        }
        for kid in shred {
            self.shredded |= rings::delete_secret(self.connection, kid.as_str())?;
        }
        // Deleted first, then written: the one that is active now may be where another was.
        for KeptKey { row, .. } in kept {
            match rows.get(row.kid.as_str()) {
                Some(same) if same == row => {
                    rows.remove(row.kid.as_str());
                }
                Some(_) => rings::delete_key(self.connection, &row.kid)?,
                None => {
                    self.shredded |= rings::delete_secret(self.connection, &row.kid)?;
                    rings::delete_key(self.connection, &row.kid)?;
                }
            }
        }
        for row in rows.values() {
            rings::put_key(self.connection, row)?;
            let was = kept.iter().find(|key| key.row.kid == row.kid);
            let (Some(revoked_at), Some(exposed_until)) =
                (row.times.revoked_at, row.times.exposed_until)
            else {
                continue;
            };
            if was.is_none_or(|was| was.row.times.revoked_at.is_none()) {
                let (ring, kid) = (row.ring.clone(), row.kid.clone());
                self.outside.push(Entry::Revoked { ring, kid, revoked_at, exposed_until });
            }
        }
        for key in &fresh {
            let Some(row) = rows.get(key.kid.as_str()) else {
                let why = format!("the new key `{}` is not in it", key.kid);
                return Err(inconsistent(name, why).into());
            };
            let label = Label { ring: name.as_str(), kid: &key.kid, born: row.born };
            let kek = self.keys.kek(name.environment());
            let sealed = seal::seal(&kek, label, &key.secret, self.rng)?;
            rings::put_secret(self.connection, &key.kid, &sealed, &key.blind)?;
        }

        let kept = rings::kept_keys(self.connection, name.as_str())?;
        check_secrets(ring, &kept)?;
        let digest = row::keys_digest(&kept);
        let instances = self.keep_evidence(name, before, evidence)?;
        let revision = self.next_revision();
        let digests = (digest, instances);
        let row = RingRow::of(ring, next_due, revision, digests, self.keys)?;
        self.put_ring(before, &row)
    }

    /// Writes what is known of instances from now on, or leaves it; gives the digest over it.
    fn keep_evidence(
        &self,
        name: &RingName,
        before: Option<&RingRow>,
        after: Option<&Evidence>,
    ) -> Result<Tag, Fault> {
        let known = match before.filter(|row| row.live().is_some()) {
            Some(row) => instances::of_ring(self.connection, self.keys, row)?,
            None => Evidence::default(),
        };
        instances::keep(self.connection, self.keys, name, &known, after.unwrap_or(&known))
    }

    /// Takes in what an instance says of itself; the ring itself stays as it is.
    pub(crate) fn check_in(
        &mut self,
        row: &RingRow,
        ring: &Ring,
        said: &CheckIn,
        actor: &Actor,
    ) -> Result<Evidence, Fault> {
        let before = instances::of_ring(self.connection, self.keys, row)?;
        let mut after = before.clone();
        after.check_in(ring, said, &actor.subject, self.now)?;
        if let Some(event) = said.first_delivery(ring, &before, actor) {
            self.append(&event)?;
        }
        let digest = instances::keep(self.connection, self.keys, ring.name(), &before, &after)?;
        let changed = row.with(|live| live.instances_digest = digest.to_vec(), self.keys);
        self.put_ring(Some(row), &changed)?;
        Ok(after)
    }

    /// Has a ring looked at again at another time.
    pub(crate) fn look_again(&mut self, row: &RingRow, at: Timestamp) -> Result<(), Fault> {
        let at = row::millis(at);
        if row.live().is_some_and(|live| live.next_due != at) {
            let changed = row.with(|live| live.next_due = at, self.keys);
            self.put_ring(Some(row), &changed)?;
        }
        Ok(())
    }

    /// Leaves of a ring only its tombstone; says how many keys it had.
    pub(crate) fn bury(&mut self, ring: &RingRow) -> Result<(RingRow, usize), Fault> {
        instances::delete(self.connection, &ring.name)?;
        let deleted = rings::delete_keys(self.connection, &ring.name)?;
        self.shredded = true;
        let revision = self.next_revision();
        let tombstone = ring.tombstone(revision, self.now, self.keys);
        self.put_ring(Some(ring), &tombstone)?;
        let (epoch, at) = (tombstone.epoch, row::millis(self.now));
        self.outside.push(Entry::Destroyed { ring: ring.name.clone(), epoch, at });
        Ok((tombstone, deleted))
    }

    /// Appends to the audit log.
    pub(crate) fn append(&mut self, event: &Event) -> Result<(), Fault> {
        self.made = true;
        audit::append(self.connection, self.keys, &mut self.head, event, self.now)
    }

    /// Keeps an access token over the one of the same hash.
    pub(crate) fn put_access(&mut self, token: &AccessToken, actor: &Actor) -> Result<(), Fault> {
        let before = access::find(self.connection, self.keys, &token.hash)?;
        let row = AccessRow::of(token, self.keys)?;
        access::put(self.connection, &row)?;
        let before = before.as_ref().map(|row| &row.mac[..]);
        self.head.access.replace(before, &row.mac, self.keys);
        self.append(&token.granted_by(actor))
    }

    /// Withdraws the access tokens of a subject; says how many there were.
    pub(crate) fn end_access(&mut self, subject: &str, actor: &Actor) -> Result<usize, Fault> {
        let ended = access::end(self.connection, self.keys, subject)?;
        if ended.is_empty() {
            return Ok(0);
        }
        for row in &ended {
            self.head.access.remove(&row.mac, self.keys);
        }
        let event = Event::done(actor.clone(), keytide_ring::Action::AccessEnd)
            .detail("subject", subject)
            .detail("tokens", ended.len());
        self.append(&event)?;
        let seq = self.head.audit_seq;
        self.outside.push(Entry::AccessEnded { subject: subject.to_owned(), seq });
        Ok(ended.len())
    }

    pub(crate) fn put_ring(
        &mut self,
        before: Option<&RingRow>,
        row: &RingRow,
    ) -> Result<(), Fault> {
        self.made = true;
        self.head.rings.replace(before.map(|row| &row.mac[..]), &row.mac, self.keys);
        rings::put_ring(self.connection, row)
    }

    pub(crate) fn next_revision(&mut self) -> i64 {
        self.head.revision += 1;
        row::number(self.head.revision)
    }

    fn refuse_second_use(&self, ring: &RingName, key: &Fresh) -> Result<(), Fault> {
        if let Some(other) = rings::ring_of_blind(self.connection, &key.blind)? {
            return Err(Error::SecretInUse { other: other.parse()? }.into());
        }
        if let Some(other) = rings::ring_of_kid(self.connection, &key.kid)? {
            let why = format!("the name of its new key, `{}`, is taken in ring `{other}`", key.kid);
            return Err(inconsistent(ring, why).into());
        }
        Ok(())
    }
}

/// The sealed secret that an event says is destroyed.
fn destroyed<'a>(event: &Event, kept: &'a [KeptKey]) -> Option<&'a [u8]> {
    let kid = event.kid.as_ref().filter(|_| event.action == keytide_ring::Action::KeyDestroy)?;
    let key = kept.iter().find(|key| key.row.kid == kid.as_str())?;
    key.secret.as_ref().map(|secret| &secret.sealed[..])
}

/// A ring as it is to be kept.
#[derive(Clone, Copy)]
pub(crate) struct After<'a> {
    pub(crate) ring: &'a Ring,
    pub(crate) next_due: Timestamp,
    /// What is known of instances from now on; none where that stays as it is.
    pub(crate) evidence: Option<&'a Evidence>,
    /// Keys whose secret goes.
    pub(crate) shred: &'a [KeyId],
    /// Keys that come.
    pub(crate) fresh: &'a [&'a SigningKey],
}

/// A key about to be admitted.
struct Fresh {
    kid: String,
    secret: keytide_jose::Secret,
    blind: Tag,
}

impl Fresh {
    fn of(ring: &RingName, key: &SigningKey, keys: &Keys) -> Result<Self, Error> {
        let unnamed = || inconsistent(ring, "its new key has no kid".to_owned());
        let kid = key.key_id().ok_or_else(unnamed)?.to_string();
        let secret = key.export()?;
        let blind = keys.blind.tag(&Fields::of("secret 1").bytes(secret.expose()));
        Ok(Self { kid, secret, blind })
    }
}

/// A key has its secret exactly as long as its state says.
fn check_secrets(ring: &Ring, kept: &[KeptKey]) -> Result<(), Error> {
    for KeptKey { row, secret } in kept {
        let state = ring.keys().find(|key| key.kid.as_str() == row.kid).map(|key| &key.state);
        let expected = state.is_some_and(|state| state.has_secret());
        if secret.is_some() != expected {
            let why = if expected { "has no secret" } else { "still has its secret" };
            let why = format!("its key `{}` is {} and {why}", row.kid, row.state);
            return Err(inconsistent(ring.name(), why));
        }
    }
    Ok(())
}
