//! The example requests of each release, sent to a host as a client's author copies them. What fits the schema of its release is
//! accepted, but for what the README of the edges lists; what does not fit, which some examples do not, is refused at the fault.
//!
//! Only what names something of the merchant or of the moment is filled in: tokens, ids of sessions and merchants, and times. Feeds
//! and `delegate_authentication` are not served by a merchant's side.

use std::path::Path;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use tillhouse_checkout::time::Clock;
use tillhouse_tests::official::{self, Official, fixes};
use tillhouse_tests::{Acp, HttpResponse, Merchant, Release, TestHost, fixtures};
use tokio::runtime::Runtime;

use crate::openapi;

/// What the examples name.
const CATALOG: &str = "id,title,price,availability,inventory_quantity\n\
    item_123,Wireless Headphones,79.99 USD,in_stock,1000\n\
    item_456,Case,19.99 USD,in_stock,1000\n\
    item_789,Cable,9.99 USD,in_stock,1000\n";
const SHOP: &str = r#"
[shipping.zone.domestic.fulfillment_option_456]
title = "By bicycle"
price = 500
"#;
const ITEM: &[(&str, u32)] = &[("item_123", 1)];

/// Where an example that fits is refused all the same, as the README says: items are sold in whole units.
const REFUSED: [(&str, &str); 1] = [("2025-09-29", "$.items[0].quantity")];

/// Where an example that does not fit is accepted all the same, as the README says: its reason is not in the list, which may grow.
const ACCEPTED: [(&str, Operation); 1] = [("2026-04-17", Operation::Cancel)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    Update,
    Complete,
    Cancel,
    DelegatePayment,
    CreateCart,
    UpdateCart,
}

impl Operation {
    /// Its document, its method and path in it, and the schema of its body with its file.
    const ALL: [(Self, &'static str, &'static str, &'static str, &'static str); 7] = [
        (
            Self::Create,
            "agentic_checkout",
            "post /checkout_sessions",
            "CheckoutSessionCreateRequest",
            "agentic_checkout",
        ),
        (
            Self::Update,
            "agentic_checkout",
            "post /checkout_sessions/{checkout_session_id}",
            "CheckoutSessionUpdateRequest",
            "agentic_checkout",
        ),
        (
            Self::Complete,
            "agentic_checkout",
            "post /checkout_sessions/{checkout_session_id}/complete",
            "CheckoutSessionCompleteRequest",
            "agentic_checkout",
        ),
        (
            Self::Cancel,
            "agentic_checkout",
            "post /checkout_sessions/{checkout_session_id}/cancel",
            "CancelSessionRequest",
            "agentic_checkout",
        ),
        (
            Self::DelegatePayment,
            "delegate_payment",
            "post /agentic_commerce/delegate_payment",
            "DelegatePaymentRequest",
            "delegate_payment",
        ),
        (Self::CreateCart, "cart", "post /carts", "CartCreateRequest", "cart"),
        (Self::UpdateCart, "cart", "put /carts/{id}", "CartUpdateRequest", "cart"),
    ];
}

struct Example {
    operation: Operation,
    name: String,
    body: Value,
    /// Whether the body fits the schema of its release.
    fits: bool,
}

/// A trial for each release, reported as ignored without its documents.
pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    let trial = |release: Release| {
        let is_absent = !official::file(folder, release).is_file();
        let folder = folder.to_owned();
        let run = move || Runtime::new()?.block_on(replay(release, &folder));
        Trial::test(format!("{}::example_requests", release.as_str()), run).with_ignored_flag(is_absent)
    };
    Release::ALL.into_iter().map(trial).collect()
}

/// The examples of a release: those of the `OpenAPI` documents, and those of the schemas.
fn examples(release: Release, folder: &Path) -> Vec<Example> {
    let mut examples = Vec::new();
    for (operation, document, place, definition, schema) in Operation::ALL {
        let openapi = openapi::folder_of(folder, release).join(format!("openapi.{document}.yaml"));
        let schema = folder
            .join(release.as_str())
            .join(format!("json-schema/schema.{schema}.json"));
        if !openapi.is_file() || !schema.is_file() {
            continue;
        }
        let (method, path) = place.split_once(' ').expect("a method and a path");
        let content =
            openapi::read(&openapi)["paths"][path][method]["requestBody"]["content"]["application/json"].take();
        let named = content["examples"].as_object().cloned().unwrap_or_default();
        let of_document = named
            .into_iter()
            .map(|(name, mut example)| (name, example["value"].take()));
        let schemas: Value =
            serde_json::from_slice(&std::fs::read(&schema).expect("it is readable")).expect("it is JSON");
        let of_schema = &schemas["$defs"][definition]["example"];
        let of_schema = (!of_schema.is_null()).then(|| ("of the schema".to_owned(), of_schema.clone()));
        let official = match document {
            "agentic_checkout" => Official::read(release, &schema),
            _ => Official::of(schemas.clone()),
        };
        for (name, body) in of_document.chain(of_schema) {
            let fixed = fixes::fix_request(release, body.clone());
            // The schema of a cart refers to that of a checkout, which `newest.rs` has joined with it.
            let is_cart = matches!(operation, Operation::CreateCart | Operation::UpdateCart);
            examples.push(Example {
                operation,
                fits: is_cart || official.accepts(definition, &fixed),
                name,
                body,
            });
        }
    }
    examples
}

async fn replay(release: Release, folder: &Path) -> Result<(), Failed> {
    let merchant = Merchant::named("demo")
        .catalog(CATALOG)
        .shop(SHOP)
        .set("vault.per_minute = 100");
    let host = TestHost::builder()
        .merchant(merchant)
        .set(fixtures::VAULT_KEYS)
        .frozen()
        .start()
        .await;
    let acp = host.acp(release);
    let errors = Official::read(release, &official::file(folder, release));
    let all = examples(release, folder);
    assert!(all.len() >= 4, "{release:?}: {} examples", all.len());
    let mut wrong = Vec::new();
    for example in all {
        let what = format!("{:?} {}", example.operation, example.name);
        let answer = sent(&host, &acp, &example).await;
        let refused_at = answer["param"].as_str().unwrap_or_default();
        let is_listed = REFUSED.contains(&(release.as_str(), refused_at));
        let is_accepted = example.fits || ACCEPTED.contains(&(release.as_str(), example.operation));
        let expected = if is_accepted && !is_listed { 200..300 } else { 400..401 };
        if !expected.contains(&answer.status) {
            wrong.push(format!(
                "{what}, fits: {}: {} {}",
                example.fits,
                answer.status,
                answer.text()
            ));
        }
        if answer.status == 400 && example.operation != Operation::DelegatePayment {
            errors.check("Error", &answer.json)?;
            if !refused_at.starts_with("$.") {
                wrong.push(format!("{what}: the fault has no place: {}", answer.text()));
            }
        }
    }
    host.stop().await;
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// The answer to an example, on a session or a cart of its own.
async fn sent(host: &TestHost, acp: &Acp<'_>, example: &Example) -> HttpResponse {
    let mut body = example.body.clone();
    match example.operation {
        Operation::Create => acp.create(&body).await,
        Operation::CreateCart => acp.post("/carts").json(&body).send().await,
        Operation::UpdateCart => {
            let cart = acp
                .post("/carts")
                .json(&json!({"line_items": [{"id": "item_456"}]}))
                .send()
                .await
                .expect(201);
            let path = format!("/carts/{}", cart.id());
            acp.post(&path).json(&body).send().await
        }
        Operation::DelegatePayment => {
            let session = acp.ready(ITEM).await;
            let expires = host.clock.now().after(Duration::from_secs(1800)).rfc3339();
            let filled = json!({"checkout_session_id": session.id(), "merchant_id": "demo", "expires_at": expires});
            body["allowance"] = fixtures::with(body["allowance"].take(), &filled);
            body["payment_method"]["exp_year"] = json!("2049");
            acp.post(fixtures::DELEGATE_PAYMENT).json(&body).send().await
        }
        Operation::Update | Operation::Complete | Operation::Cancel => {
            let session = acp.ready(ITEM).await;
            let verb = match example.operation {
                Operation::Complete => "/complete",
                Operation::Cancel => "/cancel",
                _ => "",
            };
            if body["payment_data"]["token"].is_string() && body["payment_data"]["provider"] == "stripe" {
                body["payment_data"]["token"] = json!(host.token(session.total("total")).await);
            }
            let path = format!("/checkout_sessions/{}{verb}", session.id());
            acp.post(&path).json(&body).send().await
        }
    }
}
