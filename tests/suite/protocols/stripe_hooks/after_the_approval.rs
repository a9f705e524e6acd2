//! What becomes of a held checkout by Stripe's events: in time, late, twice, of another amount, and of none that is known.

use std::time::Duration;

use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::session::SessionState;
use tillhouse_sandbox::stripe::hooks::{Decision, Hook};
use tillhouse_tests::TestHost;
use tillhouse_tests::eventually::wait_until;

use super::{approved, basket, customized, discrepancies, session, start, start_with};

pub(super) async fn wait_for_end_of_hold(host: &TestHost, id: &str) {
    wait_until("the hold is over", async || {
        let attempt = host.attempts_of(id).await.pop().unwrap();
        attempt.status().name() == "needs_review"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_taken_once_and_a_second_one_is_for_the_operator() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    let event = checkout.completed_event("paid");
    for event in [&event, &event, &checkout.completed_event("paid")] {
        stripe.tell(event).await.unwrap();
    }
    assert!(discrepancies(&host).await.is_empty());
    let mut other = checkout.clone();
    other.payment_intent = Some("pi_other".to_owned());
    stripe.tell(&other.completed_event("paid")).await.unwrap();
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::PaidTwice]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_another_amount_makes_no_order() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = approved(&stripe, &basket()).await;
    checkout.lines[0].unit_amount -= 1;
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::AmountDiffers]);
    assert!(matches!(
        session(&host, &checkout.id).await.state,
        SessionState::Held { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_after_the_hold_is_for_the_operator() {
    let host = start_with("stripe.hooks.hold_seconds = 60").await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    host.clock.advance(Duration::from_secs(61));
    wait_for_end_of_hold(&host, &checkout.id).await;
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    let found = discrepancies(&host).await;
    assert!(found.contains(&DiscrepancyKind::PaidAfterEnd), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_whose_event_is_lost_is_for_the_operator_at_the_end_of_its_hold() {
    let host = start_with("stripe.hooks.hold_seconds = 60").await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    host.clock.advance(Duration::from_secs(61));
    wait_for_end_of_hold(&host, &checkout.id).await;
    let found = host.store().list_discrepancies(20).await.unwrap();
    let [lost] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(lost.kind, DiscrepancyKind::OutcomeUnknown);
    assert!(lost.detail.contains(&checkout.id), "{}", lost.detail);
    assert!(lost.detail.contains("stripe"), "where to look: {}", lost.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_checkout_gives_its_stock_back_before_and_after_the_hold() {
    let host = start_with("stripe.hooks.hold_seconds = 60").await;
    let stripe = host.stripe_hooks();
    for is_late in [false, true] {
        let checkout = approved(&stripe, &basket()).await;
        if is_late {
            host.clock.advance(Duration::from_secs(61));
            wait_for_end_of_hold(&host, &checkout.id).await;
        }
        let expired = checkout.session_event("checkout.session.expired", "unpaid");
        for _ in 0..2 {
            stripe.tell(&expired).await.unwrap();
        }
        assert_eq!(
            session(&host, &checkout.id).await.state,
            SessionState::Open,
            "late: {is_late}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_a_checkout_that_is_unknown_is_for_the_operator_unless_the_account_sells_elsewhere() {
    for (setting, expected) in [
        ("report", vec![DiscrepancyKind::ChargedElsewhere]),
        ("ignore", Vec::new()),
    ] {
        let host = start_with(&format!("stripe.hooks.unknown_checkouts = \"{setting}\"")).await;
        let stripe = host.stripe_hooks();
        let mut unknown = customized(&stripe, &basket()).await;
        unknown.pay();
        let event = unknown.completed_event("paid");
        for _ in 0..2 {
            stripe.tell(&event).await.unwrap();
        }
        stripe
            .tell(&unknown.session_event("checkout.session.expired", "unpaid"))
            .await
            .unwrap();
        assert_eq!(discrepancies(&host).await, expected, "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_later_is_waited_for() {
    let host = start_with("stripe.hooks = { hold_seconds = 60, pending_hold_seconds = 86400 }").await;
    let stripe = host.stripe_hooks();
    let outcomes = [
        ("checkout.session.async_payment_succeeded", "paid"),
        ("checkout.session.async_payment_failed", "unpaid"),
    ];
    for (kind, status) in outcomes {
        let checkout = approved(&stripe, &basket()).await;
        stripe.tell(&checkout.completed_event("unpaid")).await.unwrap();
        host.clock.advance(Duration::from_secs(3_600));
        let held = session(&host, &checkout.id).await;
        assert!(matches!(held.state, SessionState::Held { .. }), "{:?}", held.state);
        stripe.tell(&checkout.session_event(kind, status)).await.unwrap();
        let state = session(&host, &checkout.id).await.state;
        match status {
            "paid" => assert!(matches!(state, SessionState::Completed { .. }), "{state:?}"),
            _ => assert_eq!(state, SessionState::Open),
        }
    }
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_asked_about_again_after_its_payment_is_still_approved() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = stripe.buy(&basket()).await.unwrap();
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    let mut more = checkout.approval();
    more["line_items_details"][0]["quantity"] = 3.into();
    let answer = stripe.send(Hook::Approval, "more", &more).await.unwrap();
    assert_eq!(answer.body["manual_approval_details"]["type"], "declined", "{answer:?}");
    assert_eq!(host.attempts_of(&checkout.id).await.len(), 1);
}
