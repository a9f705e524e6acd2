//! Customizations, and the price and stock of products.

use serde_json::{Value, json};
use tillhouse_checkout::time::Clock as _;
use tillhouse_sandbox::stripe::hooks::{Hook, HookAnswer};
use tillhouse_tests::TestHost;

use super::{basket, customized, start, start_with};

async fn price(host: &TestHost, sku: &str) -> HookAnswer {
    let data = json!({"sku_id": sku});
    let stripe = host.stripe_hooks();
    stripe
        .send(Hook::PriceAvailability, &format!("price-{sku}"), &data)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_has_its_price_and_stock_and_one_that_is_unknown_is_deleted() {
    let host = start().await;
    let known = price(&host, "tee-classic").await;
    assert_eq!((known.status, &known.body["sku_id"]), (200, &json!("tee-classic")));
    assert_eq!(known.body["price"]["currency"], "usd");
    assert!(known.body["price"]["unit_amount"].as_i64().unwrap() > 0, "{known:?}");
    assert_eq!(known.body["availability"]["status"], "in_stock");
    assert!(
        known.body["availability"]["quantity"].as_i64().unwrap() > 0,
        "{known:?}"
    );
    assert_eq!(
        known.body["merchant_id"], "acct_sandbox",
        "the account that was asked about"
    );
    assert_eq!(known.body["as_of"], host.clock.now().seconds());
    let gone = price(&host, "none").await;
    assert_eq!(
        (gone.status, gone.body),
        (
            200,
            json!({"sku_id": "none", "merchant_id": "acct_sandbox", "deleted": true})
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_members_of_the_price_hook_are_settings() {
    let names = r#"asked = "product.id", sku = "product.id", amount = "unit_amount", deleted = "product.deleted""#;
    let host = start_with(&format!("stripe.hooks.names = {{ {names} }}")).await;
    let stripe = host.stripe_hooks();
    let asked = |sku: &str| json!({"product": {"id": sku}});
    let known = stripe
        .send(Hook::PriceAvailability, "h1", &asked("tee-classic"))
        .await
        .unwrap();
    assert_eq!(known.body["product"], json!({"id": "tee-classic"}));
    assert!(known.body["unit_amount"].is_i64(), "{known:?}");
    let gone = stripe
        .send(Hook::PriceAvailability, "h2", &asked("none"))
        .await
        .unwrap();
    let expected = json!({"merchant_id": "acct_sandbox", "product": {"id": "none", "deleted": true}});
    assert_eq!(gone.body, expected);
}

fn of<'v>(answer: &'v HookAnswer, member: &str) -> &'v [Value] {
    answer.body[member].as_array().map_or(&[], Vec::as_slice)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customization_has_rates_and_options_and_stores_nothing() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = stripe.opened(&basket()).await.unwrap();
    let answer = stripe.customize(&mut checkout).await.unwrap();
    let [line] = of(&answer, "line_items") else {
        panic!("{answer:?}")
    };
    assert_eq!(line["id"], checkout.lines[0].id.as_str());
    let rate = &line["tax_rates"][0]["rate_data"];
    assert_eq!((&rate["inclusive"], &rate["percentage"]), (&json!(false), &json!(7.25)));
    let options = of(&answer, "shipping_options");
    assert!(options.len() > 1, "{answer:?}");
    for option in options {
        let data = &option["shipping_rate_data"];
        assert_eq!(data["fixed_amount"]["currency"], "usd");
        assert!(data["metadata"]["fulfillment_option_id"].is_string());
        assert!(
            data["delivery_estimate"]["maximum"]["value"].as_i64().unwrap() > 0,
            "{data}"
        );
    }
    let stored = host.client().get("/readyz").send().await;
    assert_eq!(stored.status, 200);
    let found = host
        .store()
        .session(
            &tillhouse_checkout::ids::MerchantId::new("demo"),
            &tillhouse_checkout::ids::SessionId::new(checkout.id.as_str()),
        )
        .await;
    assert!(found.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rate_is_sent_where_stripe_computes_the_taxes() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let mut checkout = stripe.opened(&basket()).await.unwrap();
    checkout.automatic_tax = true;
    let answer = stripe.customize(&mut checkout).await.unwrap();
    assert!(answer.body.get("line_items").is_none(), "{answer:?}");
    assert!(!of(&answer, "shipping_options").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_customized_is_refused_and_says_why() {
    let host = start().await;
    let stripe = host.stripe_hooks();
    let checkout = customized(&stripe, &basket()).await;
    let mut unknown = checkout.customization();
    unknown["line_item_details"][0]["sku_id"] = "none".into();
    let answer = stripe.send(Hook::Customization, "h1", &unknown).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (400, &json!("invalid_item_id")),
        "{answer:?}"
    );
    let mut empty = checkout.customization();
    empty["line_item_details"] = json!([]);
    let answer = stripe.send(Hook::Customization, "h2", &empty).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, json!({})));
}
