//! The two plugins that come with Tillhouse: the reference shop, and the processor of the sandbox.
//!
//! With the feature `embedded-plugins`, as in what is shipped, they are inside the program. Without it they come from the build
//! folder; a command that finds one missing there, or older than its sources, has cargo make it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tillhouse_runtime::flatten;
use tillhouse_server::host::bindings::Bundled;

use crate::Failure;

#[cfg(feature = "embedded-plugins")]
mod embedded;
#[cfg(not(feature = "embedded-plugins"))]
mod sources;

#[cfg(feature = "embedded-plugins")]
use embedded as origin;
#[cfg(not(feature = "embedded-plugins"))]
use sources as origin;

const SHOP_MANIFEST: &str = include_str!("../../../plugins/reference-shop/plugin.toml");
const SHOP_CONFIG: &str = include_str!("../../../plugins/reference-shop/default-config.toml");
/// The manifest of the sandbox's processor.
pub const PROCESSOR_MANIFEST: &str = include_str!("../../../plugins/sandbox-processor/plugin.toml");
/// The catalog of the embedded defaults.
pub const CATALOG: &str = include_str!("../../../plugins/reference-shop/demo-catalog.csv");

/// A component that comes with Tillhouse.
#[derive(Clone, Debug)]
pub struct BundledPlugin {
    /// The name of its package.
    pub package: &'static str,
    /// The component.
    pub component: Cow<'static, [u8]>,
}

/// Both.
#[derive(Clone, Debug)]
pub struct BundledPlugins {
    /// Decides what a merchant's own plugins do not.
    pub shop: BundledPlugin,
    /// Charges cards at the sandbox's acquirer.
    pub processor: BundledPlugin,
}

const SHOP: &str = "reference-shop";
const PROCESSOR: &str = "sandbox-processor";

/// The names of both.
pub const NAMES: [&str; 2] = [SHOP, PROCESSOR];

/// Both plugins.
///
/// # Errors
/// When they are not inside the program, and cannot be found or made on this machine.
pub fn plugins() -> Result<BundledPlugins, Failure> {
    let [shop, processor] = origin::components([SHOP, PROCESSOR])?;
    let plugin = |package, component| BundledPlugin { package, component };
    Ok(BundledPlugins {
        shop: plugin(SHOP, shop),
        processor: plugin(PROCESSOR, processor),
    })
}

/// The reference shop as what decides where a merchant's own plugins do not. `None` where it is not inside the program, and its
/// sources are not at hand.
///
/// # Errors
/// When it cannot be made.
pub fn reference() -> Result<Option<Bundled>, Failure> {
    if !origin::are_at_hand() {
        return Ok(None);
    }
    let [shop] = origin::components([SHOP])?;
    shop_of(shop.into_owned()).map(Some)
}

/// Whether they are inside the program, so that none has to be made.
#[must_use]
pub const fn are_held() -> bool {
    cfg!(feature = "embedded-plugins")
}

/// The component of one of [`NAMES`] as a file: in the build folder, or written into `folder` where it is inside the program.
///
/// # Errors
/// When it cannot be found, made or written.
pub fn file(name: &str, folder: &Path) -> Result<PathBuf, Failure> {
    origin::file(name, folder)
}

/// The manifest and the configuration of one of [`NAMES`], as text.
#[must_use]
pub fn texts(name: &str) -> (&'static str, &'static str) {
    match name {
        PROCESSOR => (PROCESSOR_MANIFEST, ""),
        _ => (SHOP_MANIFEST, SHOP_CONFIG),
    }
}

/// A component as the reference shop, with the shop's manifest and configuration.
///
/// # Errors
/// When the shop's configuration is not one of a plugin.
pub fn shop_of(component: Vec<u8>) -> Result<Bundled, Failure> {
    Ok(Bundled {
        component,
        manifest: SHOP_MANIFEST.to_owned(),
        config: shop_config()?,
    })
}

/// What the reference shop is configured with.
///
/// # Errors
/// When it is not a configuration of a plugin.
pub fn shop_config() -> Result<BTreeMap<String, String>, Failure> {
    Ok(flatten(&SHOP_CONFIG.parse::<toml::Table>()?)?)
}
