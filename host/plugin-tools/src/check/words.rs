//! What is wrong with manifests and components, as findings: what, and the way out.

use super::place;
use crate::finding::Finding;
use crate::{Package, TARGET};
use tillhouse_runtime::manifest::CONTRACT;
use tillhouse_runtime::{ManifestError, PackageError};

/// There is no manifest.
pub(super) fn no_manifest(name: &str, package: Option<&Package>) -> Finding {
    let (id, version) = package.map_or(("my-shop", "0.1.0"), |package| {
        (package.name.as_str(), package.version.as_str())
    });
    Finding::wrong(
        name,
        "there is none beside the plugin",
        format!("write one:\n[plugin]\nid = \"{id}\"\nversion = \"{version}\"\napi = \"{CONTRACT}\""),
    )
}

/// A mistake in a manifest.
pub(super) fn of_manifest(name: &str, error: &ManifestError) -> Finding {
    let place = place(name, error);
    match error {
        ManifestError::Form { reason, .. } => Finding::wrong(place, reason, "correct the TOML"),
        ManifestError::Value { key, reason, .. } => match reason.split_once("; add: ") {
            Some((what, line)) => Finding::wrong(place, format!("{key} {what}"), format!("add the line: {line}")),
            None if key == "plugin.api" => Finding::wrong(
                place,
                format!("{key}: {reason}"),
                format!("change the line to: api = \"{CONTRACT}\""),
            ),
            None => Finding::wrong(place, format!("{key}: {reason}"), format!("change {key}")),
        },
        ManifestError::Unknown { key, known, .. } => Finding::wrong(
            place,
            format!("{key} is no key of a manifest"),
            format!("remove it, or correct it to one of: {known}"),
        ),
    }
}

/// What keeps a component from being a plugin.
pub(super) fn of_package(file: &str, error: &PackageError) -> Finding {
    match error {
        PackageError::UnknownImport { import, remedy } => {
            Finding::wrong(file, format!("it imports {import}, which no host serves"), *remedy)
        }
        PackageError::UnknownExport { export } => Finding::wrong(
            file,
            format!("it exports {export}; this host speaks {CONTRACT}"),
            "depend on tillhouse-plugin 0.1 in Cargo.toml and build again",
        ),
        PackageError::NoCapability => Finding::wrong(
            file,
            "it exports no capability, so there is nothing that it decides",
            "name what it decides at the end of src/lib.rs: tillhouse_plugin::export!(Shop: pricing);",
        ),
        PackageError::CoreModule => Finding::wrong(
            file,
            "it is a core module, not a component",
            format!("build it with tillhouse plugin build, which builds for {TARGET}"),
        ),
        PackageError::TooLarge { size, limit } => Finding::wrong(
            file,
            format!("it has {size} bytes; a host takes {limit}"),
            "build it with tillhouse plugin build, and look for large dependencies with: cargo tree --edges normal",
        ),
        PackageError::Precompiled => Finding::wrong(
            file,
            "it is compiled code (.cwasm)",
            "take the .wasm component that it was compiled from",
        ),
        PackageError::NotWasm => Finding::wrong(
            file,
            "it is not WebAssembly",
            "give the .wasm file that tillhouse plugin build names",
        ),
        PackageError::Invalid(words) => Finding::wrong(
            file,
            format!("it is not valid here: {words}"),
            "build it again with tillhouse plugin build and tillhouse-plugin 0.1",
        ),
        PackageError::TooMany { what, found, limit } => Finding::wrong(
            file,
            format!("it has {found} {what}; a host takes {limit}"),
            "compose it of fewer components, or merge their modules",
        ),
        PackageError::Compiler(words) => Finding::wrong(
            file,
            format!("the WebAssembly compiler of the host failed on it: {words}"),
            "report it with the file: that is a fault of the host; until it is corrected, build the plugin as one component that is \
             not composed of others",
        ),
        PackageError::ShuttingDown => Finding::wrong(file, error.to_string(), "try again"),
    }
}
