//! Reports of refunds that a seller made through its own processor.

use serde::{Deserialize, Serialize};

use super::error::StripeError;
use super::form::Form;
use crate::money::{Amount, Currency};

/// A refund in a payment record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRefund {
    /// Amount that went back, in Stripe's units.
    pub amount: Amount,
    /// The seller's reference of the refund, unique among all refunds.
    pub refund_reference: String,
    /// Time at which the refund began, in Unix seconds, if the seller reported it.
    pub initiated_at: Option<i64>,
    /// Time at which it was completed, in Unix seconds; `None` for one that failed.
    pub refunded_at: Option<i64>,
    /// Time at which it failed, in Unix seconds.
    #[serde(default)]
    pub failed_at: Option<i64>,
    /// Why it failed, if the seller reported it.
    #[serde(default)]
    pub failure_reason: Option<String>,
    /// Why it was made: `duplicate`, `fraudulent` or `requested_by_customer`.
    #[serde(default)]
    pub reason: Option<String>,
    /// What it is grouped by with other refunds.
    #[serde(default)]
    pub refund_group: Option<String>,
    /// Time of the report, in Unix seconds.
    pub created: i64,
}

/// The parameters of `report_refund` that are validated.
const KNOWN: &[&str] = &[
    "amount[value]",
    "amount[currency]",
    "initiated_at",
    "outcome",
    "failed[failed_at]",
    "failed[failure_reason]",
    "reason",
    "refund_group",
    "refunded[refunded_at]",
    "processor_details[type]",
    "processor_details[custom][refund_reference]",
];

/// Why a refund is made, and why it fails, as the SDKs of the preview list it (`PaymentRecordReportRefundParams` of stripe-python).
const REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer"];
const FAILURES: &[&str] = &[
    "charge_for_pending_refund_disputed",
    "declined",
    "expired_or_canceled_card",
    "insufficient_funds",
    "lost_or_stolen_card",
    "merchant_request",
    "unknown",
];

/// Length of a reference (<https://docs.stripe.com/api/payment-record/report-refund/report>).
const REFERENCE_MAX: usize = 5000;

/// A complete and consistent report; the ledger checks it against its record.
pub(crate) struct RefundReport {
    /// Amount that went back; `None` for all that is left.
    pub(crate) amount: Option<Amount>,
    pub(crate) refund_reference: String,
    initiated_at: Option<i64>,
    refunded_at: Option<i64>,
    failed_at: Option<i64>,
    failure_reason: Option<String>,
    reason: Option<String>,
    refund_group: Option<String>,
}

impl RefundReport {
    /// Reads the form of "Report a refund" at <https://docs.stripe.com/api/payment-record/report-refund/report>.
    ///
    /// # Errors
    /// The first parameter that is missing or malformed, by its bracketed name.
    pub(crate) fn read(form: &Form) -> Result<Self, StripeError> {
        form.only(KNOWN, &["metadata", "expand"])?;
        let has_failed = form.one_of("outcome", &["refunded", "failed"])? == "failed";
        form.one_of("processor_details[type]", &["custom"])?;
        let ended = if has_failed {
            "failed[failed_at]"
        } else {
            "refunded[refunded_at]"
        };
        let ended_at = form.required_integer(ended)?;
        let listed = |name, values| form.get(name).map(|_| form.one_of(name, values)).transpose();
        let name = "processor_details[custom][refund_reference]";
        let refund_reference = form.required(name)?.to_owned();
        if refund_reference.chars().count() > REFERENCE_MAX {
            let message = format!("{name} may be at most {REFERENCE_MAX} characters long.");
            return Err(StripeError::parameter("parameter_invalid", name, message));
        }
        Ok(Self {
            amount: amount(form)?,
            refund_reference,
            initiated_at: form.integer("initiated_at")?,
            refunded_at: (!has_failed).then_some(ended_at),
            failed_at: has_failed.then_some(ended_at),
            failure_reason: listed("failed[failure_reason]", FAILURES)?.map(str::to_owned),
            reason: listed("reason", REASONS)?.map(str::to_owned),
            refund_group: form.get("refund_group").map(str::to_owned),
        })
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed_at.is_some()
    }

    pub(crate) fn into_refund(self, amount: Amount, now: i64) -> RecordedRefund {
        RecordedRefund {
            amount,
            refund_reference: self.refund_reference,
            initiated_at: self.initiated_at,
            refunded_at: self.refunded_at,
            failed_at: self.failed_at,
            failure_reason: self.failure_reason,
            reason: self.reason,
            refund_group: self.refund_group,
            created: now,
        }
    }
}

/// Both members, or neither.
fn amount(form: &Form) -> Result<Option<Amount>, StripeError> {
    let (value, currency) = ("amount[value]", "amount[currency]");
    if form.get(value).is_none() && form.get(currency).is_none() {
        return Ok(None);
    }
    let currency: Currency = form.required_currency(currency)?;
    Ok(Some(Amount {
        value: form.required_amount(value, &currency)?,
        currency,
    }))
}
