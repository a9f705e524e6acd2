//! Random answers of a plugin to a random cart: mostly valid in each part, so that whole answers are often valid.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tillhouse_checkout::cart::{Cart, CartLine};
use tillhouse_checkout::decision::{
    AssessedTax, DiscountTarget, DiscountTerms, FulfillmentOffer, OfferedDiscount, OfferedFee, OfferedOption,
    PricedCart, PricedLine, RejectedCode, Stock, TaxAssessment, TaxPart,
};
use tillhouse_checkout::ids::{ItemId, LineId, OptionId};

const MAX: i64 = (1 << 53) - 1;
const CODES: [&str; 2] = ["SAVE10", "VIP"];

/// A cart and all answers of plugins about it.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    pub(super) cart: Cart,
    pub(super) priced: PricedCart,
    pub(super) offer: FulfillmentOffer,
    pub(super) taxes: TaxAssessment,
    pub(super) stock: Vec<Stock>,
}

pub(super) fn answers() -> impl Strategy<Value = Answers> {
    carts().prop_flat_map(|cart| {
        let lines: Vec<LineId> = cart.lines.iter().map(|line| line.id.clone()).collect();
        (Just(cart.clone()), prices(&cart), offers(&lines), stocks(&lines)).prop_flat_map(
            move |(cart, priced, offer, stock)| {
                let fees = priced.fees.iter().map(|fee| fee.id.clone()).collect();
                let options = offer.options.iter().map(|option| option.id.to_string()).collect();
                let lines = lines.iter().map(ToString::to_string).collect();
                (assessed(lines), assessed(options), assessed(fees)).prop_map(move |(lines, options, fees)| Answers {
                    cart: cart.clone(),
                    priced: priced.clone(),
                    offer: offer.clone(),
                    taxes: TaxAssessment {
                        lines,
                        options,
                        fees,
                        messages: Vec::new(),
                    },
                    stock: stock.clone(),
                })
            },
        )
    })
}

/// A strategy that mostly yields valid values.
fn mostly<T: Clone + std::fmt::Debug + 'static>(
    good: impl Strategy<Value = T> + 'static,
    bad: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<T> {
    prop_oneof![40 => good, 1 => bad].boxed()
}

fn amounts() -> BoxedStrategy<i64> {
    mostly(
        0..1_000_000_i64,
        select(vec![-1, i64::MIN, MAX, MAX + 1, MAX / 2, i64::MAX]),
    )
}

fn carts() -> impl Strategy<Value = Cart> {
    let quantities = vec(prop_oneof![9 => 1..20_u32, 1 => Just(1_000_000)], 1..5);
    let codes = select(vec![0, 0, 1, 2]);
    (quantities, codes, option::of(select(vec!["std", "express", "gone"]))).prop_map(|(quantities, codes, chosen)| {
        let line = |(index, quantity)| CartLine {
            id: LineId::new(format!("sku-{index}")),
            item: ItemId::new(format!("sku-{index}")),
            quantity,
        };
        Cart {
            lines: quantities.into_iter().enumerate().map(line).collect(),
            codes: CODES.iter().take(codes).map(ToString::to_string).collect(),
            chosen_option: chosen.map(OptionId::new),
            ..Cart::default()
        }
    })
}

fn prices(cart: &Cart) -> impl Strategy<Value = PricedCart> + use<> {
    let lines: Vec<LineId> = cart.lines.iter().map(|line| line.id.clone()).collect();
    let priced = lines.iter().cloned().map(|line| {
        amounts().prop_map(move |unit_price| PricedLine {
            line: line.clone(),
            unit_price,
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
    prop_oneof![5 => Just(None), 1 => select(shapes)].boxed()
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
    let mut targets: Vec<DiscountTarget> = lines.into_iter().map(DiscountTarget::Line).collect();
    targets.push(DiscountTarget::Order);
    let strange = Just(DiscountTarget::Line(LineId::new("strange")));
    let parts = vec((mostly(select(targets), strange), discounted()), 1..4);
    let own = select(
        std::iter::once(None)
            .chain(codes.into_iter().map(Some))
            .collect::<Vec<_>>(),
    );
    let code = mostly(own, Just(Some("STRANGE".to_owned())));
    (parts, code, terms(), 0..4_u32).prop_map(|(allocations, code, terms, priority)| OfferedDiscount {
        id: String::new(),
        code,
        title: "Discount".into(),
        terms,
        method: "across".into(),
        priority,
        allocations,
    })
}

fn discounted() -> BoxedStrategy<i64> {
    mostly(1..500_i64, select(vec![0, -1, 1 << 40, MAX, i64::MAX]))
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

fn fees() -> impl Strategy<Value = Vec<OfferedFee>> {
    vec(amounts(), 0..3).prop_map(|amounts| {
        let fee = |(index, amount)| OfferedFee {
            id: format!("fee-{index}"),
            kind: "gift_wrap".into(),
            title: "Gift wrap".into(),
            amount,
        };
        amounts.into_iter().enumerate().map(fee).collect()
    })
}

fn offers(lines: &[LineId]) -> impl Strategy<Value = FulfillmentOffer> + use<> {
    let of_lines = mostly(
        select(vec![Vec::new(), lines.to_vec()]),
        Just(vec![LineId::new("strange")]),
    );
    let ids = mostly(Just(["std", "express"]), Just(["std", "std"]));
    let preselected = mostly(select(vec![None, Some("std")]), Just(Some("drone")));
    (ids, vec(amounts(), 0..3), of_lines, preselected).prop_map(|(ids, prices, lines, preselected)| {
        let option = |(id, price): (&str, i64)| OfferedOption {
            id: OptionId::new(id),
            kind: "shipping".into(),
            title: id.into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            price,
            lines: lines.clone(),
            place: None,
        };
        let preselected = preselected.filter(|id| *id == "drone" || !prices.is_empty());
        FulfillmentOffer {
            options: ids.into_iter().zip(prices).map(option).collect(),
            preselected: preselected.map(OptionId::new),
            messages: Vec::new(),
        }
    })
}

fn assessed(ids: Vec<String>) -> BoxedStrategy<Vec<AssessedTax>> {
    let one = |id: String| {
        (
            Just(id),
            amounts(),
            select(vec![0, 0, 1, 2]),
            mostly(Just(0_i64), select(vec![1, -1, i64::MAX])),
        )
    };
    let all: Vec<_> = ids.into_iter().map(one).collect();
    let good = all.prop_map(|taxes| {
        let assessed = |(id, amount, parts, off): (String, i64, usize, i64)| AssessedTax {
            id,
            amount,
            parts: parts_of(amount, parts, off),
        };
        taxes.into_iter().map(assessed).collect::<Vec<_>>()
    });
    (good, mostly(Just(0), 1..4))
        .prop_map(|(mut taxes, damage)| {
            match damage {
                1 => drop(taxes.pop()),
                2 => taxes.extend(taxes.first().cloned()),
                3 => taxes.push(AssessedTax {
                    id: "strange".into(),
                    amount: 0,
                    parts: Vec::new(),
                }),
                _ => {}
            }
            taxes
        })
        .boxed()
}

/// Splits an amount into this many parts; `off` makes the sum wrong.
fn parts_of(amount: i64, parts: usize, off: i64) -> Vec<TaxPart> {
    let part = |amount| TaxPart {
        jurisdiction: "US-XX".into(),
        rate: 10_000,
        amount,
    };
    match parts {
        0 => Vec::new(),
        1 => vec![part(amount.saturating_add(off))],
        _ => vec![part(amount / 2), part((amount - amount / 2).saturating_add(off))],
    }
}

fn stocks(lines: &[LineId]) -> impl Strategy<Value = Vec<Stock>> + use<> {
    let stock = |line: &LineId| Stock {
        line: line.clone(),
        availability: "in_stock".into(),
        available: Some(1_000_000),
    };
    let good: Vec<Stock> = lines.iter().map(stock).collect();
    let mut strange = good.clone();
    strange.push(stock(&LineId::new("strange")));
    let twice: Vec<Stock> = good.iter().chain(&good).cloned().collect();
    mostly(Just(good), select(vec![strange, twice]))
}
