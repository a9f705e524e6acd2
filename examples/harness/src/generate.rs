//! Generators of carts, addresses and texts, for properties that hold whatever a buyer does.
//!
//! ```no_run
//! # use tillhouse_harness::prelude::*;
//! use tillhouse_harness::generate::any_cart;
//!
//! # async fn test(env: Env) {
//! env.for_all(50, any_cart(&["tee", "mug"]), async |cart| {
//!     let lines = cart.lines.len();
//!     let priced = env.pricing().price(cart).await.map_err(|failure| format!("{failure:?}"))?;
//!     if priced.lines.len() == lines { Ok(()) } else { Err("a line has no price".to_owned()) }
//! })
//! .await;
//! # }
//! ```

mod buyers;
mod carts;
mod items;

use std::fmt::Debug;

use proptest::sample::select;
use proptest::strategy::{Just, Strategy, Union, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tillhouse_plugin::types::Address;

pub use carts::{any_cart, any_cart_of, any_odd_cart};
pub use items::any_items;
pub(crate) use items::{decimals_of, price};

use crate::address;
use crate::catch_panic::catch_panic_async;
use crate::env::Env;

/// Texts that often break programs, and that reach a plugin: the host refuses control characters, and what changes the direction of
/// text, in requests and in answers.
pub const HOSTILE: [&str; 12] = [
    "",
    " ",
    "\u{200b}",
    "'; DROP TABLE carts; --",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "{\"quantity\":-1}",
    "%s%n%x",
    "👩‍👩‍👧‍👦 שלום abc",
    "line%0d%0ax-injected: 1",
    "9223372036854775808",
    "\u{feff}NaN",
];

/// Maximum number of attempts to shrink a failing example.
const SHRINKS: u32 = 200;

/// A quantity from 1 to the maximum of the contract, with both ends often.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_quantity;
/// # async fn test(env: Env) {
/// env.for_all(20, any_quantity(), async |quantity: u32| {
///     let priced = env.pricing().price(cart().line("tee", quantity)).await;
///     priced.map(drop).map_err(|failure| format!("{quantity}: {failure:?}"))
/// })
/// .await;
/// # }
/// ```
pub fn any_quantity() -> impl Strategy<Value = u32> {
    Union::new_weighted(vec_of([
        (6, (1_u32..20).boxed()),
        (1, Just(1).boxed()),
        (1, Just(1_000_000).boxed()),
        (2, (1_u32..=1_000_000).boxed()),
    ]))
    .boxed()
}

/// An address in one of a few countries; some fields may be empty.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_address;
/// # use tillhouse_plugin::types::Address;
/// # async fn test(env: Env) {
/// env.for_all(20, any_address(), async |address: Address| {
///     let offer = env.fulfillment().options(cart().line("tee", 1).to(address), 25_00).await;
///     offer.map(drop).map_err(|failure| format!("{failure:?}"))
/// })
/// .await;
/// # }
/// ```
pub fn any_address() -> impl Strategy<Value = Address> {
    let states = select(vec!["CA", "NY", "OR", "PR", "ZZ", ""]).prop_map(address::us);
    let countries = select(vec!["DE", "GB", "JP", "CH", "KP", "XX"]).prop_map(address::of);
    let line = Union::new([Just("1 Main St".to_owned()).boxed(), any_text().boxed()]);
    (Union::new([states.boxed(), countries.boxed()]), line)
        .prop_map(|(mut address, line)| {
            address.line_one = line;
            address
        })
        .boxed()
}

/// Any text, including [`HOSTILE`] ones.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_text;
/// # async fn test(env: Env) {
/// env.for_all(20, any_text(), async |code: String| {
///     let priced = env.pricing().price(cart().line("tee", 1).code(code)).await;
///     priced.map(drop).map_err(|failure| format!("{failure:?}"))
/// })
/// .await;
/// # }
/// ```
pub fn any_text() -> impl Strategy<Value = String> {
    Union::new([
        select(HOSTILE.to_vec()).prop_map(str::to_owned).boxed(),
        "\\PC{0,40}".boxed(),
    ])
    .boxed()
}

/// A currency of any number of decimals: 2, 0, 3 or 4.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_currency;
/// # async fn test(env: Env) {
/// env.for_all(8, any_currency(), async |currency: &str| {
///     env.catalog("").currency(currency).item(item("tee", &format!("25 {currency}")));
///     let priced = env.pricing().price(cart().line("tee", 1)).await;
///     priced.map(drop).map_err(|failure| format!("{currency}: {failure:?}"))
/// })
/// .await;
/// # }
/// ```
pub fn any_currency() -> impl Strategy<Value = &'static str> {
    select(vec!["USD", "EUR", "JPY", "KWD", "CLF"]).boxed()
}

fn vec_of<T, const N: usize>(items: [T; N]) -> Vec<T> {
    items.into()
}

/// The first examples of a generator, which are the same in each run.
pub(crate) fn examples<T: Debug>(strategy: &impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = runner();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).expect("an example").current())
        .collect()
}

fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

impl Env {
    /// Fails unless a property holds for this many generated examples, which are the same in each run. A property fails
    /// by returning `Err` or by a panic. A failing example is shrunk before it is reported.
    ///
    /// Each example, also a shrunk one, starts with the configuration, catalog, clock, scripts, plugin data, log lines
    /// and requests from before the first; those of the last example remain. Usage and what the plugin saw add up.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_harness::generate::any_quantity;
    /// # async fn test(env: Env) {
    /// env.for_all(20, any_quantity(), async |quantity: u32| {
    ///     let stock = env.inventory().check(cart().line("tee", quantity)).await.unwrap();
    ///     if stock[0].available == Some(3) { Ok(()) } else { Err(format!("a check of {quantity} changed the stock")) }
    /// })
    /// .await;
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the property does not hold for an example.
    pub async fn for_all<S: Strategy>(
        &self,
        cases: u32,
        examples: S,
        property: impl AsyncFn(S::Value) -> Result<(), String>,
    ) where
        S::Value: Clone + Debug,
    {
        let mut runner = runner();
        let before = self.snapshot();
        let holds = async |example: S::Value| {
            self.restore(&before);
            catch_panic_async(property(example)).await.flatten()
        };
        for _ in 0..cases {
            let mut tree = examples.new_tree(&mut runner).expect("an example");
            let mut example = tree.current();
            let Err(mut problem) = holds(example.clone()).await else {
                continue;
            };
            let mut smaller = tree.simplify();
            for _ in 0..SHRINKS {
                if !smaller {
                    break;
                }
                smaller = match holds(tree.current()).await {
                    Err(found) => {
                        (example, problem) = (tree.current(), found);
                        tree.simplify()
                    }
                    Ok(()) => tree.complicate(),
                };
            }
            panic!("{problem}\nfor {example:#?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carts_are_the_same_in_every_run_and_within_the_contract() {
        let first = examples(&any_cart(&["tee", "mug"]), 50);
        assert_eq!(first, examples(&any_cart(&["tee", "mug"]), 50));
        let mut lines = first.iter().flat_map(|cart| &cart.lines);
        assert!(lines.all(|line| (1..=1_000_000).contains(&line.quantity)));
        assert!(
            first
                .iter()
                .any(|cart| cart.lines.iter().any(|line| line.quantity == 1_000_000))
        );
    }
}
