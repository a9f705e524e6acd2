//! The report of a payment to Stripe, frozen when the outcome is committed so that every try sends the same bytes.

mod dispute;
mod failure_code;
mod refund;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::ids::{SessionId, TokenId};
use tillhouse_checkout::money::Money;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::payment_token::IssuerName;
use tillhouse_checkout::time::Timestamp;

pub(crate) use dispute::DISPUTE;
pub use dispute::{DisputeOutcome, DisputeReason, DisputeReport};
pub use failure_code::{CancelReason, FailureCode};
pub use refund::{RecordedRefund, RefundFailure, RefundReason, RefundReport};

/// A report is retried under its key only while Stripe keeps the key, which is for 24 hours.
pub(super) const KEY_LIFETIME: std::time::Duration = std::time::Duration::from_secs(23 * 3600);

/// What became of the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedOutcome {
    /// The charge was approved and captured.
    Guaranteed,
    /// The charge was declined.
    Failed,
    /// The charge was voided or refunded, or canceled before it was made.
    Canceled,
}

/// What a payment is for, so that its record can be found by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedSale {
    /// Id of the order that is made when the payment is approved.
    pub order: String,
    /// Checkout session that is paid.
    pub session: SessionId,
}

/// The outcome of a payment, as Stripe's `POST /v1/payment_records/report_payment` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReport {
    /// Idempotency key of the call.
    pub key: String,
    /// Issuer of the token that paid, who keeps the record. It is Stripe in reports of earlier releases.
    #[serde(default)]
    pub issuer: IssuerName,
    /// Shared payment token that paid.
    pub token: TokenId,
    /// Amount requested, and captured if the outcome is guaranteed.
    pub amount: Money,
    /// When the attempt began.
    pub initiated: Timestamp,
    /// When its outcome was known.
    pub settled: Timestamp,
    /// Our reference at the processor.
    pub reference: String,
    /// Outcome of the payment.
    pub outcome: ReportedOutcome,
    /// Why it failed; `None` for other outcomes, for reasons that Stripe's list does not have, and in reports of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<FailureCode>,
    /// Why it was canceled; `None` for other outcomes, and in reports of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<CancelReason>,
    /// What was sold; `None` in reports of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<ReportedSale>,
}

impl PaymentReport {
    /// The report of a settled attempt. `None` where no token paid, or where its issuer keeps no records.
    #[must_use]
    pub fn of(attempt: &Attempt, outcome: ReportedOutcome, settled: Timestamp) -> Option<Self> {
        let token = attempt.payment_token()?;
        token.issuer.keeps_payment_records().then(|| Self {
            key: attempt.report_key.clone(),
            issuer: token.issuer,
            token: token.id.clone(),
            amount: attempt.amount,
            initiated: attempt.initiated,
            settled,
            reference: attempt.reference.clone(),
            outcome,
            failure_code: match &attempt.state {
                AttemptState::Declined { code, .. } => FailureCode::of_decline(code),
                _ => None,
            },
            cancel_reason: match &attempt.state {
                AttemptState::Voided { .. } => Some(CancelReason::MerchantCanceled),
                _ => None,
            },
            sale: Some(ReportedSale {
                order: attempt.order.id.clone(),
                session: attempt.session.clone(),
            }),
        })
    }

    /// The same report under another key. Only for one that is known not to have been recorded: Stripe keeps a server
    /// error under a key, and a key for 24 hours.
    #[must_use]
    pub fn under_new_key(&self, tries: u32) -> Self {
        Self {
            key: format!("{}-{tries}", self.key),
            ..self.clone()
        }
    }

    /// The form of `POST /v1/payment_records/report_payment`, in order. Amounts are in Stripe's units.
    ///
    /// The buyer is in a checkout when it is completed, and so `on_session`. Billing details and checks of the card are not reported: Stripe
    /// has issued the token with the former, and no processor tells the host the latter.
    ///
    /// # Errors
    /// If Stripe has no unit for the amount; no attempt is begun for one.
    pub fn form(&self) -> Result<Vec<(&'static str, String)>, UnitsError> {
        let value = Party::Stripe.amount(self.amount)?.to_string();
        let currency = self.amount.currency.lower();
        let settled = self.settled.seconds().to_string();
        let mut form = vec![
            (
                "payment_method_details[shared_payment_granted_token]",
                self.token.to_string(),
            ),
            ("amount_requested[value]", value.clone()),
            ("amount_requested[currency]", currency.clone()),
            ("initiated_at", self.initiated.seconds().to_string()),
        ];
        match self.outcome {
            ReportedOutcome::Guaranteed => form.extend([
                ("outcome", "guaranteed".to_owned()),
                ("guaranteed[amount][value]", value),
                ("guaranteed[amount][currency]", currency),
                ("guaranteed[final_capture]", "true".to_owned()),
                ("guaranteed[guaranteed_at]", settled),
            ]),
            ReportedOutcome::Failed => {
                form.extend([("outcome", "failed".to_owned()), ("failed[failed_at]", settled)]);
                let code = self.failure_code.map(|code| code.as_str().to_owned());
                form.extend(code.map(|code| ("failed[failure_code]", code)));
            }
            ReportedOutcome::Canceled => {
                form.extend([("outcome", "canceled".to_owned()), ("canceled[canceled_at]", settled)]);
                let reason = self.cancel_reason.map(|reason| reason.as_str().to_owned());
                form.extend(reason.map(|reason| ("canceled[reason]", reason)));
            }
        }
        form.extend([
            ("processor_details[type]", "custom".to_owned()),
            ("processor_details[custom][payment_reference]", self.reference.clone()),
        ]);
        if let Some(sale) = &self.sale {
            form.extend([
                ("customer_presence", "on_session".to_owned()),
                ("metadata[order]", sale.order.clone()),
                ("metadata[checkout_session]", sale.session.to_string()),
            ]);
        }
        Ok(form)
    }

    /// The message that carries it.
    ///
    /// # Errors
    /// When the report cannot be serialized, which cannot happen for one made by [`Self::of`].
    pub fn message(&self, attempt: &Attempt) -> Result<OutboxMessage, serde_json::Error> {
        Ok(OutboxMessage {
            destination: None,
            merchant: attempt.merchant.clone(),
            kind: MessageKind::ReportPayment,
            stream: None,
            session: Some(attempt.session.clone()),
            dedupe: attempt.id.to_string(),
            payload: serde_json::to_string(self)?,
            due: self.settled,
        })
    }
}
