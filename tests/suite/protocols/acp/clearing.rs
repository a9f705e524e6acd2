//! `null` in an update: 2026-04-17 takes the member away, 2025-09-29 has no such thing.

use serde_json::{Value, json};
use tillhouse_tests::{Release, fixtures};

use crate::protocols::host;

#[tokio::test]
async fn null_takes_away_what_an_earlier_request_sent() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    let all = json!({"discounts": {"codes": ["SAVE10"]}, "order_notes": "Ring twice"});
    let session = acp.update(session.id(), &all).await.expect(200);
    assert_eq!(
        (session.total("items_discount"), &session["buyer"]["first_name"]),
        (500, &json!("Jane"))
    );

    let session = acp.update(session.id(), &json!({"buyer": null})).await.expect(200);
    assert_eq!(
        (session["buyer"].is_null(), session.total("items_discount")),
        (true, 500)
    );
    let session = acp.update(session.id(), &json!({"discounts": null})).await.expect(200);
    assert_eq!(
        (session.total("items_discount"), session["discounts"].is_null()),
        (0, true)
    );
    let session = acp
        .update(session.id(), &json!({"fulfillment_details": null}))
        .await
        .expect(200);
    let session = session.is("not_ready_for_payment");
    assert!(session["fulfillment_details"].is_null());
    let refused = acp.update(session.id(), &json!({"line_items": null})).await;
    let _ = refused.refused(400, "invalid").about("$.line_items");
    assert_eq!(
        acp.retrieve(session.id()).await.json,
        session.json,
        "the session is as before"
    );
}

#[tokio::test]
async fn an_option_that_was_chosen_is_taken_back() {
    let acp = host().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    let before = session.total("fulfillment");
    let options = session["fulfillment_options"].as_array().unwrap();
    let express = options
        .iter()
        .find(|option| option["title"].as_str().unwrap().contains("Express"));
    let entry = json!([{"type": "shipping", "option_id": express.unwrap()["id"], "item_ids": []}]);
    let chosen = acp
        .update(session.id(), &json!({"selected_fulfillment_options": entry}))
        .await
        .expect(200);
    assert_ne!(chosen.total("fulfillment"), before);
    let back = acp
        .update(session.id(), &json!({"selected_fulfillment_options": null}))
        .await
        .expect(200);
    assert_eq!(back.total("fulfillment"), before);
}

#[tokio::test]
async fn the_first_release_refuses_null_and_keeps_what_there_is() {
    let acp = host().await.acp(Release::V2025_09_29);
    let session = acp.ready(&[("tee-classic", 2)]).await;
    for member in ["buyer", "items", "fulfillment_address", "fulfillment_option_id"] {
        let refused = acp.update(session.id(), &json!({ member: Value::Null })).await;
        let refused = refused.refused(400, "invalid").about(&format!("$.{member}"));
        assert!(
            refused["message"].as_str().unwrap().contains("leave the field out"),
            "{}",
            refused.text()
        );
    }
    assert_eq!(acp.retrieve(session.id()).await.json, session.json);
}

#[tokio::test]
async fn the_phone_number_of_the_recipient_is_taken_by_the_first_release() {
    let acp = host().await.acp(Release::V2025_09_29);
    let mut address = fixtures::address();
    address["phone_number"] = json!("+14155552671");
    let body = fixtures::with(
        fixtures::cart(acp.release, &[("tee-classic", 1)]),
        &fixtures::delivery(acp.release, &address),
    );
    let session = acp.create(&body).await.expect(201).is("ready_for_payment");
    assert!(
        session["fulfillment_address"].get("phone_number").is_none(),
        "its schema does not have it"
    );
    let newer = acp_view(session.id()).await;
    assert_eq!(newer["phone_number"], "+14155552671");
}

/// `fulfillment_details` of a session as the newest release shows it.
async fn acp_view(session: &str) -> Value {
    let acp = host().await.acp(Release::V2026_04_17);
    acp.retrieve(session).await.expect(200)["fulfillment_details"].clone()
}
