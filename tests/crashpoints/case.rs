//! One case: a purchase, one crash at one place, and the checks at the end.

use std::time::Duration;

use serde_json::Value;
use tillhouse_sandbox::Amount;
use tillhouse_sandbox::agent::{Authenticator, Wallet};
use tillhouse_tests::crashpoints::{ArmedPoint, HostCrashed, Shop};
use tillhouse_tests::{Acp, Merchant, Release};

use crate::agent::{Agent, Buyer, Outcome};
use crate::hooked::HookedBuyer;
use crate::importer::Importer;
use crate::outside::OutsidePayer;
use crate::scene::{Actor, Scene};
use crate::uploader::Uploader;
use crate::{ledgers, refund, take_order_id};

/// A scene, and the crash point at which the host crashes; `None` to list the crash points that it passes.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) scene: Scene,
    pub(crate) armed: Option<ArmedPoint>,
}

impl Case {
    /// Runs the case; returns the crash points that the host passed up to the end of the scene.
    pub(crate) async fn run(self) -> Vec<String> {
        let (scene, delays) = (self.scene, self.scene.delays(self.armed.is_some()));
        match scene.actor() {
            Actor::Agent => self.run_agent(Shop::open(delays).await).await,
            Actor::Adyen(hold) => {
                let shop = Shop::open_at_adyen(delays, hold).await;
                self.run_party(shop, OutsidePayer::of(scene)).await
            }
            Actor::Importer => {
                self.run_party(Importer::open(scene, delays).await, Importer::of(scene))
                    .await
            }
            Actor::Uploader => {
                self.run_party(Uploader::open(scene, delays).await, Uploader::of(scene))
                    .await
            }
            Actor::Hooks => {
                let shop = Shop::open_as(Merchant::named("demo"), delays).await;
                self.run_party(shop, HookedBuyer::of(scene)).await
            }
        }
    }

    async fn run_agent(self, mut shop: Shop) -> Vec<String> {
        let mut agent = Agent::with(self.scene.card());
        if let Some(first) = self.scene.first_crash() {
            self.run_until_first_crash(&mut shop, &mut agent, &first).await;
        }
        shop.start(self.armed.as_ref());
        let mut passed = Vec::new();
        while let Err(HostCrashed) = self.resume(&shop, &mut agent, &mut passed).await {
            start_after_crash(&mut shop);
        }
        ledgers::assert_ledgers_agree(&shop, &agent, self.scene.refunded()).await;
        passed
    }

    /// The same for a party that is not an agent.
    async fn run_party(self, mut shop: Shop, mut party: impl Party) -> Vec<String> {
        party.prepare(&mut shop).await;
        shop.start(self.armed.as_ref());
        let mut passed = Vec::new();
        while let Err(HostCrashed) = self.resume_party(&shop, &mut party, &mut passed).await {
            start_after_crash(&mut shop);
        }
        party.assert_ledgers_agree(&shop).await;
        passed
    }

    async fn resume_party(
        &self,
        shop: &Shop,
        party: &mut impl Party,
        passed: &mut Vec<String>,
    ) -> Result<(), HostCrashed> {
        let acp = shop.wait_until_serving().await?;
        shop.while_running(party.go_on(shop, &acp)).await?;
        self.end(shop, passed).await
    }

    /// Waits until the host has nothing left to do, and has crashed or stopped once.
    async fn end(&self, shop: &Shop, passed: &mut Vec<String>) -> Result<(), HostCrashed> {
        shop.wait_until_settled().await?;
        if self.armed.is_none() && passed.is_empty() {
            // Only the end of the host shows that no more crash points follow.
            *passed = shop.stop().await;
            return Err(HostCrashed);
        }
        if self.armed.is_some() && shop.crashes == 0 {
            // The store shows a change earlier than the host reports its next step.
            shop.wait_until_reached().await?;
        }
        shop.wait_until_settled().await
    }

    /// Runs up to the crash that the scene begins with.
    async fn run_until_first_crash(&self, shop: &mut Shop, agent: &mut Agent, first: &ArmedPoint) {
        shop.start(Some(first));
        let acp = shop.wait_until_serving().await.expect("the host serves");
        let acts = async {
            while buy(shop, agent, &acp).await != Outcome::Bought {}
            if self.scene.refunded() > 0 {
                while !shop.backlog().is_empty() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                refund::ask(shop, agent).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            acted = shop.while_running(acts) => assert_eq!(acted, Err(HostCrashed)),
            reached = shop.wait_until_reached() => assert!(reached.is_ok() || first.action == "abort", "the host did not hang"),
        }
        if first.action == "hang" {
            // The charge or the refund was requested already; the acquirer only needs time to respond.
            let ledger = || shop.sandbox.acquirer.ledger();
            while ledger().captures().is_empty() || self.scene.refunded() > 0 && ledger().refunds().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        shop.kill();
        if self.scene == Scene::Voided {
            take_order_id::take_order_id(&shop.store()).await;
        }
    }

    async fn resume(&self, shop: &Shop, agent: &mut Agent, passed: &mut Vec<String>) -> Result<(), HostCrashed> {
        let acp = shop.wait_until_serving().await?;
        if self.scene.first_crash().is_some() {
            shop.wait_until_settled().await?;
        } else if shop.while_running(buy(shop, agent, &acp)).await? == Outcome::Declined {
            shop.wait_until_settled().await?;
            assert!(
                shop.sandbox.acquirer.ledger().captures().is_empty(),
                "declined, but charged"
            );
        }
        shop.wait_until_settled().await?;
        if self.scene.refunded() > 0 {
            shop.while_running(refund::ask(shop, agent)).await?;
            shop.wait_until_settled().await?;
        }
        if self.armed.is_some() || !passed.is_empty() {
            while shop.while_running(buy(shop, agent, &acp)).await? != Outcome::Bought {}
        }
        self.end(shop, passed).await
    }
}

/// Who acts in a case instead of an agent; outlives the hosts.
pub(crate) trait Party {
    /// What happens before the host of the case.
    async fn prepare(&mut self, _: &mut Shop) {}

    /// Goes on where it was interrupted, until everything is done.
    async fn go_on(&mut self, shop: &Shop, acp: &Acp<'_>);

    /// Asserts that everything happened once, and as a whole.
    async fn assert_ledgers_agree(&self, shop: &Shop);
}

/// Starts a host on what the crashed one left.
fn start_after_crash(shop: &mut Shop) {
    shop.crashes += 1;
    assert!(shop.crashes <= 1, "the host crashed by itself\n{}", shop.log());
    shop.kill();
    shop.start(None);
}

/// Buys with tokens from Stripe's simulated wallet, and with authentications of the simulated provider.
async fn buy(shop: &Shop, agent: &mut Agent, acp: &Acp<'_>) -> Outcome {
    agent.buy(acp, &SimulatedBuyer(shop)).await
}

struct SimulatedBuyer<'a>(&'a Shop);

impl Buyer for SimulatedBuyer<'_> {
    async fn token(&self, card: &'static str, cents: i64) -> String {
        let sandbox = &self.0.sandbox;
        let wallet = Wallet::at(&sandbox.stripe, sandbox.clock()).expect("the wallet can be created");
        let token = wallet.token(card, &Amount::usd(cents)).await;
        token.expect("a token can be created").as_str().to_owned()
    }

    async fn authenticate(&self, card: &'static str, cents: i64) -> Value {
        let authenticator = Authenticator::at(&self.0.sandbox.authentication).expect("the provider can be reached");
        let (amount, mut log) = (Amount::usd(cents), Vec::new());
        let authenticated = authenticator.authenticate(card, &amount, &Value::Null, &mut log).await;
        authenticated
            .expect("the buyer authenticates")
            .for_release(Release::V2026_04_17)
    }
}
