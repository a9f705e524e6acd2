//! What a merchant sends to Adyen after the sale.

use serde_json::json;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::adyen::{Operation, Party};

use crate::client::{Raw, sandbox};

#[tokio::test]
async fn events_are_taken_once_for_each_key() {
    let sandbox = sandbox().await;
    let key = sandbox.adyen.config().events_key.reveal().to_owned();
    let merchant = Raw::new(sandbox.adyen.url(), &format!("Bearer {key}"));
    let event = json!({"type": "shipped", "sessionId": "cs_1"});
    for _ in 0..2 {
        assert_eq!(merchant.json("/events", "evt_1", event.clone()).await.status, 200);
    }
    let events = sandbox.adyen.events();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].key.as_deref(), &events[0].body), (Some("evt_1"), &event));
    assert_eq!(
        merchant.json("/events", "evt_1", json!({"type": "other"})).await.status,
        422
    );
    assert_eq!(merchant.json("/events", "evt_2", json!([])).await.status, 400);
    let stranger = Raw::new(sandbox.adyen.url(), "Bearer other");
    assert_eq!(stranger.json("/events", "evt_3", event).await.status, 401);
}

#[tokio::test]
async fn a_fault_leaves_the_event_to_be_sent_again() {
    let sandbox = sandbox().await;
    let key = sandbox.adyen.config().events_key.reveal().to_owned();
    let merchant = Raw::new(sandbox.adyen.url(), &format!("Bearer {key}"));
    for status in [500, 410, 301] {
        sandbox.adyen.fail_next(Operation::TakeEvent, Fault::Status(status));
        assert_eq!(merchant.json("/events", "evt_1", json!({})).await.status, status);
    }
    assert!(sandbox.adyen.events().is_empty());
    assert_eq!(merchant.json("/events", "evt_1", json!({})).await.status, 200);
    assert_eq!(sandbox.adyen.events().len(), 1);
}

#[tokio::test]
async fn a_configuration_is_kept_apart_from_events() {
    let sandbox = sandbox().await;
    let key = sandbox.adyen.config().events_key.reveal().to_owned();
    let merchant = Raw::new(sandbox.adyen.url(), &format!("Bearer {key}"));
    let configuration = json!({"endpoints": {"session": "https://shop.example/agentic/sessions/{sessionId}"}});
    assert_eq!(
        merchant
            .json("/agentic/configuration", "k", configuration.clone())
            .await
            .status,
        200
    );
    assert_eq!(sandbox.adyen.configurations()[0].body, configuration);
    assert!(sandbox.adyen.events().is_empty());
}

#[tokio::test]
async fn events_are_pushed_on_to_an_agent() {
    let sandbox = sandbox().await;
    sandbox
        .adyen
        .push_events_to(sandbox.receiver.url(), sandbox.receiver.secret());
    let hold = sandbox.receiver.hold();
    let key = sandbox.adyen.config().events_key.reveal().to_owned();
    let merchant = Raw::new(sandbox.adyen.url(), &format!("Bearer {key}"));
    merchant.json("/events", "evt_1", json!({"type": "shipped"})).await;
    hold.arrived(1).await;
    hold.release();
    sandbox.adyen.stop().await;
    assert_eq!(sandbox.receiver.events()[0].body["type"], "shipped");
    let pushed = sandbox.adyen.transcript().pop().unwrap();
    assert_eq!(
        (pushed.from, pushed.to, pushed.status),
        (Party::Adyen, Party::Agent, Some(200))
    );
}
