//! Authority of a plugin: what its imports allow it to do, and what its manifest asks for.

use std::collections::BTreeSet;

use crate::api::interface::TYPES_OF_MERCHANT;
use crate::component::linker::check_import;
use crate::component::manifest::Manifest;

/// Everything that a plugin asks for, one line each, so that two releases can be compared.
pub type Authority = BTreeSet<String>;

/// Description of the WASI imports that only Rust's standard library needs.
pub const STUB: &str = "nothing: an empty stub for Rust's standard library";

/// Describe what an import allows a plugin to do, for the operator.
#[must_use]
pub fn describe_import(import: &str) -> &'static str {
    let interface = import.split('@').next().unwrap_or(import);
    match interface {
        "tillhouse:host/catalog" => "reads the merchant's catalog",
        "tillhouse:host/clock" => "reads the time at which the phase began",
        "tillhouse:host/config" => "reads its configuration, without secrets",
        "tillhouse:host/counters" => "keeps counters of its own, committed with the checkout",
        "tillhouse:host/credentials" => "reads a credential's kind and last four digits, never the card number",
        "tillhouse:host/egress" => "sends requests to the upstreams of its manifest that the operator grants",
        "tillhouse:host/kv" => "keeps small values of its own, committed with the checkout",
        "tillhouse:host/log" => "writes log lines",
        "tillhouse:host/types" => "types only",
        _ if TYPES_OF_MERCHANT.contains(&interface) => "types only",
        _ if check_import(import).is_ok() => STUB,
        _ => "not provided by this host",
    }
}

/// Everything that a manifest asks for, one line for each upstream, host, secret and credential slot.
#[must_use]
pub fn requested_authority(manifest: &Manifest) -> Authority {
    let mut all = Authority::new();
    for upstream in &manifest.upstreams {
        let name = &upstream.name;
        all.insert(format!("upstream {name}"));
        if upstream.hosts.is_empty() {
            all.insert(format!("upstream {name}: any host"));
        }
        let named = |kind: &'static str, names: Vec<&String>| -> Vec<String> {
            let line = |it: &&String| format!("upstream {name}: {kind} {it}");
            names.iter().map(line).collect()
        };
        all.extend(named("host", upstream.hosts.iter().collect()));
        all.extend(named("secret", upstream.secrets.iter().collect()));
        all.extend(named("credential slot", upstream.credential_slots.iter().collect()));
    }
    all
}
