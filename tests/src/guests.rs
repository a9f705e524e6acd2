//! The plugins of the workspace as components, built once per process.

use std::path::PathBuf;
use std::sync::OnceLock;

use tillhouse_plugin_tools::{self, Built};

use crate::workspace;

/// Pricing, discounts, stock, shipping, tax, risk, orders and texts.
pub(crate) const SHOP: &str = "reference-shop";
/// Charges cards at the sandbox's acquirer.
pub(crate) const PROCESSOR: &str = "sandbox-processor";

/// The file of a bundled plugin: `reference-shop` or `sandbox-processor`.
#[must_use]
pub fn component(package: &str) -> PathBuf {
    static BUILT: OnceLock<Vec<Built>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        tillhouse_plugin_tools::build(&workspace(), &[SHOP, PROCESSOR]).expect("the plugins are built")
    });
    let found = built.iter().find(|built| built.package == package);
    found.expect("a bundled plugin").component.clone()
}
