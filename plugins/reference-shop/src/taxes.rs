//! Taxes: sales tax by US state, VAT by EU member state.

use tillhouse_plugin::{
    prelude::*,
    tax::{Request, Tax},
};

use crate::Shop;

/// Tax that applies at a destination.
struct TaxRule {
    rate: Rate,
    jurisdiction: String,
    on_shipping: bool,
}

impl Tax for Shop {
    fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
        let Some(destination) = &request.destination else {
            return Ok(Assessment::default());
        };
        let business = request
            .buyer
            .as_ref()
            .is_some_and(|buyer| buyer.account.as_deref() == Some("business"));
        if let Some(message) = state_problem(destination) {
            return Ok(Assessment {
                messages: vec![message],
                ..Assessment::default()
            });
        }
        if business && config::flag("tax.exempt-business", false)? {
            return Ok(Assessment::default());
        }
        match tax_rule(destination)? {
            Some(rule) => assess(&request, &rule),
            None => Ok(Assessment::default()),
        }
    }
}

/// State codes of the United States Postal Service: the 50 states, the District of Columbia, the territories, the freely
/// associated states, and the armed forces (USPS Publication 28, appendix B).
const STATES: &[&str] = &[
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "FM", "GA", "GU", "HI", "IA",
    "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MH", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE",
    "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "PW", "RI", "SC", "SD", "TN", "TX", "UM", "UT", "VA",
    "VI", "VT", "WA", "WI", "WV", "WY",
];

/// Returns the state of an address in the United States; `None` for other countries.
fn state(destination: &Address) -> Option<String> {
    let country = destination.country.trim();
    let domestic = country.eq_ignore_ascii_case("US");
    domestic.then(|| destination.region.trim().to_ascii_uppercase())
}

/// Returns an error message for an invalid US state, which blocks payment. Without it, no tax would be charged.
fn state_problem(destination: &Address) -> Option<Message> {
    let state = state(destination)?;
    if STATES.contains(&state.as_str()) {
        return None;
    }
    let code = if state.is_empty() { "missing" } else { "invalid" };
    let text = "Give the state of the address by its two letters, such as CA: the tax depends on it.";
    Some(Message::error(code, Subject::address("state"), text))
}

fn tax_rule(destination: &Address) -> Result<Option<TaxRule>, Failure> {
    let (table, place, jurisdiction) = if let Some(state) = state(destination) {
        let jurisdiction = format!("US-{state}");
        ("us", state, jurisdiction)
    } else {
        let country = destination.country.trim().to_ascii_uppercase();
        ("eu", country.clone(), country)
    };
    let Some(rate) = config::rate(&format!("tax.{table}.{place}"))? else {
        return Ok(None);
    };
    let taxed_shipping = config::list(&format!("tax.shipping.{table}"));
    let on_shipping = taxed_shipping.iter().any(|entry| entry == "*" || *entry == place);
    Ok((rate > Rate::ZERO).then_some(TaxRule {
        rate,
        jurisdiction,
        on_shipping,
    }))
}

/// Taxes each line, option and fee separately, rounded half up, after allocating the order discount to the lines.
fn assess(request: &Request, rule: &TaxRule) -> Result<Assessment, Failure> {
    let at = |id: &str, base: Amount| Assessed::at(id, base, rule.rate, &rule.jurisdiction);
    let mut assessment = Assessment::default();
    for (line, base) in request.lines.iter().zip(request.bases()?) {
        assessment.lines.push(at(&line.line, base)?);
    }
    if rule.on_shipping {
        for option in &request.options {
            assessment.options.push(at(&option.id, Amount::new(option.price)?)?);
        }
    }
    if !request.fees.is_empty() && config::flag("tax.fees", true)? {
        for fee in &request.fees {
            assessment.fees.push(at(&fee.id, Amount::new(fee.amount)?)?);
        }
    }
    Ok(assessment)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tillhouse_plugin::tax::{Part, TaxableFee, TaxableOption};

    use super::*;

    fn host() -> testing::Host {
        testing::Host::new()
            .config("tax.us.CA", "7.25")
            .config("tax.us.TX", "6.25")
            .config("tax.eu.DE", "19")
            .config("tax.shipping.us", "TX")
            .config("tax.shipping.eu", "*")
    }

    fn request(subtotals: &[i64], order_discount: i64, place: Option<(&str, &str)>) -> Request {
        let line = |(index, subtotal): (usize, &i64)| LineAmount {
            line: format!("line_{}", index + 1),
            item: "tee".into(),
            quantity: 1,
            base: *subtotal,
            discount: 0,
            subtotal: *subtotal,
        };
        Request {
            lines: subtotals.iter().enumerate().map(line).collect(),
            order_discount,
            options: vec![TaxableOption {
                id: "standard".into(),
                price: 599,
            }],
            fees: vec![TaxableFee {
                id: "gift_wrap".into(),
                kind: "gift_wrap".into(),
                amount: 300,
            }],
            destination: place.map(|(country, region)| testing::address(country, region)),
            buyer: None,
            extensions: vec![],
        }
    }

    fn assess(request: Request) -> Assessment {
        <Shop as Tax>::assess(testing::context("USD"), request).unwrap()
    }

    fn amounts(assessed: &[Assessed]) -> Vec<i64> {
        assessed.iter().map(|assessed| assessed.amount).collect()
    }

    #[test]
    fn each_line_is_taxed_by_itself_and_rounded_half_up() {
        let _host = host().install();
        let answer = assess(request(&[1_000, 1_034, 200], 0, Some(("US", "CA"))));
        assert_eq!(amounts(&answer.lines), [73, 75, 15], "72.5, 74.965, 14.5");
        let part = Part {
            jurisdiction: "US-CA".into(),
            rate: 72_500,
            amount: 73,
        };
        assert_eq!(answer.lines.first().unwrap().parts, [part]);
    }

    #[test]
    fn a_state_decides_whether_shipping_is_taxed() {
        let _host = host().install();
        assert!(assess(request(&[1_000], 0, Some(("US", "CA")))).options.is_empty());
        assert_eq!(amounts(&assess(request(&[1_000], 0, Some(("US", "tx")))).options), [37]);
        assert_eq!(amounts(&assess(request(&[1_000], 0, Some(("DE", "")))).options), [114]);
    }

    #[test]
    fn the_orders_discount_is_spread_before_taxing() {
        let _host = host().install();
        let answer = assess(request(&[2_000, 1_000], 1_000, Some(("DE", ""))));
        assert_eq!(amounts(&answer.lines), [253, 127], "19 % of 1333 and of 667");
    }

    #[test]
    fn fees_are_taxed_unless_configured_otherwise() {
        let host = host().install();
        assert_eq!(amounts(&assess(request(&[], 0, Some(("DE", "")))).fees), [57]);
        host.set_config("tax.fees", "false");
        assert!(assess(request(&[], 0, Some(("DE", "")))).fees.is_empty());
    }

    #[test]
    fn there_is_no_tax_without_a_destination_or_outside_the_tables() {
        let _host = host().install();
        for place in [None, Some(("US", "OR")), Some(("JP", ""))] {
            assert_eq!(assess(request(&[1_000], 0, place)), Assessment::default(), "{place:?}");
        }
    }

    #[test]
    fn an_invalid_state_blocks_payment() {
        let _host = host().install();
        for (region, code) in [
            ("", "missing"),
            ("  ", "missing"),
            ("California", "invalid"),
            ("ZZ", "invalid"),
        ] {
            let answer = assess(request(&[1_000], 0, Some(("US", region))));
            let message = answer.messages.first().unwrap();
            assert_eq!(message.code.as_deref(), Some(code), "{region}");
            assert_eq!(message.about, Subject::address("state"));
            assert!(answer.lines.is_empty());
        }
        for region in ["DC", "PR", "ae", " ca "] {
            let answer = assess(request(&[1_000], 0, Some(("us", region))));
            assert!(answer.messages.is_empty(), "{region}");
        }
    }

    #[test]
    fn businesses_are_exempt_if_configured() {
        let host = host().install();
        let account = Some("business".into());
        let extensions = vec![];
        let buyer = Buyer {
            email: None,
            name: None,
            phone: None,
            customer_id: None,
            account,
            signed_in: false,
            extensions,
        };
        let request = || Request {
            buyer: Some(buyer.clone()),
            ..request(&[1_000], 0, Some(("DE", "")))
        };
        assert_eq!(amounts(&assess(request()).lines), [190]);
        host.set_config("tax.exempt-business", "true");
        assert_eq!(assess(request()), Assessment::default());
    }
}
