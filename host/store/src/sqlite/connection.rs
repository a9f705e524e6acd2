//! Opens every connection with the settings that all of them need.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Busy timeout for a lock. Within the host only checkpoints ever hold a lock that another connection needs; an operator's
/// database shell may hold one too.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a file that exists, or creates it if the flags say so.
pub(super) fn open(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    // Without it SQLite plans a query again for each value that is bound to it. That would affect the queries that run all the
    // time: those that skip busy merchants or have a LIMIT.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A damaged cell is an error when its page is read, and not what it happens to look like.
    db.pragma_update(None, "cell_size_check", true)?;
    Ok(db)
}
