//! `[merchants.NAME.stripe]`: versions of the API, agents, and units.

use super::{acme, parse, paths, with};
use crate::config::StripeConfig;
use tillhouse_checkout::outside_payment::AmountDifference;
use tillhouse_payments::token::ProfileMismatch;
use tillhouse_payments::webhooks::BodyEncoding;
use tillhouse_protocols::{StripePriceMember, TaxAuthority};

fn stripe(settings: &str) -> String {
    format!("[merchants.acme.stripe]\nsecret_key = \"x\"\n{settings}")
}

fn read(settings: &str) -> StripeConfig {
    acme(&stripe(settings)).stripe.unwrap()
}

fn versions(settings: &str) -> (String, String) {
    let versions = read(settings).versions;
    (
        versions.granted_tokens.as_str().to_owned(),
        versions.payment_records.as_str().to_owned(),
    )
}

#[test]
fn each_family_of_endpoints_has_the_version_that_stripe_documents_it_with() {
    let (documented, other) = ("2026-04-22.preview".to_owned(), "2026-05-27.preview".to_owned());
    assert_eq!(versions(""), (documented.clone(), documented.clone()));
    let one = "granted_tokens_version = \"2026-05-27.preview\"";
    assert_eq!(versions(one), (other.clone(), documented.clone()));
    let all = "version = \"2026-05-27.preview\"";
    assert_eq!(versions(all), (other.clone(), other.clone()));
    let both = format!("{all}\npayment_records_version = \"2026-04-22.preview\"");
    assert_eq!(versions(&both), (other, documented));
}

#[test]
fn a_text_that_is_no_version_is_refused_by_its_key() {
    for key in ["version", "granted_tokens_version", "payment_records_version"] {
        for text in ["", "latest", "2026-4-22.preview", "clover"] {
            let found = paths(&with(&stripe(&format!("{key} = \"{text}\""))));
            assert_eq!(found, [format!("merchants.acme.stripe.{key}")], "{text:?}");
        }
    }
}

#[test]
fn a_token_of_another_agent_is_warned_of_unless_the_merchant_says_otherwise() {
    assert_eq!(read("").agent_mismatch, ProfileMismatch::Warn);
    for (word, mismatch) in [
        ("refuse", ProfileMismatch::Refuse),
        ("warn", ProfileMismatch::Warn),
        ("ignore", ProfileMismatch::Ignore),
    ] {
        assert_eq!(read(&format!("agent_mismatch = \"{word}\"")).agent_mismatch, mismatch);
    }
    let found = paths(&with(&stripe("agent_mismatch = \"block\"")));
    assert_eq!(found, ["merchants.acme.stripe.agent_mismatch"]);
}

#[test]
fn a_currency_that_stripe_has_no_units_for_takes_no_tokens_of_stripe() {
    for code in ["lyd", "IQD", "CLF"] {
        let merchant = with(&stripe("")).replace("\"usd\"", &format!("\"{code}\""));
        assert_eq!(paths(&merchant), ["merchants.acme.currency"], "{code}");
        let without = with("").replace("\"usd\"", &format!("\"{code}\""));
        assert!(parse(&without).is_ok(), "{code}");
    }
    for code in ["kwd", "MGA", "isk"] {
        let merchant = with(&stripe("")).replace("\"usd\"", &format!("\"{code}\""));
        assert!(parse(&merchant).is_ok(), "{code}");
    }
}

#[test]
fn order_events_go_where_stripe_has_said_with_the_key_of_the_account() {
    assert!(read("").order_events.is_none());
    let url = "url = \"https://api.stripe.com/v1/order_events\"";
    let events = read(&format!("order_events = {{ {url}, version = \"2026-04-22.preview\" }}"));
    let events = events.order_events.unwrap();
    assert_eq!(events.encoding, BodyEncoding::Form);
    assert_eq!(events.secret_key.reveal(), read("").secret_key.reveal());
    let own = read(&format!(
        "order_events = {{ {url}, secret_key = \"rk_1\", encoding = \"json\" }}"
    ));
    let own = own.order_events.unwrap();
    assert_eq!(own.encoding, BodyEncoding::Json);
    assert_eq!(own.secret_key.reveal(), "rk_1");
    for (settings, key) in [
        ("secret_key = \"rk_1\"", "url"),
        ("url = \"http://api.stripe.com/v1\"", "url"),
        ("url = \"https://127.0.0.1/v1\"", "url"),
        ("url = \"https://api.stripe.com/v1\", encoding = \"xml\"", "encoding"),
        ("url = \"https://api.stripe.com/v1\", version = \"latest\"", "version"),
        ("url = \"https://api.stripe.com/v1\", path = \"/x\"", "path"),
    ] {
        let found = paths(&with(&stripe(&format!("order_events = {{ {settings} }}"))));
        assert_eq!(
            found,
            [format!("merchants.acme.stripe.order_events.{key}")],
            "{settings}"
        );
    }
}

#[test]
fn hooks_are_answered_once_there_is_a_secret_of_theirs() {
    assert!(
        read("webhook_secrets = [\"events\"]").hooks.is_none(),
        "the secret of events does not open hooks"
    );
    let hooks = read("hook_secrets = [\"a\", \"b\"]").hooks.unwrap();
    assert_eq!(hooks.secrets.len(), 2);
    assert_eq!((hooks.hold.as_secs(), hooks.pending_hold.as_secs()), (900, 604_800));
    assert_eq!(
        (hooks.difference, hooks.tax, hooks.reports_unknown),
        (AmountDifference::Refuse, TaxAuthority::Plugin, true)
    );
    let set = "hook_secrets = [\"a\"]\nhooks = { hold_seconds = 60, pending_hold_seconds = 120, on_difference = \"report\", \
               tax = \"stripe\", unknown_checkouts = \"ignore\", names = { amount = \"unit_amount\" } }";
    let hooks = read(set).hooks.unwrap();
    assert_eq!((hooks.hold.as_secs(), hooks.pending_hold.as_secs()), (60, 120));
    assert_eq!(
        (hooks.difference, hooks.tax, hooks.reports_unknown),
        (AmountDifference::Report, TaxAuthority::Stripe, false)
    );
    assert_eq!(hooks.names.of(StripePriceMember::Amount), "unit_amount");
    assert_eq!(hooks.names.of(StripePriceMember::Sku), "sku_id");
}

#[test]
fn settings_of_hooks_without_a_meaning_are_refused_by_their_key() {
    let found = paths(&with(&stripe("hooks = { hold_seconds = 60 }")));
    assert_eq!(found, ["merchants.acme.stripe.hooks"], "there is no secret");
    for (setting, key) in [
        ("hold_seconds = 0", "hold_seconds"),
        ("hold_seconds = 86401", "hold_seconds"),
        ("pending_hold_seconds = 2592001", "pending_hold_seconds"),
        ("on_difference = \"accept\"", "on_difference"),
        ("tax = \"none\"", "tax"),
        ("unknown_checkouts = \"keep\"", "unknown_checkouts"),
        ("names = { amount = \"a..b\" }", "names.amount"),
        ("names = { price = \"a\" }", "names.price"),
        ("names = { quantity = \"price\" }", "names.amount"),
        ("names = { quantity = \"sku_id\" }", "names.quantity"),
        (
            "names = { currency = \"price.unit_amount.currency\" }",
            "names.currency",
        ),
    ] {
        let found = paths(&with(&stripe(&format!(
            "hook_secrets = [\"a\"]\nhooks = {{ {setting} }}"
        ))));
        assert_eq!(found, [format!("merchants.acme.stripe.hooks.{key}")], "{setting}");
    }
}
