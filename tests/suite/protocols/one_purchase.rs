//! One purchase through every door of one merchant, sold by one plugin: the releases of ACP, MCP, cards of the vault, Stripe's hooks,
//! Adyen's agent API at the host, Adyen itself in both of its flows, and Stripe itself by its lighter hooks. A discount without a code, prices that include tax, two parcels,
//! and a refund: all of them have the same totals.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::money::Amount as Minor;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::time::Clock;
use tillhouse_sandbox::adyen::MerchantConnection;
use tillhouse_sandbox::agent::{Address, AdyenAgent, Basket};
use tillhouse_sandbox::stripe::hooks::Decision;
use tillhouse_sandbox::{Amount, Currency};
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::orders::parcel;
use tillhouse_tests::{Acp, AdyenSandbox, HttpResponse, Merchant, Protocol, Release, TestHost, fixtures};

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
    StripeAcs,
    AdyenAgent,
    AdyenStandard,
    AdyenAdvanced,
    StripeHooks,
}

impl Door {
    fn all() -> impl Iterator<Item = Self> {
        let releases = Release::ALL.into_iter();
        let of_acp = releases.clone().map(Self::Rest).chain([Self::Mcp]);
        let of_acp = of_acp.chain(releases.map(Self::Vault));
        of_acp.chain([
            Self::StripeAcs,
            Self::AdyenAgent,
            Self::AdyenStandard,
            Self::AdyenAdvanced,
            Self::StripeHooks,
        ])
    }

    const fn is_acp(self) -> bool {
        matches!(self, Self::Rest(_) | Self::Mcp | Self::Vault(_))
    }

    /// Whether Adyen is told of its orders after the sale.
    const fn is_adyens(self) -> bool {
        matches!(self, Self::AdyenAgent | Self::AdyenStandard | Self::AdyenAdvanced)
    }

    /// Whether it is paid with a token of Stripe.
    const fn is_stripes(self) -> bool {
        matches!(self, Self::Rest(_) | Self::Mcp | Self::StripeAcs)
    }
}

async fn start() -> TestHost {
    let merchant = Merchant::named("demo")
        .catalog(CATALOG)
        .shop(SHOP)
        .adyen()
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

/// Every total of a session, by its type. A type may stand more than once.
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

/// What every protocol has a word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Amounts {
    discount: i64,
    shipping: i64,
    tax: i64,
    total: i64,
}

fn amounts(session: &Value, door: Door) -> Amounts {
    let of = |kinds: &[&str]| {
        let totals = totals(session).into_iter();
        totals
            .filter(|(kind, _)| kinds.contains(&kind.as_str()))
            .map(|(_, amount)| amount)
            .sum::<i64>()
    };
    // Adyen's dialect has the discounts of lines in its lines only.
    let in_lines = || {
        let lines = session["line_items"].as_array().unwrap().iter();
        lines.map(|line| line["discount"].as_i64().unwrap()).sum::<i64>()
    };
    Amounts {
        discount: of(&["items_discount", "discount"]).abs() + if door.is_adyens() { in_lines() } else { 0 },
        shipping: of(&["fulfillment", "shipping"]),
        tax: of(&["tax"]),
        total: total(session),
    }
}

/// The cart at Adyen, for Jane at the address of the other doors.
fn basket() -> Basket {
    let address = Address {
        line_one: "123 Main St".into(),
        line_two: None,
        city: "Springfield".into(),
        state: "BE".into(),
        country: "DE".into(),
        postal_code: "10115".into(),
    };
    let [(album, albums), (sleeve, sleeves)] = CART else {
        panic!("a cart of two lines")
    };
    Basket {
        currency: Currency::parse("eur").unwrap(),
        address,
        ..Basket::of(*album, *albums).and(*sleeve, *sleeves)
    }
}

/// The sandbox's Adyen, which tells the merchant of every payment and refund.
fn adyen(host: &TestHost) -> AdyenSandbox<'_> {
    let adyen = host.adyen_sandbox();
    let url = adyen.webhook_url();
    adyen.connected(|connection| MerchantConnection {
        webhook_url: Some(url),
        ..connection
    })
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
        Door::StripeAcs => {
            let address = fixtures::address_in("DE", "", "10115");
            let agent = host.stripe_acs();
            let created = Protocol::StripeAcs
                .create(host, CART, "eur", &address)
                .await
                .expect(200);
            let token = host.token_in("pm_card_visa", created.total("total"), "eur").await;
            let _ = agent.confirm(created.id(), &token).await.expect(200).is("completed");
            agent.retrieve(created.id()).await.expect(200).json
        }
        Door::AdyenAgent => {
            let agent = host.adyen();
            let session = agent.create(&AdyenAgent::create_body(&basket())).await;
            let session = session.expect(201).is("ready_for_payment");
            let due = Amount::new(session.total("total"), &basket().currency);
            let token = agent.token_for("pm_card_visa", session.id(), &due).await;
            agent.complete(session.id(), &token).await.expect(200).json
        }
        Door::StripeHooks => through_stripe(host).await,
        Door::AdyenStandard | Door::AdyenAdvanced => {
            let adyen = adyen(host);
            let adyen = if door == Door::AdyenAdvanced {
                adyen.advanced()
            } else {
                adyen
            };
            let purchase = adyen.buy(&basket()).await;
            purchase.exchanges.last().unwrap().response.clone()
        }
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

/// Stripe runs the checkout, with the same discount as a promotion of its catalog, and takes the payment.
async fn through_stripe(host: &TestHost) -> Value {
    let stripe = host.stripe_hooks();
    let mut checkout = stripe.opened(&basket()).await.unwrap();
    for line in &mut checkout.lines {
        // A tenth, to the nearest cent.
        line.discount = (2 * line.unit_amount * i64::from(line.quantity) / 10 + 1) / 2;
    }
    stripe.customize(&mut checkout).await.unwrap();
    assert_eq!(stripe.approve(&mut checkout, None).await, Decision::Approved);
    checkout.pay();
    stripe.tell(&checkout.completed_event("paid")).await.unwrap();
    let (merchant, id) = (MerchantId::new("demo"), SessionId::new(checkout.id.as_str()));
    let session = host.store().session(&merchant, &id).await.unwrap().unwrap();
    let totals = &session.quote.totals;
    assert_eq!(
        totals.total.minor(),
        checkout.total(),
        "what Stripe took is what the plugin's quote comes to"
    );
    let entry = |kind: &str, amount: Minor| json!({"type": kind, "amount": amount.minor()});
    json!({
        "id": checkout.id, "status": session.state.name(),
        "totals": [entry("items_discount", totals.items_discount), entry("discount", totals.discount),
                   entry("fulfillment", totals.fulfillment), entry("tax", totals.tax), entry("total", totals.total)],
    })
}

async fn refund(host: &TestHost, door: Door, order: &Order, minor: i64) {
    if door == Door::StripeHooks {
        // Stripe took the payment, and refunds it.
        let attempt = host.attempts_of(order.session.as_str()).await.pop().unwrap();
        let object = json!({"id": "R1", "object": "refund", "amount": minor, "currency": "eur", "status": "succeeded",
                            "payment_intent": attempt.processor_reference().map(|it| it.as_str())});
        let event = json!({"id": "evt_refund", "object": "event", "type": "refund.created", "livemode": false,
                           "data": {"object": object}});
        host.stripe_hooks().tell(&event).await.unwrap();
    } else {
        host.ask_refund(order, "R1", minor).await.unwrap();
    }
    wait_until("everybody is told of the refund", async || {
        host.clock.advance(Duration::from_millis(500));
        host.order_of(order.session.as_str()).await.refunded().amount.minor() == minor && host.backlog().is_empty()
    })
    .await;
}

/// An order after everything, without what differs between purchases.
async fn at_the_end(host: &TestHost, session: &str) -> Value {
    let order = host.order_of(session).await;
    let progress = &order.progress;
    json!({
        "status": format!("{:?}", order.status()),
        "total": [order.total.amount.minor(), order.refunded().amount.minor()],
        "lines": progress.lines.iter().map(|line| line.ordered).collect::<Vec<_>>(),
        "parcels": progress.fulfillments.iter().map(|parcel| [&parcel.id, &parcel.status]).collect::<Vec<_>>(),
        "adjustments": progress.adjustments.iter().map(|it| [&it.kind, &it.status]).collect::<Vec<_>>(),
    })
}

/// What the newest release of ACP shows of its order then.
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

/// The steps of one order that Adyen was told of.
fn told(host: &TestHost, session: &str) -> Vec<Value> {
    let events = host.sandbox.adyen.events().into_iter().map(|received| received.body);
    let of_session = events.filter(|event| event["sessionId"] == session);
    of_session.map(|event| event["type"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_sells_the_same_for_the_same() {
    let host = start().await;
    adyen(&host);
    let mut first: Option<(Amounts, Value)> = None;
    let mut first_of_acp: Option<(Vec<(String, i64)>, Value)> = None;
    for (count, door) in Door::all().enumerate() {
        let paid = bought(&host, door).await;
        assert_eq!(paid["status"], "completed", "{door:?}: {paid:#}");
        let session = paid["id"].as_str().unwrap();
        let order = host.order_of(session).await;
        for (id, lines) in [("p1", &[("album", 2)][..]), ("p2", &[("album", 1), ("sleeve", 2)])] {
            host.change_order(&order, id, parcel(id, lines)).await;
        }
        refund(&host, door, &order, 300).await;
        let seen = (amounts(&paid, door), at_the_end(&host, session).await);
        assert!(seen.0.discount > 0 && seen.0.tax > 0, "{door:?}: {seen:?}");
        assert_eq!(&seen, first.get_or_insert_with(|| seen.clone()), "{door:?}");
        if door.is_acp() {
            let shown = (totals(&paid), shown_at_the_end(&host, session).await);
            assert_eq!(&shown, first_of_acp.get_or_insert_with(|| shown.clone()), "{door:?}");
        }
        let steps: &[&str] = if door.is_adyens() {
            &["shipped", "shipped", "refunded"]
        } else {
            &[]
        };
        assert_eq!(told(&host, session), steps, "{door:?}");
        let ledger = host.sandbox.adyen.ledger();
        // What Stripe took is not at the merchant's processor.
        let elsewhere = usize::from(door == Door::StripeHooks);
        let count = i64::try_from(count + 1 - elsewhere).unwrap();
        assert_eq!(ledger.captured_total(), seen.0.total * count, "{door:?}");
        assert_eq!(ledger.refunded_total(), 300 * count, "{door:?}");
    }
    let records = host.sandbox.stripe.payment_records();
    let stripes = Door::all().filter(|door| door.is_stripes()).count();
    assert_eq!(
        records.len(),
        stripes,
        "what Stripe has no token of is not reported to it"
    );
    assert!(records.iter().all(|record| record.refunds.len() == 1), "{records:#?}");
}
