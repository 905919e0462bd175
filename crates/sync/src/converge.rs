//! One round for one target: read, compare, write over what was read, read back.
//!
//! The only way to [`Outcome::Converged`] and [`Outcome::Written`] is that what was read from the place
//! has the digest of what it is to hold. A place is never taken back to an older epoch.

use keytide_ring::Epoch;
use serde::{Deserialize, Serialize};

use crate::{Content, Document, Error, Held, Span, Target, Version};

/// What is done about a copy that somebody changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Drift {
    /// It is reported, and written over.
    #[default]
    Mend,
    /// It is reported and left as it is, so that the target is not converged until somebody acts.
    Report,
}

/// What a place is to hold, and what may be done for it.
#[derive(Clone, Copy)]
pub struct Round<'a> {
    /// What it is to hold.
    pub document: &'a Document,
    /// What is done about a copy that somebody changed.
    pub drift: Drift,
    /// Whether a value that Keytide did not write may be written over: the target was added so, or a
    /// copy of ours has been there before.
    pub may_adopt: bool,
    /// For how long its pace still forbids a write, as [`crate::Standing::writes_again_in`] says.
    pub no_write_for: Span,
}

/// What came of a round.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The place held exactly the document already.
    Converged,
    /// The document was written, and read back equal.
    Written {
        /// The epoch that was there before, if a copy of ours was.
        over: Option<Epoch>,
    },
    /// Somebody had changed what is there.
    Drifted {
        /// How it was seen.
        why: String,
        /// Whether the document was written over it, and read back equal.
        mended: bool,
    },
    /// The write was taken, and what is read back is still older: a place that is slow to agree.
    Behind {
        /// The epoch that was read back.
        found: Option<Epoch>,
    },
    /// It did not come to that.
    Failed(Error),
}

impl Outcome {
    /// Whether the place held exactly the document at the end of the round.
    pub fn is_converged(&self) -> bool {
        matches!(self, Self::Converged | Self::Written { .. } | Self::Drifted { mended: true, .. })
    }

    /// Whether a write reached the place, or may have.
    pub fn has_written(&self) -> bool {
        match self {
            Self::Written { .. } | Self::Drifted { mended: true, .. } | Self::Behind { .. } => true,
            Self::Failed(error) => matches!(error, Error::NotConverged { .. }),
            Self::Converged | Self::Drifted { .. } => false,
        }
    }
}

/// Brings one place to hold the document, in one attempt.
///
/// A round that ends early, because a request failed or the process died, leaves the place with the
/// one document or the other; the next round finds out which.
pub async fn converge(target: &dyn Target, round: Round<'_>) -> Outcome {
    match attempt(target, round).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(error),
    }
}

/// Why a write is due, and over what.
struct Due {
    over: Option<Version>,
    epoch: Option<Epoch>,
    drift: Option<String>,
}

async fn attempt(target: &dyn Target, round: Round<'_>) -> Result<Outcome, Error> {
    let found = target.read().await?;
    let due = match judge(target, found, round)? {
        Judged::Settled(outcome) => return Ok(outcome),
        Judged::Due(due) => due,
    };
    if round.no_write_for > Span::ZERO {
        let retry_after = std::time::Duration::from_millis(round.no_write_for.as_millis());
        return Err(Error::Throttled { place: target.place(), retry_after: Some(retry_after) });
    }
    target.write(round.document, due.over.as_ref()).await?;
    let back = target.read().await.map_err(|error| not_converged(target, error.to_string()))?;
    match back.map(|held| held.content) {
        Some(Content::Ours(back)) if equal(&back, round.document) => Ok(match due.drift {
            Some(why) => Outcome::Drifted { why, mended: true },
            None => Outcome::Written { over: due.epoch },
        }),
        Some(Content::Ours(back))
            if back.ring() == round.document.ring() && back.epoch() < round.document.epoch() =>
        {
            Ok(Outcome::Behind { found: Some(back.epoch()) })
        }
        None if due.over.is_none() => Ok(Outcome::Behind { found: None }),
        None => Err(not_converged(target, "it is empty".to_owned())),
        Some(Content::Ours(back)) => {
            let why = format!("it holds {} at epoch {}", back.ring(), back.epoch());
            Err(not_converged(target, why))
        }
        Some(Content::Foreign { why, .. }) => Err(not_converged(target, why)),
    }
}

enum Judged {
    Settled(Outcome),
    Due(Due),
}

/// What is to be done about what was found.
fn judge(target: &dyn Target, found: Option<Held>, round: Round<'_>) -> Result<Judged, Error> {
    let wanted = round.document;
    let Some(Held { content, version }) = found else {
        return Ok(Judged::Due(Due { over: None, epoch: None, drift: None }));
    };
    let over = Some(version);
    let (why, epoch) = match content {
        Content::Ours(found) if equal(&found, wanted) => {
            return Ok(Judged::Settled(Outcome::Converged));
        }
        Content::Ours(found) if found.ring() != wanted.ring() => {
            return Err(Error::PlaceTaken {
                place: target.place(),
                why: format!("it holds a copy of the ring `{}`", found.ring()),
            });
        }
        Content::Ours(found) if found.epoch() > wanted.epoch() => {
            return Err(Error::CopyIsNewer {
                place: target.place(),
                found: found.epoch(),
                ours: wanted.epoch(),
            });
        }
        Content::Ours(found) if found.epoch() < wanted.epoch() => {
            return Ok(Judged::Due(Due { over, epoch: Some(found.epoch()), drift: None }));
        }
        // The digest is right for other texts: names were changed in the settings, or an older
        // database of ours wrote another set under this number.
        Content::Ours(found) => {
            ("it holds another set under the same epoch".to_owned(), Some(found.epoch()))
        }
        Content::Foreign { .. } if !round.may_adopt => {
            return Err(Error::PlaceTaken {
                place: target.place(),
                why: "it holds a value that Keytide did not write".to_owned(),
            });
        }
        Content::Foreign { why, .. } => (why, None),
    };
    Ok(match round.drift {
        Drift::Report => Judged::Settled(Outcome::Drifted { why, mended: false }),
        Drift::Mend => Judged::Due(Due { over, epoch, drift: Some(why) }),
    })
}

fn equal(found: &Document, wanted: &Document) -> bool {
    // Both digests are made here from the texts; neither is somebody's word.
    found.digest() == wanted.digest()
}

fn not_converged(target: &dyn Target, why: String) -> Error {
    Error::NotConverged { place: target.place(), why }
}
