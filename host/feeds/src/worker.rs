//! The worker: leases the uploads that are due, one at a time of each destination, and takes them on.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use tillhouse_checkout::feed::FeedUpload;

use super::service::FeedService;

/// Uploads that are worked on at a time: each may read a whole catalog, and send it.
const LIMIT: usize = 4;

impl FeedService {
    /// Work on uploads until told to stop. One that is in a transfer then is left where it was. Its lease is released with all others of
    /// the host, once its workers have stopped, and another host, or the next start, repeats the step.
    pub async fn run(self, stop: CancellationToken) {
        let mut work = JoinSet::new();
        loop {
            while work.try_join_next().is_some() {}
            self.begin_due(&mut work, &stop).await;
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                Some(_) = work.join_next(), if !work.is_empty() => {}
                () = tokio::time::sleep(self.parts.timings.tick) => {}
            }
        }
        while work.join_next().await.is_some() {}
    }

    /// Work once on everything that is due now. Returns how many uploads there were.
    pub async fn run_once(&self) -> usize {
        let mut work = JoinSet::new();
        let count = self.begin_due(&mut work, &CancellationToken::new()).await;
        while work.join_next().await.is_some() {}
        count
    }

    async fn begin_due(&self, work: &mut JoinSet<()>, stop: &CancellationToken) -> usize {
        let room = LIMIT.saturating_sub(work.len());
        if room == 0 {
            return 0;
        }
        let (holder, now) = (&self.parts.holder, self.parts.now());
        let due = match self.parts.queue.lease_feed_uploads(holder, now, room).await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "failed to lease uploads of feeds");
                return 0;
            }
        };
        let count = due.len();
        for upload in due {
            let (this, stop) = (self.clone(), stop.clone());
            work.spawn(async move { this.work_under_lease(upload, &stop).await });
        }
        count
    }

    /// Work on an upload for as long as its lease is ours. A transfer may take longer than a lease lasts.
    async fn work_under_lease(&self, upload: FeedUpload, stop: &CancellationToken) {
        let leased = upload.clone();
        tokio::select! {
            () = Box::pin(self.work_on(upload)) => {}
            () = self.lose_lease(&leased) => {
                warn!(feed.id = %leased.id, "lease lost: another host has this upload now");
            }
            () = stop.cancelled() => {}
        }
    }

    /// Renew the lease. Returns when it is lost.
    async fn lose_lease(&self, upload: &FeedUpload) {
        let holder = &self.parts.holder;
        loop {
            tokio::time::sleep(holder.lease / 3).await;
            match self.parts.queue.renew_feed_lease(holder, upload).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => error!(%error, feed.id = %upload.id, "failed to renew the lease of an upload"),
            }
        }
    }
}
