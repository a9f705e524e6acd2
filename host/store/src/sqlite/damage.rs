//! Damage of the database, found before it is served: a page that the disk has spoiled may be one of the indexes that money rests on.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::open::SqliteOpenError;

/// The tables whose unique indexes keep money from moving twice.
const MONEY: [&str; 2] = ["attempt", "orders"];

/// Checks every page, and for the tables of money also that each row is in each index. It reads the whole file once: about a second
/// per gigabyte from a warm cache, else as long as the disk needs.
///
/// # Errors
/// The first damage that is found. Nothing was changed.
pub(super) fn check(db: &Connection, file: &Path) -> Result<(), SqliteOpenError> {
    let found = first_line(db, "PRAGMA quick_check(1)").and_then(|found| {
        MONEY.iter().try_fold(found, |found, table| match found {
            None => first_line(db, &format!("PRAGMA integrity_check({table})")),
            found => Ok(found),
        })
    });
    match found {
        Ok(None) => Ok(()),
        Ok(Some(found)) => Err(damaged(file, found)),
        Err(error) => Err(error_of(file, error)),
    }
}

/// An error that SQLite reports when it meets a damaged page is damage, and any other what it is.
pub(super) fn error_of(file: &Path, error: rusqlite::Error) -> SqliteOpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(file, error.to_string()),
        _ => SqliteOpenError::Sqlite(error),
    }
}

fn damaged(file: &Path, found: String) -> SqliteOpenError {
    SqliteOpenError::Damaged {
        path: file.to_owned(),
        found,
    }
}

/// What the pragma reports first; `None` if all is well, and for a table that does not exist yet.
fn first_line(db: &Connection, pragma: &str) -> rusqlite::Result<Option<String>> {
    let found = db.query_row(pragma, [], |row| row.get::<_, String>(0));
    match found {
        Ok(line) if line == "ok" => Ok(None),
        Ok(line) => Ok(Some(line)),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) if error.to_string().contains("no such table") => Ok(None),
        Err(error) => Err(error),
    }
}
