//! Random answers of a plugin to a random cart: mostly valid in each part, so that whole answers are often valid.

mod offers;
mod prices;
mod taxes;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tillhouse_checkout::cart::{Cart, CartLine, Choice, FulfillmentGroup};
use tillhouse_checkout::decision::{FulfillmentOffer, PricedCart, Stock, TaxAssessment};
use tillhouse_checkout::ids::{GroupId, ItemId, LineId, OptionId};
use tillhouse_checkout::time::Timestamp;

use offers::offers;
use prices::prices;
use taxes::taxes;

const MAX: i64 = (1 << 53) - 1;
const CODES: [&str; 2] = ["SAVE10", "VIP"];

/// The time of every call.
pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);

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
        (Just(cart.clone()), prices(&cart), offers(&cart), stocks(&lines)).prop_flat_map(
            move |(cart, priced, offer, stock)| {
                taxes(&cart, &priced, &offer).prop_map(move |taxes| Answers {
                    cart: cart.clone(),
                    priced: priced.clone(),
                    offer: offer.clone(),
                    taxes,
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
    prop_oneof![60 => good, 1 => bad].boxed()
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
    let chosen = select(vec![
        vec![],
        vec![("std", false)],
        vec![("express", false)],
        vec![("gone", false)],
        vec![("express", true)],
        vec![("gone", true), ("std", false)],
    ]);
    (quantities, codes, chosen, any::<bool>()).prop_map(|(quantities, codes, chosen, grouped)| {
        let line = |(index, quantity)| CartLine {
            id: LineId::new(format!("sku-{index}")),
            item: ItemId::new(format!("sku-{index}")),
            quantity,
        };
        let lines: Vec<CartLine> = quantities.into_iter().enumerate().map(line).collect();
        let first = vec![LineId::new("sku-0")];
        let choice = |(option, of_first): (&str, bool)| Choice {
            option: OptionId::new(option),
            lines: if of_first { first.clone() } else { Vec::new() },
        };
        Cart {
            codes: CODES.iter().take(codes).map(ToString::to_string).collect(),
            choices: chosen.into_iter().map(choice).collect(),
            groups: Vec::from_iter((grouped && lines.len() > 1).then(|| group(first.clone()))),
            lines,
            ..Cart::default()
        }
    })
}

/// Group of the first line, in a cart of several.
fn group(lines: Vec<LineId>) -> FulfillmentGroup {
    FulfillmentGroup {
        id: GroupId::new("first"),
        kind: "digital".into(),
        lines,
        destination: None,
        recipient: None,
        location: None,
        instructions: None,
    }
}

fn stocks(lines: &[LineId]) -> impl Strategy<Value = Vec<Stock>> + use<> {
    let stock = |line: &LineId| Stock {
        line: line.clone(),
        availability: "in_stock".into(),
        available: Some(1_000_000),
        available_from: None,
    };
    let good: Vec<Stock> = lines.iter().map(stock).collect();
    let mut strange = good.clone();
    strange.push(stock(&LineId::new("strange")));
    let twice: Vec<Stock> = good.iter().chain(&good).cloned().collect();
    mostly(Just(good), select(vec![strange, twice]))
}
