//! Refunds and disputes of orders that Stripe was paid for, by its events.

use serde_json::{Value, json};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::time::Clock;
use tillhouse_payments::manual_settlement::KnownOutcome;
use tillhouse_sandbox::stripe::hooks::Checkout;
use tillhouse_tests::TestHost;

use super::{approved, basket, discrepancies, start};

/// Id, status and minor units of each adjustment.
fn adjustments(order: &Order) -> Vec<(String, String, i64)> {
    let all = order.progress.adjustments.iter();
    all.map(|it| {
        let minor = it.amount.map_or(0, |amount| amount.amount.minor());
        (it.id.clone(), it.status.clone(), minor)
    })
    .collect()
}

fn is(id: &str, status: &str, minor: i64) -> (String, String, i64) {
    (id.to_owned(), status.to_owned(), minor)
}

async fn bought() -> (TestHost, Checkout) {
    let host = start().await;
    let checkout = host.stripe_hooks().buy(&basket()).await.unwrap();
    (host, checkout)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_changes_the_order_once_whatever_events_report_it_and_in_whatever_order() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    let events = [
        checkout.refund_event("refund.updated", "re_1", 500, "succeeded"),
        checkout.refund_event("refund.created", "re_1", 500, "pending"),
        checkout.charge_refunded_event(500),
        checkout.refund_event("charge.refund.updated", "re_1", 500, "succeeded"),
    ];
    for event in events.iter().chain(&events) {
        stripe.tell(event).await.unwrap();
        let order = host.order_of(&checkout.id).await;
        assert_eq!(adjustments(&order), [is("re_1", "completed", 500)]);
    }
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_only_the_charge_reports_is_known_by_the_sum() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    stripe.tell(&checkout.charge_refunded_event(500)).await.unwrap();
    let charge = checkout.payment_intent.as_ref().unwrap().replacen("pi_", "ch_", 1);
    let id = format!("{charge}/refunded/500");
    assert_eq!(
        adjustments(&host.order_of(&checkout.id).await),
        [is(&id, "completed", 500)]
    );
    stripe
        .tell(&checkout.refund_event("refund.created", "re_1", 500, "succeeded"))
        .await
        .unwrap();
    assert_eq!(
        host.order_of(&checkout.id).await.refunded().amount.minor(),
        500,
        "it is the same refund"
    );
    stripe
        .tell(&checkout.refund_event("refund.failed", "re_1", 500, "failed"))
        .await
        .unwrap();
    assert_eq!(
        adjustments(&host.order_of(&checkout.id).await),
        [is(&id, "failed", 500)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_goes_back_than_was_captured() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    let total = checkout.total();
    for (refund, amount) in [("re_1", total), ("re_2", 1)] {
        let event = checkout.refund_event("refund.created", refund, amount, "succeeded");
        stripe.tell(&event).await.unwrap();
    }
    let order = host.order_of(&checkout.id).await;
    assert_eq!(adjustments(&order), [is("re_1", "completed", total)]);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::OrderDiffers]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_is_in_the_order_and_for_the_operator() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    let total = checkout.total();
    for (kind, status, expected) in [
        ("charge.dispute.created", "needs_response", "pending"),
        ("charge.dispute.updated", "under_review", "pending"),
        ("charge.dispute.closed", "lost", "completed"),
    ] {
        let event = checkout.dispute_event(kind, status);
        for _ in 0..2 {
            stripe.tell(&event).await.unwrap();
        }
        let order = host.order_of(&checkout.id).await;
        let [(_, status, minor)] = adjustments(&order).try_into().unwrap();
        assert_eq!((status.as_str(), minor), (expected, total));
        assert_eq!(
            order.refunded().amount.minor(),
            0,
            "a bank takes it, the merchant does not return it"
        );
    }
    let found = discrepancies(&host).await;
    assert_eq!(found, [const { DiscrepancyKind::Disputed }; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_of_other_payments_of_the_account_change_nothing() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    let mut other = checkout.clone();
    for intent in [Some("pi_other".to_owned()), None] {
        other.payment_intent = intent;
        for event in [
            other.refund_event("refund.created", "re_1", 500, "succeeded"),
            other.dispute_event("charge.dispute.created", "needs_response"),
        ] {
            let mut event = event;
            event["data"]["object"]["id"] = "x_1".into();
            stripe.tell(&event).await.unwrap();
        }
    }
    assert!(adjustments(&host.order_of(&checkout.id).await).is_empty());
    assert!(discrepancies(&host).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_merchants_processor_is_never_asked_to_refund_what_stripe_took() {
    let (host, checkout) = bought().await;
    let order = host.order_of(&checkout.id).await;
    let refused = host.ask_refund(&order, "R1", 100).await.unwrap_err();
    assert!(
        refused.to_string().contains("Stripe took the payment: refund it there"),
        "{refused}"
    );
}

/// The event, of a payment that it names by the charge alone.
fn by_charge(mut event: Value) -> Value {
    event["data"]["object"]["payment_intent"] = Value::Null;
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_before_the_payment_is_in_the_order_once_that_is_made() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    let early = [
        checkout.refund_event("refund.updated", "re_1", 500, "succeeded"),
        checkout.refund_event("refund.created", "re_1", 500, "pending"),
        checkout.charge_refunded_event(500),
        checkout.dispute_event("charge.dispute.created", "needs_response"),
    ];
    for event in early.iter().chain(&early) {
        stripe.tell(event).await.unwrap();
    }
    assert!(discrepancies(&host).await.is_empty());
    let completed = checkout.completed_event("paid");
    for _ in 0..2 {
        stripe.tell(&completed).await.unwrap();
        let order = host.order_of(&checkout.id).await;
        let [refund, (_, dispute, _)] = adjustments(&order).try_into().unwrap();
        assert_eq!((refund, dispute.as_str()), (is("re_1", "completed", 500), "pending"));
        assert_eq!(discrepancies(&host).await, [DiscrepancyKind::Disputed]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_an_operator_settles_takes_what_was_reported_of_it() {
    let host = super::start_with("stripe.hooks.hold_seconds = 60").await;
    let stripe = host.stripe_hooks();
    let checkout = approved(&stripe, &basket()).await;
    host.clock.advance(std::time::Duration::from_secs(61));
    super::after_the_approval::wait_for_end_of_hold(&host, &checkout.id).await;
    let refund = checkout.refund_event("refund.created", "re_1", 500, "succeeded");
    stripe.tell(&refund).await.unwrap();
    let attempt = host.attempts_of(&checkout.id).await.pop().unwrap();
    let intent = ProcessorReference::new(checkout.payment_intent.as_deref().unwrap());
    let entry = |_: &_| AuditEntry {
        at: host.clock.now(),
        actor: "operator:test".into(),
        action: AuditAction::SettleAttempt,
        subject: attempt.id.to_string(),
        detail: "{}".into(),
    };
    let recovery = host.payments().recovery();
    let settling = recovery.settle_manually(&attempt.id, KnownOutcome::Charged(intent), entry);
    Box::pin(settling).await.unwrap();
    assert_eq!(
        adjustments(&host.order_of(&checkout.id).await),
        [is("re_1", "completed", 500)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_known_by_any_event_that_names_its_intent_before_or_after() {
    let charge_of = |checkout: &Checkout| checkout.payment_intent.as_ref().unwrap().replacen("pi_", "ch_", 1);
    let succeeded = |checkout: &Checkout| {
        json!({"id": "evt_named", "object": "event", "type": "charge.succeeded", "livemode": false,
               "data": {"object": {"id": charge_of(checkout), "payment_intent": checkout.payment_intent}}})
    };
    // The charge is named before the payment, between payment and refund, and last.
    for place in 0..3 {
        let host = start().await;
        let stripe = host.stripe_hooks();
        let checkout = approved(&stripe, &basket()).await;
        let mut events = vec![
            checkout.completed_event("paid"),
            by_charge(checkout.refund_event("refund.created", "re_1", 500, "succeeded")),
        ];
        events.insert(place, succeeded(&checkout));
        for event in &events {
            stripe.tell(event).await.unwrap();
        }
        assert_eq!(
            adjustments(&host.order_of(&checkout.id).await),
            [is("re_1", "completed", 500)],
            "{place}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_the_second_payment_of_a_checkout_is_not_one_of_its_order() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    let mut second = checkout.clone();
    second.payment_intent = Some("pi_second".to_owned());
    for event in [
        second.refund_event("refund.created", "re_2", 500, "succeeded"),
        second.completed_event("paid"),
        second.charge_refunded_event(700),
    ] {
        let mut event = event;
        event["data"]["object"]["metadata"] = checkout.metadata.clone();
        stripe.tell(&event).await.unwrap();
    }
    assert!(adjustments(&host.order_of(&checkout.id).await).is_empty());
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::PaidTwice]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_is_over_is_not_opened_by_a_late_event() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    for (kind, status) in [
        ("charge.dispute.closed", "lost"),
        ("charge.dispute.created", "needs_response"),
    ] {
        stripe.tell(&checkout.dispute_event(kind, status)).await.unwrap();
    }
    let [(_, status, _)] = adjustments(&host.order_of(&checkout.id).await).try_into().unwrap();
    assert_eq!(status, "completed");
    assert_eq!(discrepancies(&host).await, [const { DiscrepancyKind::Disputed }; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_that_comes_again_does_not_revive_a_refund_that_failed() {
    let (host, checkout) = bought().await;
    let stripe = host.stripe_hooks();
    let sum = checkout.charge_refunded_event(500);
    for event in [
        &checkout.refund_event("refund.created", "re_1", 500, "succeeded"),
        &sum,
        &checkout.refund_event("refund.failed", "re_1", 500, "failed"),
        &sum,
    ] {
        stripe.tell(event).await.unwrap();
    }
    assert_eq!(
        adjustments(&host.order_of(&checkout.id).await),
        [is("re_1", "failed", 500)]
    );
}
