use serde_json::{Value, json};
use tillhouse_sandbox::Amount;
use tillhouse_sandbox::stripe::ReportedOutcome;

use crate::client::{NOW, Raw, Reply, issue, resolve_path, sandbox};

/// Parameters that replace or extend those of a valid report.
pub(crate) type Change<'a> = &'a [(&'a str, &'a str)];

const REPORT: &str = "/v1/payment_records/report_payment";

/// Posts a report for this token, with changes.
pub(crate) async fn report(stripe: &Raw, token: &str, change: Change<'_>) -> Reply {
    let now = NOW.to_string();
    let form = [
        ("payment_method_details[shared_payment_granted_token]", token),
        ("amount_requested[value]", "4598"),
        ("amount_requested[currency]", "usd"),
        ("initiated_at", &now),
        ("outcome", "guaranteed"),
        ("guaranteed[amount][value]", "4598"),
        ("guaranteed[amount][currency]", "usd"),
        ("guaranteed[final_capture]", "true"),
        ("guaranteed[guaranteed_at]", &now),
        ("processor_details[type]", "custom"),
        ("processor_details[custom][payment_reference]", "att_1"),
    ];
    let changed = |name: &str| change.iter().any(|(other, _)| *other == name);
    let mut pairs: Vec<(&str, &str)> = form.into_iter().filter(|(name, _)| !changed(name)).collect();
    pairs.extend(change);
    stripe.form(REPORT, None, &pairs).await
}

pub(crate) async fn resolved(stripe: &Raw) -> String {
    let token = issue(stripe, "pm_card_visa").await;
    assert_eq!(stripe.form(&resolve_path(&token), None, &[]).await.status, 200);
    token
}

#[tokio::test]
async fn a_report_becomes_a_record_and_counts_against_the_token() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = resolved(&stripe).await;
    let reported = report(&stripe, &token, &[("metadata[order]", "o_1")]).await;
    assert_eq!(reported.status, 200, "{}", reported.body);
    let record = reported.body;
    assert_eq!(record["object"], "payment_record");
    assert_eq!(record["amount_guaranteed"], json!({"value": 4598, "currency": "usd"}));
    assert_eq!(record["amount_failed"], json!({"value": 0, "currency": "usd"}));
    assert_eq!(record["processor_details"]["custom"]["payment_reference"], "att_1");
    assert_eq!(record["metadata"], json!({"order": "o_1"}));

    let id = record["id"].as_str().unwrap();
    assert_eq!(stripe.get(&format!("/v1/payment_records/{id}")).await.body, record);
    let shown = stripe
        .get(&format!("/v1/shared_payment/granted_tokens/{token}"))
        .await
        .body;
    assert_eq!(shown["usage_details"]["amount_captured"]["value"], 4598);

    let [booked] = sandbox.stripe.payment_records().try_into().unwrap();
    assert_eq!(booked.amount_guaranteed, Amount::usd(4598));
    assert_eq!(
        (booked.outcome, booked.final_capture),
        (ReportedOutcome::Guaranteed, true)
    );
}

#[tokio::test]
async fn the_reason_of_a_failure_or_cancellation_is_one_that_stripe_has() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let now = NOW.to_string();
    for (outcome, time, parameter, reason, status) in [
        (
            "failed",
            "failed[failed_at]",
            "failed[failure_code]",
            "insufficient_funds",
            200,
        ),
        (
            "failed",
            "failed[failed_at]",
            "failed[failure_code]",
            "do_not_honor",
            400,
        ),
        (
            "canceled",
            "canceled[canceled_at]",
            "canceled[reason]",
            "merchant_canceled",
            200,
        ),
        ("canceled", "canceled[canceled_at]", "canceled[reason]", "sold_out", 400),
    ] {
        let token = resolved(&stripe).await;
        let change = [
            ("outcome", outcome),
            (time, now.as_str()),
            (parameter, reason),
            ("guaranteed[amount][value]", ""),
            ("guaranteed[amount][currency]", ""),
            ("guaranteed[final_capture]", ""),
            ("guaranteed[guaranteed_at]", ""),
        ];
        let reply = report(&stripe, &token, &change).await;
        assert_eq!(reply.status, status, "{reason}: {}", reply.body);
        if status == 400 {
            assert_eq!(reply.error()["param"], parameter);
        }
    }
    let reasons: Vec<_> = sandbox
        .stripe
        .payment_records()
        .into_iter()
        .filter_map(|record| record.reason)
        .collect();
    assert_eq!(reasons, ["insufficient_funds", "merchant_canceled"]);
}

#[tokio::test]
async fn a_failed_payment_is_reported_without_capturing() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = resolved(&stripe).await;
    let now = NOW.to_string();
    let failed = [
        ("outcome", "failed"),
        ("failed[failed_at]", now.as_str()),
        ("guaranteed[amount][value]", ""),
        ("guaranteed[amount][currency]", ""),
    ];
    let record = report(&stripe, &token, &failed).await.body;
    assert_eq!(record["amount_failed"]["value"], 4598);
    assert_eq!(record["amount_guaranteed"]["value"], 0);
    let shown = stripe
        .get(&format!("/v1/shared_payment/granted_tokens/{token}"))
        .await
        .body;
    assert_eq!(shown["usage_details"]["amount_captured"]["value"], 0);
}

#[tokio::test]
async fn an_invalid_report_is_an_error_that_names_the_field() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = resolved(&stripe).await;
    let token_parameter = "payment_method_details[shared_payment_granted_token]";
    let cases: [(Change<'_>, u16, &str, &str); 11] = [
        (
            &[(token_parameter, "spt_unknown")],
            404,
            "resource_missing",
            token_parameter,
        ),
        (
            &[("amount_requested[value]", "-1")],
            400,
            "parameter_invalid_integer",
            "amount_requested[value]",
        ),
        (
            &[("amount_requested[value]", "4597")],
            400,
            "parameter_invalid",
            "guaranteed[amount][value]",
        ),
        (
            &[("guaranteed[amount][currency]", "eur")],
            400,
            "parameter_invalid",
            "guaranteed[amount][currency]",
        ),
        (&[("outcome", "succeeded")], 400, "parameter_invalid", "outcome"),
        (
            &[("outcome", "canceled")],
            400,
            "parameter_missing",
            "canceled[canceled_at]",
        ),
        (
            &[("initiated_at", "yesterday")],
            400,
            "parameter_invalid_integer",
            "initiated_at",
        ),
        (
            &[("guaranteed[final_capture]", "yes")],
            400,
            "parameter_invalid",
            "guaranteed[final_capture]",
        ),
        (
            &[("processor_details[type]", "adyen")],
            400,
            "parameter_invalid",
            "processor_details[type]",
        ),
        (
            &[
                ("amount_requested[currency]", "eur"),
                ("guaranteed[amount][currency]", "eur"),
            ],
            400,
            "currency_mismatch",
            "amount_requested[currency]",
        ),
        (
            &[
                ("amount_requested[value]", "4601"),
                ("guaranteed[amount][value]", "4601"),
            ],
            400,
            "amount_too_large",
            "guaranteed[amount][value]",
        ),
    ];
    for (change, status, code, param) in cases {
        let reply = report(&stripe, &token, change).await;
        assert_eq!(reply.status, status, "{change:?}: {}", reply.body);
        assert_eq!(
            (&reply.error()["code"], &reply.error()["param"]),
            (&json!(code), &json!(param)),
            "{change:?}"
        );
    }
    assert!(sandbox.stripe.payment_records().is_empty());
}

#[tokio::test]
async fn an_unresolved_token_cannot_have_paid() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_visa").await;
    let reply = report(&stripe, &token, &[]).await;
    assert_eq!(
        (reply.status, &reply.error()["code"]),
        (400, &json!("shared_payment_token_not_resolved"))
    );
}

#[tokio::test]
async fn a_second_report_beyond_the_limit_is_refused() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = resolved(&stripe).await;
    assert_eq!(report(&stripe, &token, &[]).await.status, 200);
    assert_eq!(report(&stripe, &token, &[]).await.error()["code"], "amount_too_large");
    assert_eq!(sandbox.stripe.payment_records().len(), 1);
}

#[tokio::test]
async fn records_are_found_by_the_payment_reference() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    for reference in ["att_1", "att_2"] {
        let token = resolved(&stripe).await;
        let change = [("processor_details[custom][payment_reference]", reference)];
        assert_eq!(report(&stripe, &token, &change).await.status, 200);
    }
    let list = stripe.get("/v1/payment_records?payment_reference=att_2").await.body;
    let references: Vec<&Value> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| &record["processor_details"]["custom"]["payment_reference"])
        .collect();
    assert_eq!(references, ["att_2"]);
    let page = stripe.get("/v1/payment_records?limit=1").await.body;
    assert_eq!(
        (page["data"].as_array().unwrap().len(), &page["has_more"]),
        (1, &json!(true))
    );
    assert_eq!(stripe.get("/v1/payment_records?limit=0").await.status, 400);
}
