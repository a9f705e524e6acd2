//! The amounts that the host computes from the answers of a plugin, computed inside the plugin with the same arithmetic.
//!
//! `None` says that an answer breaks a rule of the contract: the host checks the same answer, and names the rule.

use tillhouse_amounts::{
    MAX, WHOLE,
    discount::{self, Discount, Line, Reduction, Target},
};

use super::{Cart, Offer, PricedCart, Request};
use crate::{
    amount::Amount,
    fulfillment::{Address, Choice, FulfillmentOption, Place},
    pricing::{self, PricedLine},
    tax::{Destination, TaxableFee, TaxableOption},
    types::{Group, LineAmount},
};

/// Kind of what the buyer fetches.
const PICKUP: &str = "pickup";

/// A discount as the arithmetic reads it; targets name options by their ids.
type Arithmetic<'a> = Discount<&'a str>;

/// What the host computes from the answer of `pricing.price`.
pub(super) struct PricedAmounts<'a> {
    /// Amounts of each line after every discount, as `fulfillment.options` and `tax.assess` get them.
    pub(super) lines: Vec<LineAmount>,
    discounts: Vec<Arithmetic<'a>>,
}

impl<'a> PricedAmounts<'a> {
    pub(super) fn of(cart: &Cart, prices: &'a PricedCart) -> Option<Self> {
        if !prices.unknown.is_empty() || prices.lines.len() != cart.lines.len() {
            return None;
        }
        // As many prices as lines, and one for each line: every line is priced exactly once.
        let priced = cart.lines.iter().enumerate();
        let priced: Vec<&PricedLine> = priced
            .map(|(index, line)| price_of(index, &line.id, &prices.lines))
            .collect::<Option<_>>()?;
        let keys = discount::keys(
            cart.lines
                .iter()
                .map(|line| (&line.item, cart.group_of(&line.id).map(|group| &group.id))),
        );
        let bases = priced.iter().zip(&cart.lines).zip(keys);
        let bases: Vec<Line> = bases
            .map(|((price, line), key)| {
                let base = accepted(price.unit_price)?.times(line.quantity).ok()?.minor();
                Some(Line { base, key })
            })
            .collect::<Option<_>>()?;
        let discounts = discounts(cart, prices)?;
        let discounted = discount::discount_lines(&bases, &discounts).ok()?;
        let lines = cart.lines.iter().zip(priced).zip(bases).zip(discounted.lines);
        let lines = lines.map(|(((line, price), Line { base, .. }), discounted)| LineAmount {
            line: line.id.clone(),
            item: line.item.clone(),
            group: cart.group_of(&line.id).map(|group| group.id.clone()),
            quantity: line.quantity,
            unit_price: price.unit_price,
            tax_included: price.tax_included,
            base,
            discount: discounted.discount,
            subtotal: discounted.subtotal,
            order_discount: discounted.order_discount,
            taxable: discounted.taxable,
        });
        Some(Self {
            lines: lines.collect(),
            discounts,
        })
    }

    /// The arguments of `tax.assess`.
    pub(super) fn tax_request(self, cart: &Cart, prices: &PricedCart, offer: &Offer) -> Option<Request> {
        let options = offer.options.iter().map(|option| taxable(option, &self.discounts));
        let fees = prices.fees.iter().map(|fee| TaxableFee {
            id: fee.id.clone(),
            kind: fee.kind.clone(),
            amount: fee.amount,
            tax_included: fee.tax_included,
        });
        Some(Request {
            options: options.collect::<Option<_>>()?,
            fees: fees.collect(),
            destinations: destinations(cart, &offer.options),
            billing: cart.billing.clone(),
            buyer: cart.buyer.clone(),
            lines: self.lines,
            extensions: Vec::new(),
        })
    }
}

/// The shipping address of the cart, then those of its groups: where a pickup has a place, that place, whatever address the agent gave.
fn destinations(cart: &Cart, options: &[FulfillmentOption]) -> Vec<Destination> {
    let of_cart = cart.destination.clone().map(Destination::from);
    let of_groups = cart.groups.iter().filter_map(|group| {
        let place = pickup_address(cart, options, group);
        Some(Destination {
            group: Some(group.id.clone()),
            address: place.or_else(|| group.destination.clone())?,
        })
    });
    of_cart.into_iter().chain(of_groups).collect()
}

/// The place of the option that was chosen for the lines of a group, else of the first that suits.
fn pickup_address(cart: &Cart, options: &[FulfillmentOption], group: &Group) -> Option<Address> {
    let line = group.lines.first().filter(|_| group.kind == PICKUP)?;
    let is_chosen = |option: &&FulfillmentOption| {
        let names = |choice: &Choice| choice.lines.is_empty() || choice.lines.contains(line);
        cart.choices
            .iter()
            .any(|choice| choice.option == option.id && names(choice))
    };
    let suiting = || options.iter().filter(|option| suits(option, group, line));
    let option = suiting().find(is_chosen).or_else(|| suiting().next())?;
    option.place.as_ref().map(|place| place.address.clone())
}

/// Whether the lines of a group can be picked up with this option.
fn suits(option: &FulfillmentOption, group: &Group, line: &String) -> bool {
    let covers = option.lines.is_empty() || option.lines.contains(line);
    let is_for_group = option.group.as_ref().is_none_or(|id| *id == group.id);
    let is_there = |place: &Place| {
        let both = group.location.as_ref().zip(place.id.as_ref());
        both.is_none_or(|(wanted, id)| wanted == id)
    };
    option.kind == PICKUP && covers && is_for_group && option.place.as_ref().is_some_and(is_there)
}

/// An amount that the host accepts: from zero to the largest one.
fn accepted(minor: i64) -> Option<Amount> {
    Amount::new(minor).ok().filter(|amount| *amount >= Amount::ZERO)
}

/// An option with the price after the discounts on it.
fn taxable(option: &FulfillmentOption, discounts: &[Arithmetic<'_>]) -> Option<TaxableOption> {
    let price = accepted(option.price)?;
    let off = discount::discount_option(&option.id.as_str(), price.minor(), discounts).ok()?;
    Some(TaxableOption {
        id: option.id.clone(),
        price: price.minor() - off.iter().sum::<i64>(),
        tax_included: option.tax_included,
        group: option.group.clone(),
    })
}

/// The price of the line at this index; most plugins answer in the order of the cart.
fn price_of<'a>(index: usize, line: &str, prices: &'a [PricedLine]) -> Option<&'a PricedLine> {
    let of_line = |priced: &&PricedLine| priced.line == line;
    let in_place = prices.get(index).filter(of_line);
    in_place.or_else(|| prices.iter().find(of_line))
}

fn discounts<'a>(cart: &Cart, prices: &'a PricedCart) -> Option<Vec<Arithmetic<'a>>> {
    let discounts = prices.discounts.iter().map(|discount| {
        Some(Discount {
            priority: discount.priority,
            reduction: reduction(cart, &discount.reduction)?,
        })
    });
    discounts.collect()
}

fn reduction<'a>(cart: &Cart, reduction: &'a pricing::Reduction) -> Option<Reduction<&'a str>> {
    match reduction {
        pricing::Reduction::Amounts(allocations) => {
            let amounts = allocations.iter().map(|allocation| {
                let amount = allocation.amount;
                Some((
                    target(cart, &allocation.target)?,
                    (1..=MAX).contains(&amount).then_some(amount)?,
                ))
            });
            Some(Reduction::Amounts(amounts.collect::<Option<_>>()?))
        }
        pricing::Reduction::Rate(off) => Some(Reduction::Rate {
            rate: (off.rate <= WHOLE).then_some(off.rate)?,
            targets: off.targets.iter().map(|of| target(cart, of)).collect::<Option<_>>()?,
            rule: off.rounding.rule().ok()?,
        }),
    }
}

fn target<'a>(cart: &Cart, target: &'a pricing::Target) -> Option<Target<&'a str>> {
    Some(match target {
        pricing::Target::Line(line) => Target::Line(cart.lines.iter().position(|known| known.id == *line)?),
        pricing::Target::Order => Target::Order,
        pricing::Target::Option(option) => Target::Option(option.as_str()),
        pricing::Target::Fulfillment => Target::Fulfillment,
    })
}
