//! `[merchants.NAME.stripe]`: versions of the API, agents, and units.

use super::{acme, parse, paths, with};
use crate::config::StripeConfig;
use tillhouse_payments::token::ProfileMismatch;

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
