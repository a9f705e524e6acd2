//! Changes of orders that the merchant's own system reports.

use tracing::{info, warn};

use tillhouse_checkout::decision::{ProcessorWebhook, ReportedOrderChange};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::operation::HandledWebhook;
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderError};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::{ChangeOrderError, Ordering};

impl Ordering {
    /// Apply the changes of a notice, each once under its id. The plugin verifies and reads the notice; the sender may send it any number
    /// of times. Returns how many of its changes were new, and the response that the sender expects.
    ///
    /// A change of an order that this host did not sell is left alone: the merchant's system tells of all its orders. One that the order
    /// does not allow is kept for an operator, because sending it again would not help.
    ///
    /// # Errors
    /// What the plugin says of a notice that is forged or cannot be read, and when the store gives no answer; the sender then sends it
    /// again.
    pub async fn handle_notice(
        &self,
        merchant: &MerchantId,
        notice: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError> {
        let decisions = &self.context.checkout.decisions;
        let reading = decisions.read_order_notice(merchant, notice).await?;
        let mut fresh = 0;
        for change in reading.changes {
            fresh += usize::from(self.apply_reported(merchant, change).await?);
        }
        Ok(HandledWebhook {
            fresh,
            reply: reading.reply,
        })
    }

    /// Whether the change was new and is applied now.
    async fn apply_reported(
        &self,
        merchant: &MerchantId,
        reported: ReportedOrderChange,
    ) -> Result<bool, CheckoutError> {
        let change = OrderChange {
            source: ChangeSource::Notice,
            at: took_place(&reported.what).unwrap_or_else(|| self.context.now()),
            id: reported.id,
            what: reported.what,
        };
        match self.change(merchant, &reported.order, &change, |_| None).await {
            Ok(changed) => Ok(!changed.repeated),
            Err(ChangeOrderError::Absent { order, .. }) => {
                info!(%merchant, %order, "ignoring a notice about an order that was not sold here");
                Ok(false)
            }
            Err(ChangeOrderError::Refused(refused)) => {
                let subject = format!("{}:{}", reported.order, change.id);
                self.keep_refused(merchant, &subject, &refused).await?;
                Ok(false)
            }
            Err(ChangeOrderError::Checkout(error)) => Err(error),
        }
    }

    async fn keep_refused(&self, merchant: &MerchantId, subject: &str, why: &OrderError) -> Result<(), CheckoutError> {
        warn!(%merchant, subject, %why, "the order does not allow what a notice reports");
        let unit = UnitOfWork {
            discrepancy: Some(Discrepancy {
                merchant: merchant.clone(),
                kind: DiscrepancyKind::OrderDiffers,
                subject: subject.to_owned(),
                attempt: None,
                detail: format!("the merchant's system reports a change of an order that it does not allow: {why}"),
                found: self.context.now(),
            }),
            ..UnitOfWork::default()
        };
        Ok(self.context.store().commit(unit).await?)
    }
}

/// When the sender says that it took place.
fn took_place(what: &OrderChangeKind) -> Option<tillhouse_checkout::time::Timestamp> {
    match what {
        OrderChangeKind::Fulfilled(fulfillment) => Some(fulfillment.at),
        OrderChangeKind::Adjusted(adjustment) => Some(adjustment.at),
        OrderChangeKind::Delivered { .. } | OrderChangeKind::Status(_) | OrderChangeKind::Confirmed(_) => None,
    }
}
