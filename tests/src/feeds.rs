//! Uploads of product feeds by a host in the process of a test.

use tillhouse_checkout::feed::drift::DriftReport;
use tillhouse_checkout::feed::{FeedRowError, FeedStatus, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, MerchantId};
use tillhouse_checkout::time::Clock;
use tillhouse_feeds::drift::AskDrift;
use tillhouse_feeds::increments::Compared;
use tillhouse_feeds::{AskFeed, AskFeedError};

use crate::eventually::wait_until;
use crate::host::TestHost;
use crate::official::{self, feed::FeedSchema};

/// The feeds of the merchant `demo`, to one destination.
#[derive(Clone, Copy, Debug)]
pub struct Feeds<'a> {
    host: &'a TestHost,
    destination: &'a str,
}

impl TestHost {
    /// The feeds of the merchant `demo` to a destination.
    #[must_use]
    pub const fn feeds<'a>(&'a self, destination: &'a str) -> Feeds<'a> {
        Feeds {
            host: self,
            destination,
        }
    }
}

impl Feeds<'_> {
    /// Asks for an upload of all products.
    ///
    /// # Errors
    /// When it was not asked for.
    pub async fn ask(&self) -> Result<FeedUpload, AskFeedError> {
        self.ask_for(FeedType::Product).await
    }

    /// Asks for an upload of all rows of a feed.
    ///
    /// # Errors
    /// When it was not asked for.
    pub async fn ask_for(&self, feed: FeedType) -> Result<FeedUpload, AskFeedError> {
        let ask = AskFeed {
            merchant: MerchantId::new("demo"),
            destination: self.destination.to_owned(),
            feed,
            by: "operator:tester".to_owned(),
            beside: false,
        };
        self.host.host().feed_changes().service().ask_full(&ask).await
    }

    /// Uploads all products, and waits until that is over.
    pub async fn upload(&self) -> FeedUpload {
        let asked = self.ask().await.expect("the upload is asked for");
        self.ended(&asked.id).await
    }

    /// Uploads all products, all of which are taken.
    pub async fn upload_well(&self) -> FeedUpload {
        let upload = self.upload().await;
        assert_eq!(upload.status, FeedStatus::Succeeded, "{upload:#?}");
        upload
    }

    /// Compares what is offered with what was uploaded, and asks for an upload of what has changed.
    pub async fn compare(&self) -> Compared {
        let increments = self.host.host().feed_changes().increments();
        let compared = increments
            .upload_changes(&MerchantId::new("demo"), self.destination)
            .await;
        compared.expect("what has changed can be compared")
    }

    /// Uploads what has changed, and waits until that is over. `None` if nothing has.
    pub async fn upload_changes(&self) -> Option<FeedUpload> {
        let compared = self.compare().await;
        assert_eq!(compared.waits, None, "{compared:#?}");
        match &compared.upload {
            Some(id) => Some(self.ended(id).await),
            None => None,
        }
    }

    /// Waits until an upload is over. Advances the clock meanwhile, because what is tried again is scheduled by it.
    pub async fn ended(&self, id: &FeedUploadId) -> FeedUpload {
        let queue = &self.host.host().feed_changes().service().parts().queue;
        let read = async || {
            queue
                .feed_upload(id)
                .await
                .expect("the store answers")
                .expect("the upload")
        };
        wait_until("the upload is over", async || {
            self.host.clock.advance(std::time::Duration::from_millis(500));
            !read().await.status.is_open()
        })
        .await;
        self.hold_to_the_schema();
        read().await
    }

    /// Every body that the sandbox's agent has got fits the official schema, where that is at hand.
    fn hold_to_the_schema(&self) {
        if let Some(schema) = FeedSchema::read(&official::folder()) {
            let checked = schema.check_requests(&self.host.sandbox.acp_feed.feeds());
            checked.unwrap_or_else(|error| panic!("{error:?}"));
        }
    }

    /// The rows of an upload that were refused.
    pub async fn errors(&self, id: &FeedUploadId) -> Vec<FeedRowError> {
        let queue = &self.host.host().feed_changes().service().parts().queue;
        queue.feed_errors(id, 0, 1000).await.expect("the store answers")
    }

    /// Compares all items with what was uploaded of them.
    pub async fn audit(&self, sample: Option<usize>) -> DriftReport {
        let ask = AskDrift {
            merchant: MerchantId::new("demo"),
            destination: self.destination.to_owned(),
            sample,
        };
        let audited = self.host.host().feed_changes().audit().audit(&ask).await;
        audited.expect("the feed can be audited")
    }

    /// Now, by the clock of the host.
    #[must_use]
    pub fn now(&self) -> String {
        self.host.clock.now().rfc3339()
    }
}
