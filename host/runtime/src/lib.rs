//! The plugin runtime: WebAssembly components behind the ports of the domain.
//!
//! [`Plugins`] implements the ports `Decisions` and `Processor`. A phase has one instance per
//! component, created with the first call and dropped with the phase; nothing survives in guest memory. Every limit of
//! [`limits`] ends in an error of its own, and what a call may use is decided by the function being called ([`function`]).
//!
//! Modules use those above them in this list and never those below: `api` (the contract), `guest` (what an instance lives
//! with), `engine`, `config`, `component` (code), `merchant` (who has which), `call` (a phase and its calls), `plugins` (the
//! runtime), `payments`, `trial`.
//!
//! Invariant: a guest call is ended by its budgets, from inside; its future is never dropped half-way.

mod api;
mod call;
mod component;
mod config;
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
pub use call::observer::{self, Observer, PluginCall};
pub use component::cache::Code;
pub use component::inspect;
pub use component::manifest::{self, Manifest, ManifestError, UpstreamWish};
pub use component::package::{self, Component, Digest, PackageError};
pub use config::flatten::{NotFlat, Unflat, flatten};
pub use config::place::line_at;
pub use engine::{EngineError, EngineSettings};
pub use guest::limits::{self, CallLimits, Limits};
pub use guest::record::{self, Recorder};
pub use merchant::binding::{self, Binding};
pub use merchant::routes::{self, MerchantPlugins, Problem};
pub use plugins::Plugins;
pub use plugins::inventory::{self, Installed};
pub use plugins::replace::{self, ReplaceError};
