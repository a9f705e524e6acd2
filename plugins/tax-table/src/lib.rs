//! Taxes from a table: a plugin with the single capability `tax`, to be combined with any other plugin's prices.
//!
//! Use it as an example for a plugin with one capability that is configured by tables. It has a type for each concept of the
//! configuration, which is parsed in every call and validated as a whole before the first. It has three kinds of tests. Native
//! unit tests check the rates, and the amounts that the host computes from them, with property tests for all amounts, rates and
//! rounding rules in `assess/properties.rs`. The harness tests the component in `tests/component.rs`, with the conformance suite,
//! a fixture, a golden file and `usage.lock`. Purchases over each protocol test it together with the prices of the bundled shop
//! and of a merchant's own plugin. For a plugin with many capabilities, see `reference-shop`; for a payment processor, see
//! `sandbox-processor`.
//!
//! # Configuration of the host
//!
//! Each capability is provided by exactly one of a merchant's plugins, or else by the bundled shop. The tax table can be the
//! merchant's only plugin, with prices from the bundled shop, or an addition to the merchant's own plugin. That plugin must not
//! export `tax`: if two plugins do, the merchant is out of service, and the log says why. The tax table needs no upstream and
//! no secret. Its configuration is the table below under `config`:
//!
//! ```toml
//! [[merchants.acme.plugins]]                 # the merchant's own prices
//! component = "plugins/acme_prices.wasm"
//! manifest = "plugins/acme-prices.toml"
//!
//! [[merchants.acme.plugins]]
//! component = "plugins/tax_table.wasm"
//! manifest = "plugins/tax-table.toml"
//!
//! [merchants.acme.plugins.config.tax.US.CA]
//! regions = ["CA"]
//! rate = "7.25"
//! ```
//!
//! # The table
//!
//! The operator defines each tax, where it applies, and to what. All taxes whose area contains the destination apply, so
//! state, county and city taxes are three tables that add up:
//!
//! ```toml
//! rounding = "half-up"
//! rounding-scope = "line"
//!
//! [tax.US.CA]                                # country, and a name for the tax
//! regions = ["CA"]
//! rate = "7.25"
//! shipping = false
//! rates.food = "0"                           # rate for a category of items
//!
//! [tax.US.SF]
//! jurisdiction = "US-CA-SF"
//! regions = ["CA"]
//! postal-codes = ["94102..94188"]
//! rate = "1.375"
//! shipping = false
//! ```
//!
//! `default-config.toml` contains every key; `config.schema.json` describes them for editors.
//!
//! # Computation
//!
//! The table answers rates, and the host computes the amounts, from what every discount has left of a line. If the price of a
//! line includes tax, the tax is taken out of it, and the buyer pays what was shown: three items at 9.99 with 19 % VAT cost
//! 29.97. Otherwise the tax is added.
//!
//! `rounding` says how a fraction of the minor unit is rounded, and `rounding-scope` how often:
//!
//! | `rounding-scope` | rounded | for example |
//! |---|---|---|
//! | `line` | each line, option and fee by itself: depends on how a cart is split into lines | sales tax in the US |
//! | `rate` | once for each rate of each jurisdiction | consumption tax in Japan |
//! | `cart` | once for the whole cart | |
//!
//! What is rounded together is allocated to the lines and jurisdictions by the largest-remainder method: all parts add up.
//!
//! # Item categories
//!
//! A column of the catalog (`items.column`, by default `tax_category`) contains the category of an item; if it is empty, the
//! tax code of the catalog is looked up in the table `codes`. If a tax has no rate for a category, its `rate` applies.
//!
//! # Destinations
//!
//! Each line is taxed where it goes: to the address of its group, or else to that of the cart. Downloads need no address; they are
//! taxed where the buyer is: at the destination, or else at the billing address. If neither gives a country, the buyer gets an
//! error message that blocks payment; a checkout whose billing address comes with the payment is then completed with the tax.
//! Fees are taxed by the address of the cart, and if only groups have addresses, by that of the first.
//!
//! # Incomplete addresses
//!
//! If a field that a tax depends on is missing, or the region is not listed in `regions.COUNTRY`, the buyer gets an error
//! message that blocks payment; the order is never taxed at zero by mistake. A country without a table is not taxed.
//!
//! # Exemptions
//!
//! Exemptions are based on what the agent reports about the buyer (`account`, `customer-id`, `tax-exemption`). Use them only if
//! all agents that have a key are trusted. A certificate counts only if its kind is configured, until it expires, and in the
//! regions that it names: `US` or `US-CA`.
//!
//! # Files
//!
//! | file | contents |
//! |---|---|
//! | `assess.rs` | the capability: the rates of lines, options and fees |
//! | `place.rs` | the address that decides, and the taxes that apply there |
//! | `tax_rule.rs` | one tax of the configuration |
//! | `area.rs`, `destination.rs` | areas of taxes, and normalized addresses |
//! | `category.rs` | item categories |
//! | `exempt.rs` | exemptions of buyers |
//! | `validate.rs` | validation of the whole configuration |

use tillhouse_plugin::prelude::*;

mod area;
mod assess;
mod category;
mod destination;
mod exempt;
mod place;
mod tax_rule;
mod validate;

/// Default configuration in TOML, with every key.
pub const DEFAULT_CONFIG: &str = include_str!("../default-config.toml");

/// Plugin type that implements the capabilities.
#[derive(Debug)]
pub struct TaxTable;

impl Lifecycle for TaxTable {
    fn describe() -> Info {
        Info::new(
            "tax-table",
            env!("CARGO_PKG_VERSION"),
            "Taxes by destination and category, from the operator's table.",
        )
    }

    fn validate_config() -> Vec<Diagnostic> {
        validate::problems()
    }
}

tillhouse_plugin::export!(TaxTable: tax, lifecycle);
