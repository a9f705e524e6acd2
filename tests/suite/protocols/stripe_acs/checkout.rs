//! Creating, updating and retrieving a checkout.

use serde_json::{Value, json};
use tillhouse_tests::{Merchant, TestHost, fixtures};

use crate::protocols::host;

#[tokio::test]
async fn a_checkout_is_incomplete_until_there_is_an_address() {
    let stripe = host().await.stripe_acs();
    let opened = stripe.open(&[("tee-classic", 2)]).await.is("incomplete");
    assert_eq!(opened.message("missing")["type"], "error");
    let mut address = fixtures::address();
    address.as_object_mut().unwrap().remove("name");
    let details = json!({"fulfillment_details": {"contact": {"name": "Jane Doe"}, "address": address}});
    let ready = stripe
        .update(opened.id(), &details)
        .await
        .expect(200)
        .is("ready_for_payment");
    assert_eq!(ready["fulfillment_details"]["contact"]["name"], "Jane Doe");
    assert_eq!(stripe.retrieve(ready.id()).await.expect(200).json, ready.json);
}

fn moved_to(address: &Value) -> Value {
    json!({"fulfillment_details": {"address": address}})
}

/// Fields of the old address must not be mixed with those of the new one.
#[tokio::test]
async fn a_new_address_replaces_the_old_one_whole() {
    let stripe = host().await.stripe_acs();
    let old = json!({"line_one": "510 Townsend St", "line_two": "Apt 4B", "city": "San Francisco", "state": "CA",
                     "country": "US", "postal_code": "94103"});
    for (new, line_two) in [
        (
            json!({"line_one": "1 Queen's Road Central", "city": "Hong Kong", "country": "HK"}),
            "",
        ),
        (
            json!({"line_one": "510 Townsend St", "line_two": "", "city": "San Francisco", "state": "CA",
                   "country": "US", "postal_code": "94103"}),
            "",
        ),
        (
            json!({"line_one": "Main St 1", "line_two": "Floor 3", "city": "Dublin", "country": "IE"}),
            "Floor 3",
        ),
    ] {
        let opened = stripe.open(&[("tee-classic", 1)]).await;
        let _ = stripe
            .update(opened.id(), &moved_to(&old))
            .await
            .is("ready_for_payment");
        let now = stripe.update(opened.id(), &moved_to(&new)).await.expect(200);
        let now = now.is("ready_for_payment");
        let shown = &now["fulfillment_details"]["address"];
        for field in ["line_one", "city", "state", "country", "postal_code"] {
            let given = new[field].as_str().unwrap_or_default();
            assert_eq!(shown[field].as_str().unwrap_or_default(), given, "{field}: {shown}");
        }
        assert_eq!(shown["line_two"].as_str().unwrap_or_default(), line_two, "{shown}");
    }
}

/// From Stripe's guide: "test an `UpdateSession` request with an invalid shipping address to verify that your error validation
/// messages display correctly".
#[tokio::test]
async fn missing_fields_of_a_new_address_are_reported() {
    let stripe = host().await.stripe_acs();
    for (new, missing) in [
        (
            json!({"line_one": "", "line_two": "", "city": "", "state": "", "country": "US", "postal_code": ""}),
            vec!["line_one", "city", "state", "postal_code"],
        ),
        (
            json!({"line_one": " ", "city": "Dublin", "country": "IE"}),
            vec!["line_one"],
        ),
        (json!({"postal_code": "94110"}), vec!["country", "line_one", "city"]),
        (json!({}), vec!["country", "line_one", "city"]),
    ] {
        let checkout = stripe.ready(&[("tee-classic", 1)]).await;
        let now = stripe.update(checkout.id(), &moved_to(&new)).await.expect(200);
        let now = now.is("incomplete");
        for field in missing {
            let path = format!("$.fulfillment_details.address.{field}");
            let messages = now["messages"].as_array().unwrap();
            let told = messages.iter().any(|message| message["param"] == path);
            assert!(told, "{path}: {}", now.text());
        }
    }
}

/// The same cart costs the same as over ACP. Only signs and names differ: Stripe's total `discount` is negative, ACP's positive.
#[tokio::test]
async fn totals_have_stripes_signs_and_names() {
    let stripe = host().await.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 2)]).await;
    let fields = json!({"discounts": {"codes": ["SAVE10", "ORDER3"]}, "metadata": {"gift_wrap": "true"}});
    let checkout = stripe.update(checkout.id(), &fields).await.expect(200);
    assert_eq!(checkout.total("items_base_amount"), 5000);
    assert_eq!(checkout.total("discount"), -800);
    assert_eq!(checkout.total("subtotal"), 4200);
    assert_eq!(checkout.total("packing_fee"), 350);
    let line = &checkout["line_items"][0];
    assert_eq!((&line["base_amount"], &line["discount"]), (&json!(5000), &json!(500)));
    let entries = checkout["totals"].as_array().unwrap().iter();
    let parts = entries.filter(|entry| !["total", "subtotal"].contains(&entry["type"].as_str().unwrap()));
    let sum: i64 = parts.map(|entry| entry["amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, checkout.total("total"));
}

#[tokio::test]
async fn a_line_has_what_a_buyer_is_shown() {
    let checkout = host().await.stripe_acs().ready(&[("tee-classic", 2)]).await;
    let line = &checkout["line_items"][0];
    assert_eq!(line["item"]["id"], "tee-classic");
    assert_eq!(line["item"]["name"], "Classic Tee");
    assert_eq!(line["item"]["unit_amount"], 2500);
    assert_eq!(
        line["item"]["images"],
        json!(["https://shop.example/img/tee-classic.jpg"])
    );
    assert_eq!(line["quantity"], 2);
}

#[tokio::test]
async fn another_option_is_chosen_by_its_id_alone() {
    let stripe = host().await.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 2)]).await;
    let options = checkout["fulfillment_options"].as_array().unwrap();
    let express = options
        .iter()
        .find(|option| option["title"] == "Express shipping")
        .unwrap();
    let body = json!({"fulfillment_option_id": express["id"]});
    let checkout = stripe.update(checkout.id(), &body).await.expect(200);
    assert_eq!(checkout["fulfillment_option_id"], express["id"]);
    assert_eq!(checkout.total("fulfillment"), 1999);
    let refused = stripe
        .update(checkout.id(), &json!({"fulfillment_option_id": "drone"}))
        .await;
    let _ = refused.refused(400, "invalid").about("$.fulfillment_option_id");
}

#[tokio::test]
async fn a_refused_code_is_a_warning() {
    let stripe = host().await.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 2)]).await;
    let body = json!({"discounts": {"codes": ["SUMMER23"]}});
    let checkout = stripe
        .update(checkout.id(), &body)
        .await
        .expect(200)
        .is("ready_for_payment");
    assert_eq!(checkout.message("discount_code_expired")["type"], "warning");
}

#[tokio::test]
async fn what_is_sold_out_leaves_the_checkout_incomplete_with_a_message() {
    let checkout = host()
        .await
        .stripe_acs()
        .open(&[("keyboard-75", 1)])
        .await
        .is("incomplete");
    assert_eq!(checkout.message("out_of_stock")["param"], "$.line_items[0]");
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_what_is_not_known_is_passed_over() {
    let stripe = host().await.stripe_acs();
    let cart = fixtures::checkout(&[("tee-classic", 1)]);
    let mut unknown = cart.clone();
    unknown["line_items"][0]["sku_id"] = json!("no-such-item");
    for (body, code, param) in [
        (unknown, "invalid_item_id", "$.line_items[0].sku_id"),
        (
            fixtures::with(cart.clone(), &json!({"currency": "eur"})),
            "invalid",
            "$.currency",
        ),
        (json!({"currency": "usd"}), "missing_required_field", "$.line_items"),
    ] {
        let _ = stripe.create(&body).await.refused(400, code).about(param);
    }
    let open = fixtures::with(cart, &json!({"something_new": {"deep": [1, 2]}, "buyer": null}));
    let _ = stripe.create(&open).await.expect(200);
}

#[tokio::test]
async fn a_merchant_of_single_items_takes_single_items() {
    let single = Merchant::named("single").set("stripe_acs.single_item = true");
    let host = TestHost::builder().merchant(single).start().await;
    let two = fixtures::checkout(&[("tee-classic", 1), ("mug-enamel", 1)]);
    let refused = host.stripe_acs().create(&two).await;
    let _ = refused.refused(400, "unsupported").about("$.line_items");
    let _ = host.stripe_acs().ready(&[("tee-classic", 3)]).await;
    host.stop().await;
}

#[tokio::test]
async fn an_unknown_checkout_is_404() {
    let stripe = host().await.stripe_acs();
    let _ = stripe.retrieve("missing").await.refused(404, "not_found");
    let _ = stripe.update("missing", &json!({})).await.refused(404, "not_found");
    let _ = stripe.confirm("missing", "spt_x").await.refused(404, "not_found");
}
