//! The saga of an upload: a step, its commit, the next step.
//!
//! What is about to be sent is durable before the first request. A step is one request, and is repeated under the same idempotency key
//! until its outcome is known; its commit is fenced by the lease, so that a host that was paused undoes nothing.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use tillhouse_checkout::feed::{FeedRowError, FeedStatus, FeedUpload, LONGEST_PAUSE, RemoteIds};
use tillhouse_checkout::ports::{CommitError, StoreError};

use super::destination::Destination;
use super::feed_file::FeedFile;
use super::feed_rows::RowSource;
use super::refused_items::RefusedItems;
use super::refused_rows::explain;
use super::remembering::UploadMemory;
use super::rendering::RenderError;
use super::service::FeedService;
use super::transport::{Ended, Progress, RefusedRows, TransportError};
use super::upload_rows::UploadRows;
use super::versions::ENDED_WELL;

/// What a step has led to.
enum Next {
    /// The upload goes on at once.
    Continue(Box<FeedUpload>),
    /// It is over, or due again later.
    Done,
}

impl FeedService {
    /// Take a leased upload on until it is over, or waits.
    pub(crate) async fn work_on(&self, upload: FeedUpload) {
        let (id, status) = (upload.id.clone(), upload.status.clone());
        if let Err(error) = self.take_on(upload).await {
            // Its lease expires, and then it is worked on again.
            warn!(feed.id = %id, state = %status, %error, "failed to continue the upload of a feed");
        }
    }

    async fn take_on(&self, upload: FeedUpload) -> Result<(), CommitError> {
        let Some(destination) = self.parts.destinations.get(&upload.merchant, &upload.destination) else {
            let why = "the configuration has no such destination any more; add it again, or abandon the upload";
            return self.postpone(upload, why, None).await;
        };
        let source = match UploadRows::of(&upload) {
            Ok(rows) => RowSource::of(self, &upload, rows),
            Err(error) => return self.fail(upload, RenderError::from(error).to_string()).await,
        };
        let file = FeedFile::new(source, destination.separator, self.parts.spool.clone(), &upload);
        let mut upload = Box::new(upload);
        loop {
            if let Some(why) = self.overdue(&upload) {
                return self.fail(*upload, why).await;
            }
            match self.step(*upload, destination, &file).await? {
                Next::Continue(next) => upload = next,
                Next::Done => return Ok(()),
            }
        }
    }

    async fn step(&self, upload: FeedUpload, destination: &Destination, file: &FeedFile) -> Result<Next, CommitError> {
        if upload.begun.is_none() {
            return self.begin(upload, destination, file).await;
        }
        if upload.transport != destination.transport.kind() {
            let why = format!(
                "it was begun by {}, and the destination is reached by {} now; ask for it again",
                upload.transport,
                destination.transport.kind()
            );
            return self.fail(upload, why).await.map(|()| Next::Done);
        }
        self.hurried.forget(&upload);
        match destination.transport.advance(&upload, file).await {
            Ok(Progress::Moved { status, remote, sent }) => self.move_on(upload, status, remote, sent).await,
            Ok(Progress::Waiting) => {
                let is_hurried = self.hurried.take(&upload);
                let next = if is_hurried {
                    Duration::ZERO
                } else {
                    self.parts.timings.pause(upload.tries)
                };
                let waiting = FeedUpload {
                    problem: None,
                    tries: upload.tries.saturating_add(1),
                    next_try: self.parts.now().after(next),
                    ..upload
                };
                self.commit(&waiting, false).await?;
                if self.hurried.take(&waiting) {
                    self.hurry(&waiting).await?;
                }
                Ok(Next::Done)
            }
            Ok(Progress::Ended(ended)) => self.end(upload, *ended, file).await.map(|()| Next::Done),
            Err(error) => self.recover(upload, error).await.map(|()| Next::Done),
        }
    }

    /// Render the file, and make durable what it is before any of it is sent.
    async fn begin(&self, upload: FeedUpload, destination: &Destination, file: &FeedFile) -> Result<Next, CommitError> {
        let mut begun = FeedUpload {
            begun: Some(self.parts.now()),
            tries: 0,
            problem: None,
            ..upload
        };
        if destination.transport.sends_files() {
            let facts = match file.rendered().await {
                Ok(rendered) => rendered.facts.clone(),
                Err(error) => {
                    let upload = FeedUpload { begun: None, ..begun };
                    return self.recover(upload, error.into()).await.map(|()| Next::Done);
                }
            };
            begun.counts.sent = facts.sent;
            begun.counts.withheld = facts.withheld;
            begun.sha256 = Some(facts.sha256.clone());
            if let Some(why) = refusal(destination, &facts) {
                return self.refuse(begun, why, file).await.map(|()| Next::Done);
            }
            if let Err(error) = self.memory().mark_sent(&begun, file.rows()).await {
                let upload = FeedUpload { begun: None, ..begun };
                return self
                    .postpone(upload, &error.to_string(), None)
                    .await
                    .map(|()| Next::Done);
            }
        }
        self.commit(&begun, true).await?;
        Ok(Next::Continue(Box::new(begun)))
    }

    async fn move_on(
        &self,
        upload: FeedUpload,
        status: FeedStatus,
        remote: RemoteIds,
        sent: Option<u64>,
    ) -> Result<Next, CommitError> {
        let mut moved = FeedUpload {
            status,
            remote,
            tries: 0,
            problem: None,
            ..upload
        };
        moved.counts.sent = sent.unwrap_or(moved.counts.sent);
        // The other party works on it now: there is nothing to ask yet.
        let waits = moved.status == FeedStatus::Processing && !self.hurried.take(&moved);
        if waits {
            moved.next_try = self.parts.now().after(self.parts.timings.pause(0));
        }
        self.commit(&moved, !waits).await?;
        info!(feed.id = %moved.id, state = %moved.status, "the upload of a feed is further");
        if waits && self.hurried.take(&moved) {
            // Word came during the commit, which has overwritten it.
            self.hurry(&moved).await?;
        }
        Ok(if waits {
            Next::Done
        } else {
            Next::Continue(Box::new(moved))
        })
    }

    /// A step has decided nothing: it is repeated, or the upload has failed.
    async fn recover(&self, upload: FeedUpload, error: TransportError) -> Result<(), CommitError> {
        match error {
            TransportError::Refused(why) => self.fail(upload, why).await,
            TransportError::Temporary { why, retry_after } => self.postpone(upload, &why, retry_after).await,
            TransportError::KeySpent(why) => {
                let spent_keys = upload.remote.spent_keys.saturating_add(1);
                let remote = RemoteIds {
                    spent_keys,
                    ..upload.remote
                };
                self.postpone(FeedUpload { remote, ..upload }, &why, None).await
            }
        }
    }

    async fn postpone(&self, upload: FeedUpload, why: &str, retry_after: Option<Duration>) -> Result<(), CommitError> {
        let pause = self
            .parts
            .timings
            .pause(upload.tries)
            // An upload is looked at before its keys expire, however long the other party asks to wait.
            .max(retry_after.unwrap_or_default())
            .min(LONGEST_PAUSE);
        warn!(feed.id = %upload.id, state = %upload.status, tries = upload.tries, why, "a step of the upload of a feed is repeated later");
        let postponed = FeedUpload {
            problem: Some(why.to_owned()),
            tries: upload.tries.saturating_add(1),
            next_try: self.parts.now().after(pause),
            ..upload
        };
        self.commit(&postponed, false).await
    }

    /// Why an upload is not continued: it did not get through while its keys are known to the other party, or was not answered in time.
    fn overdue(&self, upload: &FeedUpload) -> Option<String> {
        let (begun, timings) = (upload.begun?, &self.parts.timings);
        let is_processing = upload.status == FeedStatus::Processing;
        let limit = if is_processing {
            timings.send_within.saturating_add(timings.process_within)
        } else {
            timings.send_within
        };
        let problem = upload
            .problem
            .as_ref()
            .map(|problem| format!(": {problem}"))
            .unwrap_or_default();
        (self.parts.now() >= begun.after(limit)).then(|| {
            let hours = limit.as_secs() / 3600;
            if is_processing {
                format!("the other party did not finish it in {hours} hours; look into its dashboard, and ask for a new one{problem}")
            } else {
                format!("it did not get through in {hours} hours; ask for it again{problem}")
            }
        })
    }

    async fn fail(&self, upload: FeedUpload, why: String) -> Result<(), CommitError> {
        self.fail_with(upload, why, &[]).await
    }

    async fn fail_with(&self, upload: FeedUpload, why: String, errors: &[FeedRowError]) -> Result<(), CommitError> {
        warn!(feed.id = %upload.id, merchant = %upload.merchant, why, "the upload of a feed has failed");
        let failed = FeedUpload {
            status: FeedStatus::Failed,
            problem: Some(why),
            ..upload.over(self.parts.now())
        };
        self.parts.queue.end_feed_upload(&failed, errors).await
    }

    /// Nothing is sent; the rows that are the reason are kept.
    async fn refuse(&self, upload: FeedUpload, why: String, file: &FeedFile) -> Result<(), CommitError> {
        let withheld = upload.counts.withheld;
        match explain(file.source(), RefusedRows::None, None, withheld).await {
            Ok(explained) => self.fail_with(upload, why, &explained.errors).await,
            Err(error) => {
                self.postpone(FeedUpload { begun: None, ..upload }, &error.to_string(), None)
                    .await
            }
        }
    }

    /// Commit what became of it, with the rows that were refused.
    async fn end(&self, upload: FeedUpload, ended: Ended, file: &FeedFile) -> Result<(), CommitError> {
        let explained = explain(file.source(), ended.rows, ended.refused, upload.counts.withheld).await;
        let mut explained = match explained {
            Ok(explained) => explained,
            Err(error) => return self.postpone(upload, &error.to_string(), None).await,
        };
        let mut over = FeedUpload {
            status: ended.status,
            problem: ended.problem,
            ..upload.clone().over(self.parts.now())
        };
        over.remote.errors = ended.errors;
        over.counts.taken = ended.taken;
        over.counts.refused = ended.refused.or(Some(explained.refused));
        // Rows were refused, and it is not told how many.
        let is_untold = over.status == FeedStatus::SucceededWithErrors && over.counts.refused == Some(0);
        explained.items.others_unknown |= is_untold;
        if ENDED_WELL.contains(&over.status)
            && let Err(error) = self.settle(&over, file, &explained.items).await
        {
            return self.postpone(upload, &error.to_string(), None).await;
        }
        self.parts.queue.end_feed_upload(&over, &explained.errors).await?;
        info!(
            feed.id = %over.id, merchant = %over.merchant, state = %over.status, sent = over.counts.sent, refused = over.counts.refused,
            "the upload of a feed is over"
        );
        Ok(())
    }

    async fn settle(&self, over: &FeedUpload, file: &FeedFile, refused: &RefusedItems) -> Result<(), StoreError> {
        let memory = self.memory().beside_others(self.may_be_undone(over).await?);
        memory.settle(over, file.rows(), refused).await
    }

    fn memory(&self) -> UploadMemory {
        UploadMemory::new(Arc::clone(&self.parts.queue))
    }

    async fn commit(&self, upload: &FeedUpload, keeps_lease: bool) -> Result<(), CommitError> {
        self.parts.queue.write_feed_upload(upload, keeps_lease).await
    }
}

/// Why a file is not sent at all.
pub(crate) fn refusal(destination: &Destination, facts: &super::rendering::FileFacts) -> Option<String> {
    let (most, help) = destination.transport.max_file();
    // A catalog that is broken as a whole deletes nothing.
    let every_row_is_wrong = facts.withheld > 0 && facts.sent == facts.deletes;
    if facts.sent == 0 || every_row_is_wrong {
        let why = if every_row_is_wrong {
            "every row breaks a rule of the feed"
        } else {
            "there is no row"
        };
        return Some(format!("nothing to upload: {why}; see tillhouse feed preview"));
    }
    (facts.bytes > most).then(|| format!("the file has {} bytes, and may have {most}: {help}", facts.bytes))
}
