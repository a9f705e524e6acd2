//! The amounts that the host computes from rates, for tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use tillhouse_amounts::{
    rounding::Rule,
    tax::{self, Taxable},
};
use tillhouse_plugin::{
    prelude::*,
    tax::{Request, Taxes},
};

/// The tax of a line, option or fee.
#[derive(Debug)]
pub(super) struct Computed {
    pub(super) id: String,
    pub(super) amount: i64,
    /// Jurisdiction and amount of each part.
    pub(super) parts: Vec<(String, i64)>,
}

/// The taxes of an answer; those without a rate are left out.
#[derive(Debug)]
pub(super) struct ComputedTaxes {
    pub(super) lines: Vec<Computed>,
    pub(super) options: Vec<Computed>,
    pub(super) fees: Vec<Computed>,
}

/// Computes taxes as the host does, with no option chosen.
pub(super) fn computed(request: &Request, answer: &Assessment) -> ComputedTaxes {
    let rated = match &answer.taxes {
        Taxes::Rates(rated) => rated.clone(),
        Taxes::Amounts(none) => {
            assert_eq!(*none, AssessedTaxes::default(), "the table answers rates");
            RatedTaxes::new(RoundingRule::per_line(Rounding::HalfUp))
        }
    };
    let rule = Rule {
        mode: rated.rounding.mode.parse().unwrap(),
        scope: rated.rounding.scope.parse().unwrap(),
    };
    let lines = request.lines.iter().map(|it| (&it.line, it.taxable, it.tax_included));
    let fees = request.fees.iter().map(|it| (&it.id, it.amount, it.tax_included));
    let options = request.options.iter().map(|it| (&it.id, it.price, it.tax_included));
    let all = rated.lines.iter().chain(&rated.options).chain(&rated.fees);
    let names: BTreeSet<&str> = all
        .flat_map(|of| of.rates.iter().map(|rate| rate.jurisdiction.as_str()))
        .collect();
    let number = |name: &str| names.iter().position(|known| *known == name).unwrap();
    let taxable = |(id, amount, tax_included): (&String, i64, bool), of: &[Rated]| Taxable {
        amount,
        tax_included,
        rates: rates(id, of)
            .map(|rate| (number(&rate.jurisdiction), rate.rate))
            .collect(),
    };
    let items: Vec<Taxable> = lines
        .map(|line| taxable(line, &rated.lines))
        .chain(fees.map(|fee| taxable(fee, &rated.fees)))
        .collect();
    let of_options: Vec<Taxable> = options.map(|option| taxable(option, &rated.options)).collect();
    let taxes = tax::taxes(rule, &items, &of_options, &[]).unwrap();
    let (of_lines, of_fees) = taxes.items.split_at(request.lines.len());
    ComputedTaxes {
        lines: named(request.lines.iter().map(|it| &it.line), &rated.lines, of_lines),
        options: named(request.options.iter().map(|it| &it.id), &rated.options, &taxes.options),
        fees: named(request.fees.iter().map(|it| &it.id), &rated.fees, of_fees),
    }
}

fn rates<'a>(id: &String, of: &'a [Rated]) -> impl Iterator<Item = &'a TaxRate> {
    let rated = of.iter().find(|rated| rated.id == *id);
    rated.into_iter().flat_map(|rated| &rated.rates)
}

fn named<'a>(ids: impl Iterator<Item = &'a String>, of: &[Rated], parts: &[Vec<i64>]) -> Vec<Computed> {
    let taxed = ids.zip(parts).filter(|(_, parts)| !parts.is_empty());
    taxed
        .map(|(id, parts)| Computed {
            id: id.clone(),
            amount: parts.iter().sum(),
            parts: rates(id, of)
                .map(|rate| rate.jurisdiction.clone())
                .zip(parts.iter().copied())
                .collect(),
        })
        .collect()
}
