//! What is known of the instances of a ring's consumers, in its table: each row under a MAC, all under a digest.

use keytide_jose::digest::sha256;
use keytide_ring::{Evidence, Instance, RingName, StoreError};
use rusqlite::{Connection, params};

use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::kek::{Keys, Tag};
use crate::row::{RingRow, shown};

/// An instance as a row.
struct InstanceRow {
    ring: String,
    consumer: String,
    instance: String,
    /// As JSON.
    body: String,
    mac: Vec<u8>,
}

impl InstanceRow {
    fn of(ring: &RingName, instance: &Instance, keys: &Keys) -> Result<Self, Fault> {
        let body = serde_json::to_string(instance)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let mut row = Self {
            ring: ring.to_string(),
            consumer: instance.consumer.clone(),
            instance: instance.instance.clone(),
            body,
            mac: Vec::new(),
        };
        row.mac = keys.instance.tag(&row.fields()).to_vec();
        Ok(row)
    }

    fn read(&self, keys: &Keys) -> Result<Instance, StoreError> {
        let sound = keys.instance.fits(&self.fields(), &self.mac);
        let instance = serde_json::from_str::<Instance>(&self.body).ok();
        let fits = |i: &Instance| i.consumer == self.consumer && i.instance == self.instance;
        match instance.filter(fits) {
            Some(instance) if sound => Ok(instance),
            _ => Err(tampered(
                format!(
                    "instance `{}` of consumer `{}` in ring `{}`",
                    shown(&self.instance),
                    shown(&self.consumer),
                    shown(&self.ring)
                ),
                "what it acknowledged or its lease does not fit the seal over it",
            )),
        }
    }

    fn fields(&self) -> Fields {
        let Self { ring, consumer, instance, body, mac: _ } = self;
        Fields::of("instance 1").text(ring).text(consumer).text(instance).text(body)
    }
}

/// What is known of a ring's instances, checked against its row, which was checked before.
///
/// # Errors
/// `store_tampered`.
pub(crate) fn of_ring(
    connection: &Connection,
    keys: &Keys,
    ring: &RingRow,
) -> Result<Evidence, Fault> {
    let rows = rows(connection, &ring.name)?;
    let known = rows.iter().map(|row| row.read(keys)).collect::<Result<_, _>>()?;
    let sealed = ring.live().map_or(&[][..], |live| &live.instances_digest);
    if digest(&rows) == sealed || (rows.is_empty() && ring.live().is_none()) {
        return Ok(Evidence::new(known));
    }
    Err(tampered(
        format!("the instances of ring `{}`", shown(&ring.name)),
        "one was added, removed, or put back in an older form",
    )
    .into())
}

/// Makes the table say what `after` says, and gives the digest over it.
pub(crate) fn keep(
    connection: &Connection,
    keys: &Keys,
    ring: &RingName,
    before: &Evidence,
    after: &Evidence,
) -> Result<Tag, Fault> {
    for gone in before.instances() {
        let same = |i: &&Instance| i.consumer == gone.consumer && i.instance == gone.instance;
        if after.instances().iter().find(same).is_none() {
            connection
                .prepare_cached(
                    "DELETE FROM instances WHERE ring = ?1 AND consumer = ?2 AND instance = ?3",
                )?
                .execute(params![ring.as_str(), gone.consumer, gone.instance])?;
        }
    }
    for instance in after.instances() {
        if before.instances().contains(instance) {
            continue;
        }
        let InstanceRow { ring, consumer, instance, body, mac } =
            InstanceRow::of(ring, instance, keys)?;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO instances (ring, consumer, instance, body, mac)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![ring, consumer, instance, body, mac])?;
    }
    Ok(digest(&rows(connection, ring.as_str())?))
}

/// Deletes what is known of a ring's instances.
pub(crate) fn delete(connection: &Connection, ring: &str) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM instances WHERE ring = ?1")?.execute([ring])?;
    Ok(())
}

fn rows(connection: &Connection, ring: &str) -> Result<Vec<InstanceRow>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT ring, consumer, instance, body, mac FROM instances
         WHERE ring = ?1 ORDER BY consumer, instance",
    )?;
    let rows = query.query_map([ring], |row| {
        Ok(InstanceRow {
            ring: row.get(0)?,
            consumer: row.get(1)?,
            instance: row.get(2)?,
            body: row.get(3)?,
            mac: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn digest(rows: &[InstanceRow]) -> Tag {
    let all = rows.iter().fold(Fields::of("instances 1"), |fields, row| fields.bytes(&row.mac));
    sha256(all.as_bytes())
}
