//! Test a Tillhouse plugin as the host runs it: the production linker, limits, egress policy and handling of credentials,
//! with scripted upstreams, a clock that stands still and randomness that repeats.
//!
//! A test is an `async fn` that takes an [`Env`]. It lives in `tests/` of the plugin's package, beside the unit tests, and one
//! `cargo test` runs both:
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
//! What a plugin of any kind must do is one line: [`conformance!`]. Calls come from [`clients`], their arguments from
//! [`cart`](fn@cart), [`order`](fn@order), [`card`](mod@card) and [`fixture`](Env::fixture)s; other servers are played by
//! [`upstream`]; what a call used is [`Env::usage`]; whole purchases are [`Env::shop`].
//!
//! # What it runs in
//!
//! The component runs in the program `tillhouse`, the one that is shipped: a process of tests starts it once
//! (`tillhouse plugin serve`) and speaks with it over its standard input and output, so that nothing of the host is compiled for a
//! test. It is
//!
//! 1. the one that the environment variable `TILLHOUSE` names, which `tillhouse plugin test` sets to itself;
//! 2. else the one on `PATH`;
//! 3. else the one of the checkout that this crate lies in, built with cargo, which takes minutes the first time.
//!
//! A program that speaks another version of the protocol is refused, with what to install. Scripted upstreams stay in the test's
//! own process; the program reaches them over loopback. Harnesses in other languages are possible:
//! `host/plugin-protocol/README.md` describes the protocol.
//!
//! # What needs a checkout of Tillhouse
//!
//! Whole quotes and whole purchases need somebody who decides what the plugin under test does not: the reference shop and the
//! sandbox's processor. The program brings them where it holds them; else the harness builds them from the sources of the checkout
//! that it is part of. Those of a checkout that the environment variable `TILLHOUSE_CHECKOUT` names come first:
//!
//! ```sh
//! TILLHOUSE_CHECKOUT=../tillhouse cargo test
//! ```
//!
//! Where none of them has them, the rules of [`conformance`](mod@conformance) that quote a whole cart fail and say where they
//! looked, unless the plugin decides prices, stock, options and taxes itself. A whole purchase starts only where the merchant's own
//! plugins decide everything. Every other test runs.

#![deny(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what is wrong in a test harness has to fail the test"
)]

pub mod address;
pub mod answer;
mod call;
pub mod card;
pub mod cart;
pub mod catalog;
mod caught;
mod checkout;
pub mod clients;
pub mod conformance;
mod diff;
mod env;
mod fault;
mod fixture;
mod folder;
pub mod generate;
mod golden;
pub mod order;
mod plugin;
mod program;
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

/// The package that this stands in, as a [`PluginUnderTest`].
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

/// Everything a test usually names.
pub mod prelude {
    pub use serde_json::json;
    pub use tillhouse_plugin::egress::Slot;
    pub use tillhouse_plugin::payments::Outcome;
    pub use tillhouse_plugin::types::{Failure, Money};

    pub use crate::answer::{approved, declined};
    pub use crate::cart::cart;
    pub use crate::catalog::item;
    pub use crate::order::{money, operation, order};
    pub use crate::shop::{Basket, Protocol};
    pub use crate::upstream::{Fault, delete, get, patch, post, put};
    pub use crate::usage::{calls, instructions, mib};
    pub use crate::{Env, address, card};
}
