//! Checkouts that Stripe runs in the middle of crashes: it repeats each hook and each event until it has the answer, whatever happens to
//! the host.

use std::time::Duration;

use serde_json::Value;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Checkout, Hook, HookedCheckouts};
use tillhouse_tests::Acp;
use tillhouse_tests::crashpoints::Shop;

use crate::case::Party;
use crate::scene::Scene;

/// Delay between two retries.
const PAUSE: Duration = Duration::from_millis(20);

/// A step of Stripe.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A checkout for the last print, with the merchant's shipping and taxes.
    Open,
    /// The order is approved.
    Approve,
    /// The buyer has paid, and the merchant is told.
    Pay,
    /// The buyer has not, and the merchant is told.
    Expire,
}

/// Stripe's state, which outlives the hosts.
#[derive(Debug)]
pub(crate) struct HookedBuyer {
    steps: &'static [Step],
    /// Number of steps that are done.
    done: usize,
    checkout: Option<Checkout>,
    /// The event that is to be acknowledged: the same each time that it is sent.
    event: Option<Value>,
}

impl HookedBuyer {
    pub(crate) const fn of(scene: Scene) -> Self {
        use Step::{Approve, Expire, Open, Pay};
        Self {
            steps: match scene {
                Scene::ExpiredByHook => &[Open, Approve, Expire, Open, Approve, Pay],
                _ => &[Open, Approve, Pay],
            },
            done: 0,
            checkout: None,
            event: None,
        }
    }

    fn checkout(&mut self) -> &mut Checkout {
        self.checkout.as_mut().expect("a checkout was opened")
    }

    async fn approve(&mut self, stripe: &HookedCheckouts) {
        let checkout = self.checkout();
        let (id, data) = (checkout.id.replacen("cs_test_", "evt_", 1), checkout.approval());
        let answer = loop {
            match stripe.send(Hook::Approval, &id, &data).await {
                Ok(answer) if answer.status == 200 => break answer,
                Ok(answer) => assert!(answer.status >= 500, "{answer:#?}"),
                Err(_) => {}
            }
            tokio::time::sleep(PAUSE).await;
        };
        assert_eq!(answer.at("/manual_approval_details/type"), "approved", "{answer:#?}");
        checkout.metadata = answer.at("/metadata").clone();
    }

    async fn tell(&mut self, stripe: &HookedCheckouts, event: impl FnOnce(&Checkout) -> Value) {
        if self.event.is_none() {
            self.event = self.checkout.as_ref().map(event);
        }
        let event = self.event.as_ref().expect("a checkout was opened");
        while stripe.tell(event).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
        self.event = None;
    }
}

impl Party for HookedBuyer {
    async fn go_on(&mut self, shop: &Shop, _: &Acp<'_>) {
        let stripe = shop.stripe_hooks();
        while let Some(step) = self.steps.get(self.done).copied() {
            match step {
                Step::Open => self.checkout = Some(opened(&stripe).await),
                Step::Approve => self.approve(&stripe).await,
                Step::Pay => {
                    self.checkout().pay();
                    self.tell(&stripe, |checkout| checkout.completed_event("paid")).await;
                }
                Step::Expire => {
                    let expired = |checkout: &Checkout| checkout.session_event("checkout.session.expired", "unpaid");
                    self.tell(&stripe, expired).await;
                }
            }
            self.done += 1;
        }
    }

    /// Asserts that one unit was sold for one payment, by the only order, and that the operator has nothing to do.
    async fn assert_ledgers_agree(&self, shop: &Shop) {
        shop.wait_until_serving().await.expect("the host serves");
        let stripe = shop.stripe_hooks();
        let checkout = self.checkout.as_ref().expect("a checkout was opened");
        let states = shop.texts("SELECT state FROM attempt ORDER BY seq");
        let expected: &[&str] = match self.steps.len() {
            3 => &["approved"],
            _ => &["declined", "approved"],
        };
        assert_eq!(states, expected);
        assert_eq!(shop.texts("SELECT kind FROM break"), [""; 0]);
        let order = checkout.metadata["order_id"]
            .as_str()
            .expect("an approval names the order");
        assert_eq!(shop.texts("SELECT id FROM orders"), [order]);
        assert_eq!(shop.texts("SELECT session FROM orders"), [checkout.id.as_str()]);
        let paid_by = shop.texts("SELECT processor_reference FROM attempt WHERE state = 'approved'");
        assert_eq!(Some(paid_by[0].as_str()), checkout.payment_intent.as_deref());

        assert!(shop.backlog().is_empty(), "{:#?}", shop.backlog());
        assert_eq!(shop.texts("SELECT kind FROM outbox WHERE state = 'dead'"), [""; 0]);
        // Whose payment it is not, charges and reports nothing.
        assert!(shop.sandbox.acquirer.ledger().charges().is_empty());
        assert!(shop.sandbox.stripe.payment_records().is_empty());

        // The stock: the last unit is sold.
        let another = stripe.opened(&Basket::of("print-last", 1)).await.unwrap_err();
        assert!(another.contains("out of stock"), "{another}");
    }
}

async fn opened(stripe: &HookedCheckouts) -> Checkout {
    loop {
        if let Ok(mut checkout) = stripe.opened(&Basket::of("print-last", 1)).await
            && stripe.customize(&mut checkout).await.is_ok()
        {
            return checkout;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
