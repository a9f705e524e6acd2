//! News that the processor sends by itself.

use std::time::Duration;

use tracing::{info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::decision::{News, Notice};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::unit::{InboxEvent, UnitOfWork};

use super::Payments;
use super::cause::Cause;
use super::conclude::Ending;
use super::inquire::ending;
use super::judge::judge_word;

/// How often an attempt that somebody else is working on is asked for.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl Payments {
    /// Take a notice of the merchant's processor. The plugin verifies and reads it; the processor may send it any number of
    /// times. How many pieces of news were new.
    ///
    /// An approval of the amount due settles an unknown outcome. Anything else has the host ask the processor itself: no word
    /// that merely passed through a plugin turns an unknown into a decline.
    ///
    /// # Errors
    /// What the plugin says of a notice that is forged or cannot be read, and when the attempt is busy; the processor then sends
    /// it again.
    pub async fn notice(&self, merchant: &MerchantId, notice: Notice) -> Result<usize, CheckoutError> {
        let news = self.processor.read_notice(merchant, notice).await?;
        let mut fresh = 0;
        for news in news {
            fresh += usize::from(Box::pin(self.hear(merchant, &news)).await?);
        }
        Ok(fresh)
    }

    async fn hear(&self, merchant: &MerchantId, news: &News) -> Result<bool, CheckoutError> {
        let store = &self.checkout.store;
        let event = InboxEvent {
            source: format!("processor:{merchant}"),
            id: news.id.clone(),
            merchant: merchant.clone(),
            kind: "payment".to_owned(),
            payload: news.reference.clone(),
            received: self.checkout.clock.now(),
        };
        let unsettled = |state| matches!(state, AttemptState::Unknown | AttemptState::NeedsReview);
        match store.attempt_by_reference(merchant, &news.reference).await? {
            Some(attempt) if unsettled(attempt.state) => self.settle_by(event, &attempt, news).await,
            Some(attempt) => {
                info!(attempt.id = %attempt.id, state = attempt.state.name(), "a notice for an attempt that needs none");
                self.keep(event).await
            }
            None => {
                warn!(%merchant, reference = news.reference, "a notice for a charge that is not ours");
                self.keep(event).await
            }
        }
    }

    async fn settle_by(&self, event: InboxEvent, seen: &Attempt, news: &News) -> Result<bool, CheckoutError> {
        let Some(attempt) = self.claim(seen).await? else {
            return Err(CheckoutError::InFlight);
        };
        let _driving = self.driven.take(attempt.id.clone(), attempt.epoch);
        let found = match ending(judge_word(&news.outcome, attempt.amount)) {
            Some(found @ (Ending::Approved(_) | Ending::Differs(_))) => Some(found),
            _ => None,
        };
        match (found, self.still_paying(&attempt).await?) {
            (Some(found), Some(session)) => {
                self.settle(session, attempt, found, Cause::told(event)).await?;
                Ok(true)
            }
            _ => {
                let fresh = self.keep(event).await?;
                Box::pin(self.inquire(attempt)).await?;
                Ok(fresh)
            }
        }
    }

    /// The attempt, once nobody else works on it.
    pub(super) async fn claim(&self, seen: &Attempt) -> Result<Option<Attempt>, CheckoutError> {
        for _ in 0..TRIES {
            if let Some(attempt) = self.checkout.store.claim_attempt(&self.claimant, &seen.id).await? {
                return Ok(Some(attempt));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(None)
    }

    /// Write an event down and nothing else; false when it was there before.
    ///
    /// # Errors
    /// When the store does not answer: the sender then sends it again.
    pub async fn keep(&self, event: InboxEvent) -> Result<bool, CheckoutError> {
        let unit = UnitOfWork {
            event: Some(event),
            ..UnitOfWork::default()
        };
        match self.checkout.store.commit(unit).await {
            Ok(()) => Ok(true),
            Err(CommitError::EventSeen) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
