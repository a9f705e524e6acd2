//! The merchant of the development host: the plugin in front of the bundled ones.

use std::path::Path;
use std::sync::Arc;

use tillhouse_sandbox::Sandbox;
use toml::{Table, Value};
use url::Url;

use crate::cli::plugin::error::VerbError;
use crate::cli::plugin::options::{PluginOptions, is_loopback, read_catalog};
use crate::cli::plugin::target_plugin::{BuiltPlugin, PluginSource, join_lines};
use tillhouse_catalog::Catalog;
use tillhouse_console::bundled::{BundledPlugin, CATALOG};
use tillhouse_console::local_host::{self, MERCHANT};
use tillhouse_egress::Client;
use tillhouse_runtime::trial::Trial;
use tillhouse_runtime::{Capability, EngineSettings, RequestedUpstream, SharedEngine};
use tillhouse_server::clock_and_ids::SystemClock;

/// Whether the plugin charges cards itself. Loads the component, so that an invalid one is rejected here.
pub(super) async fn charges_cards(code: &SharedEngine, plugin: &BuiltPlugin) -> Result<bool, VerbError> {
    let machine = |error: &dyn std::fmt::Display| VerbError::Machine(error.to_string());
    let client = Client::new().map_err(|error| machine(&error))?;
    let settings = EngineSettings::default();
    let trial = Trial::new(code.clone(), &settings, Arc::new(SystemClock), client).map_err(|error| machine(&error))?;
    let component = trial.load(plugin.artifact.bytes.clone()).await;
    let component = component.map_err(|error| VerbError::Plugin(error.to_string()))?;
    Ok(component.capabilities().contains(Capability::Payments))
}

/// Write the processor and the catalog into the data folder, and read the catalog: that of the plugin, or else the demo's.
pub(super) fn prepare_catalog(
    options: &PluginOptions,
    source: &PluginSource,
    data: &Path,
    processor: &BundledPlugin,
) -> Result<Catalog, VerbError> {
    let unwritable = |error: std::io::Error| VerbError::Machine(format!("{}: {error}", data.display()));
    std::fs::create_dir_all(data).map_err(unwritable)?;
    let file = data.join("catalog.csv");
    match options.catalog_file(source) {
        Some(own) => {
            let copied = std::fs::copy(&own, &file);
            copied.map_err(|error| VerbError::Usage(format!("{}: {error}", own.display())))?;
        }
        None => std::fs::write(&file, CATALOG).map_err(unwritable)?,
    }
    local_host::write_processor(data, processor).map_err(unwritable)?;
    read_catalog(&file)
}

/// Check that every upstream of the manifest has a URL: those for card data are simulated, the others must be given.
pub(super) fn check_upstreams(
    options: &PluginOptions,
    requested_upstreams: &[RequestedUpstream],
) -> Result<(), VerbError> {
    options.check_names(requested_upstreams)?;
    let is_missing = |requested: &&RequestedUpstream| {
        requested.credential_slots.is_empty() && options.upstream(&requested.name).is_none()
    };
    match requested_upstreams.iter().find(is_missing) {
        None => Ok(()),
        Some(RequestedUpstream { name, .. }) => Err(VerbError::Usage(format!(
            "the manifest asks for upstream {name}; give --upstream {name}=URL"
        ))),
    }
}

/// Inputs from which the host's configuration is built.
pub(super) struct MerchantInputs<'a> {
    pub(super) listen: &'a str,
    pub(super) options: &'a PluginOptions,
    pub(super) source: &'a PluginSource,
    pub(super) plugin: &'a BuiltPlugin,
    /// Whether the plugin charges cards itself.
    pub(super) charges: bool,
}

impl MerchantInputs<'_> {
    /// The configuration of the host, as an operator would write it.
    pub(super) fn configuration(&self, sandbox: &Sandbox) -> Result<String, VerbError> {
        let currency = self.options.currency.to_string().to_ascii_lowercase();
        let mut text =
            local_host::configuration(sandbox, self.listen, &currency) + &local_host::webhooks(sandbox, MERCHANT);
        if !self.charges {
            text += &local_host::processor(sandbox);
        }
        let own = self.plugin_table(sandbox)?;
        let mut config: Table = text.parse().map_err(|error| VerbError::Usage(format!("{error}")))?;
        let merchant = config.get_mut("merchants").and_then(|all| all.get_mut(MERCHANT));
        if let Some(merchant) = merchant.and_then(Value::as_table_mut) {
            let list = merchant.entry("plugins").or_insert_with(|| Value::Array(Vec::new()));
            if let Some(list) = list.as_array_mut() {
                list.insert(0, Value::Table(own));
            }
        }
        Ok(config.to_string())
    }

    /// The table of the plugin, with absolute paths: the configuration's own folder is that of the data.
    fn plugin_table(&self, sandbox: &Sandbox) -> Result<Table, VerbError> {
        let requested_upstreams = &self.plugin.manifest.upstreams;
        let mut secrets = Table::new();
        for (name, secret) in self.options.secrets()? {
            secrets.insert(name, secret.reveal().into());
        }
        let mut upstreams = Table::new();
        for requested in requested_upstreams {
            let upstream = match self.options.upstream(&requested.name) {
                Some(url) => upstream_table(url),
                None => self.simulated_upstream(requested, sandbox, &mut secrets)?,
            };
            upstreams.insert(requested.name.clone(), Value::Table(upstream));
        }
        let mut table = Table::new();
        for (key, path) in [
            ("component", &self.plugin.artifact.component),
            ("manifest", &self.source.manifest),
        ] {
            let path = std::path::absolute(path).map_err(|error| VerbError::Usage(error.to_string()))?;
            table.insert(key.to_owned(), path.display().to_string().into());
        }
        table.insert(
            "config".to_owned(),
            Value::Table(self.options.config_table(self.source)?),
        );
        table.insert("secrets".to_owned(), Value::Table(secrets));
        table.insert("upstreams".to_owned(), Value::Table(upstreams));
        Ok(table)
    }

    /// The simulated acquirer, in place of an upstream that takes card data.
    fn simulated_upstream(
        &self,
        requested: &RequestedUpstream,
        sandbox: &Sandbox,
        secrets: &mut Table,
    ) -> Result<Table, VerbError> {
        let acquirer = &sandbox.acquirer;
        for secret in &requested.secrets {
            let key = || acquirer.api_key().reveal().into();
            secrets.entry(secret.clone()).or_insert_with(key);
        }
        let url = Url::parse(&acquirer.url()).map_err(|error| VerbError::Machine(join_lines(&[error])))?;
        Ok(upstream_table(&url))
    }
}

fn upstream_table(url: &Url) -> Table {
    Table::from_iter([
        ("base_url".to_owned(), url.to_string().into()),
        ("allow_http".to_owned(), is_loopback(url).into()),
        ("allow_loopback".to_owned(), is_loopback(url).into()),
        ("credential_slots".to_owned(), true.into()),
    ])
}
