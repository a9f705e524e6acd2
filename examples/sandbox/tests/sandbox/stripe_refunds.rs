//! Refunds that are reported to payment records.

use serde_json::{Value, json};
use tillhouse_sandbox::Amount;

use crate::client::{NOW, Raw, Reply, sandbox};
use crate::stripe_records::{Change, report, resolved};

/// Posts a report of a refund over 1200, with changes.
async fn report_refund(stripe: &Raw, record: &str, key: Option<&str>, change: Change<'_>) -> Reply {
    let now = NOW.to_string();
    let form = [
        ("amount[value]", "1200"),
        ("amount[currency]", "usd"),
        ("initiated_at", &now),
        ("outcome", "refunded"),
        ("refunded[refunded_at]", &now),
        ("processor_details[type]", "custom"),
        ("processor_details[custom][refund_reference]", "re_1"),
    ];
    let changed = |name: &str| change.iter().any(|(other, _)| *other == name);
    let mut pairs: Vec<(&str, &str)> = form.into_iter().filter(|(name, _)| !changed(name)).collect();
    pairs.extend(change);
    let path = format!("/v1/payment_records/{record}/report_refund");
    stripe.form(&path, key, &pairs).await
}

async fn recorded(stripe: &Raw) -> String {
    let token = resolved(stripe).await;
    let record = report(stripe, &token, &[]).await.body;
    record["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn refunds_add_up_in_the_record_and_no_further() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let record = recorded(&stripe).await;
    let first = report_refund(&stripe, &record, Some("k1"), &[]).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.body["amount_refunded"], json!({"value": 1200, "currency": "usd"}));
    let replay = report_refund(&stripe, &record, Some("k1"), &[]).await;
    assert!(replay.replayed);
    let reference = "processor_details[custom][refund_reference]";
    let over: Change<'_> = &[(reference, "re_2"), ("amount[value]", "3399")];
    let refused = report_refund(&stripe, &record, Some("k2"), over).await;
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (400, &json!("amount_too_large"))
    );
    let rest: Change<'_> = &[(reference, "re_3"), ("amount[value]", ""), ("amount[currency]", "")];
    let all = report_refund(&stripe, &record, Some("k3"), rest).await;
    assert_eq!(all.body["amount_refunded"]["value"], 4598);
    let [booked] = sandbox.stripe.payment_records().try_into().unwrap();
    let refunds: Vec<_> = booked.refunds.iter().map(|refund| refund.amount.clone()).collect();
    assert_eq!(refunds, [Amount::usd(1200), Amount::usd(3398)]);
}

#[tokio::test]
async fn a_refund_has_a_reference_of_its_own_and_a_payment_that_was_made() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let (one, other) = (recorded(&stripe).await, recorded(&stripe).await);
    assert_eq!(report_refund(&stripe, &one, None, &[]).await.status, 200);
    let again = report_refund(&stripe, &other, None, &[]).await;
    assert_eq!(again.error()["code"], "refund_reference_in_use");
    let now = NOW.to_string();
    let failed: Change<'_> = &[
        ("outcome", "failed"),
        ("failed[failed_at]", &now),
        ("guaranteed[amount][value]", ""),
        ("guaranteed[amount][currency]", ""),
    ];
    let token = resolved(&stripe).await;
    let unpaid = report(&stripe, &token, failed).await.body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let unpaid = report_refund(
        &stripe,
        &unpaid,
        None,
        &[("processor_details[custom][refund_reference]", "re_2")],
    )
    .await;
    assert_eq!(unpaid.error()["code"], "payment_record_not_refundable");
    let unknown = report_refund(
        &stripe,
        "pr_unknown",
        None,
        &[("processor_details[custom][refund_reference]", "re_3")],
    );
    assert_eq!(unknown.await.status, 404);
}

#[tokio::test]
async fn an_invalid_report_is_an_error_that_names_the_field() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let record = recorded(&stripe).await;
    let cases: [(Change<'_>, &str, &str); 7] = [
        (&[("outcome", "pending")], "parameter_invalid", "outcome"),
        (&[("outcome", "failed")], "parameter_missing", "failed[failed_at]"),
        (
            &[("refunded[refunded_at]", "")],
            "parameter_missing",
            "refunded[refunded_at]",
        ),
        (
            &[("processor_details[type]", "adyen")],
            "parameter_invalid",
            "processor_details[type]",
        ),
        (
            &[("processor_details[custom][refund_reference]", "")],
            "parameter_missing",
            "processor_details[custom][refund_reference]",
        ),
        (&[("amount[currency]", "eur")], "currency_mismatch", "amount[currency]"),
        (&[("reason", "requested")], "parameter_invalid", "reason"),
    ];
    for (change, code, param) in cases {
        let reply = report_refund(&stripe, &record, None, change).await;
        assert_eq!(
            (reply.status, &reply.error()["code"], &reply.error()["param"]),
            (400, &json!(code), &json!(param)),
            "{change:?}: {}",
            reply.body
        );
    }
    let shown: Value = stripe.get(&format!("/v1/payment_records/{record}")).await.body;
    assert_eq!(shown["amount_refunded"]["value"], 0);
    let released = stripe.version("2025-09-30.clover");
    assert_eq!(
        report_refund(&released, &record, None, &[]).await.status,
        200,
        "it is in no preview"
    );
}

#[tokio::test]
async fn a_refund_that_failed_leaves_the_payment_as_it_was() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let record = recorded(&stripe).await;
    let now = NOW.to_string();
    let failed: Change<'_> = &[
        ("outcome", "failed"),
        ("failed[failed_at]", &now),
        ("failed[failure_reason]", "declined"),
        ("reason", "requested_by_customer"),
        ("refund_group", "ord_1"),
    ];
    let reply = report_refund(&stripe, &record, None, failed).await;
    assert_eq!(
        (reply.status, &reply.body["amount_refunded"]["value"]),
        (200, &json!(0)),
        "{}",
        reply.body
    );
    let [booked] = sandbox.stripe.payment_records().try_into().unwrap();
    assert_eq!(booked.refunds[0].failure_reason.as_deref(), Some("declined"));
}
