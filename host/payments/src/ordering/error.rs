//! Why an order was not changed.

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{MerchantId, OrderId};
use tillhouse_checkout::order::OrderError;

/// Why an order was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeOrderError {
    /// The merchant has no such order.
    #[error("merchant {merchant} has no order {order}")]
    Absent {
        /// Merchant that was named.
        merchant: MerchantId,
        /// Order that it does not have.
        order: OrderId,
    },
    /// The order does not allow the change.
    #[error(transparent)]
    Refused(#[from] OrderError),
    /// The store gives no answer, or others keep changing the order.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
}
