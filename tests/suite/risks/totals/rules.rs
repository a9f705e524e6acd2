//! The rules for a plugin's answers, written from the contract and independent of the host's code.

use std::collections::BTreeSet;

use tillhouse_checkout::cart::Choice;
use tillhouse_checkout::decision::{
    AnsweredTaxes, AssessedTax, DiscountTarget, DiscountTerms, OfferedDiscount, OfferedOption, Reduction, RoundingRule,
};
use tillhouse_checkout::ids::LineId;

use super::answers::{Answers, NOW};
use super::arithmetic::{Discounted, Kind, MAX, Priced, bases, discounted, rates, tax_by_itself, tax_together};

/// Sums within 2^53 − 1, which is part of T6.
pub(super) const SUMS: &str = "sums";

/// Rules that random answers break, by the ids of `wit/README.md`. The sum of the lines (`T4`) has a test of its own, in which each
/// line alone is within the limit.
pub(super) const RULES: [&str; 19] = [
    "ids", "choices", "L1", "L2", "L3", "L4", "N1", "O1", "D1", "D3", "D4", "D5", "D6", "R1", "R2", "T6", "parts",
    "exempt", SUMS,
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
    options_are_for_lines_that_they_cover(answers)?;
    codes_are_answered_once(answers)?;
    amounts_are_amounts(answers)?;
    answers.priced.discounts.iter().try_for_each(discount_is_one)?;
    rates_are_rates(&answers.taxes.taxes)?;
    sums_stay_within(answers)
}

fn check_each_known_once<'a>(given: impl IntoIterator<Item = &'a str>, known: &BTreeSet<&str>) -> RuleResult {
    let mut seen = BTreeSet::new();
    given
        .into_iter()
        .try_for_each(|id| require(known.contains(id) && seen.insert(id), "ids"))
}

/// The ids of lines, options and fees for which there is a tax.
fn taxed(taxes: &AnsweredTaxes) -> [Vec<&str>; 3] {
    match taxes {
        AnsweredTaxes::Amounts { lines, options, fees } => {
            [lines, options, fees].map(|taxes| taxes.iter().map(|tax| tax.id.as_str()).collect())
        }
        AnsweredTaxes::Rates {
            lines, options, fees, ..
        } => [lines, options, fees].map(|taxes| taxes.iter().map(|tax| tax.id.as_str()).collect()),
    }
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
    check_each_known_once(priced.lines.iter().map(|line| line.line.as_str()), &lines)?;
    require(priced.lines.len() == lines.len(), "ids")?;
    require(options.len() == offer.options.len(), "ids")?;
    require(fees.len() == priced.fees.len(), "ids")?;
    require(discounts.len() == priced.discounts.len(), "ids")?;
    for choice in &offer.preselected {
        require(options.contains(choice.option.as_str()), "ids")?;
    }
    for option in &offer.options {
        require(option.lines.iter().all(|line| lines.contains(line.as_str())), "ids")?;
        let known = |group| cart.groups.iter().any(|known| known.id == group);
        require(option.group.clone().is_none_or(known), "ids")?;
    }
    for target in priced.discounts.iter().flat_map(targets) {
        if let DiscountTarget::Line(line) = target {
            require(lines.contains(line.as_str()), "ids")?;
        }
    }
    let [of_lines, of_options, of_fees] = taxed(&taxes.taxes);
    check_each_known_once(of_lines, &lines)?;
    check_each_known_once(of_options, &options)?;
    check_each_known_once(of_fees, &fees)?;
    check_each_known_once(stock.iter().map(|stock| stock.line.as_str()), &lines)
}

fn targets(discount: &OfferedDiscount) -> Vec<&DiscountTarget> {
    match &discount.reduction {
        Reduction::Amounts(parts) => parts.iter().map(|(target, _)| target).collect(),
        Reduction::Rate(off) => off.targets.iter().collect(),
    }
}

/// The lines that an option covers: its own, or all of its group, or all.
fn covered<'a>(answers: &'a Answers, option: &'a OfferedOption) -> Vec<&'a LineId> {
    let all = answers.cart.lines.iter().map(|line| &line.id);
    let group = option.group.as_ref();
    let in_group = |line: &LineId| group.is_none_or(|id| answers.cart.group_of(line).is_some_and(|own| own.id == *id));
    all.filter(|line| in_group(line) && (option.lines.is_empty() || option.lines.contains(line)))
        .collect()
}

fn options_are_for_lines_that_they_cover(answers: &Answers) -> RuleResult {
    let mut preselected = BTreeSet::new();
    for option in &answers.offer.options {
        let covered = covered(answers, option);
        require(option.lines.iter().all(|line| covered.contains(&line)), "choices")?;
        for choice in answers
            .offer
            .preselected
            .iter()
            .filter(|choice| choice.option == option.id)
        {
            let meant = if choice.lines.is_empty() {
                covered.clone()
            } else {
                choice.lines.iter().collect()
            };
            for line in meant {
                require(covered.contains(&line) && preselected.insert(line), "choices")?;
            }
        }
    }
    Ok(())
}

/// The option of each line of the cart: the first one that was chosen, else preselected, that covers the line and is of the kind that
/// the group of the line asks for. A download suits every group.
pub(super) fn selected(answers: &Answers) -> Vec<Choice> {
    let mut selected: Vec<Choice> = Vec::new();
    let choices = || answers.cart.choices.iter().chain(&answers.offer.preselected);
    let applies = |choice: &Choice, line: &LineId| {
        let option = answers.offer.options.iter().find(|option| option.id == choice.option);
        let group = answers.cart.groups.iter().find(|group| group.lines.contains(line));
        let suits = |kind: &str| kind == "digital" || group.is_none_or(|group| group.kind == kind);
        let covers = option.is_some_and(|option| covered(answers, option).contains(&line) && suits(&option.kind));
        covers && (choice.lines.is_empty() || choice.lines.contains(line))
    };
    for choice in choices() {
        let first = |line: &LineId| {
            choices()
                .find(|other| applies(other, line))
                .is_some_and(|own| std::ptr::eq(own, choice))
        };
        let lines: Vec<LineId> = answers
            .cart
            .lines
            .iter()
            .map(|line| line.id.clone())
            .filter(first)
            .collect();
        match selected.iter_mut().find(|seen| seen.option == choice.option) {
            Some(seen) => seen.lines.extend(lines),
            None if lines.is_empty() => {}
            None => selected.push(Choice {
                option: choice.option.clone(),
                lines,
            }),
        }
    }
    selected
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
    let prices = answers.priced.lines.iter().map(|line| line.unit_price);
    let prices = prices.chain(answers.priced.fees.iter().map(|fee| fee.amount));
    let mut prices = prices.chain(answers.offer.options.iter().map(|option| option.price));
    require(prices.all(|amount| within(amount.into())), "L4")?;
    let AnsweredTaxes::Amounts { lines, options, fees } = &answers.taxes.taxes else {
        return Ok(());
    };
    for tax in lines.iter().chain(options).chain(fees) {
        require(within(tax.amount.into()), "L4")?;
        let sum: i128 = tax.parts.iter().map(|part| i128::from(part.amount)).sum();
        require(tax.parts.is_empty() || sum == i128::from(tax.amount), "parts")?;
        require(tax.exempt.is_none() || tax.amount == 0, "exempt")?;
    }
    Ok(())
}

fn discount_is_one(discount: &OfferedDiscount) -> RuleResult {
    match &discount.reduction {
        Reduction::Amounts(parts) => {
            let amounts = || parts.iter().map(|(_, part)| i128::from(*part));
            require(amounts().all(|part| part > 0) && within(amounts().sum()), "D1")?;
        }
        Reduction::Rate(off) => {
            require(off.rate <= 1_000_000, "D3")?;
            rounding_is_one(&off.rounding)?;
        }
    }
    let coupon = &discount.coupon;
    require(
        match coupon.terms {
            DiscountTerms::Rate(ppm) => ppm <= 1_000_000,
            DiscountTerms::Amount(minor) => within(minor.into()),
        },
        "D3",
    )?;
    let duration = coupon.duration.as_deref();
    let repeats = duration == Some("repeating");
    require(
        duration.is_none_or(|duration| ["once", "repeating", "forever"].contains(&duration))
            && coupon.duration_in_months.is_none_or(|months| repeats && months > 0)
            && coupon.max_redemptions != Some(0),
        "D5",
    )?;
    require(
        discount.starts.is_none_or(|starts| starts <= NOW) && discount.ends.is_none_or(|ends| NOW < ends),
        "D6",
    )
}

fn rounding_is_one(rule: &RoundingRule) -> RuleResult {
    let modes = ["half-up", "half-even", "down", "up"];
    require(
        modes.contains(&rule.mode.as_str()) && ["line", "rate", "cart"].contains(&rule.scope.as_str()),
        "R2",
    )
}

fn rates_are_rates(taxes: &AnsweredTaxes) -> RuleResult {
    let AnsweredTaxes::Rates {
        lines,
        options,
        fees,
        rounding,
    } = taxes
    else {
        return Ok(());
    };
    for rated in lines.iter().chain(options).chain(fees) {
        let sum: u64 = rated.rates.iter().map(|rate| u64::from(rate.rate)).sum();
        require(sum <= 1_000_000, "R1")?;
        require(rated.exempt.is_none() || rated.rates.is_empty(), "exempt")?;
    }
    rounding_is_one(rounding)
}

/// The tax that a plugin answered for one thing. Where it answered rates, what the thing is taxed by itself.
fn tax_on(answers: &Answers, kind: Kind, of: &Priced) -> i128 {
    let assessed = |taxes: &[AssessedTax]| {
        taxes
            .iter()
            .find(|tax| tax.id == of.id)
            .map_or(0, |tax| tax.amount.into())
    };
    match (&answers.taxes.taxes, kind) {
        (AnsweredTaxes::Amounts { lines, .. }, Kind::Line) => assessed(lines),
        (AnsweredTaxes::Amounts { options, .. }, Kind::Option) => assessed(options),
        (AnsweredTaxes::Amounts { fees, .. }, Kind::Fee) => assessed(fees),
        (taxes @ AnsweredTaxes::Rates { rounding, .. }, kind) => {
            tax_by_itself(rounding, of, rates(taxes, kind, &of.id).unwrap_or_default())
        }
    }
}

/// What is paid for: the lines, the options that apply, and the fees.
pub(super) fn paid<'a>(answers: &Answers, of: &'a Discounted) -> Vec<(Kind, &'a Priced)> {
    let selected = selected(answers);
    let applies = |option: &&Priced| selected.iter().any(|choice| choice.option.as_str() == option.id);
    let lines = of.lines.iter().map(|line| (Kind::Line, line));
    let options = of.options.iter().filter(applies).map(|option| (Kind::Option, option));
    lines
        .chain(options)
        .chain(of.fees.iter().map(|fee| (Kind::Fee, fee)))
        .collect()
}

/// The tax on everything that is paid for.
pub(super) fn tax_of_all(answers: &Answers, of: &Discounted) -> i128 {
    let paid = paid(answers, of);
    match &answers.taxes.taxes {
        AnsweredTaxes::Amounts { .. } => paid.iter().map(|(kind, thing)| tax_on(answers, *kind, thing)).sum(),
        taxes @ AnsweredTaxes::Rates { rounding, .. } => tax_together(taxes, rounding, &paid),
    }
}

fn sums_stay_within(answers: &Answers) -> RuleResult {
    require(bases(answers).iter().all(|line| within(line.base)), "L1")?;
    let of = discounted(answers);
    require(of.lines.iter().all(|line| line.subtotal() >= 0), "L2")?;
    let subtotal: i128 = of.lines.iter().map(Priced::subtotal).sum();
    require(within(subtotal) && !of.rate_of_too_much, "T4")?;
    require(of.order_discount <= subtotal, "T6")?;
    let mut net_base = 0;
    let kinds = [
        (Kind::Line, &of.lines),
        (Kind::Option, &of.options),
        (Kind::Fee, &of.fees),
    ];
    for (kind, thing) in kinds
        .into_iter()
        .flat_map(|(kind, things)| things.iter().map(move |thing| (kind, thing)))
    {
        let tax = tax_on(answers, kind, thing);
        require(!thing.tax_included || tax <= thing.taxable(), "N1")?;
        let net = |amount| thing.net(amount, tax, rates(&answers.taxes.taxes, kind, &thing.id));
        let too_large = match kind {
            Kind::Line => Some((net(thing.subtotal()) + tax, "L3")),
            Kind::Option => Some((net(thing.subtotal()) + tax, "O1")),
            Kind::Fee => None,
        };
        too_large.map_or(Ok(()), |(total, rule)| require(within(total), rule))?;
        if matches!(kind, Kind::Line) {
            net_base += net(thing.base);
        }
    }
    let paid = paid(answers, &of);
    let without_tax: i128 = paid
        .iter()
        .filter(|(_, thing)| !thing.tax_included)
        .map(|(_, thing)| thing.taxable())
        .sum();
    let with_tax: i128 = paid
        .iter()
        .filter(|(_, thing)| thing.tax_included)
        .map(|(_, thing)| thing.taxable())
        .sum();
    let tax = tax_of_all(answers, &of);
    let on_top: i128 = tax
        - paid
            .iter()
            .filter(|(_, thing)| thing.tax_included)
            .map(|(kind, thing)| tax_on(answers, *kind, thing))
            .sum::<i128>();
    require(
        within(net_base) && within(tax) && within(without_tax + with_tax + on_top),
        SUMS,
    )
}
