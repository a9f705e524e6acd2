//! The report of a dispute to Stripe, frozen when the order is committed so that every try sends the same bytes.
//!
//! Stripe has the call in its SDKs (`PaymentRecordReportDisputeParams` of stripe-python 16.1.0a4) and no public page of it. Assumed, and
//! only here: a dispute is reported again under its reference when something has become of it; one that is lost was withdrawn and is
//! closed, one that is won is closed only.

mod reason;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::PaymentReport;
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::time::Timestamp;

pub use reason::DisputeReason;

/// The kind of an adjustment that is a dispute.
pub(crate) const DISPUTE: &str = "dispute";

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeOutcome {
    /// It is not decided.
    Open,
    /// The bank has taken the money.
    Lost,
    /// The money stays with the merchant.
    Won,
}

/// A dispute, as Stripe's `POST /v1/payment_records/{id}/report_dispute` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeReport {
    /// Idempotency key of the call.
    pub key: String,
    /// Attempt whose payment is disputed.
    pub attempt: AttemptId,
    /// The report of the payment: the record of it is where the dispute belongs.
    pub payment: PaymentReport,
    /// Amount that is disputed, in minor units.
    pub amount: Money,
    /// How far the dispute is.
    pub outcome: DisputeOutcome,
    /// When that took place.
    pub changed: Timestamp,
    /// Our reference of the dispute, unique among all disputes: the payment's, and the id of the adjustment.
    pub reference: String,
    /// Why the payment is disputed; `None` for a reason that Stripe's list does not have.
    pub reason: Option<DisputeReason>,
}

impl DisputeReport {
    /// The reports of the disputes that an order has, and an earlier revision of it has not or in another state. `payment` is the report of
    /// the payment.
    #[must_use]
    pub fn since(before: &Order, order: &Order, payment: &PaymentReport) -> Vec<Self> {
        let disputes = order.progress.adjustments.iter().filter(|it| it.kind == DISPUTE);
        let reported = |it: &Adjustment| (outcome(it), it.amount, DisputeReason::of(it));
        let is_news = |it: &&Adjustment| {
            let mut known = before.progress.adjustments.iter();
            known
                .find(|known| known.id == it.id)
                .is_none_or(|known| reported(known) != reported(it))
        };
        let report = |dispute: &Adjustment| Self {
            key: format!("{}-d{}", payment.key, order.revision()),
            attempt: order.attempt.clone(),
            payment: payment.clone(),
            amount: dispute.amount.unwrap_or(order.total),
            outcome: outcome(dispute),
            changed: dispute.at,
            reference: format!("{}:{}", payment.reference, dispute.id),
            reason: DisputeReason::of(dispute),
        };
        disputes.filter(is_news).map(report).collect()
    }

    /// The same report under another key, because Stripe keeps a server error under the first.
    #[must_use]
    pub fn under_new_key(&self, tries: u32) -> Self {
        Self {
            key: format!("{}-{tries}", self.key),
            ..self.clone()
        }
    }

    /// The form of the report, in order. Amounts are in Stripe's units.
    ///
    /// # Errors
    /// If Stripe has no unit for the amount.
    pub fn form(&self) -> Result<Vec<(&'static str, String)>, UnitsError> {
        let (value, currency) = (
            Party::Stripe.amount(self.amount)?.to_string(),
            self.amount.currency.lower(),
        );
        let changed = self.changed.seconds().to_string();
        let mut form = vec![
            ("amount[value]", value.clone()),
            ("amount[currency]", currency.clone()),
            ("initiated_at", self.payment.initiated.seconds().to_string()),
        ];
        form.extend(self.reason.map(|reason| ("reason", reason.as_str().to_owned())));
        if self.outcome == DisputeOutcome::Lost {
            form.extend([
                ("funded[type]", "withdrawn".to_owned()),
                ("funded[amount][value]", value),
                ("funded[amount][currency]", currency),
                ("funded[funded_at]", changed.clone()),
            ]);
        }
        if self.outcome != DisputeOutcome::Open {
            form.push(("closed[closed_at]", changed));
        }
        form.extend([
            ("processor_details[type]", "custom".to_owned()),
            ("processor_details[custom][dispute_reference]", self.reference.clone()),
        ]);
        Ok(form)
    }

    /// The message that carries it. The reports of one payment are delivered in order.
    ///
    /// # Errors
    /// When the report cannot be serialized, which cannot happen for one made by [`Self::since`].
    pub fn message(&self, attempt: &Attempt, now: Timestamp) -> Result<OutboxMessage, serde_json::Error> {
        Ok(OutboxMessage {
            destination: None,
            merchant: attempt.merchant.clone(),
            kind: MessageKind::ReportDispute,
            stream: Some(attempt.id.to_string()),
            session: Some(attempt.session.clone()),
            dedupe: self.key.clone(),
            payload: serde_json::to_string(self)?,
            due: now,
        })
    }
}

fn outcome(dispute: &Adjustment) -> DisputeOutcome {
    match dispute.status.as_str() {
        "completed" => DisputeOutcome::Lost,
        "failed" => DisputeOutcome::Won,
        _ => DisputeOutcome::Open,
    }
}
