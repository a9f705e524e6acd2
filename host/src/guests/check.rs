//! Everything that can be known of a plugin without a merchant, all at once.

mod component;
mod configuration;
mod fit;
mod words;

use super::{Candidate, Finding};
use crate::plugin::{Manifest, ManifestError};

/// What is wrong with what was built: its bytes, its imports and exports, and what its manifest says about them.
#[must_use]
pub fn built(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let anatomy = component::look(candidate, &mut findings);
    if let (Some(anatomy), Some(manifest)) = (anatomy, candidate.manifest()) {
        fit::look(candidate, &anatomy, &manifest, &mut findings);
    }
    findings
}

/// The same, with the manifest itself, the configuration, and whether the component compiles within the limits of a host.
#[must_use]
pub fn everything(candidate: &Candidate) -> Vec<Finding> {
    let mut findings = Vec::new();
    manifest(candidate, &mut findings);
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

fn manifest(candidate: &Candidate, findings: &mut Vec<Finding>) {
    let name = &candidate.manifest_name;
    let Some(text) = &candidate.manifest_text else {
        findings.push(words::no_manifest(candidate));
        return;
    };
    if let Err(errors) = Manifest::parse(text) {
        findings.extend(errors.iter().map(|error| words::of_manifest(name, error)));
    }
}

/// What a mistake in a manifest is called in a finding.
fn place(name: &str, error: &ManifestError) -> String {
    super::finding::at(name, Some(error.line()))
}
