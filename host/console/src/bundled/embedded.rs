//! The plugins that are embedded in the program; `build.rs` builds them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::CommandError;

const COMPONENTS: [(&str, &[u8]); 3] = [
    (
        "reference-shop",
        include_bytes!(concat!(env!("OUT_DIR"), "/reference_shop.wasm")),
    ),
    (
        "sandbox-processor",
        include_bytes!(concat!(env!("OUT_DIR"), "/sandbox_processor.wasm")),
    ),
    (
        "adyen-processor",
        include_bytes!(concat!(env!("OUT_DIR"), "/adyen_processor.wasm")),
    ),
];

pub(super) const fn are_available() -> bool {
    true
}

pub(super) fn components<const N: usize>(packages: [&str; N]) -> Result<[Cow<'static, [u8]>; N], CommandError> {
    Ok(packages.map(|package| {
        let found = COMPONENTS.iter().find(|(name, _)| *name == package);
        Cow::Borrowed(found.map_or(&[][..], |(_, component)| *component))
    }))
}

pub(super) fn file(package: &str, folder: &Path) -> Result<PathBuf, CommandError> {
    let [component] = components([package])?;
    let file = folder.join(package).with_extension("wasm");
    if !file.exists() {
        // Written under another name and then renamed, so that no reader sees a partial file.
        let part = file.with_extension("part");
        std::fs::write(&part, component)?;
        std::fs::rename(part, &file)?;
    }
    Ok(file)
}
