//! What a manifest says against what the component is.

use super::{component, uses};
use crate::finding::at;
use crate::{Candidate, Finding};
use tillhouse_runtime::function::Function;
use tillhouse_runtime::inspect::Anatomy;
use tillhouse_runtime::manifest::line_of;
use tillhouse_runtime::{Capabilities, Capability, Manifest};

/// Compare.
pub(super) fn look(candidate: &Candidate, anatomy: &Anatomy, manifest: &Manifest, findings: &mut Vec<Finding>) {
    let text = candidate.manifest_text.as_deref().unwrap_or_default();
    let place = |path: &[&str]| at(&candidate.manifest_name, line_of(text, path));
    if let Some(provided) = manifest.provides {
        let place = place(&["provides", "capabilities"]);
        findings.extend(provides(&place, provided, anatomy.capabilities()));
    }
    if anatomy.uses("egress") && !may_send(anatomy) {
        let place = uses::written_at(candidate, &["egress::"]).unwrap_or_else(|| component::file(candidate));
        findings.push(nobody_may_send(place));
    } else if anatomy.uses("egress") {
        findings.extend(upstreams(&place(&["upstream"]), anatomy, manifest));
    } else if !manifest.upstreams.is_empty() {
        findings.push(Finding::advice(
            place(&["upstream"]),
            "it asks for an upstream, and the component sends no requests",
            "remove [[upstream]]: every operator is asked to grant it",
        ));
    }
    if let Some(package) = &candidate.package
        && package.version != manifest.version
    {
        findings.push(Finding::advice(
            place(&["plugin", "version"]),
            format!(
                "the version here is {} and that of Cargo.toml is {}",
                manifest.version, package.version
            ),
            format!("set version = \"{}\"", package.version),
        ));
    }
}

fn provides(place: &str, provided: Capabilities, exported: Capabilities) -> Vec<Finding> {
    let mut findings = Vec::new();
    for capability in provided.iter().filter(|capability| !exported.contains(*capability)) {
        let macro_name = capability.name().replace('-', "_");
        findings.push(Finding::wrong(
            place,
            format!("{capability} is provided, and the component does not export it"),
            format!("add {macro_name} to tillhouse_plugin::export!(…) in src/lib.rs, or remove \"{capability}\" here"),
        ));
    }
    for capability in exported.iter().filter(|capability| !provided.contains(*capability)) {
        findings.push(Finding::wrong(
            place,
            format!("the component exports {capability}, which is not among what it provides"),
            format!("add \"{capability}\" to provides.capabilities"),
        ));
    }
    findings
}

/// Whether one of the functions that it exports may send requests.
fn may_send(anatomy: &Anatomy) -> bool {
    let mut exported = Function::ALL
        .iter()
        .filter(|function| anatomy.exports(function.capability()));
    exported.any(|function| function.egress())
}

/// An upstream in the manifest would not help.
fn nobody_may_send(place: String) -> Finding {
    Finding::wrong(
        place,
        format!(
            "the component sends requests (it imports tillhouse:host/egress), and none of what it decides may send requests: each \
             of them would be denied; those that may are {}",
            Function::senders()
        ),
        "decide it without a request, from the configuration or the catalog, or send it from one of those",
    )
}

fn upstreams(place: &str, anatomy: &Anatomy, manifest: &Manifest) -> Option<Finding> {
    let charges = anatomy.exports(Capability::Payments);
    let lines = "[[upstream]]\nname = \"processor\"\nhosts = [\"api.processor.example\"]\nsecrets = [\"api_key\"]";
    let slots = "credential_slots = [\"number\", \"exp-month\", \"exp-year\", \"cryptogram\"]";
    if manifest.upstreams.is_empty() {
        let slots = if charges { format!("\n{slots}") } else { String::new() };
        return Some(Finding::wrong(
            place,
            "the component sends requests (it imports tillhouse:host/egress), and the manifest names nowhere to send them: each \
             of them would be denied",
            format!("add, with the name that the code uses:\n{lines}{slots}"),
        ));
    }
    let has_slots = manifest
        .upstreams
        .iter()
        .any(|upstream| !upstream.credential_slots.is_empty());
    (charges && !has_slots).then(|| {
        Finding::wrong(
            place,
            "the component charges, and none of its upstreams may be sent anything of a card",
            format!("add to the upstream that is sent the card, with the slots that the code fills:\n{slots}"),
        )
    })
}
