//! The checkout domain: sessions, carts, quotes and their totals, in plain Rust.
//!
//! Invariant: nothing here depends on a web framework, a WebAssembly runtime, an HTTP client, a database or a wire format.
//! What the domain needs from outside is a trait in [`ports`], which other crates implement.
//!
//! Where to start: a [`session::Session`] holds a [`cart::Cart`] and the [`quote::Quote`] for it; [`operation::CheckoutOperations`] is
//! the API for the protocols; paying a session is an [`attempt::Attempt`]; [`ports::Store`] makes all of it durable.

pub mod attempt;
pub mod audit;
pub mod authentication;
pub mod caller;
pub mod cart;
pub mod catalog;
pub mod contact;
pub mod credential;
pub mod deadline;
pub mod decision;
pub mod device;
pub mod diagnostic;
pub mod discrepancy;
pub mod erasure;
pub mod error;
pub mod feed;
pub mod idempotency;
pub mod ids;
pub mod inbox;
pub mod intent_trace;
pub mod interaction;
pub mod lease;
mod mask;
pub mod merchant;
pub mod message;
pub mod metadata;
pub mod money;
mod named_value;
pub mod open_sessions;
pub mod operation;
pub mod order;
pub mod order_snapshot;
pub mod outage;
pub mod outbox;
pub mod outside_payment;
pub mod party_units;
pub mod payer;
pub mod payment_token;
pub mod plugin_data;
pub mod ports;
pub mod quote;
pub mod quoting;
pub mod readiness;
pub mod refund;
pub mod saved_cart;
pub mod secret;
pub mod service;
pub mod session;
pub mod shown_quote;
pub mod text;
pub mod time;
pub mod unit_of_work;
pub mod vault;

pub use mask::{mask, token_has_card_number, truncate_cards};
pub use tillhouse_places as places;
