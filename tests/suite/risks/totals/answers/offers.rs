//! Random fulfillment options, for all lines, for some, or for a group.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tillhouse_checkout::cart::{Cart, Choice};
use tillhouse_checkout::decision::{FulfillmentOffer, OfferedOption};
use tillhouse_checkout::ids::{GroupId, LineId, OptionId};

use super::{amounts, mostly};

/// Lines that an option names, and its group.
type Scope = (Vec<LineId>, Option<GroupId>);

pub(super) fn offers(cart: &Cart) -> impl Strategy<Value = FulfillmentOffer> + use<> {
    let ids = mostly(Just(["std", "express"]), Just(["std", "std"]));
    let prices = vec((amounts(), any::<bool>(), scopes(cart)), 0..3);
    let first = LineId::new("sku-0");
    let choice = |option: &str, lines: &[LineId]| Choice {
        option: OptionId::new(option),
        lines: lines.to_vec(),
    };
    let good = select(vec![vec![], vec![choice("std", &[])]]);
    let bad = select(vec![
        vec![choice("drone", &[])],
        vec![choice("std", &[]), choice("std", std::slice::from_ref(&first))],
        vec![choice("std", &[LineId::new("strange")])],
    ]);
    (ids, prices, mostly(good, bad)).prop_map(|(ids, prices, preselected)| {
        let option = |(id, (price, tax_included, (lines, group))): (&str, (i64, bool, Scope))| OfferedOption {
            id: OptionId::new(id),
            kind: "shipping".into(),
            title: id.into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            price,
            tax_included,
            lines,
            group,
            place: None,
            pickup_type: None,
            ready_by: None,
            pickup_by: None,
        };
        let is_meant = |choice: &Choice| choice.option.as_str() == "drone" || !prices.is_empty();
        FulfillmentOffer {
            preselected: preselected.into_iter().filter(is_meant).collect(),
            options: ids.into_iter().zip(prices).map(option).collect(),
            messages: Vec::new(),
        }
    })
}

fn scopes(cart: &Cart) -> BoxedStrategy<Scope> {
    let all: Vec<LineId> = cart.lines.iter().map(|line| line.id.clone()).collect();
    let last = all.last().cloned().into_iter().collect::<Vec<_>>();
    let mut good: Vec<Scope> = vec![(Vec::new(), None), (all, None), (last.clone(), None)];
    let mut bad: Vec<Scope> = vec![
        (vec![LineId::new("strange")], None),
        (Vec::new(), Some(GroupId::new("strange"))),
    ];
    if let Some(group) = cart.groups.first() {
        good.push((Vec::new(), Some(group.id.clone())));
        good.push((group.lines.clone(), Some(group.id.clone())));
        bad.push((last, Some(group.id.clone())));
    }
    mostly(select(good), select(bad))
}
