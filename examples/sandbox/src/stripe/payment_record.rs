//! Payment records: a seller's reports of payments through its own processor.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dispute_report::RecordedDispute;
use super::error::StripeError;
use super::form::Form;
use super::refund_report::RecordedRefund;
use crate::id::{RecordId, TokenId};
use crate::money::Amount;

const FAILURE_CODES: &[&str] = &[
    "authentication_failure",
    "expired_payment_method",
    "incorrect_cvc",
    "incorrect_number",
    "incorrect_postal_code",
    "insufficient_funds",
    "payment_method_customer_decline",
    "payment_method_provider_unknown_outcome",
    "payment_method_restricted",
    "processing_error",
];

/// Outcome of the reported payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedOutcome {
    /// The payment was captured.
    Guaranteed,
    /// The payment was declined.
    Failed,
    /// The payment was voided.
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

    /// The parameter with the reason of this outcome, and the reasons that Stripe has; `None` for an outcome without a reason.
    ///
    /// As the SDKs of the preview list them (`PaymentRecordFailedOptions`, `PaymentRecordCanceledOptions` of stripe-dotnet).
    fn reason_parameter(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::Guaranteed => None,
            Self::Failed => Some(("failed[failure_code]", FAILURE_CODES)),
            Self::Canceled => Some(("canceled[reason]", &["blocked_for_fraud", "merchant_canceled"])),
        }
    }

    /// The reason of this outcome in a report.
    fn reason(self, form: &Form) -> Result<Option<String>, StripeError> {
        let Some((name, reasons)) = self.reason_parameter() else {
            return Ok(None);
        };
        match form.get(name) {
            Some(reason) if !reasons.contains(&reason) => {
                let message = format!("Invalid {name}: must be one of {}.", reasons.join(", "));
                Err(StripeError::parameter("parameter_invalid", name, message))
            }
            reason => Ok(reason.map(str::to_owned)),
        }
    }

    /// The parameter with the time of this outcome.
    fn time_parameter(self) -> &'static str {
        match self {
            Self::Guaranteed => "guaranteed[guaranteed_at]",
            Self::Failed => "failed[failed_at]",
            Self::Canceled => "canceled[canceled_at]",
        }
    }
}

/// A payment record in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// Id of the record: `pr_…`.
    pub id: RecordId,
    /// The token that was used to pay.
    pub shared_payment_granted_token: TokenId,
    /// Outcome that the seller reported.
    pub outcome: ReportedOutcome,
    /// Failure code, or reason of a cancellation, if the seller reported one.
    #[serde(default)]
    pub reason: Option<String>,
    /// Amount that the buyer was asked to pay, in Stripe's units.
    pub amount_requested: Amount,
    /// Amount that was captured; zero unless guaranteed.
    pub amount_guaranteed: Amount,
    /// The merchant's reference at its own processor.
    pub payment_reference: String,
    /// Time at which the payment began, in Unix seconds.
    pub initiated_at: i64,
    /// Time of the outcome, in Unix seconds.
    pub ended_at: i64,
    /// Whether no further captures follow.
    pub final_capture: bool,
    /// Time of the report, in Unix seconds.
    pub created: i64,
    /// Metadata from the seller, as a JSON object of strings.
    pub metadata: Value,
    /// Refunds of the payment, in the order in which they were reported.
    #[serde(default)]
    pub refunds: Vec<RecordedRefund>,
    /// Disputes of the payment, in the order in which they were reported first.
    #[serde(default)]
    pub disputes: Vec<RecordedDispute>,
    /// Whether the buyer was there: `on_session` or `off_session`, if the seller reported it.
    #[serde(default)]
    pub customer_presence: Option<String>,
}

/// The parameters of `report_payment` that are validated.
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
    "failed[failure_code]",
    "canceled[canceled_at]",
    "canceled[reason]",
    "processor_details[type]",
    "processor_details[custom][payment_reference]",
    "customer_presence",
    "description",
];

/// Parameters that Stripe accepts and the simulator ignores or stores as they are.
const OPEN: &[&str] = &["metadata", "customer_details", "shipping_details", "expand"];

/// A complete and consistent report; the ledger checks it against its token.
pub(crate) struct Report {
    pub(crate) token: TokenId,
    pub(crate) outcome: ReportedOutcome,
    reason: Option<String>,
    pub(crate) requested: Amount,
    pub(crate) guaranteed: Amount,
    payment_reference: String,
    initiated_at: i64,
    ended_at: i64,
    final_capture: bool,
    customer_presence: Option<String>,
    metadata: Value,
}

impl Report {
    /// Reads the form of "Record a payment" at <https://docs.stripe.com/agentic-commerce/for-sellers/custom>.
    ///
    /// # Errors
    /// The first parameter that is missing, malformed or contradicts another, by its bracketed name.
    pub(crate) fn read(form: &Form) -> Result<Self, StripeError> {
        form.only(KNOWN, OPEN)?;
        let token = form
            .required("payment_method_details[shared_payment_granted_token]")?
            .into();
        let currency = form.required_currency("amount_requested[currency]")?;
        let requested = Amount {
            value: form.required_amount("amount_requested[value]", &currency)?,
            currency,
        };
        let initiated_at = form.required_integer("initiated_at")?;
        let outcome = ReportedOutcome::parse(form)?;
        let ended_at = form.required_integer(outcome.time_parameter())?;
        Ok(Self {
            guaranteed: guaranteed(form, outcome, &requested)?,
            payment_reference: processor_reference(form)?,
            final_capture: form.boolean("guaranteed[final_capture]")?.unwrap_or(false),
            customer_presence: customer_presence(form)?,
            metadata: form.hash("metadata"),
            token,
            reason: outcome.reason(form)?,
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
            reason: self.reason,
            amount_requested: self.requested,
            amount_guaranteed: self.guaranteed,
            payment_reference: self.payment_reference,
            initiated_at: self.initiated_at,
            ended_at: self.ended_at,
            final_capture: self.final_capture,
            created: now,
            metadata: self.metadata,
            refunds: Vec::new(),
            disputes: Vec::new(),
            customer_presence: self.customer_presence,
        }
    }
}

fn customer_presence(form: &Form) -> Result<Option<String>, StripeError> {
    let name = "customer_presence";
    let given = form
        .get(name)
        .map(|_| form.one_of(name, &["on_session", "off_session"]));
    Ok(given.transpose()?.map(str::to_owned))
}

fn guaranteed(form: &Form, outcome: ReportedOutcome, requested: &Amount) -> Result<Amount, StripeError> {
    if outcome != ReportedOutcome::Guaranteed {
        return Ok(Amount::new(0, &requested.currency));
    }
    if form.get("guaranteed[amount][value]").is_none() && form.get("guaranteed[amount][currency]").is_none() {
        return Ok(requested.clone());
    }
    let (value_name, currency_name) = ("guaranteed[amount][value]", "guaranteed[amount][currency]");
    let currency = form.required_currency(currency_name)?;
    let value = form.required_amount(value_name, &currency)?;
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
    /// What was refunded, in Stripe's units.
    #[must_use]
    pub fn amount_refunded(&self) -> i64 {
        let made = self.refunds.iter().filter(|refund| refund.refunded_at.is_some());
        made.map(|refund| refund.amount.value).sum()
    }

    /// The payment record object, with the field names of Stripe's public SDKs.
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
            "amount_refunded": Amount::new(self.amount_refunded(), &requested.currency),
            "initiated_at": self.initiated_at,
            "latest_payment_attempt_record": self.id.as_str().replacen("pr_", "par_", 1),
            "outcome": self.outcome,
            "customer_presence": self.customer_presence,
            // Not a member of Stripe's object; tests read it.
            "reason": self.reason,
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
