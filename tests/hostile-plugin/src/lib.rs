//! A guest that breaks every rule on request, for the workspace tests.
//!
//! Configuration: `price-mode`, `tax-mode` and `charge-mode` name what it does wrong; without them it is honest. It serves
//! `pricing`, `tax` and `payments`, and leaves the rest to the bundled shop.

mod charge;
mod misdeed;
mod price;
mod tax;

/// The guest.
#[derive(Debug)]
pub struct Hostile;

tillhouse_plugin::export!(Hostile: pricing, tax, payments);
