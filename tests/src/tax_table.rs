//! Merchants that take taxes from the tax table and everything else from the bundled shop.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::host::{Builder, TestHost};
use crate::merchant::Merchant;
use crate::workspace;

const PACKAGE: &str = "tax-table";
const MANIFEST: &str = include_str!("../../plugins/tax-table/plugin.toml");
const CONFIG: &str = include_str!("../../plugins/tax-table/default-config.toml");

fn component() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        tillhouse_plugin_tools::build(&workspace(), &[PACKAGE])
            .expect("the tax table is built")
            .remove(0)
    };
    BUILT.get_or_init(|| build().component).clone()
}

/// A merchant with the tax table in its default configuration and the sandbox's processor.
#[must_use]
pub fn merchant(name: &str) -> Merchant {
    let mut settings = toml::Table::new();
    settings.insert(
        "config".into(),
        CONFIG
            .parse::<toml::Table>()
            .expect("the default configuration is valid TOML")
            .into(),
    );
    Merchant::named(name)
        .without_shop()
        .component(component(), MANIFEST, &settings.to_string())
}

/// A host for such merchants: the bundled shop serves the other capabilities.
#[must_use]
pub fn builder() -> Builder {
    TestHost::builder().bundled()
}
