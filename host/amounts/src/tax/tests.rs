use super::*;

const FOOD: (usize, u32) = (0, 80_000);
const OTHER: (usize, u32) = (0, 100_000);
const DE: (usize, u32) = (1, 190_000);

fn of(amount: i64, tax_included: bool, rates: &[(usize, u32)]) -> Taxable {
    Taxable {
        amount,
        tax_included,
        rates: rates.to_vec(),
    }
}

fn on(amount: i64, rates: &[(usize, u32)]) -> Taxable {
    of(amount, false, rates)
}

fn within(amount: i64, rates: &[(usize, u32)]) -> Taxable {
    of(amount, true, rates)
}

const fn rule(mode: Rounding, scope: Scope) -> Rule {
    Rule { mode, scope }
}

fn total(rule: Rule, items: &[Taxable]) -> i64 {
    let taxes = taxes(rule, items, &[], &[]).unwrap();
    taxes.items.iter().flatten().sum()
}

#[test]
fn japanese_invoices_round_once_for_each_rate() {
    let per_rate = rule(Rounding::Down, Scope::Rate);
    let per_line = rule(Rounding::Down, Scope::Line);
    let three_lines = [on(83, &[OTHER]), on(83, &[OTHER]), on(84, &[OTHER])];
    assert_eq!(total(per_rate, &three_lines), 25);
    assert_eq!(total(per_rate, &[on(250, &[OTHER])]), 25);
    assert_eq!(
        (total(per_line, &three_lines), total(per_line, &[on(250, &[OTHER])])),
        (24, 25)
    );
    let five = |rate: (usize, u32), amount: i64| (0..5).map(move |_| on(amount, &[rate]));
    let mixed: Vec<Taxable> = five(FOOD, 105).chain(five(OTHER, 105)).collect();
    assert_eq!(total(per_rate, &mixed), 42 + 52);
    assert_eq!(total(rule(Rounding::Down, Scope::Cart), &mixed), 94, "42.0 + 52.5");
    let uneven: Vec<Taxable> = five(FOOD, 101).chain(five(OTHER, 101)).collect();
    assert_eq!(total(per_rate, &uneven), 40 + 50);
    assert_eq!(total(rule(Rounding::Down, Scope::Cart), &uneven), 90, "40.4 + 50.5");
    assert_eq!(total(rule(Rounding::HalfUp, Scope::Cart), &uneven), 91);
}

#[test]
fn the_tax_in_a_price_is_what_the_price_contains() {
    for scope in Scope::ALL {
        let rule = rule(Rounding::HalfUp, scope);
        assert_eq!(total(rule, &[within(999, &[DE])]), 160, "159.50 in 9.99");
        assert_eq!(total(rule, &[within(2997, &[DE])]), 479, "478.51 in 29.97");
        assert_eq!(total(rule, &[on(840, &[DE])]), 160, "159.60 on 8.40");
        assert_eq!(total(rule, &[within(0, &[DE]), on(0, &[DE])]), 0);
    }
    let three = [within(999, &[DE]), within(999, &[DE]), within(999, &[DE])];
    assert_eq!(total(rule(Rounding::HalfUp, Scope::Rate), &three), 479);
    assert_eq!(total(rule(Rounding::HalfUp, Scope::Line), &three), 480);
}

#[test]
fn parts_of_several_jurisdictions_add_up() {
    let rates = [(0, 50_000), (1, 99_750)];
    for scope in Scope::ALL {
        let taxes = taxes(
            rule(Rounding::HalfUp, scope),
            &[on(1_000, &rates), on(10, &rates)],
            &[],
            &[],
        )
        .unwrap();
        let sum: i64 = taxes.items.iter().flatten().sum();
        assert_eq!(taxes.items[0].len(), 2);
        let expected = match scope {
            // 149.75 and 1.4975; 50.5 and 100.7475; 151.2475
            Scope::Line => 150 + 1,
            Scope::Rate => 51 + 101,
            Scope::Cart => 151,
        };
        assert_eq!(sum, expected, "{scope:?}");
    }
}

#[test]
fn equal_rates_of_one_jurisdiction_are_all_due() {
    let districts = [(0, 100_000), (0, 100_000), (0, 50_000)];
    for scope in Scope::ALL {
        let taxes = taxes(
            rule(Rounding::HalfUp, scope),
            &[on(1_000, &districts), on(10, &districts)],
            &[],
            &[],
        )
        .unwrap();
        let sums: Vec<i64> = taxes.items.iter().map(|parts| parts.iter().sum()).collect();
        assert_eq!(sums, [250, 3], "{scope:?}");
    }
}

#[test]
fn an_option_adds_what_the_cart_owes_with_it() {
    let rule = rule(Rounding::Down, Scope::Rate);
    let items = [on(105, &[OTHER])];
    let options = [on(105, &[OTHER]), on(500, &[OTHER])];
    let taxes = taxes(rule, &items, &options, &[0]).unwrap();
    assert_eq!(taxes.items, [[10]]);
    assert_eq!(
        taxes.options,
        [[11], [50]],
        "21.0 together, and 60.5 with the other option"
    );
}

#[test]
fn options_that_apply_together_are_rounded_together() {
    let rule = rule(Rounding::HalfUp, Scope::Cart);
    let options = [on(4, &[OTHER]), on(4, &[OTHER]), on(4, &[OTHER])];
    let taxes = taxes(rule, &[on(4, &[OTHER])], &options, &[0, 1, 2]).unwrap();
    let sum: i64 = taxes.items.iter().chain(&taxes.options).flatten().sum();
    assert_eq!(sum, 2, "1.6");
}

#[test]
fn the_tax_in_an_amount_never_exceeds_it() {
    let whole = [(0, 500_000), (1, 500_000)];
    for scope in Scope::ALL {
        for mode in Rounding::ALL {
            let items = [within(1, &whole), within(1, &whole), within(2, &whole)];
            for (item, parts) in items
                .iter()
                .zip(taxes(rule(mode, scope), &items, &[], &[]).unwrap().items)
            {
                let tax: i64 = parts.iter().sum();
                assert!((0..=item.amount).contains(&tax), "{mode:?} {scope:?} {parts:?}");
            }
        }
    }
}

#[test]
fn a_tax_out_of_range_is_an_error() {
    let largest = on(crate::MAX, &[(0, WHOLE)]);
    for scope in [Scope::Rate, Scope::Cart] {
        assert_eq!(
            taxes(rule(Rounding::Up, scope), &[largest.clone(), largest.clone()], &[], &[]),
            Err(OutOfRange)
        );
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Few jurisdictions and rates, so that equal ones meet.
    fn rates() -> impl Strategy<Value = Vec<(usize, u32)>> {
        let rate = prop_oneof![Just(50_000), Just(100_000), 0_u32..300_000];
        prop::collection::vec((0_usize..3, rate), 0..4)
    }

    fn modes() -> impl Strategy<Value = Rounding> {
        prop::sample::select(Rounding::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn no_tax_per_rate_or_per_cart_depends_on_how_lines_are_split(
            cart in prop::collection::vec((1_i64..100_000, any::<bool>(), rates(), 1_i64..9), 1..8),
            mode in modes(),
            scope in prop::sample::select(vec![Scope::Rate, Scope::Cart]),
        ) {
            let whole: Vec<Taxable> = cart.iter().map(|(amount, included, rates, _)| of(*amount, *included, rates)).collect();
            let mut split = Vec::new();
            for (amount, included, rates, pieces) in &cart {
                let piece = amount / pieces;
                split.extend((1..*pieces).map(|_| of(piece, *included, rates)));
                split.push(of(amount - piece * (pieces - 1), *included, rates));
            }
            prop_assert_eq!(total(rule(mode, scope), &whole), total(rule(mode, scope), &split));
        }

        #[test]
        fn every_part_is_within_one_unit_of_exact(
            cart in prop::collection::vec((0_i64..1_000_000, any::<bool>(), rates()), 1..8),
            mode in modes(),
            scope in prop::sample::select(Scope::ALL.to_vec()),
        ) {
            let items: Vec<Taxable> = cart.iter().map(|(amount, included, rates)| of(*amount, *included, rates)).collect();
            for (item, parts) in items.iter().zip(taxes(rule(mode, scope), &items, &[], &[]).unwrap().items) {
                let sum: u32 = item.rates.iter().map(|(_, rate)| rate).sum();
                let parts_of = if item.tax_included { WHOLE + sum } else { WHOLE };
                let exact = i128::from(item.amount) * i128::from(sum) / i128::from(parts_of);
                let tax: i64 = parts.iter().sum();
                let off = (i128::from(tax) - exact).abs();
                prop_assert!(off <= 1 + i128::try_from(item.rates.len()).unwrap(), "{off} {item:?} {parts:?}");
            }
        }
    }
}
