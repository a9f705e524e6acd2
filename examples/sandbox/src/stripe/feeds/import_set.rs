//! Import sets of the Data Management API: a file of the Files API, processed as a product feed.

use serde_json::{Value, json};

use super::FeedLedger;
use super::import::{FeedImport, FeedKind, ImportMode, ImportStatus, ImportWay};
use crate::id::{FileId, ImportId};
use crate::stripe::error::StripeError;
use crate::stripe::form::Form;

/// The unit of `created`: the guide shows seconds in an answer and milliseconds in an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum CreatedIn {
    Seconds,
    Milliseconds,
}

impl FeedLedger {
    /// Begins the import of a file.
    pub(super) fn create_import_set(&mut self, form: &Form, now: i64) -> Result<FeedImport, StripeError> {
        form.only(&["file", "standard_data_format"], &["expand"])?;
        let file = FileId::from(form.required("file")?);
        let format = form.required("standard_data_format")?;
        let Some(feed) = FeedKind::of_data_format(format) else {
            let message = format!("Invalid standard_data_format: {format}. Use product_catalog_feed.");
            return Err(StripeError::parameter(
                "parameter_invalid",
                "standard_data_format",
                message,
            ));
        };
        let uploaded = self
            .files
            .get(&file)
            .filter(|file| file.is_listed && !file.is_error_file);
        if uploaded.is_none() {
            return Err(StripeError::missing("file", file.as_str(), "file"));
        }
        let import = FeedImport {
            file: Some(file),
            status: ImportStatus::Processing,
            ..FeedImport::new(ImportWay::ImportSet, feed, ImportMode::Upsert, now)
        };
        self.imports.push(import.id.clone(), import.clone());
        Ok(import)
    }

    pub(super) fn import_set(&self, id: &ImportId) -> Result<&FeedImport, StripeError> {
        let import = self.imports.get(id).filter(|import| import.way == ImportWay::ImportSet);
        import.ok_or_else(|| StripeError::missing("import set", id.as_str(), "id"))
    }
}

/// The import set object.
pub(super) fn to_json(import: &FeedImport, created_in: CreatedIn) -> Value {
    let mut shown = json!({
        "id": import.id,
        "object": "data_management.import_set",
        "created": match created_in {
            CreatedIn::Seconds => import.created,
            CreatedIn::Milliseconds => import.created * 1000,
        },
        "file": import.file,
        "livemode": false,
        "status": import.status_name(),
        "result": result(&import.status),
    });
    if let (ImportStatus::Failed(failure), Some(shown)) = (&import.status, shown.as_object_mut()) {
        shown.insert("failed_reason".into(), failure.message.clone().into());
    }
    shown
}

fn result(status: &ImportStatus) -> Value {
    let ImportStatus::Ended {
        successes,
        errors,
        error_file,
    } = status
    else {
        return Value::Null;
    };
    json!({
        "errors": {"file": error_file, "row_count": errors.len()},
        "rows_processed": successes + errors.len(),
        "successes": {"row_count": successes},
    })
}
