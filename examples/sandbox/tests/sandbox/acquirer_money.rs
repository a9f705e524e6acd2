use axum::http::Method;
use serde_json::{Value, json};
use tillhouse_sandbox::acquirer::{Operation, RefundStatus};

use crate::client::{NOW, Raw, charge_body, sandbox};

async fn charged(acquirer: &Raw, capture: bool, reference: &str) -> String {
    let mut body = charge_body("4242424242424242", 1_000, reference);
    body["capture"] = json!(capture);
    let reply = acquirer.json("/v1/charges", &format!("charge:{reference}"), body).await;
    assert_eq!((reply.status, &reply.body["captured"]), (201, &json!(capture)));
    reply.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn refunds_add_up_to_the_charge_and_no_further() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let charge = charged(&acquirer, true, "r").await;
    let path = format!("/v1/charges/{charge}/refunds");
    let first = acquirer
        .json(&path, "r1", json!({"amount": 700, "reference": "a"}))
        .await;
    assert_eq!(
        (first.status, &first.body["object"], &first.body["charge"]),
        (201, &json!("refund"), &json!(charge))
    );
    let replay = acquirer
        .json(&path, "r1", json!({"reference": "a", "amount": 700}))
        .await;
    assert!(replay.replayed);
    let over = acquirer
        .json(&path, "r2", json!({"amount": 301, "reference": "b"}))
        .await;
    assert_eq!(
        (over.status, &over.error()["code"]),
        (409, &json!("refund_exceeds_charge"))
    );
    assert_eq!(
        acquirer
            .json(&path, "r3", json!({"amount": 300, "reference": "b"}))
            .await
            .status,
        201
    );
    let ledger = sandbox.acquirer.ledger();
    assert_eq!(
        (ledger.captured_total(), ledger.refunded_total(), ledger.refunds().len()),
        (1_000, 1_000, 2)
    );
}

#[tokio::test]
async fn a_refund_is_found_by_its_reference_among_those_of_its_charge() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let (charge, other) = (charged(&acquirer, true, "r").await, charged(&acquirer, true, "s").await);
    for (key, charge, refund) in [
        (
            "r1",
            &charge,
            json!({"amount": 700, "reference": "a", "reason": "Sold out."}),
        ),
        ("r2", &charge, json!({"amount": 100, "reference": "b"})),
        ("r3", &other, json!({"amount": 1_000, "reference": "a"})),
    ] {
        let refunded = acquirer
            .json(&format!("/v1/charges/{charge}/refunds"), key, refund)
            .await;
        assert_eq!(refunded.status, 201);
    }
    let refunds = |query: &str| format!("/v1/charges/{charge}/refunds{query}");
    let found = acquirer.get(&refunds("?reference=a")).await.body;
    let amounts = |list: &Value| -> Vec<i64> {
        let data = list["data"].as_array().unwrap().iter();
        data.map(|refund| refund["amount"].as_i64().unwrap()).collect()
    };
    assert_eq!(
        (amounts(&found), &found["data"][0]["reason"]),
        (vec![700], &json!("Sold out."))
    );
    assert_eq!(amounts(&acquirer.get(&refunds("?reference=c")).await.body), [0; 0]);
    assert_eq!(amounts(&acquirer.get(&refunds("")).await.body), [700, 100]);
    assert_eq!(acquirer.get("/v1/charges/ch_unknown/refunds").await.status, 404);
    assert_eq!(sandbox.acquirer.received(Operation::ListRefunds), 4);
}

#[tokio::test]
async fn a_void_reverses_the_whole_charge_and_a_refunded_charge_cannot_be_voided() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let charge = charged(&acquirer, true, "r").await;
    let path = format!("/v1/charges/{charge}/void");
    for key in ["v1", "v2"] {
        let voided = acquirer.json(&path, key, json!({})).await;
        assert_eq!((voided.status, &voided.body["status"]), (200, &json!("voided")));
    }
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 0);
    let refund = json!({"amount": 1, "reference": "a"});
    assert_eq!(
        acquirer
            .json(&format!("/v1/charges/{charge}/refunds"), "r1", refund.clone())
            .await
            .status,
        409
    );

    let other = charged(&acquirer, true, "r2").await;
    acquirer
        .json(&format!("/v1/charges/{other}/refunds"), "r2", refund)
        .await;
    let late = acquirer
        .json(&format!("/v1/charges/{other}/void"), "v3", json!({}))
        .await;
    assert_eq!((late.status, &late.error()["code"]), (409, &json!("already_settled")));
}

#[tokio::test]
async fn an_uncaptured_charge_is_captured_once_up_to_its_amount() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let charge = charged(&acquirer, false, "r").await;
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 0);
    let path = format!("/v1/charges/{charge}/capture");
    assert_eq!(
        acquirer.json(&path, "c1", json!({"amount": 1_001})).await.error()["code"],
        "capture_exceeds_charge"
    );
    let captured = acquirer.json(&path, "c2", json!({"amount": 900})).await;
    assert_eq!((captured.status, &captured.body["amount_captured"]), (200, &json!(900)));
    assert_eq!(
        acquirer.json(&path, "c3", json!({"amount": 100})).await.error()["code"],
        "already_captured"
    );
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 900);
}

#[tokio::test]
async fn a_reference_belongs_to_one_charge() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    charged(&acquirer, true, "r").await;
    let again = acquirer
        .json("/v1/charges", "k2", charge_body("4242424242424242", 1_000, "r"))
        .await;
    assert_eq!(
        (again.status, &again.error()["code"]),
        (409, &json!("reference_in_use"))
    );
    assert_eq!(sandbox.acquirer.ledger().charges().len(), 1);
}

#[tokio::test]
async fn charges_are_read_by_id_and_listed_in_pages() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let mut ids = Vec::new();
    for reference in ["a", "b", "c"] {
        ids.push(charged(&acquirer, true, reference).await);
        sandbox.advance(std::time::Duration::from_secs(10));
    }
    assert_eq!(
        acquirer.get(&format!("/v1/charges/{}", ids[1])).await.body["reference"],
        "b"
    );
    assert_eq!(acquirer.get("/v1/charges/ch_unknown").await.status, 404);

    let ids_of = |body: &Value| -> Vec<String> {
        body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|charge| charge["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = acquirer.get("/v1/charges?limit=2").await.body;
    assert_eq!((ids_of(&first), &first["has_more"]), (ids[..2].to_vec(), &json!(true)));
    let rest = acquirer
        .get(&format!("/v1/charges?limit=2&starting_after={}", ids[1]))
        .await
        .body;
    assert_eq!((ids_of(&rest), &rest["has_more"]), (ids[2..].to_vec(), &json!(false)));
    let middle = acquirer
        .get(&format!("/v1/charges?created_gte={}&created_lt={}", NOW + 10, NOW + 20))
        .await
        .body;
    assert_eq!(ids_of(&middle), ids[1..2].to_vec());
    for query in ["limit=0", "limit=x", "created_gte=x", "starting_after=ch_unknown"] {
        assert_eq!(
            acquirer.get(&format!("/v1/charges?{query}")).await.status,
            400,
            "{query}"
        );
    }
    assert_eq!(sandbox.acquirer.received(Operation::List), 7);
    assert_eq!(sandbox.acquirer.requests()["POST /v1/charges"], 3);
}

/// Charges this card, and refunds part of it; returns the path of the refunds, and the answer.
async fn refunded(acquirer: &Raw, number: &str) -> (String, Value) {
    let charge = acquirer.json("/v1/charges", "k", charge_body(number, 1_000, "r")).await;
    let path = format!("/v1/charges/{}/refunds", charge.body["id"].as_str().unwrap());
    let refund = acquirer
        .json(&path, "r1", json!({"amount": 300, "reference": "a"}))
        .await;
    assert_eq!(refund.status, 201, "{}", refund.body);
    (path, refund.body)
}

#[tokio::test]
async fn a_pending_refund_succeeds_at_the_second_lookup_or_when_it_is_decided() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let (path, refund) = refunded(&acquirer, "4000000000007726").await;
    assert_eq!(refund["status"], "pending");
    let list = format!("{path}?reference=a");
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(acquirer.get(&list).await.body["data"][0]["status"].clone());
    }
    assert_eq!(seen, ["pending", "succeeded"]);
    assert!(sandbox.acquirer.settle_refund("a", false).is_none(), "it is decided");
    let second = json!({"amount": 700, "reference": "b"});
    assert_eq!(acquirer.json(&path, "r2", second).await.body["status"], "pending");
    let failed = sandbox.acquirer.settle_refund("b", false).unwrap();
    assert_eq!((failed.status, failed.amount), (RefundStatus::Failed, 700));
    let ledger = sandbox.acquirer.ledger();
    assert_eq!(
        (ledger.refunded_total(), ledger.charges()[0].amount_refunded),
        (300, 300)
    );
    let notice: Value = serde_json::from_str(&sandbox.acquirer.signed_webhook("b").unwrap().body).unwrap();
    assert_eq!(
        (&notice["refund"]["status"], &notice["refund"]["charge_reference"]),
        (&json!("failed"), &json!("r"))
    );
}

#[tokio::test]
async fn a_refused_refund_moves_no_money_and_a_lost_answer_does() {
    for (number, refunded_total) in [("4000000000007734", 0), ("4000000000007742", 300)] {
        let sandbox = sandbox().await;
        let acquirer = Raw::acquirer(&sandbox);
        let charge = acquirer.json("/v1/charges", "k", charge_body(number, 1_000, "r")).await;
        let path = format!("/v1/charges/{}/refunds", charge.body["id"].as_str().unwrap());
        let body = json!({"amount": 300, "reference": "a"});
        if refunded_total == 0 {
            assert_eq!(acquirer.json(&path, "r1", body).await.body["status"], "failed");
        } else {
            let answer = acquirer
                .try_send(Method::POST, &path, Some("r1"), body.to_string())
                .await;
            assert!(answer.is_err(), "the answer is lost");
            let found = acquirer.get(&format!("{path}?reference=a")).await;
            assert_eq!(found.body["data"][0]["status"], "succeeded");
        }
        assert_eq!(sandbox.acquirer.ledger().refunded_total(), refunded_total);
    }
}
