//! Orders: listing and showing them, and what becomes of them after they were placed.

mod cancel;
mod deliver;
mod making;
mod ship;
mod view;

use serde::{Deserialize, Serialize};

use super::refunds::OrderRefunds;
use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

pub use cancel::{CancelOrder, CanceledOrder};
pub use deliver::DeliverOrder;
pub use making::ChangedOrderView;
pub use ship::{ShipOrder, Shipment};
pub use view::{AdjustmentView, AppliedChangeView, FulfillmentEventView, FulfillmentView, OrderView};

/// `order list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListOrders {
    /// Only orders of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only orders that were placed before this time.
    pub until: Option<Timestamp>,
    /// Maximum number of orders.
    pub limit: usize,
}

/// The orders that match, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderList {
    /// At most as many as the limit.
    pub orders: Vec<OrderView>,
    /// More orders match than the limit allows.
    pub more: bool,
}

impl OperatorRequest for ListOrders {
    const NAME: &'static str = "orders/list";
    type Answer = OrderList;

    async fn answer(self, operator: &Operator) -> Result<OrderList, OperatorError> {
        let most = self.limit.saturating_add(1);
        let mut found = Vec::new();
        for merchant in operator.merchant(self.merchant.as_ref())? {
            found.extend(operator.store().list_orders(&merchant, self.until, most).await?);
        }
        found.sort_by_key(|order| std::cmp::Reverse(order.created));
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let mut orders = Vec::new();
        for order in found {
            orders.push(operator.with_lines(order).await?);
        }
        Ok(OrderList {
            orders: orders.iter().map(OrderView::from).collect(),
            more,
        })
    }
}

/// `order show`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowOrder {
    /// Merchant that sold the order; needed only if several have an order with this id.
    pub merchant: Option<MerchantId>,
    /// Id of the order.
    pub order: OrderId,
}

/// One order, and its refunds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderDetail {
    /// The order as it is now.
    pub order: OrderView,
    /// What was asked to go back of its payment.
    pub refunds: OrderRefunds,
}

impl OperatorRequest for ShowOrder {
    const NAME: &'static str = "orders/show";
    type Answer = OrderDetail;

    async fn answer(self, operator: &Operator) -> Result<OrderDetail, OperatorError> {
        let order = operator.order_of(self.merchant.as_ref(), &self.order).await?;
        Ok(OrderDetail {
            order: OrderView::from(&order),
            refunds: operator.order_refunds(&order).await?,
        })
    }
}

impl Operator {
    /// The order with this id, of this merchant or of the only one that has it.
    pub(crate) async fn order_of(
        &self,
        merchant: Option<&MerchantId>,
        order: &OrderId,
    ) -> Result<Order, OperatorError> {
        Ok(self.order_with_session(merchant, order).await?.1)
    }

    async fn order_with_session(
        &self,
        merchant: Option<&MerchantId>,
        id: &OrderId,
    ) -> Result<(Session, Order), OperatorError> {
        let mut found = Vec::new();
        for merchant in self.merchant(merchant)? {
            found.extend(self.payments.ordering().find(&merchant, id).await?);
        }
        let Some(order) = found.pop() else {
            return Err(OperatorError::absent(format!(
                "there is no order {id}; `tillhouse order list` shows the latest"
            )));
        };
        if found.is_empty() {
            Ok(order)
        } else {
            let merchants = found
                .iter()
                .chain([&order])
                .map(|(session, _)| session.merchant.as_str());
            let merchants: Vec<&str> = merchants.collect();
            Err(OperatorError::invalid(format!(
                "merchant: several have an order {id}: {}; say which with --merchant",
                merchants.join(", ")
            )))
        }
    }

    /// An order that an earlier release of the host stored has its lines in its session only.
    async fn with_lines(&self, order: Order) -> Result<Order, OperatorError> {
        if !order.progress.lines.is_empty() {
            return Ok(order);
        }
        let session = self.store().session(&order.merchant, &order.session).await?;
        Ok(match session {
            Some(session) => order.with_lines_of(&session.quote),
            None => order,
        })
    }
}
