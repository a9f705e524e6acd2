//! Discovery says what the endpoints do: every service, release and transport is probed, advertised or not.

use serde_json::{Value, json};
use tillhouse_tests::{Acp, Merchant, Release, TestHost, fixtures};

/// Services and transports with a request that only their endpoint does not answer with 404.
async fn is_served(acp: &Acp<'_>, name: &str) -> bool {
    let body = json!({});
    let answer = match name {
        "checkout" | "rest" => acp.post("/checkout_sessions").json(&body).send().await,
        "carts" => acp.post("/carts").json(&body).send().await,
        "delegate_payment" => acp.post(fixtures::DELEGATE_PAYMENT).json(&body).send().await,
        "mcp" => acp.post("/mcp").json(&body).send().await,
        other => panic!("{other} has no endpoint"),
    };
    answer.status != 404
}

async fn document(acp: &Acp<'_>) -> Value {
    let found = acp.client.get("/.well-known/acp.json").send().await.expect(200);
    assert_eq!(found.header("cache-control"), Some("public, max-age=3600"));
    found.json
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_is_advertised_is_served_and_nothing_else_is() {
    for (settings, services, transports) in [
        ("", vec!["checkout", "carts"], vec!["rest", "mcp"]),
        ("acp.carts = false", vec!["checkout"], vec!["rest", "mcp"]),
        ("acp.mcp = false", vec!["checkout", "carts"], vec!["rest"]),
        (
            "vault.per_minute = 100",
            vec!["checkout", "delegate_payment", "carts"],
            vec!["rest", "mcp"],
        ),
    ] {
        let merchant = Merchant::named("found").set(settings);
        let host = TestHost::builder()
            .merchant(merchant)
            .set(fixtures::VAULT_KEYS)
            .start()
            .await;
        let acp = host.acp(Release::V2026_04_17);
        let document = document(&acp).await;
        assert_eq!(names(&document["capabilities"]["services"]), services, "{settings}");
        assert_eq!(names(&document["transports"]), transports, "{settings}");
        for name in ["checkout", "carts", "delegate_payment", "rest", "mcp"] {
            let is_advertised = services.contains(&name) || transports.contains(&name);
            assert_eq!(is_served(&acp, name).await, is_advertised, "{settings}: {name}");
        }
        assert_eq!(document["capabilities"]["supported_currencies"], json!(["usd"]));
    }
}

#[tokio::test]
async fn orders_are_advertised_where_agents_are_told_of_them() {
    let merchant = Merchant::named("found").webhook("agent", Release::V2026_04_17, &[]);
    let host = TestHost::builder().merchant(merchant).start().await;
    let document = document(&host.acp(Release::V2026_04_17)).await;
    let services = names(&document["capabilities"]["services"]);
    assert_eq!(services, ["checkout", "orders", "carts"]);
}

#[tokio::test]
async fn the_releases_that_are_advertised_are_spoken_and_no_other_is() {
    let host = TestHost::builder().merchant(Merchant::named("found")).start().await;
    let acp = host.acp(Release::V2026_04_17);
    let document = document(&acp).await;
    let supported = names(&document["protocol"]["supported_versions"]);
    assert_eq!(document["protocol"]["version"], *supported.last().unwrap());
    let published = ["2025-09-29", "2025-12-12", "2026-01-16", "2026-01-30", "2026-04-17"];
    for release in published.into_iter().chain(["2025-10-01", "2026-04-18", "unreleased"]) {
        let read = acp
            .get("/checkout_sessions/cs_none")
            .header("api-version", release)
            .send()
            .await;
        let expected = if supported.contains(&release) { 404 } else { 400 };
        assert_eq!(read.status, expected, "{release}");
    }
}

#[tokio::test]
async fn the_base_url_is_where_the_endpoints_are() {
    let host = TestHost::builder().merchant(Merchant::named("found")).start().await;
    let acp = host.acp(Release::V2026_04_17);
    let document = document(&acp).await;
    assert_eq!(document["api_base_url"], host.url());
    let shared = Merchant::named("public").set("acp.public_url = \"https://shop.example/commerce/\"");
    let host = TestHost::builder().merchant(shared).start().await;
    let elsewhere = host
        .acp(Release::V2026_04_17)
        .client
        .get("/m/public/.well-known/acp.json");
    let document = elsewhere.host("10.0.0.7").send().await.expect(200);
    assert_eq!(document["api_base_url"], "https://shop.example/commerce");
}

#[tokio::test]
async fn a_host_name_that_the_client_made_up_is_not_sent_back() {
    let host = TestHost::builder().merchant(Merchant::named("found")).start().await;
    let client = host.acp(Release::V2026_04_17).client;
    let asked = client.get("/.well-known/acp.json").host("evil.example").send().await;
    let _ = asked.expect(404);
}
