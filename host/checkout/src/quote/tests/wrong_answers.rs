//! A table of wrong answers: each is refused by the rule that it breaks, with the function to blame.

use super::shop::{NOW, Shop, assessed, discount, off, option, rated, rounding};
use crate::cart::Choice;
use crate::decision::{AnsweredTaxes, DiscountTarget, OfferedOption, PricedCart, RateOff, Reduction};
use crate::ids::{GroupId, LineId, OptionId};
use crate::time::Timestamp;

/// What is wrong, the rule, the function, and how the shop answers it.
type Wrong = (&'static str, &'static str, &'static str, fn(&mut Shop));

fn line(id: &str) -> DiscountTarget {
    DiscountTarget::Line(LineId::new(id))
}

fn discounted(shop: &mut Shop, change: impl FnOnce(&mut crate::decision::OfferedDiscount)) {
    let mut wrong = discount("d", off(line("tee"), 100));
    change(&mut wrong);
    shop.prices.discounts = vec![wrong];
}

fn rate_off(rate: u32, mode: &str, scope: &str) -> Reduction {
    Reduction::Rate(RateOff {
        rate,
        targets: Vec::new(),
        rounding: rounding(mode, scope),
    })
}

fn amounts(lines: &[(&str, i64)]) -> AnsweredTaxes {
    AnsweredTaxes::Amounts {
        lines: lines.iter().map(|(id, amount)| assessed(id, *amount)).collect(),
        options: Vec::new(),
        fees: Vec::new(),
    }
}

fn rates(lines: &[(&str, u32)], mode: &str, scope: &str) -> AnsweredTaxes {
    AnsweredTaxes::Rates {
        lines: lines.iter().map(|(id, rate)| rated(id, *rate)).collect(),
        options: Vec::new(),
        fees: Vec::new(),
        rounding: rounding(mode, scope),
    }
}

/// A tax of 5 on the tee, in parts of an amount and a rate.
fn in_parts(parts: &[(i64, u32)]) -> AnsweredTaxes {
    let mut tax = assessed("tee", 5);
    tax.parts = parts
        .iter()
        .map(|(amount, rate)| crate::decision::TaxPart {
            jurisdiction: "DE".into(),
            rate: *rate,
            amount: *amount,
        })
        .collect();
    AnsweredTaxes::Amounts {
        lines: vec![tax],
        options: Vec::new(),
        fees: Vec::new(),
    }
}

const PRICE: &str = "pricing.price";
const OPTIONS: &str = "fulfillment.options";
const ASSESS: &str = "tax.assess";

const WRONG: [Wrong; 34] = [
    ("a negative price", "L4", PRICE, |shop| {
        shop.prices.lines[0].unit_price = -1
    }),
    ("a price times quantity out of range", "L1", PRICE, |shop| {
        shop.prices.lines[0].unit_price = (1 << 53) - 1;
    }),
    ("a line that is not priced", "ids", PRICE, |shop| {
        shop.prices = PricedCart::default()
    }),
    ("a discount larger than its line", "L2", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = off(line("tee"), 2001));
    }),
    ("a discount larger than the order", "T6", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = off(DiscountTarget::Order, 2001));
    }),
    ("a discount on an unknown line", "ids", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = off(line("mug"), 1));
    }),
    ("an allocation of zero", "D1", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = off(DiscountTarget::Fulfillment, 0));
    }),
    ("allocations to fulfillment out of range", "D1", PRICE, |shop| {
        discounted(shop, |wrong| {
            wrong.reduction = off(DiscountTarget::Fulfillment, i64::MAX)
        });
    }),
    ("more than 100 % off", "D3", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = rate_off(1_000_001, "half-up", "cart"));
    }),
    ("a coupon of more than 100 %", "D3", PRICE, |shop| {
        discounted(shop, |wrong| {
            wrong.coupon.terms = crate::decision::DiscountTerms::Rate(1_000_001)
        });
    }),
    ("an unknown rounding mode of a discount", "R2", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = rate_off(1, "nearest", "cart"));
    }),
    ("an unknown rounding scope of a discount", "R2", PRICE, |shop| {
        discounted(shop, |wrong| wrong.reduction = rate_off(1, "half-up", "order"));
    }),
    ("an unknown duration of a coupon", "D5", PRICE, |shop| {
        discounted(shop, |wrong| wrong.coupon.duration = Some("twice".into()));
    }),
    ("months of a coupon that does not repeat", "D5", PRICE, |shop| {
        discounted(shop, |wrong| wrong.coupon.duration_in_months = Some(3));
    }),
    ("a coupon that repeats for no month", "D5", PRICE, |shop| {
        discounted(shop, |wrong| {
            wrong.coupon.duration = Some("repeating".into());
            wrong.coupon.duration_in_months = Some(0);
        });
    }),
    ("a coupon that cannot be redeemed", "D5", PRICE, |shop| {
        discounted(shop, |wrong| wrong.coupon.max_redemptions = Some(0));
    }),
    ("a discount that has ended", "D6", PRICE, |shop| {
        discounted(shop, |wrong| wrong.ends = Some(NOW));
    }),
    ("a discount that has not started", "D6", PRICE, |shop| {
        discounted(shop, |wrong| wrong.starts = Some(Timestamp(NOW.0 + 1)));
    }),
    ("a discount that ends before it starts", "D6", PRICE, |shop| {
        discounted(shop, |wrong| {
            (wrong.starts, wrong.ends) = (Some(NOW), Some(Timestamp(NOW.0 - 1)))
        });
    }),
    ("an option of an unknown group", "ids", OPTIONS, |shop| {
        shop.offer.options[0].group = Some(GroupId::new("home"));
    }),
    ("a preselected option that is not on offer", "ids", OPTIONS, |shop| {
        shop.offer.preselected = vec![Choice::of(OptionId::new("drone"))];
    }),
    ("two preselected options for one line", "choices", OPTIONS, |shop| {
        shop.offer.options.push(option("post", "pickup", 1));
        shop.offer.preselected.push(Choice::of(OptionId::new("post")));
    }),
    (
        "an option that is preselected for a line that it does not cover",
        "choices",
        OPTIONS,
        |shop| {
            shop.offer.preselected[0].lines = vec![LineId::new("mug")];
        },
    ),
    ("a negative price of an option", "L4", OPTIONS, |shop| {
        shop.offer.options[0].price = -1
    }),
    ("a tax larger than the amount that includes it", "N1", ASSESS, |shop| {
        shop.prices.lines[0].tax_included = true;
        shop.taxes = amounts(&[("tee", 2001)]);
    }),
    ("a negative part of a tax", "L4", ASSESS, |shop| {
        shop.taxes = in_parts(&[(-500, 1), (505, 1)]);
    }),
    ("a rate of a part of more than 100 %", "R1", ASSESS, |shop| {
        shop.taxes = in_parts(&[(5, 1_000_001)]);
    }),
    ("a negative tax", "L4", ASSESS, |shop| {
        shop.taxes = amounts(&[("tee", -1)])
    }),
    ("a tax on an unknown line", "ids", ASSESS, |shop| {
        shop.taxes = rates(&[("mug", 1)], "half-up", "line")
    }),
    ("rates of more than 100 %", "R1", ASSESS, |shop| {
        shop.taxes = rates(&[("tee", 1_000_001)], "half-up", "line");
    }),
    ("a tax on what is exempt", "exempt", ASSESS, |shop| {
        shop.taxes = amounts(&[("tee", 1)]);
        if let AnsweredTaxes::Amounts { lines, .. } = &mut shop.taxes {
            lines[0].exempt = Some("resale".into());
        }
    }),
    ("a rate of what is exempt", "exempt", ASSESS, |shop| {
        shop.taxes = rates(&[("tee", 1)], "half-up", "line");
        if let AnsweredTaxes::Rates { lines, .. } = &mut shop.taxes {
            lines[0].exempt = Some("resale".into());
        }
    }),
    ("a line that is rated twice", "ids", ASSESS, |shop| {
        shop.taxes = rates(&[("tee", 1), ("tee", 1)], "half-up", "line");
    }),
    ("an unknown rounding of taxes", "R2", ASSESS, |shop| {
        shop.taxes = rates(&[], "half-up", "basket")
    }),
];

#[test]
fn every_wrong_answer_is_refused_by_its_rule() {
    for (what, rule, function, answer) in WRONG {
        let mut shop = Shop::selling(&[("tee", 2, 1000)], false);
        shop.quote();
        answer(&mut shop);
        let broken = shop.broken();
        assert_eq!(
            (broken.rule.id(), broken.function),
            (rule, function),
            "{what}: {broken}"
        );
        assert!(broken.rule.functions().contains(&function), "{what}");
        assert!(!broken.detail.is_empty() && !broken.rule.help().is_empty(), "{what}");
    }
}

#[test]
fn an_option_of_a_group_names_lines_of_that_group_only() {
    let mut shop = Shop::selling(&[("tee", 1, 1000), ("mug", 1, 500)], false);
    shop.cart.groups = vec![crate::cart::FulfillmentGroup {
        id: GroupId::new("home"),
        kind: "shipping".into(),
        lines: vec![LineId::new("tee")],
        destination: None,
        recipient: None,
        location: None,
        instructions: None,
    }];
    shop.offer.options = vec![OfferedOption {
        group: Some(GroupId::new("home")),
        lines: vec![LineId::new("mug")],
        ..option("post", "pickup", 0)
    }];
    shop.offer.preselected = Vec::new();
    assert_eq!(shop.broken().rule.id(), "choices");
}
