//! One case: a purchase, one crash at one place, and the checks at the end.

use std::time::Duration;

use tillhouse_sandbox::agent::Wallet;
use tillhouse_sandbox::{Amount, Currency};
use tillhouse_tests::Acp;
use tillhouse_tests::crashpoints::{Arming, Fell, Shop};

use crate::agent::{Agent, Outcome};
use crate::scene::Scene;
use crate::{books, meddle};

/// A scene, and the crash point at which the host crashes; `None` to list the crash points that it passes.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) scene: Scene,
    pub(crate) armed: Option<Arming>,
}

impl Case {
    /// Runs the case; returns the crash points that the host passed up to the end of the scene.
    pub(crate) async fn play(self) -> Vec<String> {
        let mut shop = Shop::open(self.scene.waits()).await;
        let mut agent = Agent::with(self.scene.card());
        if let Some(first) = self.scene.first_fall() {
            self.first_life(&mut shop, &mut agent, &first).await;
        }
        shop.start(self.armed.as_ref());
        let mut passed = Vec::new();
        while let Err(Fell) = self.go_on(&shop, &mut agent, &mut passed).await {
            shop.falls += 1;
            assert!(shop.falls <= 1, "the host crashed by itself\n{}", shop.log());
            shop.kill();
            shop.start(None);
        }
        books::agree(&shop, &agent).await;
        passed
    }

    /// Runs up to the crash that the scene begins with.
    async fn first_life(&self, shop: &mut Shop, agent: &mut Agent, first: &Arming) {
        shop.start(Some(first));
        let acp = shop.serving().await.expect("the host serves");
        tokio::select! {
            bought = shop.while_up(buy(shop, agent, &acp)) => assert_eq!(bought, Err(Fell)),
            reached = shop.reached() => assert!(reached.is_ok() || first.action == "abort", "the host did not hang"),
        }
        if first.action == "hang" {
            // The charge was requested already; the acquirer only needs time to respond.
            while shop.sandbox.acquirer.ledger().captures().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        shop.kill();
        if self.scene == Scene::Voided {
            meddle::take_the_order(&shop.store()).await;
        }
    }

    async fn go_on(&self, shop: &Shop, agent: &mut Agent, passed: &mut Vec<String>) -> Result<(), Fell> {
        let acp = shop.serving().await?;
        if self.scene.first_fall().is_some() {
            shop.settled().await?;
        } else if shop.while_up(buy(shop, agent, &acp)).await? == Outcome::Declined {
            shop.settled().await?;
            assert!(
                shop.sandbox.acquirer.ledger().captures().is_empty(),
                "declined, but charged"
            );
        }
        shop.settled().await?;
        if self.armed.is_none() && passed.is_empty() {
            // Only the end of the host shows that no more crash points follow.
            *passed = shop.stop().await;
            return Err(Fell);
        }
        while shop.while_up(buy(shop, agent, &acp)).await? != Outcome::Bought {}
        shop.settled().await?;
        if self.armed.is_some() && shop.falls == 0 {
            // The store shows a change earlier than the host reports its next step.
            shop.reached().await?;
        }
        shop.settled().await
    }
}

/// Buys with tokens from Stripe's simulated wallet.
async fn buy(shop: &Shop, agent: &mut Agent, acp: &Acp<'_>) -> Outcome {
    let wallet = Wallet::at(&shop.sandbox.stripe, shop.sandbox.clock()).expect("the wallet can be created");
    let token = async |card: &'static str, cents: i64| {
        let amount = Amount::new(cents, &Currency::usd());
        wallet
            .token(card, &amount)
            .await
            .expect("a token can be created")
            .as_str()
            .to_owned()
    };
    agent.go_on(acp, token).await
}
