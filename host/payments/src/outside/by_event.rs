//! Reports of another party that come as events: each is kept once, in the commit of whatever follows from it.

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::outside_payment::OutsidePayment;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::OutsidePayments;
use super::report::Reported;

impl OutsidePayments {
    /// Take the word of another party by an event of it. Returns whether the event is new.
    ///
    /// # Errors
    /// When the event has to come again.
    pub(crate) async fn finalize_by_event(
        &self,
        event: InboxEvent,
        payment: &OutsidePayment,
        reports_unknown: bool,
    ) -> Result<bool, CheckoutError> {
        let reported = Reported {
            payment,
            event: Some(event),
            reports_unknown,
        };
        match Box::pin(self.take(&reported)).await {
            Err(CheckoutError::UnknownSession(_)) => {
                // With a discrepancy, it is kept already.
                let unit = UnitOfWork {
                    event: reported.event.clone(),
                    ..UnitOfWork::default()
                };
                let is_new = self.context.keep(unit).await?;
                Ok(is_new || reports_unknown)
            }
            done => taken_by_event(done),
        }
    }
}

/// Whether an event was new. What is for the operator was taken; a repeated event was taken before.
pub(super) fn taken_by_event(done: Result<(), CheckoutError>) -> Result<bool, CheckoutError> {
    match done {
        Ok(())
        | Err(
            CheckoutError::PaidAfterEnd { .. }
            | CheckoutError::PaidAmountDiffers { .. }
            | CheckoutError::PaymentOfAnother,
        ) => Ok(true),
        Err(CheckoutError::Conflict(CommitError::EventSeen)) => Ok(false),
        Err(error) => Err(error),
    }
}
