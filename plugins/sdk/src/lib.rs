//! Write a Tillhouse merchant plugin: a WebAssembly component that makes a merchant's decisions.
//!
//! A plugin implements the traits of its capabilities and names them in [`export!`]. The host computes totals, keeps the
//! session and implements the protocols.
//!
//! ```
//! use tillhouse_plugin::prelude::*;
//!
//! /// Ships everything for a flat price; free above a configurable threshold.
//! struct FlatRate;
//!
//! impl Fulfillment for FlatRate {
//!     fn options(_ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
//!         if cart.destination.is_none() {
//!             return Ok(Offer::default());
//!         }
//!         let subtotal = Amount::sum(amounts.iter().map(|line| line.subtotal))?;
//!         let free_over = config::amount_or("free-over", Amount::MAX)?;
//!         let price = if subtotal >= free_over { Amount::ZERO } else { config::amount("price")? };
//!         Ok(Offer::preselecting(FulfillmentOption::shipping("flat", "Standard shipping", price)))
//!     }
//! }
//!
//! tillhouse_plugin::export!(FlatRate: fulfillment);
//!
//! let _host = testing::Host::new().config("price", "500").install();
//! let offer = FlatRate::options(testing::context("USD"), testing::cart(&[("tee", 1)]), vec![])?;
//! assert!(offer.options.is_empty(), "no shipping without a destination");
//! # Ok::<(), Failure>(())
//! ```
//!
//! Build with `cargo build --target wasm32-wasip2`; the artifact is the plugin. Unit tests run natively: `export!` expands
//! to nothing there, and the imports ([`config`], [`catalog`], [`kv`], [`counters`], [`egress`], [`log`], [`clock`]) are
//! served by the [`testing::Host`] that the test installed.

pub mod bindings;

mod defaults;
mod imports;

pub mod amount;
pub mod cart;
pub mod catalog;
pub mod clock;
pub mod config;
pub mod counters;
pub mod credential;
pub mod egress;
pub mod export;
pub mod fulfillment;
pub mod inventory;
pub mod kv;
pub mod lifecycle;
pub mod log;
pub mod messages;
pub mod money;
pub mod notices;
pub mod orders;
pub mod payments;
pub mod presentation;
pub mod pricing;
pub mod purchase;
pub mod quoting;
pub mod rate;
pub mod risk;
pub mod rounding;
pub mod sessions;
pub mod tax;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

/// Types of the contract that several capabilities share.
pub mod types {
    pub use crate::bindings::tillhouse::merchant::types::{
        Address, Agent, Authentication, Buyer, Cart, Choice, Company, Context, Device, Failure, Group, Line,
        LineAmount, Loyalty, Message, Notice, Operation, Quantity, Recipient, Rejection, Reply, Severity, Subject,
        TaxExemption, ThreeDSecure,
    };
    pub use crate::{money::Money, rounding::RoundingRule};
}

/// Items that most plugins use.
pub mod prelude {
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::testing;
    pub use crate::{
        amount::{Amount, OutOfRange},
        catalog, clock, config, counters,
        credential::Credential,
        egress,
        egress::{Fill, Slot},
        fulfillment::{Fulfillment, FulfillmentOption, Offer, Place},
        inventory::{Inventory, Reservation, ReserveOutcome, Stock},
        kv,
        lifecycle::{Diagnostic, Info, Lifecycle},
        log,
        orders::{Draft, Identity, Orders, OrdersNotices},
        payments::{
            Action, Approval, ChargeLookup, ChargeOrder, Decline, Idempotency, Outcome, Payments,
            PaymentsAuthentication, PaymentsCancelByReference, PaymentsCapture, PaymentsList, PaymentsNotices,
            PaymentsRefund, PaymentsVoid, ProcessorProfile,
        },
        presentation::{Description, Link, PageContent, Presentation},
        pricing::{
            Allocation, Coupon, Discount, Fee, PricedCart, PricedLine, Pricing, PricingRedemption, RateOff, Reduction,
            RejectedCode,
        },
        quoting::Quoting,
        rate::Rate,
        risk::{Decision, Risk},
        rounding::{Rounding, RoundingRule},
        sessions::Sessions,
        tax::{Assessed, AssessedTaxes, Assessment, Rated, RatedTaxes, Tax, TaxRate},
        types::{
            Address, Agent, Buyer, Cart, Choice, Context, Device, Failure, Group, Line, LineAmount, Message, Money,
            Notice, Operation, Quantity, Recipient, Rejection, Reply, Severity, Subject,
        },
    };
}
