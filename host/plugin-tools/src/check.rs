//! Static checks of a plugin that need no merchant; all problems are reported at once.

mod component;
mod configuration;
mod fit;
mod uses;
mod words;

use super::{Candidate, Finding, Level, Package};
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::{Manifest, ManifestError};

/// Returns the errors that prevent a host from loading the plugin: in its manifest, its binary format, its imports and exports.
#[must_use]
pub fn loading(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    written(candidate, &mut findings);
    component::look(candidate, &mut findings);
    findings.retain(|finding| finding.level == Level::Wrong);
    findings
}

/// Checks a TOML configuration file against the host's rules and the plugin's schema.
#[must_use]
pub fn configured(candidate: &Candidate, file: &str, text: &str, currency: Currency) -> Vec<Finding> {
    configuration::of_file(candidate, file, text, currency)
}

/// Checks a configuration against the host's rules only, independent of the plugin.
#[must_use]
pub fn flat(file: &str, text: &str, table: &toml::Table, currency: Currency) -> Vec<Finding> {
    configuration::unflat(file, text, table, Some(currency))
}

/// Returns the diagnostic for a missing manifest of this name, with a manifest to write.
#[must_use]
pub fn no_manifest(name: &str, package: Option<&Package>) -> Finding {
    words::no_manifest(name, package)
}

/// Checks a built plugin: its manifest, its binary format, its imports and exports, and whether manifest and component match.
#[must_use]
pub fn built(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    if candidate.manifest_text.is_none() && candidate.unreadable.is_none() {
        findings.push(no_manifest(&candidate.manifest_name, candidate.package.as_ref()));
    }
    written(candidate, &mut findings);
    let anatomy = component::look(candidate, &mut findings);
    if let (Some(anatomy), Some(manifest)) = (anatomy, candidate.manifest()) {
        fit::look(candidate, &anatomy, &manifest, &mut findings);
    }
    findings
}

/// Like [`built`], and also checks the configuration and whether the component compiles within the limits of a host.
#[must_use]
pub fn everything(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_component = built(candidate);
    // Compiling a component with errors would only report the same errors again in other words.
    let is_whole = of_component
        .iter()
        .all(|finding| !component::is_of_component(candidate, finding));
    findings.extend(of_component);
    if is_whole {
        component::try_out(candidate, &mut findings);
    }
    configuration::look(candidate, &mut findings);
    findings
}

/// Checks the manifest if it exists.
fn written(candidate: &Candidate, findings: &mut Vec<Finding>) {
    findings.extend(candidate.unreadable.clone());
    let text = candidate.manifest_text.as_deref();
    if let Some(Err(errors)) = text.map(Manifest::parse) {
        let name = &candidate.manifest_name;
        findings.extend(errors.iter().map(|error| words::of_manifest(name, error)));
    }
}

/// Place of a manifest error, as `FILE:LINE`.
fn place(name: &str, error: &ManifestError) -> String {
    super::finding::at(name, Some(error.line()))
}
