//! A complete shop based on the merchant's catalog. It provides every capability that the merchant's own plugins lack.
//!
//! Prices, weights and quantities come from the catalog, everything else from the configuration (`default-config.toml`
//! contains every key). Amounts in the configuration are in minor units of the shop's currency.
//!
//! Use it as an example for a plugin with several capabilities. It has one file per capability; a validation of the whole
//! configuration that names every invalid key (`validate.rs`); state that makes operations idempotent (`stock.rs`,
//! `redemption.rs`); unit tests next to the code; and `tests/component.rs`, which tests the component in the host's runtime
//! with the conformance suite, limits, `usage.lock` and a purchase over each protocol. To implement fewer capabilities, remove
//! them from `export!` and delete their files: the host takes them from another plugin, or from this one. For a plugin with one
//! capability, see `tax-table`; for a payment processor, see `sandbox-processor`.
//!
//! All state between calls is in `counters` and `kv`:
//!
//! | Key | Contents |
//! |---|---|
//! | counter `sold/{sku}` | starts at 0 and decreases with each unit sold; available is `inventory_quantity` plus this counter |
//! | counter `redeemed/{CODE}` | starts at 0 and decreases with each use of a code with a usage limit |
//! | kv `reservation/{id}` | units that a reservation took, so that they are reserved and released only once |
//! | kv `redemption/{reference}` | codes that a payment redeemed, so that they are redeemed and restored only once |
//!
//! A new import of the catalog does not lose sales: a quantity raised from 10 to 15 makes 5 more units available, regardless
//! of the units sold in the meantime. The exported quantity must therefore be the total ever stocked. If the merchant's own
//! system already subtracts the units sold here, they are counted twice.

use tillhouse_plugin::prelude::*;

mod discounts;
mod fees;
mod order;
mod page;
mod prices;
mod quote;
mod redemption;
mod risk;
mod shipping;
mod stock;
mod taxes;
mod time;
mod validate;

/// Default configuration in TOML, with every key.
pub const DEFAULT_CONFIG: &str = include_str!("../default-config.toml");

/// Demo catalog in CSV, with the columns of the product feed.
pub const DEMO_CATALOG: &str = include_str!("../demo-catalog.csv");

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct Shop;

impl Lifecycle for Shop {
    fn describe() -> Info {
        Info::new(
            "reference-shop",
            env!("CARGO_PKG_VERSION"),
            "A complete shop based on the merchant's catalog.",
        )
    }

    fn validate_config() -> Vec<Diagnostic> {
        validate::problems()
    }
}

tillhouse_plugin::export!(
    Shop: pricing, pricing_redemption, inventory, fulfillment, tax, risk, orders, presentation, quoting, lifecycle
);
