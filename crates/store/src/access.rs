//! Access tokens in their table: hashes and what they allow, each row under a MAC.

use jiff::Timestamp;
use keytide_ring::{AccessToken, AccessTokenHash, Permission, RingPattern, StoreError};
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
    rings: String,
    created_at: i64,
    expires_at: Option<i64>,
    pub(crate) mac: Vec<u8>,
}

impl AccessRow {
    /// The row of a token, sealed.
    pub(crate) fn of(token: &AccessToken, keys: &Keys) -> Result<Self, Fault> {
        let AccessToken { hash, subject, permissions, rings, created_at, expires_at } = token;
        let unwritable = |error: serde_json::Error| StoreError::Unavailable(error.to_string());
        let mut row = Self {
            hash: hash.0.to_vec(),
            subject: subject.clone(),
            permissions: serde_json::to_string(permissions).map_err(unwritable)?,
            rings: serde_json::to_string(rings).map_err(unwritable)?,
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
        self.read().ok_or_else(|| self.changed("it cannot be read"))
    }

    fn read(&self) -> Option<AccessToken> {
        let permissions: Vec<Permission> = serde_json::from_str(&self.permissions).ok()?;
        let rings: Vec<RingPattern> = serde_json::from_str(&self.rings).ok()?;
        let at = |millis| Timestamp::from_millisecond(millis).ok();
        let expires_at = match self.expires_at {
            Some(expires_at) => Some(at(expires_at)?),
            None => None,
        };
        Some(AccessToken {
            hash: AccessTokenHash(self.hash.as_slice().try_into().ok()?),
            subject: self.subject.clone(),
            permissions,
            rings,
            created_at: at(self.created_at)?,
            expires_at,
        })
    }

    fn changed(&self, why: &str) -> StoreError {
        tampered(format!("the access token of `{}`", shown(&self.subject)), why)
    }

    fn fields(&self) -> Fields {
        let Self { hash, subject, permissions, rings, created_at, expires_at, mac: _ } = self;
        let form = if rings == EVERY_RING { "access 1" } else { "access 2" };
        let fields = Fields::of(form)
            .bytes(hash)
            .text(subject)
            .text(permissions)
            .number(*created_at)
            .maybe_number(*expires_at);
        if rings == EVERY_RING { fields } else { fields.text(rings) }
    }
}

/// The rings of a token that was issued before tokens had any, and of each that reaches them all: both
/// are sealed alike.
const EVERY_RING: &str = r#"["*"]"#;

const COLUMNS: &str = "hash, subject, permissions, rings, created_at, expires_at, mac";

fn read(row: &Row<'_>) -> rusqlite::Result<AccessRow> {
    Ok(AccessRow {
        hash: row.get(0)?,
        subject: row.get(1)?,
        permissions: row.get(2)?,
        rings: row.get(3)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
        mac: row.get(6)?,
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
    let AccessRow { hash, subject, permissions, rings, created_at, expires_at, mac } = row;
    let sql =
        format!("INSERT OR REPLACE INTO access ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    connection.prepare_cached(&sql)?.execute(params![
        hash,
        subject,
        permissions,
        rings,
        created_at,
        expires_at,
        mac
    ])?;
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
