//! Access tokens in their table: hashes and what they allow, each row under a MAC.

use jiff::Timestamp;
use keytide_ring::{AccessToken, AccessTokenHash, Permission, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::head::{Census, Head};
use crate::kek::Keys;
use crate::row::{millis, shown};

/// An access token as a row.
pub(crate) struct AccessRow {
    hash: Vec<u8>,
    subject: String,
    permissions: String,
    created_at: i64,
    expires_at: Option<i64>,
    pub(crate) mac: Vec<u8>,
}

impl AccessRow {
    /// The row of a token, sealed.
    pub(crate) fn of(token: &AccessToken, keys: &Keys) -> Result<Self, Fault> {
        let AccessToken { hash, subject, permissions, created_at, expires_at } = token;
        let mut row = Self {
            hash: hash.0.to_vec(),
            subject: subject.clone(),
            permissions: serde_json::to_string(permissions)
                .map_err(|error| StoreError::Unavailable(error.to_string()))?,
            created_at: millis(*created_at),
            expires_at: expires_at.map(millis),
            mac: Vec::new(),
        };
        row.mac = keys.access.tag(&row.fields()).to_vec();
        Ok(row)
    }

    /// # Errors
    /// `store_tampered` unless the row is as it was sealed.
    pub(crate) fn check(&self, keys: &Keys) -> Result<(), StoreError> {
        if keys.access.fits(&self.fields(), &self.mac) {
            return Ok(());
        }
        Err(self.changed("its permissions, times or subject do not fit the seal over them"))
    }

    /// The token. Call it on a row that was checked.
    pub(crate) fn token(self) -> Result<AccessToken, StoreError> {
        let permissions: Option<Vec<Permission>> = serde_json::from_str(&self.permissions).ok();
        let at = |millis| Timestamp::from_millisecond(millis).ok();
        let token = permissions.zip(at(self.created_at)).zip(self.hash.as_slice().try_into().ok());
        let expires_at = self.expires_at.map(|expires_at| at(expires_at).ok_or(()));
        match (token, expires_at.transpose()) {
            (Some(((permissions, created_at), hash)), Ok(expires_at)) => Ok(AccessToken {
                hash: AccessTokenHash(hash),
                subject: self.subject,
                permissions,
                created_at,
                expires_at,
            }),
            _ => Err(self.changed("it cannot be read")),
        }
    }

    fn changed(&self, why: &str) -> StoreError {
        tampered(format!("the access token of `{}`", shown(&self.subject)), why)
    }

    fn fields(&self) -> Fields {
        let Self { hash, subject, permissions, created_at, expires_at, mac: _ } = self;
        Fields::of("access 1")
            .bytes(hash)
            .text(subject)
            .text(permissions)
            .number(*created_at)
            .maybe_number(*expires_at)
    }
}

const COLUMNS: &str = "hash, subject, permissions, created_at, expires_at, mac";

fn read(row: &Row<'_>) -> rusqlite::Result<AccessRow> {
    Ok(AccessRow {
        hash: row.get(0)?,
        subject: row.get(1)?,
        permissions: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        mac: row.get(5)?,
    })
}

/// The row of this hash, checked.
pub(crate) fn find(
    connection: &Connection,
    keys: &Keys,
    hash: &AccessTokenHash,
) -> Result<Option<AccessRow>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM access WHERE hash = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([hash.0], read).optional()?;
    if let Some(row) = &row {
        row.check(keys)?;
    }
    Ok(row)
}

/// Writes a row over the one of the same hash.
pub(crate) fn put(connection: &Connection, row: &AccessRow) -> Result<(), Fault> {
    let AccessRow { hash, subject, permissions, created_at, expires_at, mac } = row;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO access (hash, subject, permissions, created_at, expires_at, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![hash, subject, permissions, created_at, expires_at, mac])?;
    Ok(())
}

/// Deletes every row of this subject, each checked, and gives them.
pub(crate) fn end(
    connection: &Connection,
    keys: &Keys,
    subject: &str,
) -> Result<Vec<AccessRow>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM access WHERE subject = ?1");
    let mut query = connection.prepare_cached(&sql)?;
    let rows: Vec<_> = query.query_map([subject], read)?.collect::<Result<_, _>>()?;
    rows.iter().try_for_each(|row| row.check(keys))?;
    connection.prepare_cached("DELETE FROM access WHERE subject = ?1")?.execute([subject])?;
    Ok(rows)
}

/// That no row was added, taken away, or put back after it was withdrawn. Who lets a token in by
/// its row alone lets in one that was withdrawn: that row has a valid seal.
///
/// # Errors
/// `store_tampered`.
pub(crate) fn check_census(connection: &Connection, keys: &Keys, head: &Head) -> Result<(), Fault> {
    let mut found = Census::default();
    for_each(connection, |row| {
        found.add(&row.mac, keys);
        Ok(())
    })?;
    Ok(head.access.check(&found, "the set of access tokens")?)
}

/// Calls `each` with every row, not checked.
pub(crate) fn for_each(
    connection: &Connection,
    mut each: impl FnMut(AccessRow) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut query = connection.prepare(&format!("SELECT {COLUMNS} FROM access"))?;
    for row in query.query_map([], read)? {
        each(row?)?;
    }
    Ok(())
}
