//! Generators of catalogs: prices of any size, in currencies of any number of decimals, with and without tax.

use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{Just, Strategy, Union};
use tillhouse_plugin_protocol::lookups::ReadCurrency;

use crate::catalog::{Item, item};
use crate::program::Program;

/// Up to this many items with the ids `item-1`, `item-2` …, priced in this currency.
///
/// Prices go from one minor unit to about a million units of the currency. Some include tax, and some items are counted.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # use tillhouse_harness::generate::any_items;
/// # async fn test(env: Env) {
/// env.for_all(20, any_items("KWD", 5), async |items| {
///     env.catalog("").currency("KWD");
///     for item in items {
///         env.item(item);
///     }
///     let quoted = env.quote(cart().line("item-1", 3).to(address::of("KW"))).await;
///     quoted.map(drop).map_err(|why| why.to_string())
/// })
/// .await;
/// # }
/// ```
///
/// # Panics
/// When the host does not know the currency.
pub fn any_items(currency: &str, most: usize) -> impl Strategy<Value = Vec<Item>> + use<> {
    let currency = currency.to_ascii_uppercase();
    let decimals = decimals_of(&currency);
    let prices = Union::new_weighted(vec![
        (4, (1_u64..10_000).boxed()),
        (1, Just(1).boxed()),
        (1, (1_u64..1_000_000_000).boxed()),
    ]);
    let stock = select(vec![None, Some(0), Some(3), Some(1_000_000)]);
    vec((prices, proptest::bool::ANY, stock), 1..=most.max(1))
        .prop_map(move |items| {
            let item = |(index, (minor, is_gross, stock)): (usize, (u64, bool, Option<u64>))| {
                let price = format!("{} {currency}", price(minor, decimals));
                let item = item(&format!("item-{}", index + 1), &price);
                let item = if is_gross { item.tax_included() } else { item };
                match stock {
                    Some(units) => item.stock(units),
                    None => item,
                }
            };
            items.into_iter().enumerate().map(item).collect::<Vec<Item>>()
        })
        .boxed()
}

/// Number of decimals of a currency's minor unit.
pub(crate) fn decimals_of(currency: &str) -> u32 {
    let read = ReadCurrency {
        code: currency.to_owned(),
    };
    let known = Program::of_this_process().ask_now(&read);
    known.unwrap_or_else(|problem| panic!("{problem}")).exponent
}

/// An amount of minor units as a product feed writes it: `4.125` for 4125 with three decimals.
pub(crate) fn price(minor: u64, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    match usize::try_from(decimals) {
        Ok(0) | Err(_) => minor.to_string(),
        Ok(width) => format!("{}.{:0width$}", minor / unit, minor % unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_the_decimals_of_its_currency() {
        for (decimals, text) in [(0, "4005"), (2, "40.05"), (3, "4.005"), (4, "0.4005")] {
            assert_eq!(price(4_005, decimals), text);
        }
        assert_eq!(price(1, 4), "0.0001");
    }
}
