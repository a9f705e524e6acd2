//! The identity of the order that a payment makes.

use tillhouse_checkout::decision::{Operation, OrderDraft, OrderIdentity};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::Phase;
use tillhouse_checkout::quote::{ContractError, QuoteRule};
use tillhouse_checkout::session::Session;

/// The identity of the order: the one that an earlier payment of the session was to make, because the agent may have been shown it,
/// or else the plugin's.
pub(super) async fn identify(
    phase: &mut dyn Phase,
    session: &Session,
    operation: &Operation,
) -> Result<OrderIdentity, CheckoutError> {
    if let Some(kept) = &session.kept_order {
        return Ok(kept.clone());
    }
    let draft = OrderDraft {
        cart: &session.cart,
        quote: &session.quote,
        total: session.total(),
    };
    let order = phase.identify_order(operation, &draft).await?;
    check_identity(&order)?;
    Ok(order)
}

fn check_identity(order: &OrderIdentity) -> Result<(), ContractError> {
    let broken = |detail: String| ContractError {
        function: "orders.identify",
        rule: QuoteRule::Identity,
        detail,
    };
    if order.id.is_empty() || order.id.len() > 128 {
        return Err(broken("the id of an order has 1 to 128 bytes".to_owned()));
    }
    match url::Url::parse(&order.permalink) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        _ => Err(broken(format!(
            "{:?} is not an absolute http or https URL",
            order.permalink
        ))),
    }
}

/// An order id is unique per merchant; without that, the second buyer would be charged for no order.
pub(super) fn order_exists(order: &OrderIdentity) -> ContractError {
    ContractError {
        function: "orders.identify",
        rule: QuoteRule::Identity,
        detail: format!("order {} exists already", order.id),
    }
}
