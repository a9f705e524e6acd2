//! A declined payment leaves the checkout as it was before.

use serde_json::json;
use tillhouse_sandbox::card::{Behaviour, TEST_CARDS};
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::{Merchant, Release, TestHost};

use super::eventually::{
    assert_charged_once, assert_not_charged, fast_timings, wait_for_payment_records, wait_for_status,
};

fn declining() -> Vec<(&'static str, &'static str)> {
    let cards = TEST_CARDS.iter().filter_map(|card| match card.behaviour {
        Behaviour::Decline(code) => Some((card.payment_method, code)),
        _ => None,
    });
    let cards: Vec<_> = cards.collect();
    assert!(cards.len() >= 5, "expected at least five declining test cards");
    cards
}

#[tokio::test]
async fn a_card_is_declined_without_a_word_about_why_and_the_next_one_pays() {
    for (card, code) in declining() {
        let host = TestHost::builder().timings(fast_timings()).start().await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.ready(&[("print-last", 1)]).await;
        let total = session.total("total");
        let token = host.token_of(card, total).await;

        let declined = agent
            .complete(session.id(), &token)
            .await
            .refused(402, "payment_declined");
        let now = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
        assert_eq!(now.message("payment_declined")["type"], "error");
        for answer in [&declined, &now] {
            assert!(!answer.text().contains(code), "{card}: {}", answer.text());
        }
        assert_eq!(
            now["totals"], session["totals"],
            "the failed payment still reserves the last print"
        );
        assert_not_charged(&host);
        let failed = wait_for_payment_records(&host, 1).await.remove(0);
        assert_eq!(failed.outcome, ReportedOutcome::Failed);
        assert_eq!(failed.shared_payment_granted_token.as_str(), token);

        let token = host.token(total).await;
        let done = agent.complete(session.id(), &token).await.expect(200).is("completed");
        assert!(
            done["messages"]
                .as_array()
                .unwrap()
                .iter()
                .all(|message| message["code"] != "payment_declined")
        );
        assert_charged_once(&host, total).await;
        let _ = wait_for_payment_records(&host, 2).await;
    }
}

#[tokio::test]
async fn stripe_gets_the_decline_and_may_confirm_again() {
    let host = TestHost::builder().timings(fast_timings()).start().await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("print-last", 1)]).await;
    let total = checkout.total("total");
    let token = host.token_of("pm_card_chargeDeclined", total).await;
    let _ = stripe
        .confirm(checkout.id(), &token)
        .await
        .refused(402, "payment_declined");
    let _ = stripe.retrieve(checkout.id()).await.expect(200).is("ready_for_payment");
    assert_not_charged(&host);
    let token = host.token(total).await;
    let done = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
    assert!(done["order"]["id"].is_string(), "{}", done.text());
    assert_charged_once(&host, total).await;
}

#[tokio::test]
async fn the_token_of_a_declined_payment_is_not_charged_again() {
    let host = TestHost::builder().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token_of("pm_card_insufficientFunds", session.total("total")).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(402, "payment_declined");
    // The same token means the same attempt, with the same outcome.
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(402, "payment_declined");
    assert_eq!(host.charges(), 1, "expected one charge at the acquirer");
}

/// Stripe shows the buyer the order of a confirm that is in progress: the payment that succeeds at last makes that order.
#[tokio::test]
async fn an_order_that_was_shown_in_progress_is_made_by_the_next_token() {
    let host = TestHost::builder()
        .timings(fast_timings())
        .set("server.request_timeout_ms = 500\nserver.confirm_deadline_ms = 500")
        .start()
        .await;
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_chargeDeclined", checkout.total("total")).await;
    let hold = host.sandbox.acquirer.hold_charges();
    let shown = stripe
        .confirm(checkout.id(), &token)
        .await
        .expect(200)
        .is("in_progress");
    hold.release();
    let _ = wait_for_status(&host, checkout.id(), "ready_for_payment").await;
    let token = host.token(checkout.total("total")).await;
    let _ = stripe.confirm(checkout.id(), &token).await.expect(200);
    let done = wait_for_status(&host, checkout.id(), "completed").await;
    assert!(shown["order"]["id"].is_string(), "{}", shown.text());
    assert_eq!(done["order"]["id"], shown["order"]["id"]);
    assert_charged_once(&host, checkout.total("total")).await;
}

#[tokio::test]
async fn stock_goes_back_and_another_buyer_has_it() {
    let host = TestHost::builder().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let mine = agent.ready(&[("print-last", 1)]).await;
    let yours = agent.ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_chargeDeclined", mine.total("total")).await;
    let _ = agent.complete(mine.id(), &token).await.refused(402, "payment_declined");
    let token = host.token(yours.total("total")).await;
    let _ = agent.complete(yours.id(), &token).await.expect(200).is("completed");

    let token = host.token(mine.total("total")).await;
    let late = agent.complete(mine.id(), &token).await.expect(409);
    let shown = agent.retrieve(mine.id()).await.is("not_ready_for_payment");
    assert_eq!(shown.message("out_of_stock")["type"], "error", "{}", late.text());
    assert_charged_once(&host, yours.total("total")).await;
}

#[tokio::test]
async fn a_code_of_one_use_is_released() {
    let shop = Merchant::named("demo").shop("discounts.FIRST5.usage-limit = 1");
    let host = TestHost::builder().timings(fast_timings()).merchant(shop).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let code = json!({"discounts": {"codes": ["FIRST5"]}});
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let session = agent
        .update(session.id(), &code)
        .await
        .expect(200)
        .is("ready_for_payment");
    let total = session.total("total");
    let token = host.token_of("pm_card_chargeDeclined", total).await;
    let _ = agent
        .complete(session.id(), &token)
        .await
        .refused(402, "payment_declined");
    let token = host.token(total).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, total).await;

    let next = agent.ready(&[("tee-classic", 1)]).await;
    let next = agent.update(next.id(), &code).await.expect(200);
    assert_eq!(
        next["discounts"]["rejected"][0]["reason"],
        "discount_code_usage_limit_reached",
        "{}",
        next.text()
    );
}
