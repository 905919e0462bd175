//! The reference store: rings in memory, gone when it is dropped. For tests and simulations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, Secret};
use serde_json::Value;

use crate::{
    AccessToken, AccessTokenHash, Action, Actor, AuditRecord, AuditReport, Break, Changes, CheckIn,
    Clock, Commit, Decide, Epoch, Error, Event, Evidence, KeptTarget, Revision, Ring, RingName,
    RingStore, RingSummary, SigningGate, Standing, Stored, TargetName, Webhook, target, webhook,
};

/// Keeps rings in memory, by the same promises as a store on disk.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    rings: BTreeMap<RingName, Kept>,
    /// Rings that were destroyed: their last epoch, for no epoch comes back, and when others hear.
    destroyed: BTreeMap<RingName, (Epoch, Revision)>,
    secrets: BTreeMap<KeyId, (RingName, Algorithm, Secret)>,
    audit: Vec<AuditRecord>,
    access: Vec<AccessToken>,
    webhooks: Vec<Webhook>,
    targets: BTreeMap<(RingName, TargetName), KeptTarget>,
    revision: Revision,
}

struct Kept {
    ring: Ring,
    evidence: Evidence,
    next_due: Timestamp,
    revision: Revision,
}

impl MemoryStore {
    /// An empty store with this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, inside: Mutex::new(Inside::default()) }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Takes secrets in: all of them, or none.
    fn admit(&mut self, name: &RingName, keys: &[&SigningKey]) -> Result<(), Error> {
        let mut admitted: Vec<(KeyId, Secret)> = Vec::with_capacity(keys.len());
        for key in keys {
            let material = key.export()?;
            let kid = key.key_id().cloned().expect("a ring's key has a kid");
            let used = |(_, _, secret): &&(RingName, Algorithm, Secret)| {
                secret.expose() == material.expose()
            };
            if let Some((other, ..)) = self.secrets.values().find(used) {
                return Err(Error::SecretInUse { other: other.clone() });
            }
            if admitted.iter().any(|(_, secret)| secret.expose() == material.expose()) {
                return Err(Error::SecretInUse { other: name.clone() });
            }
            if admitted.iter().any(|(other, _)| *other == kid) {
                let why = format!("it has two keys `{kid}`");
                return Err(Error::RingInconsistent { ring: name.clone(), why });
            }
            let named = |kept: &&Kept| kept.ring.key(&kid).is_some();
            if let Some(kept) = self.rings.values().find(named) {
                let other = kept.ring.name();
                let why = format!("the name of its new key, `{kid}`, is taken in ring `{other}`");
                return Err(Error::RingInconsistent { ring: name.clone(), why });
            }
            admitted.push((kid, material));
        }
        for (key, (kid, material)) in keys.iter().zip(admitted) {
            self.secrets.insert(kid, (name.clone(), key.algorithm(), material));
        }
        Ok(())
    }

    fn keep(&mut self, changes: &Changes, now: Timestamp) {
        self.revision.0 += 1;
        let ring = changes.ring.clone();
        for kid in &changes.shred {
            self.secrets.remove(kid);
        }
        let known = self.rings.remove(ring.name()).map(|kept| kept.evidence);
        let kept = Kept {
            evidence: changes.evidence.clone().or(known).unwrap_or_default(),
            next_due: changes.next_due,
            revision: self.revision,
            ring,
        };
        self.rings.insert(kept.ring.name().clone(), kept);
        for event in &changes.events {
            self.append(event, now);
        }
    }

    fn kept(&mut self, name: &RingName) -> Result<&mut Kept, Error> {
        self.rings.get_mut(name).ok_or_else(|| Error::RingNotFound { ring: name.clone() })
    }

    fn load(&self, name: &RingName) -> Result<Stored, Error> {
        let not_found = || Error::RingNotFound { ring: name.clone() };
        let Kept { ring, evidence, .. } = self.rings.get(name).ok_or_else(not_found)?;
        let keys = ring
            .verifying()
            .filter_map(|key| self.secrets.get(&key.kid).map(|kept| (key, kept)))
            .map(|(key, (_, alg, secret))| {
                Ok(SigningKey::import(*alg, secret)?.with_key_id(key.kid.clone()))
            })
            .collect::<Result<_, Error>>()?;
        let (ring, evidence) = (ring.clone(), evidence.clone());
        Ok(Stored { ring, keys, evidence, gate: SigningGate::default() })
    }

    fn append(&mut self, event: &Event, now: Timestamp) {
        let previous = self.audit.last().map_or_else(String::new, |record| record.hash.clone());
        let seq = self.audit.len() as u64 + 1;
        let hash = chain_hash(seq, now, event, &previous);
        self.audit.push(AuditRecord { seq, at: now, event: event.clone(), previous, hash });
    }

    fn changed(&self, since: Revision) -> Vec<RingName> {
        let kept = self.rings.iter().map(|(name, kept)| (name, kept.revision));
        let gone = self.destroyed.iter().map(|(name, (_, revision))| (name, *revision));
        let changed = kept.chain(gone).filter(|(_, revision)| *revision > since);
        changed.map(|(name, _)| name.clone()).collect()
    }
}

fn chain_hash(seq: u64, at: Timestamp, event: &Event, previous: &str) -> String {
    let text = serde_json::json!([seq, at, event, previous]).to_string();
    keytide_jose::digest::sha256(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

impl RingStore for MemoryStore {
    fn now(&self) -> Result<Timestamp, Error> {
        Ok(self.clock.now())
    }

    fn create(
        &self,
        name: &RingName,
        keys: &[SigningKey; 2],
        decide: &mut dyn FnMut(Epoch, Timestamp) -> Changes,
    ) -> Result<Changes, Error> {
        let mut inside = self.lock();
        if inside.rings.contains_key(name) {
            return Err(Error::RingExists { ring: name.clone() });
        }
        let now = self.clock.now();
        let epoch =
            inside.destroyed.get(name).map_or_else(Epoch::default, |(last, _)| *last).next();
        let changes = decide(epoch, now);
        inside.admit(name, &[&keys[0], &keys[1]])?;
        inside.keep(&changes, now);
        Ok(changes)
    }

    fn load(&self, name: &RingName) -> Result<Stored, Error> {
        self.lock().load(name)
    }

    fn check_in(&self, name: &RingName, said: &CheckIn, actor: &Actor) -> Result<Stored, Error> {
        let mut inside = self.lock();
        let now = self.clock.now();
        let Kept { ring, evidence, .. } = inside.kept(name)?;
        let first = said.first_delivery(ring, evidence, actor);
        evidence.check_in(ring, said, &actor.subject, now)?;
        if let Some(event) = first {
            inside.append(&event, now);
        }
        inside.load(name)
    }

    fn look_again(&self, name: &RingName, expected: Epoch, at: Timestamp) -> Result<(), Error> {
        let mut inside = self.lock();
        let kept = inside.kept(name)?;
        if kept.ring.epoch() == expected {
            kept.next_due = at;
        }
        Ok(())
    }

    fn commit(
        &self,
        commit: Commit<'_>,
        decide: &mut Decide<'_>,
    ) -> Result<Option<Changes>, Error> {
        let mut inside = self.lock();
        let Commit { ring: name, fresh, .. } = commit;
        let now = self.clock.now();
        let Kept { ring, evidence, .. } = inside.kept(name)?;
        commit.check_epoch(ring.epoch())?;
        let Some(changes) = decide(now, evidence)? else { return Ok(None) };
        if let Some(fresh) = fresh.filter(|_| changes.uses_fresh_key) {
            inside.admit(name, &[fresh])?;
        }
        inside.keep(&changes, now);
        Ok(Some(changes))
    }

    fn destroy(&self, name: &RingName, actor: &Actor, reason: Option<&str>) -> Result<(), Error> {
        let mut inside = self.lock();
        let kept =
            inside.rings.remove(name).ok_or_else(|| Error::RingNotFound { ring: name.clone() })?;
        let epoch = kept.ring.epoch().next();
        inside.secrets.retain(|_, (owner, ..)| owner != name);
        inside.webhooks.retain(|webhook| webhook.ring != *name);
        inside.targets.retain(|(ring, _), _| ring != name);
        inside.revision.0 += 1;
        let revision = inside.revision;
        inside.destroyed.insert(name.clone(), (epoch, revision));
        let event = Event::done(actor.clone(), Action::RingDestroy)
            .ring(name)
            .epoch(epoch)
            .reason(reason)
            .detail("keys", kept.ring.keys().count());
        inside.append(&event, self.clock.now());
        Ok(())
    }

    fn list(&self, after: Option<&RingName>, limit: usize) -> Result<Vec<RingSummary>, Error> {
        let inside = self.lock();
        let rings = inside.rings.iter().filter(|(name, _)| after.is_none_or(|after| *name > after));
        Ok(rings.take(limit).map(|(_, kept)| RingSummary::of(&kept.ring)).collect())
    }

    fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<RingName>, Error> {
        let inside = self.lock();
        let mut due: Vec<_> = inside
            .rings
            .iter()
            .map(|(name, kept)| (kept.next_due, name))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort();
        Ok(due.into_iter().take(limit).map(|(_, name)| name.clone()).collect())
    }

    fn changed_since(&self, since: Revision) -> Result<(Revision, Vec<RingName>), Error> {
        let inside = self.lock();
        Ok((inside.revision, inside.changed(since)))
    }

    fn record(&self, event: &Event) -> Result<(), Error> {
        let now = self.clock.now();
        self.lock().append(event, now);
        Ok(())
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, Error> {
        let inside = self.lock();
        Ok(inside.audit.iter().filter(|record| record.seq > after).take(limit).cloned().collect())
    }

    fn audit_len(&self) -> Result<u64, Error> {
        Ok(self.lock().audit.len() as u64)
    }

    fn verify_audit(&self) -> Result<AuditReport, Error> {
        let inside = self.lock();
        let mut previous = String::new();
        let mut broken = None;
        for record in &inside.audit {
            let hash = chain_hash(record.seq, record.at, &record.event, &previous);
            if hash != record.hash {
                broken = Some(Break { seq: record.seq, what: "its hash does not fit".to_owned() });
                break;
            }
            previous = hash;
        }
        Ok(AuditReport {
            records: inside.audit.len() as u64,
            head: previous,
            signed_heads: 0,
            broken,
        })
    }

    fn put_access(&self, token: &AccessToken, actor: &Actor) -> Result<(), Error> {
        let event = token.granted_by(actor);
        let now = self.clock.now();
        let mut inside = self.lock();
        inside.access.retain(|kept| kept.hash != token.hash);
        inside.access.push(token.clone());
        inside.append(&event, now);
        Ok(())
    }

    fn end_access(&self, subject: &str, actor: &Actor) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut inside = self.lock();
        let before = inside.access.len();
        inside.access.retain(|kept| kept.subject != subject);
        let ended = before - inside.access.len();
        if ended > 0 {
            let event = Event::done(actor.clone(), Action::AccessEnd)
                .detail("subject", subject)
                .detail("tokens", ended);
            inside.append(&event, now);
        }
        Ok(ended)
    }

    fn find_access(&self, hash: &AccessTokenHash) -> Result<Option<AccessToken>, Error> {
        Ok(self.lock().access.iter().find(|token| token.hash == *hash).cloned())
    }

    fn put_webhook(&self, webhook: &Webhook, actor: &Actor) -> Result<(), Error> {
        let mut inside = self.lock();
        let ring = &webhook.ring;
        if !inside.rings.contains_key(ring) {
            return Err(Error::RingNotFound { ring: ring.clone() });
        }
        webhook::check_count(inside.webhooks.iter().filter(|known| known.ring == *ring).count())?;
        inside.webhooks.push(webhook.duplicate());
        inside.webhooks.sort_by(|a, b| (&a.ring, &a.id).cmp(&(&b.ring, &b.id)));
        inside.append(&webhook.event(Action::WebhookAdd, actor), self.clock.now());
        Ok(())
    }

    fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        Ok(self.lock().webhooks.iter().map(Webhook::duplicate).collect())
    }

    fn settle_webhook(&self, id: &str, seen: u64, standing: &Standing) -> Result<bool, Error> {
        let mut inside = self.lock();
        let found = inside.webhooks.iter_mut().find(|webhook| webhook.id == id);
        let found = found.filter(|webhook| webhook.standing.version == seen);
        Ok(found.map(|webhook| webhook.standing = standing.clone()).is_some())
    }

    fn remove_webhook(&self, ring: &RingName, id: &str, actor: &Actor) -> Result<(), Error> {
        let mut inside = self.lock();
        let is_meant = |webhook: &Webhook| webhook.ring == *ring && webhook.id == id;
        let Some(place) = inside.webhooks.iter().position(is_meant) else {
            return Err(Error::WebhookNotFound { ring: ring.clone(), id: id.to_owned() });
        };
        let removed = inside.webhooks.remove(place);
        inside.append(&removed.event(Action::WebhookRemove, actor), self.clock.now());
        Ok(())
    }

    fn put_target(&self, target: &KeptTarget, actor: &Actor) -> Result<(), Error> {
        let mut inside = self.lock();
        let ring = &target.ring;
        if !inside.rings.contains_key(ring) {
            return Err(Error::RingNotFound { ring: ring.clone() });
        }
        let key = (ring.clone(), target.name.clone());
        let action = if inside.targets.contains_key(&key) {
            Action::TargetChange
        } else {
            let known = inside.targets.keys().filter(|(of, _)| of == ring).count();
            target::check_count(ring, known)?;
            Action::TargetAdd
        };
        inside.targets.insert(key, target.duplicate());
        inside.append(&target.event(action, actor), self.clock.now());
        Ok(())
    }

    fn targets(&self) -> Result<Vec<KeptTarget>, Error> {
        Ok(self.lock().targets.values().map(KeptTarget::duplicate).collect())
    }

    fn targets_of(&self, ring: &RingName) -> Result<Vec<KeptTarget>, Error> {
        let inside = self.lock();
        let own = inside.targets.values().filter(|target| target.ring == *ring);
        Ok(own.map(KeptTarget::duplicate).collect())
    }

    fn target(&self, ring: &RingName, name: &TargetName) -> Result<KeptTarget, Error> {
        let found =
            self.lock().targets.get(&(ring.clone(), name.clone())).map(KeptTarget::duplicate);
        found.ok_or_else(|| Error::TargetNotFound { ring: ring.clone(), target: name.clone() })
    }

    fn settle_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        seen: u64,
        standing: &Value,
    ) -> Result<bool, Error> {
        let mut inside = self.lock();
        let found = inside.targets.get_mut(&(ring.clone(), name.clone()));
        let Some(found) = found.filter(|found| found.version == seen) else { return Ok(false) };
        found.version += 1;
        found.standing = standing.clone();
        Ok(true)
    }

    fn remove_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        actor: &Actor,
    ) -> Result<(), Error> {
        let mut inside = self.lock();
        let Some(removed) = inside.targets.remove(&(ring.clone(), name.clone())) else {
            return Err(Error::TargetNotFound { ring: ring.clone(), target: name.clone() });
        };
        inside.append(&removed.event(Action::TargetRemove, actor), self.clock.now());
        Ok(())
    }

    fn list_access(&self) -> Result<Vec<AccessToken>, Error> {
        let mut all = self.lock().access.clone();
        all.sort_by(|a, b| (&a.subject, a.created_at).cmp(&(&b.subject, b.created_at)));
        Ok(all)
    }
}
