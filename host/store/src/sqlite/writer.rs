//! The writer: one thread, one connection, one fsync for everything that is queued.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ports::{CommitError, MessageFilter, RetentionCutoffs, SessionCutoffs, StoreError};
use tillhouse_checkout::time::{Clock, Timestamp};

use super::buyers::{PreparedErasure, RowsAbout};
use super::checkpoint::Checkpoints;
use super::feeds::FeedWrite;
use super::group_commit;
use super::leases::Fences;
use super::lock::FolderLock;
use super::messages::MessageMove;
use super::open::SqliteOpenError;
use super::settings::SqliteSettings;
use super::unit_of_work::PreparedUnit;
use crate::commit_marks::CommitMarks;

/// A request to the writer. Each runs in a savepoint of its own.
pub(super) enum WriteRequest {
    /// Commit a unit of work.
    Unit(Box<PreparedUnit>),
    /// Move a message of the outbox.
    Message(MessageMove),
    /// Queue messages again, and record it in the audit log.
    Replay {
        filter: MessageFilter,
        /// When they are due.
        now: Timestamp,
        audit: AuditEntry,
    },
    /// Purge a batch of what is past its retention.
    Purge(RetentionCutoffs),
    /// Purge a batch of ended sessions.
    PurgeSessions(SessionCutoffs),
    /// Purge a batch of the audit log written before a time; the entry says so.
    PurgeAudit(Timestamp, AuditEntry),
    /// Delete every delegated card.
    DeleteCards,
    /// Erase a buyer, and record it in the audit log.
    Erase(Box<PreparedErasure>, AuditEntry),
    /// Delete the saved carts of a buyer with what is about them, and record it in the audit log.
    EraseCarts(RowsAbout, AuditEntry),
    /// Write an upload of a feed.
    Feed(Box<FeedWrite>),
}

struct QueuedRequest {
    request: WriteRequest,
    answer: oneshot::Sender<Result<u64, CommitError>>,
}

/// The callers' handle of the writer.
pub(super) struct Writer(RwLock<Option<WriterThread>>);

/// The thread. Dropping it waits until the queue is empty.
pub(super) struct WriterThread {
    queue: Option<mpsc::Sender<QueuedRequest>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        settings: &SqliteSettings,
        db: Connection,
        checkpointer: Connection,
        lock: FolderLock,
        fences: Arc<Fences>,
        marks: Arc<CommitMarks>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SqliteOpenError> {
        let (queue, requests) = mpsc::channel(settings.queue.max(1));
        let checkpoints = Checkpoints::start(settings, checkpointer)?;
        let group_max = settings.group_max.max(1);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                write(&db, requests, group_max, &fences, &marks, &*clock, checkpoints);
                drop(db);
                drop(lock);
            })
            .map_err(SqliteOpenError::Threads)?;
        Ok(Self(RwLock::new(Some(WriterThread {
            queue: Some(queue),
            thread: Some(thread),
        }))))
    }

    /// Queues the request and waits until it is durable. Returns the number of rows moved, where that matters.
    pub(super) async fn submit(&self, request: WriteRequest) -> Result<u64, CommitError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue().ok_or_else(closed)?;
        queue
            .send(QueuedRequest { request, answer })
            .await
            .map_err(|_| closed())?;
        // Not held while waiting: the thread ends when the last sender is dropped.
        drop(queue);
        answered.await.map_err(|_| closed())?
    }

    fn queue(&self) -> Option<mpsc::Sender<QueuedRequest>> {
        let running = self.0.read().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().and_then(|running| running.queue.clone())
    }

    /// Refuses new work. The thread ends when the returned value is dropped.
    pub(super) fn detach(&self) -> Option<WriterThread> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.queue.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the panic hook; there is nothing to add.
            thread.join().ok();
        }
    }
}

fn closed() -> CommitError {
    CommitError::Store(StoreError::new("the store is closed"))
}

fn write(
    db: &Connection,
    mut requests: mpsc::Receiver<QueuedRequest>,
    group_max: usize,
    fences: &Fences,
    marks: &CommitMarks,
    clock: &dyn Clock,
    mut checkpoints: Checkpoints,
) {
    let mut group = Vec::with_capacity(group_max);
    while let Some(first) = requests.blocking_recv() {
        group.push(first);
        while group.len() < group_max
            && let Ok(next) = requests.try_recv()
        {
            group.push(next);
        }
        let answers = group_commit::commit(
            db,
            group.iter().map(|queued| &queued.request),
            fences,
            marks,
            clock.now(),
        );
        for (queued, answer) in group.drain(..).zip(answers) {
            // The caller may be gone; the work is done anyway.
            queued.answer.send(answer).ok();
        }
        checkpoints.after_commit(db);
    }
    checkpoints.end(db);
    if let Err(error) = marks.sync() {
        tracing::warn!(%error, "store: failed to sync what the host remembers of its commits");
    }
}
