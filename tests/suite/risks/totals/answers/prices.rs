//! Random prices, discounts, codes and fees.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tillhouse_checkout::cart::Cart;
use tillhouse_checkout::decision::{
    Coupon, DiscountTarget, DiscountTerms, OfferedDiscount, OfferedFee, PricedCart, PricedLine, RateOff, Reduction,
    RejectedCode, RoundingRule,
};
use tillhouse_checkout::ids::{LineId, OptionId};
use tillhouse_checkout::time::Timestamp;

use super::{MAX, NOW, amounts, mostly};

pub(super) fn prices(cart: &Cart) -> impl Strategy<Value = PricedCart> + use<> {
    let lines: Vec<LineId> = cart.lines.iter().map(|line| line.id.clone()).collect();
    let priced = lines.iter().cloned().map(|line| {
        (amounts(), any::<bool>()).prop_map(move |(unit_price, tax_included)| PricedLine {
            line: line.clone(),
            unit_price,
            tax_included,
            max_quantity: None,
        })
    });
    let priced = priced.collect::<Vec<_>>();
    let codes = cart.codes.clone();
    (priced, vec(discounts(lines, codes.clone()), 0..3), fees(), damage()).prop_map(
        move |(lines, mut discounts, fees, damage)| {
            for (index, discount) in discounts.iter_mut().enumerate() {
                discount.id = format!("discount-{index}");
            }
            let applied = |code: &String| discounts.iter().any(|discount| discount.code.as_ref() == Some(code));
            let rejected = codes.iter().filter(|code| !applied(code));
            let mut answer = PricedCart {
                rejected: rejected.map(|code| rejection(code, "discount_code_expired")).collect(),
                lines,
                discounts,
                fees,
                ..PricedCart::default()
            };
            damage.to(&mut answer, &codes);
            answer
        },
    )
}

/// Damage to the structure of an answer, rather than to its amounts.
#[derive(Clone, Copy, Debug)]
enum Damage {
    None,
    LineMissing,
    LineTwice,
    LineStrange,
    CodeUnanswered,
    CodeTwice,
    CodeStrange,
    ReasonStrange,
    DiscountTwice,
    FeeTwice,
}

fn damage() -> BoxedStrategy<Damage> {
    use Damage::*;
    let shapes = vec![
        LineMissing,
        LineTwice,
        LineStrange,
        CodeUnanswered,
        CodeTwice,
        CodeStrange,
        ReasonStrange,
        DiscountTwice,
        FeeTwice,
    ];
    prop_oneof![8 => Just(None), 1 => select(shapes)].boxed()
}

impl Damage {
    fn to(self, answer: &mut PricedCart, codes: &[String]) {
        match self {
            Self::None => {}
            Self::LineMissing => drop(answer.lines.pop()),
            Self::LineTwice => answer.lines.extend(answer.lines.first().cloned()),
            Self::LineStrange => answer
                .lines
                .extend(answer.lines.first().cloned().map(|line| PricedLine {
                    line: LineId::new("strange"),
                    ..line
                })),
            Self::CodeUnanswered => drop(answer.rejected.pop()),
            Self::CodeTwice => answer
                .rejected
                .extend(codes.first().map(|code| rejection(code, "discount_code_invalid"))),
            Self::CodeStrange => answer.rejected.push(rejection("STRANGE", "discount_code_invalid")),
            Self::ReasonStrange => answer
                .rejected
                .iter_mut()
                .for_each(|code| code.reason = "because".into()),
            Self::DiscountTwice => answer.discounts.extend(answer.discounts.first().cloned()),
            Self::FeeTwice => answer.fees.extend(answer.fees.first().cloned()),
        }
    }
}

fn rejection(code: &str, reason: &str) -> RejectedCode {
    RejectedCode {
        code: code.into(),
        reason: reason.into(),
        message: "No.".into(),
    }
}

fn discounts(lines: Vec<LineId>, codes: Vec<String>) -> impl Strategy<Value = OfferedDiscount> {
    let own = select(
        std::iter::once(None)
            .chain(codes.into_iter().map(Some))
            .collect::<Vec<_>>(),
    );
    let code = mostly(own, Just(Some("STRANGE".to_owned())));
    (reductions(lines), code, coupons(), validity(), 0..4_u32).prop_map(
        |(reduction, code, coupon, (starts, ends), priority)| OfferedDiscount {
            id: String::new(),
            code,
            coupon,
            method: "across".into(),
            priority,
            starts,
            ends,
            reduction,
        },
    )
}

fn reductions(lines: Vec<LineId>) -> impl Strategy<Value = Reduction> {
    let mut targets: Vec<DiscountTarget> = lines.into_iter().map(DiscountTarget::Line).collect();
    targets.push(DiscountTarget::Order);
    targets.push(DiscountTarget::Option(OptionId::new("std")));
    targets.push(DiscountTarget::Fulfillment);
    let target = mostly(select(targets), Just(DiscountTarget::Line(LineId::new("strange"))));
    let amounts = vec((target.clone(), discounted()), 1..4).prop_map(Reduction::Amounts);
    let rates = (
        mostly(1..500_000_u32, Just(1_000_001)),
        vec(target, 0..3),
        rounding(vec!["line", "cart"]),
    );
    let rates = rates.prop_map(|(rate, targets, rounding)| {
        Reduction::Rate(RateOff {
            rate,
            targets,
            rounding,
        })
    });
    prop_oneof![amounts, rates]
}

/// A rounding rule in one of these scopes.
pub(super) fn rounding(scopes: Vec<&'static str>) -> impl Strategy<Value = RoundingRule> {
    let modes = select(vec!["half-up", "half-even", "down", "up"]);
    let named = (mostly(modes, Just("nearest")), mostly(select(scopes), Just("order")));
    named.prop_map(|(mode, scope)| RoundingRule {
        mode: mode.into(),
        scope: scope.into(),
    })
}

fn discounted() -> BoxedStrategy<i64> {
    mostly(1..500_i64, select(vec![0, -1, 1 << 40, MAX, i64::MAX]))
}

fn coupons() -> impl Strategy<Value = Coupon> {
    let good = select(vec![
        (None, None, None),
        (Some("once"), None, Some(1_u64)),
        (Some("repeating"), Some(3), None),
        (Some("forever"), None, None),
    ]);
    let bad = select(vec![
        (Some("monthly"), None, None),
        (Some("once"), Some(3), None),
        (Some("repeating"), Some(0), None),
        (None, None, Some(0)),
    ]);
    (terms(), mostly(good, bad)).prop_map(|(terms, (duration, duration_in_months, max_redemptions))| Coupon {
        id: "coupon".into(),
        name: "Coupon".into(),
        terms,
        duration: duration.map(Into::into),
        duration_in_months,
        max_redemptions,
        times_redeemed: None,
        metadata: Vec::new(),
    })
}

fn terms() -> BoxedStrategy<DiscountTerms> {
    let good = prop_oneof![
        (0..=1_000_000_u32).prop_map(DiscountTerms::Rate),
        (0..10_000_i64).prop_map(DiscountTerms::Amount),
    ];
    let bad = select(vec![
        DiscountTerms::Rate(1_000_001),
        DiscountTerms::Amount(-1),
        DiscountTerms::Amount(i64::MAX),
    ]);
    mostly(good, bad)
}

/// Start and end of a discount.
fn validity() -> BoxedStrategy<(Option<Timestamp>, Option<Timestamp>)> {
    let (before, after) = (Some(Timestamp(NOW.0 - 1)), Some(Timestamp(NOW.0 + 1)));
    let good = vec![(None, None), (Some(NOW), None), (None, after), (before, after)];
    let bad = vec![(None, Some(NOW)), (after, None), (after, after), (before, before)];
    mostly(select(good), select(bad))
}

fn fees() -> impl Strategy<Value = Vec<OfferedFee>> {
    vec((amounts(), any::<bool>()), 0..3).prop_map(|amounts| {
        let fee = |(index, (amount, tax_included))| OfferedFee {
            id: format!("fee-{index}"),
            kind: "gift_wrap".into(),
            title: "Gift wrap".into(),
            amount,
            tax_included,
        };
        amounts.into_iter().enumerate().map(fee).collect()
    })
}
