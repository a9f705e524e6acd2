//! `[plugins]` and `[[merchants.NAME.plugins]]`: plugins, their limits and grants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::sandbox::{MaximumLimits, SandboxLimits};
use super::secrets::secret;
use super::section::Section;
use super::store::StoreConfig;
use super::stripe::check_grants;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::secret::Secret;

/// Limits of every plugin, where they differ from the built-in ones. `None` keeps the built-in limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PluginLimits {
    /// `code_folder`: where compiled code is cached across restarts. Default: `compiled` in the folder of the store; none with
    /// PostgreSQL.
    pub code_folder: Option<PathBuf>,
    /// `release_folder`: where releases that operators load are kept across restarts; of this host alone. Default: `releases` in the
    /// folder of the store; none with PostgreSQL, and then nothing can be loaded.
    pub release_folder: Option<PathBuf>,
    /// `max_instances`: instances in the pool, of all merchants together.
    pub max_instances: Option<u32>,
    /// `queue_wait_ms`: how long a phase waits for a permit of its merchant.
    pub queue_wait: Option<Duration>,
    /// What every merchant has unless its own table says otherwise.
    pub sandbox: SandboxLimits,
    /// The most that a merchant may have.
    pub maximum: MaximumLimits,
    /// `data_keys`: keys that one plugin keeps for one merchant, of `kv` and counters together.
    pub data_keys: Option<u64>,
    /// `data_bytes`: bytes of these keys and their values.
    pub data_bytes: Option<u64>,
}

impl PluginLimits {
    pub(super) fn read(mut section: Section<'_>, store: Option<&StoreConfig>) -> Self {
        let beside = |name| store.and_then(|store| store.beside(name));
        let sandbox = SandboxLimits::read(&mut section);
        let maximum = MaximumLimits::read(&mut section, &sandbox);
        let limits = Self {
            code_folder: section.path("code_folder").or_else(|| beside("compiled")),
            release_folder: section.path("release_folder").or_else(|| beside("releases")),
            max_instances: section.number("max_instances", 1..=100_000),
            queue_wait: section.millis("queue_wait_ms", 0..=60_000),
            sandbox,
            maximum,
            data_keys: section.number("data_keys", 1..=100_000_000),
            data_bytes: section.number("data_bytes", 1024..=1_099_511_627_776),
        };
        section.finish();
        limits
    }
}

/// A plugin of a merchant: its component, its configuration and the operator's grants.
#[derive(Debug)]
pub struct PluginConfig {
    /// `component`: path of the WebAssembly component. Required.
    pub component: PathBuf,
    /// `manifest`: path of the manifest. Default: `plugin.toml` next to the component.
    pub manifest: PathBuf,
    /// `[config]`: nested tables flattened to dotted keys ([`flatten`](super::flatten)).
    pub config: BTreeMap<String, String>,
    /// `[secrets]`: by their names in the manifest. The plugin refers to them by name; only the host has their values.
    pub secrets: BTreeMap<String, Arc<Secret>>,
    /// `[upstreams.NAME]`: destinations of the plugin's requests, by their names in the manifest.
    pub upstreams: BTreeMap<String, UpstreamConfig>,
}

/// An upstream and its grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamConfig {
    /// `base_url`: requests stay below it. Required.
    pub base_url: Url,
    /// `allow_http`: allows plain http, for a simulator. Default: `false`.
    pub allow_http: bool,
    /// `allow_loopback`: allows loopback and private addresses. Default: `false`.
    pub allow_loopback: bool,
    /// `credential_slots`: fields of the buyer's credential that may be filled into its requests. Default: `false`.
    pub credential_slots: Grant,
    /// `secrets`: secrets that may be filled into its requests. Default: `true`.
    pub secrets: Grant,
    /// `timeout_ms`: timeout of one exchange. Default: 10000.
    pub timeout: Duration,
}

/// How much of what the manifest requests is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// `true`: everything that the manifest requests.
    All,
    /// `false`: nothing that the manifest requests.
    Nothing,
    /// A list of names: only these.
    Only(BTreeSet<String>),
}

impl PluginConfig {
    pub(super) fn read(mut section: Section<'_>, currency: Option<Currency>) -> Option<Self> {
        if !section.has("component") {
            section.missing("component", "give the path of a WebAssembly component");
        }
        let component = section.path("component");
        let manifest = section.path("manifest");
        let config = section.section("config").into_table().flat(currency);
        let secrets = secrets(section.section("secrets"));
        let upstreams = upstreams(section.section("upstreams"));
        section.finish();
        let component = component?;
        Some(Self {
            manifest: manifest.unwrap_or_else(|| component.with_file_name("plugin.toml")),
            component,
            config,
            secrets,
            upstreams,
        })
    }
}

fn secrets(section: Section<'_>) -> BTreeMap<String, Arc<Secret>> {
    let sources = section.sources;
    let entries = section.entries().into_iter();
    entries
        .filter_map(|(name, value)| Some((name.to_owned(), secret(sources, &value)?)))
        .collect()
}

fn upstreams(section: Section<'_>) -> BTreeMap<String, UpstreamConfig> {
    section
        .children()
        .into_iter()
        .filter_map(|(name, section)| Some((name.to_owned(), UpstreamConfig::read(section)?)))
        .collect()
}

impl UpstreamConfig {
    fn read(mut section: Section<'_>) -> Option<Self> {
        let allow_http = section.flag("allow_http").unwrap_or(false);
        let allow_loopback = section.flag("allow_loopback").unwrap_or(false);
        if !section.has("base_url") {
            section.missing("base_url", "write https://host/…");
        }
        let base_url = section.url("base_url");
        if let Some(url) = &base_url {
            check_grants(&section, "base_url", url, allow_http, allow_loopback);
        }
        let credential_slots = grant(&mut section, "credential_slots").unwrap_or(Grant::Nothing);
        let secrets = grant(&mut section, "secrets").unwrap_or(Grant::All);
        let timeout = section
            .millis("timeout_ms", 1..=60_000)
            .unwrap_or(Duration::from_secs(10));
        section.finish();
        Some(Self {
            base_url: base_url?,
            allow_http,
            allow_loopback,
            credential_slots,
            secrets,
            timeout,
        })
    }
}

fn grant(section: &mut Section<'_>, key: &'static str) -> Option<Grant> {
    if section.is_list(key) {
        return Some(Grant::Only(section.texts(key).into_iter().collect()));
    }
    let value = section.value(key)?;
    match value.as_bool() {
        Some(true) => Some(Grant::All),
        Some(false) => Some(Grant::Nothing),
        None => {
            value.type_error("it must be true, false or an array of names");
            None
        }
    }
}
