//! What the processor says of refunds by itself.

use tracing::{info, warn};

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{ProcessorEvent, RefundOutcome, ReportedAmount};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, RefundId};
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::{CommitError, RefundFilter};
use tillhouse_checkout::refund::{Refund, RefundStatus};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Refunding;
use crate::settlement::Trigger;

impl Refunding {
    /// Handle the report of a refund; `None` if it is not about a refund of this host, else whether the event was new.
    ///
    /// "Refunded" settles the refund that the event names, by our reference or by the one that the processor has given it, unless it is
    /// about another amount. Whatever else it says, the refunds that it may be about are looked up at the processor: a plugin's word alone
    /// never turns an unknown outcome into a decline.
    pub(crate) async fn handle_event(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
        outcome: &RefundOutcome,
        received: &InboxEvent,
    ) -> Result<Option<bool>, CheckoutError> {
        let found = self.refunds_about(merchant, event).await?;
        if let Some(named) = found.iter().find(|refund| names(event, outcome, refund)) {
            return if named.status().is_open() {
                self.settle_by_event(named, event, outcome, received).await.map(Some)
            } else {
                self.compare(named, outcome, received).await.map(Some)
            };
        }
        let open: Vec<&Refund> = found
            .iter()
            .filter(|refund| refund.state.sent().is_some() && is_about(event, refund))
            .collect();
        if open.is_empty() {
            return Ok(None);
        }
        for refund in open {
            self.look_up_now(&refund.id).await?;
        }
        self.keep(received, None).await.map(Some)
    }

    /// The refunds of the charge that the event is about.
    async fn refunds_about(&self, merchant: &MerchantId, event: &ProcessorEvent) -> Result<Vec<Refund>, CheckoutError> {
        let store = self.context.store();
        let Some(reference) = &event.reference else {
            return Ok(Vec::new());
        };
        let named = store.refund(&RefundId::new(reference.as_str())).await?;
        if let Some(refund) = named.filter(|refund| refund.merchant == *merchant) {
            return Ok(vec![refund]);
        }
        let attempt: Option<Attempt> = store.attempt_by_reference(merchant, reference).await?;
        let Some(attempt) = attempt else { return Ok(Vec::new()) };
        let filter = RefundFilter {
            attempt: Some(attempt.id),
            limit: usize::MAX,
            ..RefundFilter::default()
        };
        Ok(store.list_refunds(&filter).await?)
    }

    async fn settle_by_event(
        &self,
        seen: &Refund,
        event: &ProcessorEvent,
        outcome: &RefundOutcome,
        received: &InboxEvent,
    ) -> Result<bool, CheckoutError> {
        let Some(reference) = refunded_as(outcome) else {
            self.look_up_now(&seen.id).await?;
            return self.keep(received, None).await;
        };
        if !is_about(event, seen) {
            let amount = event.amount.as_ref().map_or(0, |amount| amount.minor);
            let why = format!("event {} is about {amount} minor units", event.id);
            warn!(refund.id = %seen.id, why, "a processor event is about another amount, and an operator has to look");
            let found = self.discrepancy(seen, DiscrepancyKind::AmountDiffers, &why);
            return self.keep(received, Some(found)).await;
        }
        let Some(refund) = self.lease(&seen.id).await? else {
            return match self.context.store().refund(&seen.id).await? {
                Some(now) if !now.status().is_open() => self.keep(received, None).await,
                // The processor sends it again.
                _ => Err(CheckoutError::InFlight),
            };
        };
        let _guard = self.begin(&refund);
        let trigger = Trigger::ProcessorEvent(received.clone());
        match self.settle_done(refund.clone(), reference.to_owned(), &trigger).await {
            Ok(()) => Ok(true),
            // It came before, when it could not be told which refund it names: ask now, and do not keep the lease meanwhile.
            Err(CheckoutError::Conflict(CommitError::EventSeen)) => {
                Box::pin(self.step(refund)).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// A refund that is over. That the processor takes back what it said is for an operator.
    async fn compare(
        &self,
        refund: &Refund,
        outcome: &RefundOutcome,
        received: &InboxEvent,
    ) -> Result<bool, CheckoutError> {
        let is_done = refund.status() == RefundStatus::Done;
        let said = match outcome {
            RefundOutcome::Refunded(reference) if !is_done => Some(format!("refunded as {reference}")),
            RefundOutcome::Declined(code) if is_done => Some(format!("declined: {code}")),
            _ => None,
        };
        let Some(said) = said else {
            info!(refund.id = %refund.id, "ignoring processor event: the refund is over");
            return self.keep(received, None).await;
        };
        let why = format!("{} here, and the processor says later: {said}", refund.status().name());
        warn!(refund.id = %refund.id, why, "the processor contradicts a settled refund, and an operator has to look");
        let found = self.discrepancy(refund, DiscrepancyKind::RefundContradicted, &why);
        self.keep(received, Some(found)).await
    }

    /// Ask the processor about a refund before its time. One that is busy is being asked about already.
    async fn look_up_now(&self, id: &RefundId) -> Result<(), CheckoutError> {
        if let Some(refund) = self
            .context
            .store()
            .lease_refund(&self.context.lease_holder, id)
            .await?
        {
            let _guard = self.begin(&refund);
            Box::pin(self.step(refund)).await?;
        }
        Ok(())
    }

    async fn keep(&self, received: &InboxEvent, discrepancy: Option<Discrepancy>) -> Result<bool, CheckoutError> {
        let unit = UnitOfWork {
            event: Some(received.clone()),
            discrepancy,
            ..UnitOfWork::default()
        };
        self.context.keep(unit).await
    }
}

/// The processor's reference of a refund that was made; `None` also where the event names none, which settles nothing.
fn refunded_as(outcome: &RefundOutcome) -> Option<&str> {
    match outcome {
        RefundOutcome::Refunded(reference) if !reference.is_empty() => Some(reference),
        _ => None,
    }
}

/// Whether the event names the refund: by our reference of it, or by the processor's where that is known.
fn names(event: &ProcessorEvent, outcome: &RefundOutcome, refund: &Refund) -> bool {
    let by_us = event.reference.as_deref() == Some(refund.id.as_str());
    let by_processor = match outcome {
        RefundOutcome::Refunded(reference) | RefundOutcome::Pending(reference) => {
            !reference.is_empty() && refund.state.reference() == Some(reference)
        }
        RefundOutcome::Declined(_) | RefundOutcome::Unknown => false,
    };
    by_us || by_processor
}

/// Whether the event is about the amount of the refund, as far as it names one.
fn is_about(event: &ProcessorEvent, refund: &Refund) -> bool {
    let of_refund = |amount: &ReportedAmount| {
        amount.minor == refund.amount.amount.minor() && Currency::new(&amount.currency) == Ok(refund.amount.currency)
    };
    event.amount.as_ref().is_none_or(of_refund)
}
