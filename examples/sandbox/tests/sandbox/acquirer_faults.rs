use axum::http::Method;
use serde_json::json;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acquirer::Operation;

use crate::client::{Raw, charge_body, sandbox};

const GOOD: &str = "4242424242424242";

#[tokio::test]
async fn keys_replay_conflict_and_are_required() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let first = acquirer.json("/v1/charges", "k", charge_body(GOOD, 100, "r")).await;
    let again = acquirer.json("/v1/charges", "k", charge_body(GOOD, 100, "r")).await;
    assert_eq!((again.status, again.replayed, &again.body), (201, true, &first.body));
    let other = acquirer.json("/v1/charges", "k", charge_body(GOOD, 101, "r")).await;
    assert_eq!(
        (other.status, &other.error()["type"]),
        (422, &json!("idempotency_error"))
    );
    let declined = acquirer
        .json("/v1/charges", "d", charge_body("4000000000000002", 100, "d"))
        .await;
    let declined_again = acquirer
        .json("/v1/charges", "d", charge_body("4000000000000002", 100, "d"))
        .await;
    assert_eq!((declined_again.status, declined_again.replayed), (402, true));
    assert_eq!(declined_again.body, declined.body);
    let keyless = acquirer
        .try_send(Method::POST, "/v1/charges", None, charge_body(GOOD, 1, "x").to_string())
        .await;
    assert_eq!(keyless.unwrap().error()["code"], "idempotency_key_required");
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 100);
}

#[tokio::test]
async fn only_the_right_api_key_is_accepted() {
    let sandbox = sandbox().await;
    for authorization in ["", "Bearer wrong", "Basic YWNxX3Rlc3Rfc2FuZGJveDo="] {
        let reply = Raw::new(sandbox.acquirer.url(), authorization).get("/v1/charges").await;
        assert_eq!(reply.status, 401, "{authorization}");
    }
}

#[tokio::test]
async fn a_held_charge_is_in_flight_until_it_is_released() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let hold = sandbox.acquirer.hold_charges();
    let first = tokio::spawn({
        let acquirer = acquirer.clone();
        async move { acquirer.json("/v1/charges", "k", charge_body(GOOD, 100, "r")).await }
    });
    hold.arrived(1).await;
    assert_eq!(
        acquirer
            .json("/v1/charges", "k", charge_body(GOOD, 100, "r"))
            .await
            .status,
        409
    );
    assert_eq!(acquirer.get("/v1/charges?reference=r").await.body["data"], json!([]));
    hold.release();
    assert_eq!(first.await.unwrap().status, 201);
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 100);
}

#[tokio::test]
async fn a_client_that_disconnects_is_charged_all_the_same() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let hold = sandbox.acquirer.hold_charges();
    let client = tokio::spawn({
        let acquirer = acquirer.clone();
        async move { acquirer.json("/v1/charges", "k", charge_body(GOOD, 100, "r")).await }
    });
    hold.arrived(1).await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    hold.release();
    sandbox.acquirer.stop().await;
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 100);
}

#[tokio::test]
async fn injected_faults_charge_nothing_except_a_lost_answer() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    sandbox.acquirer.fail_next(Operation::Charge, Fault::Status(503));
    sandbox.acquirer.fail_next(Operation::Charge, Fault::DropConnection);
    sandbox.acquirer.fail_next(Operation::Charge, Fault::LoseAnswer);
    let send = || {
        acquirer.try_send(
            Method::POST,
            "/v1/charges",
            Some("k"),
            charge_body(GOOD, 100, "r").to_string(),
        )
    };
    assert_eq!(send().await.unwrap().status, 503);
    assert!(send().await.is_err());
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 0);
    assert!(send().await.is_err());
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 100);
    let replay = send().await.unwrap();
    assert_eq!((replay.status, replay.replayed), (201, true));
    assert_eq!(sandbox.acquirer.received(Operation::Charge), 4);
}

#[tokio::test]
async fn stopping_ends_requests_that_hang_or_wait_at_a_gate() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    sandbox.acquirer.fail_next(Operation::Charge, Fault::Hang);
    let hold = sandbox.acquirer.hold_charges();
    let spawn = |key: &'static str| {
        let acquirer = acquirer.clone();
        let body = charge_body(GOOD, 100, key).to_string();
        tokio::spawn(async move { acquirer.try_send(Method::POST, "/v1/charges", Some(key), body).await })
    };
    let requests = [spawn("a"), spawn("b")];
    hold.arrived(1).await;
    sandbox.acquirer.stop().await;
    for request in requests {
        assert!(request.await.unwrap().is_err());
    }
    assert!(sandbox.acquirer.ledger().charges().is_empty());
}
