//! Tillhouse: a self-hosted checkout host for agentic commerce.
//!
//! Data flows one way: `http` (the protocol edges) calls `checkout` (the domain), which calls its ports; `plugin`,
//! `payments`, `store`, `webhooks` and `egress` implement them. `ARCHITECTURE.md` has the map and the invariants.

#[macro_use]
mod crash_point;

pub mod admin;
pub mod catalog;
pub mod cli;
pub mod config;
#[cfg(feature = "crash-points")]
pub mod crash;
pub mod egress;
pub mod files;
pub mod guests;
pub mod host;
pub mod http;
pub mod memory;
pub mod observe;
pub mod operator;
pub mod payments;
pub mod plugin;
pub mod store;
pub mod system;
pub mod telemetry;
pub mod till;
pub mod webhooks;

pub use tillhouse_checkout as checkout;
pub use tillhouse_checkout::secret;
