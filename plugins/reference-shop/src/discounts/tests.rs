#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_amounts::{discount, rounding::Rule};
use tillhouse_plugin::{
    catalog::Item,
    prelude::*,
    pricing::{Target, Terms},
};

use crate::Shop;

mod undiscounted;

/// 2026-01-01, the time of `testing::context`, lies between these.
const PAST: &str = "2025-12-31";
const FUTURE: &str = "2026-06-01";

fn host() -> testing::Host {
    let mut mug = testing::item("mug", 1_000);
    mug.category = Some("Kitchen".into());
    testing::Host::new()
        .item(testing::item("tee", 2_500))
        .item(mug)
        .config("discounts.SAVE10.percent", "10")
        .config("discounts.FIVE.amount", "500")
        .config("discounts.FIVE.currency", "USD")
        .config("discounts.EURO.amount", "500")
        .config("discounts.EURO.currency", "EUR")
        .config("discounts.OLD.percent", "10")
        .config("discounts.OLD.ends", PAST)
        .config("discounts.NEXT.percent", "10")
        .config("discounts.NEXT.starts", FUTURE)
        .config("discounts.BIG.percent", "10")
        .config("discounts.BIG.minimum", "100000")
        .config("discounts.FEW.percent", "10")
        .config("discounts.FEW.usage-limit", "2")
        .config("discounts.MEMBER.percent", "10")
        .config("discounts.MEMBER.signed-in", "true")
        .config("discounts.STAFF.percent", "10")
        .config("discounts.STAFF.emails", "boss@shop.example, @staff.example")
        .config("discounts.ALONE.percent", "10")
        .config("discounts.ALONE.combinable", "false")
        .config("discounts.MUGS.percent", "50")
        .config("discounts.MUGS.categories", "kitchen")
        .config("discounts.ORDER.amount", "300")
        .config("discounts.ORDER.on", "order")
}

fn price(items: &[(&str, u32)], codes: &[&str]) -> PricedCart {
    price_for(items, codes, None)
}

fn price_for(items: &[(&str, u32)], codes: &[&str], buyer: Option<Buyer>) -> PricedCart {
    let mut cart = testing::cart(items);
    cart.codes = codes.iter().map(|code| (*code).into()).collect();
    cart.buyer = buyer;
    Shop::price(testing::context("USD"), cart).unwrap()
}

fn buyer(email: &str, signed_in: bool) -> Option<Buyer> {
    Some(Buyer {
        email: Some(email.into()),
        signed_in,
        ..Buyer::default()
    })
}

/// What each discount takes off lines and order, as the host computes it; 0 for a discount on shipping.
fn amounts(items: &[(&str, u32)], priced: &PricedCart) -> Vec<i64> {
    let keys: Vec<&str> = items.iter().map(|(item, _)| *item).collect();
    let lines: Vec<discount::Line> = priced
        .lines
        .iter()
        .zip(items)
        .map(|(line, (item, quantity))| discount::Line {
            base: line.unit_price * i64::from(*quantity),
            key: keys.iter().position(|key| key == item).unwrap(),
        })
        .collect();
    let discounts: Vec<_> = priced.discounts.iter().map(|it| arithmetic(priced, it)).collect();
    let discounted = discount::discount_lines(&lines, &discounts).unwrap();
    let of_discount = discounted
        .parts
        .iter()
        .map(|parts| parts.iter().map(|(_, amount)| amount).sum());
    of_discount.collect()
}

fn arithmetic(priced: &PricedCart, given: &Discount) -> discount::Discount<()> {
    let target = |target: &Target| match target {
        Target::Line(id) => discount::Target::Line(priced.lines.iter().position(|line| line.line == *id).unwrap()),
        Target::Order => discount::Target::Order,
        Target::Option(_) | Target::Fulfillment => discount::Target::Fulfillment,
    };
    let reduction = match &given.reduction {
        Reduction::Amounts(parts) => {
            discount::Reduction::Amounts(parts.iter().map(|part| (target(&part.target), part.amount)).collect())
        }
        Reduction::Rate(off) => discount::Reduction::Rate {
            rate: off.rate,
            targets: off.targets.iter().map(target).collect(),
            rule: Rule {
                mode: off.rounding.mode.parse().unwrap(),
                scope: off.rounding.scope.parse().unwrap(),
            },
        },
    };
    discount::Discount {
        priority: given.priority,
        reduction,
    }
}

/// Prices a cart, and returns what each of its discounts takes off.
fn taken(items: &[(&str, u32)], codes: &[&str]) -> Vec<i64> {
    amounts(items, &price(items, codes))
}

#[test]
fn every_reason_of_the_contract_is_given_where_it_is_due() {
    let _host = host().counter("redeemed/FEW", -2).install();
    let cases: [(&[&str], &str, &str); 12] = [
        (&["NONE"], "NONE", "discount_code_invalid"),
        (&["a.b"], "a.b", "discount_code_invalid"),
        (&["NEXT"], "NEXT", "discount_code_invalid"),
        (&["EURO"], "EURO", "discount_code_invalid"),
        (&["MUGS"], "MUGS", "discount_code_invalid"),
        (&["OLD"], "OLD", "discount_code_expired"),
        (&["SAVE10", "save10"], "save10", "discount_code_already_applied"),
        (&["SAVE10", "ALONE"], "ALONE", "discount_code_combination_disallowed"),
        (&["BIG"], "BIG", "discount_code_minimum_not_met"),
        (&["MEMBER"], "MEMBER", "discount_code_user_not_logged_in"),
        (&["STAFF"], "STAFF", "discount_code_user_ineligible"),
        (&["FEW"], "FEW", "discount_code_usage_limit_reached"),
    ];
    for (codes, code, reason) in cases {
        let priced = price(&[("tee", 1)], codes);
        let rejected: Vec<_> = priced
            .rejected
            .iter()
            .map(|r| (r.code.as_str(), r.reason.as_str()))
            .collect();
        assert_eq!(rejected, [(code, reason)], "{codes:?}");
        assert_eq!(priced.discounts.len() + 1, codes.len(), "{codes:?}");
    }
}

#[test]
fn a_code_is_found_in_any_case_and_repeated_as_typed() {
    let _host = host().install();
    let priced = price(&[("tee", 2)], &["sAvE10"]);
    let discount = priced.discounts.first().unwrap();
    assert_eq!(discount.code.as_deref(), Some("sAvE10"));
    assert_eq!(discount.id, "SAVE10");
    assert_eq!(discount.coupon.terms, Terms::Rate(100_000));
    assert_eq!(
        discount.reduction,
        RateOff::new(Rate::from_ppm(100_000)).into(),
        "of every line"
    );
}

#[test]
fn the_right_buyer_gets_the_codes_meant_for_them() {
    let _host = host().install();
    let cases = [
        ("MEMBER", "x@y.example", true, 1),
        ("STAFF", "Ann@STAFF.example", false, 1),
    ];
    let others = [
        ("STAFF", "ann@notstaff.example", false, 0),
        ("STAFF", "boss@shop.example", false, 1),
    ];
    for (code, email, signed_in, applied) in cases.into_iter().chain(others) {
        let priced = price_for(&[("tee", 1)], &[code], buyer(email, signed_in));
        assert_eq!(priced.discounts.len(), applied, "{code} for {email}");
    }
}

#[test]
fn the_first_of_two_codes_that_do_not_combine_wins() {
    let _host = host().install();
    let priced = price(&[("tee", 1)], &["ALONE", "SAVE10"]);
    assert_eq!(priced.rejected.first().unwrap().code, "SAVE10");
}

#[test]
fn an_amount_is_spread_over_the_lines_to_the_cent() {
    let _host = host().install();
    let priced = price(&[("tee", 1), ("mug", 1)], &["FIVE"]);
    let [Discount { reduction, .. }] = priced.discounts.as_slice() else {
        unreachable!("{priced:?}")
    };
    let share = |line: &str, minor| Allocation::line(line, Amount::new(minor).unwrap());
    assert_eq!(*reduction, vec![share("line_1", 357), share("line_2", 143)].into());
}

#[test]
fn discounts_on_one_line_come_off_what_the_others_left() {
    let _host = host().install();
    assert_eq!(taken(&[("tee", 4)], &["SAVE10", "FIVE", "ORDER"]), [1_000, 500, 300]);
    assert_eq!(taken(&[("mug", 1)], &["FIVE", "SAVE10"]), [500, 50]);
}

#[test]
fn no_discount_takes_more_than_there_is() {
    let host = host().config("discounts.ALL.percent", "100").install();
    let cart: &[(&str, u32)] = &[("mug", 1)];
    let priced = price(cart, &["ALL", "FIVE", "ORDER"]);
    assert_eq!(amounts(cart, &priced), [1_000]);
    let rejected: Vec<_> = priced.rejected.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(rejected, ["FIVE", "ORDER"], "{host:?}");
}

#[test]
fn an_amount_never_takes_more_off_a_line_than_a_percentage_has_left_of_it() {
    let items: Vec<String> = (1..=9).map(|number| format!("item-{number}")).collect();
    let mut host = host()
        .config("discounts.THIRD.percent", "30")
        .config("discounts.REST.amount", "100000");
    for (item, price) in items.iter().zip([1, 2, 3, 5, 7, 11, 13, 17, 19]) {
        host = host.item(testing::item(item, price));
    }
    let _host = host.install();
    let cart: Vec<(&str, u32)> = items.iter().chain(&items).map(|item| (item.as_str(), 1)).collect();
    let off = taken(&cart, &["SAVE10", "THIRD", "REST"]);
    assert_eq!(off, [16, 42, 98], "10 % of 156, 30 % of 140, and what is left");
}

#[test]
fn a_percentage_does_not_depend_on_how_the_cart_is_split_into_lines() {
    let mut host = host();
    let items: Vec<String> = (1..=200).map(|number| format!("item-{number}")).collect();
    for item in &items {
        host = host.item(testing::item(item, 4));
    }
    let _host = host.install();
    let split: Vec<(&str, u32)> = items.iter().map(|item| (item.as_str(), 1)).collect();
    for cart in [split.as_slice(), &[("item-1", 200)]] {
        let priced = price(cart, &["SAVE10"]);
        assert_eq!(priced.rejected, []);
        assert_eq!(amounts(cart, &priced), [80], "10 % of 8.00");
    }
}

#[test]
fn a_percentage_that_rounds_to_nothing_is_rejected() {
    let _host = host().item(testing::item("sticker", 4)).install();
    let priced = price(&[("sticker", 1)], &["SAVE10"]);
    assert_eq!((priced.discounts.len(), priced.rejected.len()), (0, 1));
    assert_eq!(taken(&[("sticker", 2)], &["SAVE10"]), [1], "0.8");
}

#[test]
fn a_percentage_of_some_items_names_their_lines() {
    let _host = host().install();
    let priced = price(&[("tee", 1), ("mug", 2)], &["MUGS"]);
    let half_of_the_mugs = RateOff {
        targets: vec![Target::Line("line_2".into())],
        ..RateOff::new(Rate::from_ppm(500_000))
    };
    assert_eq!(priced.discounts[0].reduction, half_of_the_mugs.into());
}

#[test]
fn a_discount_on_shipping_is_off_every_option() {
    let download = Item {
        physical: false,
        ..testing::item("song", 900)
    };
    let host = host()
        .item(download)
        .config("discounts.SHIPFREE.percent", "100")
        .config("discounts.SHIPFREE.on", "shipping");
    let host = host
        .config("discounts.SHIP3.amount", "300")
        .config("discounts.SHIP3.on", "shipping");
    let _host = host.install();
    let priced = price(&[("tee", 1)], &["SHIP3", "SAVE10", "SHIPFREE"]);
    let reductions: Vec<_> = priced
        .discounts
        .iter()
        .map(|it| (it.priority, it.reduction.clone()))
        .collect();
    let all_of_it = RateOff {
        targets: vec![Target::Fulfillment],
        ..RateOff::new(Rate::WHOLE)
    };
    assert_eq!(
        reductions,
        [
            (1, RateOff::new(Rate::from_ppm(100_000)).into()),
            (2, Allocation::fulfillment(Amount::new(300).unwrap()).into()),
            (3, all_of_it.into())
        ]
    );
    let of_downloads = price(&[("song", 1)], &["SHIPFREE"]);
    assert_eq!(of_downloads.rejected[0].reason, "discount_code_invalid");
}

#[test]
fn a_coupon_says_how_often_and_how_long_it_applies() {
    let host = host()
        .config("discounts.FEW.title", "For the first two")
        .config("discounts.FEW.starts", PAST);
    let _host = host.config("discounts.FEW.ends", FUTURE).install();
    let priced = price(&[("tee", 1)], &["FEW", "ORDER"]);
    let [few, order] = priced.discounts.as_slice() else {
        unreachable!("{priced:?}")
    };
    assert_eq!(
        (few.coupon.id.as_str(), few.coupon.name.as_str()),
        ("FEW", "For the first two")
    );
    assert_eq!(
        (few.coupon.duration.as_deref(), few.coupon.max_redemptions),
        (Some("once"), Some(2))
    );
    assert!(few.starts < few.ends && few.starts.is_some());
    assert_eq!(
        (order.coupon.name.as_str(), order.coupon.terms),
        ("ORDER", Terms::Amount(300))
    );
    assert_eq!(
        (order.coupon.max_redemptions, order.starts, order.ends),
        (None, None, None)
    );
}

#[test]
fn an_automatic_discount_needs_no_code_and_a_hidden_one_cannot_be_typed() {
    let host = host()
        .config("pricing.automatic", "SPRING")
        .config("discounts.SPRING.percent", "20");
    let _host = host.config("discounts.SPRING.automatic-only", "true").install();
    let cart: &[(&str, u32)] = &[("mug", 1)];
    let priced = price(cart, &["SPRING"]);
    assert_eq!(amounts(cart, &priced), [200]);
    assert_eq!(priced.discounts.first().unwrap().code, None);
    assert_eq!(priced.rejected.first().unwrap().reason, "discount_code_invalid");
}

#[test]
fn a_broken_rule_names_its_key_to_the_operator() {
    let _host = host().config("discounts.SAVE10.percent", "ten").install();
    let mut cart = testing::cart(&[("tee", 1)]);
    cart.codes = vec!["SAVE10".into()];
    let answer = Shop::price(testing::context("USD"), cart);
    assert!(matches!(answer, Err(Failure::Misconfigured(text)) if text.contains("discounts.SAVE10.percent")));
}

#[test]
fn the_day_of_a_discount_is_that_of_the_shop() {
    // The time of `testing::context` is 2026-01-01T00:00:00Z: the year before, in Los Angeles.
    let host = host()
        .config("discounts.LAST.percent", "10")
        .config("discounts.LAST.ends", PAST)
        .install();
    assert_eq!(
        price(&[("tee", 1)], &["LAST"]).rejected[0].reason,
        "discount_code_expired"
    );
    host.set_config("pricing.utc-offset", "-08:00");
    assert_eq!(price(&[("tee", 1)], &["LAST"]).discounts.len(), 1);
}
