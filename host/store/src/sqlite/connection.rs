//! The one way to open a database: every connection has what all of them need.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// How long a connection waits for a lock. Within the host only checkpoints ever hold one that another wants; beside it, a
/// person with a database shell may.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Open a file that is there, or may be made if the flags say so.
pub(super) fn open(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY)?;
    // Without it SQLite plans a query anew for the values that are bound to it: every execution of those that pass over busy
    // merchants or have a LIMIT, which are the ones that run all the time.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(db)
}
