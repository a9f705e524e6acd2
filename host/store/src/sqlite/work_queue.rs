//! Leases of work, on one host.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::outbox::QueuedMessage;
use tillhouse_checkout::ports::{MessageSelection, RetentionCutoffs, StoreError, WorkQueue};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_crash_points::crash_point;

use super::messages::MessageMove;
use super::writer::WriteRequest;
use super::{SqliteStore, attempts, messages, records};

#[async_trait]
impl WorkQueue for SqliteStore {
    async fn lease_attempts(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Attempt>, StoreError> {
        // Leased attempts are in the list as well: ask for as many more.
        let most = limit.saturating_add(self.fences.attempts.held_count());
        let busy = records::merchants_json(busy);
        let due = self.read(move |db| attempts::due(db, now, &busy, most)).await?;
        let mut leased = Vec::new();
        for attempt in due {
            if leased.len() == limit {
                break;
            }
            leased.extend(self.lease_open_attempt(by, attempt).await?);
        }
        Ok(leased)
    }

    async fn lease_attempt(&self, by: &LeaseHolder, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        let wanted = id.clone();
        let found = self.read(move |db| attempts::by_id(db, &wanted)).await?;
        match found.filter(|attempt| attempt.status().is_open()) {
            Some(attempt) => self.lease_open_attempt(by, attempt).await,
            None => Ok(None),
        }
    }

    async fn renew_leases(&self, by: &LeaseHolder, held: &[(AttemptId, u64)]) -> Result<Vec<AttemptId>, StoreError> {
        let lost = held
            .iter()
            .filter(|(id, epoch)| !self.fences.attempts.renew(id, *epoch, by));
        Ok(lost.map(|(id, _)| id.clone()).collect())
    }

    async fn release_leases(&self, host: &HostId) -> Result<(), StoreError> {
        self.fences.attempts.end_all(host);
        self.fences.refunds.end_all(host);
        self.fences.feeds.end_all(host);
        self.messages.end_all(host);
        Ok(())
    }

    async fn lease_messages(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        selection: &MessageSelection,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        let limit = selection.limit;
        let most = MessageSelection {
            limit: limit.saturating_add(self.messages.held_count()),
            ..selection.clone()
        };
        let due = self.read(move |db| messages::due(db, now, &most)).await?;
        let leased = due.into_iter().filter_map(|message| {
            let epoch = self.messages.acquire(&message.id, by)?;
            Some(QueuedMessage { epoch, ..message })
        });
        let leased: Vec<_> = leased.take(limit).collect();
        if leased.is_empty() {
            return Ok(leased);
        }
        // The last holder may have delivered a message between the query and the lease: query again under the lease.
        let ids: Vec<i64> = leased.iter().map(|message| message.id).collect();
        let still_due = self.read(move |db| messages::still_due(db, now, &ids)).await?;
        let (kept, gone): (Vec<_>, Vec<_>) = leased.into_iter().partition(|message| still_due.contains(&message.id));
        for message in gone {
            self.messages.remove(&message.id, message.epoch);
        }
        Ok(kept)
    }

    async fn mark_delivered(&self, message: &QueuedMessage, now: Timestamp) -> Result<(), StoreError> {
        if self
            .move_message(message, MessageMove::delivered(message.id, now))
            .await?
        {
            self.messages.remove(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn mark_reported(&self, message: &QueuedMessage, now: Timestamp, record: &str) -> Result<(), StoreError> {
        if self
            .move_message(message, MessageMove::reported(message.id, now, record))
            .await?
        {
            self.messages.remove(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn postpone(&self, message: &QueuedMessage, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        if self
            .move_message(message, MessageMove::postponed(message.id, until, reason))
            .await?
        {
            self.messages.end(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn dead_letter(&self, message: &QueuedMessage, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        if self
            .move_message(message, MessageMove::dead_lettered(message.id, now, reason))
            .await?
        {
            self.messages.remove(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn overdue_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<Session>, StoreError> {
        self.read(move |db| records::overdue(db, now, limit)).await
    }

    async fn purge(&self, cutoffs: &RetentionCutoffs) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            // In batches, so that a large backlog does not delay the checkouts queued behind it.
            let batch = crash_point!(around "purge".to_owned(), self.write(WriteRequest::Purge(*cutoffs)))?;
            purged += batch;
            if batch < records::PURGE_BATCH {
                return Ok(purged);
            }
        }
    }
}

impl SqliteStore {
    /// Takes the lease of an attempt that was open a moment ago. The attempt is read again under the lease: its last holder may
    /// have written it in between.
    async fn lease_open_attempt(&self, by: &LeaseHolder, seen: Attempt) -> Result<Option<Attempt>, StoreError> {
        let Some(epoch) = self.fences.attempts.acquire(&seen.id, by) else {
            return Ok(None);
        };
        let wanted = seen.id.clone();
        let now = self.read(move |db| attempts::by_id(db, &wanted)).await?;
        match now.filter(|attempt| attempt.status().is_open() && attempt.retry.next == seen.retry.next) {
            Some(attempt) => Ok(Some(Attempt { epoch, ..attempt })),
            None => {
                self.fences.attempts.end(&seen.id, epoch);
                Ok(None)
            }
        }
    }

    /// Moves a message if this lease still holds it; false if it was lost.
    async fn move_message(&self, message: &QueuedMessage, change: MessageMove) -> Result<bool, StoreError> {
        if self.messages.epoch(&message.id) != message.epoch {
            return Ok(false);
        }
        crash_point!(around tillhouse_crash_points::names::message(message, change.state()), self.write(WriteRequest::Message(change)))?;
        Ok(true)
    }
}
