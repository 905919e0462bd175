//! The tables of a store: each format made from the one before, and recognised to the letter.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Fault, tampered};
use keytide_ring::StoreError;

/// Each raises the format by one. None may ever change once it was released.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_rings.sql"),
    include_str!("../migrations/0002_access_rings.sql"),
    include_str!("../migrations/0003_targets.sql"),
];

/// The newest format.
pub(crate) const FORMAT: u32 = MIGRATIONS.len() as u32;

/// Brings the tables to the newest format; each step happens whole or not at all.
///
/// # Errors
/// `store_too_new` when a newer version wrote the store.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    loop {
        // Read under the write lock: two processes may start on an old store at once.
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = format_of(&step)?;
        if found > FORMAT {
            return Err(StoreError::TooNew { found, known: FORMAT }.into());
        }
        let Some(migration) = MIGRATIONS.get(found as usize) else { return Ok(()) };
        step.execute_batch(migration)?;
        step.pragma_update(None, "user_version", found + 1)?;
        step.commit()?;
    }
}

/// Makes the empty tables of a format.
pub(crate) fn make(connection: &Connection, format: u32) -> Result<(), Fault> {
    for migration in MIGRATIONS.iter().take(format as usize) {
        connection.execute_batch(migration)?;
    }
    connection.pragma_update(None, "user_version", format)?;
    Ok(())
}

/// The format that the tables have; 0 when there are none.
pub(crate) fn format_of(connection: &Connection) -> Result<u32, Fault> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Compares the tables with those that the migrations make. A trigger that was added or a unique
/// index that was dropped would let a later write do what nobody asked for.
///
/// # Errors
/// `store_tampered`.
pub(crate) fn check_tables(connection: &Connection) -> Result<(), Fault> {
    let mut expected = Connection::open_in_memory()?;
    migrate(&mut expected)?;
    if definitions(connection)? == definitions(&expected)? {
        return Ok(());
    }
    Err(tampered("the tables of the database", "a table, index, view or trigger was altered")
        .into())
}

fn definitions(connection: &Connection) -> Result<Vec<[Option<String>; 4]>, Fault> {
    // `sqlite_stat1` and its like belong to SQLite's own ANALYZE.
    let mut query = connection.prepare(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite~_stat_' ESCAPE '~' ORDER BY type, name",
    )?;
    let rows =
        query.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(migrate(&mut connection).is_ok());
        connection
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = made();
        let before = definitions(&connection).ok();
        assert!(migrate(&mut connection).is_ok());
        assert_eq!(definitions(&connection).ok(), before);
        assert!(matches!(format_of(&connection), Ok(FORMAT)));
    }

    #[test]
    fn a_newer_format_is_left_alone() {
        let mut connection = made();
        connection.pragma_update(None, "user_version", FORMAT + 1).unwrap();
        assert!(matches!(
            migrate(&mut connection),
            Err(Fault::Ring(keytide_ring::Error::Store(StoreError::TooNew { .. })))
        ));
    }

    #[test]
    fn a_trigger_a_view_and_a_dropped_index_are_noticed() {
        for sql in [
            "CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END",
            "CREATE VIEW v AS SELECT 1",
            "DROP INDEX keys_one_active",
            "CREATE TABLE sqlitestat (x)",
        ] {
            let connection = made();
            assert!(check_tables(&connection).is_ok());
            connection.execute_batch(sql).unwrap();
            assert!(check_tables(&connection).is_err(), "{sql}");
        }
    }
}
