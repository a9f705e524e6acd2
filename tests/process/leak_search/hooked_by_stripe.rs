//! Whose order it is, in the hooks and events of Stripe: the store has that, and the log never.

use serde_json::{Value, json};
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{HttpResponse, Merchant};

use super::needle::Needle;
use super::{ITEM, SHOP};

const NAME: &str = "Zebediah Quackenbush";
const STREET: &str = "77 Ocelot Terrace";
const EMAIL: &str = "zebediah@ocelot.example";
const PHONE: &str = "+14155550177";

pub(crate) fn buyer() -> [Needle; 4] {
    [
        Needle::text("name of the buyer", NAME),
        Needle::text("street of the buyer", STREET),
        Needle::text("email address of the buyer", EMAIL),
        Needle::text("phone number of the buyer", PHONE),
    ]
}

fn party() -> Value {
    json!({"name": NAME, "address": {"line1": STREET, "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US"}})
}

fn order(checkout: &str) -> Value {
    let (sku, quantity) = ITEM[0];
    json!({
        "checkout_session": checkout, "currency": "usd", "email": EMAIL, "phone": PHONE, "billing_details": party(), "shipping_details": party(),
        "automatic_tax": {"enabled": false}, "line_item_details": [{"id": "li_1", "sku_id": sku, "quantity": quantity}],
    })
}

/// The order with another value of a member.
fn with(checkout: &str, member: &str, value: Value) -> Value {
    let mut order = order(checkout);
    order[member] = value;
    order
}

async fn send(host: &HostProcess, body: &Value, secret: String) -> HttpResponse {
    let post = host.client().post("/webhooks/stripe").json(body);
    post.signed_with(&secret).send().await
}

async fn hook(host: &HostProcess, kind: &str, id: &str, data: &Value) -> HttpResponse {
    let kind = format!("v1.delegated_checkout.{kind}");
    let body = json!({"type": kind, "id": id, "livemode": false, "data": data});
    send(host, &body, Merchant::hook_secret(SHOP)).await
}

/// Orders that are approved, declined and refused, and what becomes of the first.
pub(crate) async fn calls(host: &HostProcess) {
    let _ = hook(host, "customize_checkout", "leak-1", &order("cs_leak_1"))
        .await
        .expect(200);
    let approved = hook(host, "finalize_checkout", "leak-2", &order("cs_leak_1"))
        .await
        .expect(200);
    assert_eq!(approved["manual_approval_details"]["type"], "approved");
    for (number, (data, status)) in [
        (with("cs_leak_2", "amount_total", json!(1)), 200),
        (
            with("cs_leak_2", "line_item_details", json!([{"id": NAME, "quantity": 1}])),
            200,
        ),
        (with("cs_leak_2", "email", json!(format!("{EMAIL}@"))), 400),
        (with("cs_leak_2", "phone", json!([PHONE])), 400),
        (with("cs_leak_2", "currency", json!(NAME)), 400),
        (
            with(
                "cs_leak_2",
                "shipping_details",
                json!({"name": [NAME], "address": STREET}),
            ),
            400,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        for (kind, id) in [("finalize_checkout", "a"), ("customize_checkout", "c")] {
            let answer = hook(host, kind, &format!("leak-{number}{id}"), &data).await;
            assert!([status, 200, 400].contains(&answer.status), "{}", answer.text());
        }
    }
    let _ = hook(host, "finalize_checkout", "leak-2", &order("cs_another"))
        .await
        .expect(409);
    let _ = hook(host, "begin_checkout", "leak-3", &order("cs_leak_1"))
        .await
        .expect(400);
    events(host).await;
}

async fn events(host: &HostProcess) {
    let details = json!({"email": EMAIL, "name": NAME, "phone": PHONE, "address": party()["address"]});
    let session = json!({
        "id": "cs_leak_1", "object": "checkout.session", "payment_status": "paid", "payment_intent": "pi_leak", "currency": "usd",
        "amount_total": 1, "customer_details": details, "metadata": {"note": NAME},
    });
    let charge = json!({"id": "ch_leak", "object": "charge", "payment_intent": "pi_leak", "billing_details": details, "currency": "usd",
                        "amount_refunded": 1, "metadata": {"note": EMAIL}});
    for (number, (kind, object, status)) in [
        (
            "checkout.session.completed",
            with_member(&session, "currency", NAME),
            400,
        ),
        (
            "checkout.session.completed",
            with_member(&session, "amount_total", NAME),
            400,
        ),
        (
            "checkout.session.completed",
            with_member(&session, "payment_status", NAME),
            400,
        ),
        ("charge.refunded", with_member(&charge, "amount_refunded", EMAIL), 400),
        ("charge.refunded", charge, 200),
        ("checkout.session.completed", session, 200),
    ]
    .into_iter()
    .enumerate()
    {
        let event = json!({"id": format!("evt_leak_{number}"), "object": "event", "type": kind, "livemode": false,
                           "data": {"object": object}});
        let _ = send(host, &event, Merchant::event_secret(SHOP)).await.expect(status);
    }
}

fn with_member(object: &Value, member: &str, text: &str) -> Value {
    let mut object = object.clone();
    object[member] = json!(text);
    object
}
