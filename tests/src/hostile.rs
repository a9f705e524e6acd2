//! Merchants whose plugin is the hostile one.

use std::path::PathBuf;
use std::sync::OnceLock;

use tillhouse::config::flatten;
use tillhouse::guests;
use tillhouse::host::swap::Release;

use crate::eventually::brisk;
use crate::host::{Builder, TestHost};
use crate::merchant::{Merchant, parse};
use crate::workspace;

const PACKAGE: &str = "hostile-plugin";
const MANIFEST: &str = include_str!("../hostile-plugin/plugin.toml");

fn component() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        guests::build(&workspace(), &[PACKAGE])
            .expect("the hostile plugin is built")
            .remove(0)
    };
    BUILT.get_or_init(|| build().component).clone()
}

/// A merchant with the hostile plugin for prices, taxes and charges: TOML for its configuration.
#[must_use]
pub fn merchant(name: &str, config: &str) -> Merchant {
    let merchant = Merchant::named(name).without_shop().without_processor();
    merchant.processor(component(), MANIFEST, &format!("[config]\n{config}"))
}

/// Another release of the hostile plugin: the same component, with this TOML for its configuration.
#[must_use]
pub fn release(config: &str) -> Release {
    Release {
        component: std::fs::read(component()).expect("the hostile plugin is built"),
        manifest: MANIFEST.to_owned(),
        config: Some(flatten(&parse(config)).expect("its configuration is flat")),
    }
}

/// A host for such merchants: the bundled shop does the rest.
#[must_use]
pub fn builder() -> Builder {
    TestHost::builder().bundled().timings(brisk())
}
