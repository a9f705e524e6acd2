//! What each event of Stripe reports.

use serde_json::{Value, json};

use super::super::events::report;
use crate::testing::hook_settings;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::outside_payment::{AdjustmentReport, OutsidePayment, OutsideReport, OutsideResult};
use tillhouse_checkout::time::Timestamp;

fn event(kind: &str) -> InboxEvent {
    let merchant = MerchantId::new("mer");
    InboxEvent {
        source: EventSource::Stripe(merchant.clone()),
        id: "evt_1".into(),
        merchant,
        kind: kind.into(),
        payload: String::new(),
        received: Timestamp(1000),
    }
}

fn reported(kind: &str, object: &Value) -> Option<Result<OutsideReport, String>> {
    report(&event(kind), object, &hook_settings())
}

fn session(more: &Value) -> Value {
    let mut session = json!({"id": "cs_1", "payment_status": "paid", "payment_intent": "pi_1", "amount_total": 1234,
                             "currency": "usd", "metadata": {}});
    let members = session.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    session
}

fn payment(kind: &str, more: &Value) -> OutsidePayment {
    match reported(kind, &session(more)) {
        Some(Ok(OutsideReport::Payment { payment, .. })) => payment,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_is_paid_pending_or_refused() {
    let settings = hook_settings();
    for (kind, status, result) in [
        ("checkout.session.completed", "paid", OutsideResult::Paid),
        ("checkout.session.completed", "no_payment_required", OutsideResult::Paid),
        (
            "checkout.session.completed",
            "unpaid",
            OutsideResult::Pending(settings.pending_hold),
        ),
        ("checkout.session.async_payment_succeeded", "paid", OutsideResult::Paid),
        (
            "checkout.session.async_payment_failed",
            "unpaid",
            OutsideResult::Over("async_payment_failed".into()),
        ),
        (
            "checkout.session.expired",
            "unpaid",
            OutsideResult::Over("checkout_session_expired".into()),
        ),
    ] {
        let payment = payment(kind, &json!({"payment_status": status}));
        assert_eq!(payment.result, result, "{kind} {status}");
        assert_eq!(payment.session.as_str(), "cs_1");
        assert_eq!(payment.reference.unwrap().as_str(), "pi_1");
        assert_eq!(payment.amount.unwrap().to_string(), "12.34 USD");
    }
}

#[test]
fn the_session_is_that_of_the_metadata_and_the_payment_may_be_an_object_or_none() {
    let ours = payment(
        "checkout.session.completed",
        &json!({"metadata": {"tillhouse_checkout_session": "hook_1"}, "payment_intent": {"id": "pi_2", "object": "payment_intent"}}),
    );
    assert_eq!(
        (ours.session.as_str(), ours.reference.unwrap().as_str()),
        ("hook_1", "pi_2")
    );
    let free = payment("checkout.session.completed", &json!({"payment_intent": null}));
    assert_eq!(free.reference.unwrap().as_str(), "cs_1");
    let expired = payment("checkout.session.expired", &json!({"payment_intent": null}));
    assert_eq!(expired.reference, None);
}

#[test]
fn refunds_and_disputes_are_adjustments_of_their_payment() {
    let refund =
        json!({"id": "re_1", "payment_intent": "pi_1", "amount": 500, "currency": "usd", "status": "succeeded"});
    let dispute = json!({"id": "du_1", "payment_intent": "pi_1", "amount": 500, "currency": "usd", "status": "lost", "reason": "fraudulent"});
    let with_list = json!({"id": "ch_1", "payment_intent": "pi_1", "amount_refunded": 500, "currency": "usd",
                           "refunds": {"data": [refund]}});
    for (kind, object, id, status) in [
        ("refund.created", &refund, "re_1", "completed"),
        ("charge.refund.updated", &refund, "re_1", "completed"),
        ("charge.refunded", &with_list, "re_1", "completed"),
        ("charge.dispute.closed", &dispute, "du_1", "completed"),
    ] {
        let Some(Ok(OutsideReport::Adjustments(reports))) = reported(kind, object) else {
            panic!("{kind}")
        };
        let [report] = reports.as_slice() else { panic!("{kind}") };
        let AdjustmentReport::Adjustment(adjustment) = &report.what else {
            panic!("{kind}")
        };
        assert_eq!(report.names[0].as_str(), "pi_1");
        assert_eq!((adjustment.id.as_str(), adjustment.status.as_str()), (id, status));
        assert_eq!(adjustment.amount.unwrap().to_string(), "5.00 USD");
    }
    let sum = json!({"id": "ch_1", "payment_intent": "pi_1", "amount_refunded": 500, "currency": "usd"});
    let Some(Ok(OutsideReport::Adjustments(reports))) = reported("charge.refunded", &sum) else {
        panic!("a sum")
    };
    assert!(matches!(&reports[0].what, AdjustmentReport::Refunded { charge, .. } if charge == "ch_1"));
}

#[test]
fn what_is_about_something_else_is_left_alone_and_what_cannot_be_read_is_an_error() {
    for kind in [
        "payment_intent.created",
        "checkout.session.created",
        "charge.pending",
        "refund.other",
    ] {
        assert!(reported(kind, &session(&json!({}))).is_none(), "{kind}");
    }
    let without_name =
        json!({"id": "re_1", "payment_intent": null, "amount": 1, "currency": "usd", "status": "succeeded"});
    assert!(reported("refund.created", &without_name).is_none());
    let set_up = session(&json!({"payment_status": "no_payment_required", "amount_total": null, "currency": null}));
    assert!(
        reported("checkout.session.completed", &set_up).is_none(),
        "it pays nothing"
    );
    for names_one in [
        json!({"id": "ch_1", "payment_intent": null}),
        json!({"id": 1}),
        json!(null),
    ] {
        assert!(reported("charge.succeeded", &names_one).is_none(), "{names_one}");
    }
    for (kind, object) in [
        ("checkout.session.completed", json!({})),
        ("checkout.session.completed", session(&json!({"payment_status": null}))),
        (
            "checkout.session.completed",
            session(&json!({"payment_status": "processing"})),
        ),
        (
            "checkout.session.completed",
            session(&json!({"amount_total": null, "metadata": {"tillhouse_checkout_session": "cs_1"}})),
        ),
        ("checkout.session.completed", session(&json!({"amount_total": -1}))),
        ("checkout.session.completed", session(&json!({"currency": "x"}))),
        ("checkout.session.completed", session(&json!({"id": "a b"}))),
        (
            "refund.created",
            json!({"id": "re_1", "amount": "1", "currency": "usd"}),
        ),
    ] {
        assert!(matches!(reported(kind, &object), Some(Err(_))), "{kind} {object}");
    }
}

#[test]
fn a_payment_is_named_by_its_intent_and_its_charge_and_by_the_session_only_without_both() {
    let refund = |more: Value| {
        let mut refund = json!({"id": "re_1", "amount": 500, "currency": "usd", "status": "succeeded"});
        refund
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        refund
    };
    let metadata = json!({"tillhouse_checkout_session": "cs_1", "number": 1});
    for (kind, object, names) in [
        (
            "refund.created",
            refund(json!({"payment_intent": "pi_1", "charge": "ch_1", "metadata": metadata})),
            vec!["pi_1", "ch_1"],
        ),
        (
            "refund.created",
            refund(json!({"charge": {"id": "ch_1"}})),
            vec!["ch_1"],
        ),
        ("refund.created", refund(json!({"metadata": metadata})), vec!["cs_1"]),
        (
            "charge.refunded",
            json!({"id": "ch_1", "payment_intent": null, "amount_refunded": 5, "currency": "usd"}),
            vec!["ch_1"],
        ),
        (
            "charge.dispute.created",
            json!({"id": "du_1", "charge": "ch_1", "amount": 5, "currency": "usd", "status": "lost"}),
            vec!["ch_1"],
        ),
        (
            "charge.succeeded",
            json!({"id": "ch_1", "payment_intent": "pi_1"}),
            vec!["pi_1", "ch_1"],
        ),
        (
            "payment_intent.succeeded",
            json!({"id": "pi_1", "latest_charge": "ch_1"}),
            vec!["pi_1", "ch_1"],
        ),
    ] {
        let Some(Ok(OutsideReport::Adjustments(reports))) = reported(kind, &object) else {
            panic!("{kind} {object}")
        };
        let seen: Vec<&str> = reports[0].names.iter().map(|name| name.as_str()).collect();
        assert_eq!(seen, names, "{kind} {object}");
    }
}
