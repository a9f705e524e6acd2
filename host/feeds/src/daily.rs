//! Asks for an upload of all products once a day, and for one of promotions also when they were imported.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use tillhouse_checkout::feed::{FeedType, FeedUpload};
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
            for feed in [FeedType::Product, FeedType::Promotion] {
                match self.ask_if_due(destination, &feed).await {
                    // Another host was faster; or an upload is open, and this is tried again.
                    Ok(()) | Err(AskFeedError::Repeated(_) | AskFeedError::Busy(_) | AskFeedError::NoCatalog(_)) => {}
                    Err(error) => {
                        let (merchant, name) = (&destination.merchant, &destination.name);
                        warn!(%merchant, destination = name, %feed, %error, "the upload of a feed could not be asked for");
                    }
                }
            }
        }
    }

    async fn ask_if_due(&self, destination: &Destination, feed: &FeedType) -> Result<(), AskFeedError> {
        let due = match feed {
            FeedType::Promotion => self.due_promotions(destination).await?,
            _ => self.due_today(destination, feed).await?,
        };
        let Some(due) = due else { return Ok(()) };
        let Destination { merchant, name, .. } = destination;
        let ask = AskFeed {
            merchant: merchant.clone(),
            destination: name.clone(),
            feed: feed.clone(),
            by: SCHEDULE.to_owned(),
            beside: false,
        };
        // The same id on every host: only one of them can ask.
        let id = FeedUploadId::new(format!("feed_{merchant}_{name}_{due}"));
        let upload = self.ask_with_id(id, &ask).await?;
        info!(feed.id = %upload.id, %merchant, "asked for an upload of a feed");
        Ok(())
    }

    /// The day whose upload of all rows was not asked for yet, if its time has come.
    async fn due_today(&self, destination: &Destination, feed: &FeedType) -> Result<Option<String>, StoreError> {
        let now = self.parts.now();
        let Some((at, day)) = destination.full.as_ref().and_then(|full| full.last(now)) else {
            return Ok(None);
        };
        let newest = self.newest(destination, feed).await?;
        // One of the future was asked for by a clock that was wrong.
        let is_missing = newest.is_none_or(|newest| newest.asked < at || newest.asked > now);
        Ok(is_missing.then_some(day))
    }

    /// Promotions are uploaded once a day as well, where there are any; and once after each import of them, because they are few, and begin
    /// and end at a time.
    async fn due_promotions(&self, destination: &Destination) -> Result<Option<String>, StoreError> {
        let feed = FeedType::Promotion;
        if !destination.is_scheduled() || destination.transport.refuses(&feed).is_some() {
            return Ok(None);
        }
        let Some(stored) = self.catalogs_of(&feed).catalog(&destination.merchant).await? else {
            return Ok(None);
        };
        let newest = self.newest(destination, &feed).await?;
        if newest.is_none_or(|newest| newest.version < stored.version) {
            return Ok(Some(format!("promotion_{}", stored.version)));
        }
        let day = match stored.items {
            // The other party was told that the last ones are gone.
            0 => None,
            _ => self.due_today(destination, &feed).await?,
        };
        Ok(day.map(|day| format!("promotion_{day}")))
    }

    /// The upload that was asked for last.
    async fn newest(&self, destination: &Destination, feed: &FeedType) -> Result<Option<FeedUpload>, StoreError> {
        let filter = FeedFilter {
            merchant: Some(destination.merchant.clone()),
            destination: Some(destination.name.clone()),
            feed: Some(feed.clone()),
            limit: 1,
            ..FeedFilter::default()
        };
        let newest = self.parts.queue.feed_uploads(&filter).await?;
        Ok(newest.into_iter().next())
    }
}
