//! Static checks of a plugin that need no merchant; all problems are reported at once.

mod component;
mod configuration;
mod diagnostics;
mod imports_check;
mod manifest_check;

use super::{Artifact, Package};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticSeverity};
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::Manifest;

/// Returns the errors that prevent a host from loading the plugin: in its manifest, its binary format, its imports and exports.
#[must_use]
pub fn loading(artifact: &Artifact) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    check_manifest(artifact, &mut diagnostics);
    component::check(artifact, &mut diagnostics);
    diagnostics.retain(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error);
    diagnostics
}

/// Checks a TOML configuration file against the host's rules and the plugin's schema.
#[must_use]
pub fn configured(artifact: &Artifact, file: &str, text: &str, currency: Currency) -> Vec<Diagnostic> {
    configuration::check_file(artifact, file, text, currency)
}

/// Returns the diagnostic for a missing manifest of this name, with a manifest to write.
#[must_use]
pub fn no_manifest(name: &str, package: Option<&Package>) -> Diagnostic {
    diagnostics::no_manifest(name, package)
}

/// Checks a built plugin: its manifest, its binary format, its imports and exports, and whether manifest and component match.
#[must_use]
pub fn built(artifact: &Artifact) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if artifact.manifest_text.is_none() && artifact.unreadable.is_none() {
        diagnostics.push(no_manifest(&artifact.manifest_name, artifact.package.as_ref()));
    }
    check_manifest(artifact, &mut diagnostics);
    let component_info = component::check(artifact, &mut diagnostics);
    if let (Some(component_info), Some(manifest)) = (component_info, artifact.manifest()) {
        manifest_check::check(artifact, &component_info, &manifest, &mut diagnostics);
    }
    diagnostics
}

/// Like [`built`], and also checks the configuration and whether the component compiles within the limits of a host.
#[must_use]
pub fn everything(artifact: &Artifact) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let of_component = built(artifact);
    // Compiling a component with errors would only report the same errors again in other words.
    let is_whole = of_component
        .iter()
        .all(|diagnostic| !component::is_of_component(artifact, diagnostic));
    diagnostics.extend(of_component);
    if is_whole {
        component::compile(artifact, &mut diagnostics);
    }
    configuration::check(artifact, &mut diagnostics);
    diagnostics
}

/// Checks the manifest if it exists.
fn check_manifest(artifact: &Artifact, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.extend(artifact.unreadable.clone());
    let text = artifact.manifest_text.as_deref();
    if let Some(Err(errors)) = text.map(|text| Manifest::parse_file(text, &artifact.manifest_name)) {
        diagnostics.extend(errors);
    }
}
