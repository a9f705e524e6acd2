//! Checks that manifest and component match.

use super::{component, uses};
use crate::finding::at;
use crate::{Candidate, Finding};
use tillhouse_runtime::function::Function;
use tillhouse_runtime::inspect::Anatomy;
use tillhouse_runtime::manifest::line_of;
use tillhouse_runtime::{Capabilities, Capability, Manifest};

/// Compares capabilities, upstreams and version.
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
            "the manifest declares an upstream, but the component sends no requests",
            "remove [[upstream]]; otherwise every operator is asked to grant it",
        ));
    }
    if let Some(package) = &candidate.package
        && package.version != manifest.version
    {
        findings.push(Finding::advice(
            place(&["plugin", "version"]),
            format!(
                "the version here is {}, but Cargo.toml has {}",
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
            format!("{capability} is listed as provided, but the component does not export it"),
            format!("add {macro_name} to tillhouse_plugin::export!(…) in src/lib.rs, or remove \"{capability}\" here"),
        ));
    }
    for capability in exported.iter().filter(|capability| !provided.contains(*capability)) {
        findings.push(Finding::wrong(
            place,
            format!("the component exports {capability}, but it is not listed as provided"),
            format!("add \"{capability}\" to provides.capabilities"),
        ));
    }
    findings
}

/// Whether at least one exported function may send requests.
fn may_send(anatomy: &Anatomy) -> bool {
    let mut exported = Function::ALL
        .iter()
        .filter(|function| anatomy.exports(function.capability()));
    exported.any(|function| function.egress())
}

/// Diagnostic for a component that imports `egress`, although none of its functions may use it.
fn nobody_may_send(place: String) -> Finding {
    Finding::wrong(
        place,
        format!(
            "the component imports tillhouse:host/egress, but none of its functions may send requests, so each request would be \
             denied; functions that may send requests: {}",
            Function::senders()
        ),
        "decide without a request, using the configuration or the catalog, or send the request from one of those functions",
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
            "the component imports tillhouse:host/egress, but the manifest declares no upstream, so each request would be denied",
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
            "the component charges cards, but none of its upstreams has credential_slots",
            format!("add to the upstream that receives the card, with the slots that the code fills:\n{slots}"),
        )
    })
}
