//! Asks for an upload of all products once a day.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::FeedUploadId;
use tillhouse_checkout::ports::{FeedFilter, StoreError};

use super::destination::Destination;
use super::service::{AskFeed, AskFeedError, FeedService};

/// Pause between deletions of old uploads.
const PURGE_PAUSE: Duration = Duration::from_secs(3600);

/// Who asks for them, as the uploads say it.
const SCHEDULE: &str = "schedule";

impl FeedService {
    /// Ask for the uploads whose time has come, until told to stop.
    pub(crate) async fn keep_schedule(self, stop: CancellationToken) {
        let mut purged = None;
        loop {
            self.ask_scheduled().await;
            if purged.is_none_or(|at: Instant| at.elapsed() >= PURGE_PAUSE) {
                self.purge().await;
                purged = Some(Instant::now());
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.parts.timings.schedule_tick) => {}
            }
        }
    }

    /// Delete uploads that are over for long.
    async fn purge(&self) {
        let before = self.parts.now().before(self.parts.timings.retention);
        match self.parts.queue.purge_feed_uploads(before).await {
            Ok(0) => {}
            Ok(count) => info!(count, "deleted old uploads of feeds"),
            Err(error) => warn!(%error, "failed to delete old uploads of feeds"),
        }
    }

    /// Ask for every upload whose time has come and that was not asked for since.
    pub async fn ask_scheduled(&self) {
        for destination in self.parts.destinations.iter() {
            match self.ask_if_due(destination).await {
                // Another host was faster; or an upload is open, and this is tried again.
                Ok(()) | Err(AskFeedError::Repeated(_) | AskFeedError::Busy(_) | AskFeedError::NoCatalog(_)) => {}
                Err(error) => {
                    let (merchant, name) = (&destination.merchant, &destination.name);
                    warn!(%merchant, destination = name, %error, "the daily upload of a feed could not be asked for");
                }
            }
        }
    }

    async fn ask_if_due(&self, destination: &Destination) -> Result<(), AskFeedError> {
        let Some((at, day)) = destination.full.as_ref().and_then(|full| full.last(self.parts.now())) else {
            return Ok(());
        };
        let newest = self.newest_full(destination).await?;
        if newest.is_some_and(|asked| asked >= at) {
            return Ok(());
        }
        let Destination { merchant, name, .. } = destination;
        let ask = AskFeed {
            merchant: merchant.clone(),
            destination: name.clone(),
            feed: FeedType::Product,
            by: SCHEDULE.to_owned(),
            beside: false,
        };
        // The same id on every host: only one of them can ask.
        let id = FeedUploadId::new(format!("feed_{merchant}_{name}_{day}"));
        let upload = self.ask_with_id(id, &ask).await?;
        info!(feed.id = %upload.id, %merchant, "asked for the daily upload of a feed");
        Ok(())
    }

    async fn newest_full(
        &self,
        destination: &Destination,
    ) -> Result<Option<tillhouse_checkout::time::Timestamp>, StoreError> {
        let filter = FeedFilter {
            merchant: Some(destination.merchant.clone()),
            destination: Some(destination.name.clone()),
            feed: Some(FeedType::Product),
            limit: 1,
            ..FeedFilter::default()
        };
        let newest = self.parts.queue.feed_uploads(&filter).await?;
        Ok(newest.into_iter().next().map(|upload| upload.asked))
    }
}
