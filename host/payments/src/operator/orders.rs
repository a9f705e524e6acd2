//! Orders: listing and showing them, and what becomes of them after they were placed.

use super::{Operator, OperatorError};
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::session::Session;

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
}
