//! Refunds and disputes of payments that another party took, as its events report them.

use tracing::{info, warn};

use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::money::{Amount, Money};
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind};
use tillhouse_checkout::outside_payment::{AdjustmentReport, OutsideAdjustment};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::{ChangeOrderError, Ordering};

/// Between the party's reference of a charge and what was refunded of it, in the id of an adjustment without an id of its own.
const TOTAL: &str = "/refunded/";

impl Ordering {
    /// Take what an event reports of payments of another party. Each change of an order is applied once, whatever events report it and in
    /// whatever order; the event is kept last. Returns whether it is new.
    ///
    /// A payment that made no order here is left alone: the party takes other payments for the merchant as well. What the order does not
    /// allow, and every dispute, is for the operator.
    ///
    /// # Errors
    /// When the event has to come again.
    pub(crate) async fn take_payer_reports(
        &self,
        event: InboxEvent,
        reports: &[OutsideAdjustment],
    ) -> Result<bool, CheckoutError> {
        for report in reports {
            self.take_payer_report(report).await?;
        }
        let unit = UnitOfWork {
            event: Some(event),
            ..UnitOfWork::default()
        };
        self.context.keep(unit).await
    }

    async fn take_payer_report(&self, report: &OutsideAdjustment) -> Result<(), CheckoutError> {
        let store = self.context.store();
        let attempt = store.attempt_by_charge(&report.merchant, &report.payment).await?;
        let Some(attempt) = attempt.filter(|attempt| attempt.payer.is_elsewhere()) else {
            info!(merchant = %report.merchant, payment = %report.payment, "ignoring a report of a payment that made no order here");
            return Ok(());
        };
        let Some(order) = store.order(&attempt.merchant, &attempt.session).await? else {
            info!(attempt.id = %attempt.id, "ignoring a report of a payment that made no order");
            return Ok(());
        };
        let Some(adjustment) = adjustment_of(&order, &report.what) else {
            info!(order.id = %order.id, "ignoring a report of a payment: the order says so already");
            return Ok(());
        };
        let change = OrderChange {
            source: ChangeSource::Payer,
            id: change_id(&adjustment),
            at: adjustment.at,
            what: OrderChangeKind::Adjusted(Box::new(adjustment.clone())),
        };
        match self.change(&order.merchant, &order.id, &change, |_| None).await {
            Ok(_) => {}
            Err(ChangeOrderError::Refused(refused)) => {
                let subject = format!("{}:{}", order.id, change.id);
                let detail =
                    format!("the party that took the payment reports what the order does not allow: {refused}");
                self.tell_operator(&order.merchant, DiscrepancyKind::OrderDiffers, &order, subject, detail)
                    .await?;
            }
            Err(ChangeOrderError::Absent { .. }) => return Ok(()),
            Err(ChangeOrderError::Checkout(error)) => return Err(error),
        }
        if adjustment.kind == "dispute" {
            let subject = format!(
                "{} {}",
                adjustment.id,
                adjustment.code.as_deref().unwrap_or(&adjustment.status)
            );
            let amount = adjustment
                .amount
                .map_or_else(String::new, |amount| format!(" over {amount}"));
            let reason = adjustment
                .reason
                .as_deref()
                .map_or_else(String::new, |reason| format!(", because of {reason}"));
            let detail = format!("dispute {subject} of {}{amount}{reason}", report.payment);
            self.tell_operator(&order.merchant, DiscrepancyKind::Disputed, &order, subject, detail)
                .await?;
        }
        Ok(())
    }

    async fn tell_operator(
        &self,
        merchant: &MerchantId,
        kind: DiscrepancyKind,
        order: &Order,
        subject: String,
        detail: String,
    ) -> Result<(), CheckoutError> {
        warn!(%merchant, order.id = %order.id, subject, detail, "an operator has to look at an order");
        let unit = UnitOfWork {
            discrepancy: Some(Discrepancy {
                merchant: merchant.clone(),
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
        AdjustmentReport::Adjustment(reported) => {
            let known = known(order, reported);
            let is_news = known.is_none_or(|known| is_later(&known.status, &reported.status) || is_dispute(reported));
            is_news.then(|| Adjustment {
                id: known.map_or(&reported.id, |known| &known.id).clone(),
                ..reported.clone()
            })
        }
        AdjustmentReport::Refunded { charge, total, at } => {
            let adjusted = order.adjusted().ok().filter(|known| known.currency == total.currency)?;
            let missing = total.amount.minor() - adjusted.amount.minor();
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

fn is_dispute(reported: &Adjustment) -> bool {
    reported.kind == "dispute"
}

/// The same for every event that reports the same.
fn change_id(adjustment: &Adjustment) -> String {
    let code = adjustment.code.as_deref().filter(|_| is_dispute(adjustment));
    let code = code.map_or_else(String::new, |code| format!(":{code}"));
    format!("{}:{}{code}", adjustment.id, adjustment.status)
}
