//! What pays an attempt: a token, nothing because the total is zero, or another party that takes the payment itself.

use serde::{Deserialize, Serialize};

use super::attempt::AttemptStatus;
use super::ids::TokenId;
use super::money::Money;
use super::payment_token::PaymentToken;

/// Stripe, as the party that takes a payment itself.
pub(crate) const STRIPE: &str = "stripe";

/// What pays an attempt. It never changes during the attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// A payment token, charged by the merchant's processor. As its issuer keeps it.
    Token(PaymentToken),
    /// Nothing: the total is zero. No token is checked, resolved or charged, and no payment is reported to Stripe.
    NothingDue {},
    /// A payment that another party takes and reports to this host. No token is there, and the host charges nothing.
    Elsewhere {
        /// Name of the party that takes the payment: `adyen`, `stripe`.
        provider: String,
    },
}

impl Payer {
    /// What pays this total: the caller's token, or nothing if the total is zero.
    #[must_use]
    pub fn of(total: Money, token: &PaymentToken) -> Self {
        if total.amount.is_zero() {
            Self::NothingDue {}
        } else {
            Self::Token(token.clone())
        }
    }

    /// The token that is charged; `None` if nothing is due, or another party takes the payment.
    #[must_use]
    pub const fn payment_token(&self) -> Option<&PaymentToken> {
        match self {
            Self::Token(token) => Some(token),
            Self::NothingDue {} | Self::Elsewhere { .. } => None,
        }
    }

    /// Id of the token that is charged; `None` if nothing is due, or another party takes the payment.
    #[must_use]
    pub const fn token(&self) -> Option<&TokenId> {
        match self {
            Self::Token(token) => Some(&token.id),
            Self::NothingDue {} | Self::Elsewhere { .. } => None,
        }
    }

    /// Whether another party takes the payment, so that only its word says what became of it.
    #[must_use]
    pub const fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Elsewhere { .. })
    }

    /// Name of the party that takes the payment, if another one does.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        match self {
            Self::Elsewhere { provider } => Some(provider),
            Self::Token(_) | Self::NothingDue {} => None,
        }
    }

    /// Whether only the party that took the payment can refund it. Adyen's payments are refunded by the merchant's processor, which is
    /// Adyen; those of Stripe are not known to it.
    #[must_use]
    pub fn is_refunded_there(&self) -> bool {
        matches!(self, Self::Elsewhere { provider } if provider == STRIPE)
    }

    /// Name of the variant in the store.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::NothingDue {} => "nothing_due",
            Self::Elsewhere { .. } => "elsewhere",
        }
    }

    /// Whether a completion with this token repeats the same payment. If nothing is due, any token does; what another party pays is
    /// paid with none.
    #[must_use]
    pub fn is_paid_with(&self, token: &PaymentToken) -> bool {
        match self {
            Self::Token(own) => own == token,
            Self::NothingDue {} => true,
            Self::Elsewhere { .. } => false,
        }
    }

    /// Whether an attempt may move between these states. Without a charge the outcome is always known: the order is created, or
    /// the attempt fails. What another party takes is settled by its word or by an operator's, and is never charged or reversed here; a
    /// payment without a reference may be given one once, and one that takes its time is held longer.
    #[must_use]
    pub const fn may_move(&self, from: AttemptStatus, to: AttemptStatus) -> bool {
        match self {
            Self::Token(_) => from.may_become(to),
            Self::NothingDue {} => {
                matches!(from, AttemptStatus::Reserved) && matches!(to, AttemptStatus::Approved | AttemptStatus::Failed)
            }
            Self::Elsewhere { .. } if matches!(from, AttemptStatus::Approved) => matches!(to, AttemptStatus::Approved),
            Self::Elsewhere { .. } => {
                let settles = matches!(
                    to,
                    AttemptStatus::Approved
                        | AttemptStatus::Declined
                        | AttemptStatus::Failed
                        | AttemptStatus::NeedsReview
                );
                let is_held_longer = matches!((from, to), (AttemptStatus::Awaiting, AttemptStatus::Awaiting));
                matches!(from, AttemptStatus::Awaiting | AttemptStatus::NeedsReview) && settles || is_held_longer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Amount, Currency};

    fn usd(minor: i64) -> Money {
        Money {
            amount: Amount::new(minor).unwrap(),
            currency: Currency::new("usd").unwrap(),
        }
    }

    #[test]
    fn a_token_pays_every_total_but_zero() {
        let token = PaymentToken::stripe("spt_1");
        assert_eq!(Payer::of(usd(1), &token), Payer::Token(token.clone()));
        assert_eq!(Payer::of(usd(0), &token), Payer::NothingDue {});
    }

    #[test]
    fn an_attempt_without_a_token_is_settled_and_never_charged_or_reversed() {
        for from in AttemptStatus::ALL {
            for to in AttemptStatus::ALL {
                let allowed =
                    from == AttemptStatus::Reserved && matches!(to, AttemptStatus::Approved | AttemptStatus::Failed);
                assert_eq!(Payer::NothingDue {}.may_move(from, to), allowed, "{from:?} -> {to:?}");
            }
        }
        let elsewhere = Payer::Elsewhere {
            provider: "adyen".into(),
        };
        for from in AttemptStatus::ALL {
            for to in AttemptStatus::ALL {
                let waits = matches!(from, AttemptStatus::Awaiting | AttemptStatus::NeedsReview);
                let settles = matches!(
                    to,
                    AttemptStatus::Approved
                        | AttemptStatus::Declined
                        | AttemptStatus::Failed
                        | AttemptStatus::NeedsReview
                );
                let is_named = (from, to) == (AttemptStatus::Approved, AttemptStatus::Approved);
                let is_held_longer = (from, to) == (AttemptStatus::Awaiting, AttemptStatus::Awaiting);
                assert_eq!(
                    elsewhere.may_move(from, to),
                    waits && settles || is_named || is_held_longer,
                    "{from:?} -> {to:?}"
                );
            }
        }
        assert!(!elsewhere.is_paid_with(&PaymentToken::stripe("spt_1")));
        let token = Payer::Token(PaymentToken::stripe("spt_1"));
        assert!(!token.may_move(AttemptStatus::Reserved, AttemptStatus::Approved));
    }
}
