//! Turns the configuration of plugins into bindings: reads files, checks manifests, applies grants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, Grant, MerchantConfig, PluginConfig, UpstreamConfig};
use tillhouse_catalog::Catalog;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outage::{Outage, OutageCause};
use tillhouse_egress::Upstream;
use tillhouse_runtime::{Binding, Component, Manifest, MerchantPlugins, Plugins, RequestedUpstream};

use super::error::StartError;

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

/// Installs plugins and catalog of every merchant. If that fails for a merchant, only that merchant is out of service.
///
/// # Errors
/// All errors, if they affect every merchant or the bundled component.
pub async fn install(
    plugins: &Plugins,
    config: &Config,
    bundled: Option<&FallbackPlugin>,
) -> Result<BTreeMap<MerchantId, Outage>, StartError> {
    let mut problems = Vec::new();
    let fallback = match bundled {
        None => None,
        Some(bundled) => match bundled_binding(plugins, bundled).await {
            Ok(binding) => Some(Arc::new(binding)),
            Err(errors) => {
                problems.extend(
                    errors
                        .into_iter()
                        .map(|problem| format!("bundled component: {problem}")),
                );
                None
            }
        },
    };
    let mut outages = BTreeMap::new();
    for (id, merchant) in &config.merchants {
        if let Err(outage) = install_merchant(plugins, id, merchant, fallback.clone()).await {
            outages.insert(id.clone(), outage);
        }
    }
    let none_served = outages.len() == config.merchants.len();
    if problems.is_empty() && !none_served {
        return Ok(outages);
    }
    problems.extend(outages.into_values().flat_map(|outage| outage.details));
    Err(StartError::Invalid(problems))
}

async fn install_merchant(
    plugins: &Plugins,
    id: &MerchantId,
    merchant: &MerchantConfig,
    fallback: Option<Arc<Binding>>,
) -> Result<(), Outage> {
    let mut outage = Outage::default();
    for error in &merchant.plugin_errors {
        outage.add(OutageCause::Configuration, error.to_string());
    }
    let catalog = catalog(merchant).unwrap_or_else(|errors| {
        for problem in errors {
            outage.add(OutageCause::Catalog, format!("merchants.{id}.{problem}"));
        }
        Catalog::default()
    });
    let mut bindings = Vec::new();
    // A faulty configuration lacks some plugins, so the indexes of the rest are not those of the file.
    let whole = merchant.plugins.iter().filter(|_| merchant.plugin_errors.is_empty());
    for (index, plugin) in whole.enumerate() {
        match binding(plugins, plugin).await {
            Ok(binding) => bindings.push(Arc::new(binding)),
            Err(errors) => {
                for (cause, problem) in errors {
                    outage.add(cause, format!("merchants.{id}.plugins[{index}]: {problem}"));
                }
            }
        }
    }
    if !outage.details.is_empty() {
        return Err(outage);
    }
    let set = MerchantPlugins {
        bindings,
        fallback,
        catalog: Arc::new(catalog),
        currency: merchant.currency,
    };
    plugins.install(id.clone(), set).await.map_err(|errors| {
        for problem in errors {
            outage.add(OutageCause::Configuration, format!("merchants.{id}.plugins: {problem}"));
        }
        outage
    })
}

fn catalog(merchant: &MerchantConfig) -> Result<Catalog, Vec<String>> {
    let Some(path) = &merchant.catalog else {
        return Ok(Catalog::default());
    };
    let catalog_error = |problem: String| format!("catalog: {}: {problem}", path.display());
    let file = std::fs::File::open(path).map_err(|error| vec![catalog_error(error.to_string())])?;
    Catalog::from_csv(file).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| catalog_error(error.to_string()))
            .collect()
    })
}

async fn bundled_binding(plugins: &Plugins, bundled: &FallbackPlugin) -> Result<Binding, Vec<String>> {
    let manifest = parse_manifest(&bundled.manifest, Path::new(MANIFEST))?;
    let component = load(plugins, bundled.component.clone()).await?;
    let mut binding = Binding::new(manifest.id, manifest.version, component);
    binding.config.clone_from(&bundled.config);
    Ok(binding)
}

async fn binding(plugins: &Plugins, config: &PluginConfig) -> Result<Binding, Vec<(OutageCause, String)>> {
    let of_plugin =
        |errors: Vec<String>| -> Vec<_> { errors.into_iter().map(|it| (OutageCause::Plugin, it)).collect() };
    let (manifest, component) = files(plugins, config).await.map_err(of_plugin)?;
    let mut problems = of_plugin(check_capabilities(&manifest, &component));
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
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut binding = Binding::new(manifest.id, manifest.version, component);
    binding.config.clone_from(&config.config);
    binding.secrets.clone_from(&config.secrets);
    binding.granted.clone_from(&upstreams);
    binding.upstreams = upstreams;
    Ok(binding)
}

/// Reads the manifest and the component of a plugin.
async fn files(plugins: &Plugins, config: &PluginConfig) -> Result<(Manifest, Arc<Component>), Vec<String>> {
    let bytes = read(&config.component)?;
    let manifest = read(&config.manifest)?;
    let manifest =
        String::from_utf8(manifest).map_err(|_| vec![format!("{} is not UTF-8", config.manifest.display())])?;
    Ok((
        parse_manifest(&manifest, &config.manifest)?,
        load(plugins, bytes).await?,
    ))
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

pub(super) async fn load(plugins: &Plugins, bytes: Vec<u8>) -> Result<Arc<Component>, Vec<String>> {
    plugins.load(bytes).await.map_err(|error| vec![error.to_string()])
}
