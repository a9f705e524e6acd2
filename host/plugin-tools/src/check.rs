//! Everything that can be known of a plugin without a merchant, all at once.

mod component;
mod configuration;
mod fit;
mod uses;
mod words;

use super::{Candidate, Finding, Level, Package};
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::{Manifest, ManifestError};

/// What keeps a host from loading it: mistakes in its manifest, what its bytes are, and imports and exports that no host has.
#[must_use]
pub fn loading(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    written(candidate, &mut findings);
    component::look(candidate, &mut findings);
    findings.retain(|finding| finding.level == Level::Wrong);
    findings
}

/// What a host and the plugin's schema have against a configuration, which is a TOML file.
#[must_use]
pub fn configured(candidate: &Candidate, file: &str, text: &str, currency: Currency) -> Vec<Finding> {
    configuration::of_file(candidate, file, text, currency)
}

/// What a host has against it, whatever the plugin.
#[must_use]
pub fn flat(file: &str, text: &str, table: &toml::Table, currency: Currency) -> Vec<Finding> {
    configuration::unflat(file, text, table, Some(currency))
}

/// A manifest of this name is missing beside a component, or a package that one may be built from.
#[must_use]
pub fn no_manifest(name: &str, package: Option<&Package>) -> Finding {
    words::no_manifest(name, package)
}

/// What is wrong with what was built: its manifest, which may be missing, its bytes, its imports and exports, and what the one
/// says about the others.
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

/// The same, with the configuration, and whether the component compiles within the limits of a
/// host.
#[must_use]
pub fn everything(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_component = built(candidate);
    // What its names refuse would be refused again, in other words.
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

/// What is wrong with the manifest that there is.
fn written(candidate: &Candidate, findings: &mut Vec<Finding>) {
    findings.extend(candidate.unreadable.clone());
    let text = candidate.manifest_text.as_deref();
    if let Some(Err(errors)) = text.map(Manifest::parse) {
        let name = &candidate.manifest_name;
        findings.extend(errors.iter().map(|error| words::of_manifest(name, error)));
    }
}

/// What a mistake in a manifest is called in a finding.
fn place(name: &str, error: &ManifestError) -> String {
    super::finding::at(name, Some(error.line()))
}
