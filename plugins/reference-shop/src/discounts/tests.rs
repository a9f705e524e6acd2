#![allow(clippy::unwrap_used, reason = "tests")]

use tillhouse_plugin::{
    prelude::*,
    pricing::{Allocation, Terms},
};

use crate::Shop;

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
    let email = Some(email.into());
    Some(Buyer {
        email,
        name: None,
        phone: None,
        customer_id: None,
        account: None,
        signed_in,
        extensions: vec![],
    })
}

fn amounts(priced: &PricedCart) -> Vec<i64> {
    priced
        .discounts
        .iter()
        .map(|discount| discount.allocations.iter().map(|part| part.amount).sum())
        .collect()
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
    assert_eq!(discount.terms, Terms::Rate(100_000));
    assert_eq!(
        discount.allocations,
        [Allocation::line("line_1", Amount::new(500).unwrap())]
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
    let parts: Vec<_> = priced
        .discounts
        .iter()
        .flat_map(|d| d.allocations.iter().map(|part| part.amount))
        .collect();
    assert_eq!(parts, [357, 143]);
}

#[test]
fn discounts_on_one_line_come_off_what_the_others_left() {
    let _host = host().install();
    assert_eq!(
        amounts(&price(&[("tee", 4)], &["SAVE10", "FIVE", "ORDER"])),
        [1_000, 500, 300]
    );
    assert_eq!(amounts(&price(&[("mug", 1)], &["FIVE", "SAVE10"])), [500, 50]);
}

#[test]
fn no_discount_takes_more_than_there_is() {
    let host = host().config("discounts.ALL.percent", "100").install();
    let priced = price(&[("mug", 1)], &["ALL", "FIVE", "ORDER"]);
    assert_eq!(amounts(&priced), [1_000]);
    let rejected: Vec<_> = priced.rejected.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(rejected, ["FIVE", "ORDER"], "{host:?}");
}

#[test]
fn an_automatic_discount_needs_no_code_and_a_hidden_one_cannot_be_typed() {
    let host = host()
        .config("pricing.automatic", "SPRING")
        .config("discounts.SPRING.percent", "20");
    let _host = host.config("discounts.SPRING.automatic-only", "true").install();
    let priced = price(&[("mug", 1)], &["SPRING"]);
    assert_eq!(amounts(&priced), [200]);
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
