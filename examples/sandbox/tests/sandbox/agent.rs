use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_sandbox::agent::{
    Acp, AcpVersion, AgentError, Basket, Credentials, Polling, Purchase, PurchaseError, Step, StripeAcs, Wallet,
};
use tillhouse_sandbox::{Amount, Sandbox};

use crate::client::{NOW, sandbox};
use crate::shop::{Seen, Shop};

fn wallet(sandbox: &Sandbox) -> Wallet {
    Wallet::at(&sandbox.stripe, sandbox.clock()).unwrap()
}

async fn buy_over_acp(
    sandbox: &Sandbox,
    shop: &Shop,
    version: AcpVersion,
    basket: &Basket,
) -> Result<Purchase, PurchaseError> {
    let url = shop.clone().open().await;
    let mut agent = Acp::new(&url, "key_agent".into(), version, wallet(sandbox)).unwrap();
    agent.polling = Polling {
        attempts: 3,
        delay: Duration::ZERO,
    };
    agent.purchase(basket).await
}

async fn acs(sandbox: &Sandbox, shop: &Shop, credentials: Credentials) -> StripeAcs {
    let url = shop.clone().open().await;
    let mut agent = StripeAcs::new(&url, credentials, wallet(sandbox), sandbox.clock().clone()).unwrap();
    agent.polling = Polling {
        attempts: 3,
        delay: Duration::ZERO,
    };
    agent
}

fn requests(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.request.as_str()).collect()
}

fn steps(purchase: &Purchase) -> Vec<Step> {
    purchase.exchanges.iter().map(|exchange| exchange.step).collect()
}

/// The address in the format of ACP.
fn jane() -> Value {
    json!({
        "name": "Jane Doe",
        "line_one": "123 Main St",
        "line_two": "Apt 4B",
        "city": "San Francisco",
        "state": "CA",
        "country": "US",
        "postal_code": "94105",
    })
}

fn buyer() -> Value {
    json!({
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane.doe@example.com",
        "phone_number": "+14155552671",
    })
}

#[tokio::test]
async fn acp_2026_04_17_from_create_to_completed() {
    let (sandbox, shop) = (sandbox().await, Shop::default());
    let basket = Basket::of("sku_1", 2).shipped_by("express").with_code("SAVE10");
    let purchase = buy_over_acp(&sandbox, &shop, AcpVersion::V2026_04_17, &basket)
        .await
        .unwrap();
    assert_eq!((purchase.protocol, purchase.version), ("acp", Some("2026-04-17")));
    assert_eq!((purchase.order_id.as_deref(), purchase.total), (Some("o_1"), 4_500));
    assert!(purchase.is_completed());
    assert_eq!(
        steps(&purchase),
        [
            Step::Create,
            Step::Address,
            Step::SelectOption,
            Step::IssueToken,
            Step::Complete,
            Step::Retrieve
        ]
    );

    let [token] = sandbox.stripe.tokens().try_into().unwrap();
    assert_eq!((token.max_amount, token.currency.as_str()), (4_500, "usd"));

    let seen = shop.seen();
    let session = "/m/shop/checkout_sessions";
    assert_eq!(
        requests(&seen),
        [
            format!("POST {session}"),
            format!("POST {session}/cs_1"),
            format!("POST {session}/cs_1"),
            format!("POST {session}/cs_1/complete"),
            format!("GET {session}/cs_1"),
        ]
    );
    assert_eq!(
        seen[0].json(),
        json!({
            "line_items": [{"id": "sku_1", "quantity": 2}],
            "currency": "usd",
            "buyer": buyer(),
            "capabilities": {"interventions": {"supported": []}, "extensions": ["discount"]},
        })
    );
    assert_eq!(
        seen[1].json(),
        json!({
            "fulfillment_details": {
                "name": "Jane Doe",
                "phone_number": "+14155552671",
                "email": "jane.doe@example.com",
                "address": jane(),
            },
            "discounts": {"codes": ["SAVE10"]},
        })
    );
    assert_eq!(
        seen[2].json(),
        json!({"selected_fulfillment_options": [
            {"type": "shipping", "option_id": "ship_exp", "item_ids": ["sku_1"]},
        ]})
    );
    assert_eq!(
        seen[3].json(),
        json!({
            "buyer": buyer(),
            "payment_data": {
                "handler_id": "h_stripe",
                "instrument": {"type": "card", "credential": {"type": "spt", "token": token.id}},
                "billing_address": jane(),
            },
        })
    );
}

#[tokio::test]
async fn every_acp_post_has_a_key_of_its_own_and_every_request_its_version() {
    let (sandbox, shop) = (sandbox().await, Shop::default());
    buy_over_acp(&sandbox, &shop, AcpVersion::V2026_04_17, &Basket::of("sku_1", 1))
        .await
        .unwrap();
    let seen = shop.seen();
    let mut keys: Vec<&str> = Vec::new();
    for request in &seen {
        assert_eq!(request.header("authorization"), "Bearer key_agent");
        assert_eq!(request.header("api-version"), "2026-04-17");
        if request.request.starts_with("POST") {
            keys.push(request.header("idempotency-key"));
        }
    }
    assert!(keys.iter().all(|key| key.len() == 36), "{keys:?}");
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(
        keys.len(),
        3,
        "create, address, complete: the shop's choice of option stands"
    );
}

#[tokio::test]
async fn acp_2025_09_29_in_its_own_words() {
    let (sandbox, shop) = (sandbox().await, Shop::default());
    let basket = Basket::of("sku_1", 2).and("sku_2", 1).shipped_by("ship_exp");
    let purchase = buy_over_acp(&sandbox, &shop, AcpVersion::V2025_09_29, &basket)
        .await
        .unwrap();
    assert!(purchase.is_completed());
    let seen = shop.seen();
    let items = json!([{"id": "sku_1", "quantity": 2}, {"id": "sku_2", "quantity": 1}]);
    assert_eq!(seen[0].json(), json!({"items": items, "buyer": buyer()}));
    assert_eq!(seen[1].json(), json!({"fulfillment_address": jane()}));
    assert_eq!(seen[2].json(), json!({"fulfillment_option_id": "ship_exp"}));
    let token = sandbox.stripe.tokens()[0].id.clone();
    assert_eq!(
        seen[3].json(),
        json!({
            "buyer": buyer(),
            "payment_data": {"token": token, "provider": "stripe", "billing_address": jane()},
        })
    );
}

#[tokio::test]
async fn stripe_acs_signs_every_request_get_included() {
    let (sandbox, shop) = (sandbox().await, Shop::default());
    let secret = "whsec_shop";
    let credentials = Credentials::StripeSignature {
        secret: secret.into(),
        clock: sandbox.clock().clone(),
    };
    let agent = acs(&sandbox, &shop, credentials).await;
    let purchase = agent
        .purchase(&Basket::of("sku_1", 2).shipped_by("express"))
        .await
        .unwrap();
    assert_eq!((purchase.protocol, purchase.version), ("stripe_acs", None));
    assert_eq!((purchase.status.as_str(), purchase.total), ("completed", 4_500));
    assert_eq!(purchase.order_permalink.as_deref(), Some("https://shop.example/o_1"));

    let seen = shop.seen();
    let checkout = "/m/shop/agentic/checkouts";
    assert_eq!(
        requests(&seen),
        [
            format!("POST {checkout}"),
            format!("POST {checkout}/cs_1"),
            format!("POST {checkout}/cs_1/confirm"),
            format!("GET {checkout}/cs_1"),
        ]
    );
    for request in &seen {
        assert!(request.is_signed_by(secret, NOW), "{}", request.request);
        assert!(!request.is_signed_by("whsec_other", NOW));
        assert_eq!(
            request.request.starts_with("POST"),
            !request.header("idempotency-key").is_empty()
        );
    }
    let created = seen[0].json();
    assert_eq!(created["line_items"], json!([{"sku_id": "sku_1", "quantity": 2}]));
    assert_eq!(created["fulfillment_details"]["address"]["line_two"], "Apt 4B");
    assert_eq!(
        (&created["created"], &created["currency"]),
        (&json!(NOW), &json!("usd"))
    );
    assert_eq!(seen[1].json(), json!({"fulfillment_option_id": "ship_exp"}));
    let paid = &seen[2].json()["payment_data"];
    assert_eq!(
        (&paid["provider"], &paid["billing_address"]["line1"]),
        (&json!("stripe"), &json!("123 Main St"))
    );
}

#[tokio::test]
async fn a_decline_is_a_typed_error_with_the_transcript_up_to_it() {
    let sandbox = sandbox().await;
    let shop = Shop::declining();
    let basket = Basket::of("sku_1", 1);
    let stopped = buy_over_acp(&sandbox, &shop, AcpVersion::V2026_04_17, &basket)
        .await
        .unwrap_err();
    assert_eq!(stopped.status(), Some(400));
    assert_eq!(stopped.exchanges.last().unwrap().status, 400);
    match *stopped.error {
        AgentError::Refused {
            step: Step::Complete,
            body,
            ..
        } => assert_eq!(body["code"], "payment_declined"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_agent_stops_polling_after_its_attempts() {
    let sandbox = sandbox().await;
    let shop = Shop::stuck();
    let basket = Basket::of("sku_1", 1);
    let stopped = buy_over_acp(&sandbox, &shop, AcpVersion::V2026_04_17, &basket)
        .await
        .unwrap_err();
    assert!(matches!(*stopped.error, AgentError::Unsettled { .. }));
    assert_eq!(
        stopped
            .exchanges
            .iter()
            .filter(|exchange| exchange.step == Step::Retrieve)
            .count(),
        3
    );
}

#[tokio::test]
async fn a_field_that_a_protocol_lacks_is_an_error() {
    let (sandbox, shop) = (sandbox().await, Shop::default());
    let basket = Basket::of("sku_1", 1).with_code("SAVE10");
    let old = buy_over_acp(&sandbox, &shop, AcpVersion::V2025_09_29, &basket)
        .await
        .unwrap_err();
    assert!(matches!(
        *old.error,
        AgentError::Inexpressible {
            what: "discount codes",
            ..
        }
    ));
    let stripe = acs(&sandbox, &shop, Credentials::None)
        .await
        .purchase(&basket)
        .await
        .unwrap_err();
    assert!(matches!(*stripe.error, AgentError::Inexpressible { .. }));
    assert!(shop.seen().is_empty());
}

#[tokio::test]
async fn an_unreachable_shop_is_a_missing_answer() {
    let sandbox = sandbox().await;
    // Bound and not listening: the port stays taken, so that no other process answers on it.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let agent = Acp::new(&url, "k".into(), AcpVersion::V2026_04_17, wallet(&sandbox)).unwrap();
    let stopped = agent.purchase(&Basket::of("sku_1", 1)).await.unwrap_err();
    assert!(matches!(
        *stopped.error,
        AgentError::NoAnswer { step: Step::Create, .. }
    ));
}

#[tokio::test]
async fn only_plain_http_urls_are_accepted() {
    let sandbox = sandbox().await;
    for url in [
        "https://shop.example",
        "shop.example",
        "http://shop.example?x=1",
        "",
        "ftp://shop.example",
    ] {
        let refused = Acp::new(url, "k".into(), AcpVersion::V2026_04_17, wallet(&sandbox));
        assert!(matches!(refused, Err(AgentError::BaseUrl { .. })), "{url}");
    }
}

#[tokio::test]
async fn a_token_can_be_issued_without_a_purchase() {
    let sandbox = sandbox().await;
    let token = wallet(&sandbox)
        .token("pm_card_visa", &Amount::usd(4_598))
        .await
        .unwrap();
    assert_eq!(sandbox.stripe.token(&token).unwrap().max_amount, 4_598);
    let refused = wallet(&sandbox)
        .token("pm_card_none", &Amount::usd(1))
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        AgentError::Refused {
            step: Step::IssueToken,
            status: 400,
            ..
        }
    ));
}
