//! Capability `tax`: the rates that apply. The host multiplies, and rounds as the configuration says.

use tillhouse_amounts::rounding::Scope;
use tillhouse_plugin::{config::Invalid, prelude::*, tax::Request};

use crate::{
    TaxTable, category,
    exempt::{Exempt, Party},
    place::{DueTax, Places, group_of_fees},
    tax_rule::TaxRule,
};

impl Tax for TaxTable {
    fn assess(ctx: Context, request: Request) -> Result<Assessment, Failure> {
        let party = Party {
            buyer: request.buyer.as_ref(),
            now: ctx.now,
        };
        let everywhere = Exempt::everywhere()?;
        if let Some(reason) = everywhere.reason(&party, None) {
            // No address is needed.
            return Ok(exempt(&request, reason)?.into());
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

/// Everything is exempt, wherever it goes.
fn exempt(request: &Request, reason: &str) -> Result<RatedTaxes, Invalid> {
    Ok(RatedTaxes {
        lines: request.lines.iter().map(|line| exempted(&line.line, reason)).collect(),
        options: request
            .options
            .iter()
            .map(|option| exempted(&option.id, reason))
            .collect(),
        fees: request.fees.iter().map(|fee| exempted(&fee.id, reason)).collect(),
        ..RatedTaxes::new(rounding()?)
    })
}

fn exempted(id: &str, reason: &str) -> Rated {
    Rated {
        exempt: Some(reason.to_owned()),
        ..Rated::new(id, Vec::new())
    }
}

/// The rate of each jurisdiction, without zero rates, or why the buyer is exempt from all of them; `None` if there are none.
fn rated(id: &str, due: &[DueTax], rate: impl Fn(&TaxRule) -> Rate) -> Result<Option<Rated>, Failure> {
    let taxing: Vec<&DueTax> = due.iter().filter(|tax| rate(&tax.rule) > Rate::ZERO).collect();
    let to_pay = taxing.iter().filter(|tax| tax.exempt.is_none());
    let rates: Vec<TaxRate> = to_pay
        .map(|tax| TaxRate::new(tax.rule.jurisdiction.as_str(), rate(&tax.rule)))
        .collect();
    if rates.is_empty() {
        let reason = taxing.iter().find_map(|tax| tax.exempt.as_deref());
        return Ok(reason.map(|reason| exempted(id, reason)));
    }
    let together: u64 = rates.iter().map(|rate| u64::from(rate.rate)).sum();
    if together > u64::from(Rate::WHOLE.ppm()) {
        let jurisdictions: Vec<&str> = rates.iter().map(|rate| rate.jurisdiction.as_str()).collect();
        let text = format!(
            "the taxes of {} are more than 100 percent together",
            jurisdictions.join(", ")
        );
        return Err(Failure::Misconfigured(text));
    }
    Ok(Some(Rated::new(id, rates)))
}

#[cfg(test)]
mod computed;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
