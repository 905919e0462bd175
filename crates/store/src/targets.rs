//! Targets in their table: each row sealed whole, credentials included.
//!
//! A seal is bound to the target's name and its ring, so that no row can be changed or stand in for
//! another. They are in no census: that a row was taken away, or an older one put back, is not noticed
//! here; the ring's policy goes on naming the target, and the ring waits for its word.

use jiff::Timestamp;
use keytide_jose::{Rng, Secret};
use keytide_ring::{Error, KeptTarget, RingName, StoreError, TargetName};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::kek::Keys;
use crate::row::shown;
use crate::seal::SealKey;

/// Writes a row over the one of the same name.
pub(crate) fn put(
    connection: &Connection,
    keys: &Keys,
    target: &KeptTarget,
    rng: &mut dyn Rng,
) -> Result<(), Fault> {
    let KeptTarget { name, ring, settings, shown, created_at, version, standing } = target;
    let sealed = Sealed {
        settings: settings.expose().to_vec(),
        shown: shown.clone(),
        created_at: *created_at,
        version: *version,
        standing: standing.clone(),
    };
    let plain = serde_json::to_vec(&sealed).map(Secret::new);
    let plain = plain.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    drop(Secret::new(sealed.settings));
    let (ring, name) = (ring.as_str(), name.as_str());
    let sealed = key(keys).seal(&bound_to(ring, name), plain.expose(), rng)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO targets (ring, name, sealed) VALUES (?1, ?2, ?3)")?
        .execute(params![ring, name, sealed])?;
    Ok(())
}

/// Every target, by ring and name.
pub(crate) fn all(connection: &Connection, keys: &Keys) -> Result<Vec<KeptTarget>, Fault> {
    let mut query =
        connection.prepare_cached("SELECT ring, name, sealed FROM targets ORDER BY ring, name")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let key = key(keys);
    rows.map(|row| {
        let (ring, name, sealed): (String, String, Vec<u8>) = row?;
        open(&key, &ring, &name, &sealed)
    })
    .collect()
}

/// A ring's targets, by name.
pub(crate) fn of(
    connection: &Connection,
    keys: &Keys,
    ring: &RingName,
) -> Result<Vec<KeptTarget>, Fault> {
    let mut query = connection
        .prepare_cached("SELECT name, sealed FROM targets WHERE ring = ?1 ORDER BY name")?;
    let rows = query.query_map([ring.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let key = key(keys);
    rows.map(|row| {
        let (name, sealed): (String, Vec<u8>) = row?;
        open(&key, ring.as_str(), &name, &sealed)
    })
    .collect()
}

/// The names of a ring's targets.
pub(crate) fn names(connection: &Connection, ring: &RingName) -> Result<Vec<TargetName>, Fault> {
    let mut query = connection.prepare_cached("SELECT name FROM targets WHERE ring = ?1")?;
    let rows = query.query_map([ring.as_str()], |row| row.get::<_, String>(0))?;
    rows.map(|name| {
        let name = name?;
        Ok(name.parse().map_err(|_| changed(ring.as_str(), &name))?)
    })
    .collect()
}

/// One target of a ring.
///
/// # Errors
/// `target_not_found`.
pub(crate) fn find(
    connection: &Connection,
    keys: &Keys,
    ring: &RingName,
    name: &TargetName,
) -> Result<KeptTarget, Fault> {
    let sealed: Option<Vec<u8>> = connection
        .prepare_cached("SELECT sealed FROM targets WHERE ring = ?1 AND name = ?2")?
        .query_row([ring.as_str(), name.as_str()], |row| row.get(0))
        .optional()?;
    match sealed {
        Some(sealed) => open(&key(keys), ring.as_str(), name.as_str(), &sealed),
        None => Err(Error::TargetNotFound { ring: ring.clone(), target: name.clone() }.into()),
    }
}

/// Deletes one target of a ring, or all of them.
pub(crate) fn delete(
    connection: &Connection,
    ring: &RingName,
    name: Option<&TargetName>,
) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM targets WHERE ring = ?1 AND (?2 IS NULL OR name = ?2)")?
        .execute(params![ring.as_str(), name.map(TargetName::as_str)])?;
    Ok(())
}

/// What is in a seal.
#[derive(Serialize, Deserialize)]
struct Sealed {
    settings: Vec<u8>,
    shown: Map<String, Value>,
    created_at: Timestamp,
    version: u64,
    standing: Value,
}

fn open(key: &SealKey, ring: &str, name: &str, sealed: &[u8]) -> Result<KeptTarget, Fault> {
    let changed = || changed(ring, name);
    let plain = key.open(&bound_to(ring, name), sealed).ok_or_else(changed)?;
    let Sealed { settings, shown, created_at, version, standing } =
        serde_json::from_slice(&plain).map_err(|_| changed())?;
    Ok(KeptTarget {
        name: name.parse().map_err(|_| changed())?,
        ring: ring.parse().map_err(|_| changed())?,
        settings: Secret::new(settings),
        shown,
        created_at,
        version,
        standing,
    })
}

fn changed(ring: &str, name: &str) -> StoreError {
    tampered(
        format!("the target `{}` of ring `{}`", shown(name), shown(ring)),
        "it does not fit the seal over it",
    )
}

/// No environment's name has a space in it.
fn key(keys: &Keys) -> SealKey {
    keys.kek("all targets")
}

fn bound_to(ring: &str, name: &str) -> Fields {
    Fields::of("target 1").text(ring).text(name)
}
