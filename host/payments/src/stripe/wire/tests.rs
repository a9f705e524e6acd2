//! Objects of Stripe, as its guide shows them.

use super::*;

/// The sample of Stripe's guide, with values for its optional fields.
const RESOLVED: &str = r#"{
    "id": "spt_123", "object": "shared_payment.granted_token", "created": 1, "livemode": true,
    "deactivated_at": null, "deactivated_reason": null, "shared_metadata": {},
    "payment_method_details": {"type": "card", "card": {
        "credentials": {"type": "agentic_token", "agentic_token": {
            "number": "4242424242424242", "exp_month": "09", "exp_year": "2029",
            "cryptogram": {"value": "AbC=", "type": "TAVV", "eci": "07"}}},
        "brand": "visa", "country": "US", "exp_month": 9, "exp_year": 2029, "funding": "credit", "last4": "5627",
        "fingerprint": "dyRcYjZNxnHpC51l", "iin": "424242", "wallet": {"type": "apple_pay"}}},
    "usage_details": {"amount_captured": {"value": 1000, "currency": "usd"}},
    "usage_limits": {"currency": "usd", "expires_at": 1234567890, "max_amount": 10000},
    "agent_details": {"name": "Agent", "network_business_profile": "profile_1234"}}"#;

#[test]
fn a_resolved_token_becomes_slots_and_a_display() {
    let credential = credential(RESOLVED.as_bytes()).unwrap();
    assert_eq!(credential.kind, "agentic_token");
    assert_eq!(credential.display.last4.as_deref(), Some("5627"));
    let names: Vec<_> = credential.slots.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "number",
            "exp-month",
            "exp-year",
            "cryptogram",
            "cryptogram-type",
            "eci"
        ]
    );
    assert_eq!(credential.slot("number").map(Secret::reveal), Some("4242424242424242"));
    assert!(!format!("{credential:?}").contains("4242424242424242"));
}

#[test]
fn what_is_only_shown_of_a_card_prevents_no_payment() {
    let display = |card: &str| {
        let token = format!(r#"{{"id": "spt_1", "payment_method_details": {{"card": {card}}}}}"#);
        let card = granted_token(token.as_bytes()).unwrap().card;
        (card.fingerprint, card.iin, card.wallet)
    };
    let some = |text: &str| Some(text.to_owned());
    let card = r#"{"fingerprint": "f1", "iin": "424242", "wallet": {"type": "link", "dynamic_last4": "4242"}}"#;
    assert_eq!(display(card), (some("f1"), some("424242"), some("link")));
    assert_eq!(display(r#"{"wallet": "google_pay"}"#), (None, None, some("google_pay")));
    let other = r#"{"fingerprint": 1, "iin": "4242424242424242", "wallet": [true]}"#;
    assert_eq!(
        display(other),
        (None, None, None),
        "and a card number is not an issuer's"
    );
}

#[test]
fn the_credentials_are_also_found_where_the_prose_puts_them() {
    let moved = r#"{"id": "spt_1", "payment_method_details": {
        "credentials": {"type": "dpan", "dpan": {"number": "4242424242424242"}}}}"#;
    assert_eq!(credential(moved.as_bytes()).unwrap().kind, "dpan");
}

#[test]
fn limits_and_use_are_read() {
    let token = granted_token(RESOLVED.as_bytes()).unwrap();
    assert_eq!(token.max_amount.map(Amount::minor), Some(10000));
    assert_eq!(token.captured.minor(), 1000);
    assert_eq!(token.expires.map(Timestamp::seconds), Some(1_234_567_890));
    assert_eq!(token.agent_profile.as_deref(), Some("profile_1234"));
}

#[test]
fn an_answer_that_does_not_parse_is_not_quoted() {
    let error = credential(br#"{"id": 4242424242424242}"#).unwrap_err();
    assert!(!error.to_string().contains("4242"), "{error}");
}
