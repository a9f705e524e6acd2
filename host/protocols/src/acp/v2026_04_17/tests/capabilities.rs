//! Capabilities of agent and merchant, and the payment handler among them.

use serde_json::{Value, json};

use super::{body_error, changed, create, create_body, rendered};
use crate::testing::schemas::assert_valid;
use crate::testing::sessions;

fn with_capabilities(capabilities: Value) -> Value {
    changed(create_body(), "/capabilities", capabilities)
}

#[test]
fn capabilities_that_are_not_known_are_ignored() {
    for capabilities in [
        json!({}),
        json!({"loyalty": {}}),
        json!({"loyalty": {"programs": ["gold"]}, "features": {"async_completion": true}, "x": null}),
        json!({"interventions": {"supported": ["3ds", "telepathy"], "otp": {"length": 6}, "max_redirects": 1}}),
        json!({"interventions": {"supported": null}, "extensions": null, "payment": null}),
        json!({"extensions": ["loyalty", "com.example.custom@2026-01-01", {"name": "discount", "extends": []}]}),
        json!({"payment": {"handlers": [], "payment_methods": ["card"]}}),
    ] {
        assert!(
            create(&with_capabilities(capabilities.clone())).is_ok(),
            "{capabilities}"
        );
    }
    let agent = create(&with_capabilities(
        json!({"extensions": ["loyalty", {"name": "discount"}]}),
    ))
    .unwrap()
    .agent;
    assert_eq!(agent.extensions, ["loyalty", "discount"]);
}

#[test]
fn a_known_capability_of_the_wrong_type_is_named() {
    for (capabilities, path) in [
        (json!([]), "$.capabilities"),
        (json!({"interventions": []}), "$.capabilities.interventions"),
        (
            json!({"interventions": {"supported": "3ds"}}),
            "$.capabilities.interventions.supported",
        ),
        (
            json!({"interventions": {"supported": [3]}}),
            "$.capabilities.interventions.supported[0]",
        ),
        (json!({"extensions": {}}), "$.capabilities.extensions"),
        (json!({"extensions": [1]}), "$.capabilities.extensions[0]"),
        (json!({"extensions": [{}]}), "$.capabilities.extensions[0].name"),
    ] {
        assert_eq!(body_error(create(&with_capabilities(capabilities))).1, path);
    }
}

#[test]
fn active_discounts_are_declared_as_an_extension() {
    let declared = json!([{"name": "discount", "extends": ["$.CheckoutSessionCreateRequest.discounts",
        "$.CheckoutSessionUpdateRequest.discounts", "$.CheckoutSession.discounts"],
        "schema": "https://agentic-commerce-protocol.com/schemas/discount.json",
        "spec": "https://github.com/agentic-commerce-protocol/agentic-commerce-protocol/blob/main/rfcs/rfc.discount_extension.md"}]);
    let body = rendered(&sessions::full());
    assert_eq!(body["capabilities"]["extensions"], declared);
    assert_valid("2026-04-17", "CheckoutSession", &body);

    let mut without = sessions::full();
    without.cart.codes = Vec::new();
    without.quote.discounts = Vec::new();
    without.quote.rejected_codes = Vec::new();
    let body = rendered(&without);
    assert_eq!(
        (body["capabilities"].get("extensions"), body.get("discounts")),
        (None, None)
    );
    assert_valid("2026-04-17", "CheckoutSession", &body);

    for understood in ["discount", "discount@2026-01-27"] {
        without.agent.extensions = vec!["loyalty".into(), understood.into()];
        let body = rendered(&without);
        assert_eq!(body["capabilities"]["extensions"], declared, "{understood}");
        assert_eq!(body["discounts"], json!({"codes": [], "applied": [], "rejected": []}));
        assert_valid("2026-04-17", "CheckoutSession", &body);
    }
    without.agent.extensions = vec!["discounts".into()];
    assert_eq!(rendered(&without)["capabilities"].get("extensions"), None);
}

/// The schema of the configuration of `dev.acp.tokenized.card` (ACP RFC payment handlers §10.4.1), without its texts.
fn handler_config_schema() -> Value {
    json!({
        "type": "object",
        "required": ["merchant_id", "psp", "accepted_brands"],
        "properties": {
            "merchant_id": {"type": "string", "maxLength": 256},
            "psp": {"type": "string", "minLength": 1},
            "accepted_brands": {"type": "array", "minItems": 1, "uniqueItems": true,
                "items": {"enum": ["visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"]}},
            "accepted_funding_types": {"type": "array", "uniqueItems": true, "items": {"enum": ["credit", "debit", "prepaid"]}},
            "supports_3ds": {"type": "boolean"},
            "3ds_versions": {"type": "array", "items": {"enum": ["2.1", "2.2", "2.3"]}},
            "environment": {"enum": ["sandbox", "production"]}
        },
        "additionalProperties": false
    })
}

#[test]
fn the_offered_handler_is_as_its_own_schema_says_and_promises_no_authentication() {
    let body = rendered(&sessions::full());
    let handler = &body["capabilities"]["payment"]["handlers"][0];
    assert_valid("2026-04-17", "PaymentHandler", handler);
    let validator = jsonschema::validator_for(&handler_config_schema()).unwrap();
    assert!(validator.is_valid(&handler["config"]), "{handler}");
    assert_eq!(handler["config"]["psp"], handler["psp"]);
    assert_eq!(
        handler["config"]["supports_3ds"],
        json!(false),
        "the schema's default is true"
    );
    assert_eq!(body["capabilities"]["interventions"]["supported"], json!([]));
    for (member, url) in [
        ("spec", "https://acp.dev/handlers/tokenized.card"),
        (
            "config_schema",
            "https://acp.dev/schemas/handlers/tokenized.card/config.json",
        ),
        ("version", "2026-01-22"),
    ] {
        assert_eq!(handler[member], url);
    }
    let instruments = json!(["https://acp.dev/schemas/handlers/tokenized.card/instrument.json"]);
    assert_eq!(handler["instrument_schemas"], instruments);
}
