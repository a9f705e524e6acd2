//! Creations that cannot be sold or delivered, which store nothing, and those that look wrong and are not.

use serde_json::{Value, json};
use tillhouse_tests::{TestHost, fixtures};

use super::{cart, changed, creation, host, in_dialect, merchant, plan, refused, stored, told};

fn item(id: &str, quantity: u32) -> Value {
    json!({"id": id, "quantity": quantity})
}

/// Asserts that a creation is refused with this code at this path, that nothing is stored but the answer, and that its key brings it back.
async fn makes_no_session(host: &TestHost, body: &Value, code: &str, path: &str) -> String {
    let request = host.adyen().post("").json(body);
    let first = refused(request.clone().send().await, 422, code, path, &body.to_string());
    assert!(first.json.get("id").is_none(), "{}", first.text());
    let again = request.send().await.expect(422);
    assert!(again.is_replay());
    assert_eq!(again.body, first.body);
    assert_eq!(host.rows_in("session"), 0, "{body}");
    first["messages"][0]["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_cannot_be_sold_or_delivered_makes_no_session() {
    let host = plan().start().await;
    for (items, code, path) in [
        (json!([item("none", 1)]), "OUT_OF_STOCK", "items[0]"),
        (json!([item("gone", 1)]), "OUT_OF_STOCK", "items[0]"),
        (
            json!([item("tee-classic", 1), item("gone", 1)]),
            "OUT_OF_STOCK",
            "items[1]",
        ),
        (
            json!([item("tee-classic", 1), item("none", 1)]),
            "OUT_OF_STOCK",
            "items[1]",
        ),
        (json!([item("last", 5)]), "PARTIAL_STOCK", "items[0]"),
        (json!([item("last", 2), item("last", 2)]), "PARTIAL_STOCK", "items[0]"),
        (
            json!([item("song", 1), item("last", 2), item("last", 2)]),
            "PARTIAL_STOCK",
            "items[1]",
        ),
        (json!([item("tee-classic", 21)]), "QUANTITY_LIMIT", "items[0]"),
        (
            json!([item("tee-classic", 20), item("tee-classic", 1)]),
            "QUANTITY_LIMIT",
            "items[0]",
        ),
    ] {
        let content = makes_no_session(&host, &cart(&items), code, path).await;
        if items == json!([item("last", 5)]) {
            assert!(content.contains('3') && content.contains('5'), "{content}");
        }
    }
    let euros = changed(creation(), "/currency", json!("EUR"));
    let _ = makes_no_session(&host, &euros, "CURRENCY_NOT_SUPPORTED", "currency").await;
    for country in ["CU", "KP"] {
        let nowhere = changed(
            creation(),
            "/fulfillment_address",
            fixtures::address_in(country, "X", "1"),
        );
        let _ = makes_no_session(&host, &nowhere, "INVALID_ADDRESS", "fulfillment_address.country").await;
    }
}

#[tokio::test]
async fn the_form_of_a_number_a_currency_and_a_country_means_nothing() {
    let agent = host().await.adyen();
    for form in ["1.0", "1e0", "10e-1"] {
        let body = creation()
            .to_string()
            .replace("\"quantity\":1", &format!("\"quantity\":{form}"));
        let created = agent.post("").body(body).send().await.expect(201);
        assert_eq!(created["line_items"][0]["item"]["quantity"], 1, "{form}");
    }
    for code in ["usd", "Usd"] {
        let created = agent
            .create(&changed(creation(), "/currency", json!(code)))
            .await
            .expect(201);
        assert_eq!(created["currency"], "USD");
    }
    let lower = agent
        .create(&changed(creation(), "/fulfillment_address/country", json!("us")))
        .await
        .expect(201);
    let upper = agent.create(&creation()).await.expect(201);
    assert_eq!(lower["totals"], upper["totals"]);
    in_dialect(&lower);
}

#[tokio::test]
async fn what_is_missing_is_told_on_a_session_that_is_not_ready() {
    let agent = host().await.adyen();
    let session = agent.open(&[("tee-classic", 1)]).await.is("not_ready_for_payment");
    assert_eq!(told(&session), ("MISSING_FIELD", "fulfillment_address"));
    assert_eq!(session["messages"][0]["type"], "error");
    let song = agent.open(&[("song", 1)]).await;
    in_dialect(&song);
}

#[tokio::test]
async fn members_that_may_be_empty_or_missing_are() {
    let agent = host().await.adyen();
    for (pointer, value) in [
        ("/fulfillment_address/line_two", json!("")),
        ("/fulfillment_address/postal_code", json!("94105-1234")),
        ("/fulfillment_address/line_one", json!("x".repeat(256))),
        ("/fulfillment_address/line_one", json!("\u{1F3E0}".repeat(256))),
        ("/buyer", json!({"phone_number": "+14155550100"})),
        ("/buyer", json!({})),
        ("/affiliate_attribution", json!({"provider": "x"})),
        (
            "/affiliate_attribution",
            json!({"provider": "x", "source": {"type": "platform"}, "touchpoint": "first"}),
        ),
        ("/discounts", json!({})),
        ("/discounts", json!({"codes": []})),
    ] {
        let body = changed(creation(), pointer, value.clone());
        let created = agent.create(&body).await;
        assert_eq!(created.status, 201, "{pointer} {value}: {}", created.text());
        in_dialect(&created);
    }
}

#[tokio::test]
async fn an_option_that_is_not_offered_is_a_wish() {
    let agent = host().await.adyen();
    let wish = changed(creation(), "/fulfillment_option_id", json!("teleport"));
    let created = agent.create(&wish).await.expect(201).is("ready_for_payment");
    let told = created.message("INFO");
    assert_eq!(
        (&told["type"], &told["path"]),
        (&json!("info"), &json!("fulfillment_option_id"))
    );
    let standard = agent.create(&creation()).await.expect(201);
    assert_eq!(created["totals"], standard["totals"], "the preselected option applies");
}

#[tokio::test]
async fn personal_data_and_cards_of_an_affiliate_are_dropped() {
    let host = host().await;
    let attribution = json!({
        "provider": "affiliates.example", "token": "4111 1111 1111 1111", "sub_id": "other@example.org",
        "publisher_id": "4111-1111-1111-1111", "source": {"type": "url", "url": "https://x.example/?n=4111111111111111"},
        "metadata": {"email": "other@example.org", "card": "4111111111111111", "note": "call other@example.org", "campaign": "winter"},
    });
    let body = changed(creation(), "/affiliate_attribution", attribution);
    let created = host.adyen().create(&body).await.expect(201);
    let kept = format!("{:?}", stored(host, created.id()).await);
    assert!(kept.contains("winter"), "{kept}");
    for dropped in ["other@example.org", "4111"] {
        assert!(!kept.contains(dropped), "{dropped}: {kept}");
        assert!(!created.text().contains(dropped), "{}", created.text());
    }
}

#[tokio::test]
async fn a_session_shows_nothing_of_the_buyer() {
    let created = host().await.adyen().create(&creation()).await.expect(201);
    for secret in ["Jane", "Main St", "click_1", "affiliates"] {
        assert!(!created.text().contains(secret), "{}", created.text());
    }
}

#[tokio::test]
async fn stock_of_one_merchant_is_not_that_of_another() {
    let host = TestHost::builder()
        .merchant(merchant("demo"))
        .merchant(merchant("acme"))
        .start()
        .await;
    let bought = host.adyen().buy(&[("last", 3)]).await;
    let body = cart(&json!([item("last", 3)]));
    let again = host.adyen().create(&body).await;
    let _ = refused(again, 422, "OUT_OF_STOCK", "items[0]", "all are sold");
    let other = host.adyen_at("acme").create(&body).await.expect(201);
    let unknown = host.adyen_at("acme").retrieve(bought.id()).await;
    let _ = refused(unknown, 404, "NOT_FOUND", "", "the session of another merchant");
    let _ = host.adyen_at("acme").retrieve(other.id()).await.expect(200);
}
