//! Increments: what has changed of stock and prices since it was uploaded, and only that.
//!
//! The counters of the merchant's plugin and the versions of its catalog tell which items may have changed; what an item is offered as now
//! is compared with what it was uploaded as; the differences are one upload. Nothing is asked for while an earlier upload to the
//! destination is open: what changes meanwhile is in the next one. Where the last comparison ended is in memory: after a start everything
//! since the last upload of all products is compared again, and what is uploaded already makes no difference.

mod candidates;
mod changes;
mod position;
mod sale_times;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use tillhouse_checkout::feed::{FeedStatus, FeedTransport, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, ItemId, MerchantId};
use tillhouse_checkout::ports::{FeedFilter, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::counted::CountError;
use super::destination::Destination;
use super::service::{AskFeedError, FeedService};
use super::upload_rows::IncrementRow;
use changes::Changes;
use position::Position;

/// Who asks for increments.
const BY: &str = "increments";

/// Uploads what has changed, to every destination that is to be told of it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Increments {
    service: FeedService,
    positions: Arc<Mutex<HashMap<(MerchantId, String), Position>>>,
}

/// What a comparison has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Items that were compared.
    pub items: u64,
    /// Items that are not as they were uploaded.
    pub changed: u64,
    /// The upload that was asked for.
    pub upload: Option<FeedUploadId>,
    /// Number of its rows.
    pub rows: u64,
    /// Why nothing was compared.
    pub waits: Option<String>,
}

/// Why changes were not uploaded.
#[derive(Debug, thiserror::Error)]
pub enum IncrementError {
    /// An upload could not be asked for.
    #[error(transparent)]
    Ask(#[from] AskFeedError),
    /// What items are offered as could not be found out.
    #[error("{0}")]
    Offers(String),
}

impl From<CountError> for IncrementError {
    fn from(error: CountError) -> Self {
        Self::Offers(error.to_string())
    }
}

impl From<StoreError> for IncrementError {
    fn from(error: StoreError) -> Self {
        Self::Ask(error.into())
    }
}

impl Increments {
    /// Increments of these feeds. No worker runs yet.
    #[must_use]
    pub fn new(service: FeedService) -> Self {
        Self {
            service,
            positions: Arc::default(),
        }
    }

    /// Upload what has changed whenever the interval of a destination is over, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let parts = Arc::clone(self.service.parts());
        let mut due: HashMap<(MerchantId, String), Timestamp> = HashMap::new();
        loop {
            for destination in parts.destinations.iter() {
                let Some(interval) = destination.increments else {
                    continue;
                };
                let key = (destination.merchant.clone(), destination.name.clone());
                let now = parts.now();
                // The first time an interval after the start: until then the others are being started too.
                let next = *due.entry(key.clone()).or_insert_with(|| now.after(interval));
                if now >= next && self.upload_due(destination).await {
                    due.insert(key, now.after(interval));
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(parts.timings.schedule_tick) => {}
            }
        }
    }

    /// Whether it is done until the next interval; if not, it is tried again at the next look.
    async fn upload_due(&self, destination: &Destination) -> bool {
        let Destination { merchant, name, .. } = destination;
        match self.upload_changes(merchant, name).await {
            Ok(compared) => compared.waits.is_none(),
            Err(error) => {
                warn!(merchant.id = %merchant, destination = name, %error, "what has changed could not be uploaded; tried again after the interval");
                true
            }
        }
    }

    /// Upload what has changed of a merchant's stock and prices since it was uploaded to a destination.
    ///
    /// # Errors
    /// Why nothing was compared or asked for.
    pub async fn upload_changes(&self, merchant: &MerchantId, name: &str) -> Result<Compared, IncrementError> {
        let destination = self.service.destination(merchant, name)?;
        if let Some(open) = self.open_upload(destination).await? {
            return Ok(Compared {
                waits: Some(format!("upload {open} to this destination is open")),
                ..Compared::default()
            });
        }
        let Some(full) = self.service.last_full(merchant, name).await? else {
            return Ok(Compared {
                waits: Some("all products were not uploaded yet".to_owned()),
                ..Compared::default()
            });
        };
        let mut positions = self.positions.lock().await;
        let key = (merchant.clone(), name.to_owned());
        let mut position = match positions.remove(&key).filter(|known| known.full == full.id) {
            Some(known) => known,
            None => Position::after(&full),
        };
        let compared = self.compare_and_ask(destination, &mut position).await;
        // After an error too: what was not compared is compared again.
        positions.insert(key, position);
        compared
    }

    async fn compare_and_ask(
        &self,
        destination: &Destination,
        position: &mut Position,
    ) -> Result<Compared, IncrementError> {
        self.settle_asked(position).await?;
        let changes = self.changes(destination, position).await?;
        let mut compared = Compared {
            items: changes.items,
            changed: changes.changed(),
            ..Compared::default()
        };
        let Some((feed, rows)) = next_feed(destination, changes, position.last_feed.as_ref()) else {
            return Ok(compared);
        };
        compared.rows = u64::try_from(rows.len()).unwrap_or_default();
        let ids: Vec<ItemId> = rows.iter().map(|row| row.id.clone()).collect();
        let Destination { merchant, name, .. } = destination;
        match self.service.ask_increment(merchant, name, &feed, rows, BY).await {
            Ok(upload) => {
                info!(merchant.id = %merchant, destination = name, feed.id = %upload.id, rows = compared.rows, "asked for an upload of what has changed");
                position.asked = Some((upload.id.clone(), ids));
                position.last_feed = Some(feed);
                compared.upload = Some(upload.id);
            }
            // Another host, or an operator, was faster.
            Err(AskFeedError::Busy(open)) => {
                compared.waits = Some(format!("upload {open} to this destination is open"))
            }
            Err(error) => return Err(error.into()),
        }
        Ok(compared)
    }

    /// What was asked for last has ended. If not well, its items are compared again, whatever they are compared with.
    async fn settle_asked(&self, position: &mut Position) -> Result<(), IncrementError> {
        let Some((asked, items)) = position.asked.take() else {
            return Ok(());
        };
        let upload = self.service.parts().queue.feed_upload(&asked).await?;
        let is_well =
            |upload: FeedUpload| matches!(upload.status, FeedStatus::Succeeded | FeedStatus::SucceededWithErrors);
        if upload.is_some_and(is_well) {
            for item in &items {
                position.forced.remove(item);
            }
        }
        Ok(())
    }

    async fn open_upload(&self, destination: &Destination) -> Result<Option<FeedUploadId>, StoreError> {
        let filter = FeedFilter {
            merchant: Some(destination.merchant.clone()),
            destination: Some(destination.name.clone()),
            states: vec![FeedStatus::Asked, FeedStatus::Uploading, FeedStatus::Processing],
            limit: 1,
            ..FeedFilter::default()
        };
        let open = self.service.parts().queue.feed_uploads(&filter).await?;
        Ok(open.into_iter().next().map(|open| open.id))
    }
}

/// The feed that is uploaded next: stock before prices, because what is sold out is refused, but not twice in a row: in a shop that sells
/// all the time prices would never be told. ACP has one feed of both.
fn next_feed(
    destination: &Destination,
    changes: Changes,
    last: Option<&FeedType>,
) -> Option<(FeedType, Vec<IncrementRow>)> {
    if destination.transport.kind() == FeedTransport::AcpFeed {
        return (!changes.all.is_empty()).then_some((FeedType::Inventory, changes.all));
    }
    let waited = last == Some(&FeedType::Inventory) && !changes.prices.is_empty();
    if !changes.stock.is_empty() && !waited {
        return Some((FeedType::Inventory, changes.stock));
    }
    (!changes.prices.is_empty()).then_some((FeedType::Pricing, changes.prices))
}
