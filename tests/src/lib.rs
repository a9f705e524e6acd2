//! The helper layer of the workspace tests: a whole system in a few words.
//!
//! [`TestHost`] is a host with the bundled plugins and the sandbox in place of Stripe and the acquirer, under one clock.
//! [`Acp`] and [`StripeAcs`] speak to it in sentences; [`Client`] sends whatever a test wants to send.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails has to fail the test"
)]

mod acp;
mod answer;
mod client;
mod clock;
pub mod fixtures;
mod folder;
mod guests;
mod host;
mod merchant;
mod postgres;
mod shared;
mod stripe_acs;
mod workspace;

pub use acp::{Acp, Release};
pub use answer::Answer;
pub use client::{Client, Request};
pub use clock::TestClock;
pub use folder::TestFolder;
pub use guests::component;
pub use host::{Builder, TestHost};
pub use merchant::Merchant;
pub use postgres::{PostgresServer, TestDatabase, binaries as postgres_binaries};
pub use shared::Shared;
pub use stripe_acs::StripeAcs;
pub use workspace::workspace;
