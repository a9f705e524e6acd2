//! Configuration: one TOML file plus environment variables, parsed once; all errors are reported together.
//!
//! - Paths are relative to the file's folder.
//! - A scalar can be overridden by an environment variable named after its key: `server.listen` by `TILLHOUSE_SERVER_LISTEN`,
//!   `merchants.acme.stripe.version` by `TILLHOUSE_MERCHANTS_ACME_STRIPE_VERSION`. An empty variable counts as absent.
//! - An error within the `[[plugins]]` of a merchant keeps only that merchant out of service ([`MerchantConfig::plugin_errors`]); any
//!   other error makes the whole configuration invalid.
//! - A secret is `{ env = "NAME" }`, `"${NAME}"`, `{ file = "path" }` or the text itself. It is never printed, neither by
//!   `Debug` nor in an error.
//!
//! Invariant: only this module reads the environment.

mod acp_feeds;
mod acp_services;
mod admin;
mod adyen;
mod catalogs;
mod error;
mod feed;
mod feed_audit;
mod merchant;
mod payments;
mod plugin;
mod protocols;
mod request_signing;
mod retention;
mod sandbox;
mod secrets;
mod section;
mod server;
mod sources;
mod store;
mod stripe;
mod telemetry;
#[cfg(test)]
mod tests;
mod vault;
mod webhooks;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

pub use acp_feeds::AcpFeedConfig;
pub use acp_services::AcpServicesConfig;
pub use admin::AdminConfig;
pub use adyen::{
    AdyenAcpConfig, AdyenAgentConfig, AdyenAuthConfig, AdyenConfig, AdyenConfigurationConfig, AdyenEventsConfig,
    AdyenMerchantConfig,
};
pub use catalogs::CatalogsConfig;
pub use error::ConfigErrors;
pub use feed::{FeedConfig, FeedWay};
pub use feed_audit::FeedAuditConfig;
pub use merchant::MerchantConfig;
pub use payments::PaymentsConfig;
pub use plugin::{Grant, PluginConfig, PluginLimits, UpstreamConfig};
pub use protocols::{AcpConfig, CommittingStatus, KeyConfig, StripeAcsAuth, StripeAcsConfig};
pub use request_signing::RequestSigningConfig;
pub use retention::RetentionConfig;
pub use sandbox::{LimitKey, MaximumLimits, SandboxLimits};
pub use secrets::secret_word;
pub use server::ServerConfig;
pub use sources::Sources;
pub use store::{StoreConfig, StoreUrl};
pub use stripe::{StripeConfig, StripeHookConfig, StripeOrderEventsConfig};
pub use telemetry::{LogFormat, TelemetryConfig};
pub use tillhouse_runtime::flatten;
pub use vault::{MerchantVaultConfig, VaultConfig};
pub use webhooks::{WebhookConfig, WebhookRelease};

use sha2::{Digest, Sha256};

use section::Section;
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_runtime::config::{Document, Reader};

/// The whole configuration, validated.
#[derive(Debug)]
pub struct Config {
    /// `[server]`: the listener and its limits.
    pub server: ServerConfig,
    /// `[store]`: engine and location of the database.
    pub store: StoreConfig,
    /// `[admin]`: the socket on which a running host serves operators.
    pub admin: AdminConfig,
    /// `[catalogs]`: when the merchants' catalog files are read again.
    pub catalogs: CatalogsConfig,
    /// `[feeds]`: how often it is looked how far what was uploaded is from what the plugins say.
    pub feed_audit: FeedAuditConfig,
    /// `[plugins]`: limits of every plugin that differ from the built-in ones.
    pub plugins: PluginLimits,
    /// `[payments]`: delays of payments that differ from the built-in ones.
    pub payments: PaymentsConfig,
    /// `[retention]`: how long what has ended is kept, where it differs from the built-in values.
    pub retention: RetentionConfig,
    /// `[vault]`: keys of the vault for cards; absent if the host keeps none.
    pub vault: Option<VaultConfig>,
    /// `[telemetry]`: log format and filter.
    pub telemetry: TelemetryConfig,
    /// `[merchants.NAME]`: at least one.
    pub merchants: BTreeMap<MerchantId, MerchantConfig>,
    /// SHA-256 of the configuration text, in hex; identifies it in the audit log.
    pub digest: String,
}

impl Config {
    /// Reads a file, with the environment of this process.
    ///
    /// # Errors
    /// All errors in it.
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let message = format!("cannot be read: {error}");
            let unreadable = Diagnostic::error("file", file.display().to_string(), message);
            ConfigErrors::from(unreadable.with_help("give the path of a configuration file"))
        })?;
        let base = file.parent().unwrap_or(Path::new(""));
        Self::parse_file(&text, &Sources::process(base), file)
    }

    /// Parses the text of a file; errors include their line in the file.
    ///
    /// # Errors
    /// All errors in it.
    pub fn parse_file(text: &str, sources: &Sources<'_>, file: &Path) -> Result<Self, ConfigErrors> {
        Self::parse_text(text, sources, Some(file))
    }

    /// Parses a text. Environment variables and other files are read only through `sources`.
    ///
    /// # Errors
    /// All errors in it.
    pub fn parse(text: &str, sources: &Sources<'_>) -> Result<Self, ConfigErrors> {
        Self::parse_text(text, sources, None)
    }

    /// Errors within the plugins of a merchant affect only that merchant, as long as another one can be served.
    fn parse_text(text: &str, sources: &Sources<'_>, file: Option<&Path>) -> Result<Self, ConfigErrors> {
        let file = file.map(|file| file.display().to_string());
        let document = Document::parse(text, file.as_deref())
            .map_err(|error| ConfigErrors::from(error::syntax(file.as_deref(), &error)))?;
        let variables = |path: &str| sources.overriding(path);
        let reader = Reader::with_variables(&document, &variables);
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        let config = Self::read(Section::new(reader.root(), sources), digest);
        let errors = reader.into_errors();
        config
            .filter(|config| {
                errors.len() == config.plugin_error_count() && (errors.is_empty() || config.has_valid_merchant())
            })
            .ok_or(ConfigErrors::new(errors))
    }

    /// Number of errors that affect a single merchant only.
    fn plugin_error_count(&self) -> usize {
        self.merchants
            .values()
            .map(|merchant| merchant.plugin_errors.len())
            .sum()
    }

    fn has_valid_merchant(&self) -> bool {
        self.merchants
            .values()
            .any(|merchant| merchant.plugin_errors.is_empty())
    }

    fn read(mut root: Section<'_>, digest: String) -> Option<Self> {
        let server = ServerConfig::read(root.section("server"));
        let store = StoreConfig::read(root.section("store"));
        let admin = AdminConfig::read(root.section("admin"), store.as_ref());
        let catalogs = CatalogsConfig::read(root.section("catalogs"));
        let feed_audit = FeedAuditConfig::read(root.section("feeds"));
        let plugins = PluginLimits::read(root.section("plugins"), store.as_ref());
        let payments = PaymentsConfig::read(root.section("payments"));
        let retention = RetentionConfig::read(root.section("retention"));
        let telemetry = TelemetryConfig::read(root.section("telemetry"));
        let has_vault = root.has("vault");
        let vault = root.optional_section("vault").map(VaultConfig::read);
        let merchants = merchants(root.section("merchants"), &plugins.maximum, has_vault);
        root.finish();
        Some(Self {
            server: server?,
            store: store?,
            admin,
            catalogs,
            feed_audit,
            plugins,
            payments,
            retention,
            vault: vault.flatten(),
            telemetry: telemetry?,
            merchants,
            digest,
        })
    }
}

fn merchants(section: Section<'_>, maximum: &MaximumLimits, has_vault: bool) -> BTreeMap<MerchantId, MerchantConfig> {
    if section.is_empty() {
        section.section_error(
            "no merchant is configured",
            "add a table [merchants.NAME] with a currency",
        );
    }
    let mut merchants = BTreeMap::new();
    let mut owners: HashMap<String, MerchantId> = HashMap::new();
    for (name, section) in section.children() {
        if !is_id(name) {
            section.section_error(
                "is not a usable name: it is part of URLs",
                "use 1 to 64 lower-case letters, digits, dashes and underscores",
            );
        }
        let id = MerchantId::new(name);
        let (hosts, vault) = (section.place_of("hosts"), section.place_of("vault"));
        let reader = section.reader();
        let Some(merchant) = MerchantConfig::read(&id, section, maximum) else {
            continue;
        };
        if merchant.vault.is_some() && !has_vault {
            reader.error(
                vault,
                "needs the keys of the vault",
                "add [vault] with keys = [{ id = \"2026-11\", file = \"vault.key\" }]",
            );
        }
        for host in &merchant.hosts {
            if let Some(other) = owners.insert(host.clone(), id.clone()) {
                reader.error(
                    hosts.clone(),
                    format!("{host} is already assigned to merchant {other}"),
                    "assign each host name to one merchant",
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
