//! A copy taken away: only that of the ring itself, and only what Keytide wrote.

use keytide_ring::RingName;

use crate::{Content, Error, Held, Target};

/// Deletes the copy of `ring` in a place. Nothing being there is no error.
///
/// # Errors
/// `place_taken` when something else is there: another ring's copy, a value that somebody wrote or
/// changed. Otherwise what keeps it from being read or deleted.
pub async fn withdraw(target: &dyn Target, ring: &RingName) -> Result<(), Error> {
    let why = match target.read().await? {
        None => return Ok(()),
        Some(Held { content: Content::Ours(found), .. }) if found.ring() == ring => {
            return target.delete().await;
        }
        Some(Held { content: Content::Ours(found), .. }) => {
            format!("it holds a copy of the ring `{}`", found.ring())
        }
        Some(Held { content: Content::Foreign { .. }, .. }) => {
            "it holds a value that Keytide did not write".to_owned()
        }
    };
    Err(Error::PlaceTaken { place: target.place(), why })
}
