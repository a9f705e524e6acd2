//! Why a payment failed or was canceled, in the words of Stripe's payment records.

use serde::{Deserialize, Serialize};

use crate::classify::AUTHENTICATION_REQUIRED;

/// `failed[failure_code]` of a report.
///
/// These are the codes of Stripe's preview API, as its SDKs list them (<https://github.com/stripe/stripe-dotnet>,
/// `PaymentRecordFailedOptions`; <https://docs.stripe.com/api/payment-record/report>). `payment_method_provider_unknown_outcome` is not
/// here: an outcome that is unknown is not reported before it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The issuer asks for an authentication of the buyer, or it failed.
    AuthenticationFailure,
    /// The card has expired.
    ExpiredPaymentMethod,
    /// The security code is wrong.
    IncorrectCvc,
    /// The card number is wrong.
    IncorrectNumber,
    /// The postal code differs from that of the card holder.
    IncorrectPostalCode,
    /// The account has not enough money, or the amount is above its limit.
    InsufficientFunds,
    /// The buyer has withdrawn from the payment, or has told the bank not to make it.
    PaymentMethodCustomerDecline,
    /// The card may not be used for this payment: lost, stolen, blocked, or not for such payments.
    PaymentMethodRestricted,
    /// The processor or the issuer could not process the payment.
    ProcessingError,
}

impl FailureCode {
    /// The code for a decline. Processors' codes are those of Stripe (<https://docs.stripe.com/declines/codes>) or common names of
    /// the same reasons.
    ///
    /// `None` for a reason that Stripe's list does not have, `do_not_honor` above all: the report then has no code, because a wrong
    /// one would say of the card what its issuer has not said.
    #[must_use]
    pub fn of_decline(code: &str) -> Option<Self> {
        Some(match code {
            AUTHENTICATION_REQUIRED
            | "authentication_failed"
            | "authentication_failure"
            | "incorrect_pin"
            | "invalid_pin"
            | "offline_pin_required"
            | "online_or_offline_pin_required"
            | "pin_try_exceeded"
            | "requires_3ds" => Self::AuthenticationFailure,
            "card_expired" | "expired_card" | "expired_payment_method" => Self::ExpiredPaymentMethod,
            "cvc_declined" | "incorrect_cvc" | "incorrect_cvv" | "invalid_cvc" | "invalid_cvv" => Self::IncorrectCvc,
            "incorrect_number" | "invalid_account" | "invalid_card_number" | "invalid_number" => Self::IncorrectNumber,
            "incorrect_postal_code" | "incorrect_zip" | "invalid_postal_code" => Self::IncorrectPostalCode,
            "card_velocity_exceeded"
            | "insufficient_funds"
            | "not_enough_balance"
            | "withdrawal_count_limit_exceeded" => Self::InsufficientFunds,
            "authentication_canceled"
            | "canceled_by_customer"
            | "payment_method_customer_decline"
            | "revocation_of_all_authorizations"
            | "revocation_of_authorization"
            | "stop_payment_order" => Self::PaymentMethodCustomerDecline,
            "blocked_card"
            | "card_not_supported"
            | "currency_not_supported"
            | "lost_card"
            | "not_permitted"
            | "payment_method_restricted"
            | "pickup_card"
            | "restricted_card"
            | "service_not_allowed"
            | "stolen_card"
            | "transaction_not_allowed" => Self::PaymentMethodRestricted,
            "issuer_not_available" | "processing_error" | "reenter_transaction" | "try_again_later" => {
                Self::ProcessingError
            }
            _ => return None,
        })
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthenticationFailure => "authentication_failure",
            Self::ExpiredPaymentMethod => "expired_payment_method",
            Self::IncorrectCvc => "incorrect_cvc",
            Self::IncorrectNumber => "incorrect_number",
            Self::IncorrectPostalCode => "incorrect_postal_code",
            Self::InsufficientFunds => "insufficient_funds",
            Self::PaymentMethodCustomerDecline => "payment_method_customer_decline",
            Self::PaymentMethodRestricted => "payment_method_restricted",
            Self::ProcessingError => "processing_error",
        }
    }
}

/// `canceled[reason]` of a report, as the SDKs of the preview list them (`PaymentRecordCanceledOptions`).
///
/// Their `blocked_for_fraud` is not here: an order that the risk rules block is refused before its token is resolved, and Stripe
/// keeps no record of a token that was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The charge was voided or refunded because the order could not be made, or because an operator decided so.
    MerchantCanceled,
}

impl CancelReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MerchantCanceled => "merchant_canceled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decline_has_the_code_of_stripes_list_that_says_the_same() {
        for (decline, code) in [
            ("insufficient_funds", Some("insufficient_funds")),
            ("expired_card", Some("expired_payment_method")),
            ("incorrect_cvc", Some("incorrect_cvc")),
            ("invalid_number", Some("incorrect_number")),
            ("incorrect_zip", Some("incorrect_postal_code")),
            ("authentication_required", Some("authentication_failure")),
            ("stolen_card", Some("payment_method_restricted")),
            ("pin_try_exceeded", Some("authentication_failure")),
            ("stop_payment_order", Some("payment_method_customer_decline")),
            ("processing_error", Some("processing_error")),
            ("do_not_honor", None),
            ("fraud_suspected", None),
            ("processor_declined", None),
            ("", None),
            ("Insufficient Funds", None),
        ] {
            assert_eq!(
                FailureCode::of_decline(decline).map(FailureCode::as_str),
                code,
                "{decline}"
            );
        }
    }

    #[test]
    fn a_code_is_stored_under_its_name_on_the_wire() {
        for decline in ["expired_card", "lost_card", "requires_3ds", "invalid_cvc"] {
            let code = FailureCode::of_decline(decline).unwrap();
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        let reason = CancelReason::MerchantCanceled;
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}
