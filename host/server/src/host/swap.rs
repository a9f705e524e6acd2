//! Replaces a plugin of one merchant by another release while the host runs.
//!
//! The operator's grants stay: a release that requests less gets less, one that requests more gets no more, and going back to the
//! previous one restores what it had.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::bindings::{MANIFEST, check_capabilities, load, parse_manifest};
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_egress::Upstream;
use tillhouse_runtime::{Binding, Capability, Component, Digest, Manifest, Plugins, RequestedUpstream};

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

/// Compiles the release, checks it, and replaces the current one.
///
/// # Errors
/// All errors of the release; the current one stays in force.
pub async fn swap(plugins: &Plugins, merchant: &MerchantId, release: Release) -> Result<SwapResult, SwapError> {
    let manifest = parse_manifest(&release.manifest, Path::new(MANIFEST)).map_err(SwapError)?;
    let component = load(plugins, release.component).await.map_err(SwapError)?;
    let errors = check_capabilities(&manifest, &component);
    if !errors.is_empty() {
        return Err(SwapError(errors));
    }
    let (plugin, version, digest) = (manifest.id.clone(), manifest.version.clone(), component.digest());
    let (exported, mut not_granted) = (component.capabilities(), Vec::new());
    let make = |in_force: &Binding| {
        let made = successor(in_force, &manifest, component, release.config)?;
        not_granted = missing_grants(&manifest, &made.upstreams);
        Ok(made)
    };
    let before = plugins.replace(merchant, &plugin, make).await;
    let before = before.map_err(|error| SwapError(vec![error.to_string()]))?;
    Ok(SwapResult {
        plugin,
        version,
        digest,
        before: before.component.digest(),
        not_granted,
        gained: exported.without(before.serves).iter().collect(),
        lost: before.serves.without(exported).iter().collect(),
    })
}

/// The binding that replaces the current one, with no more than the operator granted.
fn successor(
    in_force: &Binding,
    manifest: &Manifest,
    component: Arc<Component>,
    config: Option<BTreeMap<String, String>>,
) -> Result<Binding, Vec<String>> {
    let mut binding = Binding::new(manifest.id.clone(), manifest.version.clone(), component);
    binding.config = config.unwrap_or_else(|| in_force.config.clone());
    binding.secrets.clone_from(&in_force.secrets);
    binding.upstreams = granted(manifest, &in_force.granted)?;
    binding.granted.clone_from(&in_force.granted);
    Ok(binding)
}

/// The upstreams that the manifest requests, restricted to what the operator granted.
fn granted(manifest: &Manifest, all: &BTreeMap<String, Upstream>) -> Result<BTreeMap<String, Upstream>, Vec<String>> {
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

fn missing_grants(manifest: &Manifest, granted: &BTreeMap<String, Upstream>) -> Vec<String> {
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
