//! Merchants with plugins that misbehave on purpose.

use std::path::PathBuf;
use std::sync::OnceLock;

use tillhouse_plugin_tools::{self, Built};
use tillhouse_runtime::flatten;
use tillhouse_server::host::swap::Release;

use crate::eventually::fast_timings;
use crate::host::{Builder, TestHost};
use crate::merchant::Merchant;
use crate::workspace;

const PLUGIN: &str = "hostile-plugin";
const PLUGIN_MANIFEST: &str = include_str!("../hostile-plugin/plugin.toml");
const STOCK: &str = "hostile-inventory-plugin";
const STOCK_MANIFEST: &str = include_str!("../hostile-inventory-plugin/plugin.toml");

fn component(package: &str) -> PathBuf {
    static BUILT: OnceLock<Vec<Built>> = OnceLock::new();
    let build =
        || tillhouse_plugin_tools::build(&workspace(), &[PLUGIN, STOCK]).expect("the hostile plugins are built");
    let mut built = BUILT.get_or_init(build).iter();
    let found = built.find(|built| built.package == package);
    found.expect("the name of a hostile plugin").component.clone()
}

/// A merchant with the hostile plugin for prices, taxes and charges; `config` is the plugin's configuration as TOML.
#[must_use]
pub fn merchant(name: &str, config: &str) -> Merchant {
    let merchant = Merchant::named(name).without_shop().without_processor();
    merchant.processor(component(PLUGIN), PLUGIN_MANIFEST, &format!("[config]\n{config}"))
}

/// A merchant with the hostile inventory plugin, which releases reservations as its `release-mode` says.
#[must_use]
pub fn merchant_with_hostile_stock(name: &str, mode: &str) -> Merchant {
    let settings = format!("[config]\nrelease-mode = \"{mode}\"");
    let merchant = Merchant::named(name).without_shop();
    merchant.component(component(STOCK), STOCK_MANIFEST, &settings)
}

/// A merchant whose inventory plugin may use the network: as far as the host can tell, its stock is stored elsewhere.
#[must_use]
pub fn merchant_with_remote_stock(name: &str) -> Merchant {
    let manifest = format!("{STOCK_MANIFEST}\n[[upstream]]\nname = \"acquirer\"\n");
    let merchant = Merchant::named(name).without_shop();
    merchant.processor(component(STOCK), &manifest, "")
}

/// Another release of the hostile plugin: the same component with this configuration, as TOML.
#[must_use]
pub fn release(config: &str) -> Release {
    Release {
        component: std::fs::read(component(PLUGIN)).expect("the hostile plugin is built"),
        manifest: PLUGIN_MANIFEST.to_owned(),
        config: Some(flatten(config, None, None).expect("its configuration is flat")),
    }
}

/// A host for such merchants: the bundled shop serves the other capabilities.
#[must_use]
pub fn builder() -> Builder {
    TestHost::builder().bundled().timings(fast_timings())
}
