//! Taxes from a table: a plugin that decides `tax` and nothing else, to be bound beside anybody's pricing.
//!
//! It is the example to copy for a plugin of one capability that is configured by a table: a type for each noun of the
//! configuration, read anew in every call and checked as a whole before the first, and tests of three kinds. The arithmetic
//! is tested natively, in the files below and, for every amount and rate, in `assess/laws.rs`; the component by the harness,
//! in `tests/component.rs`, with its conformance suite, a fixture, a golden file and `usage.lock`; and the whole of it in purchases
//! over each protocol, beside the prices of a shop that knows nothing of it and beside those of a merchant's own plugin. For a
//! plugin that decides everything, see `reference-shop`; for a processor, `sandbox-processor`.
//!
//! # How it is bound
//!
//! One of a merchant's plugins serves a capability, and what none of them serves the bundled shop does. So it stands by itself
//! where prices come from that shop, or beside the merchant's own plugin, which then must not export `tax`: of two that do, the
//! host says so and does not start. It asks for no upstream and no secret. Its configuration is the table below under
//! `config`:
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
//! # What the table says
//!
//! The operator writes which taxes there are, where each is due, and on what. Every tax whose area has the destination is
//! due, so state, county and city are three tables that add up:
//!
//! ```toml
//! rounding = "half-up"
//!
//! [tax.US.CA]                                # country, and a name of its own
//! regions = ["CA"]
//! rate = "7.25"
//! shipping = false
//! rates.food = "0"                           # another rate for a category of items
//!
//! [tax.US.SF]
//! jurisdiction = "US-CA-SF"
//! regions = ["CA"]
//! postal-codes = ["94102..94188"]
//! rate = "1.375"
//! shipping = false
//! ```
//!
//! `default-config.toml` shows every key, `config.schema.json` describes them for editors.
//!
//! # What is reckoned
//!
//! The amounts of the contract are before tax, and the host adds what this plugin says on top of them. A merchant whose prices
//! hold the tax already cannot use this table; their pricing would have to give prices without it.
//!
//! 1. The order's discount is spread over the lines by largest remainder ([`Request::bases`](tillhouse_plugin::tax::Request)).
//! 2. The rates that are due on a line, an option or a fee are added up, and the tax is rounded once.
//! 3. What was rounded is spread over the jurisdictions in proportion to their rates, so that the parts add up exactly.
//!
//! # What an item is
//!
//! A column of the catalog (`items.column`, `tax_category` unless set) names its category; where it is blank, the tax code of
//! the catalog is looked up in the table `codes`. A category that a tax has no rate for pays its `rate`.
//!
//! # What it does not guess
//!
//! An address that lacks what a tax depends on, or whose region is none of `regions.COUNTRY`, gets a message that stands in the
//! way of payment, never a tax of nothing. A country without any table is not taxed.
//!
//! Whether a buyer is exempt is judged by what the agent says of them (`account`, `customer-id`): whoever exempts by it has to
//! know that the agents that hold a key may be believed.
//!
//! # Where to look
//!
//! | file | what |
//! |---|---|
//! | `assess.rs` | the capability: which taxes are due, and the arithmetic |
//! | `levy.rs` | one tax as the configuration defines it |
//! | `area.rs`, `postal.rs`, `place.rs` | where it is due, and where an order goes |
//! | `category.rs` | what an item is |
//! | `exempt.rs` | who does not pay |
//! | `validate.rs` | the check of the whole configuration |

use tillhouse_plugin::prelude::*;

mod area;
mod assess;
mod category;
mod exempt;
mod levy;
mod place;
mod postal;
mod validate;

/// A configuration to begin with, in TOML, with every key.
pub const DEFAULT_CONFIG: &str = include_str!("../default-config.toml");

/// The plugin.
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

    fn validate_config() -> Vec<Problem> {
        validate::problems()
    }
}

tillhouse_plugin::export!(TaxTable: tax, lifecycle);
