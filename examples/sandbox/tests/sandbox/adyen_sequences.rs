//! Both sequences of Adyen's document, step by step, from what each side has sent.

use serde_json::json;
use tillhouse_sandbox::Sandbox;
use tillhouse_sandbox::adyen::{DELEGATE_PATH, MerchantConnection, Party};
use tillhouse_sandbox::agent::Basket;

use crate::adyen_merchant::AdyenMerchant;
use crate::adyen_standard::agent;
use crate::client::{Raw, sandbox};

type Step = (Party, Party, String, Option<u16>);

/// A purchase, and an event after it; returns the session and the steps.
async fn walked(sandbox: &Sandbox) -> (String, Vec<Step>) {
    sandbox
        .adyen
        .push_events_to(sandbox.receiver.url(), sandbox.receiver.secret());
    let purchase = agent(sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert!(purchase.is_completed());
    let key = sandbox.adyen.config().events_key.reveal().to_owned();
    let merchant = Raw::new(sandbox.adyen.url(), &format!("Bearer {key}"));
    let hold = sandbox.receiver.hold();
    merchant.json("/events", "evt_1", json!({"type": "shipped"})).await;
    hold.arrived(1).await;
    hold.release();
    sandbox.adyen.stop().await;
    let entries = sandbox.adyen.transcript().into_iter();
    let steps = entries
        .map(|entry| (entry.from, entry.to, entry.path, entry.status))
        .collect();
    (purchase.session_id, steps)
}

fn step(from: Party, to: Party, path: &str, status: u16) -> Step {
    (from, to, path.to_owned(), Some(status))
}

fn agent_path(session: &str, below: &str) -> String {
    format!("/commerce-suite/acp/v1/ADYEN_MERCHANT_COMPANY_ACCOUNT/checkout_sessions{session}{below}")
}

#[tokio::test]
async fn the_standard_flow_is_walked() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (session, steps) = walked(&sandbox).await;
    let merchant = |below: &str| format!("/m/shop/agentic/sessions/{session}{below}");
    let expected = [
        step(Party::Agent, Party::Adyen, &agent_path("", ""), 201),
        step(Party::Adyen, Party::Merchant, &merchant(""), 200),
        step(Party::Vault, Party::Adyen, DELEGATE_PATH, 200),
        step(
            Party::Agent,
            Party::Adyen,
            &agent_path(&format!("/{session}"), "/complete"),
            200,
        ),
        step(Party::Adyen, Party::Merchant, &merchant("/commit"), 200),
        step(Party::Adyen, Party::Merchant, &merchant("/finalize"), 204),
        step(Party::Merchant, Party::Adyen, "/events", 200),
        step(
            Party::Adyen,
            Party::Agent,
            "/agentic_checkout/webhooks/order_events",
            200,
        ),
    ];
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn the_advanced_flow_is_walked() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, MerchantConnection::advanced).await;
    let (session, steps) = walked(&sandbox).await;
    let merchant = |below: &str| format!("/m/shop/agentic/sessions/{session}{below}");
    let expected = [
        step(Party::Agent, Party::Adyen, &agent_path("", ""), 201),
        step(Party::Adyen, Party::Merchant, &merchant(""), 200),
        step(Party::Vault, Party::Adyen, DELEGATE_PATH, 200),
        step(
            Party::Agent,
            Party::Adyen,
            &agent_path(&format!("/{session}"), "/complete"),
            200,
        ),
        step(Party::Adyen, Party::Merchant, &merchant("/payment"), 204),
        step(Party::Merchant, Party::Adyen, "/v72/payments", 200),
        step(Party::Merchant, Party::Adyen, "/events", 200),
        step(
            Party::Adyen,
            Party::Agent,
            "/agentic_checkout/webhooks/order_events",
            200,
        ),
    ];
    assert_eq!(steps, expected);
}
