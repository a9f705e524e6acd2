//! Checkpoints: move the write-ahead log into the database without delaying commits.
//!
//! The background thread checkpoints while commits go on (PASSIVE). That moves nearly all pages, but under constant load it
//! never lets the log restart, and the log would grow without limit. So from [`SqliteSettings::log_max_pages`] on the writer
//! itself moves the few pages that are left and restarts the log (RESTART), between two groups.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::connection::BUSY_TIMEOUT;
use super::open::SqliteOpenError;
use super::settings::SqliteSettings;

/// How long the writer waits for readers when it restarts the log. Every commit waits with it.
const RESTART_WAIT: Duration = Duration::from_millis(10);

/// The writer's handle of the checkpoint thread.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    every: u32,
    max_pages: u32,
    /// Length at which the log is restarted: `max_pages`, or more after a refusal.
    restart_at: u32,
    /// Length of the log when the background thread was last woken.
    woken_at: u32,
}

impl Checkpoints {
    pub(super) fn start(settings: &SqliteSettings, db: Connection) -> Result<Self, SqliteOpenError> {
        // One waiting request is enough: a checkpoint moves all pages present when it begins.
        let (wake, requests) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-checkpoints".into())
            .spawn(move || background(&db, &requests))
            .map_err(SqliteOpenError::Threads)?;
        Ok(Self {
            wake: Some(wake),
            thread: Some(thread),
            every: settings.checkpoint_pages.max(1),
            max_pages: settings.log_max_pages.max(1),
            restart_at: settings.log_max_pages.max(1),
            woken_at: 0,
        })
    }

    /// Checks the length of the log and starts the checkpoint that is due.
    pub(super) fn after_commit(&mut self, db: &Connection) {
        // NOOP only reports.
        let Some(log) = checkpoint(db, "PRAGMA wal_checkpoint(NOOP)") else {
            return;
        };
        if log.pages < self.woken_at {
            self.woken_at = 0;
        }
        if log.pages >= self.restart_at {
            self.restart(db, log.pages);
        } else if log.pages - self.woken_at >= self.every {
            self.woken_at = log.pages;
            self.wake();
        }
    }

    /// Refused while the background thread runs or a reader lags. Then it is retried only after another `every` pages, so that a
    /// reader that never ends costs disk, not speed.
    fn restart(&mut self, db: &Connection, pages: u32) {
        let log = with_busy_timeout(db, RESTART_WAIT, || checkpoint(db, "PRAGMA wal_checkpoint(RESTART)"));
        let is_refused = log.is_none_or(|log| log.is_refused);
        self.restart_at = if is_refused {
            pages.saturating_add(self.every)
        } else {
            self.max_pages
        };
    }

    fn wake(&self) {
        if let Some(wake) = &self.wake
            && let Err(TrySendError::Disconnected(())) = wake.try_send(())
        {
            tracing::error!("store: the checkpoint thread has ended");
        }
    }

    /// Stops the background thread, then checkpoints everything and truncates the log.
    pub(super) fn end(mut self, db: &Connection) {
        self.wake.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the panic hook.
            thread.join().ok();
        }
        checkpoint(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

fn background(db: &Connection, requests: &Receiver<()>) {
    for () in requests {
        checkpoint(db, "PRAGMA wal_checkpoint(PASSIVE)");
    }
}

/// Runs `work` with another busy timeout.
fn with_busy_timeout<T>(db: &Connection, busy_timeout: Duration, work: impl FnOnce() -> T) -> T {
    // Setting it cannot fail on an open connection, and a failure would only mean a longer wait.
    db.busy_timeout(busy_timeout).ok();
    let done = work();
    db.busy_timeout(BUSY_TIMEOUT).ok();
    done
}

struct LogStatus {
    is_refused: bool,
    pages: u32,
}

/// A failed checkpoint loses nothing: the log keeps the pages. So it is logged, and retried when next due.
fn checkpoint(db: &Connection, pragma: &str) -> Option<LogStatus> {
    let log = db.prepare_cached(pragma).and_then(|mut statement| {
        // Columns: whether it was refused, pages in the log (-1 without a log), pages moved.
        statement.query_row([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))
    });
    match log {
        Ok((is_refused, pages)) => Some(LogStatus {
            is_refused,
            pages: u32::try_from(pages).unwrap_or(0),
        }),
        Err(error) => {
            tracing::warn!(%error, pragma, "store: checkpoint failed");
            None
        }
    }
}
