//! Shops: a host and the simulators that it talks to.

mod buying;
mod configuration;

use std::path::Path;
use std::sync::Arc;

use tillhouse_plugin_protocol::component::Describe;
use tillhouse_plugin_protocol::shop::{Buy, CloseShop, Ledger, OpenShop, Opened, ReadLedger, ShopId, ShopPlugin};
use tillhouse_plugin_protocol::{Done, RequestError, RequestErrorKind};
use tillhouse_sandbox::{Sandbox, SandboxConfig};
use tokio::sync::Mutex;

use super::perform::{Perform, problem};
use super::server_state::ServerState;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_server::config::{Config, ConfigErrors, Sources};
use tillhouse_server::host::bindings::FallbackPlugin;
use tillhouse_server::host::{Host, HostParts};

/// A running shop. Stops on drop.
#[derive(Debug)]
pub(super) struct Shop {
    host: Host,
    sandbox: Arc<Sandbox>,
    url: String,
}

/// Clock that always returns the same time, for shops and trials.
#[derive(Debug)]
pub(super) struct FrozenClock(pub(super) Timestamp);

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Perform for OpenShop {
    async fn perform(self, state: &ServerState) -> Result<Opened, RequestError> {
        let refused = problem(RequestErrorKind::Shop);
        let config = SandboxConfig {
            clock: tillhouse_sandbox::Clock::fixed(self.now_ms / 1_000),
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(config)
            .await
            .map_err(|error| problem(RequestErrorKind::Machine)(&error))?;
        let text = configuration::write(&self, &sandbox, state).await?;
        let config = parse_config(&text, &self.folder).map_err(|errors| refused(&errors))?;
        let bundled = match &self.fallback {
            Some(fallback) => Some(bundled(fallback, state).await?),
            None => None,
        };
        let parts = HostParts {
            clock: Arc::new(FrozenClock(Timestamp(self.now_ms))),
            bundled,
            code: Some(state.engines.of_shops(state.code_folder())?),
            ..HostParts::default()
        };
        let host = Box::pin(Host::start(&config, parts))
            .await
            .map_err(|error| refused(&error))?;
        let url = format!("http://{}", host.address);
        let (stripe_url, acquirer_url) = (sandbox.stripe.url(), sandbox.acquirer.url());
        let shop = Shop {
            host,
            sandbox: Arc::new(sandbox),
            url: url.clone(),
        };
        Ok(Opened {
            shop: ShopId(state.shops.add(Arc::new(Mutex::new(Some(shop))))),
            url,
            stripe_url,
            acquirer_url,
        })
    }
}

/// Parse the configuration without the environment variables of this process.
fn parse_config(text: &str, folder: &Path) -> Result<Config, ConfigErrors> {
    let sources = Sources::new(folder, |_| None, |path| std::fs::read_to_string(path));
    Config::parse(text, &sources)
}

async fn bundled(plugin: &ShopPlugin, state: &ServerState) -> Result<FallbackPlugin, RequestError> {
    let unreadable = |error| {
        RequestError::new(
            RequestErrorKind::Component,
            format!("{}: {error}", plugin.component.display()),
        )
    };
    // Validate the manifest first, so that errors name the plugin and not the merchant.
    describe(plugin, state).await?;
    Ok(FallbackPlugin {
        component: std::fs::read(&plugin.component).map_err(unreadable)?,
        manifest: plugin.manifest.clone(),
        config: plugin.config.clone(),
    })
}

/// Parse the manifest of a shop's plugin; errors carry the plugin's name.
async fn describe(
    plugin: &ShopPlugin,
    state: &ServerState,
) -> Result<tillhouse_plugin_protocol::component::Description, RequestError> {
    let describe = Describe {
        manifest: plugin.manifest.clone(),
        config: String::new(),
    };
    let described = describe.perform(state).await;
    described.map_err(|problem| RequestError::new(problem.kind, format!("{}: {problem}", plugin.name)))
}

impl ServerState {
    /// URL and sandbox of an open shop, for an agent.
    async fn open_shop(&self, shop: ShopId) -> Result<(String, Arc<Sandbox>), RequestError> {
        let kept = self.shops.get(shop.0)?;
        let kept = kept.lock().await;
        let shop = kept
            .as_ref()
            .ok_or_else(|| RequestError::new(RequestErrorKind::Unknown, "the shop is closed"))?;
        Ok((shop.url.clone(), Arc::clone(&shop.sandbox)))
    }
}

impl Perform for Buy {
    async fn perform(self, state: &ServerState) -> Result<Self::Answer, RequestError> {
        let (url, sandbox) = state.open_shop(self.shop).await?;
        buying::buy(&url, &sandbox, self.protocol, self.basket).await
    }
}

impl Perform for ReadLedger {
    async fn perform(self, state: &ServerState) -> Result<Ledger, RequestError> {
        let (_, sandbox) = state.open_shop(self.shop).await?;
        buying::ledger(&sandbox)
    }
}

impl Perform for CloseShop {
    async fn perform(self, state: &ServerState) -> Result<Done, RequestError> {
        let kept = state.shops.take(self.shop.0)?;
        let Some(shop) = kept.lock().await.take() else {
            return Ok(Done {});
        };
        shop.host.stop().await;
        // A purchase in progress holds another reference; the sandbox is dropped when that ends.
        if let Ok(sandbox) = Arc::try_unwrap(shop.sandbox) {
            sandbox.stop().await;
        }
        Ok(Done {})
    }
}
