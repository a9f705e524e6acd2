//! A host on this machine with the embedded defaults: the bundled plugins, and the sandbox in place of Stripe, the card acquirer and
//! Adyen.

pub mod adyen;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tillhouse_sandbox::adyen::Flow;
use tillhouse_sandbox::{Sandbox, SandboxConfig};

use crate::CommandError;
use crate::bundled::{self, BundledPlugin, BundledPlugins, CATALOG, PROCESSOR_MANIFEST};
use tillhouse_runtime::Observer;
use tillhouse_server::config::{Config, Sources};
use tillhouse_server::file_limit;
use tillhouse_server::host::{Host, HostParts};

/// Id of the merchant in the embedded defaults.
pub const MERCHANT: &str = "demo";
/// Bearer key that agents call the merchant with, over ACP.
pub const AGENT_KEY: &str = "acp_demo_key";
/// Secret with which Stripe signs its requests to the merchant's hooks.
pub const SIGNING_SECRET: &str = "whsec_demo";
/// Secret with which Stripe signs the webhook events of the account.
pub const EVENT_SECRET: &str = "whsec_demo_events";
/// Secret with which Stripe signs its lighter hooks.
pub const HOOK_SECRET: &str = "whsec_demo_hooks";

/// File name of the sandbox's processor in the data folder.
const PROCESSOR_FILE: &str = "sandbox-processor.wasm";

/// The host and the sandbox that it talks to.
#[derive(Debug)]
pub struct LocalHost {
    pub host: Host,
    pub sandbox: Sandbox,
    pub data: PathBuf,
}

impl LocalHost {
    /// Start sandbox and host on this machine, with the reference shop's catalog, and with a second merchant that sells over Adyen
    /// ([`adyen`]). Port 0 in `listen` takes a free port.
    pub async fn start(
        plugins: &BundledPlugins,
        data: PathBuf,
        listen: &str,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, CommandError> {
        std::fs::create_dir_all(&data)?;
        adyen::write_processor(&data, &bundled::adyen_processor()?)?;
        let more = |sandbox: &Sandbox| webhooks(sandbox, MERCHANT) + &adyen::configuration(sandbox);
        let local = Self::start_with_catalog(CATALOG, more, plugins, data, listen, observer).await?;
        local.sell_over_adyen(Flow::Standard);
        Ok(local)
    }

    /// Like [`start`](Self::start), with another catalog (CSV) and additional configuration (TOML tables that the defaults do not
    /// have).
    pub async fn start_with_catalog(
        catalog: &str,
        more: impl FnOnce(&Sandbox) -> String,
        plugins: &BundledPlugins,
        data: PathBuf,
        listen: &str,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, CommandError> {
        std::fs::create_dir_all(&data)?;
        std::fs::write(data.join("catalog.csv"), catalog)?;
        write_processor(&data, &plugins.processor)?;
        let sandbox = Sandbox::start(SandboxConfig::default()).await?;
        let text = configuration(&sandbox, listen, "usd") + &processor(&sandbox) + &more(&sandbox);
        let mut config = Config::parse(&text, &Sources::process(&data))?;
        config.server.max_connections = file_limit::raise_file_limit(config.server.max_connections);
        let parts = HostParts {
            bundled: Some(bundled::shop_with_component(plugins.shop.component.to_vec())?),
            observer,
            ..HostParts::default()
        };
        let host = Box::pin(Host::start(&config, parts)).await?;
        Ok(Self { host, sandbox, data })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.host.address)
    }

    pub async fn stop(self) {
        self.host.stop().await;
        self.sandbox.stop().await;
    }
}

/// Configuration (TOML) that sends a merchant's order events to the sandbox's webhook receiver.
pub fn webhooks(sandbox: &Sandbox, merchant: &str) -> String {
    format!(
        r#"
[[merchants.{merchant}.webhooks]]
name = "sandbox"
url = "{url}"
signing_secrets = ["{secret}"]
allow_http = true
allow_loopback = true
"#,
        url = sandbox.receiver.url(),
        secret = sandbox.receiver.secret().reveal(),
    )
}

/// The embedded defaults as TOML, without a processor.
pub fn configuration(sandbox: &Sandbox, listen: &str, currency: &str) -> String {
    format!(
        r#"
[server]
listen = "{listen}"

[store]
url = "sqlite:store"

[merchants.{MERCHANT}]
name = "Reference shop"
currency = "{currency}"
hosts = ["127.0.0.1", "localhost"]
catalog = "catalog.csv"
statement_descriptor = "TILLHOUSE DEMO"

[merchants.{MERCHANT}.acp]
keys = [{{ name = "demo-agent", secret = "{AGENT_KEY}" }}]

[merchants.{MERCHANT}.stripe_acs]
auth = "stripe_signature"
signing_secrets = ["{SIGNING_SECRET}"]

[merchants.{MERCHANT}.stripe]
base_url = "{stripe}"
secret_key = "{stripe_key}"
webhook_secrets = ["{EVENT_SECRET}"]
hook_secrets = ["{HOOK_SECRET}"]
livemode = false
allow_http = true
allow_loopback = true
"#,
        stripe = sandbox.stripe.url(),
        stripe_key = sandbox.stripe.secret_key().reveal(),
    )
}

/// Write the sandbox's processor and its manifest into the data folder, where [`processor`] names them.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_processor(data: &Path, processor: &BundledPlugin) -> std::io::Result<()> {
    std::fs::write(data.join(PROCESSOR_FILE), &processor.component)?;
    std::fs::write(data.join("sandbox-processor.toml"), PROCESSOR_MANIFEST)
}

/// Configuration (TOML) of the sandbox's processor, with its files in the data folder.
#[must_use]
pub fn processor(sandbox: &Sandbox) -> String {
    format!(
        r#"
[[merchants.{MERCHANT}.plugins]]
component = "{PROCESSOR_FILE}"
manifest = "sandbox-processor.toml"

[merchants.{MERCHANT}.plugins.config]
notice-secret = "{notice_secret}"

[merchants.{MERCHANT}.plugins.secrets]
api_key = "{acquirer_key}"

[merchants.{MERCHANT}.plugins.upstreams.acquirer]
base_url = "{acquirer}"
allow_http = true
allow_loopback = true
credential_slots = true
"#,
        acquirer = sandbox.acquirer.url(),
        acquirer_key = sandbox.acquirer.api_key().reveal(),
        notice_secret = sandbox.acquirer.notice_secret().reveal(),
    )
}
