//! An import under way: a thread with the transaction, and the handle that sends it rows.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::transaction::{ImportTransaction, broken};
use super::{Catalogs, file};
use crate::catalog_imports::ImportUnderWay;
use crate::sqlite::read_error::ReadError;
use tillhouse_checkout::catalog::{
    CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, ImportSoFar, StoredCatalog,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{CatalogImport, StoreError};
use tillhouse_checkout::time::Timestamp;
use tillhouse_crash_points::crash_point;

/// How much lower the priority of the thread is: a checkout never waits for the processor behind an import.
const NICE: i32 = 10;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// The version that an import makes, and what it is before its first row.
type Begun = (CatalogVersion, ImportSoFar);

/// What the thread is asked to do.
pub(super) enum Step {
    Write(Vec<CatalogWrite>, Answer<(Vec<DuplicateRow>, ImportSoFar)>),
    Current(Vec<ItemId>, Answer<Vec<Option<CatalogRow>>>),
    Finish(Box<ImportRecord>, Timestamp, Answer<StoredCatalog>),
    /// The store closes: nothing of the import is kept.
    Stop,
}

/// The caller's handle. The thread ends when it is dropped.
pub(super) struct ImportHandle {
    catalogs: Arc<Catalogs>,
    under_way: ImportUnderWay,
    version: CatalogVersion,
    so_far: ImportSoFar,
    steps: mpsc::Sender<Step>,
}

impl ImportHandle {
    /// Waits for the turn, starts the thread, and waits until it has begun the transaction.
    pub(super) async fn start(
        catalogs: Arc<Catalogs>,
        under_way: ImportUnderWay,
        mode: ImportMode,
        after: CatalogVersion,
    ) -> Result<Self, StoreError> {
        let (steps, receiver) = mpsc::channel(1);
        let mut handle = Self {
            catalogs,
            under_way,
            version: CatalogVersion::default(),
            so_far: ImportSoFar::default(),
            steps,
        };
        // Dropped on an error, the handle makes room for another import.
        (handle.version, handle.so_far) = handle.begin(mode, after, receiver).await?;
        Ok(handle)
    }

    async fn begin(
        &self,
        mode: ImportMode,
        after: CatalogVersion,
        steps: mpsc::Receiver<Step>,
    ) -> Result<Begun, StoreError> {
        let turn = self.catalogs.turn().await?;
        self.catalogs.set_running(&self.steps)?;
        let (begun, began) = oneshot::channel();
        let (catalogs, under_way) = (Arc::clone(&self.catalogs), self.under_way.clone());
        let work = move || {
            let transaction = begin(&catalogs, under_way.merchant(), mode, after);
            run(&catalogs, transaction, steps, begun, |stored| {
                catalogs.note_in_force(stored);
                under_way.end();
            });
            drop(turn);
        };
        spawn("catalog-import", work)?;
        began.await.map_err(|_| broken())?
    }

    async fn ask<T>(&self, step: impl FnOnce(Answer<T>) -> Step) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.steps.send(step(answer)).await.map_err(|_| self.ended())?;
        answered.await.map_err(|_| self.ended())?
    }

    fn ended(&self) -> StoreError {
        self.catalogs.ensure_open().err().unwrap_or_else(broken)
    }
}

/// Starts a thread of a lower priority.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
        // Linux has a priority per thread. Where it cannot be changed, the thread is only less polite.
        rustix::process::nice(NICE).ok();
        work();
    });
    thread
        .map(|_| ())
        .map_err(|error| StoreError::with_source(format!("failed to start a thread: {error}"), error))
}

fn begin(
    catalogs: &Catalogs,
    merchant: &MerchantId,
    mode: ImportMode,
    after: CatalogVersion,
) -> Result<ImportTransaction, StoreError> {
    file::writer(catalogs.folder())
        .and_then(|db| ImportTransaction::begin(db, merchant, mode, after))
        .map_err(|error| catalogs.error(error))
}

/// The thread. It returns when the log is checkpointed, so that the next import begins with a short one.
fn run(
    catalogs: &Catalogs,
    transaction: Result<ImportTransaction, StoreError>,
    mut steps: mpsc::Receiver<Step>,
    begun: Answer<Begun>,
    switched: impl Fn(&StoredCatalog),
) {
    let mut transaction = match transaction {
        Ok(transaction) => transaction,
        Err(error) => {
            begun.send(Err(error)).ok();
            return;
        }
    };
    if begun.send(Ok((transaction.version(), transaction.so_far()))).is_ok() {
        while let Some(step) = steps.blocking_recv() {
            // After an error SQLite may have rolled the transaction back.
            let goes_on = match step {
                Step::Write(rows, answer) => {
                    let written = transaction.write(rows);
                    reply(catalogs, answer, written.map(|told| (told, transaction.so_far())))
                }
                Step::Current(ids, answer) => reply(catalogs, answer, transaction.current(&ids)),
                Step::Finish(import, now, answer) => {
                    let finished = transaction.finish(*import, now);
                    finished.iter().for_each(&switched);
                    reply(catalogs, answer, finished);
                    false
                }
                Step::Stop => false,
            };
            if !goes_on {
                break;
            }
        }
    }
    steps.close();
    transaction.end();
}

fn reply<T>(catalogs: &Catalogs, answer: Answer<T>, result: Result<T, ReadError>) -> bool {
    let goes_on = result.is_ok();
    // The caller may be gone; then the handle is dropped, and the import ends with it.
    answer.send(result.map_err(|error| catalogs.error(error))).ok();
    goes_on
}

#[async_trait]
impl CatalogImport for ImportHandle {
    fn version(&self) -> CatalogVersion {
        self.version
    }

    async fn current(&mut self, ids: &[ItemId]) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        self.ask(|answer| Step::Current(ids.to_vec(), answer)).await
    }

    async fn write(&mut self, rows: Vec<CatalogWrite>) -> Result<Vec<DuplicateRow>, StoreError> {
        let written = self.ask(|answer| Step::Write(rows, answer));
        let (duplicates, so_far) = crash_point!(around "catalog.rows".to_owned(), written)?;
        self.so_far = so_far;
        Ok(duplicates)
    }

    fn so_far(&self) -> ImportSoFar {
        self.so_far
    }

    async fn finish(self: Box<Self>, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, StoreError> {
        let finished = self.ask(|answer| Step::Finish(Box::new(import), now, answer));
        crash_point!(around "catalog".to_owned(), finished)
    }
}

impl Drop for ImportHandle {
    fn drop(&mut self) {
        self.under_way.end();
    }
}

impl fmt::Debug for ImportHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportHandle")
            .field("merchant", self.under_way.merchant())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
