//! Refunds and disputes of payments that another party took, as its events report them.

use std::slice;

use tracing::{info, warn};

use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference, SessionId};
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::money::{Amount, Money};
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind};
use tillhouse_checkout::outside_payment::{AdjustmentReport, OutsideAdjustment};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::kept_reports::Made;
use super::{ChangeOrderError, Ordering};

/// Between the party's reference of a charge and what was refunded of it, in the id of an adjustment without an id of its own.
const TOTAL: &str = "/refunded/";

impl Ordering {
    /// Take what an event reports of payments of another party. Each change of an order is applied once, whatever events report it and in
    /// whatever order; the event is kept last. Returns whether it is new.
    ///
    /// A report of a payment that made no order here is kept: its order may still come, and takes it then; else it changes nothing, because
    /// the party takes other payments for the merchant as well. What the order does not allow, and every dispute, is for the operator.
    ///
    /// # Errors
    /// When the event has to come again.
    pub(crate) async fn take_payer_reports(
        &self,
        event: InboxEvent,
        reports: &[OutsideAdjustment],
    ) -> Result<bool, CheckoutError> {
        for (number, report) in reports.iter().enumerate() {
            self.take_payer_report(&event, number, report).await?;
        }
        let unit = UnitOfWork {
            event: Some(event),
            ..UnitOfWork::default()
        };
        self.context.keep(unit).await
    }

    async fn take_payer_report(
        &self,
        event: &InboxEvent,
        number: usize,
        report: &OutsideAdjustment,
    ) -> Result<(), CheckoutError> {
        let mut payment = self.payment_named(&report.merchant, &report.names).await?;
        match payment.made {
            Made::NothingYet => {
                // Kept before it is looked for again: an order that is made meanwhile finds it, or is found.
                self.keep_report(event, number, report).await?;
                payment = self.payment_named(&report.merchant, &report.names).await?;
            }
            Made::OrderOf(_) => self.keep_names(event, report).await?,
            Made::ByHost => {}
        }
        let Made::OrderOf(session) = &payment.made else {
            let names = &report.names;
            info!(merchant = %report.merchant, ?names, "a report of a payment that made no order here changes nothing now");
            return Ok(());
        };
        for kept in payment.reports.iter().chain([report]) {
            self.adjust(session, kept).await?;
        }
        Ok(())
    }

    /// Take what was reported of a payment before it was known here. What makes the order of a payment calls it afterwards.
    ///
    /// # Errors
    /// When the store gives no answer: whatever made the order has to be repeated.
    pub(crate) async fn take_kept_reports(
        &self,
        merchant: &MerchantId,
        reference: &ProcessorReference,
    ) -> Result<(), CheckoutError> {
        let payment = self.payment_named(merchant, slice::from_ref(reference)).await?;
        if let Made::OrderOf(session) = &payment.made {
            for kept in &payment.reports {
                self.adjust(session, kept).await?;
            }
        }
        Ok(())
    }

    /// Apply a report to the order of a session.
    async fn adjust(&self, session: &SessionId, report: &OutsideAdjustment) -> Result<(), CheckoutError> {
        let Some(order) = self.context.store().order(&report.merchant, session).await? else {
            return Ok(());
        };
        if let Some(adjustment) = adjustment_of(&order, &report.what) {
            self.apply(&order, adjustment).await?;
        }
        match &report.what {
            AdjustmentReport::Adjustment(dispute) if is_dispute(dispute) => {
                self.tell_of_dispute(&order, dispute, report).await
            }
            _ => Ok(()),
        }
    }

    async fn apply(&self, order: &Order, adjustment: Adjustment) -> Result<(), CheckoutError> {
        let change = OrderChange {
            source: ChangeSource::Payer,
            id: change_id(&adjustment),
            at: adjustment.at,
            what: OrderChangeKind::Adjusted(Box::new(adjustment)),
        };
        match self.change(&order.merchant, &order.id, &change, |_| None).await {
            Ok(_) | Err(ChangeOrderError::Absent { .. }) => Ok(()),
            Err(ChangeOrderError::Refused(refused)) => {
                let subject = format!("{}:{}", order.id, change.id);
                let detail =
                    format!("the party that took the payment reports what the order does not allow: {refused}");
                self.tell_operator(DiscrepancyKind::OrderDiffers, order, subject, detail)
                    .await
            }
            Err(ChangeOrderError::Checkout(error)) => Err(error),
        }
    }

    /// Every status of a dispute is for the operator, once, whether the order is told by it or knows more.
    async fn tell_of_dispute(
        &self,
        order: &Order,
        dispute: &Adjustment,
        report: &OutsideAdjustment,
    ) -> Result<(), CheckoutError> {
        let subject = format!("{} {}", dispute.id, dispute.code.as_deref().unwrap_or(&dispute.status));
        let amount = dispute
            .amount
            .map_or_else(String::new, |amount| format!(" over {amount}"));
        let reason = dispute
            .reason
            .as_deref()
            .map_or_else(String::new, |reason| format!(", because of {reason}"));
        let names: Vec<&str> = report.names.iter().map(ProcessorReference::as_str).collect();
        let detail = format!("dispute {subject} of {}{amount}{reason}", names.join(", "));
        self.tell_operator(DiscrepancyKind::Disputed, order, subject, detail)
            .await
    }

    async fn tell_operator(
        &self,
        kind: DiscrepancyKind,
        order: &Order,
        subject: String,
        detail: String,
    ) -> Result<(), CheckoutError> {
        warn!(merchant = %order.merchant, order.id = %order.id, subject, detail, "an operator has to look at an order");
        let unit = UnitOfWork {
            discrepancy: Some(Discrepancy {
                merchant: order.merchant.clone(),
                kind,
                subject,
                attempt: Some(order.attempt.clone()),
                detail,
                found: self.context.now(),
            }),
            ..UnitOfWork::default()
        };
        Ok(self.context.store().commit(unit).await?)
    }
}

/// The adjustment that a report makes; `None` if the order has it already.
fn adjustment_of(order: &Order, what: &AdjustmentReport) -> Option<Adjustment> {
    match what {
        AdjustmentReport::Named => None,
        AdjustmentReport::Adjustment(reported) => {
            let known = known(order, reported);
            let is_news =
                known.is_none_or(|known| is_later(&known.status, &reported.status) || is_told_more(known, reported));
            is_news.then(|| Adjustment {
                id: known.map_or(&reported.id, |known| &known.id).clone(),
                ..reported.clone()
            })
        }
        AdjustmentReport::Refunded { charge, total, at } => {
            // A refund that has failed since was in the sum, which may come again.
            let refunds = order.progress.adjustments.iter().filter(|it| !is_dispute(it));
            let known: i64 = refunds
                .filter_map(|it| it.amount.filter(|known| known.currency == total.currency))
                .map(|known| known.amount.minor())
                .sum();
            let missing = total.amount.minor() - known;
            let amount = Amount::new(missing).ok().filter(|missing| !missing.is_zero())?;
            Some(Adjustment {
                id: format!("{charge}{TOTAL}{}", total.amount.minor()),
                kind: "refund".to_owned(),
                status: "completed".to_owned(),
                lines: Vec::new(),
                amount: Some(Money { amount, ..*total }),
                reason: None,
                code: None,
                at: *at,
            })
        }
    }
}

/// The adjustment that a report is about: with its id, or a refund of the same amount that is known only by the sum of all refunds.
fn known<'o>(order: &'o Order, reported: &Adjustment) -> Option<&'o Adjustment> {
    let adjustments = &order.progress.adjustments;
    let by_id = adjustments.iter().find(|it| it.id == reported.id);
    by_id.or_else(|| {
        let is_in_sum = |it: &&Adjustment| it.id.contains(TOTAL) && it.status != "failed";
        let mut alike = adjustments.iter().filter(is_in_sum);
        alike.find(|it| reported.kind == "refund" && it.amount == reported.amount)
    })
}

/// Events come in any order: what has ended does not become pending again, and what has failed stays so.
fn is_later(known: &str, reported: &str) -> bool {
    match known {
        "failed" => false,
        "completed" => reported == "failed",
        _ => known != reported,
    }
}

/// A dispute has more statuses than an adjustment, which its code has.
fn is_told_more(known: &Adjustment, reported: &Adjustment) -> bool {
    is_dispute(reported) && known.status == reported.status && known.code != reported.code
}

fn is_dispute(reported: &Adjustment) -> bool {
    reported.kind == "dispute"
}

/// The same for every event that reports the same.
fn change_id(adjustment: &Adjustment) -> String {
    let code = adjustment.code.as_deref().filter(|_| is_dispute(adjustment));
    let code = code.map_or_else(String::new, |code| format!(":{code}"));
    format!("{}:{}{code}", adjustment.id, adjustment.status)
}
