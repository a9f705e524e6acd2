//! Payments and their modifications, as the ledger of this simulator has them.

use serde::Serialize;

use super::psp_reference::PspReference;
use crate::card::{Behaviour, RefundBehaviour, TestCard};
use crate::id::AgenticTokenId;
use crate::money::Amount;

/// What became of a payment: `resultCode` of the Checkout API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ResultCode {
    /// The money is guaranteed.
    Authorised,
    /// The money is guaranteed, but not all of it.
    PartiallyAuthorised,
    /// Refused by the issuer; no money moves.
    Refused,
    /// Not decided yet; decided with [`super::Adyen::settle`].
    Pending,
    /// The issuer wants to authenticate the buyer first.
    ChallengeShopper,
}

impl ResultCode {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorised => "Authorised",
            Self::PartiallyAuthorised => "PartiallyAuthorised",
            Self::Refused => "Refused",
            Self::Pending => "Pending",
            Self::ChallengeShopper => "ChallengeShopper",
        }
    }

    /// Whether money is guaranteed.
    #[must_use]
    pub const fn is_authorised(self) -> bool {
        matches!(self, Self::Authorised | Self::PartiallyAuthorised)
    }
}

/// Why a payment was refused: `refusalReason` and `refusalReasonCode`.
///
/// See <https://docs.adyen.com/development-resources/refusal-reasons>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalReason {
    /// Text of the reason, which is not for the buyer.
    pub reason: &'static str,
    /// Number of the reason, as text.
    pub code: &'static str,
}

impl RefusalReason {
    const fn new(code: &'static str, reason: &'static str) -> Self {
        Self { reason, code }
    }

    pub(super) const EXPIRED: Self = Self::new("6", "Expired Card");
    pub(super) const INVALID_NUMBER: Self = Self::new("8", "Invalid Card Number");
    pub(super) const NOT_AUTHENTICATED: Self = Self::new("11", "3D Not Authenticated");

    pub(super) fn of_decline(code: &str) -> Self {
        match code {
            "insufficient_funds" => Self::new("12", "Not enough balance"),
            "expired_card" => Self::EXPIRED,
            "incorrect_cvc" => Self::new("24", "CVC Declined"),
            "fraud_suspected" => Self::new("20", "FRAUD"),
            _ => Self::new("2", "Refused"),
        }
    }
}

/// Which side has made a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// Adyen, in the standard flow.
    Adyen,
    /// The merchant, over `/payments`.
    Merchant,
}

/// One payment, which keeps only the last four digits of its card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// Adyen's own reference of the payment.
    pub psp_reference: PspReference,
    /// The merchant account that is paid.
    pub merchant_account: String,
    /// The merchant's reference: of the attempt over `/payments`, of the order in the standard flow.
    pub reference: String,
    /// The merchant's id of the order, if it said one.
    pub order: Option<String>,
    /// Where the buyer comes back to, if the merchant said so.
    pub return_url: Option<String>,
    /// The checkout session that is paid, if it was paid with a token of the vault.
    pub session: Option<String>,
    /// The token of the vault that it was paid with.
    pub token: Option<AgenticTokenId>,
    /// Which side has made it.
    pub paid_by: PaidBy,
    /// What became of it.
    pub result_code: ResultCode,
    /// Why it was refused, if it was.
    pub refusal: Option<RefusalReason>,
    /// The authorised amount, or the asked one where nothing is authorised.
    #[serde(serialize_with = "amount_as_json")]
    pub amount: Amount,
    /// Captured amount in minor units.
    pub captured: i64,
    /// Refunded amount in minor units.
    pub refunded: i64,
    /// Whether it was canceled.
    pub canceled: bool,
    /// Last four digits of the card.
    pub last4: String,
    /// Time of creation, in Unix seconds.
    pub created: i64,
    /// Whether the merchant captures it with a request of its own.
    #[serde(skip)]
    pub(super) manual_capture: bool,
    #[serde(skip)]
    pub(super) refunds: RefundBehaviour,
}

fn amount_as_json<S: serde::Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
    super::amount::to_json(amount).serialize(serializer)
}

/// What a modification does to its payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModificationKind {
    /// Captures money that is authorised.
    Capture,
    /// Cancels what is not captured.
    Cancel,
    /// Refunds money that was captured.
    Refund,
    /// Cancels, or refunds where it is too late for that.
    Reversal,
}

/// Whether a modification was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModificationStatus {
    /// Not decided yet; decided with [`super::Adyen::settle_modification`].
    Received,
    /// Done: its webhook says `success: "true"`.
    Succeeded,
    /// Not done: its webhook says `success: "false"`.
    Failed,
}

/// A capture, cancel, refund or reversal of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Modification {
    /// Adyen's own reference of the modification.
    pub psp_reference: PspReference,
    /// The payment that is modified.
    pub payment: PspReference,
    /// What it does to the payment.
    pub kind: ModificationKind,
    /// What a reversal became: a cancel or a refund. `None` for other modifications.
    pub reversed_by: Option<ModificationKind>,
    /// Whether it was done.
    pub status: ModificationStatus,
    /// The amount of a capture or a refund.
    #[serde(serialize_with = "optional_amount_as_json")]
    pub amount: Option<Amount>,
    /// The merchant's reference of the modification, if it said one.
    pub reference: Option<String>,
    /// Time of creation, in Unix seconds.
    pub created: i64,
}

fn optional_amount_as_json<S: serde::Serializer>(amount: &Option<Amount>, serializer: S) -> Result<S::Ok, S::Error> {
    amount.as_ref().map(super::amount::to_json).serialize(serializer)
}

/// Result, refusal and authorised amount of a payment, which the test card decides.
pub(super) struct Decision {
    pub(super) result_code: ResultCode,
    pub(super) refusal: Option<RefusalReason>,
    pub(super) amount: Amount,
}

impl Decision {
    /// A refused payment of this amount.
    pub(super) fn refused(reason: RefusalReason, asked: &Amount) -> Self {
        Self {
            result_code: ResultCode::Refused,
            refusal: Some(reason),
            amount: asked.clone(),
        }
    }

    /// `authenticated` is whether the buyer's authentication was proved.
    pub(super) fn of(card: Option<&TestCard>, card_expired: bool, authenticated: bool, asked: &Amount) -> Self {
        let refused = |refusal| Self::refused(refusal, asked);
        let decided = |result_code| Self {
            result_code,
            refusal: None,
            amount: asked.clone(),
        };
        let Some(card) = card else {
            return refused(RefusalReason::INVALID_NUMBER);
        };
        match card.behaviour {
            Behaviour::Decline(code) => refused(RefusalReason::of_decline(code)),
            _ if card_expired => refused(RefusalReason::EXPIRED),
            Behaviour::Pending => decided(ResultCode::Pending),
            Behaviour::ApproveLess => Self {
                amount: Amount::new(asked.value - 1, &asked.currency),
                ..decided(ResultCode::PartiallyAuthorised)
            },
            Behaviour::ApproveAuthenticated if !authenticated => decided(ResultCode::ChallengeShopper),
            _ => decided(ResultCode::Authorised),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn decided(payment_method: &str) -> (ResultCode, Option<&'static str>, i64) {
        let card = TestCard::by_payment_method(payment_method).unwrap();
        let decision = Decision::of(Some(card), false, false, &Amount::usd(100));
        (
            decision.result_code,
            decision.refusal.map(|refusal| refusal.code),
            decision.amount.value,
        )
    }

    #[test]
    fn the_card_decides_about_the_payment() {
        assert_eq!(decided("pm_card_visa"), (ResultCode::Authorised, None, 100));
        assert_eq!(
            decided("pm_card_insufficientFunds"),
            (ResultCode::Refused, Some("12"), 100)
        );
        assert_eq!(decided("pm_card_chargeDeclined"), (ResultCode::Refused, Some("2"), 100));
        assert_eq!(decided("pm_card_pending"), (ResultCode::Pending, None, 100));
        assert_eq!(
            decided("pm_card_wrongAmount"),
            (ResultCode::PartiallyAuthorised, None, 99)
        );
        let challenged = decided("pm_card_authenticationRequired");
        assert_eq!(challenged, (ResultCode::ChallengeShopper, None, 100));
    }

    #[test]
    fn an_unknown_number_and_an_expired_card_are_refused() {
        let unknown = Decision::of(None, false, false, &Amount::usd(1));
        assert_eq!(unknown.refusal, Some(RefusalReason::INVALID_NUMBER));
        let visa = TestCard::by_payment_method("pm_card_visa");
        let expired = Decision::of(visa, true, false, &Amount::usd(1));
        assert_eq!(expired.refusal, Some(RefusalReason::EXPIRED));
    }
}
