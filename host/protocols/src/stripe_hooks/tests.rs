//! The hooks over HTTP, with a scripted checkout service.

mod events;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::request_observer::{HookAnswer, ObservedHook, ObservedRequest, RequestObserver};
use crate::settings::{Limits, StripeAcsAuth};
use crate::state::AppState;
use crate::testing::scripted::{NOW, RecordedCall, ScriptedCheckouts, ScriptedResult};
use crate::testing::{EVENT_SECRET, FixedIds, HOOK_SECRET, TestResponse, merchant, send, sessions};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::outside_payment::OutsideReport;
use tillhouse_checkout::ports::{CommitError, StoreError};
use tillhouse_checkout::quote::Totals;
use tillhouse_checkout::session::Session;
use tokio::sync::Notify;

const APPROVAL: &str = "v1.delegated_checkout.finalize_checkout";

#[derive(Debug, Default)]
struct Observed(Mutex<Vec<(String, HookAnswer)>>);

impl RequestObserver for Observed {
    fn on_response(&self, _: &ObservedRequest<'_>) {}

    fn on_hook(&self, hook: &ObservedHook<'_>) {
        self.0.lock().unwrap().push((hook.hook.to_owned(), hook.answer));
    }
}

impl Observed {
    fn answers(&self) -> Vec<HookAnswer> {
        self.0.lock().unwrap().iter().map(|(_, answer)| *answer).collect()
    }
}

fn host_within(service: &Arc<ScriptedCheckouts>, limits: Limits) -> (Router, Arc<Observed>) {
    let observed = Arc::new(Observed::default());
    let merchants = vec![merchant("mer", StripeAcsAuth::Bearer(Vec::new()))];
    let state = AppState::new(merchants, Arc::clone(service) as _, Arc::new(FixedIds), limits);
    let state = state.with_observer(Some(Arc::clone(&observed) as _));
    (crate::router(state), observed)
}

fn host(service: &Arc<ScriptedCheckouts>) -> (Router, Arc<Observed>) {
    host_within(service, Limits::default())
}

fn request(kind: &str, id: &str, data: &Value) -> Request<Body> {
    let body = json!({"type": kind, "id": id, "livemode": false, "data": data});
    signed(HOOK_SECRET, &body)
}

fn signed(secret: &str, body: &Value) -> Request<Body> {
    let (body, time) = (body.to_string(), NOW.seconds());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    Request::post("/webhooks/stripe")
        .header("host", "mer.example")
        .header("content-type", "application/json")
        .header("stripe-signature", format!("t={time},v1={signature}"))
        .body(Body::from(body))
        .unwrap()
}

async fn hook(router: &Router, id: &str, data: &Value) -> TestResponse {
    send(router, request(APPROVAL, id, data)).await
}

/// A session in dollars whose total is 12.34.
fn priced() -> Session {
    let mut session = sessions::full();
    session.currency = Currency::new("USD").unwrap();
    session.quote.messages.clear();
    session.quote.options.clear();
    session.quote.lines.truncate(1);
    session.quote.totals = Totals {
        total: tillhouse_checkout::money::Amount::new(1234).unwrap(),
        ..Totals::default()
    };
    session
}

fn order(total: i64) -> Value {
    json!({
        "checkout_session": "cs_1", "currency": "usd", "amount_total": total, "email": "j@example.com",
        "line_items_details": [{"id": "li_1", "sku_id": "sku", "quantity": 2, "name": "Sku"}],
        "billing_details": {"name": "Jane", "address": {"line1": "1 Main St", "country": "US"}},
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "iin": "424242", "last4": "4242", "country": "US",
            "exp_month": 1, "exp_year": 2030, "funding": "credit", "fingerprint": null}},
    })
}

#[tokio::test]
async fn what_stripe_asks_reaches_the_domain_and_what_identifies_a_card_does_not() {
    let service = ScriptedCheckouts::then([ScriptedResult::Propose(Box::new(priced()))]);
    let (router, observed) = host(&service);
    let answer = hook(&router, "h1", &order(1234)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["manual_approval_details"], json!({"type": "approved"}));
    let RecordedCall::Hold(held) = service.last() else {
        panic!("{:?}", service.last())
    };
    assert_eq!(held.session.as_str(), "cs_1");
    assert_eq!(held.expected.unwrap().amount.minor(), 1234);
    assert_eq!(held.hold_for, Duration::from_secs(900));
    assert_eq!(held.billing.as_ref().unwrap().name, "Jane");
    let signals: Vec<_> = held
        .signals
        .iter()
        .map(|it| (it.kind.as_str(), it.score.as_deref()))
        .collect();
    assert_eq!(
        signals,
        [
            ("payment_method", Some("card")),
            ("card_brand", Some("visa")),
            ("card_country", Some("US")),
            ("card_funding", Some("credit"))
        ]
    );
    assert!(!format!("{held:?}").contains("4242"));
    assert_eq!(observed.answers(), [HookAnswer::Approved]);
}

#[tokio::test]
async fn each_answer_is_observed_once_and_a_repeated_one_not_again() {
    for (result, answer) in [
        (ScriptedResult::Fail(CheckoutError::OutOfStock), HookAnswer::OutOfStock),
        (
            ScriptedResult::Fail(CheckoutError::Declined { code: "risk".into() }),
            HookAnswer::Declined,
        ),
        (ScriptedResult::Fail(CheckoutError::InFlight), HookAnswer::Failed),
        (ScriptedResult::Fail(StoreError::new("down").into()), HookAnswer::Failed),
    ] {
        let service = ScriptedCheckouts::then([result]);
        let (router, observed) = host(&service);
        let first = hook(&router, "h1", &order(1234)).await;
        let is_decided = answer != HookAnswer::Failed;
        assert_eq!(first.status == 200, is_decided, "{first:?}");
        assert_eq!(observed.answers(), [answer]);
        if is_decided {
            let details = &first.body["manual_approval_details"];
            assert_eq!(details["type"], "declined");
            assert!(
                !details["declined"]["reason"].as_str().unwrap().contains("risk"),
                "{details}"
            );
            let again = hook(&router, "h1", &order(1234)).await;
            assert_eq!((again.status, &again.body), (200, &first.body));
            assert_eq!(observed.answers(), [answer]);
        } else {
            assert!(first.headers.contains_key("retry-after"), "{first:?}");
            service
                .next
                .lock()
                .unwrap()
                .push_back(ScriptedResult::Propose(Box::new(priced())));
            let again = hook(&router, "h1", &order(1234)).await;
            assert_eq!(
                again.body["manual_approval_details"]["type"], "approved",
                "it was not decided: {again:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_approval_that_is_not_answered_in_time_holds_nothing() {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = ScriptedCheckouts::then([
        ScriptedResult::Propose(Box::new(priced())),
        ScriptedResult::Wait(Arc::clone(&began), Arc::clone(&leave)),
    ]);
    let limits = Limits {
        confirm_deadline: Duration::from_millis(300),
        ..Limits::default()
    };
    let (router, observed) = host_within(&service, limits);
    let late = hook(&router, "h1", &order(1234)).await;
    assert_eq!((late.status, &late.body["code"]), (503, &json!("service_unavailable")));
    assert_eq!(observed.answers(), [HookAnswer::Failed]);
    leave.notify_one();
    assert!(
        service.records.lock().unwrap().is_empty(),
        "nothing was committed after the answer"
    );
}

#[tokio::test]
async fn another_total_holds_nothing() {
    let service = ScriptedCheckouts::then([ScriptedResult::Propose(Box::new(priced()))]);
    let (router, observed) = host(&service);
    let answer = hook(&router, "h1", &order(1233)).await;
    let reason = &answer.body["manual_approval_details"]["declined"]["reason"];
    assert!(
        reason
            .as_str()
            .unwrap()
            .starts_with("price_differs: total: Stripe takes 12.33 USD"),
        "{answer:?}"
    );
    assert_eq!(service.count(), 1, "only the session was priced");
    assert_eq!(observed.answers(), [HookAnswer::Declined]);
}

#[tokio::test]
async fn amounts_that_are_none_are_refused_by_their_path() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(&service);
    for (path, value) in [
        ("amount_total", json!(-1)),
        ("amount_subtotal", json!(1.5)),
        ("currency", json!("dollars")),
        ("email", json!("none")),
    ] {
        let mut data = order(1234);
        data[path] = value;
        let answer = hook(&router, "h1", &data).await;
        assert_eq!(
            (answer.status, &answer.body["param"]),
            (400, &json!(format!("$.data.{path}"))),
            "{answer:?}"
        );
    }
    assert_eq!(service.count(), 0);
    // What was refused is not recorded: a corrected body may come under the same id.
    let service_again = hook(&router, "h1", &order(1234)).await;
    assert_ne!(service_again.status, 409);
}

#[tokio::test]
async fn a_conflict_with_another_commit_is_for_another_try() {
    let conflict = CheckoutError::Conflict(CommitError::Session);
    let service = ScriptedCheckouts::then([
        ScriptedResult::Propose(Box::new(priced())),
        ScriptedResult::Fail(conflict),
    ]);
    let (router, observed) = host(&service);
    let answer = hook(&router, "h1", &order(1234)).await;
    assert_ne!(answer.status, 200, "{answer:?}");
    assert_eq!(observed.answers(), [HookAnswer::Failed]);
}

#[tokio::test]
async fn a_price_is_asked_of_one_unit_and_an_event_of_a_checkout_is_taken_with_its_report() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(&service);
    let data = json!({"sku_id": "sku", "merchant_id": "acct_1"});
    let answer = send(
        &router,
        request("delegated_commerce.product_price_availability", "h1", &data),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let RecordedCall::Quote(asked) = service.last() else {
        panic!("{:?}", service.last())
    };
    let items = asked.edit.items.unwrap();
    assert_eq!((items.len(), items[0].item.as_str(), items[0].quantity), (1, "sku", 1));
    let event = json!({"id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": false,
                       "data": {"object": {"id": "cs_1", "payment_status": "paid", "payment_intent": "pi_1",
                                           "amount_total": 1000, "currency": "usd"}}});
    for _ in 0..2 {
        let taken = send(&router, signed(EVENT_SECRET, &event)).await;
        assert_eq!((taken.status, &taken.body), (200, &json!({"received": true})));
    }
    let RecordedCall::Reported(report) = service.last() else {
        panic!("{:?}", service.last())
    };
    assert!(
        matches!(
            *report,
            OutsideReport::Payment {
                reports_unknown: true,
                ..
            }
        ),
        "{report:?}"
    );
    let mut unreadable = event.clone();
    unreadable["data"]["object"]["id"] = 1.into();
    let refused = send(&router, signed(EVENT_SECRET, &unreadable)).await;
    assert_eq!(refused.status, 400, "it may be about money: {refused:?}");
}
