use super::*;
use crate::testing::sessions;
use tillhouse_checkout::money::Amount;

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

/// A line of this net amount and tax, with these rates in parts per million.
fn line(net: i64, tax: i64, rates: &[u32]) -> QuoteLine {
    let part = |rate: &u32| TaxPart {
        jurisdiction: "US-CA".into(),
        rate: *rate,
        amount: 0,
    };
    QuoteLine {
        subtotal: amount(net),
        order_discount: Amount::ZERO,
        tax: amount(tax),
        tax_included: false,
        tax_parts: rates.iter().map(part).collect(),
        ..sessions::full().quote.lines[0].clone()
    }
}

fn percentages(line: &QuoteLine) -> Vec<f64> {
    of_line(line).iter().map(|rate| rate.percentage).collect()
}

#[test]
fn the_rates_of_the_plugin_are_answered_by_jurisdiction() {
    assert_eq!(percentages(&line(34_900, 2_967, &[85_000])), [8.5]);
    assert_eq!(percentages(&line(10_000, 1_475, &[60_000, 87_500])), [6.0, 8.75]);
    let rates = of_line(&line(34_900, 2_967, &[85_000]));
    assert_eq!(rates[0].name, "US-CA");
    assert!(!rates[0].is_inclusive);
}

#[test]
fn a_tax_without_a_rate_is_answered_by_the_rate_that_it_comes_to() {
    assert_eq!(percentages(&line(10_000, 725, &[])), [7.25]);
    let derived = line(34_900, 2_967, &[]);
    let rates: Vec<(String, u32)> = vec![(String::new(), super::derived(34_900, 2_967).unwrap())];
    assert_eq!(percentages(&derived).len(), 1);
    assert_eq!(applied(34_900, &rates), 2_967);
}

#[test]
fn a_line_without_tax_has_no_rates_and_a_tax_above_its_price_has_none_that_is_one() {
    assert!(percentages(&line(10_000, 0, &[])).is_empty());
    assert!(percentages(&line(0, 100, &[])).is_empty());
    assert!(percentages(&line(100, 101, &[])).is_empty());
}

#[test]
fn what_the_rates_come_to_is_rounded_as_stripe_rounds() {
    let rate = |rate: u32| vec![(String::new(), rate)];
    assert_eq!(applied(1_000, &rate(500)), 1);
    assert_eq!(applied(999, &rate(500)), 0);
    assert_eq!(applied(34_900, &rate(85_000)), 2_967);
}
