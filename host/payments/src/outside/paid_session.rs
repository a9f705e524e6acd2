//! Reports of a session that is paid already.

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outside_payment::OutsideResult;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::OutsidePayments;
use super::report::{Reported, Taken};

impl OutsidePayments {
    /// A report of a session that is paid: the same payment, another one, or a refusal of the one that paid it.
    pub(super) async fn compare(&self, order: &Order, reported: &Reported<'_>) -> Result<Taken, CheckoutError> {
        let attempt = self.attempt(&order.attempt).await?;
        let (known, named) = (attempt.processor_reference(), &reported.payment.reference);
        let is_same = named.is_none() || known.is_none() || known == named.as_ref();
        match &reported.payment.result {
            OutsideResult::Paid if is_same => {
                self.check_amount(&attempt, reported).await?;
                self.keep_reference(&attempt, reported).await
            }
            OutsideResult::Paid => {
                let detail = format!(
                    "order {} is paid by {}, and {} is reported as another payment of it",
                    order.id,
                    known.map_or("(none)", |known| known.as_str()),
                    reported.named()
                );
                self.keep(reported, Some(&attempt), DiscrepancyKind::PaidTwice, &detail)
                    .await
            }
            OutsideResult::Refused(why) | OutsideResult::Over(why) if named.is_some() && known == named.as_ref() => {
                let detail = format!(
                    "order {} is paid by {}, which is reported as refused now: {why}",
                    order.id,
                    reported.named()
                );
                self.keep(reported, Some(&attempt), DiscrepancyKind::MissingAtProcessor, &detail)
                    .await
            }
            OutsideResult::Refused(_) | OutsideResult::Over(_) | OutsideResult::Pending(_) => {
                self.keep_event(reported).await
            }
        }
    }

    /// A payment that was reported without its reference is known by it from now on: another one is told from it, and it can be refunded.
    async fn keep_reference(&self, attempt: &Attempt, reported: &Reported<'_>) -> Result<Taken, CheckoutError> {
        let named = reported.payment.reference.clone();
        let Some(write) = named.and_then(|reference| attempt.referenced(reference)) else {
            return self.keep_event(reported).await;
        };
        let unit = UnitOfWork {
            attempt: Some(write),
            event: reported.event.clone(),
            ..UnitOfWork::default()
        };
        match self.context.commit_outcome(&unit).await {
            Ok(()) => Ok(Taken::Done),
            Err(CommitError::ReferenceSeen) => {
                let named = reported.named();
                let detail =
                    format!("{named} is reported as the payment of this order, and belongs to another attempt");
                self.keep(reported, Some(attempt), DiscrepancyKind::ReferenceSeen, &detail)
                    .await?;
                Err(CheckoutError::PaymentOfAnother)
            }
            Err(error) => Err(error.into()),
        }
    }
}
