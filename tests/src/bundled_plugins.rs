//! The bundled plugins as components, built once per process.

use std::path::PathBuf;
use std::sync::OnceLock;

use tillhouse_plugin_tools::{self, Built};

use crate::workspace;

/// Package that prices, discounts, reserves stock, ships, taxes, assesses risk, creates orders and provides texts.
pub(crate) const SHOP: &str = "reference-shop";
/// Package that charges cards at the sandbox's acquirer.
pub(crate) const PROCESSOR: &str = "sandbox-processor";

/// Package that charges at Adyen.
pub(crate) const ADYEN: &str = "adyen-processor";

/// The component file of a bundled plugin: `reference-shop`, `sandbox-processor` or `adyen-processor`.
#[must_use]
pub fn component(package: &str) -> PathBuf {
    static BUILT: OnceLock<Vec<Built>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        tillhouse_plugin_tools::build(&workspace(), &[SHOP, PROCESSOR, ADYEN]).expect("the plugins are built")
    });
    let found = built.iter().find(|built| built.package == package);
    found.expect("the name of a bundled plugin").component.clone()
}
