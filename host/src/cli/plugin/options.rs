//! Command-line options that set up a plugin: configuration, catalog, currency, upstreams, secrets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use url::{Host, Url};

use super::error::VerbError;
use super::target_plugin::{BuiltPlugin, PluginSource, display_path, join_lines, read_text};
use tillhouse_catalog::Catalog;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::secret::Secret;
use tillhouse_egress::Upstream;
use tillhouse_plugin_tools::check;
use tillhouse_runtime::config::Document;
use tillhouse_runtime::function::Function;
use tillhouse_runtime::{Binding, Component, RequestedUpstream};
use tillhouse_server::config::{self, Sources};

/// Options that set up a plugin.
#[derive(Clone, Debug, Args)]
pub(super) struct PluginOptions {
    /// Configuration of the plugin. Default: config.toml or default-config.toml beside the manifest, if it exists. Validated
    /// against the schema that the manifest names.
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Catalog of the merchant. Default: catalog.csv, demo-catalog.csv or fixtures/catalog.csv beside the manifest, if it
    /// exists.
    #[arg(long, value_name = "FILE.csv")]
    catalog: Option<PathBuf>,
    /// Currency of the shop (ISO 4217).
    #[arg(long, default_value = "usd", value_parser = parse_currency)]
    pub(super) currency: Currency,
    /// URL that requests to an upstream of the manifest go to. Plain http and private addresses are allowed for a loopback URL
    /// only. May be repeated.
    #[arg(long = "upstream", value_name = "NAME=URL", value_parser = parse_upstream)]
    upstreams: Vec<(String, Url)>,
    /// Secret of the manifest; @VARIABLE reads it from the environment. May be repeated.
    #[arg(long = "secret", value_name = "NAME=VALUE|NAME=@VARIABLE", value_parser = parse_pair)]
    secrets: Vec<(String, String)>,
}

impl PluginOptions {
    /// Path of the configuration, if there is one.
    pub(super) fn config_file(&self, source: &PluginSource) -> Option<PathBuf> {
        let beside = || source.file_beside(&["config.toml", "default-config.toml"]);
        self.config.clone().or_else(beside)
    }

    /// The configuration as TOML, empty if there is none.
    pub(super) fn config_table(&self, source: &PluginSource) -> Result<toml::Table, VerbError> {
        let Some(file) = self.config_file(source) else {
            return Ok(toml::Table::new());
        };
        let (text, name) = (read_text(&file)?, display_path(&file));
        config::flatten(&text, Some(&name), Some(self.currency)).map_err(VerbError::Diagnostics)?;
        let table = Document::parse(&text, Some(&name)).and_then(|document| document.table());
        table.map_err(|error| VerbError::Diagnostics(vec![error.diagnostic(Some(&name))]))
    }

    /// Validate the configuration against the plugin's schema. A host does not: there, mistakes show up in some later call.
    pub(super) fn validate_config(&self, source: &PluginSource, plugin: &BuiltPlugin) -> Result<(), VerbError> {
        let Some(file) = self.config_file(source) else {
            return Ok(());
        };
        match check::configured(
            &plugin.artifact,
            &display_path(&file),
            &read_text(&file)?,
            self.currency,
        ) {
            problems if problems.is_empty() => Ok(()),
            problems => Err(VerbError::Diagnostics(problems)),
        }
    }

    /// The configuration as the plugin sees it: text by dotted key.
    pub(super) fn flat_config(&self, source: &PluginSource) -> Result<BTreeMap<String, String>, VerbError> {
        let Some(file) = self.config_file(source) else {
            return Ok(BTreeMap::new());
        };
        config::flatten(&read_text(&file)?, Some(&display_path(&file)), Some(self.currency))
            .map_err(VerbError::Diagnostics)
    }

    /// Path of the catalog, if there is one.
    pub(super) fn catalog_file(&self, source: &PluginSource) -> Option<PathBuf> {
        let beside = || source.file_beside(&["catalog.csv", "demo-catalog.csv", "fixtures/catalog.csv"]);
        self.catalog.clone().or_else(beside)
    }

    /// The catalog; empty if there is none.
    pub(super) fn catalog(&self, source: &PluginSource) -> Result<Catalog, VerbError> {
        match self.catalog_file(source) {
            Some(file) => read_catalog(&file),
            None => Ok(Catalog::default()),
        }
    }

    /// A note that there is no catalog, if this function would look items up in it.
    pub(super) fn missing_catalog_note(
        &self,
        source: &PluginSource,
        plugin: &BuiltPlugin,
        function: Function,
    ) -> Option<String> {
        let reads = || {
            plugin
                .artifact
                .component_info()
                .is_ok_and(|component_info| component_info.uses("catalog"))
        };
        let is_of_items = matches!(function, Function::Price | Function::CheckStock | Function::QuoteWhole);
        let is_missing = is_of_items && self.catalog_file(source).is_none() && reads();
        is_missing.then(|| "there is no catalog, so no item is known; give --catalog FILE.csv".to_owned())
    }

    /// URL that was given for an upstream.
    pub(super) fn upstream(&self, name: &str) -> Option<&Url> {
        let named = self.upstreams.iter().find(|(given, _)| given == name);
        named.map(|(_, url)| url)
    }

    /// The secrets by name, with `@VARIABLE` read from the environment.
    pub(super) fn secrets(&self) -> Result<BTreeMap<String, Arc<Secret>>, VerbError> {
        let sources = Sources::process("");
        let value = |(name, text): &(String, String)| {
            let secret = config::secret_word(text, &sources);
            let secret = secret.map_err(|problem| VerbError::Usage(format!("--secret {name}: {problem}")))?;
            Ok((name.clone(), Arc::new(secret)))
        };
        self.secrets.iter().map(value).collect()
    }

    /// Bind the plugin to configuration, secrets and upstreams. An upstream without a URL is not granted.
    pub(super) fn binding(
        &self,
        source: &PluginSource,
        plugin: &BuiltPlugin,
        component: Arc<Component>,
    ) -> Result<Binding, VerbError> {
        let manifest = &plugin.manifest;
        self.check_names(&manifest.upstreams)?;
        let mut binding = Binding::new(manifest.id.clone(), manifest.version.clone(), component);
        binding.config = self.flat_config(source)?;
        binding.secrets = self.secrets()?;
        for requested in &manifest.upstreams {
            if let Some(url) = self.upstream(&requested.name) {
                binding
                    .upstreams
                    .insert(requested.name.clone(), grant_upstream(requested, url)?);
            }
        }
        Ok(binding)
    }

    /// Reject upstreams and secrets that the manifest does not ask for: they would be ignored silently.
    pub(super) fn check_names(&self, requested_upstreams: &[RequestedUpstream]) -> Result<(), VerbError> {
        let upstreams: Vec<&str> = requested_upstreams
            .iter()
            .map(|requested| requested.name.as_str())
            .collect();
        let secrets: Vec<&str> = requested_upstreams
            .iter()
            .flat_map(|requested| &requested.secrets)
            .map(String::as_str)
            .collect();
        let asked = self.upstreams.iter().map(|(name, _)| ("upstream", name, &upstreams));
        let mut asked = asked.chain(self.secrets.iter().map(|(name, _)| ("secret", name, &secrets)));
        match asked.find(|(_, name, known)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((what, name, known)) => Err(VerbError::Usage(format!(
                "--{what} {name}: the manifest does not ask for this {what}; it asks for {}",
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            ))),
        }
    }
}

/// Whether the host of a URL is `localhost` or a loopback address.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn grant_upstream(requested: &RequestedUpstream, url: &Url) -> Result<Upstream, VerbError> {
    let upstream = Upstream::new(requested.name.as_str(), url.as_str());
    let mut upstream = upstream.map_err(|error| VerbError::Usage(error.to_string()))?;
    upstream.allow_http = is_loopback(url);
    upstream.allow_private = is_loopback(url);
    upstream.secrets.clone_from(&requested.secrets);
    upstream.credential_slots.clone_from(&requested.credential_slots);
    Ok(upstream)
}

pub(super) fn read_catalog(file: &Path) -> Result<Catalog, VerbError> {
    let at = |problem: &str| format!("{}: {problem}", file.display());
    let open = std::fs::File::open(file).map_err(|error| VerbError::Usage(at(&error.to_string())))?;
    Catalog::from_csv(open).map_err(|errors| VerbError::Plugin(at(&join_lines(&errors))))
}

fn parse_currency(text: &str) -> Result<Currency, String> {
    Currency::new(text).map_err(|error| error.to_string())
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let both = text
        .split_once('=')
        .filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = both.ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_upstream(text: &str) -> Result<(String, Url), String> {
    let (name, url) = parse_pair(text).map_err(|_| "expected NAME=URL, such as acquirer=http://127.0.0.1:8080")?;
    let url = Url::parse(&url).map_err(|error| format!("{url}: {error}"))?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!(
            "{url} is plain http; use https, or a URL of this machine such as http://127.0.0.1:8080"
        ));
    }
    Ok((name, url))
}
