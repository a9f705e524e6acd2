//! Plugin that violates any rule of the contract on request, for the workspace tests.
//!
//! By default it behaves correctly and sells any item. An item `price:NAME` or `tax:NAME` in the cart triggers that violation;
//! the configuration keys `charge-mode` and `lookup-mode` trigger violations of `payments`, `validate-mode` those at start. It
//! provides `pricing`, `tax` and `payments`; the bundled shop provides the rest.

mod attack;
mod charge;
mod price;
mod tax;
mod validate;

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Hostile;

tillhouse_plugin::export!(Hostile: lifecycle, pricing, tax, payments);
