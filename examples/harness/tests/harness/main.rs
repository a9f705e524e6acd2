//! Tests of the harness with correct, careless and hostile test plugins.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod calls;
mod card_sightings;
mod conformance;
mod faults;
mod properties;
mod shop;
mod upstreams;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tillhouse_harness::{Env, PluginUnderTest, run};

/// Correct until its configuration names a mistake.
pub(crate) const CARELESS: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/careless-plugin"),
    package: "careless-plugin",
};

/// Has a secret and does not export `payments`. Correct until its configuration names a mistake.
pub(crate) const CARELESS_FULFILLMENT: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/careless-fulfillment-plugin"),
    package: "careless-fulfillment-plugin",
};

/// Breaks a rule of the contract on request.
pub(crate) const HOSTILE: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/hostile-plugin"),
    package: "hostile-plugin",
};

/// The panic message of a test that fails.
pub(crate) fn failure<F: Future<Output = ()>>(plugin: PluginUnderTest, test: impl FnOnce(Env) -> F) -> String {
    let failed = catch_unwind(AssertUnwindSafe(|| run(plugin, test))).unwrap_err();
    match failed.downcast::<String>() {
        Ok(text) => *text,
        Err(failed) => (*failed.downcast::<&str>().unwrap()).to_owned(),
    }
}
