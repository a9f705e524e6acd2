//! Generators of carts: valid ones, and ones that agents should not send.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::option;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};
use tillhouse_plugin::types::{Address, Buyer, Cart, Choice, Group, Line, Recipient};

use super::buyers::{any_buyer, any_recipient};
use super::{any_address, any_quantity, any_text};

/// Maximum number of groups in a generated cart.
const GROUPS: usize = 3;

/// A cart of these items: up to twelve lines, with or without codes, buyer, recipient, addresses, groups and chosen
/// options.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_cart;
/// # use tillhouse_plugin::types::Cart;
/// # async fn test(env: Env) {
/// env.for_all(40, any_cart(&["tee", "mug"]), async |cart: Cart| {
///     let lines = cart.lines.len();
///     let priced = env.pricing().price(cart).await.unwrap();
///     if priced.lines.len() == lines { Ok(()) } else { Err("a line has no price".to_owned()) }
/// })
/// .await;
/// # }
/// ```
pub fn any_cart(items: &[&str]) -> impl Strategy<Value = Cart> + use<> {
    any_cart_of(items, 1..=12)
}

/// Like [`any_cart`], with this many lines. A host accepts carts of up to 200 lines.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_cart_of;
/// # use tillhouse_plugin::types::Cart;
/// # async fn test(env: Env) {
/// env.for_all(10, any_cart_of(&["tee", "mug"], 150..=200), async |cart: Cart| {
///     env.pricing().price(cart).await.map(drop).map_err(|failure| format!("{failure:?}"))
/// })
/// .await;
/// # }
/// ```
pub fn any_cart_of(items: &[&str], lines: RangeInclusive<usize>) -> impl Strategy<Value = Cart> + use<> {
    let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
    cart(select(items).boxed(), any_quantity().boxed(), lines)
}

/// A cart with mistakes, which an agent should not send.
///
/// It may have unknown items, quantities of zero or above the limit of the contract, and up to 200 lines. A plugin
/// should answer every such cart without a fault.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_odd_cart;
/// # use tillhouse_plugin::types::Cart;
/// # async fn test(env: Env) {
/// env.for_all(40, any_odd_cart(&["tee", "mug"]), async |cart: Cart| {
///     let lines = cart.lines.len();
///     let priced = env.pricing().price(cart).await.map_err(|failure| format!("{failure:?}"))?;
///     let answered = priced.lines.len() + priced.unknown.len();
///     if answered == lines { Ok(()) } else { Err("a line is neither priced nor unknown".to_owned()) }
/// })
/// .await;
/// # }
/// ```
pub fn any_odd_cart(items: &[&str]) -> impl Strategy<Value = Cart> + use<> {
    let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
    let items = Union::new_weighted(vec![
        (4, select(items).boxed()),
        (1, Just("no-such-item".to_owned()).boxed()),
        (1, any_text().boxed()),
    ]);
    let quantities = Union::new_weighted(vec![
        (4, any_quantity().boxed()),
        (1, Just(0).boxed()),
        (1, Just(u32::MAX).boxed()),
    ]);
    cart(items.boxed(), quantities.boxed(), 1..=200)
}

fn cart(
    items: BoxedStrategy<String>,
    quantities: BoxedStrategy<u32>,
    lines: RangeInclusive<usize>,
) -> impl Strategy<Value = Cart> + use<> {
    let codes = vec(
        Union::new([
            select(vec!["SAVE10", "NOPE"]).prop_map(str::to_owned).boxed(),
            any_text().boxed(),
        ]),
        0..3,
    );
    let basket = (vec((items, quantities), lines), codes);
    let people = (
        option::weighted(0.5, any_buyer()),
        option::weighted(0.3, any_recipient()),
    );
    let addresses = (option::of(any_address()), option::weighted(0.3, any_address()));
    (basket, people, addresses, groups(), choices())
        .prop_map(|((lines, codes), people, addresses, groups, choices)| {
            let lines: Vec<Line> = lines.into_iter().enumerate().map(line).collect();
            cart_of(lines, codes, people, addresses, groups, choices)
        })
        // Boxed like the other generators, so that the tests of each plugin do not compile it again.
        .boxed()
}

fn cart_of(
    lines: Vec<Line>,
    codes: Vec<String>,
    (buyer, recipient): (Option<Buyer>, Option<Recipient>),
    (destination, billing): (Option<Address>, Option<Address>),
    mut groups: Vec<Group>,
    choices: Vec<(&'static str, bool)>,
) -> Cart {
    // Every line is in the group of its number, or in none.
    for (index, line) in lines.iter().enumerate() {
        if let Some(group) = groups.get_mut(index % (GROUPS + 1)) {
            group.lines.push(line.id.clone());
        }
    }
    let choice = |(index, (option, is_of_one)): (usize, (&str, bool))| match lines.get(index) {
        Some(line) if is_of_one => Choice::for_lines(option, [line.id.as_str()]),
        _ => Choice::of(option),
    };
    Cart {
        choices: choices.into_iter().enumerate().map(choice).collect(),
        lines,
        codes,
        buyer,
        recipient,
        destination,
        billing,
        groups,
        ..Cart::default()
    }
}

/// Groups without lines, each with or without a destination of its own.
fn groups() -> impl Strategy<Value = Vec<Group>> {
    let kinds = select(vec!["shipping", "pickup", "local_delivery", "digital"]);
    let group = (
        kinds,
        option::of(any_address()),
        option::weighted(0.2, Just("downtown")),
    );
    let some = vec(group, 1..=GROUPS).prop_map(|groups| groups.into_iter().enumerate().map(numbered).collect());
    Union::new_weighted(vec![(3, Just(Vec::new()).boxed()), (1, some.boxed())])
}

fn numbered((index, (kind, destination, location)): (usize, (&str, Option<Address>, Option<&str>))) -> Group {
    Group {
        kind: kind.to_owned(),
        destination,
        location: location.map(str::to_owned),
        ..Group::shipping(format!("group_{}", index + 1), [""; 0], Address::default())
    }
}

/// Chosen options, each for all lines or for one.
fn choices() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    let option = select(vec!["standard", "express", "no-such-option"]);
    let some = vec((option, proptest::bool::ANY), 1..=2);
    Union::new_weighted(vec![(2, Just(Vec::new()).boxed()), (1, some.boxed())])
}

fn line((index, (item, quantity)): (usize, (String, u32))) -> Line {
    Line::new(format!("line_{}", index + 1), item, quantity)
}

#[cfg(test)]
mod tests {
    use super::super::examples;
    use super::*;

    #[test]
    fn each_part_of_a_cart_is_there_in_some_examples_and_missing_in_others() {
        let carts = examples(&any_cart(&["tee"]), 50);
        let has: [fn(&Cart) -> bool; 9] = [
            |cart| cart.buyer.is_some(),
            |cart| cart.buyer.as_ref().is_some_and(|buyer| buyer.company.is_some()),
            |cart| cart.recipient.is_some(),
            |cart| !cart.codes.is_empty(),
            |cart| cart.choices.iter().any(|choice| choice.lines.is_empty()),
            |cart| cart.choices.iter().any(|choice| choice.lines.len() == 1),
            |cart| cart.destination.is_some(),
            |cart| cart.billing.is_some(),
            |cart| cart.groups.iter().any(|group| !group.lines.is_empty()),
        ];
        for (index, has) in has.into_iter().enumerate() {
            assert!(carts.iter().any(has) && !carts.iter().all(has), "{index}");
        }
        assert!(carts.iter().all(|cart| (1..=12).contains(&cart.lines.len())));
    }

    #[test]
    fn a_line_is_in_one_group_at_most_and_its_group_exists() {
        for cart in examples(&any_cart(&["tee", "mug"]), 50) {
            for line in &cart.lines {
                let groups = cart.groups.iter().filter(|group| group.lines.contains(&line.id));
                assert!(groups.count() <= 1, "{cart:#?}");
            }
            let mut grouped = cart.groups.iter().flat_map(|group| &group.lines);
            assert!(
                grouped.all(|id| cart.lines.iter().any(|line| line.id == *id)),
                "{cart:#?}"
            );
        }
    }

    #[test]
    fn a_cart_has_as_many_lines_as_it_was_asked_to_have() {
        let carts = examples(&any_cart_of(&["tee"], 199..=200), 50);
        assert!(carts.iter().all(|cart| (199..=200).contains(&cart.lines.len())));
    }

    #[test]
    fn an_odd_cart_has_what_no_agent_should_send() {
        let carts = examples(&any_odd_cart(&["tee"]), 50);
        let lines: Vec<&Line> = carts.iter().flat_map(|cart| &cart.lines).collect();
        for quantity in [0, u32::MAX] {
            assert!(lines.iter().any(|line| line.quantity == quantity), "{quantity}");
        }
        assert!(lines.iter().any(|line| line.item == "tee"));
        assert!(lines.iter().any(|line| line.item == "no-such-item"));
        assert!(carts.iter().any(|cart| cart.lines.len() > 100));
    }
}
