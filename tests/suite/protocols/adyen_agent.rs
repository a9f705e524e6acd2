//! The dialect of Adyen's agents over a running host: wrong requests with their answers, and that they change, hold and charge nothing.
//!
//! The names of tables are those of the requests. What a request with the same name means in other dialects is in their own tests.

mod bodies;
mod callers;
mod cancellations;
mod codes;
mod completions;
mod creations;
mod keys;
mod payments;
mod reads;
mod siblings;
mod tokens;
mod updates;
mod wrong_values;

use serde_json::{Value, json};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::session::Session;
use tillhouse_tests::eventually::fast_timings;
use tillhouse_tests::{Builder, HttpResponse, Merchant, Shared, TestHost, fixtures};

const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];

/// A catalog of an item with much stock, one of which nothing is left, one of which three are, and a song.
const CATALOG: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,weight,shipping_type
tee-classic,Tee,A tee.,https://s.example/t,https://s.example/t.jpg,in_stock,20.00 USD,1000,200 g,
gone,Gone,Gone.,https://s.example/g,https://s.example/g.jpg,out_of_stock,20.00 USD,0,200 g,
last,Last,Three are left.,https://s.example/l,https://s.example/l.jpg,in_stock,20.00 USD,3,200 g,
song,Song,A song.,https://s.example/s,https://s.example/s.jpg,in_stock,9.00 USD,,,digital
";

/// A host with two merchants at Adyen. Tests use sessions of their own, so they do not interfere with each other.
static HOST: Shared = Shared::of(|| plan().merchant(merchant("acme")));

async fn host() -> &'static TestHost {
    HOST.get().await
}

/// The plan of a host with the merchant `demo`.
fn plan() -> Builder {
    TestHost::builder().merchant(merchant("demo")).timings(fast_timings())
}

fn merchant(name: &str) -> Merchant {
    Merchant::named(name).catalog(CATALOG).adyen()
}

/// The body of a creation with these items for Jane.
fn cart(items: &Value) -> Value {
    json!({"currency": "USD", "items": items, "buyer": fixtures::buyer(), "fulfillment_address": fixtures::address()})
}

/// The body of a creation of one tee, with every member.
fn creation() -> Value {
    let rest = json!({
        "fulfillment_option_id": "standard",
        "affiliate_attribution": {"provider": "affiliates.example", "token": "click_1"},
        "discounts": {"codes": ["SAVE10"]},
    });
    fixtures::with(cart(&json!([{"id": "tee-classic", "quantity": 1}])), &rest)
}

/// The body of a completion with every member.
fn completion(token: &str) -> Value {
    json!({
        "payment_data": {"provider": "adyen", "token": token, "billing_address": fixtures::address()},
        "affiliate_attribution": {"provider": "affiliates.example", "token": "click_2"},
        "buyer": fixtures::buyer(),
        "marketing_consents": [],
    })
}

/// A body with the value at this pointer replaced or added.
fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match parent.as_array_mut() {
        Some(list) => list[member.parse::<usize>().unwrap()] = value,
        None => parent[member] = value,
    }
    body
}

/// A body without the member at this pointer.
fn without(mut body: Value, pointer: &str) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().remove(member).unwrap();
    body
}

/// Code and path of the first message.
#[track_caller]
fn told(answer: &HttpResponse) -> (&str, &str) {
    in_dialect(answer);
    let message = &answer["messages"][0];
    (
        message["code"].as_str().unwrap_or_default(),
        message["path"].as_str().unwrap_or_default(),
    )
}

/// Asserts what every answer of the dialect has: messages of its form, and nothing of another dialect's errors.
#[track_caller]
fn in_dialect(answer: &HttpResponse) {
    let text = answer.text();
    assert_eq!(answer.header("content-type"), Some("application/json"), "{text}");
    let messages = answer["messages"]
        .as_array()
        .unwrap_or_else(|| panic!("messages: {text}"));
    for message in messages {
        let is_code = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        let code = message["code"].as_str().unwrap();
        assert!(!code.is_empty() && code.chars().all(is_code), "{text}");
        assert!(["error", "info"].contains(&message["type"].as_str().unwrap()), "{text}");
        assert!(
            ["plain", "markdown"].contains(&message["content_type"].as_str().unwrap()),
            "{text}"
        );
        let content = message["content"].as_str().unwrap();
        assert!(!content.is_empty() && !content.contains("$."), "{text}");
        assert!(
            !message["path"].as_str().is_some_and(|path| path.contains('$')),
            "{text}"
        );
    }
    if answer.status >= 400 {
        assert!(messages.iter().any(|message| message["type"] == "error"), "{text}");
        for other in ["error", "code", "message", "param"] {
            assert!(answer.json.get(other).is_none(), "{text}");
        }
    }
}

/// Asserts status, code and path of a refusal.
#[track_caller]
fn refused(answer: HttpResponse, status: u16, code: &str, path: &str, what: &str) -> HttpResponse {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(told(&answer), (code, path), "{what}: {}", answer.text());
    answer
}

/// Asserts that a session is as it was shown, and that nothing pays it.
async fn is_untouched(host: &TestHost, session: &HttpResponse, what: &str) {
    let now = host.adyen().retrieve(session.id()).await.expect(200);
    assert_eq!(now.json, session.json, "{what}");
    assert_eq!(host.attempts_of(session.id()).await, [], "{what}");
    assert_eq!(host.sandbox.adyen.ledger().payments_of(session.id()), [], "{what}");
}

/// Asserts that a token was not used, and pays the session.
async fn still_pays(host: &TestHost, session: &HttpResponse, token: &str) {
    let unused = |id: &str| {
        host.sandbox
            .adyen
            .tokens()
            .iter()
            .any(|token| token.id.as_str() == id && !token.used)
    };
    assert!(unused(token), "the token was used");
    let paid = host.adyen().complete(session.id(), token).await.expect(200);
    let _ = paid.is("completed");
}

/// The session as it is stored.
async fn stored(host: &TestHost, id: &str) -> Session {
    let (merchant, id) = (MerchantId::new("demo"), SessionId::new(id));
    host.store().session(&merchant, &id).await.unwrap().unwrap()
}
