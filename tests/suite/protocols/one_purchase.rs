//! One purchase through every release of ACP, through MCP and with a card of the vault, sold by one plugin: a discount without a code,
//! prices that include tax, two parcels, and a refund. All of them have the same totals.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::time::Clock;
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::orders::parcel;
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, TestHost, fixtures};

use super::mcp::client::{McpAgent, Opening, meta};

const NEWEST: Release = Release::V2026_04_17;

/// Records whose prices include 19 % tax.
const CATALOG: &str = "id,title,price,availability,tax_behavior,shipping_weight,inventory_quantity\n\
    album,Album,9.99 EUR,in_stock,inclusive,200 g,1000\n\
    sleeve,Sleeve,0.99 EUR,in_stock,inclusive,20 g,1000\n";
const CART: &[(&str, u32)] = &[("album", 3), ("sleeve", 2)];

const SHOP: &str = r#"
pricing.automatic = "TENTH"

[discounts.TENTH]
percent = 10
"#;

/// How an agent buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Rest(Release),
    Mcp,
    Vault(Release),
}

async fn start() -> TestHost {
    let merchant = Merchant::named("demo")
        .catalog(CATALOG)
        .shop(SHOP)
        .set("currency = \"eur\"\nvault.per_minute = 100")
        .webhook("agent", NEWEST, &[]);
    TestHost::builder()
        .merchant(merchant)
        .set(fixtures::VAULT_KEYS)
        .frozen()
        .timings(fast_timings())
        .start()
        .await
}

/// The body of a create, in euros.
fn creation(release: Release) -> Value {
    let cart = fixtures::with(
        fixtures::cart(release, CART),
        &fixtures::delivery(release, &fixtures::address_in("DE", "", "10115")),
    );
    if release.has_payment_handlers() {
        fixtures::with(cart, &json!({"currency": "eur"}))
    } else {
        cart
    }
}

/// Every total of a session, by its type.
fn totals(session: &Value) -> Vec<(String, i64)> {
    let entries = session["totals"].as_array().unwrap().iter();
    let entry = |total: &Value| {
        let kind = total["type"].as_str().unwrap().to_owned();
        (kind, total["amount"].as_i64().unwrap())
    };
    let mut totals: Vec<_> = entries.map(entry).collect();
    totals.sort();
    totals
}

fn total(session: &Value) -> i64 {
    totals(session).into_iter().find(|(kind, _)| kind == "total").unwrap().1
}

async fn delegated(host: &TestHost, agent: &Acp<'_>, session: &HttpResponse) -> String {
    let expires = host.clock.now().after(Duration::from_secs(1800)).rfc3339();
    let body = fixtures::delegation(session, "demo", "4539578763621486", &expires);
    let token = agent.post(fixtures::DELEGATE_PAYMENT).json(&body).send().await;
    token.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Buys the cart, and returns the completed session.
async fn bought(host: &TestHost, door: Door) -> Value {
    match door {
        Door::Mcp => {
            let agent = McpAgent::open(&host.acp(NEWEST), Opening::Handshake).await;
            let create = json!({"meta": meta("create"), "payload": creation(NEWEST)});
            let session = agent.call("create_checkout_session", &create).await;
            let token = host.token_in("pm_card_visa", total(&session), "eur").await;
            let payment = fixtures::payment(NEWEST, &token);
            let complete = json!({"meta": meta("pay"), "id": session["id"], "payload": payment});
            agent.call("complete_checkout_session", &complete).await
        }
        Door::Rest(release) => {
            let agent = host.acp(release);
            let session = agent
                .create(&creation(release))
                .await
                .expect(201)
                .is("ready_for_payment");
            let token = host.token_in("pm_card_visa", session.total("total"), "eur").await;
            agent.complete(session.id(), &token).await.expect(200).json
        }
        Door::Vault(release) => {
            let agent = host.acp(release);
            let session = agent
                .create(&creation(release))
                .await
                .expect(201)
                .is("ready_for_payment");
            let token = delegated(host, &agent, &session).await;
            let payment = fixtures::vault_payment(release, &token);
            let path = format!("/checkout_sessions/{}/complete", session.id());
            agent.post(&path).json(&payment).send().await.expect(200).json
        }
    }
}

async fn refund(host: &TestHost, order: &Order, minor: i64) {
    host.ask_refund(order, "R1", minor).await.unwrap();
    wait_until("everybody is told of the refund", async || {
        host.clock.advance(Duration::from_millis(500));
        host.order_of(order.session.as_str()).await.refunded().amount.minor() == minor && host.backlog().is_empty()
    })
    .await;
}

/// What the newest release shows of an order after everything, without what differs between purchases.
async fn shown_at_the_end(host: &TestHost, session: &str) -> Value {
    let read = host.acp(NEWEST).retrieve(session).await.expect(200);
    let order = &read["order"];
    json!({
        "status": order["status"],
        "lines": order["line_items"].as_array().unwrap().iter().map(|line| &line["quantity"]).collect::<Vec<_>>(),
        "parcels": order["fulfillments"].as_array().unwrap().iter().map(|it| &it["status"]).collect::<Vec<_>>(),
        "refunded": order["adjustments"][0]["amount"],
    })
}

#[tokio::test]
async fn every_door_of_acp_sells_the_same_for_the_same() {
    let host = start().await;
    let releases = Release::ALL.into_iter();
    let doors = releases
        .clone()
        .map(Door::Rest)
        .chain([Door::Mcp])
        .chain(releases.map(Door::Vault));
    let mut first: Option<(Vec<(String, i64)>, Value)> = None;
    for (count, door) in doors.enumerate() {
        let paid = bought(&host, door).await;
        assert_eq!(paid["status"], "completed", "{door:?}");
        let session = paid["id"].as_str().unwrap();
        let order = host.order_of(session).await;
        for (id, lines) in [("p1", &[("album", 2)][..]), ("p2", &[("album", 1), ("sleeve", 2)])] {
            host.change_order(&order, id, parcel(id, lines)).await;
        }
        refund(&host, &order, 300).await;
        let seen = (totals(&paid), shown_at_the_end(&host, session).await);
        assert!(
            seen.0
                .iter()
                .any(|(kind, amount)| kind == "items_discount" && *amount > 0),
            "{seen:?}"
        );
        match &first {
            Some(first) => assert_eq!(&seen, first, "{door:?}"),
            None => first = Some(seen),
        }
        let ledger = host.sandbox.acquirer.ledger();
        assert_eq!(ledger.captures().len(), count + 1, "{door:?}");
        assert_eq!(
            ledger.refunded_total(),
            300 * i64::try_from(count + 1).unwrap(),
            "{door:?}"
        );
    }
    let records = host.sandbox.stripe.payment_records();
    assert_eq!(records.len(), 6, "the vault reports nothing to Stripe");
    assert!(records.iter().all(|record| record.refunds.len() == 1), "{records:#?}");
}
