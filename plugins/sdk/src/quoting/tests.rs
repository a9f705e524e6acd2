#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::cell::RefCell;

use super::*;
use crate::{
    amount::Amount,
    fulfillment::{Choice, FulfillmentOption, Place},
    inventory::Stock,
    pricing::{Allocation, Coupon, Discount, Fee, PricedLine, RateOff, Reduction, Target},
    rate::Rate,
    rounding::{Rounding, RoundingRule},
    testing,
    types::{Group, Line, LineAmount},
};

/// What the plugin answers to `price` and `options`, and what it was asked.
#[derive(Default)]
struct Script {
    prices: PricedCart,
    offer: Offer,
    amounts: Option<Vec<LineAmount>>,
    request: Option<Request>,
}

thread_local! {
    static SCRIPT: RefCell<Script> = RefCell::default();
}

struct Shop;

impl Inventory for Shop {
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        Ok(lines.into_iter().map(|line| Stock::uncounted(line.id)).collect())
    }
}

impl Pricing for Shop {
    fn price(_ctx: Context, _cart: Cart) -> Result<PricedCart, Failure> {
        Ok(SCRIPT.with_borrow(|script| script.prices.clone()))
    }
}

impl Fulfillment for Shop {
    fn options(_ctx: Context, _cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        Ok(SCRIPT.with_borrow_mut(|script| {
            script.amounts = Some(amounts);
            script.offer.clone()
        }))
    }
}

impl Tax for Shop {
    fn assess(_ctx: Context, request: Request) -> Result<Assessment, Failure> {
        SCRIPT.with_borrow_mut(|script| script.request = Some(request));
        Ok(Assessment::default())
    }
}

impl Quoting for Shop {
    fn quoted_page(_ctx: Context, _cart: Cart) -> Result<Option<PageContent>, Failure> {
        Err(Failure::Unsupported)
    }
}

/// The quote of a plugin that answers this, and what it was asked on the way.
fn quote(cart: Cart, prices: PricedCart, offer: Offer) -> (Decisions, Script) {
    SCRIPT.set(Script {
        prices,
        offer,
        ..Script::default()
    });
    let decisions = Shop::quote(testing::context("EUR"), cart).unwrap();
    (decisions, SCRIPT.take())
}

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn percent(text: &str) -> Rate {
    Rate::percent(text).unwrap()
}

/// Prices of the lines `line_1`, `line_2` … in their order.
fn prices(units: &[i64], discounts: Vec<Discount>) -> PricedCart {
    let line = |(index, unit): (usize, &i64)| PricedLine {
        unit_price: *unit,
        ..PricedLine::new(format!("line_{}", index + 1), Amount::ZERO)
    };
    PricedCart {
        lines: units.iter().enumerate().map(line).collect(),
        discounts,
        ..PricedCart::default()
    }
}

fn discount(priority: u32, reduction: impl Into<Reduction>) -> Discount {
    let coupon = Coupon::amount(format!("coupon_{priority}"), "Coupon", Amount::ZERO);
    Discount {
        priority,
        ..Discount::automatic(coupon, reduction)
    }
}

#[test]
fn options_get_the_amounts_after_every_discount() {
    let discounts = vec![
        discount(2, Allocation::order(amount(1_000))),
        discount(1, RateOff::new(percent("10"))),
    ];
    let mut prices = prices(&[1_005, 1_005, 500], discounts);
    prices.lines[2].tax_included = true;
    let cart = testing::cart(&[("tee", 1), ("tee", 2), ("mug", 1)]);
    let (decisions, asked) = quote(cart, prices, Offer::default());

    let amounts = asked.amounts.unwrap();
    let of = |field: fn(&LineAmount) -> i64| amounts.iter().map(field).collect::<Vec<_>>();
    assert_eq!(of(|line| line.base), [1_005, 2_010, 500]);
    assert_eq!(of(|line| line.discount), [101, 201, 50], "352 of 3515 in all");
    assert_eq!(of(|line| line.subtotal), [904, 1_809, 450]);
    assert_eq!(
        of(|line| line.order_discount),
        [286, 572, 142],
        "858 of the tees, 142 of the mug"
    );
    assert_eq!(of(|line| line.taxable), [618, 1_237, 308]);
    assert_eq!((amounts[2].unit_price, amounts[2].tax_included), (500, true));
    assert_eq!(asked.request.unwrap().lines, amounts);
    assert_eq!((decisions.stock.len(), decisions.page), (3, None));
}

#[test]
fn prices_may_be_answered_in_any_order() {
    let mut prices = prices(&[100, 200, 300], Vec::new());
    prices.lines.rotate_left(1);
    let (_, asked) = quote(testing::cart(&[("a", 1), ("b", 1), ("c", 1)]), prices, Offer::default());
    let units: Vec<_> = asked
        .amounts
        .unwrap()
        .iter()
        .map(|line| (line.line.clone(), line.unit_price))
        .collect();
    assert_eq!(
        units,
        [("line_1".into(), 100), ("line_2".into(), 200), ("line_3".into(), 300)]
    );
}

#[test]
fn taxes_get_the_options_after_their_discounts() {
    let half_off = RateOff {
        targets: vec![Target::Fulfillment],
        ..RateOff::new(percent("50"))
    };
    let mut prices = prices(
        &[500],
        vec![
            discount(1, half_off),
            discount(2, Allocation::option("express", amount(5_000))),
        ],
    );
    prices.fees = vec![Fee::new("gift_wrap", "Gift wrap", amount(350)).including_tax(true)];
    let offer = Offer {
        options: vec![
            FulfillmentOption::shipping("standard", "Standard", amount(599)).including_tax(true),
            FulfillmentOption::shipping("express", "Express", amount(1_999)),
        ],
        ..Offer::default()
    };
    let (decisions, asked) = quote(testing::cart(&[("tee", 1)]), prices, offer.clone());
    let request = asked.request.unwrap();
    let options: Vec<_> = request
        .options
        .iter()
        .map(|it| (it.id.as_str(), it.price, it.tax_included))
        .collect();
    assert_eq!(
        options,
        [("standard", 299, true), ("express", 0, false)],
        "299.5 off, then at most what is left"
    );
    assert_eq!((request.fees[0].amount, request.fees[0].tax_included), (350, true));
    assert_eq!(decisions.offer, offer);
}

#[test]
fn taxes_get_the_destination_of_the_cart_and_then_those_of_groups() {
    let mut cart = testing::cart(&[("tee", 1), ("tee", 1)]);
    cart.destination = Some(testing::address("DE", ""));
    cart.billing = Some(testing::address("AT", ""));
    cart.groups = vec![
        Group {
            destination: None,
            ..Group::shipping("home", ["line_1"], testing::address("DE", ""))
        },
        Group::shipping("office", ["line_2"], testing::address("FR", "")),
    ];
    let one_cent = vec![discount(1, Allocation::order(amount(1)))];
    let (_, asked) = quote(cart.clone(), prices(&[500, 500], one_cent), Offer::default());
    let request = asked.request.unwrap();
    let groups = request.lines.iter().map(|line| line.group.as_deref());
    assert_eq!(groups.collect::<Vec<_>>(), [Some("home"), Some("office")]);
    let destinations = request
        .destinations
        .iter()
        .map(|it| (it.group.as_deref(), it.address.country.as_str()));
    assert_eq!(destinations.collect::<Vec<_>>(), [(None, "DE"), (Some("office"), "FR")]);
    assert_eq!(request.destination_of(&request.lines[0]), cart.destination.as_ref());
    assert_eq!(request.billing, cart.billing);
}

/// As the host does it, for plugins that are asked for single decisions.
#[test]
fn taxes_of_what_is_picked_up_are_those_of_the_place() {
    let place = |id: &str, country: &str| Place {
        id: Some(id.into()),
        ..Place::new(id, testing::address(country, ""))
    };
    let option = |id: &str, country: &str| {
        FulfillmentOption::pickup(format!("at-{id}"), "Fetch it", Amount::ZERO, place(id, country))
    };
    let mut cart = testing::cart(&[("tee", 1)]);
    cart.groups = vec![Group {
        kind: "pickup".into(),
        destination: None,
        ..Group::shipping("g", ["line_1"], testing::address("DE", ""))
    }];
    let offer = Offer {
        options: vec![option("vienna", "AT"), option("paris", "FR")],
        ..Offer::default()
    };
    let country = |cart: &Cart| {
        let (_, asked) = quote(cart.clone(), prices(&[500], Vec::new()), offer.clone());
        asked.request.unwrap().destinations[0].address.country.clone()
    };
    assert_eq!(country(&cart), "AT", "the first");
    let mut chosen = cart.clone();
    chosen.choices = vec![Choice::of("at-paris")];
    assert_eq!(country(&chosen), "FR");
    cart.groups[0].location = Some("paris".into());
    assert_eq!(country(&cart), "FR");
    cart.groups[0].destination = Some(testing::address("DE", ""));
    assert_eq!(country(&cart), "FR", "whatever address the agent gave");
}

#[test]
fn without_a_price_for_every_line_nothing_else_is_decided() {
    let mut unknown = prices(&[500], Vec::new());
    unknown.unknown = vec!["line_2".into()];
    let mut twice = prices(&[500, 500], Vec::new());
    twice.lines[1].line = "line_1".into();
    let missing = prices(&[500], Vec::new());
    for prices in [unknown, twice, missing] {
        let cart = testing::cart(&[("tee", 1), ("gone", 1)]);
        let (decisions, asked) = quote(
            cart,
            prices.clone(),
            Offer::preselecting(FulfillmentOption::digital("d", "D")),
        );
        assert_eq!(decisions, Decisions::only_prices(decisions.stock.clone(), prices));
        assert!(decisions.stock.len() == 2 && asked.amounts.is_none() && asked.request.is_none());
    }
}

#[test]
fn what_depends_on_prices_that_break_a_rule_is_left_out() {
    let rounded = |mode: &str| RateOff {
        rounding: RoundingRule {
            mode: mode.into(),
            ..RoundingRule::per_cart(Rounding::HalfUp)
        },
        ..RateOff::new(percent("10"))
    };
    let of_gone = Allocation::line("line_9", amount(1));
    let of_zero = Allocation::order(Amount::ZERO);
    for (what, unit, reduction) in [
        ("a negative price", -1, RateOff::new(percent("10")).into()),
        (
            "a base out of range",
            Amount::MAX.minor(),
            RateOff::new(percent("10")).into(),
        ),
        (
            "more than the line",
            500,
            Allocation::line("line_1", amount(1_001)).into(),
        ),
        ("more than the order", 500, Allocation::order(amount(1_001)).into()),
        ("a line that is not in the cart", 500, of_gone.into()),
        ("an allocation of zero", 500, of_zero.into()),
        (
            "a rate above 100 %",
            500,
            RateOff::new(Rate::from_ppm(1_000_001)).into(),
        ),
        ("an unknown rounding mode", 500, Reduction::from(rounded("nearest"))),
    ] {
        let prices = prices(&[unit], vec![discount(1, reduction)]);
        let (decisions, asked) = quote(testing::cart(&[("tee", 2)]), prices.clone(), Offer::default());
        assert!(asked.amounts.is_none(), "{what}");
        assert_eq!(decisions.prices, prices, "{what}: the host names the rule");
    }
}

#[test]
fn taxes_of_an_offer_that_breaks_a_rule_are_left_out() {
    let mut option = FulfillmentOption::digital("download", "Download");
    option.price = -1;
    let offer = Offer::preselecting(option);
    let (decisions, asked) = quote(testing::cart(&[("tee", 1)]), prices(&[500], Vec::new()), offer.clone());
    assert!(asked.amounts.is_some() && asked.request.is_none());
    assert_eq!((decisions.offer, decisions.taxes), (offer, Assessment::default()));
}
