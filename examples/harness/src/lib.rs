//! Tests a Tillhouse plugin as the host runs it: with the production linker, limits, egress policy and handling of
//! credentials, and with scripted upstreams, a stopped clock and repeatable randomness.
//!
//! A test is an `async fn` that takes an [`Env`]. It lives in `tests/` of the plugin's package; one `cargo test` runs
//! it together with the unit tests:
//!
//! ```no_run
//! use tillhouse_harness::prelude::*;
//!
//! #[tillhouse_harness::test]
//! async fn declined_card_is_a_decline(env: Env) {
//!     let acquirer = env.upstream("acquirer")
//!         .expect(post("/charges").json_slot("/card/number", Slot::Number))
//!         .reply(402, json!({"declined": "insufficient_funds"}));
//!     let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
//!     assert_eq!(outcome, declined("insufficient_funds"));
//!     acquirer.assert_called_once();
//!     env.usage().assert_under(instructions(2_000_000), mib(8), calls(1));
//!     env.assert_never_saw_card_data();
//! }
//! # fn main() {}
//! ```
//!
//! One line generates the tests for the rules that every plugin must keep: [`conformance!`]. Calls are made through
//! [`clients`], their arguments come from [`cart`](fn@cart), [`order`](fn@order), [`card`](mod@card) and
//! [`fixture`](Env::fixture)s; [`upstream`] simulates other servers; [`Env::usage`] shows what a call used;
//! [`Env::quote`] computes what a cart costs; [`Env::shop`] runs whole purchases.
//!
//! # The program that it runs in
//!
//! The component runs in the program `tillhouse`, the one that is shipped. Each test process starts it once
//! (`tillhouse plugin serve`) and talks to it over standard input and output, so that no part of the host is compiled for a test.
//! The harness uses
//!
//! 1. the program that the environment variable `TILLHOUSE` names; `tillhouse plugin test` sets it to itself;
//! 2. else `tillhouse` on `PATH`;
//! 3. else the program of the checkout that this crate is part of, built with cargo (minutes the first time).
//!
//! A program that uses another version of the protocol is refused, with a message that says what to install. Scripted
//! upstreams stay in the test's own process; the program reaches them over loopback. Harnesses in other languages are
//! possible: `host/plugin-protocol/README.md` describes the protocol.
//!
//! # What needs a checkout of Tillhouse
//!
//! Whole quotes and whole purchases need plugins for the decisions that the plugin under test does not make: the
//! reference shop and the processor of the sandbox. The program contains them if it was built with them; otherwise the
//! harness builds them from the sources of the checkout that it is part of. If the environment variable
//! `TILLHOUSE_CHECKOUT` names a checkout, its sources come first:
//!
//! ```sh
//! TILLHOUSE_CHECKOUT=../tillhouse cargo test
//! ```
//!
//! If they are not found, the rules of [`conformance`](mod@conformance) that quote a whole cart fail and list where the
//! harness looked, unless the plugin decides prices, stock, options and taxes itself. A whole purchase starts only if
//! the merchant's own plugins make every decision. Every other test runs.

#![deny(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "an error in a test harness has to fail the test"
)]

pub mod address;
pub mod answer;
mod call;
pub mod card;
pub mod cart;
pub mod catalog;
mod catch_panic;
mod checkout;
pub mod clients;
pub mod conformance;
mod diff;
mod env;
mod fault;
mod fixture;
pub mod generate;
mod golden;
mod notice;
pub mod order;
mod plugin;
mod program;
pub mod quote;
mod requests;
mod run;
pub mod shop;
mod time;
pub mod upstream;
pub mod usage;

pub use call::Call;
pub use cart::cart;
pub use env::Env;
pub use fault::CallFault;
pub use order::order;
pub use plugin::PluginUnderTest;
pub use run::run;
pub use tillhouse_harness_macros::test;

/// The package that contains the test, as a [`PluginUnderTest`].
///
/// ```
/// let plugin = tillhouse_harness::this_plugin!();
/// assert!(std::path::Path::new(plugin.manifest_dir).join("Cargo.toml").is_file());
/// ```
#[macro_export]
macro_rules! this_plugin {
    () => {
        $crate::PluginUnderTest {
            manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
            package: ::core::env!("CARGO_PKG_NAME"),
        }
    };
}

/// The names that most tests use.
pub mod prelude {
    pub use serde_json::json;
    pub use tillhouse_plugin::egress::Slot;
    pub use tillhouse_plugin::payments::Outcome;
    pub use tillhouse_plugin::types::{Failure, Money};

    pub use crate::answer::{approved, declined, line_rate, line_tax};
    pub use crate::cart::cart;
    pub use crate::catalog::item;
    pub use crate::order::{money, operation, order};
    pub use crate::quote::{gross, net};
    pub use crate::shop::{Basket, Protocol};
    pub use crate::upstream::{Fault, delete, get, patch, post, put};
    pub use crate::usage::{calls, instructions, mib};
    pub use crate::{Env, address, card};
}
