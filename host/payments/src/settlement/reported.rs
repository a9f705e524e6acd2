//! A payment that another party took and reports: its order is made, with stock that is reserved again where none is held.

use tracing::{error, info, warn};

use tillhouse_checkout::attempt::{Attempt, Paid};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{CommitError, PhaseEnd};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::approval::reference_seen;
use super::unresolved::discrepancy;
use super::{Settlement, Trigger};
use crate::paying::is_about_stock;

/// How often stock is reserved again because other buyers changed it meanwhile.
const MAX_ROUNDS: u32 = 8;

impl Settlement {
    /// Make the order of a payment that another party took. Without stock it is made all the same, for the merchant to review, with a
    /// discrepancy: what was paid is never lost.
    ///
    /// # Errors
    /// When another operation was faster, or the store or the plugin gives no answer; the report has to come again. A reference of
    /// another checkout is left to the operator.
    pub(crate) async fn approve_reported(
        &self,
        session: Session,
        attempt: Attempt,
        paid: Paid,
        trigger: Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        let mut seeks_stock = attempt.history.without_stock && session.quote.is_ready();
        for round in 1..=MAX_ROUNDS {
            let again = if seeks_stock {
                self.reservations.reserve_again(&attempt, round).await?
            } else {
                None
            };
            let (stocked, end) = again.unwrap_or_else(|| (attempt.clone(), PhaseEnd::default()));
            let mut unit = self.approval(&session, &stocked, paid.clone(), &trigger)?.unit;
            unit.discrepancy = stocked
                .history
                .without_stock
                .then(|| self.unsupplied(&session, &stocked));
            unit.staged = end.staged;
            let refused = match self.context.commit_outcome(&trigger.add_to(unit)).await {
                Ok(()) => {
                    info!(session.id = %session.id, attempt.id = %attempt.id, amount = %attempt.amount, "completed: paid elsewhere");
                    self.context.outbox_wake.notify_one();
                    return Ok(());
                }
                Err(refused) => refused,
            };
            if end.used_egress
                && let Err(error) = self.reservations.release(&stocked).await
            {
                warn!(attempt.id = %attempt.id, %error, "failed to release a reservation outside the host; it lasts until it expires there");
            }
            match refused {
                CommitError::PluginData if seeks_stock => {}
                CommitError::Insufficient { .. } if seeks_stock => seeks_stock = false,
                refused => return Box::pin(self.refuse_reported(&attempt, &paid, refused, &trigger)).await,
            }
        }
        Err(CommitError::PluginData.into())
    }

    /// The order of a payment is not made: whatever is not for another try is for the operator.
    async fn refuse_reported(
        &self,
        attempt: &Attempt,
        paid: &Paid,
        refused: CommitError,
        trigger: &Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        match refused {
            CommitError::ReferenceSeen => {
                let reference = paid.reference().map(ToString::to_string).unwrap_or_default();
                let detail = reference_seen(&reference);
                error!(attempt.id = %attempt.id, detail, "a payment of another checkout is reported, and an operator has to look");
                let unit = trigger.add_to(UnitOfWork {
                    discrepancy: Some(Discrepancy {
                        subject: reference,
                        ..discrepancy(attempt, DiscrepancyKind::ReferenceSeen, &detail, self.context.now())
                    }),
                    ..UnitOfWork::default()
                });
                self.context.commit_outcome(&unit).await?;
                Err(CheckoutError::PaymentOfAnother)
            }
            CommitError::Order => {
                let detail = "it is paid, and its order cannot be made: the order exists already";
                self.request_review(attempt, DiscrepancyKind::ChargedWithoutOrder, detail, trigger)
                    .await;
                Err(CommitError::Order.into())
            }
            other => Err(other.into()),
        }
    }

    /// The discrepancy of an order that is paid and has no stock.
    fn unsupplied(&self, session: &Session, attempt: &Attempt) -> Discrepancy {
        let only_stock = session
            .quote
            .blockers()
            .all(|message| message.code.as_deref().is_some_and(is_about_stock));
        let (kind, what) = if only_stock {
            (DiscrepancyKind::Oversold, "there is no stock for it")
        } else {
            (
                DiscrepancyKind::PaidUnoffered,
                "its checkout was not ready for payment, so that no stock was reserved",
            )
        };
        let detail = format!(
            "order {} is paid elsewhere, and {what}; it waits for a review",
            attempt.order.id
        );
        error!(attempt.id = %attempt.id, detail, "a payment made an order without stock, and an operator has to look");
        discrepancy(attempt, kind, &detail, self.context.now())
    }
}
