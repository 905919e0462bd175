//! Copies of rings elsewhere: targets added and removed, rounds made, and the word that a copy holds an epoch.
//!
//! A copy is a consumer of its ring that acknowledges. Its word is given here, and only for an epoch
//! that was read back; so a ring switches no sooner than its copies hold the key that it switches to.

mod pace;
mod remembered;
mod settings;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use keytide_jose::{Secret, SystemRng};
use keytide_ring::{
    Action, Actor, Command, Epoch, Error, Event, Keeper, KeptTarget, RingName, RingStore, Span,
    TargetName, TargetView,
};
use keytide_server::{By, Copies, CopyError, NewTarget, Removal};
use keytide_sync::{
    Content, Document, Drift, Held, Outcome, Pace, Surroundings, Target, ThisProcess, converge,
    withdraw,
};
use serde_json::{Value, json};

use crate::wait::wait;

pub(crate) use self::remembered::Remembered;
pub(crate) use self::settings::{Permitted, Settings};
pub(crate) use self::worker::Worker;

/// Reads a target's settings.
type Open = dyn Fn(&Secret) -> Result<Settings, keytide_sync::Error> + Send + Sync;

/// Keeps copies of the rings of one keeper.
pub(crate) struct Copier {
    keeper: Arc<Keeper>,
    open: Box<Open>,
    permitted: Permitted,
    /// How often a copy that is well is read back.
    check_every: Span,
}

/// How often a copy is read back if nobody says.
pub(crate) const CHECK_EVERY: Span = Span::from_secs(300);
/// How often a push follows a ring that moves on.
const ROUNDS_PER_PUSH: usize = 3;
/// How long a round may take; another node may begin one a little later.
const LONGEST_ROUND: Duration = Duration::from_secs(50);

/// What the audit log says of a copy that had to be written once more.
const LOST: &str = "the copy was gone, or an older one was put back";

/// Who wants a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The server, by itself.
    BySelf,
    /// Somebody who asks: then what was left is written over.
    ByHand,
}

/// Why a round counts for nothing.
#[derive(Debug)]
pub(crate) enum Unmade {
    /// Another node makes it.
    ByAnother,
    /// The ring or the store refuses.
    Refused(Error),
}

impl From<Error> for Unmade {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// A round that was made.
pub(crate) struct Made {
    /// The epoch that it was for.
    pub(crate) epoch: Epoch,
    pub(crate) outcome: Outcome,
    pub(crate) target: KeptTarget,
}

impl Copier {
    pub(crate) fn new(keeper: Arc<Keeper>, permitted: Permitted, check_every: Span) -> Self {
        let around: Arc<dyn Surroundings> = Arc::new(ThisProcess::default());
        let open = Box::new(move |settings: &Secret| Settings::read(settings, &around));
        Self { keeper, open, permitted, check_every }
    }

    fn store(&self) -> &dyn RingStore {
        self.keeper.store().as_ref()
    }

    /// The targets for which there is something to do at `now`: a round, or a word to the ring. Those that
    /// lack what their ring holds come first, so that thousands that are only looked at again never use up
    /// their pace; of the others, those that were not looked at for longest.
    fn due(&self, now: Timestamp) -> Result<Vec<KeptTarget>, Error> {
        let mut due = Vec::new();
        for target in self.store().targets()? {
            // A ring that cannot be read is told of by whoever turns it.
            let Ok(snapshot) = self.keeper.snapshot(&target.ring) else { continue };
            let epoch = snapshot.ring().epoch();
            let remembered = Remembered::of(&target);
            if remembered.is_due(epoch, hold_of(&target), self.check_every, now) {
                let seen = remembered.standing.converged.map(|arrival| arrival.seen);
                due.push((remembered.standing.holds(epoch), seen, target));
            }
        }
        due.sort_by_key(|(holds, seen, _)| (*holds, *seen));
        Ok(due.into_iter().map(|(.., target)| target).collect())
    }

    /// Makes one round, unless another node does, and tells the ring what the copy holds.
    pub(crate) async fn round(&self, mut target: KeptTarget, how: How) -> Result<Made, Unmade> {
        let now = self.store().now()?;
        let before = Remembered::of(&target);
        self.settle(&mut target, &before.attempting(now))?;
        let epoch = self.keeper.snapshot(&target.ring)?.ring().epoch();
        let (epoch, outcome, pace) = match (self.open)(&target.settings) {
            Ok(settings) => self.copy(&target, &settings, &before, how).await?,
            Err(error) => (epoch, Outcome::Failed(error), Pace::UNBOUNDED),
        };
        self.tell(&target, &before, epoch, &outcome)?;
        let now = self.store().now()?;
        let standing = before.standing.after(&outcome, epoch, now, pace, &mut SystemRng);
        let standing = standing.unwrap_or_else(|_| before.standing.clone());
        let mut after = Remembered { standing, under_way_until: None, ..before };
        // Written down first: where the settings were replaced meanwhile it is not, and nothing is
        // said for a place that is the target's no more.
        self.settle(&mut target, &after)?;
        if let Some(epoch) = after.acknowledges(hold_of(&target), now) {
            let said = target.name.check_in(Some(epoch));
            self.keeper.check_in(&target.ring, &said, &Actor::sync())?;
            after.acknowledged = Some(epoch);
            self.settle(&mut target, &after)?;
        }
        Ok(Made { epoch, outcome, target })
    }

    async fn copy(
        &self,
        target: &KeptTarget,
        settings: &Settings,
        before: &Remembered,
        how: How,
    ) -> Result<(Epoch, Outcome, Pace), Error> {
        let Settings { target: place, common, .. } = settings;
        let pace = place.pace();
        let delivery = match before.standing.converged {
            Some(_) => self.keeper.delivery(&target.ring)?,
            // The log keeps that the keys go there.
            None => {
                self.keeper.check_in(&target.ring, &target.name.check_in(None), &Actor::sync())?
            }
        };
        let epoch = delivery.epoch;
        let document = match Document::of(&delivery, &common.names) {
            Ok(document) => document,
            Err(error) => return Ok((epoch, Outcome::Failed(error), pace)),
        };
        let mut round = before.standing.round(&document, common, pace, self.store().now()?);
        if how == How::ByHand {
            round.drift = Drift::Mend;
        }
        let made = tokio::time::timeout(LONGEST_ROUND, converge(place.as_ref(), round));
        let outcome = made.await.unwrap_or_else(|_| Outcome::Failed(too_long(place.as_ref())));
        Ok((epoch, outcome, pace))
    }

    /// Writes down what is remembered, unless somebody else did meanwhile.
    fn settle(&self, target: &mut KeptTarget, remembered: &Remembered) -> Result<(), Unmade> {
        let value = json!(remembered);
        let seen = target.version;
        if !self.store().settle_target(&target.ring, &target.name, seen, &value)? {
            return Err(Unmade::ByAnother);
        }
        target.version += 1;
        target.standing = value;
        Ok(())
    }

    /// To the log, and to the audit log what somebody else did to the copy.
    fn tell(
        &self,
        target: &KeptTarget,
        before: &Remembered,
        epoch: Epoch,
        outcome: &Outcome,
    ) -> Result<(), Error> {
        let KeptTarget { ring, name, .. } = target;
        let drifted = |what: &str, mended: bool| {
            tracing::warn!(%ring, target = %name, mended, "somebody else changed a copy: {what}");
            let event = Event::done(Actor::sync(), Action::TargetDrift).ring(ring);
            let event = event.detail("target", name).detail("what", what).detail("mended", mended);
            self.store().record(&event)
        };
        match outcome {
            _ if before.was_lost(outcome, epoch) => drifted(LOST, true),
            Outcome::Drifted { why, mended: true } => drifted(why, true),
            Outcome::Drifted { why, mended: false } => {
                let last = before.standing.drift.as_ref();
                let is_known = before.standing.converged.is_none()
                    && last.is_some_and(|known| !known.mended && known.why == *why);
                if is_known { Ok(()) } else { drifted(why, false) }
            }
            Outcome::Written { .. } => {
                tracing::info!(%ring, target = %name, %epoch, "a copy has converged");
                Ok(())
            }
            Outcome::Failed(error) => {
                tracing::warn!(%ring, target = %name, code = error.code(), "{error}");
                Ok(())
            }
            Outcome::Behind { .. } => {
                tracing::info!(%ring, target = %name, %epoch, "a copy is not read back yet");
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Copies for Copier {
    fn add(&self, ring: &RingName, new: NewTarget, by: By<'_>) -> Result<TargetView, CopyError> {
        let NewTarget { name, settings, replace } = new;
        let By { actor, remote } = by;
        if let Some(who) = remote {
            self.permitted.check(&settings, who).map_err(failed)?;
        }
        let Settings { shown, .. } = (self.open)(&settings).map_err(failed)?;
        self.keeper.snapshot(ring)?;
        match self.store().target(ring, &name) {
            Ok(_) if !replace => {
                return Err(Error::TargetExists { ring: ring.clone(), target: name }.into());
            }
            Ok(_) | Err(Error::TargetNotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let now = self.store().now()?;
        let target = KeptTarget {
            name: name.clone(),
            ring: ring.clone(),
            settings,
            shown,
            created_at: now,
            // Above that of any target of this name, for rounds of an earlier one may be under way.
            version: now.as_microsecond().unsigned_abs(),
            standing: json!(Remembered::default()),
        };
        // First the wait, then what is waited for: should this end between the two, the ring waits
        // for a target that can be added again or removed.
        let wait = Command::AddTarget { name };
        self.keeper.command(ring, wait.clone(), actor)?;
        self.store().put_target(&target, actor)?;
        if replace {
            // A round with the settings before may have spoken for the target in between.
            self.keeper.command(ring, wait, actor)?;
        }
        Ok(target.view())
    }

    fn list(&self, ring: &RingName) -> Result<Vec<TargetView>, CopyError> {
        self.keeper.snapshot(ring)?;
        Ok(self.store().targets_of(ring)?.iter().map(KeptTarget::view).collect())
    }

    fn test(&self, ring: &RingName, name: &TargetName) -> Result<Value, CopyError> {
        let target = self.store().target(ring, name)?;
        let Settings { target, .. } = (self.open)(&target.settings).map_err(failed)?;
        let place = target.place();
        let found = waited(in_time(target.as_ref(), target.read()))?.map_err(failed)?;
        Ok(match found {
            None => json!({ "place": place, "holds": "nothing" }),
            Some(Held { content: Content::Ours(found), .. }) => json!({
                "place": place,
                "holds": "copy",
                "ring": found.ring(),
                "epoch": found.epoch(),
            }),
            Some(Held { content: Content::Foreign { why, .. }, .. }) => {
                json!({ "place": place, "holds": "foreign", "why": why })
            }
        })
    }

    fn push(&self, ring: &RingName, name: &TargetName) -> Result<TargetView, CopyError> {
        for _ in 0..ROUNDS_PER_PUSH {
            let target = self.store().target(ring, name)?;
            match waited(self.round(target, How::ByHand))? {
                Ok(Made { outcome: Outcome::Failed(error), .. }) => return Err(failed(error)),
                Err(Unmade::Refused(error)) => return Err(error.into()),
                // The word that the copy has arrived may have moved the ring on.
                Ok(Made { epoch, outcome, target }) if outcome.is_converged() => {
                    if epoch == self.keeper.snapshot(ring)?.ring().epoch() {
                        return Ok(target.view());
                    }
                }
                Ok(_) | Err(Unmade::ByAnother) => {}
            }
        }
        Ok(self.store().target(ring, name)?.view())
    }

    fn remove(
        &self,
        ring: &RingName,
        name: &TargetName,
        removal: &Removal,
        actor: &Actor,
    ) -> Result<(), CopyError> {
        let kept = match self.store().target(ring, name) {
            Ok(kept) => Some(kept),
            Err(Error::TargetNotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(kept) = kept.as_ref().filter(|_| removal.delete_copy) {
            let Settings { target, .. } = (self.open)(&kept.settings).map_err(failed)?;
            let deleted = in_time(target.as_ref(), withdraw(target.as_ref(), ring));
            waited(deleted)?.map_err(failed)?;
        }
        if kept.is_some() {
            self.store().remove_target(ring, name, actor)?;
        }
        // What an interrupted addition or removal left is taken away as well.
        let command = Command::RemoveTarget { name: name.clone(), reason: removal.reason.clone() };
        match self.keeper.command(ring, command, actor) {
            Err(Error::ConsumerNotFound { .. }) if kept.is_some() => Ok(()),
            Err(Error::ConsumerNotFound { .. }) => {
                Err(Error::TargetNotFound { ring: ring.clone(), target: name.clone() }.into())
            }
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }
}

/// Waits for something about a target on a thread that may wait.
fn waited<T>(work: impl Future<Output = T>) -> Result<T, CopyError> {
    let failed = |error: std::io::Error| {
        Error::from(keytide_ring::StoreError::Unavailable(error.to_string()))
    };
    Ok(wait(work).map_err(failed)?)
}

/// An attempt, but for so long alone.
async fn in_time<T>(
    target: &dyn Target,
    attempt: impl Future<Output = Result<T, keytide_sync::Error>>,
) -> Result<T, keytide_sync::Error> {
    let ended = tokio::time::timeout(LONGEST_ROUND, attempt).await;
    ended.unwrap_or_else(|_| Err(too_long(target)))
}

fn too_long(target: &dyn Target) -> keytide_sync::Error {
    let why = format!("no end within {} s", LONGEST_ROUND.as_secs());
    keytide_sync::Error::Unreachable { place: target.place(), why }
}

/// How long readers of a target's copy may go on with what they read.
fn hold_of(target: &KeptTarget) -> Span {
    let hold = target.shown.get("hold").cloned().unwrap_or_default();
    serde_json::from_value(hold).unwrap_or_default()
}

fn failed(error: keytide_sync::Error) -> CopyError {
    let code = keytide_jose::Code::new(error.code(), "", error.hint());
    let message = error.to_string();
    let by_settings =
        matches!(error.code(), "bad_target" | "names_clash" | "no_credentials" | "place_taken");
    CopyError::Target { code, message, by_settings }
}
