//! Why a refund failed, in the words of Stripe's payment records.

use serde::{Deserialize, Serialize};

/// `failed[failure_reason]` of a report, as the SDKs of the preview list them (`PaymentRecordReportRefundParams` of stripe-python).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFailure {
    /// The buyer disputes the charge.
    ChargeForPendingRefundDisputed,
    /// The processor or the bank declined it.
    Declined,
    /// The card has expired or was canceled.
    ExpiredOrCanceledCard,
    /// The merchant's account has not enough money.
    InsufficientFunds,
    /// The card was lost or stolen.
    LostOrStolenCard,
    /// The merchant withdrew it.
    MerchantRequest,
    /// The processor gives no reason that Stripe's list has.
    Unknown,
}

impl RefundFailure {
    /// The reason for a decline with this code of the processor, or of the host.
    #[must_use]
    pub fn of_decline(code: &str) -> Self {
        match code {
            "charge_disputed" | "charge_for_pending_refund_disputed" | "disputed" => {
                Self::ChargeForPendingRefundDisputed
            }
            "declined" | "do_not_honor" | "generic_decline" | "processor_declined" | "refused" => Self::Declined,
            "card_canceled" | "card_expired" | "expired_card" | "expired_or_canceled_card" => {
                Self::ExpiredOrCanceledCard
            }
            "insufficient_balance" | "insufficient_funds" | "not_enough_balance" => Self::InsufficientFunds,
            "lost_card" | "lost_or_stolen_card" | "pickup_card" | "stolen_card" => Self::LostOrStolenCard,
            "canceled_by_merchant" | "merchant_request" => Self::MerchantRequest,
            _ => Self::Unknown,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChargeForPendingRefundDisputed => "charge_for_pending_refund_disputed",
            Self::Declined => "declined",
            Self::ExpiredOrCanceledCard => "expired_or_canceled_card",
            Self::InsufficientFunds => "insufficient_funds",
            Self::LostOrStolenCard => "lost_or_stolen_card",
            Self::MerchantRequest => "merchant_request",
            Self::Unknown => "unknown",
        }
    }
}
