//! Objects of Stripe, as its guide shows them.

use super::*;
use tillhouse_checkout::credential::CredentialForm;
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::secret::Secret;

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

/// A resolved token with these credentials on its card.
fn resolved(credentials: &str) -> Result<Vec<(&'static str, String)>, TokenError> {
    let body = format!(r#"{{"id": "spt_1", "payment_method_details": {{"card": {{"credentials": {credentials}}}}}}}"#);
    let slots = credential(body.as_bytes())?.slots;
    Ok(slots
        .into_iter()
        .map(|(slot, value)| (slot, value.reveal().to_owned()))
        .collect())
}

#[test]
fn numbers_are_read_like_texts() {
    let expected = [
        ("number", "4242424242424242"),
        ("exp-month", "5"),
        ("exp-year", "2030"),
        ("cryptogram", "7"),
    ];
    for dpan in [
        r#"{"number": "4242424242424242", "exp_month": "5", "exp_year": "2030", "cryptogram": {"value": "7"}}"#,
        r#"{"number": 4242424242424242, "exp_month": 5, "exp_year": 2030, "cryptogram": {"value": 7}}"#,
        r#"{"number": " 4242424242424242 ", "exp_month": 5, "exp_year": "2030", "cryptogram": {"value": 7, "type": null, "eci": ""}}"#,
    ] {
        let slots = resolved(&format!(r#"{{"type": "dpan", "dpan": {dpan}}}"#)).unwrap();
        assert_eq!(slots, expected.map(|(slot, value)| (slot, value.to_owned())), "{dpan}");
    }
    let shown = r#"{"id": "spt_1", "payment_method_details": {"card": {"exp_month": "05", "exp_year": "2030", "last4": null}}}"#;
    let card = granted_token(shown.as_bytes()).unwrap().card;
    assert_eq!((card.exp_month, card.exp_year), (Some(5), Some(2030)));
}

#[test]
fn what_has_no_value_is_no_slot() {
    let slots = resolved(
        r#"{"type": "agentic_token", "agentic_token": {"number": "4242424242424242", "exp_month": null, "exp_year": "",
            "cryptogram": null, "encrypted": null}}"#,
    );
    assert_eq!(
        slots.unwrap().len(),
        1,
        "a network token without cryptogram or expiry is the plugin's to judge"
    );
    let odd = r#"{"type": "dpan", "dpan": {"number": "42", "exp_month": [5], "exp_year": {"y": 1}, "cryptogram": {"value": true}}}"#;
    assert_eq!(resolved(odd).unwrap(), [("number", "42".to_owned())]);
}

#[test]
fn an_encrypted_card_needs_no_number() {
    let encrypted = r#"{"encrypted": {"encryption_type": "RSA", "encryption_block": "b64", "encryption_block_fields": "number,exp_month", "key_id": 7}}"#;
    for kind in ["dpan", "agentic_token"] {
        let slots = resolved(&format!(r#"{{"type": "{kind}", "{kind}": {encrypted}}}"#)).unwrap();
        let names: Vec<_> = slots.iter().map(|(slot, _)| *slot).collect();
        let expected = [
            "encryption-type",
            "encrypted-block",
            "encrypted-block-fields",
            "encryption-key-id",
        ];
        assert_eq!(names, expected);
        assert_eq!(slots[3].1, "7");
    }
}

#[test]
fn a_type_of_tomorrow_is_read_where_its_values_are_in_a_known_place() {
    let slots = resolved(r#"{"type": "virtual_card", "dpan": {"number": "42"}}"#).unwrap();
    assert_eq!(slots, [("number", "42".to_owned())]);
    assert!(matches!(resolved(r#"{"dpan": {"number": "42"}}"#), Ok(slots) if slots.len() == 1));
}

#[test]
fn a_resolved_token_without_a_card_is_refused_for_good_and_says_what_is_missing() {
    for (credentials, missing) in [
        ("null", "it has no credentials"),
        (r#"{"type": "dpan"}"#, "its type has no values"),
        (
            r#"{"type": "dpan", "agentic_token": {"number": "42"}}"#,
            "its type has no values",
        ),
        (
            r#"{"type": "virtual_card", "virtual_card": {"number": "42"}}"#,
            "its type has no values",
        ),
        (
            r#"{"type": "dpan", "dpan": {}}"#,
            "neither a card number nor an encrypted block",
        ),
        (
            r#"{"type": "dpan", "dpan": {"number": "", "exp_month": 5}}"#,
            "neither a card number nor an encrypted block",
        ),
        (
            r#"{"type": "dpan", "dpan": {"number": null, "encrypted": {"encryption_block": " "}}}"#,
            "neither",
        ),
        (r#"["dpan"]"#, "another form than documented"),
        (r#"{"type": "dpan", "dpan": "42"}"#, "another form than documented"),
    ] {
        match resolved(credentials) {
            Err(TokenError::NoCredential(what)) => assert!(what.contains(missing), "{credentials}: {what}"),
            other => panic!("{credentials}: {other:?}"),
        }
    }
    let nothing = credential(br#"{"id": "spt_1"}"#);
    assert!(matches!(
        nothing,
        Err(TokenError::NoCredential("it has no payment method"))
    ));
}

#[test]
fn an_answer_that_broke_off_may_be_asked_for_again() {
    for body in [
        &b""[..],
        b"<html>",
        br#"{"id": "spt_1", "payment_method_details": {"card": "#,
    ] {
        assert!(matches!(credential(body), Err(TokenError::Unavailable { .. })));
    }
}

#[test]
fn a_read_shows_what_a_token_stands_for_and_keeps_no_card_number() {
    let read = |details: &str| {
        let body = format!(r#"{{"id": "spt_1", "payment_method_details": {details}}}"#);
        let token = granted_token(body.as_bytes()).unwrap();
        assert!(!format!("{token:?}").contains("4242424242424242"));
        (token.method, token.forms)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(read(r#"{"type": "klarna", "klarna": {}}"#), (some("klarna"), vec![]));
    assert_eq!(
        read(r#"{"type": "card", "card": {"brand": "visa"}}"#),
        (some("card"), vec![])
    );
    let both = r#"{"type": "card", "card": {"credentials": {"type": "dpan", "dpan":
        {"number": 4242424242424242, "encrypted": {"encryption_block": "b"}}}}}"#;
    assert_eq!(
        read(both),
        (some("card"), vec![CredentialForm::Number, CredentialForm::Encrypted])
    );
}

#[test]
fn a_token_carries_what_its_issuers_say_of_its_risk() {
    let token = r#"{"id": "spt_1",
        "payment_method_details": {"type": "card", "card": {"checks": {"cvc_check": "pass"}, "fingerprint": "f1",
            "wallet": {"type": "apple_pay"}}},
        "risk_details": {"insights": {"bot": {"score": 3, "recommended_action": "continue"}}},
        "agent_details": {"name": "Agent", "network_business_profile": "profile_1"}}"#;
    let token = granted_token(token.as_bytes()).unwrap();
    let [signal] = &token.signals[..] else {
        panic!("one signal")
    };
    let seen = (
        signal.source.as_str(),
        signal.kind.as_str(),
        signal.score.as_deref(),
        signal.action.as_deref(),
    );
    assert_eq!(seen, ("token", "bot", Some("3"), Some("continue")));
    let [check] = &token.checks[..] else {
        panic!("one check")
    };
    assert_eq!((check.kind.as_str(), check.outcome.as_str()), ("cvc", "pass"));
    assert_eq!(token.card.fingerprint.as_deref(), Some("f1"));
    assert_eq!(token.card.wallet.as_deref(), Some("apple_pay"));
    assert_eq!(token.agent_name.as_deref(), Some("Agent"));
}

#[test]
fn a_record_is_found_by_its_amount_in_stripes_units() {
    let isk = |minor| PaymentReport {
        issuer: tillhouse_checkout::payment_token::IssuerName::Stripe,
        key: "key".into(),
        token: TokenId::new("spt_1"),
        amount: tillhouse_checkout::money::Money {
            amount: Amount::new(minor).unwrap(),
            currency: tillhouse_checkout::money::Currency::new("isk").unwrap(),
        },
        initiated: Timestamp(0),
        settled: Timestamp(0),
        reference: "pa_1".into(),
        outcome: ReportedOutcome::Guaranteed,
        failure_code: None,
        cancel_reason: None,
        sale: None,
    };
    let page = br#"{"data": [{"id": "pr_1", "amount_guaranteed": {"value": 500000, "currency": "isk"},
        "processor_details": {"custom": {"payment_reference": "pa_1"}}}]}"#;
    let mut page = records(page).unwrap();
    assert_eq!(page.take(&isk(5000)).map(|record| record.id).as_deref(), Some("pr_1"));
    assert_eq!(page.take(&isk(500_000)).map(|record| record.id), None);
}

#[test]
fn a_token_whose_buyer_has_to_act_says_so() {
    let action = |json: &str| {
        let token = format!(r#"{{"id": "spt_1", "next_action": {json}}}"#);
        granted_token(token.as_bytes()).unwrap().next_action
    };
    let redirect = r#"{"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.stripe.com/x"}}"#;
    assert_eq!(action(redirect).as_deref(), Some("redirect_to_url"));
    assert_eq!(action("null"), None);
}
