//! What a request has, and where the host fills it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};
use tillhouse_plugin::{payments::Authentication, prelude::*, testing::TestCredential, types::Buyer};

use super::*;
use crate::units::Amount;

fn order() -> ChargeOrder {
    let amount = Money {
        minor: 38_666,
        currency: "USD".into(),
    };
    testing::charge_order(amount)
}

fn prepared(order: &ChargeOrder, kind: &str, fields: &[&str]) -> Result<Prepared, Failure> {
    let mut credential = TestCredential::with_fields(fields);
    credential.kind = kind.into();
    let credential = credential.handle();
    let method = Method::of(credential)?.unwrap();
    let amount = Amount::of(&order.amount)?;
    payment(&testing::operation("1"), order, &amount, method, credential)
}

fn body(prepared: &Prepared) -> Value {
    serde_json::from_str(&prepared.document).unwrap()
}

fn pointers(prepared: &Prepared) -> Vec<&str> {
    prepared.places.iter().map(|(pointer, _)| pointer.as_str()).collect()
}

fn host() -> testing::Installed {
    let host = testing::Host::new().config("merchant-account", "AcmeECOM");
    host.config("raw-cards", "true").install()
}

#[test]
fn a_token_is_a_stored_payment_method_by_default() {
    let _host = host();
    let prepared = prepared(&order(), "psp_token", &["psp-token"]).unwrap();
    assert_eq!(
        body(&prepared),
        json!({
            "amount": {"currency": "USD", "value": 38_666},
            "captureDelayHours": 0,
            "channel": "Web",
            "merchantAccount": "AcmeECOM",
            "merchantOrderReference": "ord_test",
            "paymentMethod": {"type": "scheme", "storedPaymentMethodId": null},
            "recurringProcessingModel": "CardOnFile",
            "reference": "ref_1",
            "returnUrl": "https://shop.example/orders/ord_test",
            "shopperInteraction": "ContAuth",
            "shopperReference": "cs_test",
        })
    );
    assert_eq!(pointers(&prepared), ["/paymentMethod/storedPaymentMethodId"]);
}

#[test]
fn the_field_of_the_token_and_what_goes_with_it_are_settings() {
    let host = host();
    for (key, value) in [
        ("token-field", "paymentMethod.details.acpToken"),
        ("token-type", "acp"),
        ("token-shopper-interaction", "Ecommerce"),
        ("token-processing-model", "none"),
        ("shopper-reference", "none"),
        ("capture", "account"),
        ("attempt-authentication", "never"),
    ] {
        host.set_config(key, value);
    }
    let prepared = prepared(&order(), "psp_token", &["psp-token"]).unwrap();
    let body = body(&prepared);
    assert_eq!(
        body["paymentMethod"],
        json!({"type": "acp", "details": {"acpToken": null}})
    );
    assert_eq!(pointers(&prepared), ["/paymentMethod/details/acpToken"]);
    assert_eq!(body["shopperInteraction"], "Ecommerce");
    assert_eq!(body["authenticationData"], json!({"attemptAuthentication": "never"}));
    for absent in ["recurringProcessingModel", "shopperReference", "captureDelayHours"] {
        assert_eq!(body.get(absent), None, "{absent}");
    }
}

#[test]
fn a_field_of_the_token_below_a_text_is_a_wrong_setting() {
    let host = host();
    host.set_config("token-field", "reference.token");
    let refused = prepared(&order(), "psp_token", &["psp-token"]);
    assert!(matches!(refused, Err(Failure::Misconfigured(text)) if text.contains("token-field")));
}

#[test]
fn a_card_has_a_place_for_each_value_that_it_has() {
    let _host = host();
    let fields = ["number", "exp-month", "exp-year", "cvc", "holder-name"];
    let card = prepared(&order(), "fpan", &fields).unwrap();
    assert_eq!(body(&card)["paymentMethod"]["type"], "scheme");
    assert_eq!(
        pointers(&card),
        [
            "/paymentMethod/number",
            "/paymentMethod/expiryMonth",
            "/paymentMethod/expiryYear",
            "/paymentMethod/cvc",
            "/paymentMethod/holderName"
        ]
    );
    let bare = prepared(&order(), "fpan", &["number", "exp-month", "exp-year"]).unwrap();
    assert_eq!(pointers(&bare).len(), 3);
    assert_eq!(body(&bare)["paymentMethod"].get("cvc"), None);
}

#[test]
fn a_network_token_has_its_cryptogram_apart_from_an_authentication() {
    let _host = host();
    let fields = ["number", "exp-month", "exp-year", "cryptogram", "eci"];
    let token = prepared(&order(), "network_token", &fields).unwrap();
    let sent = body(&token);
    assert_eq!(sent["paymentMethod"]["type"], "networkToken");
    assert_eq!(
        sent["mpiData"],
        json!({"tokenAuthenticationVerificationValue": null, "eci": null})
    );
    let mut order = order();
    order.authentication = Some(proof("2.2.0"));
    let authenticated = prepared(&order, "network_token", &fields).unwrap();
    assert_eq!(
        body(&authenticated)["mpiData"],
        json!({"cavv": null, "directoryResponse": "Y", "dsTransID": "ds_1", "eci": "05", "threeDSVersion": "2.2.0"})
    );
}

fn proof(version: &str) -> Authentication {
    Authentication {
        outcome: "authenticated".into(),
        eci: Some("05".into()),
        transaction_id: Some("ds_1".into()),
        version: Some(version.into()),
        has_cryptogram: true,
    }
}

#[test]
fn an_authentication_is_sent_and_not_made_once_more() {
    let host = host();
    host.set_config("attempt-authentication", "always");
    let mut order = order();
    order.authentication = Some(proof("1.0.2"));
    let sent = body(&prepared(&order, "psp_token", &["psp-token", "cryptogram"]).unwrap());
    assert_eq!(sent["authenticationData"], json!({"attemptAuthentication": "never"}));
    assert_eq!(sent["mpiData"]["xid"], "ds_1");
    assert_eq!(sent["mpiData"].get("dsTransID"), None);
    for (outcome, response) in [("attempt_acknowledged", "A"), ("informational", "I"), ("other", "U")] {
        order.authentication = Some(Authentication {
            outcome: outcome.into(),
            ..proof("2.2.0")
        });
        let sent = body(&prepared(&order, "psp_token", &["psp-token", "cryptogram"]).unwrap());
        assert_eq!(sent["mpiData"]["directoryResponse"], response);
    }
}

#[test]
fn adyen_is_told_of_the_shopper_what_is_known() {
    let _host = host();
    let mut order = order();
    order.statement = Some("ACME \u{fc}ber * STORE OF MANY THINGS".into());
    order.buyer = Some(Buyer {
        email: Some("jane@example.com".into()),
        name: Some("Jane Q Public".into()),
        phone: Some("+15551234567".into()),
        customer_id: Some("customer-7".into()),
        ..Buyer::default()
    });
    order.device.ip = Some("203.0.113.7".into());
    let mut address = testing::address("US", "CA");
    address.postal_code = "94105-1234".into();
    order.billing = Some(address);
    let mut incomplete = testing::address("NL", "");
    incomplete.city = String::new();
    order.shipping = Some(incomplete);
    let sent = body(&prepared(&order, "psp_token", &["psp-token"]).unwrap());
    assert_eq!(sent["shopperEmail"], "jane@example.com");
    assert_eq!(sent["shopperIP"], "203.0.113.7");
    assert_eq!(sent["shopperReference"], "customer-7");
    assert_eq!(
        sent["shopperName"],
        json!({"firstName": "Jane Q", "lastName": "Public"})
    );
    assert_eq!(sent["telephoneNumber"], "+15551234567");
    assert_eq!(sent["shopperStatement"], "ACME ber * STORE OF MA");
    assert_eq!(
        sent["billingAddress"],
        json!({"city": "Town", "country": "US", "houseNumberOrName": "N/A", "postalCode": "94105",
            "stateOrProvince": "CA", "street": "1 Main Street"})
    );
    assert_eq!(
        sent.get("deliveryAddress"),
        None,
        "Adyen refuses an address without a city"
    );
}

#[test]
fn a_repetition_is_the_same_bytes() {
    let _host = host();
    let first = prepared(&order(), "psp_token", &["psp-token"]).unwrap();
    let again = prepared(&order(), "psp_token", &["psp-token"]).unwrap();
    assert_eq!(first.document, again.document);
}
