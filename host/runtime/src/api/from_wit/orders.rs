//! Identities that a plugin assigns to orders before their payment.

use crate::api::bindings::tillhouse::merchant::orders_types::Identity;
use crate::api::check;
use tillhouse_checkout::decision::OrderIdentity;

pub(crate) fn order_identity(identity: Identity) -> Result<OrderIdentity, String> {
    let id = check::text("order id", identity.id, check::ID)?;
    if id.is_empty() {
        return Err("the order id is empty".to_owned());
    }
    Ok(OrderIdentity {
        id,
        number: check::optional("order number", identity.number, check::ID)?,
        permalink: check::web_url("permalink", identity.permalink)?,
        confirmation: check::optional("confirmation", identity.confirmation, check::ID)?,
    })
}
