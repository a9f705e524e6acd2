//! What becomes of orders after they were placed: every change is one commit with everything that follows from it.

mod disputes;
mod error;
mod kept_reports;
mod notices;
mod payer_reports;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tracing::info;

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_checkout::order::{Order, OrderChange, OrderStatus, OrderWrite};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::context::PaymentContext;
use crate::outbox::PluginNotification;
use crate::reservation_release;
use crate::settlement::messages;

pub use error::ChangeOrderError;

/// How often a change is tried while others change the order.
const TRIES: u32 = 16;

/// Changes orders. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ordering {
    context: Arc<PaymentContext>,
}

/// An order after a change.
#[derive(Clone, Debug)]
pub struct ChangedOrder {
    /// Session that the order came from.
    pub session: Session,
    /// The order as it is now.
    pub order: Order,
    /// Id of the change.
    pub change: String,
    /// Whether this change was applied before, so that nothing was done.
    pub repeated: bool,
}

impl Ordering {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// Apply a change to an order. The order, the entry of the audit log, the order events, the message to the merchant's plugin and the
    /// reports of disputes are one commit. Nothing is done if the change was applied before.
    ///
    /// # Errors
    /// When the merchant has no such order, the order does not allow the change, or the store gives no answer.
    pub async fn change(
        &self,
        merchant: &MerchantId,
        id: &OrderId,
        change: &OrderChange,
        audit: impl Fn(&Order) -> Option<AuditEntry> + Send,
    ) -> Result<ChangedOrder, ChangeOrderError> {
        for _ in 0..TRIES {
            let found = self.context.order_named(merchant, id).await?;
            let (session, before) = found.ok_or_else(|| ChangeOrderError::Absent {
                merchant: merchant.clone(),
                order: id.clone(),
            })?;
            let Some(order) = before.apply(change)? else {
                return Ok(ChangedOrder {
                    session,
                    order: before,
                    change: change.id.clone(),
                    repeated: true,
                });
            };
            let mut unit = UnitOfWork {
                audit: audit(&order),
                ..self.context.changed_order(&session, &before, &order)?
            };
            unit.outbox.extend(self.dispute_reports(&before, &order).await?);
            match self.context.store().commit(unit).await {
                // Another change of the order came first.
                Err(CommitError::Order) => {}
                other => {
                    other.map_err(CheckoutError::from)?;
                    info!(order.id = %id, revision = order.revision(), status = order.status().name(), "order changed");
                    self.context.outbox_wake.notify_one();
                    return Ok(ChangedOrder {
                        session,
                        order,
                        change: change.id.clone(),
                        repeated: false,
                    });
                }
            }
        }
        Err(CheckoutError::from(CommitError::Order).into())
    }

    /// An order of a merchant, with the session that it came from; `None` if the merchant has no such order.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn find(&self, merchant: &MerchantId, id: &OrderId) -> Result<Option<(Session, Order)>, CheckoutError> {
        self.context.order_named(merchant, id).await
    }
}

impl PaymentContext {
    /// A new revision of an order, with everything that follows from it: the order events, what the merchant's plugin is told, and the
    /// release of stock and codes if nothing of the order is left.
    pub(crate) fn changed_order(
        &self,
        session: &Session,
        before: &Order,
        order: &Order,
    ) -> Result<UnitOfWork, CheckoutError> {
        let now = self.now();
        let events = self.publisher.order_updated(session, before, order, now);
        let notification = PluginNotification::of_change(before, order).message(now);
        let is_canceled = order.status() == OrderStatus::Canceled && before.status() != OrderStatus::Canceled;
        // Part of a reservation cannot be released: of that the plugin is told with the order.
        let release = is_canceled.then(|| reservation_release::of_canceled(order, now));
        let owed = [notification].into_iter().chain(release);
        Ok(UnitOfWork {
            order: Some(OrderWrite::next(before, order.clone())),
            outbox: messages(owed.chain(events.into_iter().map(Ok)))?,
            ..UnitOfWork::default()
        })
    }
}
