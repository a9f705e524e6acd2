//! The answer of `tax.assess`, checked, as one tax for each line, option and fee.

use std::collections::BTreeMap;

use tillhouse_amounts::WHOLE;
use tillhouse_amounts::tax::{Parts, Taxable, taxes};

use super::amounts::{PricedAmounts, amount};
use super::options::PricedOption;
use super::{ContractError, QuoteRule, contract_error, rounding};
use crate::cart::Choice;
use crate::decision::{AnsweredTaxes, AssessedTax, RatedTax, RoundingRule, TaxPart, TaxRate};
use crate::money::Amount;

pub(super) const ASSESS: &str = "tax.assess";

/// The tax of one line, option or fee.
#[derive(Clone, Debug, Default)]
pub(super) struct Tax {
    /// The whole tax, all parts together.
    pub(super) amount: Amount,
    /// Parts by jurisdiction; may be empty.
    pub(super) parts: Vec<TaxPart>,
    /// Rates together, in parts per million; `None` if the plugin answered amounts.
    pub(super) rate: Option<u32>,
    /// Why nothing is taxed; `None` if it is not exempt.
    pub(super) exempt: Option<String>,
}

/// The taxes of a cart, in the order of its lines, options and fees.
#[derive(Debug)]
pub(super) struct CartTaxes {
    pub(super) lines: Vec<Tax>,
    pub(super) options: Vec<Tax>,
    pub(super) fees: Vec<Tax>,
}

/// What is taxed: an id, the amount, and whether it includes the tax.
struct Item<'a> {
    id: &'a str,
    amount: Amount,
    tax_included: bool,
}

/// The taxes that a plugin answered.
///
/// # Errors
/// If the answer breaks rule `ids`, L4, N1, R1, R2 or `parts`.
pub(super) fn of(
    priced: &PricedAmounts,
    options: &[PricedOption],
    selected: &[Choice],
    answer: AnsweredTaxes,
) -> Result<CartTaxes, ContractError> {
    let lines: Vec<Item<'_>> = priced
        .lines
        .iter()
        .map(|line| Item {
            id: line.line.as_str(),
            amount: line.taxable,
            tax_included: line.tax_included,
        })
        .collect();
    let offered: Vec<Item<'_>> = options
        .iter()
        .map(|option| Item {
            id: option.offered.id.as_str(),
            amount: option.taxable,
            tax_included: option.offered.tax_included,
        })
        .collect();
    let fees: Vec<Item<'_>> = priced
        .fees
        .iter()
        .map(|fee| Item {
            id: &fee.id,
            amount: fee.amount,
            tax_included: fee.tax_included,
        })
        .collect();
    match answer {
        AnsweredTaxes::Amounts {
            lines: of_lines,
            options: of_options,
            fees: of_fees,
        } => Ok(CartTaxes {
            lines: assessed("line", of_lines, &lines)?,
            options: assessed("option", of_options, &offered)?,
            fees: assessed("fee", of_fees, &fees)?,
        }),
        AnsweredTaxes::Rates {
            lines: of_lines,
            options: of_options,
            fees: of_fees,
            rounding,
        } => {
            let rates = Rates {
                lines: rates("line", of_lines, &lines)?,
                options: rates("option", of_options, &offered)?,
                fees: rates("fee", of_fees, &fees)?,
            };
            let applied = selected.iter().filter_map(|choice| {
                let is_chosen = |option: &PricedOption| option.offered.id == choice.option;
                options.iter().position(is_chosen)
            });
            let mut applied: Vec<usize> = applied.collect();
            // In the order of the offer, so that the order of the choices changes nothing.
            applied.sort_unstable();
            rates.multiplied([&lines, &offered, &fees], &applied, &rounding)
        }
    }
}

/// Amounts that the plugin computed, in the order of the items.
fn assessed(what: &str, answer: Vec<AssessedTax>, items: &[Item<'_>]) -> Result<Vec<Tax>, ContractError> {
    let mut by_id = once_each(what, answer, items, |tax| &tax.id)?;
    let tax = |item: &Item<'_>| match by_id.remove(item.id) {
        Some(tax) => assessed_tax(what, item, tax),
        None => Ok(Tax::default()),
    };
    items.iter().map(tax).collect()
}

fn assessed_tax(what: &str, item: &Item<'_>, tax: AssessedTax) -> Result<Tax, ContractError> {
    let name = || format!("tax on {what} {}", tax.id);
    let due = amount(ASSESS, QuoteRule::L4, name, tax.amount)?;
    let mut of_parts = Some(0_i64);
    for part in &tax.parts {
        let part_name = || format!("part {} of the {}", part.jurisdiction, name());
        let amount = amount(ASSESS, QuoteRule::L4, part_name, part.amount)?;
        of_parts = of_parts.and_then(|sum| sum.checked_add(amount.minor()));
        if part.rate > WHOLE {
            let detail = format!("the rate of the {} is {} ppm", part_name(), part.rate);
            return Err(contract_error(ASSESS, QuoteRule::R1, detail));
        }
    }
    if !tax.parts.is_empty() && of_parts != Some(due.minor()) {
        let detail = format!(
            "the tax on {what} {} is {} minor units, and its parts do not add up to that",
            tax.id,
            due.minor()
        );
        return Err(contract_error(ASSESS, QuoteRule::Parts, detail));
    }
    if item.tax_included && due > item.amount {
        let detail = format!(
            "the {} is {} minor units, and the amount that includes it is {}",
            name(),
            due.minor(),
            item.amount.minor()
        );
        return Err(contract_error(ASSESS, QuoteRule::N1, detail));
    }
    if tax.exempt.is_some() && !due.is_zero() {
        let detail = format!(
            "{what} {} is exempt, and its tax is {} minor units",
            tax.id,
            due.minor()
        );
        return Err(contract_error(ASSESS, QuoteRule::Exempt, detail));
    }
    Ok(Tax {
        amount: due,
        parts: tax.parts,
        rate: None,
        exempt: tax.exempt,
    })
}

/// Rule `ids`: the answers by id, each for one of the items and none twice.
fn once_each<T>(
    what: &str,
    answer: Vec<T>,
    items: &[Item<'_>],
    id: impl Fn(&T) -> &String,
) -> Result<BTreeMap<String, T>, ContractError> {
    let mut by_id = BTreeMap::new();
    for of_item in answer {
        let name = id(&of_item).clone();
        if items.iter().all(|item| item.id != name) {
            let detail = format!("tax on {what} {name}, which does not exist");
            return Err(contract_error(ASSESS, QuoteRule::Ids, detail));
        }
        if by_id.insert(name.clone(), of_item).is_some() {
            let detail = format!("{what} {name} is taxed twice");
            return Err(contract_error(ASSESS, QuoteRule::Ids, detail));
        }
    }
    Ok(by_id)
}

/// Rates of a cart, in the order of its lines, options and fees.
struct Rates {
    lines: Vec<ItemRates>,
    options: Vec<ItemRates>,
    fees: Vec<ItemRates>,
}

/// The rates of one item, or why it is exempt.
#[derive(Default)]
struct ItemRates {
    rates: Vec<TaxRate>,
    exempt: Option<String>,
}

/// The rates of each item, in the order of the items. Rule R1: together at most 100 %. Rule `exempt`: none where nothing is taxed.
fn rates(what: &str, answer: Vec<RatedTax>, items: &[Item<'_>]) -> Result<Vec<ItemRates>, ContractError> {
    let mut by_id = once_each(what, answer, items, |rated| &rated.id)?;
    let of_item = |item: &Item<'_>| {
        let rated = by_id.remove(item.id).map(|rated| ItemRates {
            rates: rated.rates,
            exempt: rated.exempt,
        });
        let ItemRates { rates, exempt } = rated.unwrap_or_default();
        let sum: u64 = rates.iter().map(|rate| u64::from(rate.rate)).sum();
        if sum > u64::from(WHOLE) {
            let detail = format!("the rates of {what} {} are {sum} ppm together", item.id);
            return Err(contract_error(ASSESS, QuoteRule::R1, detail));
        }
        if exempt.is_some() && !rates.is_empty() {
            let detail = format!("{what} {} is exempt, and it has rates", item.id);
            return Err(contract_error(ASSESS, QuoteRule::Exempt, detail));
        }
        Ok(ItemRates { rates, exempt })
    };
    items.iter().map(of_item).collect()
}

impl Rates {
    /// The taxes that the rates are, rounded by one rule.
    fn multiplied(
        self,
        [lines, options, fees]: [&[Item<'_>]; 3],
        applied: &[usize],
        rounding: &RoundingRule,
    ) -> Result<CartTaxes, ContractError> {
        let rule = rounding::rule(ASSESS, rounding)?;
        let mut jurisdictions = Jurisdictions::default();
        let mut taxable = |items: &[Item<'_>], rates: &[ItemRates]| -> Vec<Taxable> {
            let both = items.iter().zip(rates);
            both.map(|(item, ItemRates { rates, .. })| Taxable {
                amount: item.amount.minor(),
                tax_included: item.tax_included,
                rates: rates
                    .iter()
                    .map(|rate| (jurisdictions.number(&rate.jurisdiction), rate.rate))
                    .collect(),
            })
            .collect()
        };
        let mut items = taxable(lines, &self.lines);
        items.extend(taxable(fees, &self.fees));
        let of_options = taxable(options, &self.options);
        let computed = taxes(rule, &items, &of_options, applied)
            .map_err(|error| contract_error(ASSESS, QuoteRule::L4, error.to_string()))?;
        let (of_lines, of_fees) = computed.items.split_at(lines.len().min(computed.items.len()));
        Ok(CartTaxes {
            lines: rated_taxes(self.lines, of_lines)?,
            options: rated_taxes(self.options, &computed.options)?,
            fees: rated_taxes(self.fees, of_fees)?,
        })
    }
}

/// The computed parts with the names and rates of their jurisdictions.
fn rated_taxes(rates: Vec<ItemRates>, computed: &[Parts]) -> Result<Vec<Tax>, ContractError> {
    let both = rates.into_iter().zip(computed);
    both.map(|(ItemRates { rates, exempt }, parts)| {
        let sum = amount(ASSESS, QuoteRule::L4, || "a tax".to_owned(), parts.iter().sum())?;
        Ok(Tax {
            amount: sum,
            exempt,
            rate: Some(rates.iter().map(|rate| rate.rate).sum()),
            parts: rates
                .into_iter()
                .zip(parts)
                .map(|(rate, part)| TaxPart {
                    jurisdiction: rate.jurisdiction,
                    rate: rate.rate,
                    amount: *part,
                })
                .collect(),
        })
    })
    .collect()
}

/// Numbers of the jurisdictions, in the order of their first appearance.
#[derive(Default)]
struct Jurisdictions(BTreeMap<String, usize>);

impl Jurisdictions {
    fn number(&mut self, name: &str) -> usize {
        let next = self.0.len();
        match self.0.get(name) {
            Some(number) => *number,
            None => *self.0.entry(name.to_owned()).or_insert(next),
        }
    }
}
