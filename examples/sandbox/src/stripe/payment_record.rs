//! Payment records: what a seller reports about money taken elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::StripeError;
use super::form::Form;
use crate::id::{RecordId, TokenId};
use crate::money::Amount;

/// How the reported payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedOutcome {
    /// The money was taken.
    Guaranteed,
    /// It was declined.
    Failed,
    /// It was voided.
    Canceled,
}

impl ReportedOutcome {
    fn parse(form: &Form) -> Result<Self, StripeError> {
        match form.required("outcome")? {
            "guaranteed" => Ok(Self::Guaranteed),
            "failed" => Ok(Self::Failed),
            "canceled" => Ok(Self::Canceled),
            other => {
                let message = format!("Invalid outcome: {other}. Use guaranteed, failed or canceled.");
                Err(StripeError::parameter("parameter_invalid", "outcome", message))
            }
        }
    }

    /// The parameter that says when, for this outcome.
    fn time_parameter(self) -> &'static str {
        match self {
            Self::Guaranteed => "guaranteed[guaranteed_at]",
            Self::Failed => "failed[failed_at]",
            Self::Canceled => "canceled[canceled_at]",
        }
    }
}

/// One payment record of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// `pr_…`.
    pub id: RecordId,
    /// The token that paid.
    pub shared_payment_granted_token: TokenId,
    /// How it ended.
    pub outcome: ReportedOutcome,
    /// What was asked of the buyer.
    pub amount_requested: Amount,
    /// What was taken; zero unless guaranteed.
    pub amount_guaranteed: Amount,
    /// The merchant's reference at its own processor.
    pub payment_reference: String,
    /// Unix seconds: when the payment began.
    pub initiated_at: i64,
    /// Unix seconds: when it ended.
    pub ended_at: i64,
    /// Whether no further capture follows.
    pub final_capture: bool,
    /// Unix seconds: when it was reported.
    pub created: i64,
    /// What the seller attached.
    pub metadata: Value,
}

/// The parameters of `report_payment` that are read.
const KNOWN: &[&str] = &[
    "payment_method_details[type]",
    "payment_method_details[shared_payment_granted_token]",
    "amount_requested[value]",
    "amount_requested[currency]",
    "initiated_at",
    "outcome",
    "guaranteed[amount][value]",
    "guaranteed[amount][currency]",
    "guaranteed[final_capture]",
    "guaranteed[guaranteed_at]",
    "failed[failed_at]",
    "canceled[canceled_at]",
    "processor_details[type]",
    "processor_details[custom][payment_reference]",
    "customer_presence",
    "description",
];

/// Those that Stripe takes and the simulator does not look into.
const OPEN: &[&str] = &["metadata", "customer_details", "shipping_details", "expand"];

/// A report that is complete and agrees with itself; whether it fits its token is the ledger's to say.
pub(crate) struct Report {
    pub(crate) token: TokenId,
    pub(crate) outcome: ReportedOutcome,
    pub(crate) requested: Amount,
    pub(crate) guaranteed: Amount,
    payment_reference: String,
    initiated_at: i64,
    ended_at: i64,
    final_capture: bool,
    metadata: Value,
}

impl Report {
    /// Reads the form of the seed's "Record a payment".
    ///
    /// # Errors
    /// The first parameter that is missing, malformed or contradicts another, by its bracketed name.
    pub(crate) fn read(form: &Form) -> Result<Self, StripeError> {
        form.only(KNOWN, OPEN)?;
        let token = form
            .required("payment_method_details[shared_payment_granted_token]")?
            .into();
        let requested = Amount {
            value: form.required_amount("amount_requested[value]")?,
            currency: form.required_currency("amount_requested[currency]")?,
        };
        let initiated_at = form.required_integer("initiated_at")?;
        let outcome = ReportedOutcome::parse(form)?;
        let ended_at = form.required_integer(outcome.time_parameter())?;
        Ok(Self {
            guaranteed: guaranteed(form, outcome, &requested)?,
            payment_reference: processor_reference(form)?,
            final_capture: form.boolean("guaranteed[final_capture]")?.unwrap_or(false),
            metadata: form.hash("metadata"),
            token,
            outcome,
            requested,
            initiated_at,
            ended_at,
        })
    }

    pub(crate) fn into_record(self, now: i64) -> PaymentRecord {
        PaymentRecord {
            id: RecordId::generate(),
            shared_payment_granted_token: self.token,
            outcome: self.outcome,
            amount_requested: self.requested,
            amount_guaranteed: self.guaranteed,
            payment_reference: self.payment_reference,
            initiated_at: self.initiated_at,
            ended_at: self.ended_at,
            final_capture: self.final_capture,
            created: now,
            metadata: self.metadata,
        }
    }
}

fn guaranteed(form: &Form, outcome: ReportedOutcome, requested: &Amount) -> Result<Amount, StripeError> {
    if outcome != ReportedOutcome::Guaranteed {
        return Ok(Amount::new(0, &requested.currency));
    }
    if form.get("guaranteed[amount][value]").is_none() && form.get("guaranteed[amount][currency]").is_none() {
        return Ok(requested.clone());
    }
    let (value_name, currency_name) = ("guaranteed[amount][value]", "guaranteed[amount][currency]");
    let value = form.required_amount(value_name)?;
    let currency = form.required_currency(currency_name)?;
    if currency != requested.currency {
        let message = format!(
            "{currency_name} is {currency}, but amount_requested[currency] is {}.",
            requested.currency
        );
        return Err(StripeError::parameter("parameter_invalid", currency_name, message));
    }
    if value > requested.value {
        let message = format!(
            "{value_name} is {value}, more than amount_requested[value] {}.",
            requested.value
        );
        return Err(StripeError::parameter("parameter_invalid", value_name, message));
    }
    Ok(Amount { value, currency })
}

fn processor_reference(form: &Form) -> Result<String, StripeError> {
    match form.required("processor_details[type]")? {
        "custom" => form
            .required("processor_details[custom][payment_reference]")
            .map(str::to_owned),
        other => {
            let message = format!("Invalid processor_details[type]: {other}. The only type is custom.");
            Err(StripeError::parameter(
                "parameter_invalid",
                "processor_details[type]",
                message,
            ))
        }
    }
}

impl PaymentRecord {
    /// The record as the API shows it (field names of the public SDKs, protocols reference §7.3).
    pub(crate) fn to_json(&self) -> Value {
        let requested = &self.amount_requested;
        let zero = Amount::new(0, &requested.currency);
        let when = |outcome| if self.outcome == outcome { requested } else { &zero };
        json!({
            "id": self.id,
            "object": "payment_record",
            "created": self.created,
            "livemode": false,
            "amount": requested,
            "amount_requested": requested,
            "amount_authorized": self.amount_guaranteed,
            "amount_guaranteed": self.amount_guaranteed,
            "amount_failed": when(ReportedOutcome::Failed),
            "amount_canceled": when(ReportedOutcome::Canceled),
            "amount_refunded": zero,
            "initiated_at": self.initiated_at,
            "latest_payment_attempt_record": self.id.as_str().replacen("pr_", "par_", 1),
            "outcome": self.outcome,
            "payment_method_details": {
                "type": "shared_payment_granted_token",
                "shared_payment_granted_token": self.shared_payment_granted_token,
            },
            "processor_details": {"type": "custom", "custom": {"payment_reference": self.payment_reference}},
            "reported_by": "self",
            "metadata": self.metadata,
        })
    }
}
