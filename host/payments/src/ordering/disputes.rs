//! Disputes of payments that the host has made: part of the order, and of the record of its payment.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{Adjustment, Dispute, ProcessorEvent};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::text::printable;

use super::{ChangeOrderError, Ordering};
use crate::outbox::report::{DISPUTE, DisputeReport, PaymentReport, ReportedOutcome};
use crate::settlement::messages;

impl Ordering {
    /// Takes a dispute that the processor reports of a charge of ours into the order that it paid. Nothing is done where there is no order,
    /// or where the order has the dispute as it is. Returns why the order does not allow it, for the operator.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub(crate) async fn take_dispute(
        &self,
        attempt: &Attempt,
        event: &ProcessorEvent,
        dispute: &Dispute,
    ) -> Result<Option<String>, CheckoutError> {
        let Some(order) = self.context.store().order(&attempt.merchant, &attempt.session).await? else {
            return Ok(None);
        };
        let adjustment = self.adjustment(event, dispute);
        if order.attempt != attempt.id || is_known(&order, &adjustment) {
            return Ok(None);
        }
        let change = OrderChange {
            source: ChangeSource::Processor,
            // The same dispute may go back to a state that it had, in another event.
            id: format!("{}:{}", adjustment.id, event.id),
            at: adjustment.at,
            what: OrderChangeKind::Adjusted(Box::new(adjustment)),
        };
        match self.change(&order.merchant, &order.id, &change, |_| None).await {
            Ok(_) | Err(ChangeOrderError::Absent { .. }) => Ok(None),
            Err(ChangeOrderError::Refused(refused)) => Ok(Some(refused.to_string())),
            Err(ChangeOrderError::Checkout(error)) => Err(error),
        }
    }

    fn adjustment(&self, event: &ProcessorEvent, dispute: &Dispute) -> Adjustment {
        let id = match dispute.reference.as_str() {
            "" => &event.id,
            reference => reference,
        };
        let amount = event.amount.as_ref().and_then(|amount| {
            Some(Money {
                amount: Amount::new(amount.minor).ok()?,
                currency: Currency::new(&amount.currency).ok()?,
            })
        });
        Adjustment {
            id: printable(id),
            kind: DISPUTE.to_owned(),
            status: status(&dispute.status).to_owned(),
            lines: Vec::new(),
            amount,
            reason: dispute.reason.as_deref().map(printable),
            code: Some(printable(&dispute.status)).filter(|code| !code.is_empty()),
            at: self.context.now(),
        }
    }

    /// The reports to the issuer of the token that paid an order, of the disputes that have changed.
    pub(super) async fn dispute_reports(
        &self,
        before: &Order,
        order: &Order,
    ) -> Result<Vec<OutboxMessage>, CheckoutError> {
        if !order.progress.adjustments.iter().any(|it| it.kind == DISPUTE) {
            return Ok(Vec::new());
        }
        let Some(attempt) = self.context.store().attempt(&order.attempt).await? else {
            return Ok(Vec::new());
        };
        let Some(payment) = PaymentReport::of(&attempt, ReportedOutcome::Guaranteed, order.created) else {
            return Ok(Vec::new());
        };
        let now = self.context.now();
        let reports = DisputeReport::since(before, order, &payment).into_iter();
        messages(reports.map(|report| report.message(&attempt, now)))
    }
}

/// `completed` once the bank has the money, `failed` once it stays with the merchant. The processor's own word is the code.
fn status(dispute: &str) -> &'static str {
    match dispute {
        "lost" => "completed",
        "won" => "failed",
        _ => "pending",
    }
}

/// Whether an order has a dispute as it is reported. Events come in any order: what was decided does not become open again.
fn is_known(order: &Order, reported: &Adjustment) -> bool {
    let known = order.progress.adjustments.iter().find(|it| it.id == reported.id);
    known.is_some_and(|known| {
        let is_same = known.status == reported.status && known.code == reported.code;
        let is_same = is_same && (reported.amount.is_none() || known.amount == reported.amount);
        is_same || known.status != "pending" && reported.status == "pending"
    })
}
