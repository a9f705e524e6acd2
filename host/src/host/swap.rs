//! Another release of a plugin for one merchant of a running host.
//!
//! What the operator granted stays: a release that asks for less gets less, and one that asks for more gets no more.

use std::collections::BTreeMap;

use super::bindings::{load, parse_manifest};
use crate::checkout::ids::{MerchantId, PluginId};
use crate::egress::Upstream;
use crate::plugin::{Binding, Digest, Manifest, Plugins, UpstreamWish};

/// A release to be.
#[derive(Clone, Debug)]
pub struct Release {
    /// The component's bytes.
    pub component: Vec<u8>,
    /// Its manifest. The id says whose place it takes.
    pub manifest: String,
    /// Its configuration, flattened. `None` keeps the one in force.
    pub config: Option<BTreeMap<String, String>>,
}

/// What is in force now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swapped {
    /// The plugin.
    pub plugin: PluginId,
    /// Its version, by its manifest.
    pub version: String,
    /// The component.
    pub digest: Digest,
    /// The component that was in force before.
    pub before: Digest,
    /// What the manifest asks for beyond what was granted, each as `upstream acquirer: secret api_key`.
    pub withheld: Vec<String>,
}

/// Why the release in force stays: everything that is wrong with the new one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SwapError(pub Vec<String>);

/// Compile the release, check it, and let it take the place of the one in force.
///
/// # Errors
/// Everything that is wrong with it; the one in force then goes on.
pub async fn swap(plugins: &Plugins, merchant: &MerchantId, release: Release) -> Result<Swapped, SwapError> {
    let one = |problem: String| SwapError(vec![problem]);
    let manifest = parse_manifest(&release.manifest).map_err(SwapError)?;
    let in_force = plugins.bound(merchant, &manifest.id);
    let in_force = in_force.map_err(|error| one(error.to_string()))?;
    let component = load(plugins, release.component).await.map_err(SwapError)?;
    let upstreams = granted(&manifest, &in_force)?;
    let withheld = withheld(&manifest, &upstreams);
    let mut binding = Binding::new(manifest.id, manifest.version, component);
    binding.config = release.config.unwrap_or_else(|| in_force.config.clone());
    binding.secrets.clone_from(&in_force.secrets);
    binding.upstreams = upstreams;
    let swapped = Swapped {
        plugin: binding.plugin.clone(),
        version: binding.version.clone(),
        digest: binding.component.digest(),
        before: in_force.component.digest(),
        withheld,
    };
    let replaced = plugins.replace(merchant, binding).await;
    replaced.map_err(|error| one(error.to_string()))?;
    Ok(swapped)
}

/// What the manifest asks for, cut down to what the one in force has.
fn granted(manifest: &Manifest, in_force: &Binding) -> Result<BTreeMap<String, Upstream>, SwapError> {
    let mut problems = Vec::new();
    let mut granted = BTreeMap::new();
    for wish in &manifest.upstreams {
        match in_force.upstreams.get(&wish.name) {
            Some(upstream) => {
                granted.insert(wish.name.clone(), cut(wish, upstream));
            }
            None => problems.push(format!(
                "upstreams.{}: the manifest asks for it, and it was not granted to the release in force; add it to the \
                 configuration and start again",
                wish.name
            )),
        }
    }
    if problems.is_empty() {
        Ok(granted)
    } else {
        Err(SwapError(problems))
    }
}

fn cut(wish: &UpstreamWish, upstream: &Upstream) -> Upstream {
    let mut upstream = upstream.clone();
    upstream.secrets.retain(|name| wish.secrets.contains(name));
    upstream
        .credential_slots
        .retain(|name| wish.credential_slots.contains(name));
    upstream
}

fn withheld(manifest: &Manifest, granted: &BTreeMap<String, Upstream>) -> Vec<String> {
    let of_wish = |wish: &UpstreamWish| {
        let upstream = granted.get(&wish.name);
        let has = |secret: bool, name: &String| {
            upstream.is_some_and(|upstream| match secret {
                true => upstream.secrets.contains(name),
                false => upstream.credential_slots.contains(name),
            })
        };
        let secrets = wish.secrets.iter().filter(|name| !has(true, name));
        let secrets = secrets.map(|name| format!("upstream {}: secret {name}", wish.name));
        let slots = wish.credential_slots.iter().filter(|name| !has(false, name));
        let slots = slots.map(|name| format!("upstream {}: credential slot {name}", wish.name));
        secrets.chain(slots).collect::<Vec<_>>()
    };
    manifest.upstreams.iter().flat_map(of_wish).collect()
}

#[cfg(test)]
mod tests;
