//! A feed as files, for an agent that takes all products as files: `metadata.json` and `products.jsonl`, as the Feed API of ACP 2026-04-17
//! describes them. An agent that reads them replaces all products.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use tillhouse_checkout::feed::{FeedTransport, FeedType};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::ports::StoreError;

use super::collecting::Collector;
use super::products::{ProductScope, ProductSource, Products};
use super::settings::AcpFeedSettings;
use crate::feed_rows::RowSource;
use crate::rendering::in_thread;
use crate::service::{AskFeedError, FeedService};
use crate::upload_rows::UploadRows;

/// Products that are rendered between two writes.
const PAGE: u64 = 200;

/// The files that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The folder with both files.
    pub folder: PathBuf,
    /// Number of products in `products.jsonl`.
    pub products: u64,
    /// Number of variants of these products.
    pub variants: u64,
    /// Length of `products.jsonl` in bytes.
    pub bytes: u64,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// An upload could not be asked for either.
    #[error(transparent)]
    Ask(#[from] AskFeedError),
    /// The agent's id of the feed is not known.
    #[error(
        "metadata.json needs the id that the agent gave the feed: set feed_id of acp_feeds {0}, or upload once, which has the agent make a feed"
    )]
    NoFeed(String),
    /// The store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files could not be written.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Path of the file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
}

/// Write the feed of an agent's endpoint, as the catalog in force has it, into a folder. Each file is complete before it has its name.
///
/// # Errors
/// Why nothing was written.
pub async fn export(
    service: &FeedService,
    settings: &AcpFeedSettings,
    merchant: &MerchantId,
    destination: &str,
    folder: &Path,
) -> Result<Exported, ExportError> {
    let feed = feed_id(service, settings, merchant, destination).await?;
    let found = service.destination(merchant, destination)?;
    let draft = service
        .draft(FeedUploadId::new("export"), found, &FeedType::Product, "export")
        .await?;
    // A file has all products: there is nothing to say of those that are gone.
    let rows = UploadRows {
        deleted_since: None,
        ..service.rows_of_all(&draft).await?
    };
    let parts = &service.parts;
    let source = RowSource {
        deletes_others: false,
        ..RowSource::of(service, &draft, rows.clone())
    };
    let collector = Collector::new(
        ProductSource {
            catalogs: Arc::clone(&parts.catalogs),
            queue: Arc::clone(&parts.queue),
            spool: parts.spool.clone(),
            seller: settings.seller.clone(),
        },
        settings.increments,
    );
    let scope = ProductScope {
        merchant: merchant.clone(),
        destination: destination.to_owned(),
        version: draft.version,
        at: draft.asked,
    };
    let products = collector.collect(&scope, rows, &source).await?;
    let mut metadata = Map::new();
    metadata.insert("id".to_owned(), feed.into());
    if let Some(country) = &settings.target_country {
        metadata.insert("target_country".to_owned(), country.clone().into());
    }
    metadata.insert("updated_at".to_owned(), draft.asked.rfc3339().into());
    let exported = write_products(products, folder).await?;
    let text = Value::Object(metadata).to_string();
    let file = FileInFolder::create(folder, "metadata.json")?;
    file.write(text.as_bytes())?.finish()?;
    Ok(exported)
}

/// The id that the agent gave the feed.
async fn feed_id(
    service: &FeedService,
    settings: &AcpFeedSettings,
    merchant: &MerchantId,
    destination: &str,
) -> Result<String, ExportError> {
    if let Some(id) = &settings.feed_id {
        return Ok(id.clone());
    }
    let last = service.last_full(merchant, destination).await?;
    let known = last.filter(|last| last.transport == FeedTransport::AcpFeed);
    let known = known.and_then(|last| last.remote.file);
    known.ok_or_else(|| ExportError::NoFeed(destination.to_owned()))
}

async fn write_products(mut products: Products, folder: &Path) -> Result<Exported, ExportError> {
    let mut file = FileInFolder::create(folder, "products.jsonl")?;
    let mut exported = Exported {
        folder: folder.to_owned(),
        products: 0,
        variants: 0,
        bytes: 0,
    };
    let mut lines = Vec::new();
    loop {
        let next = products.next().await?;
        let is_last = next.is_none();
        let told = next.and_then(|product| Some((product.items, product.json?)));
        if let Some((items, json)) = told {
            exported.products += 1;
            exported.variants += u64::try_from(items.len()).unwrap_or_default();
            lines.extend(json);
            lines.push(b'\n');
        }
        if is_last || exported.products.is_multiple_of(PAGE) {
            exported.bytes += u64::try_from(lines.len()).unwrap_or_default();
            let page = std::mem::take(&mut lines);
            file = blocking(move || file.write(&page)).await?;
        }
        if is_last {
            blocking(move || file.finish()).await?;
            return Ok(exported);
        }
    }
}

/// A file that gets its name when it is complete.
struct FileInFolder {
    out: BufWriter<File>,
    unfinished: PathBuf,
    path: PathBuf,
}

impl FileInFolder {
    fn create(folder: &Path, name: &str) -> Result<Self, ExportError> {
        let path = folder.join(name);
        let unfinished = folder.join(format!("{name}.unfinished"));
        let created = fs::create_dir_all(folder).and_then(|()| File::create(&unfinished));
        Ok(Self {
            out: BufWriter::new(created.map_err(at(&unfinished))?),
            unfinished,
            path,
        })
    }

    fn write(mut self, bytes: &[u8]) -> Result<Self, ExportError> {
        self.out.write_all(bytes).map_err(at(&self.unfinished))?;
        Ok(self)
    }

    fn finish(self) -> Result<(), ExportError> {
        let unfinished = self.unfinished;
        let file = self
            .out
            .into_inner()
            .map_err(|error| at(&unfinished)(error.into_error()))?;
        file.sync_all().map_err(at(&unfinished))?;
        fs::rename(&unfinished, &self.path).map_err(at(&self.path))
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> ExportError {
    let path = path.to_owned();
    move |error| ExportError::Io {
        path: path.clone(),
        error,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
) -> Result<T, ExportError> {
    let done = in_thread(move || Ok(work())).await;
    done.map_err(at(Path::new("products.jsonl")))?
}
