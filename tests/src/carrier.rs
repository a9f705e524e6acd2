//! Merchants whose shipping is what a carrier answers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::eventually::fast_timings;
use crate::host::{Builder, TestHost};
use crate::merchant::Merchant;
use crate::workspace;

const PACKAGE: &str = "careless-fulfillment-plugin";
const MANIFEST: &str = include_str!("../careless-fulfillment-plugin/plugin.toml");

fn component() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        tillhouse_plugin_tools::build(&workspace(), &[PACKAGE])
            .expect("the plugin is built")
            .remove(0)
    };
    BUILT.get_or_init(|| build().component).clone()
}

/// A merchant with the plugin that asks the carrier at this address; `config` is its configuration as TOML.
#[must_use]
pub fn merchant(name: &str, carrier: SocketAddr, config: &str) -> Merchant {
    let settings = format!(
        "[config]\n{config}\n[secrets]\ncarrier_key = \"key_carrier\"\n[upstreams.carrier]\nbase_url = \"http://{carrier}\"\n\
         allow_http = true\nallow_loopback = true"
    );
    Merchant::named(name)
        .without_shop()
        .component(component(), MANIFEST, &settings)
}

/// A host for such merchants: the bundled shop serves the other capabilities.
#[must_use]
pub fn builder() -> Builder {
    TestHost::builder().bundled().timings(fast_timings())
}
