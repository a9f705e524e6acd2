//! Checks that manifest and component match.

use super::{component, imports_check};
use crate::{Artifact, code};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};
use tillhouse_runtime::config::Document;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::inspect::ComponentInfo;
use tillhouse_runtime::{Capabilities, Capability, Manifest};

/// Compares capabilities, upstreams and version.
pub(super) fn check(
    artifact: &Artifact,
    component_info: &ComponentInfo,
    manifest: &Manifest,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let text = artifact.manifest_text.as_deref().unwrap_or_default();
    let Ok(document) = Document::parse(text, Some(&artifact.manifest_name)) else {
        return;
    };
    let place = |path: &[&str]| document.place(path);
    if let Some(provided) = manifest.provides {
        let place = place(&["provides", "capabilities"]);
        diagnostics.extend(provides(&place, provided, component_info.capabilities()));
    }
    if component_info.uses("egress") && !may_send(component_info) {
        let place =
            imports_check::find_in_sources(artifact, &["egress::"]).unwrap_or_else(|| component::file(artifact).into());
        diagnostics.push(no_function_may_send(place));
    } else if component_info.uses("egress") {
        diagnostics.extend(upstreams(&place(&["upstream"]), component_info, manifest));
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
    if let Some(package) = &artifact.package
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
fn may_send(component_info: &ComponentInfo) -> bool {
    let mut exported = Function::ALL
        .iter()
        .filter(|function| component_info.exports(function.capability()));
    exported.any(|function| function.egress())
}

/// Diagnostic for a component that imports `egress`, although none of its functions may use it.
fn no_function_may_send(place: DiagnosticPlace) -> Diagnostic {
    Diagnostic::error(code::MANIFEST, place, format!(
            "the component imports tillhouse:host/egress, but none of its functions may send requests, so each request would be \
             denied; functions that may send requests: {}",
            Function::senders()
        )).with_help("decide without a request, using the configuration or the catalog, or send the request from one of those functions")
}

fn upstreams(place: &DiagnosticPlace, component_info: &ComponentInfo, manifest: &Manifest) -> Option<Diagnostic> {
    let charges = component_info.exports(Capability::Payments);
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
