//! Checkouts that are asked about again as another order, after one was approved: the approval that was given stands until another one is.

use serde_json::json;
use tillhouse_checkout::session::SessionState;
use tillhouse_sandbox::agent::Basket;
use tillhouse_sandbox::stripe::hooks::{Decision, Hook};
use tillhouse_tests::{Merchant, TestHost};

use super::{approved, basket, discrepancies, reason, session, start};

const FEW: &str = "id,title,price,availability,inventory_quantity\nfew,Few,10.00 USD,in_stock,3\n";

async fn statuses(host: &TestHost, id: &str) -> Vec<&'static str> {
    let attempts = host.attempts_of(id).await;
    attempts.iter().map(|attempt| attempt.status().name()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_order_that_is_declined_leaves_the_approved_one_held() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    let before = session(&host, &checkout.id).await;
    let mut too_many = checkout.approval();
    too_many["line_items_details"][0]["quantity"] = json!(900_000);
    let mut cheaper = checkout.approval();
    cheaper["line_items_details"][0]["quantity"] = json!(1);
    let mut unknown = checkout.approval();
    unknown["line_items_details"][0]["sku_id"] = json!("none");
    for (number, (data, code)) in [
        (too_many, "out_of_stock"),
        (cheaper, "price_differs"),
        (unknown, "invalid_item_id"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = stripe.send(Hook::Approval, &format!("h{number}"), &data).await.unwrap();
        let details = &answer.body["manual_approval_details"];
        let told = details["declined"]["reason"].as_str().unwrap_or_default();
        assert!(told.starts_with(code), "{code}: {answer:?}");
        assert_eq!(session(&host, &checkout.id).await, before, "{code}");
        assert_eq!(statuses(&host, &checkout.id).await, ["awaiting"], "{code}");
    }
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    let order = host.order_of(&checkout.id).await;
    assert_eq!(order.total.amount.minor(), checkout.total());
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_order_that_is_approved_is_held_instead_of_the_first() {
    let merchant = Merchant::named("demo").catalog(FEW);
    let host = TestHost::builder().merchant(merchant).frozen().start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = approved(&stripe, &Basket::of("few", 2)).await;
    // Two and three are more than there is: what is held counts as free.
    checkout.lines[0].quantity = 3;
    stripe.customize(&mut checkout).await.unwrap();
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    assert_eq!(statuses(&host, &checkout.id).await, ["failed", "awaiting"]);
    assert!(stripe.opened(&Basket::of("few", 1)).await.is_err(), "all are held");
    checkout.lines[0].quantity = 1;
    stripe.customize(&mut checkout).await.unwrap();
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    let rest = approved(&stripe, &Basket::of("few", 2)).await;
    assert!(
        stripe.opened(&Basket::of("few", 1)).await.is_err(),
        "all are held again"
    );
    for checkout in [&checkout, &rest] {
        stripe.tell(&checkout.completed_event("paid")).await.unwrap();
        let order = host.order_of(&checkout.id).await;
        assert_eq!(order.total.amount.minor(), checkout.total());
    }
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_shipping_option_of_the_same_order_is_another_order() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = approved(&stripe, &basket()).await;
    let chosen = checkout.shipping.clone();
    let other = checkout.shipping_options.iter().find(|it| Some(*it) != chosen.as_ref());
    checkout.shipping = other.cloned();
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    let held = session(&host, &checkout.id).await;
    assert!(matches!(held.state, SessionState::Held { .. }), "{:?}", held.state);
    assert_eq!(held.total().amount.minor(), checkout.total());
    checkout.shipping.as_mut().unwrap().amount += 1;
    let wrong = stripe.approve(&mut checkout, None).await;
    assert!(reason(&wrong).starts_with("price_differs"), "{wrong:?}");
    assert_eq!(session(&host, &checkout.id).await, held);
}
