//! What a plugin may do beyond computing: what its imports give it, and what its manifest asks for.

use std::collections::BTreeSet;

use crate::component::linker::check_import;
use crate::component::manifest::Manifest;

/// Every single thing that a plugin asks for, so that two releases can be compared.
pub type Authority = BTreeSet<String>;

/// What the imports give that Rust's standard library drags in.
pub const STUB: &str = "nothing: an empty stand-in for Rust's standard library";

/// What an import gives, in words.
#[must_use]
pub fn given(import: &str) -> &'static str {
    let interface = import.split('@').next().unwrap_or(import);
    match interface {
        "tillhouse:host/catalog" => "reads the merchant's catalog",
        "tillhouse:host/clock" => "knows the time at which the call began",
        "tillhouse:host/config" => "reads its configuration, without secrets",
        "tillhouse:host/counters" => "keeps counters of its own, committed with the checkout",
        "tillhouse:host/credentials" => "knows a credential's kind and last four digits, never its number",
        "tillhouse:host/egress" => "sends requests to the upstreams of its manifest that the operator grants",
        "tillhouse:host/kv" => "keeps small values of its own, committed with the checkout",
        "tillhouse:host/log" => "writes log lines",
        "tillhouse:host/types" | "tillhouse:merchant/types" => "types only",
        _ if check_import(import).is_ok() => STUB,
        _ => "not served by this host",
    }
}

/// What a manifest asks for, one line for each upstream, host, secret and slot.
#[must_use]
pub fn wished(manifest: &Manifest) -> Authority {
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
