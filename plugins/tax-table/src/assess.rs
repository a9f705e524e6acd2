//! Capability `tax`: determines which taxes apply, and computes their amounts.

use tillhouse_plugin::{
    config::Invalid,
    prelude::*,
    tax::{Part, Request},
};

use crate::{
    TaxTable,
    area::AreaMatch,
    category,
    destination::{self, Destination},
    exempt::Exempt,
    tax_rule::TaxRule,
};

/// Maximum number of taxes on one amount: the host accepts no more parts.
const PARTS: usize = 50;

impl Tax for TaxTable {
    fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
        let Some(address) = &request.destination else {
            return Ok(Assessment::default());
        };
        let destination = Destination::of(address);
        if let Some(message) = destination.problem() {
            return Ok(blocked(message));
        }
        if Exempt::everywhere()?.has(request.buyer.as_ref()) {
            return Ok(Assessment::default());
        }
        let rules = TaxRule::of_country(&destination.country).map_err(first)?;
        let mut due = Vec::new();
        for rule in rules
            .into_iter()
            .filter(|rule| !rule.exempt.has(request.buyer.as_ref()))
        {
            match rule.area.matches(&destination) {
                AreaMatch::Inside => due.push(rule),
                AreaMatch::Outside => {}
                AreaMatch::MissingField(field) => return Ok(blocked(destination::missing_field(field))),
            }
        }
        if due.len() > PARTS {
            let text = format!("{} taxes apply at one place; the contract allows {PARTS}", due.len());
            return Err(Failure::Misconfigured(text));
        }
        assess(&request, &due)
    }
}

/// Returns the first problem of a table; the validation at start reports all of them.
fn first(invalid: Vec<Invalid>) -> Failure {
    let first = invalid.into_iter().next();
    first.map_or(Failure::Unsupported, Failure::from)
}

/// Returns an assessment without tax and with an error message, which blocks payment.
fn blocked(message: Message) -> Assessment {
    Assessment {
        messages: vec![message],
        ..Assessment::default()
    }
}

fn assess(request: &Request, due: &[TaxRule]) -> Result<Assessment, Failure> {
    let rounding = config::parse_or("rounding", Rounding::HalfUp)?;
    let mut assessment = Assessment::default();
    if due.is_empty() {
        return Ok(assessment);
    }
    let categories = if due.iter().any(TaxRule::is_by_category) {
        category::of_lines(request)
    } else {
        vec![None; request.lines.len()]
    };
    for ((line, base), category) in request.lines.iter().zip(request.bases()?).zip(categories) {
        let taxes = rates(due, |rule| rule.on_item(category.as_deref()));
        assessment.lines.extend(assessed(&line.line, base, &taxes, rounding)?);
    }
    let taxes = rates(due, TaxRule::on_shipping);
    for option in &request.options {
        let base = Amount::new(option.price)?;
        assessment.options.extend(assessed(&option.id, base, &taxes, rounding)?);
    }
    for fee in &request.fees {
        let taxes = rates(due, |rule| rule.on_fee(&fee.kind));
        let base = Amount::new(fee.amount)?;
        assessment.fees.extend(assessed(&fee.id, base, &taxes, rounding)?);
    }
    Ok(assessment)
}

/// Returns the rate of each jurisdiction, without zero rates.
fn rates(due: &[TaxRule], rate: impl Fn(&TaxRule) -> Rate) -> Vec<(&str, Rate)> {
    let taxes = due.iter().map(|rule| (rule.jurisdiction.as_str(), rate(rule)));
    taxes.filter(|(_, rate)| *rate > Rate::ZERO).collect()
}

/// Computes the tax on one amount; `None` if no jurisdiction taxes it.
///
/// The sum of all rates is applied and rounded once, and the result is allocated to the jurisdictions in proportion to their
/// rates.
fn assessed(
    id: &str,
    base: Amount,
    taxes: &[(&str, Rate)],
    rounding: Rounding,
) -> Result<Option<Assessed>, OutOfRange> {
    if taxes.is_empty() {
        return Ok(None);
    }
    let together = taxes
        .iter()
        .try_fold(0_u32, |sum, (_, rate)| sum.checked_add(rate.ppm()));
    let amount = base.at_rounded(Rate::from_ppm(together.ok_or(OutOfRange)?), rounding)?;
    let weights = taxes.iter().map(|(_, rate)| Amount::new(rate.ppm().into()));
    let shares = amount.spread(&weights.collect::<Result<Vec<_>, _>>()?)?;
    let part = |((jurisdiction, rate), share): (&(&str, Rate), Amount)| Part {
        jurisdiction: (*jurisdiction).to_owned(),
        rate: rate.ppm(),
        amount: share.minor(),
    };
    Ok(Some(Assessed {
        id: id.to_owned(),
        amount: amount.minor(),
        parts: taxes.iter().zip(shares).map(part).collect(),
    }))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
