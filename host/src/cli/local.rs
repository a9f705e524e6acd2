//! A host on this machine with everything that it needs: the bundled plugins, built from source, and the sandbox in place
//! of Stripe and the card acquirer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tillhouse_sandbox::{Sandbox, SandboxConfig};

use super::{Failure, output};
use tillhouse_plugin_tools::Built;
use tillhouse_runtime::Observer;
use tillhouse_server::config::{self, Config, Sources};
use tillhouse_server::files;
use tillhouse_server::host::bindings::Bundled;
use tillhouse_server::host::{Host, Parts};

/// The merchant of the embedded defaults.
pub(super) const MERCHANT: &str = "demo";
/// The key that agents call it with.
pub(super) const AGENT_KEY: &str = "acp_demo_key";
/// The secret that Stripe signs with.
pub(super) const SIGNING_SECRET: &str = "whsec_demo";
/// The secret that events of the Stripe account are signed with.
const EVENT_SECRET: &str = "whsec_demo_events";

pub(super) const SHOP: &str = "reference-shop";
pub(super) const PROCESSOR: &str = "sandbox-processor";

const SHOP_MANIFEST: &str = include_str!("../../../plugins/reference-shop/plugin.toml");
const SHOP_CONFIG: &str = include_str!("../../../plugins/reference-shop/default-config.toml");
pub(super) const CATALOG: &str = include_str!("../../../plugins/reference-shop/demo-catalog.csv");
pub(super) const PROCESSOR_MANIFEST: &str = include_str!("../../../plugins/sandbox-processor/plugin.toml");

/// The workspace that the bundled plugins are built from: the one that this program was built from, or the current one.
pub(super) fn workspace() -> Result<PathBuf, Failure> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
    let here = std::env::current_dir().ok();
    let found = here
        .into_iter()
        .chain(built_from)
        .find(|folder| folder.join("plugins").join(SHOP).is_dir());
    found.ok_or_else(|| {
        let built_from = env!("CARGO_MANIFEST_DIR");
        Failure(format!(
            "the source of the bundled plugins is neither here nor in the clone of Tillhouse that this program was built \
             from ({built_from}); run it in a clone"
        ))
    })
}

/// Build the bundled plugins.
pub(super) fn build() -> Result<Vec<Built>, Failure> {
    output::progress("building the plugins for wasm32-wasip2");
    Ok(tillhouse_plugin_tools::build(&workspace()?, &[SHOP, PROCESSOR])?)
}

/// The reference shop as a bundled component.
pub(super) fn bundled(component: &Path) -> Result<Bundled, Failure> {
    Ok(Bundled {
        component: std::fs::read(component)?,
        manifest: SHOP_MANIFEST.to_owned(),
        config: shop_config()?,
    })
}

/// The reference shop as a bundled component, built where its source is at hand.
pub(super) fn reference() -> Result<Option<Bundled>, Failure> {
    if workspace().is_err() {
        return Ok(None);
    }
    let built = build()?.into_iter().find(|plugin| plugin.package == SHOP);
    built.map(|plugin| bundled(&plugin.component)).transpose()
}

/// What the reference shop is configured with.
pub(super) fn shop_config() -> Result<BTreeMap<String, String>, Failure> {
    Ok(config::flatten(&SHOP_CONFIG.parse::<toml::Table>()?)?)
}

/// The host and the sandbox that it talks to.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) host: Host,
    pub(super) sandbox: Sandbox,
    pub(super) data: PathBuf,
}

impl Local {
    /// Start both on free ports, or the host on a given address.
    pub(super) async fn start(
        plugins: &[Built],
        data: PathBuf,
        listen: &str,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, Failure> {
        Self::selling(CATALOG, webhooks, plugins, data, listen, observer).await
    }

    /// The same over another catalog, with more configuration (TOML tables that the defaults do not have).
    pub(super) async fn selling(
        catalog: &str,
        more: impl FnOnce(&Sandbox) -> String,
        plugins: &[Built],
        data: PathBuf,
        listen: &str,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, Failure> {
        let find = |package: &str| {
            let built = plugins.iter().find(|plugin| plugin.package == package);
            built
                .map(|plugin| plugin.component.clone())
                .ok_or_else(|| Failure(format!("{package} was not built")))
        };
        std::fs::create_dir_all(&data)?;
        std::fs::write(data.join("catalog.csv"), catalog)?;
        std::fs::write(data.join("sandbox-processor.toml"), PROCESSOR_MANIFEST)?;
        let sandbox = Sandbox::start(SandboxConfig::default()).await?;
        let text = configuration(&sandbox, listen, "usd") + &processor(&sandbox, &find(PROCESSOR)?) + &more(&sandbox);
        let mut config = Config::parse(&text, &Sources::process(&data))?;
        config.server.max_connections = files::fit(config.server.max_connections);
        let parts = Parts {
            bundled: Some(bundled(&find(SHOP)?)?),
            observer,
            ..Parts::default()
        };
        let host = Box::pin(Host::start(&config, parts)).await?;
        Ok(Self { host, sandbox, data })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.host.address)
    }

    pub(super) async fn stop(self) {
        self.host.stop().await;
        self.sandbox.stop().await;
    }
}

/// Orders are told to the sandbox's receiver.
pub(super) fn webhooks(sandbox: &Sandbox) -> String {
    format!(
        r#"
[[merchants.{MERCHANT}.webhooks]]
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

/// The embedded defaults without a processor, as an operator would write them.
pub(super) fn configuration(sandbox: &Sandbox, listen: &str, currency: &str) -> String {
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
livemode = false
allow_http = true
allow_loopback = true
"#,
        stripe = sandbox.stripe.url(),
        stripe_key = sandbox.stripe.secret_key().reveal(),
    )
}

/// The sandbox's processor; its manifest lies in the data folder.
pub(super) fn processor(sandbox: &Sandbox, component: &Path) -> String {
    let component = toml::Value::String(component.display().to_string());
    format!(
        r#"
[[merchants.{MERCHANT}.plugins]]
component = {component}
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
