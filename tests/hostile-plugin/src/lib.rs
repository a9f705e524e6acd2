//! A guest that breaks every rule on request, for the workspace tests.
//!
//! It sells anything, honestly: an item `price:NAME` or `tax:NAME` in the cart asks for that misdeed, and configuration
//! `charge-mode` and `lookup-mode` for those of a processor, `validate-mode` for those of a start. It serves `pricing`, `tax` and `payments`, and leaves the rest to
//! the bundled shop.

mod charge;
mod misdeed;
mod price;
mod tax;
mod validate;

/// The guest.
#[derive(Debug)]
pub struct Hostile;

tillhouse_plugin::export!(Hostile: lifecycle, pricing, tax, payments);
