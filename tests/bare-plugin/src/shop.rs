//! The decisions of the shop, as they stand in both ways of answering.

use crate::bindings::tillhouse::host::catalog;
use crate::bindings::tillhouse::merchant::fulfillment_types::{FulfillmentOption, Offer};
use crate::bindings::tillhouse::merchant::inventory_types::Stock;
use crate::bindings::tillhouse::merchant::pricing_types::{
    Coupon, Discount, PricedCart, PricedLine, RateOff, Reduction, RejectedCode, Terms,
};
use crate::bindings::tillhouse::merchant::tax_types::{Assessment, Rated, RatedTaxes, TaxRate, Taxes};
use crate::bindings::tillhouse::merchant::types::{Cart, Choice, Line, Rounding};

const TEN_PERCENT: u32 = 100_000;
const WHOLE: i64 = 1_000_000;
const FREE_FROM: i64 = 5_000;

fn half_up(scope: &str) -> Rounding {
    Rounding {
        mode: "half-up".to_owned(),
        scope: scope.to_owned(),
    }
}

pub(crate) fn price(cart: &Cart) -> PricedCart {
    let ids: Vec<String> = cart.lines.iter().map(|line| line.item.clone()).collect();
    let mut priced = PricedCart {
        lines: Vec::new(),
        unknown: Vec::new(),
        discounts: Vec::new(),
        rejected: Vec::new(),
        fees: Vec::new(),
        messages: Vec::new(),
        extensions: Vec::new(),
    };
    for (line, item) in cart.lines.iter().zip(catalog::get(&ids)) {
        match item {
            Some(item) => priced.lines.push(PricedLine {
                line: line.id.clone(),
                unit_price: item.price.minor,
                tax_included: item.tax_included,
                max_quantity: None,
                extensions: Vec::new(),
            }),
            None => priced.unknown.push(line.id.clone()),
        }
    }
    for code in &cart.codes {
        if code == "TEN" && priced.discounts.is_empty() {
            priced.discounts.push(ten_percent_off());
        } else {
            priced.rejected.push(RejectedCode {
                code: code.clone(),
                reason: "discount_code_invalid".to_owned(),
                message: "This code does not exist.".to_owned(),
                extensions: Vec::new(),
            });
        }
    }
    priced
}

fn ten_percent_off() -> Discount {
    Discount {
        id: "ten".to_owned(),
        code: Some("TEN".to_owned()),
        coupon: Coupon {
            id: "ten".to_owned(),
            name: "10 % off".to_owned(),
            terms: Terms::Rate(TEN_PERCENT),
            duration: None,
            duration_in_months: None,
            max_redemptions: None,
            times_redeemed: None,
            extensions: Vec::new(),
        },
        method: "each".to_owned(),
        priority: 1,
        starts: None,
        ends: None,
        reduction: Reduction::Rate(RateOff {
            rate: TEN_PERCENT,
            targets: Vec::new(),
            rounding: half_up("line"),
        }),
        extensions: Vec::new(),
    }
}

/// What the cart costs after the discount, as the host computes it: each line by itself, rounded half up.
pub(crate) fn after_discounts(cart: &Cart, priced: &PricedCart) -> i64 {
    let discounted = !priced.discounts.is_empty();
    let lines = cart.lines.iter().zip(&priced.lines);
    let amounts = lines.map(|(line, price)| {
        let base = price.unit_price * i64::from(line.quantity);
        let off = (base * i64::from(TEN_PERCENT) + WHOLE / 2) / WHOLE;
        if discounted { base - off } else { base }
    });
    amounts.sum()
}

pub(crate) fn stock(lines: &[Line]) -> Vec<Stock> {
    let in_stock = |line: &Line| Stock {
        line: line.id.clone(),
        availability: "in_stock".to_owned(),
        available: None,
        available_from: None,
        extensions: Vec::new(),
    };
    lines.iter().map(in_stock).collect()
}

pub(crate) fn offer(cart: &Cart, taxable: i64) -> Offer {
    if cart.destination.is_none() {
        return Offer {
            options: Vec::new(),
            preselected: Vec::new(),
            messages: Vec::new(),
        };
    }
    let option = FulfillmentOption {
        id: "post".to_owned(),
        kind: "shipping".to_owned(),
        title: "Post".to_owned(),
        description: None,
        carrier: None,
        earliest: None,
        latest: None,
        price: if taxable >= FREE_FROM { 0 } else { 500 },
        tax_included: false,
        lines: Vec::new(),
        group: None,
        place: None,
        pickup_type: None,
        ready_by: None,
        pickup_by: None,
        extensions: Vec::new(),
    };
    Offer {
        options: vec![option],
        preselected: vec![Choice {
            option: "post".to_owned(),
            lines: Vec::new(),
        }],
        messages: Vec::new(),
    }
}

/// 19 % on every line and option, rounded once for the rate.
pub(crate) fn assess<'a>(lines: impl Iterator<Item = &'a str>, options: impl Iterator<Item = &'a str>) -> Assessment {
    let rated = |id: &str| Rated {
        id: id.to_owned(),
        rates: vec![TaxRate {
            jurisdiction: "DE".to_owned(),
            rate: 190_000,
        }],
        exempt: None,
    };
    Assessment {
        taxes: Taxes::Rates(RatedTaxes {
            lines: lines.map(rated).collect(),
            options: options.map(rated).collect(),
            fees: Vec::new(),
            rounding: half_up("rate"),
        }),
        messages: Vec::new(),
        extensions: Vec::new(),
    }
}
