//! Webhooks in their table: each row sealed whole, with the secret that signs its messages.
//!
//! A seal is bound to the webhook's name and its ring, so that no row can be changed or stand in for
//! another. They are in no census: that a row was taken away, or an older one put back, is not noticed.

use keytide_jose::{Rng, Secret};
use keytide_ring::{RingName, Standing, StoreError, Webhook};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::kek::Keys;
use crate::row::shown;
use crate::seal::SealKey;

/// Writes a row over the one of the same name.
pub(crate) fn put(
    connection: &Connection,
    keys: &Keys,
    webhook: &Webhook,
    rng: &mut dyn Rng,
) -> Result<(), Fault> {
    let Webhook { id, ring, url, secret, standing } = webhook;
    let sealed =
        Sealed { url: url.clone(), standing: standing.clone(), secret: secret.expose().to_vec() };
    let plain = serde_json::to_vec(&sealed).map(Secret::new);
    let plain = plain.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    drop(Secret::new(sealed.secret));
    let sealed = key(keys).seal(&bound_to(id, ring.as_str()), plain.expose(), rng)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO webhooks (id, ring, sealed) VALUES (?1, ?2, ?3)")?
        .execute(params![id, ring.as_str(), sealed])?;
    Ok(())
}

/// Every webhook, by ring and name.
pub(crate) fn all(connection: &Connection, keys: &Keys) -> Result<Vec<Webhook>, Fault> {
    let mut query =
        connection.prepare_cached("SELECT id, ring, sealed FROM webhooks ORDER BY ring, id")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (id, ring, sealed): (String, String, Vec<u8>) = row?;
        open(keys, id, &ring, &sealed)
    })
    .collect()
}

/// One webhook of a ring.
pub(crate) fn find(
    connection: &Connection,
    keys: &Keys,
    id: &str,
) -> Result<Option<Webhook>, Fault> {
    let row: Option<(String, Vec<u8>)> = connection
        .prepare_cached("SELECT ring, sealed FROM webhooks WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(ring, sealed)| open(keys, id.to_owned(), &ring, &sealed)).transpose()
}

/// Deletes one webhook of a ring, or all of them. Says how many there were.
pub(crate) fn delete(
    connection: &Connection,
    ring: &RingName,
    id: Option<&str>,
) -> Result<usize, Fault> {
    let deleted = connection
        .prepare_cached("DELETE FROM webhooks WHERE ring = ?1 AND (?2 IS NULL OR id = ?2)")?
        .execute(params![ring.as_str(), id])?;
    Ok(deleted)
}

/// What is in a seal.
#[derive(Serialize, Deserialize)]
struct Sealed {
    url: String,
    standing: Standing,
    secret: Vec<u8>,
}

fn open(keys: &Keys, id: String, ring: &str, sealed: &[u8]) -> Result<Webhook, Fault> {
    let changed =
        || tampered(format!("the webhook `{}`", shown(&id)), "it does not fit the seal over it");
    let plain = key(keys).open(&bound_to(&id, ring), sealed).ok_or_else(changed)?;
    let Sealed { url, standing, secret } = serde_json::from_slice(&plain).map_err(|_| changed())?;
    let ring = ring.parse().map_err(|_| changed())?;
    Ok(Webhook { id, ring, url, secret: Secret::new(secret), standing })
}

/// No environment's name has a space in it.
fn key(keys: &Keys) -> SealKey {
    keys.kek("all webhooks")
}

fn bound_to(id: &str, ring: &str) -> Fields {
    Fields::of("webhook 1").text(id).text(ring)
}
