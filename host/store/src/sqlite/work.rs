//! Leases of work, on one host.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId};
use tillhouse_checkout::ports::{Horizon, StoreError, Worklist};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{Claimant, QueuedMessage};
use tillhouse_crash_points::crash_point;

use super::messages::Move;
use super::writer::Work;
use super::{SqliteStore, attempts, messages, records};

#[async_trait]
impl Worklist for SqliteStore {
    async fn claim_attempts(
        &self,
        by: &Claimant,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Attempt>, StoreError> {
        // Leased attempts are in the list as well: ask for as many more.
        let most = limit.saturating_add(self.attempts.held());
        let busy = records::names(busy);
        let due = self.read(move |db| attempts::due(db, now, &busy, most)).await?;
        let mut claimed = Vec::new();
        for attempt in due {
            if claimed.len() == limit {
                break;
            }
            claimed.extend(self.claim(by, attempt).await?);
        }
        Ok(claimed)
    }

    async fn claim_attempt(&self, by: &Claimant, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        let wanted = id.clone();
        let found = self.read(move |db| attempts::one(db, &wanted)).await?;
        match found.filter(|attempt| attempt.state.is_open()) {
            Some(attempt) => self.claim(by, attempt).await,
            None => Ok(None),
        }
    }

    async fn renew_attempts(&self, by: &Claimant, held: &[(AttemptId, u64)]) -> Result<Vec<AttemptId>, StoreError> {
        let lost = held.iter().filter(|(id, epoch)| !self.attempts.renew(id, *epoch, by));
        Ok(lost.map(|(id, _)| id.clone()).collect())
    }

    async fn let_go(&self, host: &HostId) -> Result<(), StoreError> {
        self.attempts.end_all(host);
        self.messages.end_all(host);
        Ok(())
    }

    async fn claim_messages(
        &self,
        by: &Claimant,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        let most = limit.saturating_add(self.messages.held());
        let busy = records::names(busy);
        let due = self.read(move |db| messages::due(db, now, &busy, most)).await?;
        let claimed = due.into_iter().filter_map(|message| {
            let epoch = self.messages.claim(&message.id, by)?;
            Some(QueuedMessage { epoch, ..message })
        });
        let claimed: Vec<_> = claimed.take(limit).collect();
        if claimed.is_empty() {
            return Ok(claimed);
        }
        // The last holder may have delivered a message between the query and the claim: query again under the lease.
        let ids: Vec<i64> = claimed.iter().map(|message| message.id).collect();
        let still_due = self.read(move |db| messages::still_due(db, now, &ids)).await?;
        let (kept, gone): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|message| still_due.contains(&message.id));
        for message in gone {
            self.messages.forget(&message.id, message.epoch);
        }
        Ok(kept)
    }

    async fn delivered(&self, message: &QueuedMessage, now: Timestamp) -> Result<(), StoreError> {
        if self.settle(message, Move::delivered(message.id, now)).await? {
            self.messages.forget(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn postpone(&self, message: &QueuedMessage, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        if self.settle(message, Move::postponed(message.id, until, reason)).await? {
            self.messages.end(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn bury(&self, message: &QueuedMessage, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        if self.settle(message, Move::buried(message.id, now, reason)).await? {
            self.messages.forget(&message.id, message.epoch);
        }
        Ok(())
    }

    async fn overdue_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<Session>, StoreError> {
        self.read(move |db| records::overdue(db, now, limit)).await
    }

    async fn forget(&self, horizon: &Horizon) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            // In portions, so that a large backlog does not delay the checkouts queued behind it.
            let portion = crash_point!(around "forget".to_owned(), self.write(Work::Forget(*horizon)))?;
            forgotten += portion;
            if portion < records::FORGET_PORTION {
                return Ok(forgotten);
            }
        }
    }
}

impl SqliteStore {
    /// Takes the lease of an attempt that was open a moment ago. The attempt is read again under the lease: its last holder may
    /// have written it in between.
    async fn claim(&self, by: &Claimant, seen: Attempt) -> Result<Option<Attempt>, StoreError> {
        let Some(epoch) = self.attempts.claim(&seen.id, by) else {
            return Ok(None);
        };
        let wanted = seen.id.clone();
        let now = self.read(move |db| attempts::one(db, &wanted)).await?;
        match now.filter(|attempt| attempt.state.is_open() && attempt.next_try == seen.next_try) {
            Some(attempt) => Ok(Some(Attempt { epoch, ..attempt })),
            None => {
                self.attempts.end(&seen.id, epoch);
                Ok(None)
            }
        }
    }

    /// Moves a message if this lease still holds it; false if it was lost.
    async fn settle(&self, message: &QueuedMessage, change: Move) -> Result<bool, StoreError> {
        if self.messages.epoch(&message.id) != message.epoch {
            return Ok(false);
        }
        crash_point!(around tillhouse_crash_points::names::message(message, change.state()), self.write(Work::Message(change)))?;
        Ok(true)
    }
}
