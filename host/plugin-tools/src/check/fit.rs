//! Checks that manifest and component match.

use super::{component, uses};
use crate::{Candidate, code};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};
use tillhouse_runtime::config::Document;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::inspect::ComponentInfo;
use tillhouse_runtime::{Capabilities, Capability, Manifest};

/// Compares capabilities, upstreams and version.
pub(super) fn look(candidate: &Candidate, anatomy: &ComponentInfo, manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) {
    let text = candidate.manifest_text.as_deref().unwrap_or_default();
    let Ok(document) = Document::parse(text, Some(&candidate.manifest_name)) else {
        return;
    };
    let place = |path: &[&str]| document.place(path);
    if let Some(provided) = manifest.provides {
        let place = place(&["provides", "capabilities"]);
        diagnostics.extend(provides(&place, provided, anatomy.capabilities()));
    }
    if anatomy.uses("egress") && !may_send(anatomy) {
        let place = uses::written_at(candidate, &["egress::"]).unwrap_or_else(|| component::file(candidate).into());
        diagnostics.push(sending_is_not_permitted(place));
    } else if anatomy.uses("egress") {
        diagnostics.extend(upstreams(&place(&["upstream"]), anatomy, manifest));
    } else if !manifest.upstreams.is_empty() {
        diagnostics.push(
            Diagnostic::warning(
                code::MANIFEST,
                place(&["upstream"]),
                "the manifest declares an upstream, but the component sends no requests",
            )
            .with_help("remove [[upstream]]; otherwise every operator is asked to grant it"),
        );
    }
    if let Some(package) = &candidate.package
        && package.version != manifest.version
    {
        diagnostics.push(
            Diagnostic::warning(
                code::MANIFEST,
                place(&["plugin", "version"]),
                format!(
                    "the version here is {}, but Cargo.toml has {}",
                    manifest.version, package.version
                ),
            )
            .with_help(format!("set version = \"{}\"", package.version)),
        );
    }
}

fn provides(place: &DiagnosticPlace, provided: Capabilities, exported: Capabilities) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for capability in provided.iter().filter(|capability| !exported.contains(*capability)) {
        let macro_name = capability.name().replace('-', "_");
        diagnostics.push(
            Diagnostic::error(
                code::MANIFEST,
                place.clone(),
                format!("{capability} is listed as provided, but the component does not export it"),
            )
            .with_help(format!(
                "add {macro_name} to tillhouse_plugin::export!(…) in src/lib.rs, or remove \"{capability}\" here"
            )),
        );
    }
    for capability in exported.iter().filter(|capability| !provided.contains(*capability)) {
        diagnostics.push(
            Diagnostic::error(
                code::MANIFEST,
                place.clone(),
                format!("the component exports {capability}, but it is not listed as provided"),
            )
            .with_help(format!("add \"{capability}\" to provides.capabilities")),
        );
    }
    diagnostics
}

/// Whether at least one exported function may send requests.
fn may_send(anatomy: &ComponentInfo) -> bool {
    let mut exported = Function::ALL
        .iter()
        .filter(|function| anatomy.exports(function.capability()));
    exported.any(|function| function.egress())
}

/// Diagnostic for a component that imports `egress`, although none of its functions may use it.
fn sending_is_not_permitted(place: DiagnosticPlace) -> Diagnostic {
    Diagnostic::error(code::MANIFEST, place, format!(
            "the component imports tillhouse:host/egress, but none of its functions may send requests, so each request would be \
             denied; functions that may send requests: {}",
            Function::senders()
        )).with_help("decide without a request, using the configuration or the catalog, or send the request from one of those functions")
}

fn upstreams(place: &DiagnosticPlace, anatomy: &ComponentInfo, manifest: &Manifest) -> Option<Diagnostic> {
    let charges = anatomy.exports(Capability::Payments);
    let lines = "[[upstream]]\nname = \"processor\"\nhosts = [\"api.processor.example\"]\nsecrets = [\"api_key\"]";
    let slots = "credential_slots = [\"number\", \"exp-month\", \"exp-year\", \"cryptogram\"]";
    if manifest.upstreams.is_empty() {
        let slots = if charges { format!("\n{slots}") } else { String::new() };
        return Some(Diagnostic::error(code::MANIFEST, place.clone(), "the component imports tillhouse:host/egress, but the manifest declares no upstream, so each request would be denied").with_help(format!("add, with the name that the code uses:\n{lines}{slots}")));
    }
    let has_slots = manifest
        .upstreams
        .iter()
        .any(|upstream| !upstream.credential_slots.is_empty());
    (charges && !has_slots).then(|| {
        Diagnostic::error(
            code::MANIFEST,
            place.clone(),
            "the component charges cards, but none of its upstreams has credential_slots",
        )
        .with_help(format!(
            "add to the upstream that receives the card, with the slots that the code fills:\n{slots}"
        ))
    })
}
