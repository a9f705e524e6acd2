//! Imports of a product catalog (`v2.commerce.product_catalog_import`): begun with JSON, then a file is put to a URL.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::import::{FeedImport, FeedKind, ImportFailure, ImportMode, ImportStatus, ImportWay};
use super::links::LinkTarget;
use super::table::RowError;
use super::v2_error::V2Error;
use super::{ErrorFileShape, FeedLedger};
use crate::clock::rfc3339;
use crate::id::{FileId, ImportId};

/// How long the simulator waits for a file: Stripe does not say.
const UPLOAD_WITHIN_SECS: i64 = 3_600;
/// How many errors an import shows itself.
const SAMPLES: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    feed_type: String,
    mode: String,
    metadata: BTreeMap<String, String>,
}

impl FeedLedger {
    /// Begins an import that waits for its file.
    pub(super) fn create_catalog_import(&mut self, body: &Value, now: i64) -> Result<FeedImport, V2Error> {
        let body = CreateBody::deserialize(body).map_err(|error| V2Error::invalid(error.to_string()))?;
        let Some(feed) = FeedKind::parse(&body.feed_type) else {
            let message = format!(
                "feed_type '{}' is not product, inventory, pricing or promotion.",
                body.feed_type
            );
            return Err(V2Error::invalid(message));
        };
        let Some(mode) = ImportMode::parse(&body.mode) else {
            return Err(V2Error::invalid(format!(
                "mode '{}' is not upsert or replace.",
                body.mode
            )));
        };
        if mode == ImportMode::Replace && matches!(feed, FeedKind::Inventory | FeedKind::Pricing) {
            let message = format!("A feed of type {} can only be upserted.", feed.as_str());
            return Err(V2Error::invalid(message));
        }
        let import = FeedImport {
            metadata: body.metadata,
            ..FeedImport::new(ImportWay::CatalogImport, feed, mode, now)
        };
        self.imports.push(import.id.clone(), import.clone());
        Ok(import)
    }

    /// An import as it is now: one whose file did not come in time has failed.
    pub(super) fn catalog_import(&mut self, id: &ImportId, now: i64) -> Result<FeedImport, V2Error> {
        let found = self
            .imports
            .get_mut(id)
            .filter(|import| import.way == ImportWay::CatalogImport);
        let import =
            found.ok_or_else(|| V2Error::new(StatusCode::NOT_FOUND, "not_found", format!("No import '{id}'.")))?;
        if import.status == ImportStatus::AwaitingUpload && now - import.created > UPLOAD_WITHIN_SECS {
            import.status = ImportStatus::Failed(ImportFailure::file_not_found());
        }
        Ok(import.clone())
    }

    /// The import object. Links in it are new each time; `base` is the URL of this server.
    pub(super) fn show_catalog_import(&mut self, import: &FeedImport, base: &str, now: i64) -> Value {
        let mut shown = json!({
            "id": import.id,
            "object": "v2.commerce.product_catalog_import",
            "created": rfc3339(import.created),
            "feed_type": import.feed.as_str(),
            "mode": import.mode.as_str(),
            "metadata": import.metadata,
            "status": import.status_name(),
            "livemode": false,
        });
        let mut details = Map::new();
        details.insert(import.status_name().to_owned(), self.status_details(import, base, now));
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("status_details".into(), details.into());
        }
        shown
    }

    fn status_details(&mut self, import: &FeedImport, base: &str, now: i64) -> Value {
        match &import.status {
            ImportStatus::AwaitingUpload => {
                let link = self.links.issue(LinkTarget::Upload(import.id.clone()), now);
                json!({"upload_url": link.to_json(base)})
            }
            ImportStatus::Processing => json!({"error_count": "0", "success_count": "0"}),
            ImportStatus::Ended {
                successes,
                errors,
                error_file,
            } => match error_file {
                None => json!({"success_count": successes.to_string()}),
                Some(file) => json!({
                    "error_count": errors.len().to_string(),
                    "error_file": self.error_file(file, base, now),
                    "samples": errors.iter().take(SAMPLES).map(sample).collect::<Vec<_>>(),
                    "success_count": successes.to_string(),
                }),
            },
            ImportStatus::Failed(failure) => json!({
                "code": failure.code,
                "failure_message": failure.message,
                "type": if failure.is_transient { "transient_failure" } else { "cannot_proceed" },
            }),
        }
    }

    fn error_file(&mut self, id: &FileId, base: &str, now: i64) -> Value {
        let link = self.links.issue(LinkTarget::Download(id.clone()), now).to_json(base);
        if self.error_file_shape == ErrorFileShape::Guide {
            return link;
        }
        let file = self.files.get(id);
        json!({
            "content_type": file.map(|file| file.format.content_type()),
            "download_url": link,
            "size": file.map(|file| file.content.len().to_string()),
        })
    }
}

fn sample(error: &RowError) -> Value {
    json!({
        "error_message": error.message,
        "field": error.field,
        "id": error.item,
        "row": error.row.to_string(),
    })
}
