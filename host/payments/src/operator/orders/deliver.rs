//! `order deliver`: parcels have reached the buyer.

use serde::{Deserialize, Serialize};

use super::ChangedOrderView;
use super::making::{Asked, change_id, optional_text};
use crate::operator::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_checkout::order::OrderChangeKind;

/// `order deliver`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliverOrder {
    /// Merchant that sold the order; needed only if several have an order with this id.
    pub merchant: Option<MerchantId>,
    /// Id of the order.
    pub order: OrderId,
    /// Id of the change; derived from the request if left out. The same change is made once.
    pub id: Option<String>,
    /// Parcels that were delivered; empty for all that are under way.
    pub parcels: Vec<String>,
    /// Where, as text for the buyer.
    pub location: Option<String>,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

impl OperatorRequest for DeliverOrder {
    const NAME: &'static str = "orders/deliver";
    type Answer = ChangedOrderView;

    async fn answer(self, operator: &Operator) -> Result<ChangedOrderView, OperatorError> {
        let order = operator.order_of(self.merchant.as_ref(), &self.order).await?;
        let fulfillments = if self.parcels.is_empty() && self.id.is_none() {
            // Which they are, because the next parcels are another delivery.
            order.under_way()
        } else {
            self.parcels
        };
        let location = optional_text("location", self.location.as_ref())?;
        let asked = Asked {
            order: &self.order,
            what: (&fulfillments, &location),
        };
        let id = change_id(self.id.as_deref(), "deliver", &asked)?;
        let what = OrderChangeKind::Delivered { fulfillments, location };
        let changed = operator.change_order(&order, &id, &self.actor, what).await?;
        Ok(changed.into())
    }
}
