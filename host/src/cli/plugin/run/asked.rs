//! The arguments of a call as the domain's own types, as far as the rules of a quote depend on them.
//!
//! Lists and records that a caller leaves out are empty, as in the call itself.

use serde::Deserialize;
use serde_json::{Map, Value};

use tillhouse_checkout::cart::{Cart, CartLine, FulfillmentGroup};
use tillhouse_checkout::decision::{FulfillmentOffer, OfferedFee, OfferedOption, PricedCart, PricedLine};
use tillhouse_checkout::ids::{GroupId, ItemId, LineId, OptionId};
use tillhouse_checkout::time::Timestamp;

use super::answered::read_list;

/// The parameter `cart`, of which the rules need lines, codes and groups.
pub(super) fn cart(asked: &Map<String, Value>) -> Option<Cart> {
    let cart = asked.get("cart")?;
    Some(Cart {
        lines: read_list(cart, "lines")?,
        codes: read_list(cart, "codes")?,
        groups: read_list::<Group>(cart, "groups")?.into_iter().map(group).collect(),
        ..Cart::default()
    })
}

/// The parameter `lines` of `inventory.check`, as a cart of them.
pub(super) fn cart_of_lines(asked: &Map<String, Value>) -> Option<Cart> {
    let lines = asked.get("lines").map(Vec::<CartLine>::deserialize);
    Some(Cart {
        lines: lines?.ok()?,
        ..Cart::default()
    })
}

/// The time of the call: that of the caller's own context, if there is one.
pub(super) fn time(asked: &Map<String, Value>, now: Timestamp) -> Timestamp {
    let own = asked.get("ctx").and_then(|context| context.get("now")?.as_u64());
    own.map_or(now, Timestamp)
}

#[derive(Deserialize)]
struct Group {
    id: GroupId,
    #[serde(default)]
    lines: Vec<LineId>,
}

fn group(group: Group) -> FulfillmentGroup {
    FulfillmentGroup {
        id: group.id,
        kind: String::new(),
        lines: group.lines,
        destination: None,
        recipient: None,
        location: None,
        instructions: None,
    }
}

/// What `tax.assess` is asked to tax, as a cart with prices and options: each line has the price that is left after its discounts.
pub(super) struct Taxable {
    pub(super) cart: Cart,
    pub(super) prices: PricedCart,
    pub(super) offer: FulfillmentOffer,
}

#[derive(Deserialize)]
struct TaxableLine {
    line: LineId,
    item: ItemId,
    #[serde(default)]
    tax_included: bool,
    taxable: i64,
}

#[derive(Deserialize)]
struct TaxableOption {
    id: OptionId,
    price: i64,
    #[serde(default)]
    tax_included: bool,
}

#[derive(Deserialize)]
struct TaxableFee {
    id: String,
    kind: String,
    amount: i64,
    #[serde(default)]
    tax_included: bool,
}

/// The parameter `request` of `tax.assess`.
pub(super) fn taxable(asked: &Map<String, Value>) -> Option<Taxable> {
    let request = asked.get("request")?;
    let lines: Vec<TaxableLine> = read_list(request, "lines")?;
    let line = |line: &TaxableLine| CartLine {
        id: line.line.clone(),
        item: line.item.clone(),
        quantity: 1,
    };
    let price = |line: &TaxableLine| PricedLine {
        line: line.line.clone(),
        unit_price: line.taxable,
        tax_included: line.tax_included,
        max_quantity: None,
    };
    let fees = read_list::<TaxableFee>(request, "fees")?.into_iter().map(fee);
    let options = read_list::<TaxableOption>(request, "options")?.into_iter().map(option);
    Some(Taxable {
        cart: Cart {
            lines: lines.iter().map(line).collect(),
            ..Cart::default()
        },
        prices: PricedCart {
            lines: lines.iter().map(price).collect(),
            fees: fees.collect(),
            ..PricedCart::default()
        },
        offer: FulfillmentOffer {
            options: options.collect(),
            ..FulfillmentOffer::default()
        },
    })
}

fn fee(fee: TaxableFee) -> OfferedFee {
    OfferedFee {
        id: fee.id,
        kind: fee.kind,
        title: String::new(),
        amount: fee.amount,
        tax_included: fee.tax_included,
    }
}

fn option(option: TaxableOption) -> OfferedOption {
    OfferedOption {
        id: option.id,
        kind: String::new(),
        title: String::new(),
        description: None,
        carrier: None,
        earliest: None,
        latest: None,
        price: option.price,
        tax_included: option.tax_included,
        lines: Vec::new(),
        group: None,
        place: None,
        pickup_type: None,
        ready_by: None,
        pickup_by: None,
    }
}
