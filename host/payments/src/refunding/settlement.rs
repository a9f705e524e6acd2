//! What became of a refund, committed with everything that follows from it.

use tracing::{error, info, warn};

use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::{CommitError, RefundFilter, StoreError};
use tillhouse_checkout::refund::{Refund, RefundBalance, RefundStatus};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Refunding;
use crate::outbox::report::{PaymentReport, RefundReport, ReportedOutcome};
use crate::settlement::{SETTLED_BY_OPERATOR, Trigger, messages};

/// How often a refund is asked for or settled while others change its order.
pub(super) const TRIES: u32 = 16;

impl Refunding {
    /// The money went back: the refund, the order with its adjustment, the report to the issuer of the token and the order events are
    /// one commit.
    pub(super) async fn settle_done(
        &self,
        refund: Refund,
        reference: String,
        trigger: &Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        let done = refund.done(reference.as_str(), self.context.now());
        for _ in 0..TRIES {
            // The order is read first: another refund that is settled meanwhile changes its revision.
            let changes = self.order_changes(done.refund()).await?;
            if let Some(other) = self.refunded_with(&refund, &reference).await? {
                let why = format!("the processor's reference {reference} belongs to refund {other}");
                return self
                    .request_review(&refund, DiscrepancyKind::ReferenceSeen, &why, trigger)
                    .await;
            }
            let unit = UnitOfWork {
                refund: Some(done.clone()),
                ..changes
            };
            match self.context.commit_outcome(&trigger.add_to(unit)).await {
                // Another change of the order came first.
                Err(CommitError::Order) => {}
                other => {
                    other?;
                    info!(refund.id = %refund.id, reference, "refunded");
                    self.context.outbox_wake.notify_one();
                    return Ok(());
                }
            }
        }
        Err(CommitError::Order.into())
    }

    /// What follows from a refund that is done, beside the refund itself.
    async fn order_changes(&self, refund: &Refund) -> Result<UnitOfWork, CheckoutError> {
        let found = self.context.order_named(&refund.merchant, &refund.order).await?;
        let Some((session, before)) = found else {
            return Ok(UnitOfWork::default());
        };
        let mut unit = match before.apply(&change(refund)) {
            Ok(Some(order)) => self.context.changed_order(&session, &before, &order)?,
            Ok(None) => UnitOfWork::default(),
            // The money went back whatever the order says: its owner has to look.
            Err(error) => {
                let why = format!("it was made, and the order cannot have it: {error}");
                error!(refund.id = %refund.id, why, "a refund does not fit its order, and an operator has to look");
                UnitOfWork {
                    discrepancy: Some(self.discrepancy(refund, DiscrepancyKind::RefundContradicted, &why)),
                    ..UnitOfWork::default()
                }
            }
        };
        unit.outbox.extend(messages(self.report(refund, &before).await?)?);
        Ok(unit)
    }

    /// The report to the issuer of the token, if one paid the order and its issuer keeps records. The refunds that were done before are
    /// those of the order: this commit is the next one, because it replaces the revision of the order that was read before them.
    async fn report(
        &self,
        refund: &Refund,
        order: &Order,
    ) -> Result<Option<Result<OutboxMessage, serde_json::Error>>, CheckoutError> {
        let settled = refund.state.settled().unwrap_or(refund.asked);
        let attempt = self.context.store().attempt(&refund.attempt).await?;
        let payment =
            attempt.and_then(|attempt| PaymentReport::of(&attempt, ReportedOutcome::Guaranteed, order.created));
        let Some(payment) = payment else { return Ok(None) };
        let balance = RefundBalance::of(order.total, &self.refunds_of(order).await?);
        let before = balance.map_err(StoreError::caused_by)?.refunded;
        Ok(Some(RefundReport::of(refund, payment, before, settled).message(refund)))
    }

    /// The money stays: its amount can be refunded again.
    pub(super) async fn settle_declined(
        &self,
        refund: &Refund,
        code: &str,
        trigger: &Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        warn!(refund.id = %refund.id, code, "the refund was declined");
        let declined = refund.declined(code, self.context.now());
        let found = self.context.order_named(&refund.merchant, &refund.order).await?;
        let report = match found {
            // Of one that an operator says was never made, nothing has failed.
            Some((_, order)) if code != SETTLED_BY_OPERATOR => self.report(declined.refund(), &order).await?,
            _ => None,
        };
        let unit = UnitOfWork {
            outbox: messages(report)?,
            refund: Some(declined),
            ..UnitOfWork::default()
        };
        self.commit(trigger.add_to(unit)).await?;
        self.context.outbox_wake.notify_one();
        Ok(())
    }

    /// Another refund of the same charge that was made under this reference of the processor.
    async fn refunded_with(&self, refund: &Refund, reference: &str) -> Result<Option<String>, CheckoutError> {
        let filter = RefundFilter {
            states: vec![RefundStatus::Done],
            ..RefundFilter::of_order(&refund.merchant, &refund.order)
        };
        let others = self.context.store().list_refunds(&filter).await?;
        let seen = |other: &Refund| other.id != refund.id && other.state.reference() == Some(reference);
        Ok(others.into_iter().find(seen).map(|other| other.name))
    }

    /// A state that is not final. Retried while the store gives no answer.
    pub(super) async fn commit(&self, unit: UnitOfWork) -> Result<(), CheckoutError> {
        let done = self.context.commit_outcome(&unit).await;
        self.context.recovery_wake.notify_one();
        Ok(done?)
    }

    pub(super) fn discrepancy(&self, refund: &Refund, kind: DiscrepancyKind, why: &str) -> Discrepancy {
        Discrepancy {
            merchant: refund.merchant.clone(),
            kind,
            subject: refund.id.to_string(),
            attempt: Some(refund.attempt.clone()),
            detail: format!(
                "refund {} of order {} over {}: {why}",
                refund.name, refund.order, refund.amount
            ),
            found: self.context.now(),
        }
    }
}

/// The refund as a change of its order.
fn change(refund: &Refund) -> OrderChange {
    let at = refund.state.settled().unwrap_or(refund.asked);
    OrderChange {
        source: ChangeSource::Refund,
        id: refund.id.to_string(),
        at,
        what: OrderChangeKind::Adjusted(Box::new(Adjustment {
            id: refund.id.to_string(),
            kind: "refund".to_owned(),
            status: "completed".to_owned(),
            lines: refund.lines.clone(),
            amount: Some(refund.amount),
            reason: refund.reason.clone(),
            code: refund.code.clone(),
            at,
        })),
    }
}
