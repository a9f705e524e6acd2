//! Taxes: sales tax by US state, VAT by EU member state.

use tillhouse_amounts::rounding::Scope;
use tillhouse_plugin::{
    config::Invalid,
    prelude::*,
    tax::{Request, Tax},
};

use crate::{Shop, prices::is_in};

mod place;
pub(crate) mod territory;

use self::place::Places;

impl Tax for Shop {
    fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
        if is_exempt(&request)? {
            return Ok(exempt(&request, "business")?.into());
        }
        let mut places = Places::of(&request);
        let mut taxes = RatedTaxes::new(rounding()?);
        let untaxed = untaxed_items(&request);
        for line in &request.lines {
            if untaxed.contains(&line.item) {
                taxes.lines.push(exempted(&line.line, "not_taxed"));
                continue;
            }
            let rule = places.rule(line.group.as_deref())?;
            taxes.lines.extend(rule.map(|rule| rule.on(&line.line)));
        }
        let nothing_taxed = request.lines.iter().all(|line| untaxed.contains(&line.item));
        // Gift cards are delivered for nothing: no tax is due, so no country is asked for.
        let options = request
            .options
            .iter()
            .filter(|option| !(nothing_taxed && option.price == 0));
        for option in options {
            let rule = places.rule(option.group.as_deref())?.filter(|rule| rule.on_shipping);
            taxes.options.extend(rule.map(|rule| rule.on(&option.id)));
        }
        if !request.fees.is_empty() && config::flag("tax.fees", true)? {
            for fee in &request.fees {
                let rule = places.rule_of_fees()?;
                taxes.fees.extend(rule.map(|rule| rule.on(&fee.id)));
            }
        }
        Ok(Assessment {
            messages: places.messages,
            ..taxes.into()
        })
    }
}

fn is_exempt(request: &Request) -> Result<bool, Invalid> {
    let account = request.buyer.as_ref().and_then(|buyer| buyer.account.as_deref());
    Ok(account == Some("business") && config::flag("tax.exempt-business", false)?)
}

fn exempted(id: &str, reason: &str) -> Rated {
    Rated {
        exempt: Some(reason.to_owned()),
        ..Rated::new(id, Vec::new())
    }
}

/// Items of the categories in `tax.untaxed-categories`: gift cards, which are taxed when they are spent.
fn untaxed_items(request: &Request) -> Vec<String> {
    let categories = config::list("tax.untaxed-categories");
    if categories.is_empty() {
        return Vec::new();
    }
    let ids: Vec<String> = request.lines.iter().map(|line| line.item.clone()).collect();
    let items = catalog::get(&ids).into_iter().flatten();
    items
        .filter(|item| is_in(item.category.as_deref(), &categories))
        .map(|item| item.id)
        .collect()
}

/// Everything is exempt, wherever it goes.
fn exempt(request: &Request, reason: &str) -> Result<RatedTaxes, Invalid> {
    let exempted = |id: &str| exempted(id, reason);
    Ok(RatedTaxes {
        lines: request.lines.iter().map(|line| exempted(&line.line)).collect(),
        options: request.options.iter().map(|option| exempted(&option.id)).collect(),
        fees: request.fees.iter().map(|fee| exempted(&fee.id)).collect(),
        ..RatedTaxes::new(rounding()?)
    })
}

/// How taxes are rounded: `tax.rounding` is the mode, and `tax.rounding-scope` says how often.
fn rounding() -> Result<RoundingRule, Invalid> {
    let mode = config::parse_or("tax.rounding", Rounding::HalfUp)?;
    Ok(match config::parse_or("tax.rounding-scope", Scope::Line)? {
        Scope::Line => RoundingRule::per_line(mode),
        Scope::Rate => RoundingRule::per_rate(mode),
        Scope::Cart => RoundingRule::per_cart(mode),
    })
}

/// Tax that applies at a place.
struct TaxRule {
    rate: Rate,
    jurisdiction: String,
    on_shipping: bool,
}

impl TaxRule {
    /// Reads the tax at an address; `None` if it is not taxed.
    fn at(address: &Address) -> Result<Option<Self>, Invalid> {
        let (table, place, jurisdiction) = if let Some(state) = place::state(address) {
            let jurisdiction = format!("US-{state}");
            ("us", state, jurisdiction)
        } else {
            let country = address.country.trim().to_ascii_uppercase();
            if territory::is_outside(&country, &address.postal_code)? {
                return Ok(None);
            }
            let country = territory::levying(country);
            ("eu", country.clone(), country)
        };
        let Some(rate) = config::rate(&format!("tax.{table}.{place}"))? else {
            return Ok(None);
        };
        let taxed_shipping = config::list(&format!("tax.shipping.{table}"));
        let on_shipping = taxed_shipping.iter().any(|entry| entry == "*" || *entry == place);
        Ok((rate > Rate::ZERO).then_some(Self {
            rate,
            jurisdiction,
            on_shipping,
        }))
    }

    /// The rate on a line, option or fee.
    fn on(&self, id: &str) -> Rated {
        Rated::at(id, self.rate, self.jurisdiction.as_str())
    }
}

#[cfg(test)]
mod tests;
