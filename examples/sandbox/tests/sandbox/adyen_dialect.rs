//! Bodies of the agent API against the JSON Schema of its document, where that is present, and its refusals.
//!
//! The folder is in `TILLHOUSE_ADYEN_DOCUMENT`; the default is `../shared/adyen`, relative to the workspace.

use std::path::PathBuf;

use axum::http::Method;
use serde_json::{Value, json};
use tillhouse_sandbox::adyen::COMPANY_ACCOUNT;
use tillhouse_sandbox::agent::{AdyenAgent, Basket, Step};

use crate::adyen_merchant::AdyenMerchant;
use crate::adyen_standard::{agent, code, id, with_token};
use crate::client::{Raw, sandbox};

/// The file of the document, if the folder is there.
fn document(file: &str) -> Option<Value> {
    let folder = std::env::var_os("TILLHOUSE_ADYEN_DOCUMENT").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/adyen")),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(folder.join(file)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn hold(definition: &str, body: &Value) {
    let Some(document) = document("schema.adyen.json") else {
        return;
    };
    let schema = json!({
        "$schema": document["$schema"], "$ref": format!("#/$defs/{definition}"), "$defs": document["$defs"],
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "not a {definition}: {problems:?}\n{body:#}");
}

#[tokio::test]
async fn every_body_fits_the_schema() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1).with_code("SAVE10"));
    hold("CreateRequest", &AdyenAgent::create_body(&basket));
    hold("CompleteRequest", &AdyenAgent::complete_body(&basket, "acp_tok_1"));
    let created = agent.create(&basket).await.unwrap();
    hold("Session", &created.response);
    let session = id(&created);
    let option = json!({"fulfillment_option_id": "ship_standard"});
    hold("AcpUpdateCheckoutSessionRequest", &option);
    hold("Session", &agent.update(&session, &option).await.unwrap().response);
    hold("Session", &agent.retrieve(&session).await.unwrap().response);
    let delegated = agent
        .vault
        .body(&basket, &session, &tillhouse_sandbox::Amount::usd(1))
        .unwrap();
    hold("DelegateRequest", &delegated);
    hold(
        "DelegateResponse",
        &agent.vault.send(&delegated).await.unwrap().response,
    );
    let message = json!({"type": "error", "code": "OUT_OF_STOCK", "content": "Gone.", "content_type": "plain"});
    merchant.answer_next("", 422, json!({"messages": [message]}));
    hold("Refusal422", &agent.update(&session, &option).await.unwrap().response);
    let declined = basket.clone().paid_with("pm_card_chargeDeclined");
    let (session, token) = with_token(&agent, &declined).await;
    hold(
        "Session",
        &agent.complete(&session, &declined, &token).await.unwrap().response,
    );
    hold("Session", &agent.cancel(&session).await.unwrap().response);
    let (session, token) = with_token(&agent, &basket).await;
    let completed = agent.complete(&session, &basket, &token).await.unwrap().response;
    hold("Session", &completed);
    hold("SessionCompleted", &completed);
}

#[tokio::test]
async fn the_requests_of_the_document_are_taken_as_they_are() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let agent = agent(&sandbox);
    let (Some(create), Some(update)) = (
        document("create-session/request.json"),
        document("update-session/request.json"),
    ) else {
        return;
    };
    let created = agent
        .channel
        .post(Step::Create, "/checkout_sessions", &create)
        .await
        .unwrap();
    assert_eq!(created.status, 201);
    assert_eq!(agent.update(&id(&created), &update).await.unwrap().status, 200);
    let calls = merchant.calls();
    assert_eq!((calls[0].json(), calls[1].json()), (create, update));
}

#[tokio::test]
async fn refusals_have_their_status_and_messages() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, |connection| connection).await;
    let base = sandbox.adyen.agent_url(COMPANY_ACCOUNT);
    let key = format!("Bearer {}", sandbox.adyen.config().agent_key.reveal());
    let good = Raw::new(base.clone(), &key);
    let other = Raw::new(sandbox.adyen.agent_url("ANOTHER"), &key);
    let body = AdyenAgent::create_body(&Basket::of("01", 1)).to_string();
    let paths = "/checkout_sessions";
    let cases = [
        (
            Raw::new(base.clone(), ""),
            Method::POST,
            paths,
            body.as_str(),
            401,
            "UNAUTHORIZED",
        ),
        (
            Raw::new(base, ""),
            Method::POST,
            "/checkout_sessions?api_key=adyen_agent_sandbox",
            &body,
            401,
            "UNAUTHORIZED",
        ),
        (other, Method::POST, paths, &body, 404, "NOT_FOUND"),
        (good.clone(), Method::PUT, paths, &body, 405, "METHOD_NOT_ALLOWED"),
        (
            good.clone(),
            Method::GET,
            "/checkout_sessions/cs_unknown",
            "",
            404,
            "NOT_FOUND",
        ),
        (good.clone(), Method::POST, paths, "[]", 400, "INVALID_REQUEST"),
        (
            good.clone(),
            Method::POST,
            paths,
            r#"{"items": [{"id": "01", "quantity": 1}]}"#,
            400,
            "MISSING_FIELD",
        ),
        (
            good,
            Method::POST,
            "/checkout_sessions/cs_unknown/complete",
            "{}",
            400,
            "MISSING_FIELD",
        ),
    ];
    for (client, method, path, body, status, code) in cases {
        let reply = client.try_send(method, path, None, body.to_owned()).await.unwrap();
        assert_eq!(
            (reply.status, &reply.body["messages"][0]["code"]),
            (status, &json!(code)),
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn keys_are_those_of_one_operation() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, |connection| connection).await;
    let agent = agent(&sandbox);
    let body = AdyenAgent::create_body(&Basket::of("01", 1));
    let post = |path: String, body: Value| {
        let channel = agent.channel.clone();
        async move {
            channel
                .post_with_key(Step::Create, &path, &body, Some("k"))
                .await
                .unwrap()
        }
    };
    let created = post("/checkout_sessions".into(), body.clone()).await;
    let replayed = post("/checkout_sessions".into(), body).await;
    assert_eq!((replayed.replayed, &replayed.response), (true, &created.response));
    let conflict = post("/checkout_sessions".into(), json!({"currency": "USD", "items": [{}]})).await;
    assert_eq!(
        (conflict.status, code(&conflict)),
        (422, &json!("IDEMPOTENCY_CONFLICT"))
    );
    let updated = post(format!("/checkout_sessions/{}", id(&created)), json!({})).await;
    assert_eq!(updated.status, 200);
}
