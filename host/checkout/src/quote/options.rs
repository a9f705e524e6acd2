//! The options of `fulfillment.options`, checked, with the discounts on them.

use std::collections::BTreeSet;

use tillhouse_amounts::discount::discount_option;

use super::amounts::{PricedAmounts, amount};
use super::{ContractError, QuoteRule, contract_error};
use crate::cart::{Cart, Choice, FulfillmentGroup, FulfillmentKind};
use crate::contact::Address;
use crate::decision::{FulfillmentOffer, OfferedOption, TaxRequest, TaxableFee, TaxableOption};
use crate::ids::{GroupId, LineId};
use crate::money::Amount;

const OPTIONS: &str = "fulfillment.options";

/// An option on offer, checked, before its tax is known.
#[derive(Clone, Debug)]
pub struct PricedOption {
    /// The option, as the plugin offered it.
    pub offered: OfferedOption,
    /// Price before the discounts on it.
    pub price: Amount,
    /// What each discount takes off, in the order of the discounts; zero for one that takes nothing.
    pub discounts: Vec<Amount>,
    /// Price after the discounts on it, with tax if the plugin includes it.
    pub taxable: Amount,
    /// Lines that it covers.
    pub covers: Vec<LineId>,
}

impl PricedOption {
    /// Whether the line can be fulfilled by it: it covers the line, and is what the group of the line asks for, which may be a kind, and
    /// of a pickup the place.
    #[must_use]
    pub fn serves(&self, cart: &Cart, line: &LineId) -> bool {
        self.covers.contains(line) && cart.group_of(line).is_none_or(|group| self.suits(group))
    }

    /// A download suits every group: what has no parcel is neither sent nor picked up.
    fn suits(&self, group: &FulfillmentGroup) -> bool {
        let kind = FulfillmentKind::named(&self.offered.kind);
        let place = self.offered.place.as_ref().and_then(|place| place.id.as_ref());
        let is_elsewhere = |wanted: &String| place.is_some_and(|place| place != wanted);
        kind == FulfillmentKind::Digital || kind == group.kind() && !group.location.as_ref().is_some_and(is_elsewhere)
    }
}

/// The options of an offer, checked.
///
/// # Errors
/// If the offer breaks rule `ids`, `choices` or L4.
pub fn options(
    cart: &Cart,
    priced: &PricedAmounts,
    offer: &FulfillmentOffer,
) -> Result<Vec<PricedOption>, ContractError> {
    let mut options: Vec<PricedOption> = Vec::with_capacity(offer.options.len());
    for option in &offer.options {
        if options.iter().any(|seen| seen.offered.id == option.id) {
            let detail = format!("option {} appears twice", option.id);
            return Err(contract_error(OPTIONS, QuoteRule::Ids, detail));
        }
        options.push(checked(cart, priced, option)?);
    }
    check_preselected(offer, &options)?;
    Ok(options)
}

fn checked(cart: &Cart, priced: &PricedAmounts, option: &OfferedOption) -> Result<PricedOption, ContractError> {
    let covers = covered(cart, option)?;
    let what = || format!("price of option {}", option.id);
    let price = amount(OPTIONS, QuoteRule::L4, what, option.price)?;
    let off = discount_option(&option.id, price.minor(), &priced.arithmetic)
        .map_err(|error| contract_error(OPTIONS, QuoteRule::L4, format!("{}: {error}", what())))?;
    let off = off.into_iter().map(|minor| amount(OPTIONS, QuoteRule::L4, what, minor));
    let discounts = off.collect::<Result<Vec<Amount>, _>>()?;
    let taxable = Amount::sum(discounts.iter().copied()).and_then(|off| price.minus(off));
    Ok(PricedOption {
        taxable: taxable.map_err(|error| contract_error(OPTIONS, QuoteRule::L4, format!("{}: {error}", what())))?,
        offered: option.clone(),
        price,
        discounts,
        covers,
    })
}

/// The lines that an option covers: those that it names, else those of its group, else all.
fn covered(cart: &Cart, option: &OfferedOption) -> Result<Vec<LineId>, ContractError> {
    let group = option
        .group
        .as_ref()
        .map(|id| group_lines(cart, option, id))
        .transpose()?;
    let of_group = |line: &LineId| group.is_none_or(|lines| lines.contains(line));
    for line in &option.lines {
        if cart.lines.iter().all(|known| known.id != *line) {
            let detail = format!("option {} is for line {line}, which does not exist", option.id);
            return Err(contract_error(OPTIONS, QuoteRule::Ids, detail));
        }
        if !of_group(line) {
            let detail = format!("option {} is for line {line}, which is not in its group", option.id);
            return Err(contract_error(OPTIONS, QuoteRule::Choices, detail));
        }
    }
    if option.lines.is_empty() {
        let lines = cart.lines.iter().map(|line| &line.id);
        return Ok(lines.filter(|line| of_group(line)).cloned().collect());
    }
    Ok(option.lines.clone())
}

fn group_lines<'a>(cart: &'a Cart, option: &OfferedOption, id: &GroupId) -> Result<&'a Vec<LineId>, ContractError> {
    let group = cart.groups.iter().find(|group| group.id == *id);
    let unknown = || format!("option {} is for group {id}, which does not exist", option.id);
    group
        .map(|group| &group.lines)
        .ok_or_else(|| contract_error(OPTIONS, QuoteRule::Ids, unknown()))
}

/// Rules `ids` and `choices`: preselected options are on offer, cover the lines that they are for, and share none.
fn check_preselected(offer: &FulfillmentOffer, options: &[PricedOption]) -> Result<(), ContractError> {
    let mut seen: BTreeSet<&LineId> = BTreeSet::new();
    for choice in &offer.preselected {
        let option = options.iter().find(|option| option.offered.id == choice.option);
        let Some(option) = option else {
            let detail = format!("preselected option {} is not on offer", choice.option);
            return Err(contract_error(OPTIONS, QuoteRule::Ids, detail));
        };
        let lines = if choice.lines.is_empty() {
            &option.covers
        } else {
            &choice.lines
        };
        for line in lines {
            if !option.covers.contains(line) {
                let detail = format!(
                    "option {} is preselected for line {line}, which it does not cover",
                    choice.option
                );
                return Err(contract_error(OPTIONS, QuoteRule::Choices, detail));
            }
            if !seen.insert(line) {
                let detail = format!("two options are preselected for line {line}");
                return Err(contract_error(OPTIONS, QuoteRule::Choices, detail));
            }
        }
    }
    Ok(())
}

/// Where the lines of a group are picked up: at the place of the option that was chosen for them, else of the first that suits.
fn pickup_address(cart: &Cart, options: &[PricedOption], group: &FulfillmentGroup) -> Option<Address> {
    let line = group
        .lines
        .first()
        .filter(|_| group.kind() == FulfillmentKind::Pickup)?;
    let is_chosen = |option: &&PricedOption| {
        let chosen = |choice: &Choice| {
            choice.option == option.offered.id && (choice.lines.is_empty() || choice.lines.contains(line))
        };
        cart.choices.iter().any(chosen)
    };
    let suiting = || {
        options
            .iter()
            .filter(|option| option.offered.place.is_some() && option.serves(cart, line))
    };
    let option = suiting().find(is_chosen).or_else(|| suiting().next())?;
    option.offered.place.as_ref().map(|place| place.address.clone())
}

/// The arguments of `tax.assess`.
#[must_use]
pub fn tax_request(cart: &Cart, priced: &PricedAmounts, options: &[PricedOption]) -> TaxRequest {
    let of_cart = cart.destination().map(|address| (None, address.clone()));
    let of_groups = cart.groups.iter().filter_map(|group| {
        // What is picked up is handed over at the place, whatever address the agent gave.
        let address = pickup_address(cart, options, group).or_else(|| group.destination.clone())?;
        Some((Some(group.id.clone()), address))
    });
    TaxRequest {
        lines: priced.lines.clone(),
        options: options
            .iter()
            .map(|option| TaxableOption {
                id: option.offered.id.clone(),
                price: option.taxable,
                tax_included: option.offered.tax_included,
                group: option.offered.group.clone(),
            })
            .collect(),
        fees: priced
            .fees
            .iter()
            .map(|fee| TaxableFee {
                id: fee.id.clone(),
                kind: fee.kind.clone(),
                amount: fee.amount,
                tax_included: fee.tax_included,
            })
            .collect(),
        destinations: of_cart.into_iter().chain(of_groups).collect(),
        billing: cart.billing.clone(),
        buyer: cart.buyer.clone(),
    }
}
