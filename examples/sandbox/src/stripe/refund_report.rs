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
    /// Time at which it was completed, in Unix seconds.
    pub refunded_at: i64,
    /// Time of the report, in Unix seconds.
    pub created: i64,
}

/// The parameters of `report_refund` that are validated.
const KNOWN: &[&str] = &[
    "amount[value]",
    "amount[currency]",
    "initiated_at",
    "outcome",
    "refunded[refunded_at]",
    "processor_details[type]",
    "processor_details[custom][refund_reference]",
];

/// Length of a reference (<https://docs.stripe.com/api/payment-record/report-refund/report>).
const REFERENCE_MAX: usize = 5000;

/// A complete and consistent report; the ledger checks it against its record.
pub(crate) struct RefundReport {
    /// Amount that went back; `None` for all that is left.
    pub(crate) amount: Option<Amount>,
    pub(crate) refund_reference: String,
    initiated_at: Option<i64>,
    refunded_at: i64,
}

impl RefundReport {
    /// Reads the form of "Report a refund" at <https://docs.stripe.com/api/payment-record/report-refund/report>.
    ///
    /// # Errors
    /// The first parameter that is missing or malformed, by its bracketed name.
    pub(crate) fn read(form: &Form) -> Result<Self, StripeError> {
        form.only(KNOWN, &["metadata", "expand"])?;
        one_of(form, "outcome", "refunded")?;
        one_of(form, "processor_details[type]", "custom")?;
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
            refunded_at: form.required_integer("refunded[refunded_at]")?,
        })
    }

    pub(crate) fn into_refund(self, amount: Amount, now: i64) -> RecordedRefund {
        RecordedRefund {
            amount,
            refund_reference: self.refund_reference,
            initiated_at: self.initiated_at,
            refunded_at: self.refunded_at,
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

fn one_of(form: &Form, name: &str, only: &str) -> Result<(), StripeError> {
    match form.required(name)? {
        value if value == only => Ok(()),
        other => {
            let message = format!("Invalid {name}: {other}. The only value is {only}.");
            Err(StripeError::parameter("parameter_invalid", name, message))
        }
    }
}
