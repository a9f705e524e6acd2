//! Properties that hold for every amount, rate and discount.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(Rounding::HalfUp), Just(Rounding::HalfEven), Just(Rounding::Down)]
}

fn taxes() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(1_u32..=1_000_000, 1..=6)
}

fn of(base: i64, rates: &[u32], rounding: Rounding) -> Assessed {
    let taxes: Vec<(&str, Rate)> = rates.iter().map(|ppm| ("X", Rate::from_ppm(*ppm))).collect();
    assessed("line_1", Amount::new(base).unwrap(), &taxes, rounding)
        .unwrap()
        .unwrap()
}

fn request(subtotals: &[i64], order_discount: i64) -> Request {
    let line = |(index, subtotal): (usize, &i64)| LineAmount {
        line: format!("line_{index}"),
        item: "tee".into(),
        quantity: 1,
        base: *subtotal,
        discount: 0,
        subtotal: *subtotal,
    };
    Request {
        lines: subtotals.iter().enumerate().map(line).collect(),
        order_discount,
        options: vec![],
        fees: vec![],
        destination: None,
        buyer: None,
        extensions: vec![],
    }
}

proptest! {
    #[test]
    fn parts_add_up_and_none_is_negative(base in 0_i64..1 << 45, rates in taxes(), rounding in rounding()) {
        let tax = of(base, &rates, rounding);
        prop_assert_eq!(tax.parts.iter().map(|part| part.amount).sum::<i64>(), tax.amount);
        prop_assert!(tax.parts.iter().all(|part| part.amount >= 0));
        let given: Vec<u32> = tax.parts.iter().map(|part| part.rate).collect();
        prop_assert_eq!(given, rates);
    }

    #[test]
    fn a_tax_is_within_one_unit_of_the_exact_one_in_the_rounding_direction(
        base in 0_i64..1 << 45,
        rates in taxes(),
        rounding in rounding(),
    ) {
        let exact = i128::from(base) * rates.iter().map(|ppm| i128::from(*ppm)).sum::<i128>();
        let over = i128::from(of(base, &rates, rounding).amount) * 1_000_000 - exact;
        match rounding {
            Rounding::Down => prop_assert!(-1_000_000 < over && over <= 0),
            Rounding::HalfUp | Rounding::HalfEven => prop_assert!((-500_000..=500_000).contains(&over)),
        }
    }

    #[test]
    fn more_is_never_taxed_less(base in 0_i64..1 << 40, more in 0_i64..1 << 20, rates in taxes(), rounding in rounding()) {
        prop_assert!(of(base, &rates, rounding).amount <= of(base + more, &rates, rounding).amount);
    }

    #[test]
    fn the_tax_base_is_the_subtotal_less_the_discount_and_never_negative(
        subtotals in prop::collection::vec(0_i64..1 << 30, 1..=200),
        part in 0_u32..=1_000_000,
    ) {
        let whole: i64 = subtotals.iter().sum();
        let discount = Amount::new(whole).unwrap().at_rounded(Rate::from_ppm(part), Rounding::Down).unwrap().minor();
        let bases = request(&subtotals, discount).bases().unwrap();
        prop_assert_eq!(bases.iter().map(|base| base.minor()).sum::<i64>(), whole - discount);
        for (base, subtotal) in bases.iter().zip(&subtotals) {
            prop_assert!((0..=*subtotal).contains(&base.minor()));
        }
    }
}

#[test]
fn an_amount_out_of_range_is_an_error_and_does_not_wrap() {
    let taxes = [("X", Rate::WHOLE), ("Y", Rate::WHOLE)];
    assert_eq!(
        assessed("line_1", Amount::MAX, &taxes, Rounding::HalfUp),
        Err(OutOfRange)
    );
}
