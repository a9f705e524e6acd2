//! Configuration: one TOML file plus environment, parsed once, every error reported together.
//!
//! - Paths are relative to the file's folder.
//! - A scalar may be overridden by a variable named after its place: `server.listen` by `TILLHOUSE_SERVER_LISTEN`,
//!   `merchants.acme.stripe.version` by `TILLHOUSE_MERCHANTS_ACME_STRIPE_VERSION`. An empty variable counts as absent.
//! - What is wrong within the `[[plugins]]` of a merchant keeps that merchant out of service ([`MerchantConfig::faults`]), and no
//!   other; anything else that is wrong is refused whole.
//! - A secret is `{ env = "NAME" }`, `"${NAME}"`, `{ file = "path" }` or the text itself. It is never printed, neither by
//!   `Debug` nor in an error.
//!
//! Invariant: the environment is read here and nowhere else.

mod admin;
mod merchant;
mod payments;
mod plugin;
mod problem;
mod protocols;
mod secrets;
mod section;
mod server;
mod sources;
mod store;
mod stripe;
mod telemetry;
#[cfg(test)]
mod tests;
mod webhooks;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

pub use admin::AdminConfig;
pub use merchant::MerchantConfig;
pub use payments::PaymentsConfig;
pub use plugin::{Grant, PluginConfig, PluginLimits, UpstreamConfig};
pub use problem::{ConfigErrors, Problem};
pub use protocols::{AcpConfig, CommittingStatus, KeyConfig, StripeAcsAuth, StripeAcsConfig};
pub use secrets::secret_word;
pub use server::ServerConfig;
pub use sources::Sources;
pub use store::{StoreConfig, StoreUrl};
pub use stripe::StripeConfig;
pub use telemetry::{LogFormat, TelemetryConfig};
pub use tillhouse_runtime::{NotFlat, Unflat, flatten};
pub use webhooks::{WebhookConfig, WebhookRelease};

use sha2::{Digest, Sha256};

use section::{Scope, Section};
use tillhouse_checkout::ids::MerchantId;

/// The whole configuration.
#[derive(Debug)]
pub struct Config {
    /// `[server]`: the listener and its limits.
    pub server: ServerConfig,
    /// `[store]`: where state is kept.
    pub store: StoreConfig,
    /// `[admin]`: where operators reach a running host.
    pub admin: AdminConfig,
    /// `[plugins]`: limits of every plugin that differ from the built-in ones.
    pub plugins: PluginLimits,
    /// `[payments]`: waits of payments that differ from the built-in ones.
    pub payments: PaymentsConfig,
    /// `[telemetry]`: logs.
    pub telemetry: TelemetryConfig,
    /// `[merchants.NAME]`: at least one.
    pub merchants: BTreeMap<MerchantId, MerchantConfig>,
    /// SHA-256 of the text, in hex: what the audit log knows this configuration by.
    pub digest: String,
}

impl Config {
    /// Read a file, with this process's environment.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            ConfigErrors::from(Problem::new(
                file.display(),
                format!("cannot be read: {error}"),
                "give the path of a configuration file",
            ))
        })?;
        let base = file.parent().unwrap_or(Path::new(""));
        Self::parse_file(&text, &Sources::process(base), file)
    }

    /// Read the text of a file, whose lines problems then name.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse_file(text: &str, sources: &Sources<'_>, file: &Path) -> Result<Self, ConfigErrors> {
        Self::parse_text(text, sources, Some(file))
    }

    /// Read a text. Nothing outside of it is looked at but through the sources.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str, sources: &Sources<'_>) -> Result<Self, ConfigErrors> {
        Self::parse_text(text, sources, None)
    }

    /// What is wrong within the plugins of a merchant is that merchant's alone, as long as another one can be served.
    fn parse_text(text: &str, sources: &Sources<'_>, file: Option<&Path>) -> Result<Self, ConfigErrors> {
        let table = text
            .parse()
            .map_err(|error| ConfigErrors::from(problem::syntax(text, &error)))?;
        let scope = Scope::new(sources);
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        let config = Self::read(Section::root(&scope, table), digest);
        let placed = |problem: Problem| problem.placed(text, file);
        let problems = scope.into_problems();
        match config {
            Some(mut config) if problems.len() == config.faults() && (problems.is_empty() || config.has_whole()) => {
                for merchant in config.merchants.values_mut() {
                    merchant.faults = std::mem::take(&mut merchant.faults).into_iter().map(placed).collect();
                }
                Ok(config)
            }
            _ => Err(ConfigErrors::new(problems.into_iter().map(placed).collect())),
        }
    }

    /// How many problems are a merchant's alone.
    fn faults(&self) -> usize {
        self.merchants.values().map(|merchant| merchant.faults.len()).sum()
    }

    fn has_whole(&self) -> bool {
        self.merchants.values().any(|merchant| merchant.faults.is_empty())
    }

    fn read(mut root: Section<'_>, digest: String) -> Option<Self> {
        let server = ServerConfig::read(root.section("server"));
        let store = StoreConfig::read(root.section("store"));
        let admin = AdminConfig::read(root.section("admin"), store.as_ref());
        let plugins = PluginLimits::read(root.section("plugins"), store.as_ref());
        let payments = PaymentsConfig::read(root.section("payments"));
        let telemetry = TelemetryConfig::read(root.section("telemetry"));
        let merchants = merchants(root.section("merchants"));
        root.finish();
        Some(Self {
            server: server?,
            store: store?,
            admin,
            plugins,
            payments,
            telemetry: telemetry?,
            merchants,
            digest,
        })
    }
}

fn merchants(section: Section<'_>) -> BTreeMap<MerchantId, MerchantConfig> {
    if section.is_empty() {
        section.problem("there is none", "add a table [merchants.NAME] with a currency");
    }
    let mut merchants = BTreeMap::new();
    let mut owners: HashMap<String, MerchantId> = HashMap::new();
    for (name, section) in section.children() {
        if !is_id(&name) {
            section.problem(
                "is not a usable name: it is part of URLs",
                "use 1 to 64 lower-case letters, digits, dashes and underscores",
            );
        }
        let id = MerchantId::new(name);
        let hosts = section.path_of("hosts");
        let complain = section.complaints();
        let Some(merchant) = MerchantConfig::read(&id, section) else {
            continue;
        };
        for host in &merchant.hosts {
            if let Some(other) = owners.insert(host.clone(), id.clone()) {
                complain.at(
                    &hosts,
                    format!("{host} also leads to merchant {other}"),
                    "give each host name to one merchant",
                );
            }
        }
        merchants.insert(id, merchant);
    }
    merchants
}

fn is_id(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
}
