//! The merchants' catalogs: a database of their own beside the store's, so that an import never waits in front of money, nor money
//! behind an import.
//!
//! An import is one transaction: the commit is the switch. One runs at a time in a folder, whatever the merchant; the others wait for
//! their turn. The file does not exist before the first import.

mod file;
mod forgetting;
mod import;
mod lines;
mod reads;
mod room;
mod store;
mod transaction;
mod uploaded;
mod versions;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};

use super::read_error::ReadError;
use super::readers::Readers;
use crate::catalog_imports::CatalogImports;
use import::Step;
use tillhouse_checkout::catalog::StoredCatalog;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::StoreError;

pub(super) use file::{CATALOGS, is_of_catalogs, unsupported};

/// The catalogs of one folder.
#[derive(Debug)]
pub(super) struct Catalogs {
    folder: PathBuf,
    readers: usize,
    imports: Arc<CatalogImports>,
    state: Mutex<State>,
    /// The versions in force, as far as they were asked for: only this process can change them.
    in_force: RwLock<HashMap<MerchantId, Option<StoredCatalog>>>,
}

#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    /// `None` until something is read from a file that exists.
    pool: Option<Arc<Readers>>,
    running: Option<mpsc::WeakSender<Step>>,
}

impl Catalogs {
    /// Nothing is opened before it is needed.
    pub(super) fn new(folder: &Path, readers: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            readers: readers.max(1),
            imports: Arc::default(),
            state: Mutex::default(),
            in_force: RwLock::default(),
        }
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ensure_open(&self) -> Result<(), StoreError> {
        match self.state().is_closed {
            true => Err(closed()),
            false => Ok(()),
        }
    }

    /// Ends an import under way without a trace, waits for what is read, and closes the connections.
    pub(super) async fn close(&self) {
        let (running, pool) = {
            let mut state = self.state();
            state.is_closed = true;
            (state.running.take(), state.pool.take())
        };
        if let Some(steps) = running.and_then(|steps| steps.upgrade()) {
            // An import that has just ended needs no word.
            steps.send(Step::Stop).await.ok();
        }
        drop(self.imports.turn().await);
        if let Some(pool) = pool {
            pool.close().await;
        }
    }

    /// Runs a query, or answers what a file without catalogs would.
    async fn read<T, F>(&self, query: F, without_file: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    {
        match self.pool()? {
            Some(pool) => {
                let folder = self.folder.clone();
                let named =
                    move |db: &Connection| query(db).map_err(|error| ReadError::Store(named_error(&folder, error)));
                pool.run(named).await
            }
            None => without_file(),
        }
    }

    /// The readers; `None` while there is no file.
    fn pool(&self) -> Result<Option<Arc<Readers>>, StoreError> {
        self.ensure_open()?;
        let mut state = self.state();
        if state.pool.is_none() {
            let mut connections = Vec::new();
            for _ in 0..self.readers {
                match file::reader(&self.folder).map_err(|error| self.error(error))? {
                    Some(connection) => connections.push(connection),
                    None => return Ok(None),
                }
            }
            state.pool = Some(Arc::new(Readers::new(connections)));
        }
        Ok(state.pool.clone())
    }

    /// Waits for the turn to write.
    async fn turn(&self) -> Result<OwnedMutexGuard<()>, StoreError> {
        let turn = self.imports.turn().await?;
        self.ensure_open()?;
        Ok(turn)
    }

    /// The same, however long the import goes on that has it: for what must not be lost.
    async fn turn_at_last(&self) -> Result<OwnedMutexGuard<()>, StoreError> {
        let turn = self.imports.turn_at_last().await;
        self.ensure_open()?;
        Ok(turn)
    }

    /// The turn to write, unless an import has it, or there is no file: none is created for the sake of what is not in it.
    async fn turn_between_imports(&self) -> Result<Option<OwnedMutexGuard<()>>, StoreError> {
        self.ensure_open()?;
        if !self.folder.join(CATALOGS).exists() || !self.imports.is_idle() {
            return Ok(None);
        }
        self.turn().await.map(Some)
    }

    /// Runs transactions on a connection of its own, while this has the turn, in a thread that waits behind checkouts.
    async fn write<T, F>(self: &Arc<Self>, turn: OwnedMutexGuard<()>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    {
        let catalogs = Arc::clone(self);
        let (answer, answered) = oneshot::channel();
        import::spawn("catalog-write", move || {
            let written = file::writer(&catalogs.folder).and_then(|db| {
                let written = work(&db);
                file::checkpoint(&db);
                written
            });
            drop(turn);
            // The caller may be gone; the work is done anyway.
            answer.send(written.map_err(|error| catalogs.error(error))).ok();
        })?;
        answered
            .await
            .map_err(|error| StoreError::with_source(format!("a write was aborted: {error}"), error))?
    }

    fn set_running(&self, steps: &mpsc::Sender<Step>) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(closed());
        }
        state.running = Some(steps.downgrade());
        Ok(())
    }

    fn note_in_force(&self, stored: &StoredCatalog) {
        let mut known = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(stored.merchant.clone(), Some(stored.clone()));
    }

    fn known_in_force(&self, merchant: &MerchantId) -> Option<Option<StoredCatalog>> {
        let known = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        known.get(merchant).cloned()
    }

    async fn in_force(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError> {
        self.ensure_open()?;
        if let Some(known) = self.known_in_force(merchant) {
            return Ok(known);
        }
        let wanted = merchant.clone();
        let found = self
            .read(move |db| versions::in_force(db, &wanted), || Ok(None))
            .await?;
        // An import may have ended meanwhile: what it noted is newer.
        let mut known = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        Ok(known.entry(merchant.clone()).or_insert(found).clone())
    }

    fn error(&self, error: ReadError) -> StoreError {
        named_error(&self.folder, error)
    }
}

/// Damage and a full disk are told with the file, and how to fix it.
fn named_error(folder: &Path, error: ReadError) -> StoreError {
    let code = match &error {
        ReadError::Sqlite(error) => error.sqlite_error_code(),
        ReadError::Store(_) => None,
    };
    let error = StoreError::from(error);
    let file = folder.join(CATALOGS);
    let (file, found) = (file.display(), error.message());
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::new(format!(
            "{file} is damaged: {found}; stop the host, remove the file, and import the catalogs again"
        )),
        Some(ErrorCode::DiskFull) => StoreError::new(format!(
            "{file}: {found}; the catalog in force stays: make room for some three times the imported file, and import it again"
        )),
        _ => error,
    }
}

fn closed() -> StoreError {
    StoreError::new("the store is closed")
}
