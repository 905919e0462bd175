//! Every row of a database as a stream of bytes, and back: what a backup holds.
//!
//! Each table is its name, its columns, its rows, and how many there were; an empty name ends the
//! stream. Nothing but the rows is taken over: whoever reads it makes the tables anew.

use std::io::{self, Read, Write};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::error::Fault;

/// What went wrong, with the database or with the stream.
pub(crate) enum StreamFault {
    Database(Fault),
    Stream(io::Error),
}

/// Called now and then with how many rows were passed, and how many there are.
pub type Progress<'a> = dyn FnMut(u64, u64) + 'a;

/// How many rows there are.
pub(crate) fn count(state: &Connection) -> Result<u64, Fault> {
    let mut total = 0;
    for table in tables(state)? {
        let sql = format!("SELECT count(*) FROM {}", quoted(&table));
        total += state.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs();
    }
    Ok(total)
}

/// Writes every row of one consistent state, which has `total` of them.
pub(crate) fn write(
    state: &Connection,
    to: &mut impl Write,
    total: u64,
    progress: &mut Progress<'_>,
) -> Result<(), StreamFault> {
    let tables = tables(state).map_err(StreamFault::Database)?;
    let mut done = 0;
    for table in &tables {
        let mut query = state.prepare(&format!("SELECT * FROM {}", quoted(table)))?;
        let columns: Vec<_> = query.column_names().map(str::to_owned).collect();
        put_text(to, table)?;
        put_length(to, columns.len())?;
        for column in &columns {
            put_text(to, column)?;
        }
        let (mut rows, mut count) = (query.query([])?, 0_u64);
        while let Some(row) = rows.next()? {
            to.write_all(&[ROW])?;
            for column in 0..columns.len() {
                put_value(to, row.get_ref(column)?)?;
            }
            count += 1;
            done += 1;
            if done % ROWS_BETWEEN == 0 {
                progress(done, total);
            }
        }
        to.write_all(&[END])?;
        to.write_all(&count.to_be_bytes())?;
    }
    put_text(to, "")?;
    progress(done, total);
    Ok(())
}

/// Puts every row into tables that are there, and empty; says how many there were.
pub(crate) fn read(
    into: &Connection,
    from: &mut impl Read,
    total: u64,
    progress: &mut Progress<'_>,
) -> Result<u64, StreamFault> {
    let known = tables(into).map_err(StreamFault::Database)?;
    let mut done = 0;
    loop {
        let table = take_text(from)?;
        if table.is_empty() {
            break;
        }
        if !known.contains(&table) {
            return Err(malformed("it has a table that a store does not have"));
        }
        let columns: Vec<_> =
            (0..take_length(from)?).map(|_| take_text(from)).collect::<Result<_, _>>()?;
        let names: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
        let places = vec!["?"; columns.len()].join(", ");
        let (table, names) = (quoted(&table), names.join(", "));
        let mut insert =
            into.prepare(&format!("INSERT INTO {table} ({names}) VALUES ({places})"))?;
        let mut count = 0_u64;
        loop {
            match take::<1>(from)? {
                [ROW] => {}
                [END] => break,
                _ => return Err(malformed("it is not laid out as a backup")),
            }
            let values: Vec<_> =
                columns.iter().map(|_| take_value(from)).collect::<Result<_, _>>()?;
            insert.execute(params_from_iter(values))?;
            count += 1;
            done += 1;
            if done % ROWS_BETWEEN == 0 {
                progress(done, total);
            }
        }
        if count != u64::from_be_bytes(take(from)?) {
            return Err(malformed("rows of it are missing"));
        }
    }
    if from.read(&mut [0]).map_err(StreamFault::Stream)? != 0 {
        return Err(malformed("it does not end where it should"));
    }
    progress(done, total);
    Ok(done)
}

fn tables(state: &Connection) -> Result<Vec<String>, Fault> {
    let mut query = state.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
         ORDER BY name",
    )?;
    let names = query.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn put_value(to: &mut impl Write, value: ValueRef<'_>) -> Result<(), StreamFault> {
    let mut put = |kind: u8, bytes: &[u8]| {
        to.write_all(&[kind])?;
        put_bytes(to, bytes)
    };
    match value {
        ValueRef::Null => put(0, &[]),
        ValueRef::Integer(number) => put(1, &number.to_be_bytes()),
        ValueRef::Real(number) => put(2, &number.to_be_bytes()),
        ValueRef::Text(text) => put(3, text),
        ValueRef::Blob(bytes) => put(4, bytes),
    }
}

fn take_value(from: &mut impl Read) -> Result<Value, StreamFault> {
    let [kind] = take(from)?;
    let bytes = take_bytes(from)?;
    let eight = || bytes.as_slice().try_into().map_err(|_| malformed("a number of it is none"));
    Ok(match kind {
        0 => Value::Null,
        1 => Value::Integer(i64::from_be_bytes(eight()?)),
        2 => Value::Real(f64::from_be_bytes(eight()?)),
        3 => Value::Text(as_text(bytes)?),
        4 => Value::Blob(bytes),
        _ => return Err(malformed("a value of it is of no kind")),
    })
}

fn put_text(to: &mut impl Write, text: &str) -> Result<(), StreamFault> {
    put_bytes(to, text.as_bytes())
}

fn put_bytes(to: &mut impl Write, bytes: &[u8]) -> Result<(), StreamFault> {
    put_length(to, bytes.len())?;
    Ok(to.write_all(bytes)?)
}

fn put_length(to: &mut impl Write, length: usize) -> Result<(), StreamFault> {
    let length = u32::try_from(length).map_err(io::Error::other)?;
    Ok(to.write_all(&length.to_be_bytes())?)
}

fn take_text(from: &mut impl Read) -> Result<String, StreamFault> {
    as_text(take_bytes(from)?)
}

fn take_bytes(from: &mut impl Read) -> Result<Vec<u8>, StreamFault> {
    let length = take_length(from)?;
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(bytes) } else { Err(malformed("it ends too early")) }
}

fn take_length(from: &mut impl Read) -> Result<usize, StreamFault> {
    Ok(u32::from_be_bytes(take(from)?) as usize)
}

fn take<const N: usize>(from: &mut impl Read) -> Result<[u8; N], StreamFault> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn as_text(bytes: Vec<u8>) -> Result<String, StreamFault> {
    String::from_utf8(bytes).map_err(|_| malformed("a text of it is none"))
}

fn malformed(why: &'static str) -> StreamFault {
    StreamFault::Stream(io::Error::new(io::ErrorKind::InvalidData, why))
}

impl From<rusqlite::Error> for StreamFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<io::Error> for StreamFault {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

const ROW: u8 = b'r';
const END: u8 = b'e';
const ROWS_BETWEEN: u64 = 512;
