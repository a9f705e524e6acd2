//! Generators of carts: valid ones, and ones that agents should not send.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::option;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};
use tillhouse_plugin::types::{Buyer, Cart, Line};

use super::{any_address, any_quantity, any_text};

/// A cart of these items: up to twelve lines, with or without codes, buyer, chosen option and address.
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
    let lines = vec((items, quantities), lines);
    let codes = vec(
        Union::new([
            select(vec!["SAVE10", "NOPE"]).prop_map(str::to_owned).boxed(),
            any_text().boxed(),
        ]),
        0..3,
    );
    let shipped_by = option::weighted(0.3, select(vec!["standard", "express", "no-such-option"]));
    let buyer = option::weighted(0.5, any_buyer());
    (lines, codes, option::of(any_address()), shipped_by, buyer)
        .prop_map(|(lines, codes, destination, shipped_by, buyer)| Cart {
            lines: lines
                .into_iter()
                .enumerate()
                .map(|(index, (item, quantity))| line(index, item, quantity))
                .collect(),
            codes,
            destination,
            chosen_option: shipped_by.map(str::to_owned),
            buyer,
            ..Cart::from(crate::cart())
        })
        // Boxed like the other generators, so that the tests of each plugin do not compile it again.
        .boxed()
}

/// A guest, a signed-in buyer or a business; any field may be missing.
fn any_buyer() -> impl Strategy<Value = Buyer> {
    let email = option::of(Union::new([
        Just("jane@example.com".to_owned()).boxed(),
        any_text().boxed(),
    ]));
    let account = select(vec![None, Some("guest"), Some("registered"), Some("business")]);
    let customer = option::of(Just("cus_1"));
    (email, option::of(any_text()), account, customer).prop_map(|(email, name, account, customer)| Buyer {
        email,
        name,
        phone: None,
        signed_in: customer.is_some(),
        customer_id: customer.map(str::to_owned),
        account: account.map(str::to_owned),
        extensions: Vec::new(),
    })
}

fn line(index: usize, item: String, quantity: u32) -> Line {
    Line {
        id: format!("line_{}", index + 1),
        item,
        quantity,
        extensions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    use super::*;

    fn examples(strategy: impl Strategy<Value = Cart>) -> Vec<Cart> {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        (0..50)
            .map(|_| strategy.new_tree(&mut runner).unwrap().current())
            .collect()
    }

    #[test]
    fn a_cart_may_have_a_buyer_a_code_an_option_and_an_address_and_may_not() {
        let carts = examples(any_cart(&["tee"]));
        let has: [fn(&Cart) -> bool; 4] = [
            |cart| cart.buyer.is_some(),
            |cart| !cart.codes.is_empty(),
            |cart| cart.chosen_option.is_some(),
            |cart| cart.destination.is_some(),
        ];
        for has in has {
            assert!(carts.iter().any(has) && !carts.iter().all(has));
        }
        assert!(carts.iter().all(|cart| (1..=12).contains(&cart.lines.len())));
    }

    #[test]
    fn a_cart_has_as_many_lines_as_it_was_asked_to_have() {
        let carts = examples(any_cart_of(&["tee"], 199..=200));
        assert!(carts.iter().all(|cart| (199..=200).contains(&cart.lines.len())));
    }

    #[test]
    fn an_odd_cart_has_what_no_agent_should_send() {
        let carts = examples(any_odd_cart(&["tee"]));
        let lines: Vec<&Line> = carts.iter().flat_map(|cart| &cart.lines).collect();
        for quantity in [0, u32::MAX] {
            assert!(lines.iter().any(|line| line.quantity == quantity), "{quantity}");
        }
        assert!(lines.iter().any(|line| line.item == "tee"));
        assert!(lines.iter().any(|line| line.item == "no-such-item"));
        assert!(carts.iter().any(|cart| cart.lines.len() > 100));
    }
}
