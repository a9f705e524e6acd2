//! Prices that include tax: what was shown is what is paid.

use super::shop::{Shop, assessed, discount, off, option};
use crate::cart::Choice;
use crate::decision::{AnsweredTaxes, DiscountTarget, OfferedFee};
use crate::ids::{LineId, OptionId};
use crate::quote::Quote;

fn line_sums(quote: &Quote) -> (i64, i64, i64, i64) {
    let line = &quote.lines[0];
    (
        line.base.minor(),
        line.discount.minor(),
        line.subtotal.minor(),
        line.tax.minor(),
    )
}

#[test]
fn three_of_a_price_with_tax_cost_three_times_the_price() {
    for scope in ["line", "rate", "cart"] {
        let quote = Shop::selling(&[("book", 3, 999)], true)
            .taxed(190_000, "half-up", scope)
            .quote();
        assert_eq!(line_sums(&quote), (2518, 0, 2518, 479));
        let line = &quote.lines[0];
        assert_eq!((line.unit_price.minor(), line.net_unit_price().minor()), (999, 839));
        assert_eq!((line.prices.base.minor(), line.prices.total.minor()), (2997, 2997));
        let totals = quote.totals;
        assert_eq!(
            (totals.subtotal.minor(), totals.tax.minor(), totals.total.minor()),
            (2518, 479, 2997)
        );
    }
}

#[test]
fn the_same_price_without_tax_is_taxed_on_top() {
    let quote = Shop::selling(&[("book", 3, 999)], false)
        .taxed(190_000, "half-up", "line")
        .quote();
    assert_eq!(line_sums(&quote), (2997, 0, 2997, 569));
    assert_eq!(quote.totals.total.minor(), 3566);
    assert_eq!(quote.lines[0].net_unit_price().minor(), 999);
}

#[test]
fn a_discount_lowers_what_was_shown_by_its_amount() {
    let line = DiscountTarget::Line(LineId::new("book"));
    for target in [line, DiscountTarget::Order] {
        let mut shop = Shop::selling(&[("book", 3, 999)], true).taxed(190_000, "half-up", "rate");
        shop.prices.discounts = vec![discount("three_off", off(target.clone(), 300))];
        let quote = shop.quote();
        assert_eq!(quote.totals.total.minor(), 2697);
        assert_eq!(quote.totals.tax.minor(), 431, "430.61 in 26.97");
        let off = quote.totals.items_base.minor() - (2697 - 431);
        assert_eq!(quote.discounts[0].amount.minor(), off, "the discount without its tax");
        assert_eq!(quote.discounts[0].shown_amount.minor(), 300);
        let sums = quote.totals.items_discount.minor() + quote.totals.discount.minor();
        assert_eq!(sums, off);
    }
}

#[test]
fn a_line_that_is_given_away_keeps_its_base() {
    let mut shop = Shop::selling(&[("book", 1, 1190)], true).taxed(190_000, "half-up", "line");
    shop.prices.discounts = vec![discount("gift", off(DiscountTarget::Line(LineId::new("book")), 1190))];
    let quote = shop.quote();
    assert_eq!(line_sums(&quote), (1000, 1000, 0, 0));
    assert_eq!(quote.totals.total.minor(), 0);
}

#[test]
fn options_and_fees_include_tax_where_their_plugin_says_so() {
    let mut shop = Shop::selling(&[("book", 1, 1000)], false);
    shop.prices.fees = vec![OfferedFee {
        id: "wrap".into(),
        kind: "gift_wrap".into(),
        title: "Gift wrap".into(),
        amount: 119,
        tax_included: true,
    }];
    shop.offer.options = vec![crate::decision::OfferedOption {
        tax_included: true,
        ..option("post", "pickup", 595)
    }];
    shop.offer.preselected = vec![Choice::of(OptionId::new("post"))];
    let quote = shop.taxed(190_000, "half-up", "line").quote();
    assert_eq!((quote.fees[0].amount.minor(), quote.fees[0].tax.minor()), (100, 19));
    let option = &quote.options[0];
    assert_eq!(
        (option.subtotal.minor(), option.tax.minor(), option.total.minor()),
        (500, 95, 595)
    );
    assert_eq!(quote.totals.total.minor(), 1190 + 119 + 595);
}

#[test]
fn taxes_that_a_plugin_computed_are_taken_out_of_the_price() {
    let mut shop = Shop::selling(&[("book", 3, 999)], true);
    shop.taxes = AnsweredTaxes::Amounts {
        lines: vec![assessed("book", 480)],
        options: Vec::new(),
        fees: Vec::new(),
    };
    let quote = shop.quote();
    assert_eq!(
        (quote.totals.subtotal.minor(), quote.totals.total.minor()),
        (2517, 2997)
    );
}

#[test]
fn free_shipping_takes_the_price_of_the_option_that_applies() {
    let mut shop = Shop::selling(&[("book", 1, 1000)], false);
    shop.offer.options = vec![option("standard", "pickup", 599), option("express", "pickup", 1999)];
    shop.offer.preselected = vec![Choice::of(OptionId::new("standard"))];
    shop.prices.discounts = vec![discount("ship", off(DiscountTarget::Fulfillment, 1000))];
    let quote = shop.quote();
    let prices: Vec<i64> = quote.options.iter().map(|option| option.subtotal.minor()).collect();
    assert_eq!(prices, [0, 999]);
    assert_eq!(
        (quote.discounts[0].amount.minor(), quote.totals.total.minor()),
        (599, 1000)
    );
    shop.cart.choices = vec![Choice::of(OptionId::new("express"))];
    let quote = shop.quote();
    assert_eq!(
        (quote.discounts[0].amount.minor(), quote.totals.total.minor()),
        (1000, 1999)
    );
    shop.cart.codes = vec!["SHIP".into()];
    shop.prices.discounts[0].code = Some("SHIP".into());
    assert_eq!(shop.quote().applied_codes(), ["SHIP"]);
    shop.offer.options[1].price = 0;
    assert!(shop.quote().applied_codes().is_empty(), "nothing is left to take off");
}

#[test]
fn a_cart_may_mix_prices_with_and_without_tax() {
    let mut shop = Shop::selling(&[("book", 1, 1190), ("pen", 1, 1000)], true);
    shop.prices.lines[1].tax_included = false;
    shop.prices.discounts = vec![discount("order", off(DiscountTarget::Order, 219))];
    let quote = shop.taxed(190_000, "half-up", "rate").quote();
    let [book, pen] = &quote.lines[..] else { panic!() };
    assert_eq!(
        (book.prices.order_discount.minor(), pen.prices.order_discount.minor()),
        (119, 100)
    );
    assert_eq!((book.prices.total.minor(), book.tax.minor()), (1071, 171));
    assert_eq!((pen.prices.total.minor(), pen.tax.minor()), (900, 171));
    assert_eq!(quote.totals.total.minor(), 1071 + 900 + 171);
    assert_eq!(quote.totals.discount.minor(), quote.discounts[0].amount.minor());
}
