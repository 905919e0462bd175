//! Rings, keys and sealed secrets in their tables: the SQL, and nothing decided.

use keytide_ring::{Error, RingName};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::error::{Fault, tampered};
use crate::kek::{Keys, Tag};
use crate::row::{self, KeptKey, KeyRow, Life, Live, RingRow, SecretRow, Times};

/// The columns of [`read_ring`], in its order.
const RING: &str = "name, epoch, revision, created_at, destroyed_at, next_due, algorithm, active, \
                    policy, memory, keys_digest, instances_digest, mac";

fn read_ring(row: &Row<'_>) -> rusqlite::Result<RingRow> {
    let life = match row.get::<_, Option<i64>>(4)? {
        Some(at) => Life::Destroyed { at },
        None => Life::Live(Live {
            next_due: row.get(5)?,
            algorithm: row.get(6)?,
            active: row.get(7)?,
            policy: row.get(8)?,
            memory: row.get(9)?,
            keys_digest: row.get(10)?,
            instances_digest: row.get(11)?,
        }),
    };
    Ok(RingRow {
        name: row.get(0)?,
        epoch: row.get(1)?,
        revision: row.get(2)?,
        created_at: row.get(3)?,
        life,
        mac: row.get(12)?,
    })
}

/// The ring's row, or its tombstone; checked.
pub(crate) fn find(
    connection: &Connection,
    keys: &Keys,
    name: &RingName,
) -> Result<Option<RingRow>, Fault> {
    let sql = format!("SELECT {RING} FROM rings WHERE name = ?1");
    let found =
        connection.prepare_cached(&sql)?.query_row([name.as_str()], read_ring).optional()?;
    if let Some(row) = &found {
        row.check(keys)?;
        check_newest(connection, row)?;
    }
    Ok(found)
}

/// The row of a ring that was not destroyed; checked.
///
/// # Errors
/// `ring_not_found`, `store_tampered`.
pub(crate) fn live(
    connection: &Connection,
    keys: &Keys,
    name: &RingName,
) -> Result<RingRow, Fault> {
    match find(connection, keys, name)? {
        Some(row) if row.live().is_some() => Ok(row),
        _ => Err(Error::RingNotFound { ring: name.clone() }.into()),
    }
}

/// Live rings after `after` in the order of their names, not checked.
pub(crate) fn page(
    connection: &Connection,
    after: &str,
    limit: usize,
) -> Result<Vec<RingRow>, Fault> {
    let sql = format!(
        "SELECT {RING} FROM rings WHERE destroyed_at IS NULL AND name > ?1 ORDER BY name LIMIT ?2"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let rows = query.query_map(params![after, row::number(limit as u64)], read_ring)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Calls `each` with every ring's row and every tombstone, not checked.
pub(crate) fn for_each(
    connection: &Connection,
    mut each: impl FnMut(RingRow) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut query = connection.prepare(&format!("SELECT {RING} FROM rings"))?;
    for row in query.query_map([], read_ring)? {
        each(row?)?;
    }
    Ok(())
}

/// A ring that was put back in an older form has a valid seal; the audit log tells its true epoch.
pub(crate) fn check_newest(connection: &Connection, row: &RingRow) -> Result<(), Fault> {
    let recorded: Option<i64> = connection
        .prepare_cached("SELECT max(epoch) FROM audit WHERE ring = ?1 AND epoch IS NOT NULL")?
        .query_row([&row.name], |row| row.get(0))?;
    if recorded.is_some_and(|recorded| recorded > row.epoch) {
        return Err(tampered(
            format!("ring `{}`", row::shown(&row.name)),
            format!(
                "it is at epoch {}, while the audit log records epoch {}: an older copy was put \
                 in its place",
                row.epoch,
                recorded.unwrap_or_default(),
            ),
        )
        .into());
    }
    Ok(())
}

/// Every key of a ring in the order of their kids, not checked.
pub(crate) fn kept_keys(connection: &Connection, ring: &str) -> Result<Vec<KeptKey>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT keys.kid, ring, algorithm, born, published_in, since, published_at, longest_ttl,
                public, state, activated_at, deactivated_at, removed_at, revoked_at,
                exposed_until, destroyed_at, mac, sealed, blind
         FROM keys LEFT JOIN secrets ON secrets.kid = keys.kid
         WHERE ring = ?1 ORDER BY keys.kid",
    )?;
    let rows = query.query_map([ring], |row| {
        let key = KeyRow {
            kid: row.get(0)?,
            ring: row.get(1)?,
            algorithm: row.get(2)?,
            born: row.get(3)?,
            published_in: row.get(4)?,
            since: row.get(5)?,
            published_at: row.get(6)?,
            longest_ttl: row.get(7)?,
            public: row.get(8)?,
            state: row.get(9)?,
            times: Times {
                activated_at: row.get(10)?,
                deactivated_at: row.get(11)?,
                removed_at: row.get(12)?,
                revoked_at: row.get(13)?,
                exposed_until: row.get(14)?,
                destroyed_at: row.get(15)?,
            },
            mac: row.get(16)?,
        };
        let secret = match row.get(17)? {
            Some(sealed) => Some(SecretRow { sealed, blind: row.get(18)? }),
            None => None,
        };
        Ok(KeptKey { row: key, secret })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a ring's row over the one of the same name.
pub(crate) fn put_ring(connection: &Connection, ring: &RingRow) -> Result<(), Fault> {
    let RingRow { name, epoch, revision, created_at, life, mac } = ring;
    let (destroyed_at, live) = match life {
        Life::Live(live) => (None, Some(live)),
        Life::Destroyed { at } => (Some(*at), None),
    };
    connection
        .prepare_cached(
            "INSERT INTO rings (name, epoch, revision, created_at, destroyed_at, next_due,
                                algorithm, active, policy, memory, keys_digest, instances_digest,
                                mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (name) DO UPDATE SET
                 epoch = excluded.epoch, revision = excluded.revision,
                 created_at = excluded.created_at, destroyed_at = excluded.destroyed_at,
                 next_due = excluded.next_due, algorithm = excluded.algorithm,
                 active = excluded.active, policy = excluded.policy,
                 memory = excluded.memory, keys_digest = excluded.keys_digest,
                 instances_digest = excluded.instances_digest, mac = excluded.mac",
        )?
        .execute(params![
            name,
            epoch,
            revision,
            created_at,
            destroyed_at,
            live.map(|live| live.next_due),
            live.map(|live| &live.algorithm),
            live.map(|live| &live.active),
            live.map(|live| &live.policy),
            live.map(|live| &live.memory),
            live.map(|live| &live.keys_digest),
            live.map(|live| &live.instances_digest),
            mac,
        ])?;
    Ok(())
}

pub(crate) fn put_key(connection: &Connection, key: &KeyRow) -> Result<(), Fault> {
    let KeyRow {
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
        mac,
    } = key;
    let Times { activated_at, deactivated_at, removed_at, revoked_at, exposed_until, destroyed_at } =
        times;
    connection
        .prepare_cached(
            "INSERT INTO keys (kid, ring, algorithm, born, published_in, since, published_at,
                               longest_ttl, public, state, activated_at, deactivated_at, removed_at, revoked_at,
                               exposed_until, destroyed_at, mac)
             VALUES (:kid, :ring, :algorithm, :born, :published_in, :since, :published_at,
                     :longest_ttl, :public, :state, :activated_at, :deactivated_at, :removed_at, :revoked_at,
                     :exposed_until, :destroyed_at, :mac)",
        )?
        .execute(named_params! {
            ":kid": kid,
            ":ring": ring,
            ":algorithm": algorithm,
            ":born": born,
            ":published_in": published_in,
            ":since": since,
            ":published_at": published_at,
            ":longest_ttl": longest_ttl,
            ":public": public,
            ":state": state,
            ":activated_at": activated_at,
            ":deactivated_at": deactivated_at,
            ":removed_at": removed_at,
            ":revoked_at": revoked_at,
            ":exposed_until": exposed_until,
            ":destroyed_at": destroyed_at,
            ":mac": mac,
        })?;
    Ok(())
}

pub(crate) fn delete_key(connection: &Connection, kid: &str) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM keys WHERE kid = ?1")?.execute([kid])?;
    Ok(())
}

pub(crate) fn put_secret(
    connection: &Connection,
    kid: &str,
    sealed: &[u8],
    blind: &Tag,
) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT INTO secrets (kid, sealed, blind) VALUES (?1, ?2, ?3)")?
        .execute(params![kid, sealed, blind])?;
    Ok(())
}

/// Deletes a secret; true when there was one.
pub(crate) fn delete_secret(connection: &Connection, kid: &str) -> Result<bool, Fault> {
    let deleted =
        connection.prepare_cached("DELETE FROM secrets WHERE kid = ?1")?.execute([kid])?;
    Ok(deleted > 0)
}

/// Deletes every key and secret of a ring; says how many keys there were.
pub(crate) fn delete_keys(connection: &Connection, ring: &str) -> Result<usize, Fault> {
    connection
        .prepare_cached("DELETE FROM secrets WHERE kid IN (SELECT kid FROM keys WHERE ring = ?1)")?
        .execute([ring])?;
    Ok(connection.prepare_cached("DELETE FROM keys WHERE ring = ?1")?.execute([ring])?)
}

/// The ring that has the key of this name.
pub(crate) fn ring_of_kid(connection: &Connection, kid: &str) -> Result<Option<String>, Fault> {
    let mut query = connection.prepare_cached("SELECT ring FROM keys WHERE kid = ?1")?;
    Ok(query.query_row([kid], |row| row.get(0)).optional()?)
}

/// The ring that has the secret of this blind index.
pub(crate) fn ring_of_blind(connection: &Connection, blind: &Tag) -> Result<Option<String>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT ring FROM secrets JOIN keys ON keys.kid = secrets.kid WHERE blind = ?1",
    )?;
    Ok(query.query_row([blind], |row| row.get(0)).optional()?)
}

/// The names that `sql` gives, which must be names of rings.
pub(crate) fn names(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<RingName>, Fault> {
    let mut query = connection.prepare_cached(sql)?;
    let mut names = Vec::new();
    for name in query.query_map(parameters, |row| row.get::<_, String>(0))? {
        let name = name?;
        names.push(name.parse().map_err(|_| {
            tampered(format!("ring `{}`", row::shown(&name)), "this is no name of a ring")
        })?);
    }
    Ok(names)
}
