//! Files: what was uploaded, and what the simulator made of errors (<https://docs.stripe.com/api/files/object>).

use std::fmt;

use axum::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::id::FileId;

/// The only purpose that a file may have here.
pub(super) const PURPOSE: &str = "data_management_manual_upload";

/// The two formats of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Tsv,
}

impl Format {
    /// Of a content type, whose parameters do not matter.
    pub(super) fn of_content_type(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().unwrap_or_default().trim() {
            "text/csv" => Some(Self::Csv),
            "text/tab-separated-values" => Some(Self::Tsv),
            _ => None,
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
        }
    }

    pub(super) fn delimiter(self) -> u8 {
        match self {
            Self::Csv => b',',
            Self::Tsv => b'\t',
        }
    }

    /// Whether the first line is separated as this format is; a line of one column may be either.
    pub(super) fn fits(self, content: &[u8]) -> bool {
        let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let other = match self {
            Self::Csv => b'\t',
            Self::Tsv => b',',
        };
        line.contains(&self.delimiter()) || !line.contains(&other)
    }
}

/// A file in the ledger.
#[derive(Clone)]
pub struct FeedFile {
    /// Id of the file: `file_…`.
    pub id: FileId,
    /// Time of the upload, in Unix seconds.
    pub created: i64,
    /// Its name as the seller gave it.
    pub filename: String,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its bytes as they arrived.
    pub content: Bytes,
    /// Whether the simulator wrote it: rows that failed, with `stripe_error_message`.
    pub is_error_file: bool,
    /// Whether the Files API shows it; a file that was put to an upload URL belongs to its import.
    pub(crate) is_listed: bool,
    pub(crate) format: Format,
}

impl fmt::Debug for FeedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedFile")
            .field("id", &self.id)
            .field("filename", &self.filename)
            .field("size", &self.content.len())
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

impl FeedFile {
    pub(super) fn new(filename: &str, format: Format, content: Bytes, created: i64) -> Self {
        Self {
            id: FileId::generate(),
            created,
            filename: filename.to_owned(),
            sha256: hex::encode(Sha256::digest(&content)),
            content,
            is_error_file: false,
            is_listed: true,
            format,
        }
    }

    /// The file object; `base` is the URL of this server.
    pub(super) fn to_json(&self, base: &str) -> Value {
        json!({
            "id": self.id,
            "object": "file",
            "created": self.created,
            "expires_at": null,
            "filename": self.filename,
            "links": {
                "object": "list",
                "data": [],
                "has_more": false,
                "url": format!("/v1/file_links?file={}", self.id),
            },
            "purpose": PURPOSE,
            "size": self.content.len(),
            "title": null,
            "type": self.format.extension(),
            "url": format!("{base}/v1/files/{}/contents", self.id),
        })
    }

    /// The file as the ledger of the sandbox shows it.
    pub(super) fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "created": self.created,
            "filename": self.filename,
            "content_type": self.format.content_type(),
            "size": self.content.len(),
            "sha256": self.sha256,
            "is_error_file": self.is_error_file,
        })
    }
}
