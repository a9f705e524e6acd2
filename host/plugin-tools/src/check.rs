//! Static checks of a plugin that need no merchant; all problems are reported at once.

mod component;
mod configuration;
mod fit;
mod uses;
mod words;

use super::{Candidate, Package};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticSeverity};
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::Manifest;

/// Returns the errors that prevent a host from loading the plugin: in its manifest, its binary format, its imports and exports.
#[must_use]
pub fn loading(candidate: &Candidate) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    written(candidate, &mut diagnostics);
    component::look(candidate, &mut diagnostics);
    diagnostics.retain(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error);
    diagnostics
}

/// Checks a TOML configuration file against the host's rules and the plugin's schema.
#[must_use]
pub fn configured(candidate: &Candidate, file: &str, text: &str, currency: Currency) -> Vec<Diagnostic> {
    configuration::of_file(candidate, file, text, currency)
}

/// Returns the diagnostic for a missing manifest of this name, with a manifest to write.
#[must_use]
pub fn no_manifest(name: &str, package: Option<&Package>) -> Diagnostic {
    words::no_manifest(name, package)
}

/// Checks a built plugin: its manifest, its binary format, its imports and exports, and whether manifest and component match.
#[must_use]
pub fn built(candidate: &Candidate) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if candidate.manifest_text.is_none() && candidate.unreadable.is_none() {
        diagnostics.push(no_manifest(&candidate.manifest_name, candidate.package.as_ref()));
    }
    written(candidate, &mut diagnostics);
    let anatomy = component::look(candidate, &mut diagnostics);
    if let (Some(anatomy), Some(manifest)) = (anatomy, candidate.manifest()) {
        fit::look(candidate, &anatomy, &manifest, &mut diagnostics);
    }
    diagnostics
}

/// Like [`built`], and also checks the configuration and whether the component compiles within the limits of a host.
#[must_use]
pub fn everything(candidate: &Candidate) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let of_component = built(candidate);
    // Compiling a component with errors would only report the same errors again in other words.
    let is_whole = of_component
        .iter()
        .all(|diagnostic| !component::is_of_component(candidate, diagnostic));
    diagnostics.extend(of_component);
    if is_whole {
        component::try_out(candidate, &mut diagnostics);
    }
    configuration::look(candidate, &mut diagnostics);
    diagnostics
}

/// Checks the manifest if it exists.
fn written(candidate: &Candidate, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.extend(candidate.unreadable.clone());
    let text = candidate.manifest_text.as_deref();
    if let Some(Err(errors)) = text.map(|text| Manifest::parse_file(text, &candidate.manifest_name)) {
        diagnostics.extend(errors);
    }
}
