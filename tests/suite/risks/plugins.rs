//! A plugin that traps, loops, exhausts memory or returns false answers fails its own request and nothing else.

use serde_json::{Value, json};
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_tests::{HttpResponse, Merchant, Release, Shared, TestHost, fixtures};
use tokio::task::JoinSet;

use super::eventually::assert_charged_once;
use super::hostile;

static HOST: Shared = Shared::of(|| {
    let builder = hostile::builder().merchant(hostile::merchant("hostile", ""));
    builder.merchant(Merchant::named("demo"))
});

/// Words that only the operator may see.
const INTERNAL: [&str; 12] = [
    "hostile",
    "price",
    "pricing",
    "assess",
    "trap",
    "wasm",
    "unreachable",
    "memory",
    "epoch",
    "L2",
    "cellar",
    "plugin",
];

/// An update with this item and a code, so that every rule can be broken.
fn cart_update(item: &str) -> Value {
    json!({"line_items": [{"id": item, "quantity": 3}], "discounts": {"codes": ["SAVE10"]}})
}

/// Asserts a server error without details, and that the session is unchanged byte for byte.
async fn expect_server_error(host: &TestHost, item: &str) -> HttpResponse {
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("anything", 2)]).await;
    let before = agent.retrieve(session.id()).await.expect(200);

    let answer = agent.update(session.id(), &cart_update(item)).await;
    assert_eq!(answer.status / 100, 5, "{item}: {} {}", answer.status, answer.text());
    for word in INTERNAL {
        let message = answer["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{item}: {}", answer.text()));
        assert!(
            !message.to_lowercase().contains(&word.to_lowercase()),
            "{item}: {message}"
        );
    }
    let after = agent.retrieve(session.id()).await.expect(200);
    assert_eq!(String::from_utf8(after.body), String::from_utf8(before.body), "{item}");

    let body = fixtures::with(fixtures::cart(Release::V2026_04_17, &[]), &cart_update(item));
    let created = agent.create(&body).await;
    assert_eq!(created.status / 100, 5, "{item} in a create: {}", created.text());
    let more = json!({"line_items": [{"id": "anything", "quantity": 3}]});
    let _ = agent
        .update(session.id(), &more)
        .await
        .expect(200)
        .is("ready_for_payment");
    answer
}

macro_rules! server_errors {
    ($($name:ident: $item:literal,)+) => {$(
        #[tokio::test]
        async fn $name() {
            let _ = expect_server_error(HOST.get().await, $item).await;
        }
    )+};
}

server_errors! {
    a_trap_in_pricing: "price:trap",
    an_endless_loop_in_pricing: "price:spin",
    a_memory_bomb_in_pricing: "price:memory",
    endless_recursion_in_pricing: "price:deep-recursion",
    a_flood_of_lines_on_stdout: "price:stdout",
    a_flood_of_log_lines_with_thousands_of_fields: "price:log",
    a_lookup_of_forty_thousand_items: "price:catalog",
    an_answer_of_megabytes: "price:huge-output",
    a_negative_price: "price:negative-price",
    a_price_that_overflows: "price:overflow",
    a_discount_over_the_base: "price:discount-over-base",
    an_order_discount_over_the_subtotal: "price:order-discount-over-subtotal",
    a_negative_discount: "price:negative-discount",
    a_discount_on_no_line_of_the_cart: "price:discount-on-nothing",
    a_discount_of_a_code_that_was_not_entered: "price:discount-of-strange-code",
    a_price_for_a_line_that_is_not_there: "price:unknown-line",
    a_line_without_a_price: "price:missing-line",
    a_line_with_two_prices: "price:line-twice",
    more_than_a_hundred_percent_off: "price:rate-over-whole",
    a_discount_rounded_in_an_unknown_way: "price:unknown-rounding",
    a_coupon_of_an_unknown_duration: "price:unknown-duration",
    months_of_a_coupon_that_does_not_repeat: "price:months-of-once",
    a_discount_that_has_ended: "price:ended-discount",
    a_discount_that_has_not_begun: "price:future-discount",
    a_code_neither_applied_nor_rejected: "price:unanswered-code",
    a_code_rejected_for_a_reason_that_is_none: "price:strange-reason",
    a_fee_that_overflows_the_total: "price:fee-overflow",
    a_fee_charged_twice: "price:fee-twice",
    a_configuration_that_is_wrong: "price:misconfigured",
    a_trap_in_tax: "tax:trap",
    an_endless_loop_in_tax: "tax:spin",
    a_negative_tax: "tax:negative",
    a_tax_that_overflows: "tax:overflow",
    a_tax_whose_parts_do_not_add_up: "tax:wrong-parts",
    a_tax_whose_parts_overflow: "tax:overflowing-parts",
    a_tax_on_no_line_of_the_cart: "tax:unknown-line",
    a_line_taxed_twice: "tax:twice",
    a_tax_on_an_option_that_is_not_offered: "tax:unknown-option",
    a_tax_on_a_fee_that_is_not_charged: "tax:unknown-fee",
    tax_rates_of_more_than_a_hundred_percent: "tax:rates-over-whole",
    a_tax_rounded_in_an_unknown_way: "tax:unknown-rounding",
}

#[tokio::test]
async fn a_tax_larger_than_the_price_that_includes_it() {
    let inclusive = hostile::merchant("hostile", "tax-included = true");
    let host = hostile::builder().merchant(inclusive).start().await;
    let _ = expect_server_error(&host, "tax:more-than-included").await;
}

#[tokio::test]
async fn pricing_cannot_reach_the_network_even_where_the_plugin_may_charge() {
    let host = HOST.get().await;
    let _ = expect_server_error(host, "price:egress").await;
    assert_eq!(host.sandbox.acquirer.received(Operation::List), 0);
}

#[tokio::test]
async fn a_plugin_that_is_not_available_says_when_to_come_back() {
    let answer = expect_server_error(HOST.get().await, "price:unavailable")
        .await
        .expect(503);
    assert_eq!(answer.header("retry-after"), Some("7"));
}

#[tokio::test]
async fn stripe_reads_of_a_broken_plugin_no_more_than_others() {
    let host = HOST.get().await;
    let answer = host
        .stripe_acs()
        .create(&fixtures::checkout(&[("price:trap", 1)]))
        .await;
    assert_eq!(answer.status / 100, 5, "{}", answer.text());
    for word in INTERNAL {
        assert!(!answer["message"].as_str().unwrap().contains(word), "{}", answer.text());
    }
}

#[tokio::test]
async fn another_merchant_sells_on_while_one_loops() {
    let host = hostile::builder()
        .merchant(hostile::merchant("hostile", ""))
        .merchant(Merchant::named("demo"))
        .start()
        .await;
    let looping = host.acp_at("hostile", Release::V2026_04_17);
    let mut loops = JoinSet::new();
    for _ in 0..32 {
        let body = fixtures::with(fixtures::cart(Release::V2026_04_17, &[]), &cart_update("price:spin"));
        loops.spawn(looping.post("/checkout_sessions").json(&body).send());
    }
    let done = host
        .acp_at("demo", Release::V2026_04_17)
        .buy(&[("tee-classic", 1)])
        .await;
    assert_charged_once(&host, done.total("total")).await;
    for answer in loops.join_all().await {
        assert_eq!(answer.status / 100, 5, "{}", answer.text());
    }
    let _ = looping.ready(&[("anything", 1)]).await;
}
