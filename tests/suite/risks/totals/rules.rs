//! The rules for totals, written from the contract and independent of the host's code.

use std::collections::BTreeSet;

use tillhouse_checkout::decision::{AssessedTax, DiscountTarget, DiscountTerms};
use tillhouse_checkout::quote::Quote;

use super::answers::Answers;

const MAX: i128 = (1 << 53) - 1;

/// Rules that random answers break.
///
/// `ids`: known ids, each once; `L1` to `L4`: amounts of a line; `O1`: total of a shipping option; `D1` to `D4`: discounts and
/// codes; `T6`: the grand total; `parts`: parts of a tax; `amount`: sums within 2^53 − 1. The sum of the lines (`T4`) has a test
/// of its own, in which each line alone is within the limit.
pub(super) const RULES: [&str; 12] = [
    "ids", "L1", "L2", "L3", "L4", "O1", "D1", "D3", "D4", "T6", "parts", "amount",
];

type RuleResult = Result<(), &'static str>;

fn require(holds: bool, rule: &'static str) -> RuleResult {
    if holds { Ok(()) } else { Err(rule) }
}

fn within(amount: i128) -> bool {
    (0..=MAX).contains(&amount)
}

/// Checks all rules; the error names the first one that is broken.
pub(super) fn check_rules(answers: &Answers) -> RuleResult {
    ids_are_known_and_named_once(answers)?;
    codes_are_answered_once(answers)?;
    amounts_are_amounts(answers)?;
    discounts_add_up(answers)?;
    sums_stay_within(answers)
}

fn check_each_known_once<'a>(given: impl Iterator<Item = &'a str>, known: &BTreeSet<&str>) -> RuleResult {
    let mut seen = BTreeSet::new();
    for id in given {
        require(known.contains(id) && seen.insert(id), "ids")?;
    }
    Ok(())
}

fn ids_are_known_and_named_once(answers: &Answers) -> RuleResult {
    let Answers {
        cart,
        priced,
        offer,
        taxes,
        stock,
    } = answers;
    let lines: BTreeSet<&str> = cart.lines.iter().map(|line| line.id.as_str()).collect();
    let options: BTreeSet<&str> = offer.options.iter().map(|option| option.id.as_str()).collect();
    let fees: BTreeSet<&str> = priced.fees.iter().map(|fee| fee.id.as_str()).collect();
    let discounts: BTreeSet<&str> = priced.discounts.iter().map(|discount| discount.id.as_str()).collect();
    let ids = |assessed: &'_ [AssessedTax]| assessed.iter().map(|tax| tax.id.clone()).collect::<Vec<_>>();
    check_each_known_once(priced.lines.iter().map(|line| line.line.as_str()), &lines)?;
    require(priced.lines.len() == lines.len(), "ids")?;
    require(options.len() == offer.options.len(), "ids")?;
    require(fees.len() == priced.fees.len(), "ids")?;
    require(discounts.len() == priced.discounts.len(), "ids")?;
    let preselected = offer.preselected.as_ref();
    require(preselected.is_none_or(|id| options.contains(id.as_str())), "ids")?;
    for option in &offer.options {
        require(option.lines.iter().all(|line| lines.contains(line.as_str())), "ids")?;
    }
    for (target, _) in priced.discounts.iter().flat_map(|discount| &discount.allocations) {
        if let DiscountTarget::Line(line) = target {
            require(lines.contains(line.as_str()), "ids")?;
        }
    }
    check_each_known_once(ids(&taxes.lines).iter().map(String::as_str), &lines)?;
    check_each_known_once(ids(&taxes.options).iter().map(String::as_str), &options)?;
    check_each_known_once(ids(&taxes.fees).iter().map(String::as_str), &fees)?;
    check_each_known_once(stock.iter().map(|stock| stock.line.as_str()), &lines)
}

fn codes_are_answered_once(answers: &Answers) -> RuleResult {
    let (codes, priced) = (&answers.cart.codes, &answers.priced);
    for code in codes {
        let applied = priced
            .discounts
            .iter()
            .any(|discount| discount.code.as_ref() == Some(code));
        let rejected = priced.rejected.iter().filter(|rejected| rejected.code == *code).count();
        require(usize::from(applied) + rejected == 1, "D4")?;
    }
    for rejected in &priced.rejected {
        require(
            codes.contains(&rejected.code) && rejected.reason.starts_with("discount_code_"),
            "D4",
        )?;
    }
    let mut applied = priced.discounts.iter().filter_map(|discount| discount.code.as_ref());
    require(applied.all(|code| codes.contains(code)), "D4")
}

fn amounts_are_amounts(answers: &Answers) -> RuleResult {
    let Answers {
        priced, offer, taxes, ..
    } = answers;
    let prices = priced.lines.iter().map(|line| line.unit_price);
    let prices = prices.chain(priced.fees.iter().map(|fee| fee.amount));
    let prices = prices.chain(offer.options.iter().map(|option| option.price));
    let assessed = || taxes.lines.iter().chain(&taxes.options).chain(&taxes.fees);
    require(
        prices
            .chain(assessed().map(|tax| tax.amount))
            .all(|amount| within(amount.into())),
        "L4",
    )?;
    for tax in assessed().filter(|tax| !tax.parts.is_empty()) {
        let sum: i128 = tax.parts.iter().map(|part| i128::from(part.amount)).sum();
        require(sum == i128::from(tax.amount), "parts")?;
    }
    Ok(())
}

fn discounts_add_up(answers: &Answers) -> RuleResult {
    for discount in &answers.priced.discounts {
        let parts = discount.allocations.iter().map(|(_, part)| i128::from(*part));
        require(
            parts.clone().all(|part| part > 0 && part <= MAX) && parts.sum::<i128>() <= MAX,
            "D1",
        )?;
        require(
            match discount.terms {
                DiscountTerms::Rate(ppm) => ppm <= 1_000_000,
                DiscountTerms::Amount(minor) => within(minor.into()),
            },
            "D3",
        )?;
    }
    Ok(())
}

/// Sum of all discounts allocated to a target.
fn allocated(answers: &Answers, on: &DiscountTarget) -> i128 {
    let parts = answers
        .priced
        .discounts
        .iter()
        .flat_map(|discount| &discount.allocations);
    parts
        .filter(|(target, _)| target == on)
        .map(|(_, part)| i128::from(*part))
        .sum()
}

fn tax_on(taxes: &[AssessedTax], id: &str) -> i128 {
    taxes.iter().find(|tax| tax.id == id).map_or(0, |tax| tax.amount.into())
}

/// The effective shipping option: the chosen one if it is offered, else the preselected one.
fn held(answers: &Answers) -> Option<(&str, i128)> {
    let offered = |id: &str| {
        let option = answers.offer.options.iter().find(|option| option.id.as_str() == id);
        option.map(|option| (option.id.as_str(), i128::from(option.price)))
    };
    let chosen = answers.cart.chosen_option.as_ref().and_then(|id| offered(id.as_str()));
    chosen.or_else(|| answers.offer.preselected.as_ref().and_then(|id| offered(id.as_str())))
}

/// The sums over all parts of the answers.
struct Sums {
    base: i128,
    items_discount: i128,
    order_discount: i128,
    fulfillment: i128,
    tax: i128,
    fees: i128,
}

impl Sums {
    fn of(answers: &Answers) -> Self {
        let (priced, taxes) = (&answers.priced, &answers.taxes);
        let base = |line: &&tillhouse_checkout::decision::PricedLine| {
            let quantity = answers
                .cart
                .lines
                .iter()
                .find(|l| l.id == line.line)
                .map_or(0, |l| l.quantity);
            i128::from(line.unit_price) * i128::from(quantity)
        };
        let of_lines = answers
            .cart
            .lines
            .iter()
            .map(|line| DiscountTarget::Line(line.id.clone()));
        let held = held(answers);
        let all = |taxes: &[AssessedTax]| taxes.iter().map(|tax| i128::from(tax.amount)).sum::<i128>();
        Self {
            base: priced.lines.iter().map(|line| base(&line)).sum(),
            items_discount: of_lines.map(|line| allocated(answers, &line)).sum(),
            order_discount: allocated(answers, &DiscountTarget::Order),
            fulfillment: held.map_or(0, |(_, price)| price),
            tax: all(&taxes.lines) + all(&taxes.fees) + held.map_or(0, |(id, _)| tax_on(&taxes.options, id)),
            fees: priced.fees.iter().map(|fee| i128::from(fee.amount)).sum(),
        }
    }

    fn subtotal(&self) -> i128 {
        self.base - self.items_discount
    }

    fn total(&self) -> i128 {
        self.subtotal() - self.order_discount + self.fulfillment + self.tax + self.fees
    }
}

fn sums_stay_within(answers: &Answers) -> RuleResult {
    for line in &answers.cart.lines {
        let unit = answers.priced.lines.iter().find(|priced| priced.line == line.id);
        let base = unit.map_or(0, |priced| i128::from(priced.unit_price)) * i128::from(line.quantity);
        let discount = allocated(answers, &DiscountTarget::Line(line.id.clone()));
        require(within(base), "L1")?;
        require(discount <= base, "L2")?;
        require(
            within(base - discount + tax_on(&answers.taxes.lines, line.id.as_str())),
            "L3",
        )?;
    }
    for option in &answers.offer.options {
        let tax = tax_on(&answers.taxes.options, option.id.as_str());
        require(within(i128::from(option.price) + tax), "O1")?;
    }
    let sums = Sums::of(answers);
    require(within(sums.base) && within(sums.subtotal()), "T4")?;
    require(sums.order_discount <= sums.subtotal(), "T6")?;
    require(within(sums.tax) && within(sums.fees) && within(sums.total()), "amount")
}

/// Checks every invariant of a quote that the host accepted.
pub(super) fn check_quote(answers: &Answers, quote: &Quote) -> Result<(), String> {
    let minor = |amount: tillhouse_checkout::money::Amount| i128::from(amount.minor());
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    for (line, wanted) in quote.lines.iter().zip(&answers.cart.lines) {
        check(
            line.id == wanted.id && line.quantity == wanted.quantity,
            "the lines are in the order of the cart",
        );
        check(
            minor(line.base) == minor(line.unit_price) * i128::from(line.quantity),
            "L1",
        );
        check(minor(line.subtotal) == minor(line.base) - minor(line.discount), "L2");
        check(minor(line.total) == minor(line.subtotal) + minor(line.tax), "L3");
        check(
            minor(line.tax) == tax_on(&answers.taxes.lines, line.id.as_str()),
            "the tax of a line is the plugin's",
        );
    }
    check(
        quote.lines.len() == answers.cart.lines.len(),
        "the quote has every line",
    );
    for option in &quote.options {
        check(minor(option.total) == minor(option.subtotal) + minor(option.tax), "O1");
    }
    for discount in &quote.discounts {
        let parts: i128 = discount.allocations.iter().map(|(_, part)| minor(*part)).sum();
        check(minor(discount.amount) == parts, "D1");
    }
    let (sums, totals) = (Sums::of(answers), &quote.totals);
    let applied: i128 = quote.discounts.iter().map(|discount| minor(discount.amount)).sum();
    check(applied == minor(totals.items_discount) + minor(totals.discount), "D2");
    check(minor(totals.items_base) == sums.base, "T2");
    check(minor(totals.items_discount) == sums.items_discount, "T3");
    check(minor(totals.subtotal) == sums.subtotal(), "T4");
    check(minor(totals.fulfillment) == sums.fulfillment, "T5: fulfillment");
    check(minor(totals.tax) == sums.tax, "T5: tax");
    check(
        minor(totals.discount) == sums.order_discount,
        "the discount of the order",
    );
    check(minor(totals.fees) == sums.fees, "fees");
    check(minor(totals.total) == sums.total(), "T6");
    let selected = quote.selected.as_ref().map(|id| id.as_str());
    check(
        selected == held(answers).map(|(id, _)| id),
        "the effective shipping option",
    );
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join(", "))
    }
}
