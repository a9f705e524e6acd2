//! Purchases that Stripe runs and is paid for: what its lighter hooks are answered, what is held, and what becomes of it by its events.

mod after_the_approval;
mod after_the_sale;
mod amounts;
mod answers;
mod attacks;
mod callers;
mod changed_orders;
mod goldens;
mod prices;

use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::session::Session;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Checkout, Decision, HookedCheckouts};
use tillhouse_tests::{Merchant, TestHost};

async fn start() -> TestHost {
    start_with("").await
}

/// A host whose merchant has these settings.
async fn start_with(settings: &str) -> TestHost {
    let merchant = Merchant::named("demo").set(settings);
    TestHost::builder().merchant(merchant).frozen().start().await
}

fn basket() -> Basket {
    Basket::of("tee-classic", 2)
}

async fn discrepancies(host: &TestHost) -> Vec<DiscrepancyKind> {
    let found = host.store().list_discrepancies(20).await.unwrap();
    found.into_iter().map(|discrepancy| discrepancy.kind).collect()
}

async fn session(host: &TestHost, id: &str) -> Session {
    let found = host
        .store()
        .session(&MerchantId::new("demo"), &SessionId::new(id))
        .await;
    found.unwrap().unwrap()
}

/// A checkout that is customized and not asked about yet.
async fn customized(stripe: &HookedCheckouts, basket: &Basket) -> Checkout {
    let mut checkout = stripe.opened(basket).await.unwrap();
    stripe.customize(&mut checkout).await.unwrap();
    checkout
}

/// A checkout that is approved, and so held.
async fn approved(stripe: &HookedCheckouts, basket: &Basket) -> Checkout {
    let mut checkout = customized(stripe, basket).await;
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    checkout.pay();
    checkout
}

fn reason(decision: &Decision) -> &str {
    match decision {
        Decision::Declined(reason) => reason,
        Decision::Approved => panic!("it is approved"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_through_stripe_makes_the_order() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = stripe.buy(&basket()).await.unwrap();
    let order = host.order_of(&checkout.id).await;
    assert_eq!(order.total.amount.minor(), checkout.total());
    assert_eq!(checkout.metadata["order_id"], order.id.as_str());
    assert_eq!(checkout.metadata["tillhouse_checkout_session"], checkout.id.as_str());
    let attempt = host.attempts_of(&checkout.id).await.pop().unwrap();
    assert_eq!(
        attempt.processor_reference().map(|it| it.as_str()),
        checkout.payment_intent.as_deref()
    );
    assert!(discrepancies(&host).await.is_empty());
    assert_eq!(host.charges(), 0, "the merchant's processor charges nothing");
    assert!(
        host.sandbox.stripe.payment_records().is_empty(),
        "Stripe knows its own payment"
    );
}
