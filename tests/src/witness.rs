//! Merchants with the witness plugin, which decides by what the host tells it.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::eventually::fast_timings;
use crate::host::{Builder, TestHost};
use crate::merchant::Merchant;
use crate::workspace;

const PACKAGE: &str = "witness-plugin";
const MANIFEST: &str = include_str!("../witness-plugin/plugin.toml");

fn component() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        tillhouse_plugin_tools::build(&workspace(), &[PACKAGE])
            .expect("the witness plugin is built")
            .remove(0)
    };
    BUILT.get_or_init(|| build().component).clone()
}

/// A merchant with the witness plugin and the sandbox's processor; `config` is the plugin's configuration as TOML.
#[must_use]
pub fn merchant(name: &str, config: &str) -> Merchant {
    let merchant = Merchant::named(name).without_shop();
    merchant.component(component(), MANIFEST, &format!("[config]\n{config}"))
}

/// A host for such merchants: the bundled shop serves the other capabilities.
#[must_use]
pub fn builder() -> Builder {
    TestHost::builder().bundled().timings(fast_timings())
}
