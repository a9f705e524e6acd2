//! A real shop over the merchant's catalog: the component that serves every capability a merchant brings no plugin for.
//!
//! Prices, weights and quantities come from the catalog, everything else from the configuration (`default-config.toml`
//! shows every key). Amounts in the configuration are minor units of the shop's currency.
//!
//! It is the example to copy for a plugin that decides everything, or several things together: a file for each capability, one
//! check of the whole configuration that names every wrong key (`validate.rs`), state that is kept so that a repeated operation
//! has its effect once (`stock.rs`, `redemption.rs`), unit tests beside the code, and `tests/component.rs` for the component in
//! a host's hands, with the conformance suite, limits, `usage.lock` and a purchase over each protocol. To decide less, leave
//! capabilities out of `export!` with their files: the host takes those from the next plugin, or from this one. For a plugin of
//! one capability, see `tax-table`; for a processor, `sandbox-processor`.
//!
//! Each capability is a file; none keeps state between calls but in `counters` and `kv`:
//!
//! | Key | Holds |
//! |---|---|
//! | counter `sold/{sku}` | goes down from 0 by each unit sold; what is available is `inventory_quantity` plus it |
//! | counter `redeemed/{CODE}` | goes down from 0 by each use of a code with a usage limit |
//! | kv `reservation/{id}` | what a reservation took, so that it is taken and given back once |
//! | kv `redemption/{reference}` | which codes a payment took, likewise |
//!
//! Importing a catalog again never loses what was sold: a quantity raised from 10 to 15 makes 5 more available, whatever
//! was sold in the meantime. A merchant whose own system has already taken the units sold here off the quantity it exports
//! would count them twice, and exports the quantity ever stocked instead.

use tillhouse_plugin::prelude::*;

mod discounts;
mod fees;
mod order;
mod page;
mod prices;
mod redemption;
mod review;
mod shipping;
mod stock;
mod taxes;
mod validate;
mod when;

/// The configuration that a shop starts with, in TOML.
pub const DEFAULT_CONFIG: &str = include_str!("../default-config.toml");

/// A catalog to try the shop with, in the columns of the product feed.
pub const DEMO_CATALOG: &str = include_str!("../demo-catalog.csv");

/// The shop.
#[derive(Debug)]
pub struct Shop;

impl Lifecycle for Shop {
    fn describe() -> Info {
        Info::new(
            "reference-shop",
            env!("CARGO_PKG_VERSION"),
            "A whole shop over the merchant's catalog.",
        )
    }

    fn validate_config() -> Vec<Problem> {
        validate::problems()
    }
}

tillhouse_plugin::export!(
    Shop: pricing, pricing_redemption, inventory, fulfillment, tax, risk, orders, presentation, lifecycle
);
