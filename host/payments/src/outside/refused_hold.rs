//! Which hold of a session a refused payment is of: a late refusal never ends a newer hold.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::outside_payment::OutsideResult;

use super::OutsidePayments;
use super::report::Reported;

/// The hold that a refused payment is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefusedHold {
    /// The one that there is now.
    This,
    /// One that has ended already.
    Earlier,
    /// The report does not say.
    Unknown,
}

impl OutsidePayments {
    /// A report names its hold by the reference of a payment that was refused before, or by an amount that only one of them has. One that
    /// names a new payment is of the last hold; one that names none is so only if there was no other, or if the checkout is over.
    pub(super) async fn refused_hold(
        &self,
        attempt: &Attempt,
        reported: &Reported<'_>,
    ) -> Result<RefusedHold, CheckoutError> {
        let payment = reported.payment;
        let attempts = self.context.store().attempts_of(&attempt.merchant, &attempt.session);
        let mut earlier = attempts.await?;
        earlier.retain(|other| other.id != attempt.id && other.payer.is_elsewhere());
        let is_known = payment.reference.as_ref().is_some_and(|refused| {
            earlier
                .iter()
                .any(|it| it.history.refused_elsewhere.as_ref() == Some(refused))
        });
        if is_known {
            return Ok(RefusedHold::Earlier);
        }
        if matches!(payment.result, OutsideResult::Over(_)) {
            return Ok(RefusedHold::This);
        }
        let may_be_this = payment.amount.is_none_or(|amount| amount == attempt.amount);
        let may_be_earlier = earlier
            .iter()
            .any(|it| payment.amount.is_none_or(|amount| amount == it.amount));
        Ok(match (may_be_this, may_be_earlier) {
            (false, true) => RefusedHold::Earlier,
            (true, true) if payment.reference.is_none() => RefusedHold::Unknown,
            _ => RefusedHold::This,
        })
    }
}
