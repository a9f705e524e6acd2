//! Each hook with its answer and the calls of the plugin behind it, as files in `goldens`. They are written anew where
//! `TILLHOUSE_WRITE_GOLDENS` is set.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tillhouse_checkout::ids::SessionId;
use tillhouse_runtime::{Observer, PluginCall};
use tillhouse_sandbox::stripe::hooks::Hook;
use tillhouse_tests::{Merchant, TestHost, workspace};

const CHECKOUT: &str = "cs_test_golden";

/// The calls of the plugin for the sessions of the hooks.
#[derive(Debug, Default)]
struct Calls(Mutex<Vec<String>>);

impl Observer for Calls {
    fn called(&self, _: &SessionId, call: &PluginCall) {
        self.0.lock().unwrap().push(call.function.to_owned());
    }
}

impl Calls {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn line_items() -> Value {
    json!([{"id": "li_1", "sku_id": "tee-classic", "name": "Classic tee", "quantity": 2, "unit_amount": 2500}])
}

fn address() -> Value {
    json!({"line1": "123 Main St", "line2": null, "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US"})
}

fn customization() -> Value {
    json!({
        "checkout_session": CHECKOUT, "automatic_tax": {"enabled": false}, "currency": "usd",
        "line_item_details": line_items(), "shipping_details": {"shipping_rates": [], "address": address()},
        "amount_subtotal": 5000, "amount_total": 5000, "metadata": {}, "discounts": [],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    })
}

fn approval(total: i64) -> Value {
    json!({
        "checkout_session": CHECKOUT, "currency": "usd", "amount_subtotal": 5000, "amount_total": total,
        "email": "jane.doe@example.com", "phone": "+14155552671",
        "billing_details": {"name": "Jane Doe", "address": address()},
        "shipping_details": {"name": "Jane Doe", "address": address()},
        "line_items_details": line_items(),
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2030,
            "fingerprint": "fp_1", "funding": "credit", "iin": "424242", "last4": "4242", "wallet": {"type": "apple_pay"}}},
        "total_details": {"amount_discount": 0, "amount_shipping": 599, "amount_tax": 363},
    })
}

/// The answer without what is another each time.
fn settled(mut answer: Value) -> Value {
    for (member, settled) in [
        ("/metadata/order_id", "(drawn for each order)"),
        ("/as_of", "(when it was answered)"),
    ] {
        if let Some(found) = answer.pointer_mut(member) {
            *found = settled.into();
        }
    }
    answer
}

fn compare(name: &str, found: &Value) {
    let folder = workspace().join("tests/suite/protocols/stripe_hooks/goldens");
    let file: PathBuf = folder.join(format!("{name}.json"));
    let found = format!("{found:#}\n");
    if std::env::var_os("TILLHOUSE_WRITE_GOLDENS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&file, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(found, expected, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hook_is_answered_as_in_its_file_and_by_these_calls_of_the_plugin() {
    let calls = Arc::new(Calls::default());
    let observer = Arc::clone(&calls) as Arc<dyn Observer>;
    let builder = TestHost::builder().merchant(Merchant::named("demo")).frozen();
    let host = builder.observer(observer).start().await;
    let stripe = host.stripe_hooks();
    for (name, hook, data) in [
        (
            "price_availability",
            Hook::PriceAvailability,
            json!({"sku_id": "tee-classic", "merchant_id": "acct_1"}),
        ),
        (
            "price_of_an_unknown_product",
            Hook::PriceAvailability,
            json!({"sku_id": "none"}),
        ),
        ("customization", Hook::Customization, customization()),
        ("declined", Hook::Approval, approval(5961)),
        ("approval", Hook::Approval, approval(5962)),
    ] {
        calls.take();
        let id = format!("hook_{name}");
        let answer = stripe.send(hook, &id, &data).await.unwrap();
        let found = json!({
            "request": {"type": hook.name(), "id": id, "livemode": false, "context": "acct_sandbox", "data": data},
            "status": answer.status,
            "answer": settled(answer.body),
            "calls": calls.take(),
        });
        compare(name, &found);
    }
}
