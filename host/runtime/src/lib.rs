//! The plugin runtime: WebAssembly components behind the ports of the domain.
//!
//! [`Plugins`] implements the ports `Decisions` and `Processor`. A phase has one instance per
//! component, created with the first call and dropped with the phase; nothing survives in guest memory. Every limit of
//! [`limits`] has an error code of its own, and the function being called decides which host imports a call may use
//! ([`function`]).
//!
//! Modules import only modules that come earlier in this list: `api` (the contract), `guest` (state, limits and imports of an
//! instance), `engine`, `config`, `component` (loading and checking), `merchant` (bindings and routing), `call` (a phase and
//! its calls), `plugins` (the runtime), `payments`, `trial`.
//!
//! Invariant: a guest call runs until it returns, traps or exceeds a budget. Its future is never dropped before that.

mod api;
mod call;
mod component;
pub mod config;
pub mod engine;
mod guest;
mod merchant;
mod payments;
mod plugins;
#[cfg(test)]
mod tests;
pub mod trial;

pub use api::capability::{self, Capabilities, Capability};
pub use api::function;
pub use api::interface::{CONTRACT_VERSION, REBUILD};
pub use call::observer::{self, CallOutcome, Observer, PluginCall};
pub use component::cache::{SharedEngine, check_code_folder};
pub use component::inspect;
pub use component::manifest::{self, Manifest, RequestedUpstream};
pub use component::package::{self, Component, Digest, PackageError};
pub use config::flatten;
pub use engine::{EngineError, EngineSettings};
pub use guest::limits::{self, CallLimits, Limits};
pub use guest::record::{self, Recorder};
pub use merchant::binding::{self, Binding};
pub use merchant::routes::{self, MerchantPlugins};
pub use plugins::Plugins;
pub use plugins::inventory::{self, Installed};
pub use plugins::replace::{self, PreparedPlugins};
