//! Product feeds, by both of Stripe's ways.
//!
//! Files and import sets of the Data Management API (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>), and imports of
//! a product catalog (<https://docs.stripe.com/api/v2/commerce/product-catalog-imports>). Imports are processed asynchronously, each
//! on its own: a test holds them, ends them in the order that it wants, and reads the catalog that came of it.

mod catalog;
mod catalog_import;
mod event;
mod file;
mod handles;
mod import;
mod import_set;
mod links;
mod multipart;
mod processing;
mod routes;
mod rules;
mod storage;
mod table;
mod v2_error;
mod version;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};
use tokio::sync::watch;

pub use catalog::{Catalog, CatalogItem};
pub use event::{EventDestination, EventFault, SentEvent};
pub use file::FeedFile;
pub use import::{FeedImport, FeedKind, ImportFailure, ImportMode, ImportStatus, ImportWay};
pub(super) use routes::api;
pub(super) use storage::links as link_routes;
pub use table::RowError;

use self::event::Events;
use self::links::Links;
use crate::gate::Gate;
use crate::id::{FileId, ImportId};
use crate::table::Table;

/// Maximum size of a file of the Files API: 200 MB, read as the smaller of what that can mean.
const MAX_FILE_BYTES: usize = 200_000_000;
/// Maximum size of a file that is put to an upload URL: 4 GB.
const MAX_UPLOAD_BYTES: usize = 4_000_000_000;

/// Where the error file of a catalog import is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorFileShape {
    /// `error_file.download_url{url, expires_at}`, as the API reference has the object.
    #[default]
    Reference,
    /// `error_file{url, expires_at}`, as the guide of custom integrations has it.
    Guide,
}

/// What a test has planned for the next import that is processed.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// These rows fail, by the id of their item.
    Rows(Vec<(String, String)>),
    /// The whole import fails.
    Fail(ImportFailure),
}

/// Files, imports, and the catalog as Stripe has it.
#[derive(Debug, Default)]
pub(crate) struct FeedLedger {
    pub(crate) files: Table<FileId, FeedFile>,
    pub(crate) imports: Table<ImportId, FeedImport>,
    pub(crate) catalog: Catalog,
    pub(crate) links: Links,
    scripts: VecDeque<Script>,
    misname_next: bool,
    error_file_shape: ErrorFileShape,
}

/// All of the simulator that has to do with feeds.
#[derive(Debug)]
pub(crate) struct Feeds {
    pub(crate) ledger: Mutex<FeedLedger>,
    pub(crate) events: Events,
    /// Imports wait here before they are processed.
    gate: Arc<Gate>,
    /// How many imports have ended, and their events were sent.
    settled: watch::Sender<usize>,
    max_file_bytes: Mutex<usize>,
    max_upload_bytes: Mutex<usize>,
}

impl Default for Feeds {
    fn default() -> Self {
        Self {
            ledger: Mutex::default(),
            events: Events::default(),
            gate: Arc::default(),
            settled: watch::Sender::new(0),
            max_file_bytes: Mutex::new(MAX_FILE_BYTES),
            max_upload_bytes: Mutex::new(MAX_UPLOAD_BYTES),
        }
    }
}

impl FeedLedger {
    /// Files, imports and the ids of the catalog, without contents.
    pub(crate) fn summary(&self) -> Map<String, Value> {
        let files = self.files.rows().iter().map(FeedFile::summary);
        let imports = self.imports.rows().iter().map(FeedImport::summary);
        let shown = [
            ("files", files.collect::<Value>()),
            ("feed_imports", imports.collect()),
            ("catalog", self.catalog.items.keys().map(String::as_str).collect()),
        ];
        shown
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }
}
