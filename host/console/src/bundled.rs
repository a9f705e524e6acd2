//! The three plugins that come with Tillhouse: the reference shop, the processor of the sandbox, and the processor for Adyen.
//!
//! With the feature `embedded-plugins`, as in releases, they are embedded in the program. Without it they are read from the
//! target folder; cargo builds a plugin that is missing there or older than its sources.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tillhouse_runtime::flatten;
use tillhouse_server::host::bindings::FallbackPlugin;

use crate::CommandError;

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
/// The manifest of the processor for Adyen.
pub const ADYEN_MANIFEST: &str = include_str!("../../../plugins/adyen-processor/plugin.toml");
/// Product feed (CSV) of the reference shop, used by the embedded defaults.
pub const CATALOG: &str = include_str!("../../../plugins/reference-shop/demo-catalog.csv");

/// A component that comes with Tillhouse.
#[derive(Clone, Debug)]
pub struct BundledPlugin {
    /// Name of its Cargo package, one of [`NAMES`].
    pub package: &'static str,
    /// The WebAssembly component, as bytes.
    pub component: Cow<'static, [u8]>,
}

/// The plugins that a sandbox shop has.
#[derive(Clone, Debug)]
pub struct BundledPlugins {
    /// The reference shop, which decides what a merchant's own plugins do not.
    pub shop: BundledPlugin,
    /// The processor, which charges cards at the sandbox's acquirer.
    pub processor: BundledPlugin,
}

const SHOP: &str = "reference-shop";
const PROCESSOR: &str = "sandbox-processor";
const ADYEN: &str = "adyen-processor";

/// Package names of the plugins that come with Tillhouse.
pub const NAMES: [&str; 3] = [SHOP, PROCESSOR, ADYEN];

/// Load the shop and the sandbox's processor: embedded ones, or those of the target folder, which cargo builds if needed.
///
/// # Errors
/// When they are not embedded in the program, and cannot be found or built on this machine.
pub fn plugins() -> Result<BundledPlugins, CommandError> {
    let [shop, processor] = origin::components([SHOP, PROCESSOR])?;
    let plugin = |package, component| BundledPlugin { package, component };
    Ok(BundledPlugins {
        shop: plugin(SHOP, shop),
        processor: plugin(PROCESSOR, processor),
    })
}

/// Load the processor for Adyen, as [`plugins`] does.
///
/// # Errors
/// As for [`plugins`].
pub fn adyen_processor() -> Result<BundledPlugin, CommandError> {
    let [component] = origin::components([ADYEN])?;
    Ok(BundledPlugin {
        package: ADYEN,
        component,
    })
}

/// The reference shop, with its manifest and configuration. `None` if it is neither embedded nor available as source code.
///
/// # Errors
/// When it cannot be built or read.
pub fn reference() -> Result<Option<FallbackPlugin>, CommandError> {
    if !origin::are_available() {
        return Ok(None);
    }
    let [shop] = origin::components([SHOP])?;
    shop_with_component(shop.into_owned()).map(Some)
}

/// Whether the plugins are embedded in this program, so that nothing has to be built.
#[must_use]
pub const fn are_embedded() -> bool {
    cfg!(feature = "embedded-plugins")
}

/// The component of one of [`NAMES`] as a file: in the target folder, or written into `folder` if it is embedded.
///
/// # Errors
/// When it cannot be found, built or written.
pub fn file(name: &str, folder: &Path) -> Result<PathBuf, CommandError> {
    origin::file(name, folder)
}

/// The manifest and the configuration of one of [`NAMES`], as text.
#[must_use]
pub fn texts(name: &str) -> (&'static str, &'static str) {
    match name {
        PROCESSOR => (PROCESSOR_MANIFEST, ""),
        ADYEN => (ADYEN_MANIFEST, ""),
        _ => (SHOP_MANIFEST, SHOP_CONFIG),
    }
}

/// A component that takes the place of the reference shop, with the shop's manifest and configuration.
///
/// # Errors
/// When the shop's configuration is not valid for a plugin.
pub fn shop_with_component(component: Vec<u8>) -> Result<FallbackPlugin, CommandError> {
    Ok(FallbackPlugin {
        component,
        manifest: SHOP_MANIFEST.to_owned(),
        config: shop_config()?,
    })
}

/// Configuration of the reference shop, by dotted key.
///
/// # Errors
/// When it is not valid for a plugin.
pub fn shop_config() -> Result<BTreeMap<String, String>, CommandError> {
    flatten(SHOP_CONFIG, Some("default-config.toml"), None).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        CommandError(errors.join("\n"))
    })
}
