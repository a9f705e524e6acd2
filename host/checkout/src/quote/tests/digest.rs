//! What makes another quote, and what leaves it the same.

use super::shop::{Shop, discount, off, option, price};
use crate::cart::{Cart, Choice, FulfillmentGroup};
use crate::contact::{Address, Buyer, Recipient};
use crate::decision::{DiscountTarget, OfferedFee, PickupPlace, TaxPart};
use crate::ids::{GroupId, ItemId, LineId, OptionId};
use crate::message::{Message, Subject};
use crate::money::{Amount, Currency};
use crate::quote::Quote;
use crate::quote::digest::QuoteDigest;
use crate::time::Timestamp;

type Change = (&'static str, fn(&mut Quote));

fn usd() -> Currency {
    Currency::new("usd").unwrap()
}

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

/// Two lines, one of them picked up and one shipped, with discounts, a fee and taxes.
fn quote() -> Quote {
    let mut shop = Shop::selling(&[("tee", 2, 1000), ("mug", 1, 500)], false);
    shop.offer.options = vec![option("pickup", "pickup", 100), option("post", "shipping", 250)];
    shop.offer.options[0].place = Some(PickupPlace {
        id: Some("shop-1".into()),
        name: "Our shop".into(),
        address: super::shop::address("US", "CA", "94105"),
        phone: None,
        instructions: None,
    });
    shop.offer.preselected = vec![
        Choice {
            option: OptionId::new("pickup"),
            lines: vec![LineId::new("tee")],
        },
        Choice {
            option: OptionId::new("post"),
            lines: vec![LineId::new("mug")],
        },
    ];
    shop.prices.discounts = vec![
        discount("line", off(DiscountTarget::Line(LineId::new("tee")), 100)),
        discount("order", off(DiscountTarget::Order, 50)),
    ];
    shop.prices.fees = vec![OfferedFee {
        id: "wrap".into(),
        kind: "gift_wrap".into(),
        title: "Gift wrap".into(),
        amount: 30,
        tax_included: false,
    }];
    shop.cart = super::shop::sent_to(shop.cart, super::shop::address("US", "CA", "94105"));
    shop.taxed(100_000, "half-up", "line").quote()
}

fn of(quote: &Quote) -> (QuoteDigest, QuoteDigest) {
    of_cart(&Cart::default(), quote)
}

fn of_cart(cart: &Cart, quote: &Quote) -> (QuoteDigest, QuoteDigest) {
    (
        QuoteDigest::of_quote(cart, quote, usd()),
        QuoteDigest::of_purchase(cart, quote),
    )
}

/// A recipient and a group with a recipient and a destination of its own.
fn delivered() -> Cart {
    let address = super::shop::address("US", "CA", "94105");
    let recipient = Recipient {
        name: Some("Jo".into()),
        address: Some(address.clone()),
        ..Recipient::default()
    };
    let group = FulfillmentGroup {
        id: GroupId::new("g"),
        kind: "shipping".into(),
        lines: vec![LineId::new("tee")],
        destination: Some(address),
        recipient: Some(recipient.clone()),
        location: None,
        instructions: None,
    };
    Cart {
        recipient: Some(recipient),
        groups: vec![group],
        ..Cart::default()
    }
}

type Redirection = (&'static str, fn(&mut Cart));

const OTHER_DELIVERIES: &[Redirection] = &[
    ("no recipient", |cart| cart.recipient = None),
    ("name", |cart| cart.recipient.as_mut().unwrap().name = Some("Al".into())),
    ("phone", |cart| {
        cart.recipient.as_mut().unwrap().phone = Some("1".into())
    }),
    ("email", |cart| {
        cart.recipient.as_mut().unwrap().email = Some("m@example.com".into());
    }),
    ("no address", |cart| cart.recipient.as_mut().unwrap().address = None),
    ("name in the address", |cart| address_of(cart).name = "Al".into()),
    ("company", |cart| address_of(cart).company = "Al Inc".into()),
    ("street", |cart| address_of(cart).line_one = "2 Main St".into()),
    ("flat", |cart| address_of(cart).line_two = "Flat 2".into()),
    ("city", |cart| address_of(cart).city = "Village".into()),
    ("region", |cart| address_of(cart).region = "NY".into()),
    ("country", |cart| address_of(cart).country = "CA".into()),
    ("postal code", |cart| address_of(cart).postal_code = "10001".into()),
    ("no group", |cart| cart.groups.clear()),
    ("kind of the group", |cart| cart.groups[0].kind = "pickup".into()),
    ("lines of the group", |cart| cart.groups[0].lines.clear()),
    ("destination of the group", |cart| cart.groups[0].destination = None),
    ("recipient of the group", |cart| cart.groups[0].recipient = None),
    ("place of the group", |cart| {
        cart.groups[0].location = Some("shop-2".into())
    }),
    ("instructions", |cart| {
        cart.groups[0].instructions = Some("Leave it at number 3.".into());
    }),
];

fn address_of(cart: &mut Cart) -> &mut Address {
    cart.recipient.as_mut().unwrap().address.as_mut().unwrap()
}

#[test]
fn the_same_goods_that_go_elsewhere_are_another_purchase() {
    let (quote, shown) = (quote(), of_cart(&delivered(), &quote()));
    for (what, change) in OTHER_DELIVERIES {
        let mut other = delivered();
        change(&mut other);
        let (of_quote, of_purchase) = of_cart(&other, &quote);
        assert_ne!(of_quote, shown.0, "{what}");
        assert_ne!(of_purchase, shown.1, "{what}");
    }
}

#[test]
fn what_a_completion_may_name_and_how_a_country_was_written_leave_a_purchase_the_same() {
    let mut cart = delivered();
    address_of(&mut cart).country_alias = Some("USA".into());
    cart.buyer = Some(Buyer::default());
    cart.notes = Some("Thanks.".into());
    assert_eq!(of_cart(&cart, &quote()), of_cart(&delivered(), &quote()));
}

fn rename_option(quote: &mut Quote) {
    let renamed = OptionId::new("courier");
    quote.options[1].id = renamed.clone();
    quote.selected[1].option = renamed;
}

/// What costs something else, with the same purchase. Totals are left as they are: equal totals of other parts are another quote.
const OTHER_AMOUNTS: &[Change] = &[
    ("unit price", |quote| quote.lines[0].unit_price = amount(1)),
    ("tax included", |quote| quote.lines[0].tax_included = true),
    ("base as shown", |quote| quote.lines[0].prices.base = amount(1)),
    ("discount as shown", |quote| quote.lines[0].prices.discount = amount(1)),
    ("order discount as shown", |quote| {
        quote.lines[0].prices.order_discount = amount(1);
    }),
    ("total as shown", |quote| quote.lines[0].prices.total = amount(1)),
    ("base", |quote| quote.lines[0].base = amount(1)),
    ("line discount", |quote| quote.lines[0].discount = amount(1)),
    ("subtotal", |quote| quote.lines[0].subtotal = amount(1)),
    ("order discount", |quote| quote.lines[0].order_discount = amount(1)),
    ("line tax", |quote| quote.lines[0].tax = amount(1)),
    ("line total", |quote| quote.lines[0].total = amount(1)),
    ("tax moved to another line", |quote| {
        let [first, second] = [quote.lines[0].tax, quote.lines[1].tax];
        (quote.lines[0].tax, quote.lines[1].tax) = (second, first);
    }),
    ("jurisdiction", |quote| {
        quote.lines[0].tax_parts[0].jurisdiction = "FR".into()
    }),
    ("rate", |quote| quote.lines[0].tax_parts[0].rate = 1),
    ("part of a tax", |quote| quote.lines[0].tax_parts[0].amount = 1),
    ("another part", |quote| {
        let part = TaxPart {
            jurisdiction: "US-CA".into(),
            rate: 0,
            amount: 0,
        };
        quote.lines[0].tax_parts.push(part);
    }),
    ("exempt", |quote| quote.lines[0].tax_exempt = Some("food".into())),
    ("price of the option", |quote| quote.options[1].shown_price = amount(1)),
    ("tax of the option", |quote| quote.options[1].tax = amount(1)),
    ("discount on the option", |quote| quote.options[1].discount = amount(1)),
    ("subtotal of the option", |quote| quote.options[1].subtotal = amount(1)),
    ("total of the option", |quote| quote.options[1].total = amount(1)),
    ("discount id", |quote| quote.discounts[0].id = "other".into()),
    ("code", |quote| quote.discounts[0].code = Some("SAVE".into())),
    ("coupon", |quote| quote.discounts[0].coupon.id = "other".into()),
    ("amount off", |quote| quote.discounts[0].amount = amount(1)),
    ("amount off as shown", |quote| {
        quote.discounts[0].shown_amount = amount(1);
    }),
    ("target", |quote| {
        quote.discounts[0].allocations[0].0 = DiscountTarget::Line(LineId::new("mug"));
    }),
    ("no discount", |quote| drop(quote.discounts.pop())),
    ("fee id", |quote| quote.fees[0].id = "other".into()),
    ("fee kind", |quote| quote.fees[0].kind = "packing".into()),
    ("fee amount", |quote| quote.fees[0].amount = amount(1)),
    ("fee tax", |quote| quote.fees[0].tax = amount(1)),
    ("a fee more", |quote| quote.fees.push(quote.fees[0].clone())),
    ("sum of bases", |quote| quote.totals.items_base = amount(1)),
    ("sum of discounts", |quote| quote.totals.items_discount = amount(1)),
    ("sum of subtotals", |quote| quote.totals.subtotal = amount(1)),
    ("order discounts", |quote| quote.totals.discount = amount(1)),
    ("fulfillment", |quote| quote.totals.fulfillment = amount(1)),
    ("tax", |quote| quote.totals.tax = amount(1)),
    ("fees", |quote| quote.totals.fees = amount(1)),
    ("total", |quote| quote.totals.total = amount(1)),
];

const OTHER_PURCHASES: &[Change] = &[
    ("item", |quote| quote.lines[0].item = ItemId::new("shirt")),
    ("line", |quote| quote.lines[0].id = LineId::new("shirt")),
    ("quantity", |quote| quote.lines[0].quantity = 3),
    ("group", |quote| quote.lines[0].group = Some(GroupId::new("g"))),
    ("a line less", |quote| drop(quote.lines.pop())),
    ("another option at the same price", rename_option),
    ("kind of option", |quote| {
        quote.options[1].kind = "local_delivery".into()
    }),
    ("option for other lines", |quote| quote.selected[1].lines.clear()),
    ("place", |quote| {
        quote.options[0].place.as_mut().unwrap().id = Some("shop-2".into());
    }),
    ("address of the place", |quote| {
        quote.options[0].place.as_mut().unwrap().address = Address::default();
    }),
];

const NO_DIFFERENCE: &[Change] = &[
    ("title", |quote| quote.lines[0].shown.title = "T-Shirt".into()),
    ("stock", |quote| quote.lines[0].available = Some(3)),
    ("availability", |quote| {
        quote.lines[0].availability = Some("backorder".into());
    }),
    ("limit", |quote| quote.lines[0].max_quantity = Some(9)),
    ("delivery window", |quote| quote.options[1].latest = Some(Timestamp(7))),
    ("ready for pickup", |quote| {
        quote.options[0].ready_by = Some(Timestamp(7))
    }),
    ("name of the option", |quote| quote.options[1].title = "Mail".into()),
    ("opening hours", |quote| {
        quote.options[0].place.as_mut().unwrap().instructions = Some("Open until 6.".into());
    }),
    ("name of the coupon", |quote| {
        quote.discounts[0].coupon.name = "Sale".into();
    }),
    ("uses of the coupon", |quote| {
        quote.discounts[0].coupon.times_redeemed = Some(1);
    }),
    ("end of the discount", |quote| {
        quote.discounts[0].ends = Some(Timestamp(7))
    }),
    ("name of the fee", |quote| quote.fees[0].title = "Wrapping".into()),
    ("message", |quote| {
        quote.messages.push(Message::info(Subject::Session, "Hello"))
    }),
    ("option that was not chosen", |quote| {
        let mut other = quote.options[1].clone();
        other.id = OptionId::new("express");
        quote.options.insert(0, other);
    }),
    ("order of the lists", |quote| {
        quote.lines.reverse();
        quote.options.reverse();
        quote.selected.reverse();
        quote.discounts.reverse();
    }),
];

#[test]
fn equal_totals_of_other_parts_are_another_quote_of_the_same_purchase() {
    let shown = of(&quote());
    for (what, change) in OTHER_AMOUNTS {
        let mut other = quote();
        change(&mut other);
        assert_ne!(other, quote(), "{what} is changed");
        assert_ne!(of(&other).0, shown.0, "{what}");
        assert_eq!(of(&other).1, shown.1, "{what}");
    }
}

#[test]
fn other_items_and_other_options_are_another_purchase() {
    let shown = of(&quote());
    for (what, change) in OTHER_PURCHASES {
        let mut other = quote();
        change(&mut other);
        assert_ne!(of(&other).0, shown.0, "{what}");
        assert_ne!(of(&other).1, shown.1, "{what}");
    }
}

#[test]
fn texts_times_and_stock_leave_a_quote_the_same() {
    let shown = of(&quote());
    for (what, change) in NO_DIFFERENCE {
        let mut other = quote();
        change(&mut other);
        assert_ne!(other, quote(), "{what} is changed");
        assert_eq!(of(&other), shown, "{what}");
    }
}

#[test]
fn the_same_amounts_in_another_currency_are_another_quote() {
    let euro = Currency::new("eur").unwrap();
    assert_ne!(
        QuoteDigest::of_quote(&Cart::default(), &quote(), euro),
        QuoteDigest::of_quote(&Cart::default(), &quote(), usd())
    );
}

/// The text of one field cannot pass for that of its neighbor.
#[test]
fn ids_are_told_apart_by_their_lengths() {
    let with = |id: &str, kind: &str| {
        let mut quote = quote();
        quote.fees[0].id = id.into();
        quote.fees[0].kind = kind.into();
        of(&quote).0
    };
    assert_ne!(with("ab", "c"), with("a", "bc"));
}

/// Sessions are stored with their digests: another form needs another name, or a completion after an upgrade compares apples with
/// oranges.
#[test]
fn the_form_is_that_of_stored_digests() {
    let mut shop = Shop::selling(&[("tee", 1, 1000)], false);
    shop.prices.lines = vec![price("tee", 1000, false)];
    let (quote, purchase) = of(&shop.quote());
    let text = |digest: &QuoteDigest| serde_json::to_string(digest).unwrap();
    assert_eq!(
        text(&quote),
        "\"f3f462869625e7b9bf77372eca594a243e535b7b836a0ef1a3e4d3988d1540ad\""
    );
    assert_eq!(
        text(&purchase),
        "\"86e8da33ba2359e0551ec22bfe7045890d7e3d94894457be107dda4a2a7508cf\""
    );
}
