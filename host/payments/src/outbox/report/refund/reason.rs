//! Why a refund was asked for, in the words of Stripe's payment records.

use serde::{Deserialize, Serialize};

/// `reason` of a report, as the SDKs of the preview list them (`PaymentRecordReportRefundParams` of stripe-python).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// The buyer was charged more than once.
    Duplicate,
    /// The payment was a fraud.
    Fraudulent,
    /// The buyer asked for it.
    RequestedByCustomer,
}

impl RefundReason {
    /// The reason with this code of a refund. `None` for a code that says why the buyer returns something, or that is not known.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "duplicate" => Self::Duplicate,
            "fraud" | "fraudulent" => Self::Fraudulent,
            "changed_mind" | "customer_request" | "no_longer_needed" | "requested_by_customer" => {
                Self::RequestedByCustomer
            }
            _ => return None,
        })
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::RequestedByCustomer => "requested_by_customer",
        }
    }
}
