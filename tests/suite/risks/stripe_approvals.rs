//! Approvals of Stripe that race: the last unit is held once, and a payment that was made is an order or for the operator, in whatever order its events come.

use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::session::SessionState;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Checkout, Decision, Hook, HookedCheckouts};
use tillhouse_tests::{Merchant, TestHost};
use tokio::task::JoinSet;

const LAST: &str = "id,title,price,availability,inventory_quantity\nlast,Last,10.00 USD,in_stock,1\n";

async fn start() -> TestHost {
    TestHost::builder()
        .merchant(Merchant::named("demo").catalog(LAST))
        .set("plugins.queue_wait_ms = 30000")
        .start()
        .await
}

async fn customized(stripe: &HookedCheckouts) -> Checkout {
    let mut checkout = stripe.opened(&Basket::of("last", 1)).await.unwrap();
    stripe.customize(&mut checkout).await.unwrap();
    checkout
}

async fn kinds(host: &TestHost) -> Vec<DiscrepancyKind> {
    let found = host.store().list_discrepancies(20).await.unwrap();
    found.into_iter().map(|found| found.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_approvals_of_the_last_unit_one_is_approved() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkouts = Vec::new();
    for _ in 0..8 {
        checkouts.push(customized(&stripe).await);
    }
    let mut approvals = JoinSet::new();
    for mut checkout in checkouts {
        let stripe = stripe.clone();
        approvals.spawn(async move { stripe.approve(&mut checkout, None).await });
    }
    let decisions = approvals.join_all().await;
    let approved = decisions.iter().filter(|decision| **decision == Decision::Approved);
    assert_eq!(approved.count(), 1, "{decisions:?}");
    for decision in &decisions {
        if let Decision::Declined(reason) = decision {
            assert!(reason.starts_with("out_of_stock: "), "{reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_hooks_about_one_checkout_hold_it_once() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe).await;
    let mut hooks = JoinSet::new();
    for index in 0..8 {
        let (stripe, data) = (stripe.clone(), checkout.approval());
        hooks.spawn(async move { stripe.send(Hook::Approval, &format!("hook_{}", index / 2), &data).await });
    }
    for answer in hooks.join_all().await {
        let answer = answer.unwrap();
        assert_eq!(answer.body["manual_approval_details"]["type"], "approved", "{answer:?}");
    }
    let attempts = host.attempts_of(&checkout.id).await;
    let live = attempts.iter().filter(|attempt| attempt.status().name() == "awaiting");
    assert_eq!(live.count(), 1, "{attempts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_and_a_payment_at_once_lose_no_money() {
    for _ in 0..6 {
        let host = start().await;
        let stripe = host.stripe_hooks();
        let mut checkout = customized(&stripe).await;
        assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
        checkout.pay();
        let (expired, paid) = (
            checkout.session_event("checkout.session.expired", "unpaid"),
            checkout.completed_event("paid"),
        );
        let (told_expired, told_paid) = tokio::join!(stripe.tell(&expired), stripe.tell(&paid));
        told_expired.unwrap();
        told_paid.unwrap();
        let session = host
            .store()
            .session(&MerchantId::new("demo"), &SessionId::new(checkout.id.as_str()))
            .await
            .unwrap()
            .unwrap();
        // Whichever event is first: the money makes the order, and what is left of the stock is not sold twice.
        assert!(
            matches!(session.state, SessionState::Completed { .. }),
            "{:?}",
            session.state
        );
        assert!(kinds(&host).await.is_empty(), "{:?}", kinds(&host).await);
        assert!(
            stripe.opened(&Basket::of("last", 1)).await.is_err(),
            "the last unit is sold"
        );
    }
}
