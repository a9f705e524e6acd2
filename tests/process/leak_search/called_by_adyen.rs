//! Card numbers in the calls of Adyen, which keeps cards from merchants: where there is one nevertheless, nothing of it is kept.

use serde_json::{Value, json};
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::adyen::{HMAC_SIGNATURE, hmac_signature};
use tillhouse_sandbox::card::TestCard;
use tillhouse_tests::process::HostProcess;
use tillhouse_tests::{HttpResponse, merchant_session};

use super::needle::Needle;
use super::{CARD, ITEM};

const KEY: &str = "c0ffee11d15ea5e0c0ffee22d15ea5e0c0ffee33d15ea5e0c0ffee44d15ea5e0";

/// The merchant's side of Adyen's edge.
pub(crate) fn settings() -> String {
    format!("adyen.merchant = {{ hmac_keys = [\"{KEY}\"], flow = \"both\" }}")
}

pub(crate) fn needles() -> [Needle; 1] {
    [Needle::text("key of Adyen's signatures", KEY)]
}

/// A call under a key of its own.
async fn call(host: &HostProcess, path: &str, body: &Value) -> HttpResponse {
    call_under(host, path, &format!("leak-{path}"), body).await
}

async fn call_under(host: &HostProcess, path: &str, key: &str, body: &Value) -> HttpResponse {
    let body = body.to_string();
    let signature = hmac_signature(&Secret::from(KEY), body.as_bytes());
    let request = host.client().post(&format!("/agentic/sessions/{path}"));
    let request = request.header(HMAC_SIGNATURE, &signature);
    request.key(key).body(body).send().await
}

/// A body with the number in every member that may have one by mistake.
fn with_card(mut body: Value, number: &str) -> Value {
    body[number] = json!(number);
    body["card"] = json!({"number": number, "expiryMonth": "12"});
    body["risk_signals"] = json!([{"type": "score", "score": 10, "action": number, number: number}]);
    body["affiliate_attribution"] = json!({"provider": "blog", "metadata": {"note": number}});
    body["refusalReason"] = json!(format!("card {number} was refused"));
    body["payment_data"]["number"] = json!(number);
    body
}

/// Two sessions, one of which is paid; and calls that are refused.
pub(crate) async fn calls(host: &HostProcess) {
    let plain = TestCard::by_payment_method(CARD).expect("a test card").number;
    let spaced = format!("{} {} {} {}", &plain[..4], &plain[4..8], &plain[8..12], &plain[12..]);
    for (index, number) in [plain, spaced.as_str()].into_iter().enumerate() {
        for (session, result) in [
            (format!("ad_{index}"), "Authorised"),
            (format!("ad_{index}r"), "Refused"),
        ] {
            let mut cart = merchant_session(ITEM);
            cart["items"][0]["note"] = json!(number);
            let _ = call(host, &session, &with_card(cart, number)).await.expect(200);
            let mut commit = with_card(json!({}), number);
            commit["buyer"] = json!({"first_name": number});
            let _ = call(host, &format!("{session}/commit"), &commit).await.expect(200);
            let result = json!({"pspReference": format!("P{session}"), "resultCode": result});
            let _ = call(host, &format!("{session}/finalize"), &with_card(result, number))
                .await
                .expect(204);
        }
        let open = format!("ad_{index}o");
        let _ = call(host, &open, &merchant_session(ITEM)).await.expect(200);
        let token = json!({"payment_data": {"token": number}});
        let _ = call(host, &format!("{open}/payment"), &with_card(token, number))
            .await
            .expect(422);
        let _ = call(host, &format!("{open}/cancel"), &with_card(json!({}), number))
            .await
            .expect(200);
        for (name, wrong) in [
            (
                "item",
                json!({"currency": "USD", "items": [{"id": number, "quantity": 1}]}),
            ),
            (
                "code",
                json!({"currency": "USD", "items": [{"id": ITEM[0].0, "quantity": 1}], "discounts": {"codes": [number]}}),
            ),
        ] {
            let _ = call(host, &format!("ad_{index}{name}"), &wrong).await;
        }
        let held = format!("ad_{index}u");
        let _ = call(host, &held, &merchant_session(ITEM)).await.expect(200);
        let option = json!({"fulfillment_option_id": number});
        let wished = call_under(host, &held, &format!("option-{index}"), &option).await;
        assert_eq!(wished.status, 422, "{}", wished.text());
    }
}
