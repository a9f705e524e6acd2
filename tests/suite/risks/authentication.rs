//! A completion with the result of an authentication that the host did not ask for. Payments that wait for one are in `three_d_secure`.

use serde_json::{Value, json};
use tillhouse_sandbox::Amount;
use tillhouse_sandbox::agent::Authenticator;
use tillhouse_sandbox::stripe::Operation;
use tillhouse_tests::{HttpResponse, Release, Request, TestHost, fixtures};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings};

const FAILED: [&str; 7] = [
    "abandoned",
    "canceled",
    "denied",
    "internal_error",
    "not_supported",
    "processing_error",
    "rejected",
];
const PASSED: [&str; 3] = ["authenticated", "attempt_acknowledged", "informational"];

fn details() -> Value {
    json!({"three_ds_cryptogram": "AbCdEfGhIjKlMnOpQrStUvWxY0=", "electronic_commerce_indicator": "05",
           "transaction_id": "dsTransId_abc123", "version": "2.2.0"})
}

async fn start() -> TestHost {
    TestHost::builder().timings(fast_timings()).start().await
}

fn completion(host: &TestHost, release: Release, session: &str, token: &str, result: &Value) -> Request {
    let body = fixtures::with(
        fixtures::payment(release, token),
        &json!({"authentication_result": result}),
    );
    let path = format!("/checkout_sessions/{session}/complete");
    host.acp(release).post(&path).json(&body)
}

/// Asserts that no payment was begun, and that another completion with the same token succeeds.
async fn untouched(host: &TestHost, session: &HttpResponse, token: &str) {
    assert_not_charged(host);
    for operation in [Operation::Retrieve, Operation::Resolve] {
        assert_eq!(host.sandbox.stripe.received(operation), 0, "{operation:?}");
    }
    assert_eq!(host.attempts_of(session.id()).await, []);
    let done = host.acp(Release::V2026_04_17).complete(session.id(), token).await;
    let _ = done.expect(200).is("completed");
    assert_charged_once(host, session.total("total")).await;
}

#[tokio::test]
async fn a_failed_authentication_is_a_decline_and_touches_no_token() {
    for (outcome, details) in FAILED.into_iter().zip([None, Some(details())].into_iter().cycle()) {
        let host = start().await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.ready(&[("print-last", 1)]).await;
        let token = host.token(session.total("total")).await;
        let mut result = json!({"outcome": outcome});
        if let Some(details) = details {
            result["outcome_details"] = details;
        }
        let payment = completion(&host, Release::V2026_04_17, session.id(), &token, &result);
        let declined = payment.clone().send().await.refused(402, "payment_declined");
        let told = declined["message"].as_str().unwrap();
        assert!(told.contains(outcome), "{told}");
        let again = payment.send().await.refused(402, "payment_declined");
        assert!(again.is_replay(), "the decline is recorded under its key");
        let now = agent.retrieve(session.id()).await.expect(200).is("ready_for_payment");
        assert_eq!(now.message("payment_declined")["type"], "error");
        untouched(&host, &session, &token).await;
    }
}

#[tokio::test]
async fn a_result_that_permits_a_charge_reaches_the_acquirer_which_verifies_it() {
    for (card, outcome) in [
        ("pm_card_visa", "authenticated"),
        ("pm_card_authenticationAttempted", "attempt_acknowledged"),
    ] {
        let host = start().await;
        let release = Release::V2026_04_17;
        let session = host.acp(release).ready(&[("print-last", 1)]).await;
        let token = host.token_of(card, session.total("total")).await;
        let authenticator = Authenticator::at(&host.sandbox.authentication).unwrap();
        let amount = Amount::usd(session.total("total"));
        let mut log = Vec::new();
        let ended = authenticator
            .authenticate(card, &amount, &Value::Null, &mut log)
            .await
            .unwrap();
        let result = ended.for_release(release);
        assert_eq!(result["outcome"], outcome);
        let payment = completion(&host, release, session.id(), &token, &result);
        let _ = payment.send().await.expect(200).is("completed");
        assert_charged_once(&host, session.total("total")).await;
        let [charge] = host.sandbox.acquirer.ledger().captures().try_into().unwrap();
        assert!(charge.authenticated, "{outcome}");
    }
}

#[tokio::test]
async fn a_made_up_result_is_declined_by_the_acquirer() {
    for outcome in PASSED {
        let host = start().await;
        let agent = host.acp(Release::V2026_04_17);
        let session = agent.ready(&[("print-last", 1)]).await;
        let token = host.token(session.total("total")).await;
        let result = json!({"outcome": outcome, "outcome_details": details()});
        let payment = completion(&host, Release::V2026_04_17, session.id(), &token, &result);
        let _ = payment.send().await.refused(402, "payment_declined");
        assert_not_charged(&host);
        let charges = host.sandbox.acquirer.ledger().charges();
        assert_eq!(charges[0].decline_code.as_deref(), Some("authentication_invalid"));
    }
}

#[tokio::test]
async fn what_the_release_does_not_have_is_refused_by_its_path() {
    let host = start().await;
    let session = host.acp(Release::V2026_04_17).ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    let with = |field: &str, value: Value| {
        let mut details = details();
        details[field] = value;
        json!({"outcome": "authenticated", "outcome_details": details})
    };
    let without = |field: &str| {
        let mut details = details();
        details.as_object_mut().unwrap().remove(field);
        json!({"outcome": "denied", "outcome_details": details})
    };
    let nested = "outcome_details.electronic_commerce_indicator";
    for (result, code, place) in [
        (json!("denied"), "invalid", ""),
        (json!(["denied"]), "invalid", ""),
        (json!(true), "invalid", ""),
        (Value::Null, "invalid", ""),
        (json!({}), "missing_required_field", "outcome"),
        (json!({"outcome": "bogus"}), "invalid", "outcome"),
        // Values of 2026-01-16, values in another letter case, and values of another type.
        (json!({"outcome": "failed"}), "invalid", "outcome"),
        (json!({"outcome": "Denied"}), "invalid", "outcome"),
        (json!({"outcome": ""}), "invalid", "outcome"),
        (json!({"outcome": null}), "invalid", "outcome"),
        (json!({"outcome": 7}), "invalid", "outcome"),
        (json!({"outcome": {"denied": null}}), "invalid", "outcome"),
        (json!({"outcome": "denied", "status": "denied"}), "invalid", "status"),
        (
            json!({"outcome": "denied", "outcome_details": "none"}),
            "invalid",
            "outcome_details",
        ),
        (
            json!({"outcome": "authenticated"}),
            "missing_required_field",
            "outcome_details",
        ),
        (
            json!({"outcome": "informational", "outcome_details": null}),
            "invalid",
            "outcome_details",
        ),
        (with("electronic_commerce_indicator", json!("03")), "invalid", nested),
        (with("electronic_commerce_indicator", json!(5)), "invalid", nested),
        (with("version", json!(2.2)), "invalid", "outcome_details.version"),
        (with("eci", json!("05")), "invalid", "outcome_details.eci"),
        (
            without("three_ds_cryptogram"),
            "missing_required_field",
            "outcome_details.three_ds_cryptogram",
        ),
    ] {
        let payment = completion(&host, Release::V2026_04_17, session.id(), &token, &result);
        let path = ["$.authentication_result", place];
        let path = if place.is_empty() {
            path[0].to_owned()
        } else {
            path.join(".")
        };
        let _ = payment.send().await.refused(400, code).about(&path);
    }
    untouched(&host, &session, &token).await;
}

/// 2025-09-29 has no authentication results, and no request but complete accepts one.
#[tokio::test]
async fn a_result_where_none_belongs_is_refused_by_its_path() {
    let host = start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    let result = json!({"outcome": "denied"});
    let old = completion(&host, Release::V2025_09_29, session.id(), &token, &result);
    let update = json!({"authentication_result": result});
    let mut inside = fixtures::payment(Release::V2026_04_17, &token);
    inside["payment_data"]["authentication_result"] = result.clone();
    let inside = agent
        .post(&format!("/checkout_sessions/{}/complete", session.id()))
        .json(&inside);
    for (answer, place) in [
        (old.send().await, "$.authentication_result"),
        (agent.update(session.id(), &update).await, "$.authentication_result"),
        (inside.send().await, "$.payment_data.authentication_result"),
    ] {
        let _ = answer.refused(400, "invalid").about(place);
    }
    untouched(&host, &session, &token).await;
}

/// A paid checkout stays paid: the response shows it and not a decline.
#[tokio::test]
async fn a_result_that_comes_after_the_payment_changes_nothing() {
    let host = start().await;
    let paid = host.acp(Release::V2026_04_17).buy(&[("print-last", 1)]).await;
    let result = json!({"outcome": "denied"});
    let late = completion(&host, Release::V2026_04_17, paid.id(), "spt_another", &result);
    let _ = late.send().await.refused(409, "invalid_state");
    assert_charged_once(&host, paid.total("total")).await;
}
