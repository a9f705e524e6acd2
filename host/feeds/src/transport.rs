//! How uploads reach a party, behind one trait.

use std::time::Duration;

use async_trait::async_trait;

use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedType, FeedUpload, RemoteIds};
use tillhouse_checkout::ids::ItemId;

use super::feed_file::FeedFile;
use super::rendering::RenderError;
use super::spool::SpooledFile;

/// Takes uploads to one destination, a step at a time.
///
/// The caller commits what a step says before it takes the next one, so that each step
/// is one request that may be repeated: under its idempotency key, or because it only asks.
#[async_trait]
pub trait Transport: Send + Sync + std::fmt::Debug {
    /// Its name in the configuration.
    fn kind(&self) -> FeedTransport;

    /// Most bytes that a file may have, and what to do with a larger one.
    fn max_file(&self) -> (u64, &'static str);

    /// Whether uploads are files. If not, none is rendered unless the transport asks for it.
    fn sends_files(&self) -> bool {
        true
    }

    /// Why a feed of this type cannot be uploaded; `None` if it can.
    fn refuses(&self, feed: &FeedType) -> Option<String>;

    /// The next step of an upload that is asked, uploading or processing.
    ///
    /// # Errors
    /// Why the step decided nothing, or why the upload has failed.
    async fn advance(&self, upload: &FeedUpload, file: &FeedFile) -> Result<Progress, TransportError>;
}

/// What a step has brought.
#[derive(Debug)]
pub enum Progress {
    /// The upload is further.
    Moved {
        /// How far it is now.
        status: FeedStatus,
        /// Ids at the other party, as known now.
        remote: RemoteIds,
        /// Rows that it has now, for a transport that sends them in parts.
        sent: Option<u64>,
    },
    /// The other party works on it.
    Waiting,
    /// Nothing more becomes of it.
    Ended(Box<Ended>),
}

/// What became of an upload, as the other party says.
#[derive(Debug)]
pub struct Ended {
    /// One of the states that are not open.
    pub status: FeedStatus,
    /// Rows that were taken, if it says so.
    pub taken: Option<u64>,
    /// Rows that were refused, if it says so.
    pub refused: Option<u64>,
    /// Why it failed as a whole.
    pub problem: Option<String>,
    /// The rows that were refused.
    pub rows: RefusedRows,
    /// Id of the file with them.
    pub errors: Option<String>,
}

/// The rows that the other party refused.
#[derive(Debug)]
pub enum RefusedRows {
    /// There are none, or they are not told.
    None,
    /// Each of them, as it was told.
    Listed(Vec<RefusedRow>),
    /// A file with the rows in it, each after a message, and what is known of the first of them besides.
    File {
        /// The file, as it was downloaded.
        file: SpooledFile,
        /// Rows with the column that is wrong.
        samples: Vec<RefusedRow>,
    },
}

/// A row that the other party refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// The item; `None` if the row has no id.
    pub id: Option<ItemId>,
    /// The column that is wrong, if it is told.
    pub column: Option<String>,
    /// What the other party said.
    pub message: String,
}

/// Why a step brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// It may be repeated later.
    #[error("{why}")]
    Temporary {
        /// What happened, for the operator.
        why: String,
        /// How long the other party asks to wait.
        retry_after: Option<Duration>,
    },
    /// The other party has an error of its own under the idempotency key of the step, and would repeat it. The step does nothing twice
    /// under another key.
    #[error("{0}")]
    KeySpent(String),
    /// The upload has failed.
    #[error("{0}")]
    Refused(String),
}

impl TransportError {
    /// It may be repeated after the usual pause.
    pub(crate) fn temporary(why: impl Into<String>) -> Self {
        Self::Temporary {
            why: why.into(),
            retry_after: None,
        }
    }
}

impl From<RenderError> for TransportError {
    fn from(error: RenderError) -> Self {
        if error.is_final() {
            Self::Refused(error.to_string())
        } else {
            Self::temporary(error.to_string())
        }
    }
}

impl From<std::io::Error> for TransportError {
    fn from(error: std::io::Error) -> Self {
        Self::temporary(format!("the spooled file cannot be used: {error}"))
    }
}

/// What is wrong with the shape of an answer, without anything of the answer: a value of it may be a URL that says by itself who may use
/// it, and what is told here is kept and shown.
pub(crate) fn wrong_shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("missing field ") {
        // The field's name is ours.
        return text;
    }
    let (line, column) = (error.line(), error.column());
    match (error.is_data(), line) {
        (true, 0) => "a member has a type that is not documented".to_owned(),
        (true, _) => format!("a member has a type that is not documented, at line {line} column {column}"),
        (false, _) => format!("it is not JSON, at line {line} column {column}"),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Place {
        #[serde(rename = "url")]
        _url: Inner,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[serde(rename = "link")]
        _link: String,
    }

    #[test]
    fn a_wrong_shape_is_told_without_a_value_of_it() {
        let secret = "https://files.example/put?signature=4eC39HqLyjWDarjtT1zdp7dc";
        let values = [
            (json!({"url": secret}), "a type that is not documented"),
            (json!({"url": {"link": [secret]}}), "a type that is not documented"),
            (json!({"url": {secret: 1}}), "missing field `link`"),
            (json!(secret), "a type that is not documented"),
        ];
        for (value, expected) in values {
            let text = value.to_string();
            for error in [
                serde_json::from_value::<Place>(value).unwrap_err(),
                serde_json::from_str::<Place>(&text).unwrap_err(),
            ] {
                let told = wrong_shape(&error);
                assert!(told.contains(expected) && !told.contains("4eC39"), "{told}");
            }
        }
        let cut = serde_json::from_str::<Place>(&format!("{{\"url\": \"{secret}")).unwrap_err();
        assert_eq!(wrong_shape(&cut), "it is not JSON, at line 1 column 69");
    }
}
