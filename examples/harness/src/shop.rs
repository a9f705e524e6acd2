//! Whole purchases: an agent, the host in this process, the plugin, and simulated Stripe and acquirer.

mod configuration;
mod protocol;

use std::sync::Arc;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tillhouse::checkout::time::{Clock, Timestamp};
use tillhouse::config::{Config, Sources};
use tillhouse::host::bindings::Bundled;
use tillhouse::host::{Host, Parts};
use tillhouse::plugin::{Capability, Code, EngineSettings};
use tillhouse_plugin::egress::Slot;
use tillhouse_sandbox::agent::{Interrupted, Purchase};
use tillhouse_sandbox::card::TestCard;
use tillhouse_sandbox::{Sandbox, SandboxConfig};

pub use protocol::Protocol;
pub use tillhouse_sandbox::agent::Basket;

use crate::card::{self, Card};
use crate::env::{Env, Standing};
use crate::folder::Folder;
use crate::plugin::{Plugin, PluginUnderTest};
use configuration::Others;

/// A running shop: the host, with the plugin under test as its merchant's.
///
/// What the plugin does not serve, the reference shop and the sandbox's processor do. An upstream that the test scripted is
/// the scripted one; every other is the sandbox's acquirer. Time stands still, as in the rest of the test.
///
/// A shop has what was said before it was started, and a store of its own. An upstream that was scripted then may be scripted
/// further; a purchase after anything else was said fails the test. The host takes nothing down while it serves:
/// [`Env::usage`], [`Env::logs`], [`Env::requests`] and [`Env::assert_never_saw_card_data`] are about calls that a test makes
/// itself.
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
    /// What the test had said when it was started.
    began: Standing,
    sandbox: Sandbox,
    host: Host,
    _folder: Folder,
}

/// The host's clock, which stands where the test's does.
#[derive(Debug)]
struct Still(u64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(self.0)
    }
}

impl Env {
    /// Start a shop with the plugin, its configuration and its catalog as they are now.
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
    /// When it does not start, with everything that is wrong.
    pub async fn shop(&self) -> Shop {
        self.shop_beside(&[]).await
    }

    /// The same with further plugins of the merchant, each with the configuration that lies beside it: the prices that a tax
    /// plugin is bound beside, or the processor that a shop charges with. Their upstreams are the sandbox's acquirer.
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
    /// When it does not start, with everything that is wrong: two plugins that serve one capability, for example.
    pub async fn shop_beside(&self, others: &[PluginUnderTest]) -> Shop {
        let others = self.others(others).await;
        let (began, now_ms) = (self.standing(), self.now_ms());
        let clock = tillhouse_sandbox::Clock::fixed(now_ms / 1_000);
        let config = SandboxConfig {
            clock,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(config).await.expect("the sandbox starts");
        let folder = Folder::new();
        let text = configuration::of(self, &others, &sandbox, &folder);
        let sources = Sources::new(folder.path(), |_| None, |path| std::fs::read_to_string(path));
        let config = Config::parse(&text, &sources).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let parts = Parts {
            clock: Arc::new(Still(now_ms)),
            bundled: Plugin::reference()
                .filter(|shop| shop.name != self.plugin().name)
                .map(|shop| bundled(&shop)),
            code: Some(code(self.plugin())),
            ..Parts::default()
        };
        let host = Box::pin(Host::start(&config, parts)).await;
        Shop {
            env: self.clone(),
            began,
            host: host.unwrap_or_else(|error| panic!("the shop does not start: {error}")),
            sandbox,
            _folder: folder,
        }
    }

    async fn others(&self, others: &[PluginUnderTest]) -> Others {
        let plugins: Vec<Arc<Plugin>> = others.iter().map(|other| Plugin::beside(*other)).collect();
        let mut charge = false;
        for plugin in &plugins {
            let component = self.trial().load(plugin.bytes.clone()).await;
            let component = component.unwrap_or_else(|error| panic!("{}: {error}", plugin.component.display()));
            charge |= component.capabilities().contains(Capability::Payments);
        }
        Others { plugins, charge }
    }
}

fn bundled(shop: &Plugin) -> Bundled {
    Bundled {
        component: shop.bytes.clone(),
        manifest: shop.manifest_text.clone(),
        config: shop.config.clone(),
    }
}

/// The engine that the shops of this process share: the production one, which counts nothing.
fn code(plugin: &Plugin) -> Code {
    static CODE: OnceLock<Code> = OnceLock::new();
    let settings = || EngineSettings {
        code_folder: Some(plugin.code_folder()),
        ..EngineSettings::default()
    };
    CODE.get_or_init(|| Code::new(&settings()).expect("an engine")).clone()
}

impl Shop {
    /// Buy items and quantities, to the end: `status`, `total` (minor units), `currency`, `order_id`, the checkout as the
    /// agent last saw it, and the charge of the acquirer.
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
    /// When the purchase does not complete, with every exchange.
    pub async fn buy(&self, protocol: Protocol, items: &[(&str, u32)]) -> Value {
        self.buy_basket(protocol, &basket(items)).await
    }

    /// The same with a basket that says more: codes, option, card, address.
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
    /// When the purchase does not complete, with every exchange.
    pub async fn buy_basket(&self, protocol: Protocol, basket: &Basket) -> Value {
        match self.try_buy(protocol, basket).await {
            Ok(bought) => bought,
            Err(told) => panic!("the purchase did not complete: {told:#}"),
        }
    }

    /// Try to buy.
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
    /// Why it came to nothing: `error`, the `status` of the answer that refused it, and every exchange.
    ///
    /// # Panics
    /// When a scripted upstream got a request that it does not expect, and when the test said something that the shop could
    /// not hear any more.
    pub async fn try_buy(&self, protocol: Protocol, basket: &Basket) -> Result<Value, Value> {
        self.fail_on_what_came_too_late();
        self.env.ready_upstreams(Some(&card_of(basket))).await;
        let bought = protocol::purchase(protocol, &self.url(), &self.sandbox, basket).await;
        self.env.fail_on_strays();
        match bought {
            Ok(purchase) if purchase.is_completed() => Ok(self.receipt(&purchase)),
            Ok(purchase) => {
                Err(json!({"error": format!("it is {}", purchase.status), "exchanges": purchase.exchanges}))
            }
            Err(interrupted) => Err(refusal(&interrupted)),
        }
    }

    /// Every charge on the acquirer's books, oldest first, declined ones included.
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
        let charges = self.sandbox.acquirer.ledger().charges();
        charges
            .iter()
            .map(|charge| serde_json::to_value(charge).expect("a charge as JSON"))
            .collect()
    }

    /// The simulators, for tests that want to look into their books or have them fail.
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

    /// Where the shop is reached.
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
        format!("http://{}", self.host.address)
    }

    /// End the shop in good order. One that is dropped ends with the test.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let shop = env.shop().await;
    /// shop.buy(Protocol::StripeAcs, &[("tee", 1)]).await;
    /// shop.stop().await;
    /// # }
    /// ```
    pub async fn stop(self) {
        self.host.stop().await;
        self.sandbox.stop().await;
    }

    fn fail_on_what_came_too_late(&self) {
        let late = self.began.too_late(&self.env.standing());
        assert!(
            late.is_empty(),
            "since this shop began, the test said what it cannot hear any more; say it before, or start another:\n  - {}",
            late.join("\n  - ")
        );
        for upstream in self.env.upstreams() {
            upstream.fail_on_refusals_in_a_shop();
        }
    }

    fn receipt(&self, purchase: &Purchase) -> Value {
        json!({
            "protocol": purchase.protocol,
            "status": purchase.status,
            "total": purchase.total,
            "currency": purchase.currency,
            "order_id": purchase.order_id,
            "checkout": purchase.exchanges.last().map(|exchange| &exchange.response),
            "charge": self.charges().last(),
        })
    }
}

fn basket(items: &[(&str, u32)]) -> Basket {
    let mut items = items.iter();
    let (first, quantity) = items.next().expect("something to buy");
    items.fold(Basket::of(*first, *quantity), |basket, (item, quantity)| {
        basket.and(*item, *quantity)
    })
}

/// The card that a scripted upstream of the purchase will see.
fn card_of(basket: &Basket) -> Card {
    let known = TestCard::by_payment_method(&basket.payment_method);
    known.map_or_else(card::visa, |known| card::visa().with(Slot::Number, known.number))
}

fn refusal(interrupted: &Interrupted) -> Value {
    json!({
        "error": interrupted.error.to_string(),
        "status": interrupted.status(),
        "exchanges": interrupted.exchanges,
    })
}
