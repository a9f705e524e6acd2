//! What of a payment was refunded, is being refunded, and is left.

use super::{Refund, RefundStatus};
use crate::money::{Amount, Money, MoneyError};
use crate::order::Order;

/// The money of one order: what was captured, and its refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundBalance {
    /// What the order was paid with.
    pub captured: Money,
    /// What this host has refunded.
    pub refunded: Amount,
    /// What may go back: refunds that are not over.
    pub open: Amount,
    /// What went back by other ways than this host, as the merchant's system says.
    pub elsewhere: Amount,
}

/// Why a refund cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundBalanceError {
    /// The sum of the refunds is larger than what was captured.
    #[error("{asked} is more than the {left} that can still be refunded of {captured}")]
    Exceeded {
        /// Amount that was asked for.
        asked: Money,
        /// What is neither refunded nor being refunded.
        left: Money,
        /// What the order was paid with.
        captured: Money,
    },
    /// Everything that was captured has gone back, or may.
    #[error("nothing is left to refund of {captured}")]
    NothingLeft {
        /// What the order was paid with.
        captured: Money,
    },
    /// A refund of zero.
    #[error("a refund of zero moves no money")]
    Zero,
    /// The currency is not that of the order.
    #[error("the order is in {}, and the refund in {}", .captured.currency, .asked.currency)]
    Currency {
        /// Amount that was asked for.
        asked: Money,
        /// What the order was paid with.
        captured: Money,
    },
    /// The stored refunds add up to no amount.
    #[error(transparent)]
    Sum(#[from] MoneyError),
}

impl RefundBalance {
    /// The balance of an order that was paid with `captured`.
    ///
    /// # Errors
    /// If the refunds add up to no amount, which the store does not allow.
    pub fn of<'a>(captured: Money, refunds: impl IntoIterator<Item = &'a Refund>) -> Result<Self, MoneyError> {
        let (mut refunded, mut open) = (Amount::ZERO, Amount::ZERO);
        for refund in refunds {
            match refund.status() {
                RefundStatus::Declined => {}
                RefundStatus::Done => refunded = refunded.plus(refund.amount.amount)?,
                _ => open = open.plus(refund.amount.amount)?,
            }
        }
        Ok(Self {
            captured,
            refunded,
            open,
            elsewhere: Amount::ZERO,
        })
    }

    /// The balance of an order, with what the merchant's system says of money that went back without this host.
    ///
    /// # Errors
    /// As for [`Self::of`].
    pub fn of_order(order: &Order, refunds: &[Refund]) -> Result<Self, MoneyError> {
        let is_own = |id: &str| refunds.iter().any(|refund| refund.id.as_str() == id);
        Ok(Self {
            elsewhere: order.adjusted_by_others(is_own),
            ..Self::of(order.total, refunds)?
        })
    }

    /// What is neither refunded nor being refunded.
    #[must_use]
    pub fn left(&self) -> Money {
        let held = self.refunded.plus(self.open).and_then(|held| held.plus(self.elsewhere));
        let left = held.and_then(|held| self.captured.amount.minus(held));
        Money {
            amount: left.unwrap_or(Amount::ZERO),
            ..self.captured
        }
    }

    /// What all refunds of this host that hold money may be together.
    #[must_use]
    pub fn most(&self) -> Amount {
        self.captured.amount.minus(self.elsewhere).unwrap_or(Amount::ZERO)
    }

    /// The amount of a new refund: what was asked for, or all that is left.
    ///
    /// # Errors
    /// If that is nothing, too much, or money of another currency.
    pub fn admit(&self, asked: Option<Money>) -> Result<Money, RefundBalanceError> {
        let (left, captured) = (self.left(), self.captured);
        match asked {
            _ if left.amount.is_zero() => Err(RefundBalanceError::NothingLeft { captured }),
            None => Ok(left),
            Some(asked) if asked.currency != captured.currency => Err(RefundBalanceError::Currency { asked, captured }),
            Some(asked) if asked.amount.is_zero() => Err(RefundBalanceError::Zero),
            Some(asked) if asked.amount > left.amount => Err(RefundBalanceError::Exceeded { asked, left, captured }),
            Some(asked) => Ok(asked),
        }
    }
}
