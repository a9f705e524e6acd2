//! The report of a refund to Stripe, frozen when the refund is committed so that every try sends the same bytes.

mod failure;
mod reason;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use failure::RefundFailure;
pub use reason::RefundReason;

use super::PaymentReport;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::money::{Amount, Money, MoneyError};
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::refund::{Refund, RefundState};
use tillhouse_checkout::time::Timestamp;

/// A refund, as Stripe's `POST /v1/payment_records/{id}/report_refund` takes it
/// (<https://docs.stripe.com/api/payment-record/report-refund/report>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReport {
    /// Idempotency key of the call.
    pub key: String,
    /// Attempt whose payment was refunded.
    pub attempt: AttemptId,
    /// The report of the payment: the record of it is where the refund belongs.
    pub payment: PaymentReport,
    /// Amount of this refund.
    pub amount: Money,
    /// What had gone back before, in the order of the reports: the record shows the sum of both once it has this one.
    pub before: Amount,
    /// When the refund was asked for.
    pub initiated: Timestamp,
    /// When its outcome was known.
    pub settled: Timestamp,
    /// Our reference of the refund at the processor, unique among all refunds.
    pub reference: String,
    /// Why it failed; `None` for one that was made, and in reports of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RefundFailure>,
    /// Why it was asked for; `None` for a reason that Stripe's list does not have, and in reports of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RefundReason>,
    /// What groups the refunds of one order; `None` in reports of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// What the issuer of a token has recorded of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedRefund {
    /// The payment itself is not recorded yet.
    NoPayment,
    /// The payment has this record, without the refund.
    Missing(String),
    /// The payment has this record, with the refund.
    Recorded(String),
}

impl RefundReport {
    /// The report of a refund that is done or was declined, after refunds over `before`. `payment` is the report of the payment.
    #[must_use]
    pub fn of(refund: &Refund, payment: PaymentReport, before: Amount, settled: Timestamp) -> Self {
        Self {
            key: format!("{}-{}", payment.key, refund.id),
            attempt: refund.attempt.clone(),
            payment,
            amount: refund.amount,
            before,
            initiated: refund.asked,
            settled,
            reference: refund.id.to_string(),
            failure: match &refund.state {
                RefundState::Declined { code, .. } => Some(RefundFailure::of_decline(code)),
                _ => None,
            },
            reason: refund.code.as_deref().and_then(RefundReason::of_code),
            group: Some(refund.order.to_string()),
        }
    }

    /// The same report under another key. Only for one that is known not to have been recorded.
    #[must_use]
    pub fn under_new_key(&self, tries: u32) -> Self {
        Self {
            key: format!("{}-{tries}", self.key),
            ..self.clone()
        }
    }

    /// What the record shows as refunded once it has this report.
    ///
    /// # Errors
    /// If the sum is not an amount, which the store does not allow.
    pub fn refunded_with_it(&self) -> Result<Money, MoneyError> {
        let amount = match self.failure {
            None => self.before.plus(self.amount.amount)?,
            Some(_) => self.before,
        };
        Ok(Money { amount, ..self.amount })
    }

    /// The form of the report, in order. Amounts are in Stripe's units.
    ///
    /// # Errors
    /// If Stripe has no unit for the amount; no refund is accepted for one.
    pub fn form(&self) -> Result<Vec<(&'static str, String)>, UnitsError> {
        let settled = self.settled.seconds().to_string();
        let mut form = vec![
            ("amount[value]", Party::Stripe.amount(self.amount)?.to_string()),
            ("amount[currency]", self.amount.currency.lower()),
            ("initiated_at", self.initiated.seconds().to_string()),
        ];
        match self.failure {
            None => form.extend([("outcome", "refunded".to_owned()), ("refunded[refunded_at]", settled)]),
            Some(failure) => form.extend([
                ("outcome", "failed".to_owned()),
                ("failed[failed_at]", settled),
                ("failed[failure_reason]", failure.as_str().to_owned()),
            ]),
        }
        form.extend([
            ("processor_details[type]", "custom".to_owned()),
            ("processor_details[custom][refund_reference]", self.reference.clone()),
        ]);
        form.extend(self.reason.map(|reason| ("reason", reason.as_str().to_owned())));
        form.extend(self.group.clone().map(|group| ("refund_group", group)));
        Ok(form)
    }

    /// The message that carries it. The reports of one payment are delivered in order.
    ///
    /// # Errors
    /// When the report cannot be serialized, which cannot happen for one made by [`Self::of`].
    pub fn message(&self, refund: &Refund) -> Result<OutboxMessage, serde_json::Error> {
        Ok(OutboxMessage {
            destination: None,
            merchant: refund.merchant.clone(),
            kind: MessageKind::ReportRefund,
            stream: Some(refund.attempt.to_string()),
            session: Some(refund.session.clone()),
            dedupe: refund.id.to_string(),
            payload: serde_json::to_string(self)?,
            due: self.settled,
        })
    }
}
