//! The newer way: an import with a URL for its file (<https://docs.stripe.com/api/v2/commerce/product-catalog-imports>).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedType, FeedUpload, RemoteIds};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

use super::api::{StripeApi, StripeSettings, plain, without_error_file};
use super::assumptions::MAX_IMPORT;
use super::wire::{CatalogImport, ExpiringUrl, FailedImport, ImportCounts};
use super::{file_body, wire};
use crate::feed_file::FeedFile;
use crate::spool::SpooledFile;
use crate::transport::{Ended, Progress, RefusedRow, RefusedRows, Transport, TransportError};

const PATH: &str = "/v2/commerce/product_catalog/imports";

/// Most tries of a place that does not take the file, before another import is begun. The first time none is needed.
const MOST_TRIES: u32 = 7;

/// Catalog imports of one account.
#[derive(Debug)]
pub struct CatalogImports {
    api: StripeApi,
}

impl CatalogImports {
    /// The way to this account.
    #[must_use]
    pub const fn new(client: Client, settings: StripeSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            api: StripeApi {
                client,
                settings,
                clock,
            },
        }
    }

    /// Begin an import. One that never gets a file does nothing, so that another one may be begun in its place.
    async fn begin(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError> {
        let name = file_body::file_name(&upload.id, file.separator());
        let body = json!({
            "feed_type": upload.feed,
            "mode": upload.mode,
            "metadata": {"file_name": name, "upload": upload.id},
        });
        let key = super::key(upload, "import");
        let begun: CatalogImport = wire::read(self.api.post_json(PATH, &body, &key).await?)?;
        Ok(moved(upload, FeedStatus::Uploading, Some(begun.id)))
    }

    /// Ask where the file belongs, and send it there. An import that has its file already says so.
    async fn upload_file(
        &self,
        upload: &FeedUpload,
        import: &str,
        file: &FeedFile,
    ) -> Result<Progress, TransportError> {
        let mut awaiting = self.retrieve(import).await?;
        if awaiting.status == "failed"
            && awaiting
                .details()
                .failed
                .is_some_and(|failed| failed.code == "file_not_found")
        {
            return Ok(begin_again(upload));
        }
        let Some(place) = self.place(&mut awaiting) else {
            return Ok(moved(upload, FeedStatus::Processing, Some(awaiting.id)));
        };
        if place.has_expired(self.api.clock.now()) {
            return begin_later(
                upload,
                "Stripe's URL for the file has expired already; if that goes on, look whether the clock of this machine is right",
            );
        }
        let body = file_body::plain_body(file.rendered().await?)?;
        let mime = file_body::mime_type(file.separator());
        let answer = self.api.put(place.url()?, mime, body).await?;
        match answer.status {
            200..=299 => Ok(moved(upload, FeedStatus::Processing, Some(awaiting.id))),
            // It has expired meanwhile, by a clock that is not ours: the next step asks again.
            status @ (400 | 401 | 403 | 404 | 410) if self.is_unchanged(import, &place).await? => begin_later(
                upload,
                &format!("Stripe's URL for the file answers {status} to the upload"),
            ),
            status => Err(TransportError::temporary(format!(
                "Stripe's URL for the file answers {status} to the upload"
            ))),
        }
    }

    /// Whether an import that refused its file gives no other place for it.
    async fn is_unchanged(&self, import: &str, place: &ExpiringUrl) -> Result<bool, TransportError> {
        let mut again = self.retrieve(import).await?;
        Ok(again.status == "awaiting_upload" && self.place(&mut again).is_none_or(|other| other.is_same(place)))
    }

    fn place(&self, import: &mut CatalogImport) -> Option<ExpiringUrl> {
        (import.status == "awaiting_upload").then_some(())?;
        Some(import.details().awaiting_upload?.upload_url)
    }

    async fn look(&self, upload: &FeedUpload, import: &str) -> Result<Progress, TransportError> {
        let mut import = self.retrieve(import).await?;
        let details = import.details();
        let ended = match import.status.as_str() {
            "succeeded" => ended(FeedStatus::Succeeded, &details.succeeded.unwrap_or_default()),
            "succeeded_with_errors" => {
                let counts = details.succeeded_with_errors.unwrap_or_default();
                let (rows, problem) = self.refused_rows(upload, &counts).await?;
                Ended {
                    rows,
                    problem,
                    ..ended(FeedStatus::SucceededWithErrors, &counts)
                }
            }
            "failed" => Ended {
                problem: Some(failure(details.failed)),
                ..ended(FeedStatus::Failed, &ImportCounts::default())
            },
            // The file is there, but Stripe has not noticed it yet.
            _ => return Ok(Progress::Waiting),
        };
        Ok(Progress::Ended(Box::new(ended)))
    }

    /// The rows that were refused, and why there are only examples of them.
    async fn refused_rows(
        &self,
        upload: &FeedUpload,
        counts: &ImportCounts,
    ) -> Result<(RefusedRows, Option<String>), TransportError> {
        let samples: Vec<RefusedRow> = counts.samples.iter().map(sample).collect();
        let Some(url) = counts.error_file.as_ref().and_then(wire::ErrorFile::url) else {
            return Ok((RefusedRows::Listed(samples), None));
        };
        match self.error_file(url).await {
            Ok(file) => Ok((RefusedRows::File { file, samples }, None)),
            Err(error) => {
                let problem = without_error_file(upload, error)?;
                Ok((RefusedRows::Listed(samples), Some(problem)))
            }
        }
    }

    async fn error_file(&self, url: &ExpiringUrl) -> Result<SpooledFile, TransportError> {
        // It lives for five minutes; the next look brings a new one.
        let file = self.api.download_from(url.url()?).await?;
        let expired = || TransportError::temporary("its URL has expired; asking for a new one");
        file.ok_or_else(expired)
    }

    async fn retrieve(&self, import: &str) -> Result<CatalogImport, TransportError> {
        wire::read(self.api.get(&format!("{PATH}/{}", plain(import)?)).await?)
    }
}

fn moved(upload: &FeedUpload, status: FeedStatus, import: Option<String>) -> Progress {
    Progress::Moved {
        status,
        remote: RemoteIds {
            import,
            ..upload.remote.clone()
        },
        sent: None,
    }
}

/// Give up an import whose place takes no file: at once the first time, and then less and less often. An account is not to be filled with
/// imports because of a clock that is wrong, or of a URL that is never taken.
fn begin_later(upload: &FeedUpload, why: &str) -> Result<Progress, TransportError> {
    if upload.tries < upload.remote.spent_keys.min(MOST_TRIES) {
        return Err(TransportError::temporary(why));
    }
    Ok(begin_again(upload))
}

/// Give up an import that has no file and gives no place for it, and begin another under another key.
fn begin_again(upload: &FeedUpload) -> Progress {
    Progress::Moved {
        status: FeedStatus::Asked,
        remote: RemoteIds {
            import: None,
            spent_keys: upload.remote.spent_keys.saturating_add(1),
            ..upload.remote.clone()
        },
        sent: None,
    }
}

const fn ended(status: FeedStatus, counts: &ImportCounts) -> Ended {
    Ended {
        status,
        taken: counts.success_count,
        refused: counts.error_count,
        problem: None,
        rows: RefusedRows::None,
        errors: None,
    }
}

fn failure(failed: Option<FailedImport>) -> String {
    let failed = failed.map(|failed| format!("{}: {}", failed.code, failed.failure_message));
    failed.unwrap_or_else(|| "Stripe took no row of the file, and says no reason".to_owned())
}

fn sample(sample: &wire::Sample) -> RefusedRow {
    RefusedRow {
        id: sample.id.clone().map(ItemId::new),
        column: sample.field.clone(),
        message: sample.error_message.clone(),
    }
}

#[async_trait]
impl Transport for CatalogImports {
    fn kind(&self) -> FeedTransport {
        FeedTransport::CatalogImports
    }

    fn max_file(&self) -> (u64, &'static str) {
        (
            MAX_IMPORT,
            "Stripe's catalog imports take 4 GB; leave out columns that agents do not need",
        )
    }

    fn refuses(&self, _: &FeedType) -> Option<String> {
        None
    }

    async fn advance(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError> {
        match &upload.remote.import {
            None => self.begin(upload, file).await,
            Some(import) if upload.status == FeedStatus::Processing => self.look(upload, import).await,
            Some(import) => self.upload_file(upload, import, file).await,
        }
    }
}
