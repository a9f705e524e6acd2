//! Diagnostics for missing manifests and errors in components, with their fixes.

use crate::{Package, TARGET, code};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_runtime::manifest::CONTRACT;
use tillhouse_runtime::{CONTRACT_VERSION, PackageError, REBUILD};

/// Diagnostic for a missing manifest.
pub(super) fn no_manifest(name: &str, package: Option<&Package>) -> Diagnostic {
    let (id, version) = package.map_or(("my-shop", "0.1.0"), |package| {
        (package.name.as_str(), package.version.as_str())
    });
    Diagnostic::error(code::MANIFEST, name, "the manifest is missing").with_help(format!(
        "create it:\n[plugin]\nid = \"{id}\"\nversion = \"{version}\"\napi = \"{CONTRACT}\""
    ))
}

/// Diagnostic for a component that a host rejects.
pub(super) fn package_error(file: &str, error: &PackageError) -> Diagnostic {
    match error {
        PackageError::UnknownImport { import, remedy } => {
            Diagnostic::error(code::COMPONENT, file, format!("unsupported import: {import}")).with_help(*remedy)
        }
        PackageError::UnknownExport { export } => Diagnostic::error(code::COMPONENT, file, format!("unsupported export: {export}; this host supports {CONTRACT}")).with_help(REBUILD),
        PackageError::NoCapability => Diagnostic::error(code::COMPONENT, file, "the component exports no capability").with_help("export its capabilities at the end of src/lib.rs: tillhouse_plugin::export!(Shop: pricing);"),
        PackageError::CoreModule => Diagnostic::error(code::COMPONENT, file, "it is a core module, not a component").with_help(format!("build it with tillhouse plugin build, which builds for {TARGET}")),
        PackageError::TooLarge { size, limit } => Diagnostic::error(code::COMPONENT, file, format!("the component has {size} bytes; the limit is {limit}")).with_help("build it with tillhouse plugin build, and look for large dependencies with: cargo tree --edges normal"),
        PackageError::Precompiled => Diagnostic::error(code::COMPONENT, file, "it is precompiled code (.cwasm), not a component").with_help("use the .wasm component that it was compiled from"),
        PackageError::NotWasm => Diagnostic::error(code::COMPONENT, file, "it is not WebAssembly").with_help("use the .wasm file that tillhouse plugin build prints"),
        PackageError::Invalid(message) => Diagnostic::error(code::COMPONENT, file, format!("the component is not valid: {message}")).with_help(format!("build it again with tillhouse plugin build and tillhouse-plugin {CONTRACT_VERSION}")),
        PackageError::TooMany { what, found, limit } => Diagnostic::error(code::COMPONENT, file, format!("it has {found} {what}; the limit is {limit}")).with_help("compose it of fewer components, or merge their modules"),
        PackageError::Compiler(message) => Diagnostic::error(code::COMPONENT, file, format!("the WebAssembly compiler of the host failed: {message}")).with_help("this is a bug of the host: report it with the file; until it is fixed, build the plugin as one component that is \
             not composed of others"),
        PackageError::ShuttingDown => Diagnostic::error(code::COMPONENT, file, error.to_string()).with_help("retry"),
    }
}
