//! Replaces a plugin of one merchant by another release while the host runs.
//!
//! The operator's grants stay: a release that requests less gets less, one that requests more gets no more, and going back to the
//! previous one restores what it had.

use std::collections::BTreeMap;

use tillhouse_checkout::ids::PluginId;
use tillhouse_egress::Upstream;
use tillhouse_runtime::{Capability, Digest, Manifest, RequestedUpstream};

/// A release that replaces the current one.
#[derive(Clone, Debug)]
pub struct Release {
    /// Bytes of the WebAssembly component.
    pub component: Vec<u8>,
    /// Text of the manifest, TOML. Its id selects the plugin to replace.
    pub manifest: String,
    /// Its configuration, flattened. `None` keeps the current one.
    pub config: Option<BTreeMap<String, String>>,
}

/// The result of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwapResult {
    /// Id of the replaced plugin.
    pub plugin: PluginId,
    /// Version of the new release, from its manifest.
    pub version: String,
    /// Digest of the new component.
    pub digest: Digest,
    /// Digest of the previous component.
    pub before: Digest,
    /// What the manifest requests beyond the grants, each as `upstream acquirer: secret api_key`.
    pub not_granted: Vec<String>,
    /// Capabilities that only the new release serves.
    pub gained: Vec<Capability>,
    /// Capabilities that only the previous release served: another plugin of the merchant serves them now, or the bundled shop.
    pub lost: Vec<Capability>,
}

/// Why the current release stays: all errors of the new one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SwapError(pub Vec<String>);

/// The upstreams that the manifest requests, restricted to what the operator granted.
pub(super) fn granted(
    manifest: &Manifest,
    all: &BTreeMap<String, Upstream>,
) -> Result<BTreeMap<String, Upstream>, Vec<String>> {
    let mut problems = Vec::new();
    let mut granted = BTreeMap::new();
    for requested in &manifest.upstreams {
        match all.get(&requested.name) {
            Some(upstream) => {
                granted.insert(requested.name.clone(), restrict(requested, upstream));
            }
            None => problems.push(format!(
                "upstreams.{}: the manifest requests it, but it was not granted when the host started; add it to the \
                 configuration and restart the host",
                requested.name
            )),
        }
    }
    if problems.is_empty() {
        Ok(granted)
    } else {
        Err(problems)
    }
}

fn restrict(requested: &RequestedUpstream, upstream: &Upstream) -> Upstream {
    let mut upstream = upstream.clone();
    upstream.secrets.retain(|name| requested.secrets.contains(name));
    upstream
        .credential_slots
        .retain(|name| requested.credential_slots.contains(name));
    upstream
}

/// What the manifest requests beyond these upstreams, each as `upstream acquirer: secret api_key`. An upstream that is missing as a
/// whole is an error of [`granted`].
pub(super) fn missing_grants(manifest: &Manifest, granted: &BTreeMap<String, Upstream>) -> Vec<String> {
    let of_upstream = |requested: &RequestedUpstream| {
        let upstream = granted.get(&requested.name);
        let has = |secret: bool, name: &String| {
            upstream.is_some_and(|upstream| match secret {
                true => upstream.secrets.contains(name),
                false => upstream.credential_slots.contains(name),
            })
        };
        let secrets = requested.secrets.iter().filter(|name| !has(true, name));
        let secrets = secrets.map(|name| format!("upstream {}: secret {name}", requested.name));
        let slots = requested.credential_slots.iter().filter(|name| !has(false, name));
        let slots = slots.map(|name| format!("upstream {}: credential slot {name}", requested.name));
        secrets.chain(slots).collect::<Vec<_>>()
    };
    manifest.upstreams.iter().flat_map(of_upstream).collect()
}

#[cfg(test)]
mod tests;
