//! The checkout domain: sessions, carts, quotes and their totals, in plain Rust.
//!
//! Invariant: nothing here names a web framework, a WebAssembly runtime, an HTTP client, a database or a wire format. What
//! the domain needs from outside it asks for through [`ports`].

pub mod attempt;
pub mod audit;
pub mod authentication;
pub mod cart;
pub mod credential;
pub mod decision;
pub mod error;
pub mod ids;
mod mask;
pub mod merchant;
pub mod message;
pub mod money;
pub mod operation;
pub mod order;
pub mod outage;
pub mod payer;
pub mod people;
pub mod ports;
pub mod quote;
pub mod quoting;
pub mod secret;
pub mod service;
pub mod session;
pub mod shown;
pub mod snapshot;
pub mod time;
pub mod unit;

pub use mask::mask;
