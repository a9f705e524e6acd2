//! What a merchant says about totals that have changed since they were shown.

use std::time::Duration;

use super::{acme, paths, with};

#[test]
fn a_changed_total_is_shown_again_unless_the_merchant_says_otherwise() {
    let silent = acme("");
    assert!(!silent.charge_lower_total);
    assert_eq!(silent.quote_max_age, Duration::from_secs(60));
    let said = acme("charge_lower_total = true\nquote_max_age_seconds = 5");
    assert!(said.charge_lower_total);
    assert_eq!(said.quote_max_age, Duration::from_secs(5));
}

#[test]
fn a_wrong_value_is_refused_by_its_key() {
    for (key, values) in [
        ("charge_lower_total", ["1", "\"yes\"", "\"lower\""]),
        ("quote_max_age_seconds", ["0", "86401", "\"1 min\""]),
    ] {
        for value in values {
            let found = paths(&with(&format!("{key} = {value}")));
            assert_eq!(found, [format!("merchants.acme.{key}")], "{value}");
        }
    }
}
