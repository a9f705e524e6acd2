//! Reports of disputes of payments that a seller made through its own processor.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::StripeError;
use super::form::Form;
use crate::money::Amount;

/// Why a payment is disputed, as the SDKs of the preview list it (`PaymentRecordReportDisputeParams` of stripe-python).
const REASONS: &[&str] = &[
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
];

/// A dispute in a payment record, as it was reported last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedDispute {
    /// Disputed amount, in Stripe's units.
    pub amount: Amount,
    /// The seller's reference of the dispute, unique among all disputes.
    pub dispute_reference: String,
    /// Why the payment is disputed.
    pub reason: Option<String>,
    /// Time at which the payment began, in Unix seconds, if the seller reported it.
    pub initiated_at: Option<i64>,
    /// Time at which the money was withdrawn, in Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// Time at which the dispute was closed, in Unix seconds.
    pub closed_at: Option<i64>,
    /// Metadata from the seller, as a JSON object of strings.
    pub metadata: Value,
    /// How often it was reported.
    pub reports: u32,
}

/// The parameters of `report_dispute` that are validated.
const KNOWN: &[&str] = &[
    "amount[value]",
    "amount[currency]",
    "closed[closed_at]",
    "funded[amount][value]",
    "funded[amount][currency]",
    "funded[funded_at]",
    "funded[type]",
    "initiated_at",
    "processor_details[type]",
    "processor_details[custom][dispute_reference]",
    "reason",
];

/// The parameter that is unique among all disputes.
pub(super) const REFERENCE: &str = "processor_details[custom][dispute_reference]";

impl RecordedDispute {
    /// Reads the form of a report, as the SDKs of the preview have it; its page is not public.
    ///
    /// # Errors
    /// The first parameter that is missing or malformed, by its bracketed name.
    pub(super) fn read(form: &Form) -> Result<Self, StripeError> {
        form.only(KNOWN, &["metadata", "expand"])?;
        form.one_of("processor_details[type]", &["custom"])?;
        let reason = form.get("reason").map(|_| form.one_of("reason", REASONS)).transpose()?;
        let currency = form.required_currency("amount[currency]")?;
        let amount = Amount {
            value: form.required_amount("amount[value]", &currency)?,
            currency,
        };
        Ok(Self {
            withdrawn_at: withdrawn(form, &amount)?,
            amount,
            dispute_reference: form.required(REFERENCE)?.to_owned(),
            reason: reason.map(str::to_owned),
            initiated_at: form.integer("initiated_at")?,
            closed_at: form.integer("closed[closed_at]")?,
            metadata: form.hash("metadata"),
            reports: 1,
        })
    }
}

/// When the money was withdrawn: with an amount, a type and a time, or without any.
fn withdrawn(form: &Form, disputed: &Amount) -> Result<Option<i64>, StripeError> {
    let names = [
        "funded[amount][value]",
        "funded[amount][currency]",
        "funded[type]",
        "funded[funded_at]",
    ];
    if names.iter().all(|name| form.get(name).is_none()) {
        return Ok(None);
    }
    form.one_of("funded[type]", &["withdrawn"])?;
    let currency = form.required_currency("funded[amount][currency]")?;
    let value = form.required_amount("funded[amount][value]", &currency)?;
    if currency != disputed.currency || value > disputed.value {
        let message = format!("{value} {currency} is more than what is disputed.");
        return Err(StripeError::parameter(
            "parameter_invalid",
            "funded[amount][value]",
            message,
        ));
    }
    form.required_integer("funded[funded_at]").map(Some)
}
