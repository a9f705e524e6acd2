//! Who asks: a plugin knows an agent by the label of its key and by what the agent says of itself, and not by its protocol.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Protocol, Release, Shared, TestHost, fixtures, witness};

/// Agents of both labels may use every protocol, by the same keys.
static BY_KEY: Shared = Shared::of(|| {
    let merchant = witness::merchant("demo", "price.partner = 2000").without_signing_secrets();
    witness::builder().merchant(merchant.set(
        r#"
        acp.keys = [{ name = "partner", secret = "key_partner" }]
        stripe_acs.auth = "bearer"
        stripe_acs.keys = [{ name = "agent", secret = "key_demo" }, { name = "partner", secret = "key_partner" }]
        "#,
    ))
});

/// Stripe calls the hooks of this one with signatures, so that there is one key for all agents.
static SIGNED: Shared = Shared::of(|| witness::builder().merchant(witness::merchant("demo", "price.partner = 2000")));

async fn ready(host: &TestHost, protocol: Protocol, key: &str) -> HttpResponse {
    let cart = protocol.cart(&[("tee-classic", 3)], "usd");
    let body = fixtures::with(cart, &protocol.delivery(&fixtures::address()));
    let answer = protocol.creation(host, &body).bearer(key).send().await;
    assert_eq!(answer.status / 100, 2, "{}", answer.text());
    answer.is("ready_for_payment")
}

/// What the plugin was told of the agent.
fn told(answer: &HttpResponse) -> &str {
    let messages = answer["messages"].as_array().unwrap().iter();
    let texts = messages.filter_map(|message| message["content"].as_str());
    let told = texts.into_iter().find(|text| text.starts_with("name "));
    told.unwrap_or_else(|| panic!("{}", answer.text()))
}

#[tokio::test]
async fn the_label_of_a_key_decides_the_price_and_the_protocol_does_not() {
    let host = BY_KEY.get().await;
    for (key, label, price) in [("key_demo", "agent", 2500), ("key_partner", "partner", 2000)] {
        let mut totals = Vec::new();
        for protocol in Protocol::ALL {
            let session = ready(host, protocol, key).await;
            assert_eq!(session.total("items_base_amount"), 3 * price, "{protocol:?}");
            assert_eq!(
                told(&session),
                format!("name none, profile none, principal {label}, proven false"),
                "{protocol:?}"
            );
            totals.push(["subtotal", "fulfillment", "tax", "total"].map(|kind| session.total(kind)));
        }
        assert!(totals.iter().all(|other| *other == totals[0]), "{label}: {totals:?}");
    }
}

#[tokio::test]
async fn what_an_agent_says_of_itself_is_told_and_not_proven() {
    let host = SIGNED.get().await;
    let details = json!({"agent_details": {"display_name": "Shopper", "network_profile": "profile_123"}});
    for (details, expected) in [
        (
            details,
            "name Shopper, profile profile_123, principal none, proven false",
        ),
        (json!({}), "name none, profile none, principal none, proven false"),
    ] {
        let body = fixtures::with(fixtures::checkout(&[("tee-classic", 1)]), &details);
        let session = host.stripe_acs().create(&body).await.expect(200);
        assert_eq!(told(&session), expected);
    }
}

/// Every phase of a session is about the agent that created it.
#[tokio::test]
async fn a_session_keeps_its_agent_when_it_is_updated_and_paid() {
    let host = BY_KEY.get().await;
    let protocol = Protocol::Acp(Release::V2026_04_17);
    let session = ready(host, protocol, "key_partner").await;
    let path = format!("/checkout_sessions/{}", session.id());
    let post = |path: &str, body: &Value| protocol.post(host, path).bearer("key_partner").json(body);
    let one = json!({"line_items": [{"id": "tee-classic", "quantity": 1}]});
    let updated = post(&path, &one).send().await.expect(200);
    assert_eq!(updated.total("items_base_amount"), 2000);
    let token = host.token(updated.total("total")).await;
    let payment = post(&format!("{path}/complete"), &protocol.payment(&token));
    let done = payment.send().await.expect(200).is("completed");
    assert_eq!(done.total("items_base_amount"), 2000);
}
