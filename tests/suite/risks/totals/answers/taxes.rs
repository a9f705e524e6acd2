//! Random taxes, as amounts or as rates.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::decision::{
    AnsweredTaxes, AssessedTax, FulfillmentOffer, PricedCart, RatedTax, TaxAssessment, TaxPart, TaxRate,
};

use super::prices::rounding;
use super::{MAX, mostly};

pub(super) fn taxes(cart: &Cart, priced: &PricedCart, offer: &FulfillmentOffer) -> BoxedStrategy<TaxAssessment> {
    let lines: Vec<String> = cart.lines.iter().map(|line| line.id.to_string()).collect();
    let options: Vec<String> = offer.options.iter().map(|option| option.id.to_string()).collect();
    let fees: Vec<String> = priced.fees.iter().map(|fee| fee.id.clone()).collect();
    let amounts = (
        of_each(lines.clone(), assessed),
        of_each(options.clone(), assessed),
        of_each(fees.clone(), assessed),
    );
    let amounts = amounts.prop_map(|(lines, options, fees)| AnsweredTaxes::Amounts { lines, options, fees });
    let rates = (
        of_each(lines, rated),
        of_each(options, rated),
        of_each(fees, rated),
        rounding(vec!["line", "rate", "cart"]),
    );
    let rates = rates.prop_map(|(lines, options, fees, rounding)| AnsweredTaxes::Rates {
        lines,
        options,
        fees,
        rounding,
    });
    let messages = Vec::new;
    prop_oneof![amounts, rates]
        .prop_map(move |taxes| TaxAssessment {
            taxes,
            messages: messages(),
        })
        .boxed()
}

/// An answer for each of these ids; now and then one is left out, is there twice, or is for something strange.
fn of_each<T: Clone + std::fmt::Debug + 'static>(
    ids: Vec<String>,
    one: fn(String) -> BoxedStrategy<T>,
) -> BoxedStrategy<Vec<T>> {
    let all: Vec<_> = ids.into_iter().map(one).collect();
    (all, one("strange".into()), mostly(Just(0), 1..4))
        .prop_map(|(mut taxes, strange, damage)| {
            match damage {
                1 => drop(taxes.pop()),
                2 => taxes.extend(taxes.first().cloned()),
                3 => taxes.push(strange),
                _ => {}
            }
            taxes
        })
        .boxed()
}

fn assessed(id: String) -> BoxedStrategy<AssessedTax> {
    let amounts = mostly(
        0..2_000_i64,
        select(vec![-1, i64::MIN, MAX, MAX + 1, MAX / 2, i64::MAX]),
    );
    let off = mostly(Just(0_i64), select(vec![1, -1, i64::MAX]));
    (amounts, select(vec![0, 0, 1, 2]), off, exemption())
        .prop_map(move |(amount, parts, off, (exempt, keeps_tax))| {
            let amount = if exempt.is_some() && !keeps_tax { 0 } else { amount };
            AssessedTax {
                id: id.clone(),
                amount,
                parts: parts_of(amount, parts, off),
                exempt,
            }
        })
        .boxed()
}

/// Why something is exempt from tax, and whether it is taxed all the same.
fn exemption() -> BoxedStrategy<(Option<String>, bool)> {
    let good = select(vec![None, None, None, Some("resale".to_owned())]);
    mostly(
        good.prop_map(|exempt| (exempt, false)),
        Just((Some("resale".to_owned()), true)),
    )
}

/// Splits an amount into this many parts; `off` makes the sum wrong.
fn parts_of(amount: i64, parts: usize, off: i64) -> Vec<TaxPart> {
    let part = |amount| TaxPart {
        jurisdiction: "US-XX".into(),
        rate: 10_000,
        amount,
    };
    match parts {
        0 => Vec::new(),
        1 => vec![part(amount.saturating_add(off))],
        _ => vec![part(amount / 2), part((amount - amount / 2).saturating_add(off))],
    }
}

/// At most two rates, of the same two jurisdictions everywhere, so that several amounts share a rate.
fn rated(id: String) -> BoxedStrategy<RatedTax> {
    let good = vec(select(vec![0, 5_000, 72_500, 80_000, 190_000]), 0..3);
    let bad = select(vec![vec![1_000_001], vec![600_000, 600_000]]);
    (mostly(good, bad), exemption())
        .prop_map(move |(rates, (exempt, keeps_tax))| RatedTax {
            id: id.clone(),
            rates: rates
                .into_iter()
                .filter(|_| exempt.is_none() || keeps_tax)
                .zip(["state", "city"])
                .map(|(rate, jurisdiction)| TaxRate {
                    jurisdiction: jurisdiction.into(),
                    rate,
                })
                .collect(),
            exempt,
        })
        .boxed()
}
