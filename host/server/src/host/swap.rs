//! Another release of a plugin for one merchant of a running host.
//!
//! What the operator granted stays: a release that asks for less gets less, one that asks for more gets no more, and the one
//! before gets back what it had.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bindings::{load, parse_manifest, unkept};
use tillhouse_checkout::ids::{MerchantId, PluginId};
use tillhouse_egress::Upstream;
use tillhouse_runtime::{Binding, Capability, Component, Digest, Manifest, Plugins, UpstreamWish};

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
    /// What it decides that the one before did not.
    pub gained: Vec<Capability>,
    /// What it no longer decides: the merchant's other plugins do, or the bundled reference shop.
    pub lost: Vec<Capability>,
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
    let manifest = parse_manifest(&release.manifest).map_err(SwapError)?;
    let component = load(plugins, release.component).await.map_err(SwapError)?;
    let broken = unkept(&manifest, &component);
    if !broken.is_empty() {
        return Err(SwapError(broken));
    }
    let (plugin, version, digest) = (manifest.id.clone(), manifest.version.clone(), component.digest());
    let (exported, mut held_back) = (component.capabilities(), Vec::new());
    let make = |in_force: &Binding| {
        let made = successor(in_force, &manifest, component, release.config)?;
        held_back = withheld(&manifest, &made.upstreams);
        Ok(made)
    };
    let before = plugins.replace(merchant, &plugin, make).await;
    let before = before.map_err(|error| SwapError(vec![error.to_string()]))?;
    Ok(Swapped {
        plugin,
        version,
        digest,
        before: before.component.digest(),
        withheld: held_back,
        gained: exported.without(before.serves).iter().collect(),
        lost: before.serves.without(exported).iter().collect(),
    })
}

/// What takes the place of the one in force, with no more than the operator granted.
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

/// What the manifest asks for, cut down to what the operator granted.
fn granted(manifest: &Manifest, all: &BTreeMap<String, Upstream>) -> Result<BTreeMap<String, Upstream>, Vec<String>> {
    let mut problems = Vec::new();
    let mut granted = BTreeMap::new();
    for wish in &manifest.upstreams {
        match all.get(&wish.name) {
            Some(upstream) => {
                granted.insert(wish.name.clone(), cut(wish, upstream));
            }
            None => problems.push(format!(
                "upstreams.{}: the manifest asks for it, and it was not granted when the host started; add it to the \
                 configuration and start again",
                wish.name
            )),
        }
    }
    if problems.is_empty() {
        Ok(granted)
    } else {
        Err(problems)
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
