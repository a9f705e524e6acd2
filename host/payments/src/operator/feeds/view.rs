//! Feeds as operators see them.

use serde::{Deserialize, Serialize};

use crate::operator::timestamp;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::feed::drift::DriftMetric;
use tillhouse_checkout::feed::{FeedMode, FeedStatus, FeedTransport, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};

/// An upload as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedView {
    /// Id of the upload, `feed_…`: what `feed status` and `feed abandon` take.
    pub id: FeedUploadId,
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Name of the destination.
    pub destination: String,
    /// How it gets there.
    pub transport: FeedTransport,
    /// What its rows are about.
    pub feed: FeedType,
    /// What it does to products that it does not have.
    pub mode: FeedMode,
    /// Version of the catalog that it is made of.
    pub version: CatalogVersion,
    /// How far it is.
    pub status: FeedStatus,
    /// Whether it goes on.
    pub open: bool,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for (RFC 3339).
    pub asked: String,
    /// When it was over (RFC 3339); `None` while it is open.
    pub ended: Option<String>,
    /// Rows that were sent.
    pub sent: u64,
    /// Rows of the catalog that were not sent, because they break rules of the feed.
    pub withheld: u64,
    /// Rows that the other party took, as it says.
    pub taken: Option<u64>,
    /// Rows that it refused, as it says.
    pub refused: Option<u64>,
    /// Id of the file at the other party.
    pub file: Option<String>,
    /// Id of the import at the other party.
    pub import: Option<String>,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: Option<String>,
    /// Why it failed, or the last try of a step did.
    pub problem: Option<String>,
    /// Tries of the step, or looks at the import.
    pub tries: u32,
    /// When the next step or look is due (RFC 3339); `None` once it is over.
    pub next_try: Option<String>,
}

impl From<FeedUpload> for FeedView {
    fn from(upload: FeedUpload) -> Self {
        let open = upload.status.is_open();
        Self {
            id: upload.id,
            merchant: upload.merchant,
            destination: upload.destination,
            transport: upload.transport,
            feed: upload.feed,
            mode: upload.mode,
            version: upload.version,
            status: upload.status,
            open,
            by: upload.by,
            asked: timestamp::text(upload.asked),
            ended: upload.ended.map(timestamp::text),
            sent: upload.counts.sent,
            withheld: upload.counts.withheld,
            taken: upload.counts.taken,
            refused: upload.counts.refused,
            file: upload.remote.file,
            import: upload.remote.import,
            sha256: upload.sha256,
            problem: upload.problem,
            tries: upload.tries,
            next_try: open.then(|| timestamp::text(upload.next_try)),
        }
    }
}

/// A destination as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationView {
    /// Merchant whose feed goes there.
    pub merchant: MerchantId,
    /// Its name in the configuration.
    pub name: String,
    /// How feeds get there.
    pub transport: FeedTransport,
    /// What an upload of all products does to others.
    pub mode: FeedMode,
    /// When the next upload of all products is due by itself (RFC 3339); `None` if it is not by itself.
    pub full_due: Option<String>,
    /// Seconds between increments; `None` if there are none by themselves.
    pub increments_seconds: Option<u64>,
    /// The last audit since the host was started; `None` if there was none, or if no host runs.
    pub audit: Option<DriftMetric>,
}
