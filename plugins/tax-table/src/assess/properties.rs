//! Properties that hold for every amount, rate and rounding rule. The host's arithmetic computes the amounts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;

use super::{
    computed::{Computed, computed},
    *,
};

/// Taxes of a country, and how they are rounded.
#[derive(Clone, Debug)]
struct Table {
    rates: Vec<u32>,
    mode: Rounding,
    scope: Scope,
}

fn table(scope: impl Strategy<Value = Scope>) -> impl Strategy<Value = Table> {
    let rates = prop::collection::vec(1_u32..=160_000, 1..=6);
    let mode = prop::sample::select(Rounding::ALL.as_slice());
    (rates, mode, scope).prop_map(|(rates, mode, scope)| Table { rates, mode, scope })
}

fn any_table() -> impl Strategy<Value = Table> {
    table(prop::sample::select(Scope::ALL.as_slice()))
}

/// A line: one of four items, its amount, and whether that includes tax.
type Goods = (usize, i64, bool);

fn goods() -> impl Strategy<Value = Vec<Goods>> {
    prop::collection::vec((0_usize..4, 0_i64..1 << 40, any::<bool>()), 1..=40)
}

impl Table {
    fn percent(&self) -> i128 {
        self.rates.iter().map(|ppm| i128::from(*ppm)).sum()
    }

    /// The taxes of lines that go to the country.
    fn taxes(&self, goods: &[Goods]) -> Vec<Computed> {
        let mut host = testing::Host::new()
            .config("rounding", self.mode.name())
            .config("rounding-scope", self.scope.name());
        for (index, ppm) in self.rates.iter().enumerate() {
            let percent = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
            host = host.config(&format!("tax.DE.T{index}.rate"), &percent);
        }
        let _host = host.install();
        let line = |(index, (item, amount, tax_included)): (usize, &Goods)| LineAmount {
            tax_included: *tax_included,
            ..testing::line_amount(&format!("line_{index}"), &format!("item-{item}"), 1, *amount)
        };
        let request = Request {
            destinations: vec![testing::address("DE", "").into()],
            ..testing::tax_request(goods.iter().enumerate().map(line).collect())
        };
        let answer = TaxTable::assess(testing::context("EUR"), request.clone()).unwrap();
        computed(&request, &answer).lines
    }

    fn tax(&self, goods: &[Goods]) -> i64 {
        self.taxes(goods).iter().map(|line| line.amount).sum()
    }
}

proptest! {
    #[test]
    fn every_line_has_a_part_for_each_tax_and_none_is_negative(table in any_table(), goods in goods()) {
        let lines = table.taxes(&goods);
        prop_assert_eq!(lines.len(), goods.len());
        for line in lines {
            prop_assert_eq!(line.parts.len(), table.rates.len());
            prop_assert!(line.parts.iter().all(|(_, part)| *part >= 0));
        }
    }

    #[test]
    fn a_price_that_includes_tax_is_never_less_than_its_tax(table in any_table(), goods in goods()) {
        for (line, (_, amount, tax_included)) in table.taxes(&goods).iter().zip(&goods) {
            prop_assert!(!tax_included || line.amount <= *amount);
        }
    }

    #[test]
    fn the_tax_on_a_line_by_itself_is_within_one_unit_of_the_exact_one_in_the_rounding_direction(
        table in table(Just(Scope::Line)),
        amount in 0_i64..1 << 45,
        tax_included in any::<bool>(),
    ) {
        let whole = 1_000_000 + if tax_included { table.percent() } else { 0 };
        let exact = i128::from(amount) * table.percent();
        let over = i128::from(table.tax(&[(0, amount, tax_included)])) * whole - exact;
        match table.mode {
            Rounding::Down => prop_assert!(-whole < over && over <= 0),
            Rounding::Up => prop_assert!(0 <= over && over < whole),
            Rounding::HalfUp | Rounding::HalfEven => prop_assert!(over.abs() * 2 <= whole),
        }
    }

    #[test]
    fn more_is_never_taxed_less(table in any_table(), goods in goods(), more in 0_i64..1 << 20) {
        let mut dearer = goods.clone();
        dearer[0].1 += more;
        prop_assert!(table.tax(&goods) <= table.tax(&dearer));
    }

    #[test]
    fn once_for_each_rate_or_cart_no_tax_depends_on_how_the_cart_is_split(
        table in table(prop::sample::select(vec![Scope::Rate, Scope::Cart])),
        goods in goods(),
        part in 0_i64..1 << 40,
    ) {
        let mut split = goods.clone();
        let (item, amount, tax_included) = split[0];
        let part = part.min(amount);
        split[0].1 -= part;
        split.push((item, part, tax_included));
        prop_assert_eq!(table.tax(&goods), table.tax(&split));
    }

    #[test]
    fn the_order_of_the_lines_does_not_change_the_tax(table in any_table(), goods in goods()) {
        let reversed: Vec<Goods> = goods.iter().rev().copied().collect();
        prop_assert_eq!(table.tax(&goods), table.tax(&reversed));
    }
}
