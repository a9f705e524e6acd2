//! Why a payment is disputed, in the words of Stripe's payment records.

use serde::{Deserialize, Serialize};

use tillhouse_checkout::decision::Adjustment;

/// `reason` of a report. Stripe's list has reasons of bank debits too (`check_returned`, `insufficient_funds` …), which no card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    /// A credit that the merchant owes was not made.
    CreditNotProcessed,
    /// The buyer was charged more than once.
    Duplicate,
    /// The buyer did not make the payment.
    Fraudulent,
    /// The bank gives no reason.
    General,
    /// The payment breaks a rule of the card network.
    Noncompliant,
    /// The goods did not arrive.
    ProductNotReceived,
    /// The goods are not as they were described.
    ProductUnacceptable,
    /// The buyer has canceled a subscription.
    SubscriptionCanceled,
    /// The buyer does not know the payment.
    Unrecognized,
}

impl DisputeReason {
    const ALL: [Self; 9] = [
        Self::CreditNotProcessed,
        Self::Duplicate,
        Self::Fraudulent,
        Self::General,
        Self::Noncompliant,
        Self::ProductNotReceived,
        Self::ProductUnacceptable,
        Self::SubscriptionCanceled,
        Self::Unrecognized,
    ];

    /// The reason of a dispute, from the code or else the text that its processor or the merchant's system gave. `None` for a reason that
    /// Stripe's list does not have: a wrong one would say of the buyer what the bank has not said.
    #[must_use]
    pub fn of(dispute: &Adjustment) -> Option<Self> {
        let named = [&dispute.code, &dispute.reason].into_iter().flatten();
        named.map(|name| Self::named(name)).find(Option::is_some).flatten()
    }

    /// The reason that has this name, however it is written, or that of the same meaning at other processors.
    fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        if let Some(known) = Self::ALL.into_iter().find(|reason| reason.as_str() == name) {
            return Some(known);
        }
        Some(match name.as_str() {
            "refund_not_processed" => Self::CreditNotProcessed,
            "duplicate_processing" | "paid_by_other_means" => Self::Duplicate,
            "fraud" | "card_absent_fraud" | "other_fraud_card_absent_environment" | "no_cardholder_authorization" => {
                Self::Fraudulent
            }
            "goods_not_received" | "not_received" | "merchandise_not_received" | "services_not_provided" => {
                Self::ProductNotReceived
            }
            "damaged" | "not_as_described" | "defective" => Self::ProductUnacceptable,
            "canceled_recurring" | "cancelled_recurring" => Self::SubscriptionCanceled,
            _ => return None,
        })
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreditNotProcessed => "credit_not_processed",
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::General => "general",
            Self::Noncompliant => "noncompliant",
            Self::ProductNotReceived => "product_not_received",
            Self::ProductUnacceptable => "product_unacceptable",
            Self::SubscriptionCanceled => "subscription_canceled",
            Self::Unrecognized => "unrecognized",
        }
    }
}
