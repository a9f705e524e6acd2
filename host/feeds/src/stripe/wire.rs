//! Stripe's objects, as far as they are read.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use tillhouse_checkout::time::Timestamp;

use crate::transport::{TransportError, wrong_shape};

/// An object with an id: a file.
#[derive(Debug, Deserialize)]
pub(super) struct Identified {
    pub(super) id: String,
}

/// `data_management.import_set`.
#[derive(Debug, Deserialize)]
pub(super) struct ImportSet {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) failed_reason: Value,
    #[serde(default)]
    pub(super) result: Option<ImportResult>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ImportResult {
    #[serde(default)]
    pub(super) errors: Option<ImportErrors>,
    #[serde(default)]
    pub(super) successes: Option<RowCount>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ImportErrors {
    pub(super) file: Option<String>,
    #[serde(default, deserialize_with = "count")]
    pub(super) row_count: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RowCount {
    #[serde(default, deserialize_with = "count")]
    pub(super) row_count: Option<u64>,
}

/// `v2.commerce.product_catalog_import`.
#[derive(Debug, Deserialize)]
pub(super) struct CatalogImport {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    status_details: Option<StatusDetails>,
}

impl CatalogImport {
    pub(super) fn details(&mut self) -> StatusDetails {
        self.status_details.take().unwrap_or_default()
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct StatusDetails {
    #[serde(default)]
    pub(super) awaiting_upload: Option<AwaitingUpload>,
    #[serde(default)]
    pub(super) failed: Option<FailedImport>,
    #[serde(default)]
    pub(super) succeeded: Option<ImportCounts>,
    #[serde(default)]
    pub(super) succeeded_with_errors: Option<ImportCounts>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AwaitingUpload {
    pub(super) upload_url: ExpiringUrl,
}

/// A URL that says by itself who may use it: a secret, and never kept.
#[derive(Deserialize)]
pub(super) struct ExpiringUrl {
    url: String,
    #[serde(default)]
    expires_at: Option<String>,
}

impl std::fmt::Debug for ExpiringUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExpiringUrl")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl ExpiringUrl {
    pub(super) fn url(&self) -> Result<Url, TransportError> {
        Url::parse(&self.url).map_err(|_| TransportError::temporary("Stripe's URL for the file is not a URL"))
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.url == other.url
    }

    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        let until = self
            .expires_at
            .as_deref()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let until = until.and_then(|until| u64::try_from(until.as_millisecond()).ok());
        until.is_some_and(|until| until <= now.millis())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct FailedImport {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) failure_message: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ImportCounts {
    #[serde(default, deserialize_with = "count")]
    pub(super) success_count: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    pub(super) error_count: Option<u64>,
    #[serde(default)]
    pub(super) error_file: Option<ErrorFile>,
    #[serde(default)]
    pub(super) samples: Vec<Sample>,
}

/// The file with the refused rows. The guide has its URL in it, the reference one level deeper.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorFile {
    #[serde(default)]
    download_url: Option<ExpiringUrl>,
    #[serde(flatten)]
    direct: Option<ExpiringUrl>,
}

impl ErrorFile {
    pub(super) fn url(&self) -> Option<&ExpiringUrl> {
        self.download_url.as_ref().or(self.direct.as_ref())
    }
}

/// A refused row, as an example.
#[derive(Debug, Deserialize)]
pub(super) struct Sample {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) field: Option<String>,
    #[serde(default)]
    pub(super) error_message: String,
}

/// The object of an answer.
pub(super) fn read<T: for<'de> Deserialize<'de>>(answer: Value) -> Result<T, TransportError> {
    serde_json::from_value(answer).map_err(|error| {
        let why = wrong_shape(&error);
        TransportError::temporary(format!("Stripe's answer is not what it documents: {why}"))
    })
}

/// A count as a number, as v1 writes it, or as a text, as v2 does.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_u64().or_else(|| value.as_str()?.parse().ok()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_url_of_the_refused_rows_is_read_from_either_place() {
        for file in [
            json!({"url": "https://a.example/1", "expires_at": "2026-03-26T00:40:02.000Z"}),
            json!({"content_type": "text/csv", "size": "9", "download_url": {"url": "https://a.example/1", "expires_at": "2026-03-26T00:40:02Z"}}),
        ] {
            let file: ErrorFile = read(file).unwrap();
            let url = file.url().unwrap();
            assert_eq!(url.url().unwrap().as_str(), "https://a.example/1");
            assert!(!url.has_expired(Timestamp(0)) && url.has_expired(Timestamp(1_800_000_000_000)));
        }
    }

    #[test]
    fn a_count_is_a_number_or_a_text() {
        let counts: ImportCounts = read(json!({"success_count": "90", "error_count": 30})).unwrap();
        assert_eq!((counts.success_count, counts.error_count), (Some(90), Some(30)));
        let counts: ImportCounts = read(json!({"success_count": null})).unwrap();
        assert_eq!((counts.success_count, counts.error_count), (None, None));
    }
}
