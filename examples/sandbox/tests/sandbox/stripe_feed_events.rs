//! Events of imports: their shapes, and what goes wrong with them.

use serde_json::{Value, json};
use tillhouse_sandbox::Sandbox;
use tillhouse_sandbox::stripe::feeds::{EventDestination, EventFault};

use crate::client::{NOW, sandbox};
use crate::stripe_catalog_imports::{begin, put, upload_url};
use crate::stripe_feeds::{feed, imported};

/// Sends the events of a sandbox to its own receiver, which refuses their form, and so answers.
fn listen(sandbox: &Sandbox) {
    sandbox.stripe.send_events_to(EventDestination {
        url: format!("{}/webhooks/stripe", sandbox.receiver.url()),
        secret: "whsec_events".into(),
    });
}

fn body(sandbox: &Sandbox, index: usize) -> Value {
    serde_json::from_str(&sandbox.stripe.sent_events()[index].body).unwrap()
}

#[tokio::test]
async fn a_snapshot_has_the_import_set_and_a_thin_event_names_its_object() {
    let sandbox = sandbox().await;
    listen(&sandbox);
    let set = imported(&sandbox, &feed(&["mug", "cup,,,,,,,,"])).await;
    sandbox.stripe.imports_settled(1).await;
    let event = body(&sandbox, 0);
    assert_eq!(event["type"], "data_management.import_set.succeeded");
    let object = &event["data"]["object"];
    assert_eq!(
        (&object["id"], &object["status"]),
        (&json!(set), &json!("succeeded_with_errors"))
    );
    assert_eq!(object["created"], NOW * 1000, "milliseconds, as the guide shows them");
    let begun = begin(&sandbox, "product", "upsert").await.body;
    assert_eq!(put(&upload_url(&begun), &feed(&["mug"])).await, 200);
    sandbox.stripe.imports_settled(2).await;
    let event = body(&sandbox, 1);
    assert_eq!(event["type"], "v2.commerce.product_catalog.imports.succeeded");
    assert_eq!(event["related_object"]["id"], begun["id"]);
    assert_eq!(
        (&event["data"], &event["changes"]["after"]["status"]),
        (&json!({}), &json!("SUCCEEDED"))
    );
    assert!(sandbox.stripe.sent_events().iter().all(|sent| sent.answer.is_some()));
}

#[tokio::test]
async fn events_are_lost_doubled_late_and_overtaken() {
    let sandbox = sandbox().await;
    listen(&sandbox);
    let run = async |fault: Option<EventFault>, count: usize| {
        if let Some(fault) = fault {
            sandbox.stripe.fail_next_event(fault);
        }
        let id = imported(&sandbox, &feed(&["mug"])).await;
        sandbox.stripe.imports_settled(count).await;
        id
    };
    let arrived = || {
        sandbox
            .stripe
            .sent_events()
            .iter()
            .map(|sent| sent.import.clone())
            .collect::<Vec<_>>()
    };
    run(Some(EventFault::Lost), 1).await;
    assert!(arrived().is_empty());
    let doubled = run(Some(EventFault::Doubled), 2).await;
    let late = run(Some(EventFault::Late), 3).await;
    let overtaken = run(Some(EventFault::Reordered), 4).await;
    let last = run(None, 5).await;
    sandbox.stripe.deliver_late_events().await;
    assert_eq!(arrived(), [doubled.clone(), doubled, last, overtaken, late]);
    let sent = sandbox.stripe.sent_events();
    assert_eq!(sent[0].id, sent[1].id);
    assert!(sandbox.stripe.send_event_again(&sent[2].id).await);
    assert_eq!(sandbox.stripe.sent_events()[5].body, sent[2].body);
    let wrong = run(Some(EventFault::WrongId), 6).await;
    assert_ne!(body(&sandbox, 6)["data"]["object"]["id"], json!(wrong));
}
