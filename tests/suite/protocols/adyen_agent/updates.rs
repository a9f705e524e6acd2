//! Updates that are refused and leave the session as it was, and updates of sessions that are no longer open.

use serde_json::json;
use tillhouse_sandbox::adyen::Operation;
use tillhouse_tests::fixtures;

use super::{ITEM, host, in_dialect, is_untouched, plan, refused, told};

#[tokio::test]
async fn an_update_that_is_refused_leaves_the_session_as_it_was() {
    let host = host().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let items = |id: &str, quantity: u32| json!({"items": [{"id": id, "quantity": quantity}]});
    for (change, code, path) in [
        (items("last", 5), "PARTIAL_STOCK", "items[0]"),
        (items("tee-classic", 1001), "PARTIAL_STOCK", "items[0]"),
        (items("tee-classic", 21), "QUANTITY_LIMIT", "items[0]"),
        (items("gone", 1), "OUT_OF_STOCK", "items[0]"),
        (items("none", 1), "OUT_OF_STOCK", "items[0]"),
        (
            json!({"fulfillment_option_id": "teleport"}),
            "INVALID_FULFILLMENT_OPTION",
            "fulfillment_option_id",
        ),
        (json!({"currency": "EUR"}), "CURRENCY_MISMATCH", "currency"),
        (
            json!({"currency": "eur", "items": [{"id": "song", "quantity": 1}]}),
            "CURRENCY_MISMATCH",
            "currency",
        ),
        (
            fixtures::with(items("song", 2), &json!({"fulfillment_option_id": "teleport"})),
            "INVALID_FULFILLMENT_OPTION",
            "fulfillment_option_id",
        ),
        (
            json!({"fulfillment_address": fixtures::address_in("CU", "HAV", "10100")}),
            "INVALID_ADDRESS",
            "fulfillment_address.country",
        ),
    ] {
        let request = agent.post(&format!("/{}", session.id())).json(&change);
        let answer = refused(request.clone().send().await, 422, code, path, &change.to_string());
        for member in [
            "id",
            "status",
            "line_items",
            "totals",
            "fulfillment_options",
            "discounts",
        ] {
            assert_eq!(answer[member], session[member], "{change}");
        }
        let again = request.send().await.expect(422);
        assert!(again.is_replay() && again.body == answer.body, "{change}");
        is_untouched(host, &session, &change.to_string()).await;
    }
    let euros = agent
        .update(session.id(), &json!({"currency": "usd"}))
        .await
        .expect(200);
    assert_eq!(euros["totals"], session["totals"]);
}

#[tokio::test]
async fn an_empty_update_quotes_again() {
    let agent = host().await.adyen();
    let session = agent.ready(ITEM).await;
    let same = agent.update(session.id(), &json!({})).await.expect(200);
    assert_eq!(same.json, session.json);
    in_dialect(&same);
    let nothing = agent.post(&format!("/{}", session.id())).send().await;
    assert_eq!(nothing.status, 400, "an update without a body: {}", nothing.text());
    in_dialect(&nothing);
}

#[tokio::test]
async fn a_session_that_is_over_or_being_paid_does_not_change() {
    let host = plan().start().await;
    let agent = host.adyen();
    let change = json!({"items": [{"id": "song", "quantity": 1}]});
    let completed = agent.buy(ITEM).await;
    let canceled = agent.ready(ITEM).await;
    let canceled = agent.cancel(canceled.id()).await.expect(200);
    for over in [&completed, &canceled] {
        for body in [&change, &json!({}), &json!({"currency": "EUR"})] {
            let request = agent.post(&format!("/{}", over.id())).json(body);
            let answer = refused(
                request.clone().send().await,
                409,
                "INVALID_STATE",
                "",
                &body.to_string(),
            );
            let again = request.send().await.expect(409);
            assert!(again.is_replay() && again.body == answer.body);
        }
        assert_eq!(agent.retrieve(over.id()).await.expect(200).json, over.json);
    }
    let session = agent.ready(ITEM).await;
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    let paying = tokio::spawn(agent.completion(session.id(), &token).send());
    hold.arrived(1).await;
    let request = agent.post(&format!("/{}", session.id()));
    let answer = refused(
        request.clone().json(&change).send().await,
        409,
        "IN_FLIGHT",
        "",
        "a payment under way",
    );
    assert!(answer.header("retry-after").is_some());
    let again = request.json(&change).send().await.expect(409);
    assert!(!again.is_replay(), "what passes is not kept");
    hold.release();
    let _ = paying.await.unwrap().expect(200).is("completed");
}

#[tokio::test]
async fn two_updates_at_once_are_one_after_the_other() {
    let agent = host().await.adyen();
    for _ in 0..4 {
        let session = agent.ready(ITEM).await;
        let quantity = |quantity: u32| json!({"items": [{"id": "tee-classic", "quantity": quantity}]});
        let (two, three) = (quantity(2), quantity(3));
        let (two, three) = tokio::join!(agent.update(session.id(), &two), agent.update(session.id(), &three));
        assert_eq!(
            (two.status, three.status),
            (200, 200),
            "{}\n{}",
            two.text(),
            three.text()
        );
        let last = agent.retrieve(session.id()).await.expect(200);
        assert!(last.json == two.json || last.json == three.json, "{}", last.text());
    }
}

/// Whole buyers and addresses are replaced, as the document says of an update.
#[tokio::test]
async fn an_address_that_is_replaced_lacks_what_it_lacks() {
    let host = host().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let oregon = json!({"fulfillment_address": {"line_one": "1 Pine St", "city": "Portland", "state": "OR", "country": "US",
        "postal_code": "97201"}});
    let changed = agent.update(session.id(), &oregon).await.expect(200);
    assert_eq!(changed.total("tax"), 0, "{}", changed.text());
    let recipient = super::stored(host, session.id()).await.cart.recipient;
    assert!(!format!("{recipient:?}").contains("Jane"), "{recipient:?}");
    assert!(changed["messages"].as_array().unwrap().is_empty() || !told(&changed).0.is_empty());
}
