//! Turns the configuration of plugins into what can be bound: reads files, checks manifests, applies grants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::served::{ConfiguredPlugin, PluginGrants};
use crate::config::{Grant, PluginConfig, UpstreamConfig};
use tillhouse_checkout::outage::OutageCause;
use tillhouse_egress::Upstream;
use tillhouse_runtime::{Binding, Component, Manifest, Plugins, RequestedUpstream};

/// Default file name of a manifest.
pub(super) const MANIFEST: &str = "plugin.toml";

/// The plugin that provides what a merchant's own plugins do not: the reference shop, or one that the operator names.
#[derive(Clone, Debug)]
pub struct FallbackPlugin {
    /// Bytes of the WebAssembly component.
    pub component: Vec<u8>,
    /// Text of the manifest, TOML.
    pub manifest: String,
    /// Its configuration, flattened; a merchant's own `[plugins.config]` does not apply to it.
    pub config: BTreeMap<String, String>,
}

/// The binding of the plugin that provides what a merchant's own plugins do not.
///
/// # Errors
/// All errors of the bundled component.
pub(super) async fn fallback(
    plugins: &Plugins,
    bundled: Option<&FallbackPlugin>,
) -> Result<Option<Arc<Binding>>, Vec<String>> {
    let Some(bundled) = bundled else { return Ok(None) };
    let made = bundled_binding(plugins, bundled).await;
    let made = made.map_err(|errors| {
        errors
            .into_iter()
            .map(|error| format!("bundled component: {error}"))
            .collect::<Vec<_>>()
    })?;
    Ok(Some(Arc::new(made)))
}

async fn bundled_binding(plugins: &Plugins, bundled: &FallbackPlugin) -> Result<Binding, Vec<String>> {
    let manifest = parse_manifest(&bundled.manifest, Path::new(MANIFEST))?;
    let component = load(plugins, bundled.component.clone()).await?;
    let mut binding = Binding::new(manifest.id, manifest.version, component);
    binding.config.clone_from(&bundled.config);
    Ok(binding)
}

/// A plugin of a merchant as its table names it: its manifest, what of its requests is granted, and its component.
///
/// # Errors
/// All errors of the manifest and of the grants. Those of the component are in [`ConfiguredPlugin::component`]: another release
/// may have been loaded over it.
pub(super) async fn configured(
    plugins: &Plugins,
    config: &PluginConfig,
) -> Result<ConfiguredPlugin, Vec<(OutageCause, String)>> {
    let of_plugin =
        |errors: Vec<String>| -> Vec<_> { errors.into_iter().map(|it| (OutageCause::Plugin, it)).collect() };
    let (manifest_text, manifest) = manifest(config).map_err(of_plugin)?;
    let mut problems = Vec::new();
    let mut upstreams = BTreeMap::new();
    for requested in &manifest.upstreams {
        match grant(requested, config) {
            Ok(upstream) => {
                upstreams.insert(requested.name.clone(), upstream);
            }
            Err(problem) => problems.push((OutageCause::Configuration, problem)),
        }
    }
    for name in config.upstreams.keys().filter(|name| !upstreams.contains_key(*name)) {
        if manifest.upstreams.iter().all(|requested| requested.name != *name) {
            let problem = format!("upstreams.{name}: the manifest does not request this upstream; remove it");
            problems.push((OutageCause::Configuration, problem));
        }
    }
    let component = component(plugins, config, &manifest).await;
    if !problems.is_empty() {
        problems.splice(0..0, of_plugin(component.err().unwrap_or_default()));
        return Err(problems);
    }
    Ok(ConfiguredPlugin {
        file: config.component.display().to_string(),
        manifest_text,
        manifest,
        grants: PluginGrants {
            config: config.config.clone(),
            secrets: config.secrets.clone(),
            upstreams,
        },
        component,
    })
}

fn manifest(config: &PluginConfig) -> Result<(String, Manifest), Vec<String>> {
    let text = String::from_utf8(read(&config.manifest)?)
        .map_err(|_| vec![format!("{} is not UTF-8", config.manifest.display())])?;
    let manifest = parse_manifest(&text, &config.manifest)?;
    Ok((text, manifest))
}

async fn component(
    plugins: &Plugins,
    config: &PluginConfig,
    manifest: &Manifest,
) -> Result<Arc<Component>, Vec<String>> {
    let component = load(plugins, read(&config.component)?).await?;
    let errors = check_capabilities(manifest, &component);
    if errors.is_empty() { Ok(component) } else { Err(errors) }
}

/// Checks that the manifest declares exactly the capabilities that the component exports.
pub(super) fn check_capabilities(manifest: &Manifest, component: &Component) -> Vec<String> {
    let exported = component.capabilities();
    let Some(provided) = manifest.provides.filter(|provided| *provided != exported) else {
        return Vec::new();
    };
    vec![format!(
        "provides.capabilities of the manifest is {provided:?}, and the component exports {exported:?}; use the manifest that \
         belongs to the component"
    )]
}

/// The upstream that the manifest requests, restricted to what the operator grants.
fn grant(requested: &RequestedUpstream, config: &PluginConfig) -> Result<Upstream, String> {
    let name = &requested.name;
    let granted: &UpstreamConfig = config.upstreams.get(name).ok_or_else(|| {
        format!(
            "upstreams.{name}: the manifest requests it; add [merchants.….plugins.upstreams.{name}] with a base_url"
        )
    })?;
    let mut upstream = Upstream::new(name.as_str(), granted.base_url.as_str()).map_err(|error| error.to_string())?;
    upstream.allow_http = granted.allow_http;
    upstream.allow_private = granted.allow_loopback;
    upstream.timeout = granted.timeout;
    upstream.secrets = restrict(&requested.secrets, &granted.secrets);
    upstream.credential_slots = restrict(&requested.credential_slots, &granted.credential_slots);
    match upstream
        .secrets
        .iter()
        .find(|secret| !config.secrets.contains_key(*secret))
    {
        Some(missing) => Err(format!(
            "secrets.{missing}: is missing, and upstream {name} needs it; set it"
        )),
        None => Ok(upstream),
    }
}

fn restrict(requested: &BTreeSet<String>, grant: &Grant) -> BTreeSet<String> {
    match grant {
        Grant::All => requested.clone(),
        Grant::Nothing => BTreeSet::new(),
        Grant::Only(names) => requested.intersection(names).cloned().collect(),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Vec<String>> {
    std::fs::read(path).map_err(|error| vec![format!("{}: {error}", path.display())])
}

/// Parses a manifest; its errors name the file without its folder.
pub(super) fn parse_manifest(text: &str, file: &Path) -> Result<Manifest, Vec<String>> {
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    Manifest::parse_file(text, &name).map_err(|errors| errors.into_iter().map(|error| error.to_string()).collect())
}

async fn load(plugins: &Plugins, bytes: Vec<u8>) -> Result<Arc<Component>, Vec<String>> {
    plugins.load(bytes).await.map_err(|error| vec![error.to_string()])
}
