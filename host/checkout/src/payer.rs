//! What pays an attempt.

use serde::{Deserialize, Serialize};

use super::attempt::AttemptState;
use super::ids::TokenId;
use super::money::Money;

/// What pays an attempt. It never changes.
///
/// A payment that is made elsewhere, and only reported to this host, is a variant of its own when the host takes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// A shared payment token, charged by the merchant's processor.
    Token(TokenId),
    /// Nothing: the total is zero. No token is checked, resolved or charged, and Stripe is told of no payment.
    NothingDue {},
}

impl Payer {
    /// What pays this total: the token that the caller brought, unless nothing is due.
    #[must_use]
    pub fn of(total: Money, token: &TokenId) -> Self {
        if total.amount.is_zero() {
            Self::NothingDue {}
        } else {
            Self::Token(token.clone())
        }
    }

    /// The token, if one pays.
    #[must_use]
    pub const fn token(&self) -> Option<&TokenId> {
        match self {
            Self::Token(token) => Some(token),
            Self::NothingDue {} => None,
        }
    }

    /// The name in the store.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::NothingDue {} => "nothing_due",
        }
    }

    /// Whether a completion with this token is one of the same payment. Where nothing is due, the token does not matter.
    #[must_use]
    pub fn is_paid_with(&self, token: &TokenId) -> bool {
        self.token().is_none_or(|own| own == token)
    }

    /// Whether an attempt may move between these states. Without a charge there is nothing to be unknown about: the order is
    /// made, or it is not.
    #[must_use]
    pub const fn may_move(&self, from: AttemptState, to: AttemptState) -> bool {
        match self {
            Self::Token(_) => from.may_become(to),
            Self::NothingDue {} => {
                matches!(from, AttemptState::Reserved) && matches!(to, AttemptState::Approved | AttemptState::Failed)
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
        let token = TokenId::new("spt_1");
        assert_eq!(Payer::of(usd(1), &token), Payer::Token(token.clone()));
        assert_eq!(Payer::of(usd(0), &token), Payer::NothingDue {});
    }

    #[test]
    fn an_attempt_that_charges_nothing_is_made_or_fails_and_is_never_in_doubt() {
        for from in AttemptState::ALL {
            for to in AttemptState::ALL {
                let allowed =
                    from == AttemptState::Reserved && matches!(to, AttemptState::Approved | AttemptState::Failed);
                assert_eq!(Payer::NothingDue {}.may_move(from, to), allowed, "{from:?} -> {to:?}");
            }
        }
        let token = Payer::Token(TokenId::new("spt_1"));
        assert!(!token.may_move(AttemptState::Reserved, AttemptState::Approved));
    }
}
