//! Categories to which no discount applies.

use super::*;

/// Items of a category to which no discount applies, beside others.
fn with_gift_card() -> testing::Host {
    let mut card = testing::item("card", 2_500);
    card.category = Some("Gift Cards".into());
    host()
        .item(card)
        .config("pricing.undiscounted-categories", "Vouchers, gift cards")
        .config("discounts.HALF.percent", "50")
        .config("discounts.HALF.on", "order")
}

#[test]
fn no_discount_applies_to_a_category_that_is_never_discounted() {
    let _host = with_gift_card().install();
    let items = [("card", 2), ("tee", 1)];
    for (code, off) in [("SAVE10", 250), ("FIVE", 500), ("ORDER", 300), ("HALF", 1_250)] {
        let priced = price(&items, &[code]);
        assert_eq!(amounts(&items, &priced), [off], "{code}");
        let on_card = priced.discounts[0].reduction.clone();
        assert!(!format!("{on_card:?}").contains("line_1"), "{code}: {on_card:?}");
    }
}

#[test]
fn a_cart_without_discountable_items_rejects_every_code() {
    let _host = with_gift_card()
        .config("discounts.SPEND.percent", "10")
        .config("discounts.SPEND.minimum", "5000")
        .install();
    for code in ["SAVE10", "ORDER", "HALF", "MUGS"] {
        let priced = price(&[("card", 1)], &[code]);
        assert_eq!(priced.discounts.len(), 0, "{code}");
        assert_eq!(priced.rejected[0].reason, "discount_code_invalid", "{code}");
    }
    let priced = price(&[("card", 2), ("tee", 1)], &["SPEND"]);
    assert_eq!(priced.rejected[0].reason, "discount_code_minimum_not_met");
}
