//! Helpers of the workspace tests: a whole system in a few lines.
//!
//! [`TestHost`] is a host with the bundled plugins and the sandbox in place of Stripe and the acquirer, under one clock.
//! [`Acp`], [`StripeAcs`] and [`Adyen`] call it over each protocol, [`AdyenSandbox`] is Adyen between an agent and the host; [`Client`]
//! sends arbitrary requests. [`crashloop`] does the same around the real binary, which it kills; [`history`] checks what was seen
//! against invariants; [`mutants`] checks that the tests notice a broken host; [`attacks`] measures health checks and creations under
//! attack.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails has to fail the test"
)]

mod acp;
mod adyen;
mod adyen_calls;
mod adyen_sandbox;
pub mod attacks;
mod backlog;
mod build_folder;
mod bundled_plugins;
mod cargo;
pub mod carrier;
mod client;
mod clock;
mod code;
pub mod crashloop;
pub mod crashpoints;
pub mod eventually;
pub mod feeds;
pub mod fixtures;
mod folder;
pub mod guide;
pub mod history;
mod host;
pub mod hostile;
mod http_response;
pub mod languages;
mod merchant;
pub mod mutants;
pub mod official;
pub mod orders;
mod plugin_author;
mod postgres;
pub mod process;
mod protocol;
pub mod proxy;
mod release_files;
mod shared;
mod slow;
mod stripe_acs;
pub mod tax_table;
mod wallet;
pub mod witness;
mod workspace;

pub use acp::{Acp, Release};
pub use adyen::Adyen;
pub use adyen_calls::{merchant_call, merchant_session, paid_elsewhere, refused_elsewhere};
pub use adyen_sandbox::AdyenSandbox;
pub use backlog::{Backlog, Waiting};
pub use build_folder::build_folder;
pub use bundled_plugins::component;
pub use cargo::without_cargo_variables;
pub use client::{Client, Request};
pub use clock::TestClock;
pub use folder::TestFolder;
pub use host::{Builder, TestHost};
pub use http_response::HttpResponse;
pub use merchant::Merchant;
pub use plugin_author::set_up_author_folder;
pub use postgres::{DataCopy, PostgresServer, Shutdown, TestDatabase, binaries as postgres_binaries};
pub use protocol::Protocol;
pub use release_files::{release_file, write_release};
pub use shared::Shared;
pub use slow::Slow;
pub use stripe_acs::StripeAcs;
pub use workspace::workspace;
