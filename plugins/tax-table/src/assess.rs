//! Capability `tax`: the rates that apply. The host multiplies, and rounds as the configuration says.

use tillhouse_amounts::rounding::Scope;
use tillhouse_plugin::{config::Invalid, prelude::*, tax::Request};

use crate::{
    TaxTable, category,
    exempt::{Exempt, Party},
    place::{Places, group_of_fees},
    tax_rule::TaxRule,
};

impl Tax for TaxTable {
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure> {
        let party = Party {
            buyer: request.buyer.as_ref(),
            now: ctx.now,
        };
        let everywhere = Exempt::everywhere()?;
        if everywhere.has(&party, None) {
            return Ok(Assessment::default());
        }
        let places = Places::of(&request, &party, &everywhere)?;
        let taxes = assess(&request, &places)?;
        Ok(Assessment {
            messages: places.messages,
            ..taxes.into()
        })
    }
}

/// How taxes are rounded: `rounding` is the mode, and `rounding-scope` says how often.
fn rounding() -> Result<RoundingRule, Invalid> {
    let mode = config::parse_or("rounding", Rounding::HalfUp)?;
    Ok(match config::parse_or("rounding-scope", Scope::Line)? {
        Scope::Line => RoundingRule::per_line(mode),
        Scope::Rate => RoundingRule::per_rate(mode),
        Scope::Cart => RoundingRule::per_cart(mode),
    })
}

fn assess(request: &Request, places: &Places<'_>) -> Result<RatedTaxes, Failure> {
    let mut taxes = RatedTaxes::new(rounding()?);
    let categories = if places.any(TaxRule::is_by_category) {
        category::of_lines(request)
    } else {
        vec![None; request.lines.len()]
    };
    for (line, category) in request.lines.iter().zip(categories) {
        let due = places.due(line.group.as_deref());
        let rated = rated(&line.line, due, |rule| rule.on_item(category.as_deref()))?;
        taxes.lines.extend(rated);
    }
    for option in &request.options {
        let due = places.due(option.group.as_deref());
        taxes.options.extend(rated(&option.id, due, TaxRule::on_shipping)?);
    }
    for fee in &request.fees {
        let due = places.due(group_of_fees(request));
        taxes.fees.extend(rated(&fee.id, due, |rule| rule.on_fee(&fee.kind))?);
    }
    Ok(taxes)
}

/// The rate of each jurisdiction, without zero rates; `None` if no jurisdiction taxes it.
fn rated(id: &str, due: &[TaxRule], rate: impl Fn(&TaxRule) -> Rate) -> Result<Option<Rated>, Failure> {
    let rates = due
        .iter()
        .map(|rule| TaxRate::new(rule.jurisdiction.as_str(), rate(rule)));
    let rates: Vec<TaxRate> = rates.filter(|rate| rate.rate > 0).collect();
    let together: u64 = rates.iter().map(|rate| u64::from(rate.rate)).sum();
    if together > u64::from(Rate::WHOLE.ppm()) {
        let jurisdictions: Vec<&str> = rates.iter().map(|rate| rate.jurisdiction.as_str()).collect();
        let text = format!(
            "the taxes of {} are more than 100 percent together",
            jurisdictions.join(", ")
        );
        return Err(Failure::Misconfigured(text));
    }
    Ok((!rates.is_empty()).then(|| Rated::new(id, rates)))
}

#[cfg(test)]
mod computed;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
