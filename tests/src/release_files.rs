//! Releases of a plugin as files, as its author hands them to an operator.

use std::path::{Path, PathBuf};

use crate::bundled_plugins::component;
use crate::workspace;

/// Write a release of a bundled plugin into a folder: the component with another digest, and a manifest of the same name with this
/// version. Returns the component's path.
#[must_use]
pub fn release_file(folder: &Path, package: &str, version: &str) -> PathBuf {
    let manifest = std::fs::read_to_string(workspace().join("plugins").join(package).join("plugin.toml"));
    let manifest = manifest.expect("the plugin has a manifest");
    let bytes = std::fs::read(component(package)).expect("the plugin is built");
    let manifest = manifest.replace("version = \"0.1.0\"", &format!("version = \"{version}\""));
    write_release(
        folder,
        &format!("{package}-{version}"),
        with_section(bytes, version),
        &manifest,
    )
}

/// Write a component and its manifest under one name. Returns the component's path.
#[must_use]
pub fn write_release(folder: &Path, name: &str, component: impl AsRef<[u8]>, manifest: &str) -> PathBuf {
    let name = name.replace('.', "_");
    let path = folder.join(format!("{name}.wasm"));
    std::fs::write(&path, component).expect("the component can be written");
    // Without the schema, which is not beside it.
    let text = manifest.replace("[config]\nschema = \"config.schema.json\"\n", "");
    std::fs::write(folder.join(format!("{name}.toml")), text).expect("the manifest can be written");
    path
}

/// The component with a custom section at its end, which changes its digest and nothing else.
fn with_section(mut component: Vec<u8>, text: &str) -> Vec<u8> {
    let name = b"release";
    let length = 1 + name.len() + text.len();
    let short = |length: usize| {
        u8::try_from(length)
            .ok()
            .filter(|length| *length < 0x80)
            .expect("a short section")
    };
    component.extend([0, short(length), short(name.len())]);
    component.extend(name);
    component.extend(text.as_bytes());
    component
}
