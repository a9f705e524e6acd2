//! The seed's way: a file of the Files API, and an import set that reads it (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedType, FeedUpload, RemoteIds};
use tillhouse_checkout::time::Clock;
use tillhouse_egress::Client;

use super::api::{StripeApi, StripeSettings, plain, without_error_file};
use super::assumptions::{MAX_FILE, PRODUCT_FORMAT};
use super::{file_body, wire};
use crate::feed_file::FeedFile;
use crate::transport::{Ended, Progress, RefusedRows, Transport, TransportError};

/// Tries of an import under one key: about nine minutes.
const TRIES_OF_A_KEY: u32 = 8;

/// Import sets of one account.
#[derive(Debug)]
pub struct ImportSets {
    api: StripeApi,
}

impl ImportSets {
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

    async fn upload_file(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError> {
        let rendered = file.rendered().await?;
        let (content_type, body) = file_body::form(rendered, &upload.id, file.separator())?;
        let key = super::key(upload, "file");
        let sent: wire::Identified = wire::read(self.api.post_file(&content_type, body, &key).await?)?;
        Ok(Progress::Moved {
            status: FeedStatus::Uploading,
            remote: RemoteIds {
                file: Some(sent.id),
                ..upload.remote.clone()
            },
            sent: None,
        })
    }

    /// Begin the import. After a server error it is not known whether Stripe has begun it, and it says the same again under the same key
    /// for a day. Stripe finishes or undoes what it left half done; so the same key is tried for some minutes, and then another one. What
    /// was begun under the first, if anything, has the same file: the rows are taken twice, and are the same.
    async fn begin_import(&self, upload: &FeedUpload, file: &str) -> Result<Progress, TransportError> {
        let form = [("file", file), ("standard_data_format", PRODUCT_FORMAT)];
        let key = super::key(upload, "import");
        let begun = self.api.post_form("/v1/data_management/import_sets", &form, &key).await;
        let is_last_try = upload.tries.saturating_add(1).is_multiple_of(TRIES_OF_A_KEY);
        let begun = begun.map_err(|error| match error {
            TransportError::KeySpent(why) if !is_last_try => TransportError::temporary(format!(
                "{why}; it is not known whether the import has begun, so that another is begun in some minutes only"
            )),
            other => other,
        });
        let import: wire::ImportSet = wire::read(begun?)?;
        Ok(Progress::Moved {
            status: FeedStatus::Processing,
            remote: RemoteIds {
                import: Some(import.id),
                ..upload.remote.clone()
            },
            sent: None,
        })
    }

    async fn look(&self, upload: &FeedUpload, import: &str) -> Result<Progress, TransportError> {
        let path = format!("/v1/data_management/import_sets/{}", plain(import)?);
        let import: wire::ImportSet = wire::read(self.api.get(&path).await?)?;
        let refused_some =
            |result: &wire::ImportResult| result.errors.as_ref().is_some_and(|it| it.row_count != Some(0));
        let result = import.result.unwrap_or_default();
        let status = match import.status.as_str() {
            "succeeded" => FeedStatus::Succeeded,
            "succeeded_with_errors" => FeedStatus::SucceededWithErrors,
            "failed" => FeedStatus::Failed,
            "pending_archive" | "archived" if refused_some(&result) => FeedStatus::SucceededWithErrors,
            "pending_archive" | "archived" => FeedStatus::Succeeded,
            _ => return Ok(Progress::Waiting),
        };
        let mut problem = (status == FeedStatus::Failed).then(|| failure(&import.failed_reason));
        let errors = result.errors.filter(|errors| errors.row_count != Some(0));
        let file = errors.as_ref().and_then(|errors| errors.file.clone());
        let mut rows = RefusedRows::None;
        if let Some(file) = &file {
            let samples = Vec::new();
            match self.api.file_content(file).await {
                Ok(file) => rows = RefusedRows::File { file, samples },
                Err(error) => problem = problem.or(Some(without_error_file(upload, error)?)),
            }
        }
        Ok(Progress::Ended(Box::new(Ended {
            status,
            taken: result.successes.and_then(|rows| rows.row_count),
            refused: errors.and_then(|errors| errors.row_count),
            problem,
            rows,
            errors: file,
        })))
    }
}

/// Why an import set failed: a text, or an object with a message.
fn failure(reason: &Value) -> String {
    let text = reason.as_str().or_else(|| reason.get("message")?.as_str());
    text.unwrap_or("Stripe took no row of the file, and says no reason; look into the Feed history of the Dashboard")
        .to_owned()
}

#[async_trait]
impl Transport for ImportSets {
    fn kind(&self) -> FeedTransport {
        FeedTransport::ImportSets
    }

    fn max_file(&self) -> (u64, &'static str) {
        let help = "Stripe's Files API takes 200 MB; set transport = \"catalog_imports\" in [feed], which takes 4 GB";
        (MAX_FILE, help)
    }

    fn refuses(&self, feed: &FeedType) -> Option<String> {
        (*feed != FeedType::Product).then(|| {
            format!(
                "import_sets take feeds of products only, and this is one of type {feed}; set transport = \"catalog_imports\" in [feed]"
            )
        })
    }

    async fn advance(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError> {
        match (&upload.remote.import, &upload.remote.file) {
            (Some(import), _) => self.look(upload, import).await,
            (None, Some(uploaded)) => self.begin_import(upload, uploaded).await,
            (None, None) => self.upload_file(upload, file).await,
        }
    }
}
