//! Diagnostics for errors in manifests and components, with their fixes.

use super::place;
use crate::finding::Finding;
use crate::{Package, TARGET};
use tillhouse_runtime::manifest::CONTRACT;
use tillhouse_runtime::{ManifestError, PackageError};

/// Diagnostic for a missing manifest.
pub(super) fn no_manifest(name: &str, package: Option<&Package>) -> Finding {
    let (id, version) = package.map_or(("my-shop", "0.1.0"), |package| {
        (package.name.as_str(), package.version.as_str())
    });
    Finding::wrong(
        name,
        "the manifest is missing",
        format!("create it:\n[plugin]\nid = \"{id}\"\nversion = \"{version}\"\napi = \"{CONTRACT}\""),
    )
}

/// Diagnostic for an error in a manifest.
pub(super) fn of_manifest(name: &str, error: &ManifestError) -> Finding {
    let place = place(name, error);
    match error {
        ManifestError::Form { reason, .. } => Finding::wrong(place, reason, "fix the TOML syntax"),
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
            format!("unknown key {key}"),
            format!("remove it, or rename it to one of: {known}"),
        ),
    }
}

/// Diagnostic for a component that a host rejects.
pub(super) fn of_package(file: &str, error: &PackageError) -> Finding {
    match error {
        PackageError::UnknownImport { import, remedy } => {
            Finding::wrong(file, format!("unsupported import: {import}"), *remedy)
        }
        PackageError::UnknownExport { export } => Finding::wrong(
            file,
            format!("unsupported export: {export}; this host supports {CONTRACT}"),
            "depend on tillhouse-plugin 0.1 in Cargo.toml and build again",
        ),
        PackageError::NoCapability => Finding::wrong(
            file,
            "the component exports no capability",
            "export its capabilities at the end of src/lib.rs: tillhouse_plugin::export!(Shop: pricing);",
        ),
        PackageError::CoreModule => Finding::wrong(
            file,
            "it is a core module, not a component",
            format!("build it with tillhouse plugin build, which builds for {TARGET}"),
        ),
        PackageError::TooLarge { size, limit } => Finding::wrong(
            file,
            format!("the component has {size} bytes; the limit is {limit}"),
            "build it with tillhouse plugin build, and look for large dependencies with: cargo tree --edges normal",
        ),
        PackageError::Precompiled => Finding::wrong(
            file,
            "it is precompiled code (.cwasm), not a component",
            "use the .wasm component that it was compiled from",
        ),
        PackageError::NotWasm => Finding::wrong(
            file,
            "it is not WebAssembly",
            "use the .wasm file that tillhouse plugin build prints",
        ),
        PackageError::Invalid(words) => Finding::wrong(
            file,
            format!("the component is not valid: {words}"),
            "build it again with tillhouse plugin build and tillhouse-plugin 0.1",
        ),
        PackageError::TooMany { what, found, limit } => Finding::wrong(
            file,
            format!("it has {found} {what}; the limit is {limit}"),
            "compose it of fewer components, or merge their modules",
        ),
        PackageError::Compiler(words) => Finding::wrong(
            file,
            format!("the WebAssembly compiler of the host failed: {words}"),
            "this is a bug of the host: report it with the file; until it is fixed, build the plugin as one component that is \
             not composed of others",
        ),
        PackageError::ShuttingDown => Finding::wrong(file, error.to_string(), "retry"),
    }
}
