//! A merchant with a broken catalog or plugin is out of service; other merchants are not affected.

use std::time::Duration;

use serde_json::json;
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::AttemptFilter;
use tillhouse_sandbox::acquirer::{self, SIGNATURE};
use tillhouse_sandbox::{Fault, stripe};
use tillhouse_tests::{HttpResponse, Merchant, Release, Shared, TestHost, component, fixtures, workspace};

use super::eventually::{LOOKUP, fast_timings, wait_until};
use super::hostile;

const CATALOG: &str = "its catalog cannot be used";
const PLUGIN: &str = "one of its plugins cannot be used";
const CONFIGURATION: &str = "the configuration of its plugins cannot be used";
const RELEASES: [Release; 2] = [Release::V2025_09_29, Release::V2026_04_17];

/// Merchants that are broken in one way each, the public reason, and a fragment of the operator's message.
fn broken() -> Vec<(Merchant, &'static str, &'static str)> {
    let named = Merchant::named;
    let shop = || component("reference-shop");
    let manifest = include_str!("../../../plugins/reference-shop/plugin.toml");
    let header = "id,title,price,availability\n";
    let text = workspace().join("Cargo.toml");
    vec![
        (
            named("price").catalog(&format!("{header}tee-classic,Tee,25.005 USD,in_stock\n")),
            CATALOG,
            "line 2: column price",
        ),
        (
            named("columns").catalog("sku,name\n1,Tee\n"),
            CATALOG,
            "line 1: column id is missing",
        ),
        (
            named("no-catalog").set("catalog = \"nowhere.csv\""),
            CATALOG,
            "nowhere.csv",
        ),
        (named("folder").set("catalog = \".\""), CATALOG, "catalog: "),
        (
            named("no-component").component("/nowhere/shop.wasm", manifest, ""),
            PLUGIN,
            "/nowhere/shop.wasm",
        ),
        (named("no-wasm").component(text, manifest, ""), PLUGIN, "plugins[0]: "),
        (
            named("manifest").component(shop(), "id = 3", ""),
            PLUGIN,
            "plugins[0]: ",
        ),
        (
            named("refused").shop("fees.gift-wrap.price = \"3.00\""),
            CONFIGURATION,
            "fees.gift-wrap.price",
        ),
        (
            named("fraction").shop("fees.gift-wrap.price = 3.00"),
            CONFIGURATION,
            "write 300 (minor units of USD, an integer)",
        ),
        (
            named("secret").component(shop(), manifest, "secrets.key = { env = \"NOT_SET\" }"),
            CONFIGURATION,
            "NOT_SET",
        ),
        (
            named("twice").component(shop(), manifest, ""),
            CONFIGURATION,
            "is also served by another plugin",
        ),
        (
            hostile::merchant("trap", "validate-mode = \"trap\""),
            CONFIGURATION,
            "validate-config",
        ),
        (
            hostile::merchant("spin", "validate-mode = \"spin\""),
            CONFIGURATION,
            "validate-config",
        ),
    ]
}

static HOST: Shared = Shared::of(|| {
    let builder = TestHost::builder().merchant(Merchant::named("good"));
    broken()
        .into_iter()
        .fold(builder, |builder, (merchant, ..)| builder.merchant(merchant))
});

/// Names of the merchants, in the order of [`broken`].
const NAMES: [&str; 13] = [
    "price",
    "columns",
    "no-catalog",
    "folder",
    "no-component",
    "no-wasm",
    "manifest",
    "refused",
    "fraction",
    "secret",
    "twice",
    "trap",
    "spin",
];

/// Asserts the error of a merchant that is out of service.
fn refused(answer: HttpResponse, reason: &str) {
    let answer = answer.refused(503, "service_unavailable");
    assert_eq!(answer["type"], "service_unavailable");
    assert_eq!(answer.header("retry-after"), Some("60"));
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.contains("out of service") && message.contains(reason),
        "{message}"
    );
    for inside in ["wasm", ".csv", "line ", "column", "plugins[", "secret", "/"] {
        assert!(
            !message.contains(inside),
            "the public message {message} reveals {inside}"
        );
    }
}

#[tokio::test]
async fn the_others_sell_over_both_protocols() {
    let host = HOST.get().await;
    for release in RELEASES {
        let _ = host.acp(release).buy(&[("tee-classic", 1)]).await;
    }
    let _ = host.stripe_acs().buy(&[("tee-classic", 1)]).await;
}

#[tokio::test]
async fn agents_get_the_error_shape_of_their_protocol() {
    let host = HOST.get().await;
    for (name, (_, reason, _)) in NAMES.into_iter().zip(broken()) {
        for release in RELEASES {
            let agent = host.acp_at(name, release);
            let cart = fixtures::cart(release, &[("tee-classic", 1)]);
            refused(agent.create(&cart).await, reason);
            refused(agent.retrieve("cs_1").await, reason);
            refused(agent.update("cs_1", &json!({})).await, reason);
            refused(agent.complete("cs_1", "spt_1").await, reason);
            refused(agent.cancel("cs_1").await, reason);
            let unauthenticated = agent.get("/checkout_sessions/cs_1").bearer("wrong");
            let _ = unauthenticated.send().await.refused(401, "unauthorized");
        }
        let stripe = host.stripe_acs_at(name);
        let cart = json!({"currency": "usd", "line_items": [{"sku_id": "tee-classic", "quantity": 1}]});
        refused(stripe.create(&cart).await, reason);
        refused(stripe.retrieve("cs_1").await, reason);
        refused(stripe.update("cs_1", &json!({})).await, reason);
        refused(stripe.confirm("cs_1", "spt_1").await, reason);
        let unauthenticated = stripe.post("/agentic/checkouts").json(&cart).signed_with("whsec_wrong");
        let _ = unauthenticated.send().await.refused(401, "invalid_signature");
    }
}

#[tokio::test]
async fn what_others_send_to_it_is_asked_for_again() {
    let host = HOST.get().await;
    let event = json!({"id": "evt_1", "object": "event", "type": "x", "livemode": false});
    for (name, (_, reason, _)) in NAMES.into_iter().zip(broken()) {
        let client = host.client_of(name);
        let event = client.post("/webhooks/stripe").json(&event);
        refused(
            event.clone().signed_with(&Merchant::event_secret(name)).send().await,
            reason,
        );
        let _ = event
            .signed_with("whsec_wrong")
            .send()
            .await
            .refused(400, "invalid_signature");
        let notice = client
            .post("/webhooks/processor")
            .body("{}")
            .header(SIGNATURE, "t=1,v1=0");
        refused(notice.send().await, reason);
    }
}

#[tokio::test]
async fn the_host_is_ready_and_names_it() {
    let host = HOST.get().await;
    let ready = host.client().get("/readyz").send().await.expect(200).text();
    assert!(ready.starts_with("ready\n"), "{ready}");
    for (name, (_, reason, _)) in NAMES.into_iter().zip(broken()) {
        assert!(
            ready.contains(&format!("out of service: {name}: {reason}\n")),
            "{ready}"
        );
    }
    assert!(!ready.contains("good") && !ready.contains('/'), "{ready}");
    let _ = host.client().get("/livez").send().await.expect(200);
}

#[tokio::test]
async fn every_problem_is_reported_to_the_operator_with_its_place() {
    let host = HOST.get().await;
    let outages = &host.checkout().outages;
    for (name, (_, _, word)) in NAMES.into_iter().zip(broken()) {
        let outage = outages.get(&MerchantId::new(name)).expect(name);
        let all = outage.details.join("\n");
        assert!(
            all.contains(word) && all.contains(&format!("merchants.{name}.")),
            "{all}"
        );
    }
}

#[tokio::test]
async fn a_host_without_a_merchant_in_service_does_not_start() {
    for (merchant, _, word) in broken() {
        let error = TestHost::builder().merchant(merchant).expect_start_error().await;
        assert!(error.contains(word), "{error}");
    }
    let two = TestHost::builder()
        .merchant(Merchant::named("one").set("catalog = \"nowhere.csv\""))
        .merchant(Merchant::named("two").shop("fees.gift-wrap.price = 1e2"));
    let error = two.expect_start_error().await;
    assert!(
        error.contains("merchants.one.catalog: ") && error.contains("write 10000 "),
        "{error}"
    );
}

/// Configuration outside of a merchant's plugins and catalog: the host refuses to start, as it does for an unreadable file.
#[tokio::test]
async fn an_error_outside_of_plugins_and_catalogs_rejects_the_whole_configuration() {
    let good = || TestHost::builder().merchant(Merchant::named("good"));
    for (builder, path) in [
        (good().set("server.max_connections = 0"), "server.max_connections"),
        (
            good().merchant(Merchant::named("bad").set("currency = \"dollars\"")),
            "merchants.bad.currency",
        ),
        (
            good().merchant(Merchant::named("bad").set("stripe.secret_key = { env = \"NOT_SET\" }")),
            "merchants.bad.stripe.secret_key",
        ),
    ] {
        let error = builder.expect_start_error().await;
        assert!(error.contains(path), "{error}");
    }
}

/// Every attempt of a merchant, without its lease holder.
async fn attempts(host: &TestHost, merchant: &str) -> Vec<Attempt> {
    let filter = AttemptFilter {
        merchant: Some(MerchantId::new(merchant)),
        limit: 100,
        ..AttemptFilter::default()
    };
    let found = host.store().list_attempts(&filter).await.unwrap();
    found
        .into_iter()
        .map(|attempt| Attempt { epoch: 0, ..attempt })
        .collect()
}

#[tokio::test]
async fn what_is_under_way_waits_until_it_is_back() {
    let good = Merchant::named("good");
    let builder = TestHost::builder().merchant(Merchant::named("bad")).merchant(good);
    let mut host = builder.frozen().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    // One attempt with an unknown outcome, and one that is paid but not reported.
    let unknown = agent.ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_unknownOutcome", unknown.total("total")).await;
    let answer = agent.complete(unknown.id(), &token).await.expect(200);
    let _ = answer.is("complete_in_progress");
    host.sandbox
        .stripe
        .fail_next(stripe::Operation::Report, Fault::Status(503));
    let paid = agent.buy(&[("tee-classic", 1)]).await;
    wait_until("the report was attempted", async || {
        host.sandbox.stripe.received(stripe::Operation::Report) == 1
    })
    .await;
    let before = attempts(&host, "bad").await;
    let looked_up = host.sandbox.acquirer.received(acquirer::Operation::Lookup);

    // Not by its catalog: with the version from before it would stay in service.
    host.restart_as(Merchant::named("bad").shop("fees.gift-wrap.price = \"3.00\""))
        .await;
    refused(
        host.acp(Release::V2026_04_17).retrieve(unknown.id()).await,
        CONFIGURATION,
    );
    // Longer than status checks go on, and longer than messages are retried.
    host.clock.advance(Duration::from_secs(4 * 24 * 3600));
    // Meanwhile the other merchant's work is done, in several rounds of both workers.
    let other = host.acp_at("good", Release::V2026_04_17);
    let session = other.ready(&[("print-last", 1)]).await;
    let token = host.token_of("pm_card_unknownOutcome", session.total("total")).await;
    let _ = other.complete(session.id(), &token).await.expect(200);
    wait_until("the other merchant's payment is completed and reported", async || {
        host.clock.advance(LOOKUP);
        let seen = other.retrieve(session.id()).await;
        seen["status"] == "completed" && host.sandbox.stripe.payment_records().len() == 1
    })
    .await;
    assert_eq!(attempts(&host, "bad").await, before);
    let looked_up = host.sandbox.acquirer.received(acquirer::Operation::Lookup) - looked_up;
    let charges = host.sandbox.acquirer.ledger().charges().len();
    assert!(looked_up >= 1 && charges == 3, "{looked_up} lookups, {charges} charges");

    host.restart_as(Merchant::named("bad")).await;
    let agent = host.acp(Release::V2026_04_17);
    wait_until("its payment is completed and both are reported", async || {
        host.clock.advance(LOOKUP);
        let seen = agent.retrieve(unknown.id()).await;
        seen["status"] == "completed" && host.sandbox.stripe.payment_records().len() == 3
    })
    .await;
    let _ = agent.retrieve(paid.id()).await.expect(200).is("completed");
    assert_eq!(host.charges(), 3, "nothing was charged again");
}
