//! Whole purchases: an agent, a host with the plugin, and simulated Stripe and acquirer, all inside the program.

mod basket;
mod protocol;
mod sandbox;

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;
use tempfile::TempDir;
use tillhouse_plugin::egress::Slot;
use tillhouse_plugin_protocol::lookups::ReadTestCard;
use tillhouse_plugin_protocol::shop::{Buy, CloseShop, OpenShop, Opened, PurchaseResult, ShopPlugin, ShopUpstream};
use tillhouse_plugin_protocol::{Capability, Sensitive};

pub use basket::{Address, Basket, Buyer};
pub use protocol::Protocol;
pub use sandbox::{Acquirer, Ledger, Sandbox, Stripe};

use crate::card::{self, Card};
use crate::env::{Env, FrozenSettings, millis};
use crate::plugin::{Plugin, PluginUnderTest};
use crate::program::Program;

/// A running shop: a host whose merchant uses the plugin under test.
///
/// The reference shop and the processor of the sandbox provide the capabilities that the plugin does not export. An
/// upstream that the test scripted stays scripted; every other is the sandbox's acquirer. The clock is stopped, as in
/// the rest of the test.
///
/// A shop uses the settings from before it was started, and has a store of its own. Upstreams that were scripted by
/// then may be scripted further; a purchase after any other change fails the test. The host does not record its calls
/// while it serves: [`Env::usage`], [`Env::logs`], [`Env::requests`] and [`Env::assert_never_saw_card_data`] cover only
/// the calls that a test makes itself.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let shop = env.shop().await;
/// let bought = shop.buy(Protocol::Acp20260417, &[("tee", 2)]).await;
/// assert_eq!(bought["status"], "completed");
/// assert_eq!(shop.charges()[0]["amount"], bought["total"]);
/// # }
/// ```
#[derive(Debug)]
pub struct Shop {
    env: Env,
    frozen_settings: FrozenSettings,
    opened: Opened,
    sandbox: Sandbox,
    /// Folder of its store; `None` after it was stopped.
    folder: Option<TempDir>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            // The host uses the folder until it has stopped; if the program has ended, no host is left.
            let _ = self.program().ask_now(&CloseShop { shop: self.opened.shop });
            drop(folder);
        }
    }
}

impl Env {
    /// Starts a shop with the current plugin, configuration and catalog.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.config("shipping.price", "0");
    /// let shop = env.shop().await;
    /// assert_eq!(shop.buy(Protocol::StripeAcs, &[("tee", 1)]).await["total"], 25_00);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the shop does not start; the message lists every problem.
    pub async fn shop(&self) -> Shop {
        self.open_shop(&[]).await
    }

    /// Like [`shop`](Self::shop), with further plugins of the merchant, each with the configuration beside its sources.
    ///
    /// For example the prices for a tax plugin, or the processor that a shop charges with. Their upstreams are the
    /// sandbox's acquirer.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_harness::PluginUnderTest;
    /// const PRICES: PluginUnderTest = PluginUnderTest {
    ///     manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../acme-prices"),
    ///     package: "acme-prices",
    /// };
    ///
    /// # async fn test(env: Env) {
    /// let shop = env.shop_beside(&[PRICES]).await;
    /// assert_eq!(shop.buy(Protocol::Acp20260417, &[("hat", 1)]).await["total"], 22_28);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the shop does not start; the message lists every problem, such as two plugins that export one capability.
    pub async fn shop_beside(&self, others: &[PluginUnderTest]) -> Shop {
        self.open_shop(others).await
    }

    /// Boxed, so that the tests of each plugin do not compile it again.
    fn open_shop<'e>(&'e self, others: &'e [PluginUnderTest]) -> Pin<Box<dyn Future<Output = Shop> + Send + 'e>> {
        Box::pin(async move {
            let plugins = self.plugins_of_a_shop(others).await;
            let frozen_settings = self.frozen_settings();
            let folder = TempDir::with_prefix("tillhouse-harness-")
                .unwrap_or_else(|error| panic!("cannot create a folder for the shop: {error}"));
            let (catalog, currency) = self.catalog_and_currency();
            let reference = Plugin::reference().filter(|shop| shop.name != self.plugin().name);
            let open = OpenShop {
                folder: folder.path().to_owned(),
                catalog,
                currency,
                now_ms: self.now_ms(),
                plugins,
                fallback: reference.map(|shop| with_own_config(&shop)),
            };
            let opened = self.program().ask(&open).await;
            let opened = opened.unwrap_or_else(|problem| panic!("cannot start the shop: {problem}"));
            Shop {
                env: self.clone(),
                frozen_settings,
                sandbox: Sandbox::of(self.program(), &opened),
                opened,
                folder: Some(folder),
            }
        })
    }

    /// The plugin under test, those beside it, and a processor if none of them exports `payments`.
    async fn plugins_of_a_shop(&self, others: &[PluginUnderTest]) -> Vec<ShopPlugin> {
        let mut plugins = vec![self.under_test()];
        let mut charge = self.exports(Capability::Payments);
        for other in others.iter().map(|other| Plugin::beside(*other)) {
            let loaded = other.load(self.program()).await;
            charge |= loaded.capabilities.contains(&Capability::Payments);
            plugins.push(with_own_config(&other));
        }
        if !charge && let Some(processor) = Plugin::processor() {
            plugins.push(with_own_config(&processor));
        }
        plugins
    }

    /// Upstreams that the test scripted replace the acquirer, and get the test's secrets.
    fn under_test(&self) -> ShopPlugin {
        let mut plugin = with_own_config(self.plugin());
        let (config, secrets) = self.config_and_secrets();
        plugin.config = config;
        for (name, (base_url, timeout)) in self.scripted() {
            let requested = self
                .plugin()
                .manifest
                .upstreams
                .iter()
                .find(|upstream| upstream.name == name);
            for secret in requested.iter().flat_map(|upstream| &upstream.secrets) {
                let value = secrets.get(secret).cloned().unwrap_or_default();
                plugin.secrets.insert(secret.clone(), Sensitive::from(value));
            }
            let timeout_ms = timeout.map(millis);
            plugin.upstreams.insert(name, ShopUpstream { base_url, timeout_ms });
        }
        plugin
    }
}

/// A plugin with the configuration beside its sources; its upstreams are the acquirer.
fn with_own_config(plugin: &Plugin) -> ShopPlugin {
    ShopPlugin {
        name: plugin.name.clone(),
        component: plugin.component.clone(),
        manifest: plugin.manifest_text.clone(),
        config: plugin.config.clone(),
        secrets: std::collections::BTreeMap::new(),
        upstreams: std::collections::BTreeMap::new(),
    }
}

impl Shop {
    /// Buys items in these quantities and completes the purchase. Returns `status`, `total` (minor units), `currency`,
    /// `order_id`, the checkout as the agent last saw it, and the charge of the acquirer.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// for protocol in Protocol::ALL {
    ///     let bought = shop.buy(protocol, &[("tee", 2), ("mug", 1)]).await;
    ///     assert_eq!(bought["charge"]["amount"], bought["total"]);
    /// }
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the purchase does not complete; the message shows every exchange.
    pub async fn buy(&self, protocol: Protocol, items: &[(&str, u32)]) -> Value {
        completed(self.purchase(protocol, &basket(items)).await)
    }

    /// Like [`buy`](Self::buy), with a basket that also has codes, an option, a card or an address.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// let basket = Basket::of("tee", 2).with_code("SAVE10").shipped_by("express");
    /// assert_eq!(shop.buy_basket(Protocol::Acp20260417, &basket).await["currency"], "usd");
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the purchase does not complete; the message shows every exchange.
    pub async fn buy_basket(&self, protocol: Protocol, basket: &Basket) -> Value {
        completed(self.purchase(protocol, basket).await)
    }

    /// Tries to buy a basket, and returns a refusal as an error.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// let basket = Basket::of("tee", 1).paid_with("pm_card_visa_chargeDeclined");
    /// let told = shop.try_buy(Protocol::Acp20260417, &basket).await.unwrap_err();
    /// assert!(told.to_string().contains("declined"), "{told:#}");
    /// # }
    /// ```
    ///
    /// # Errors
    /// Why the purchase did not complete: `error`, the `status` of the answer that refused it, and every exchange.
    ///
    /// # Panics
    /// When a scripted upstream got a request that it does not expect, and when the test changed settings that the shop
    /// can no longer use.
    pub async fn try_buy(&self, protocol: Protocol, basket: &Basket) -> Result<Value, Value> {
        self.purchase(protocol, basket).await
    }

    /// Boxed, so that the tests of each plugin do not compile it again.
    fn purchase<'s>(
        &'s self,
        protocol: Protocol,
        basket: &'s Basket,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Value>> + Send + 's>> {
        Box::pin(async move {
            self.fail_on_late_changes();
            self.env.ready_upstreams(Some(&self.card_of(basket).await)).await;
            let buy = Buy {
                shop: self.opened.shop,
                protocol: protocol.to_wire(),
                basket: basket.to_wire(),
            };
            let bought = self.program().ask(&buy).await;
            self.env.fail_on_unexpected_requests();
            match bought {
                Ok(PurchaseResult::Receipt(receipt)) => Ok(receipt),
                Ok(PurchaseResult::Refusal(refusal)) => Err(refusal),
                Err(problem) => panic!("{problem}"),
            }
        })
    }

    /// The card that a scripted upstream receives in the purchase.
    async fn card_of(&self, basket: &Basket) -> Card {
        let read = ReadTestCard {
            payment_method: basket.payment_method.clone(),
        };
        let known = self
            .program()
            .ask(&read)
            .await
            .unwrap_or_else(|problem| panic!("{problem}"));
        known
            .number
            .map_or_else(card::visa, |number| card::visa().with(Slot::Number, number.reveal()))
    }

    fn program(&self) -> &'static Program {
        self.env.program()
    }

    /// Every charge in the acquirer's ledger, oldest first, including declined ones.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// shop.buy(Protocol::Acp20260417, &[("tee", 1)]).await;
    /// assert_eq!(shop.charges().len(), 1);
    /// # }
    /// ```
    #[must_use]
    pub fn charges(&self) -> Vec<Value> {
        self.sandbox.acquirer.ledger().charges()
    }

    /// The simulators, for tests that read their ledgers.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// shop.buy(Protocol::Acp20260417, &[("tee", 1)]).await;
    /// assert_eq!(shop.sandbox().acquirer.ledger().captured_total(), 30_99);
    /// # }
    /// ```
    #[must_use]
    pub const fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Base URL of the shop.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// println!("curl {}/agentic_checkout/checkout_sessions", shop.url());
    /// # }
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        self.opened.url.clone()
    }

    /// Stops the shop gracefully. A shop that is dropped stops too.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// shop.buy(Protocol::StripeAcs, &[("tee", 1)]).await;
    /// shop.stop().await;
    /// # }
    /// ```
    pub async fn stop(mut self) {
        let folder = self.folder.take();
        let closed = self.program().ask(&CloseShop { shop: self.opened.shop }).await;
        drop(folder);
        closed.unwrap_or_else(|problem| panic!("{problem}"));
    }

    fn fail_on_late_changes(&self) {
        let late = self.frozen_settings.late_changes(&self.env.frozen_settings());
        assert!(
            late.is_empty(),
            "after this shop started, the test changed settings that the shop can no longer use; set them before env.shop(), or start another shop:\n  - {}",
            late.join("\n  - ")
        );
        for upstream in self.env.upstreams() {
            upstream.fail_on_refusals_in_a_shop();
        }
    }
}

fn completed(purchase: Result<Value, Value>) -> Value {
    purchase.unwrap_or_else(|error| panic!("the purchase did not complete: {error:#}"))
}

fn basket(items: &[(&str, u32)]) -> Basket {
    let mut items = items.iter();
    let (first, quantity) = items.next().expect("something to buy");
    items.fold(Basket::of(*first, *quantity), |basket, (item, quantity)| {
        basket.and(*item, *quantity)
    })
}
