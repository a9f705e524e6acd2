//! Damage of the database, found before it is served: a page that the disk has spoiled may be one of the indexes that money rests on.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::open::SqliteOpenError;

/// The tables whose unique indexes keep money from moving twice.
const MONEY: [&str; 2] = ["attempt", "orders"];

/// Size up to which everything is checked; beyond, the rows of tables without money are not looked up in their indexes.
const SMALL: u64 = 256 * 1024 * 1024;

/// Checks every page and row, and that each row is in each index: of a large database only of the tables of money. It reads the whole
/// file once, a few seconds per gigabyte. Text that was overwritten by other text is not noticed: SQLite keeps no checksums.
///
/// # Errors
/// The first damage that is found. Nothing was changed.
pub(super) fn check(db: &Connection, file: &Path) -> Result<(), SqliteOpenError> {
    let is_small = std::fs::metadata(file).is_ok_and(|file| file.len() <= SMALL);
    let pragmas = if is_small {
        vec!["PRAGMA integrity_check(1)".to_owned()]
    } else {
        let of_money = MONEY.iter().map(|table| format!("PRAGMA integrity_check({table})"));
        std::iter::once("PRAGMA quick_check(1)".to_owned())
            .chain(of_money)
            .collect()
    };
    let found = pragmas.iter().try_fold(None, |found, pragma| match found {
        None => first_line(db, pragma),
        found => Ok(found),
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
