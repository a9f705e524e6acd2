//! Confirming a checkout: orders, repeats, declines.

use serde_json::json;
use tillhouse_tests::{HttpResponse, Merchant, StripeAcs, TestHost};

use crate::protocols::host;

/// Retrieves the checkout until it no longer has the status `under_way`. The test's hold decides when that is, so this does not
/// depend on time.
async fn wait_for_outcome(stripe: &StripeAcs<'_>, checkout: &str, under_way: &str) -> HttpResponse {
    loop {
        let seen = stripe.retrieve(checkout).await.expect(200);
        if seen["status"] != under_way {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_confirmation_has_a_status_and_an_order() {
    let stripe = host().await.stripe_acs();
    let done = stripe.buy(&[("tee-classic", 1)]).await;
    let order = done["order"]["id"].as_str().unwrap();
    assert!(done["order"]["permalink_url"].as_str().unwrap().ends_with(order));
    assert_eq!(done["id"], json!(null));
}

#[tokio::test]
async fn the_same_token_again_is_the_same_confirmation_and_one_charge() {
    let host = TestHost::start().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    let token = host.token(checkout.total("total")).await;
    let first = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
    let second = stripe.confirm(checkout.id(), &token).await.expect(200);
    assert_eq!(first.json, second.json);
    assert_eq!(host.charges(), 1);
    let other = host.token(checkout.total("total")).await;
    let _ = stripe
        .confirm(checkout.id(), &other)
        .await
        .refused(409, "invalid_state");
    host.stop().await;
}

#[tokio::test]
async fn a_payment_that_takes_longer_than_stripe_waits_is_in_progress_and_completed_later() {
    let host = TestHost::builder()
        .set("server.confirm_deadline_ms = 1000")
        .start()
        .await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    let token = host.token(checkout.total("total")).await;
    let hold = host.sandbox.acquirer.hold_charges();
    let confirmed = stripe
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("in_progress");
    hold.arrived(1).await;
    let _ = stripe.retrieve(checkout.id()).await.is("in_progress");
    let _ = stripe.update(checkout.id(), &json!({})).await.refused(409, "in_flight");
    hold.release();
    let done = wait_for_outcome(&stripe, checkout.id(), "in_progress")
        .await
        .is("completed");
    assert!(done["order"]["id"].is_string());
    assert_eq!(done["order"], confirmed["order"], "the order that confirm named");
    assert_eq!(host.charges(), 1);
    host.stop().await;
}

#[tokio::test]
async fn a_merchant_may_call_the_checkout_processing_and_confirm_says_in_progress() {
    let merchant = Merchant::named("demo").set("stripe_acs.committing_status = \"processing\"");
    let slow = TestHost::builder()
        .merchant(merchant)
        .set("server.confirm_deadline_ms = 1000");
    let host = slow.start().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    let token = host.token(checkout.total("total")).await;
    let hold = host.sandbox.acquirer.hold_charges();
    let _ = stripe
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("in_progress");
    let _ = stripe.retrieve(checkout.id()).await.is("processing");
    hold.release();
    let _ = wait_for_outcome(&stripe, checkout.id(), "processing")
        .await
        .is("completed");
    host.stop().await;
}

#[tokio::test]
async fn a_decline_is_an_error_and_the_checkout_takes_another_token() {
    let stripe = host().await.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 1)]).await;
    let total = checkout.total("total");
    let bad = host().await.token_of("pm_card_insufficientFunds", total).await;
    let _ = stripe
        .confirm(checkout.id(), &bad)
        .await
        .refused(402, "payment_declined");
    let shown = stripe.retrieve(checkout.id()).await.is("ready_for_payment");
    assert_eq!(shown.message("payment_declined")["type"], "error");
    let good = host().await.token(total).await;
    let _ = stripe.confirm(checkout.id(), &good).await.expect(200).is("completed");
}

#[tokio::test]
async fn an_incomplete_checkout_is_not_confirmed() {
    let stripe = host().await.stripe_acs();
    let checkout = stripe.open(&[("tee-classic", 1)]).await;
    let refused = stripe
        .confirm(checkout.id(), "spt_x")
        .await
        .refused(409, "invalid_state");
    let _ = refused.about("$.fulfillment_details.address");
}
