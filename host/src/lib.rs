//! Tillhouse: a self-hosted checkout host for agentic commerce. This crate is its command line.
//!
//! Data flows one way: `http` (the protocol edges) calls `checkout` (the domain), which calls its ports; `plugin`,
//! `payments`, `store`, `webhooks` and `egress` implement them. `ARCHITECTURE.md` has the map and the invariants.

pub mod cli;

pub use tillhouse_catalog as catalog;
pub use tillhouse_checkout as checkout;
pub use tillhouse_checkout::secret;
#[cfg(feature = "crash-points")]
pub use tillhouse_crash_points as crash;
pub use tillhouse_egress as egress;
pub use tillhouse_payments as payments;
pub use tillhouse_payments::{operator, till, webhooks};
pub use tillhouse_plugin_tools as guests;
pub use tillhouse_protocols as http;
pub use tillhouse_runtime as plugin;
pub use tillhouse_server::{admin, config, files, host, memory, system, telemetry};
pub use tillhouse_store as store;
