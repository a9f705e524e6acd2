//! The report of a refund to Stripe, frozen when the refund is committed so that every try sends the same bytes.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::PaymentReport;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::money::{Amount, Money, MoneyError};
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::refund::Refund;
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
    /// The report of a refund that is done, after refunds over `before`. `payment` is the report of the payment.
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
        Ok(Money {
            amount: self.before.plus(self.amount.amount)?,
            ..self.amount
        })
    }

    /// The form of the report, in order. Amounts are in Stripe's units.
    ///
    /// # Errors
    /// If Stripe has no unit for the amount; no refund is accepted for one.
    pub fn form(&self) -> Result<Vec<(&'static str, String)>, UnitsError> {
        Ok(vec![
            ("amount[value]", Party::Stripe.amount(self.amount)?.to_string()),
            ("amount[currency]", self.amount.currency.lower()),
            ("initiated_at", self.initiated.seconds().to_string()),
            ("outcome", "refunded".to_owned()),
            ("refunded[refunded_at]", self.settled.seconds().to_string()),
            ("processor_details[type]", "custom".to_owned()),
            ("processor_details[custom][refund_reference]", self.reference.clone()),
        ])
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
