//! Unit prices and quantity limits.

use tillhouse_plugin::{catalog::Item, prelude::*, pricing::Pricing};

use crate::{Shop, discounts, fees};

/// Cart line with its price.
#[derive(Debug)]
pub(crate) struct Priced {
    /// Id of the line in the cart.
    pub(crate) line: String,
    pub(crate) item: String,
    pub(crate) category: Option<String>,
    pub(crate) physical: bool,
    /// Whether discounts apply to it: its category is not one of `pricing.undiscounted-categories`.
    pub(crate) discountable: bool,
    /// Unit price times quantity.
    pub(crate) base: Amount,
    /// Amount that is left after the discounts so far.
    pub(crate) left: Amount,
}

impl Pricing for Shop {
    fn price(ctx: Context, mut cart: Cart) -> Result<PricedCart, Failure> {
        let limits = Limits::read()?;
        let undiscounted = config::list("pricing.undiscounted-categories");
        let mut answer = PricedCart::default();
        let mut priced = Vec::with_capacity(cart.lines.len());
        let mut units = 0u64;
        let lines = core::mem::take(&mut cart.lines);
        let ids: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
        for (line, item) in lines.into_iter().zip(catalog::get(&ids)) {
            let Some(item) = item else {
                answer.unknown.push(line.id);
                continue;
            };
            let unit_price = unit_price(&line, &item, &ctx.currency)?;
            let base = unit_price.times(line.quantity)?;
            units += u64::from(line.quantity);
            let max_quantity = limits.of(&item.id)?;
            answer.lines.push(PricedLine {
                max_quantity,
                ..PricedLine::new(line.id.as_str(), unit_price).including_tax(item.tax_included)
            });
            let discountable = !is_in(item.category.as_deref(), &undiscounted);
            priced.push(Priced {
                line: line.id,
                item: item.id,
                category: item.category,
                physical: item.physical,
                discountable,
                base,
                left: base,
            });
        }
        discounts::apply(&ctx, &cart, &mut priced, &mut answer)?;
        fees::charge(&cart, units, &mut answer)?;
        Ok(answer)
    }
}

/// Whether a category is on a list; upper and lower case are the same.
pub(crate) fn is_in(category: Option<&str>, list: &[String]) -> bool {
    category.is_some_and(|category| list.iter().any(|listed| category.eq_ignore_ascii_case(listed)))
}

/// Returns the sale price if it is in effect, otherwise the price. An item in another currency is rejected.
fn unit_price(line: &Line, item: &Item, currency: &str) -> Result<Amount, Failure> {
    let price = item.sale_price.as_ref().unwrap_or(&item.price);
    price.amount_in(currency).map_err(|_| {
        let text = format!(
            "{} is sold in {} and cannot be bought in {currency}",
            item.id, price.currency
        );
        Failure::rejected("unsupported", Subject::line(line.id.as_str()), text)
    })
}

/// Maximum quantity of one item in an order.
struct Limits {
    everywhere: Option<u32>,
    column: Option<String>,
}

impl Limits {
    fn read() -> Result<Self, Failure> {
        let mut limits = Self {
            everywhere: None,
            column: None,
        };
        for (key, value) in config::table("limits.") {
            match key.as_str() {
                "max-quantity" => limits.everywhere = Some(config::parse_text("limits.max-quantity", &value)?),
                "max-quantity-column" => limits.column = Some(value),
                _ => {}
            }
        }
        Ok(limits)
    }

    /// Returns the item's own limit from the catalog column, or else the limit for all items.
    fn of(&self, item: &str) -> Result<Option<u32>, Failure> {
        let own = self
            .column
            .as_deref()
            .and_then(|column| Some((column, catalog::column(item, column)?)));
        match own {
            Some((_, value)) if value.is_empty() => Ok(self.everywhere),
            Some((column, value)) => Ok(Some(value.parse().map_err(|_| {
                Failure::Misconfigured(format!(
                    "catalog item `{item}`: column `{column}` is not a number: `{value}`"
                ))
            })?)),
            None => Ok(self.everywhere),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn dollars(minor: i64) -> Money {
        Money {
            minor,
            currency: "USD".into(),
        }
    }

    #[test]
    fn the_sale_price_wins_and_unknown_items_are_named() {
        let mut sale = testing::item("sale", 2_000);
        sale.sale_price = Some(dollars(1_500));
        let _host = testing::Host::new()
            .item(sale)
            .item(testing::item("tee", 2_500))
            .install();
        let cart = testing::cart(&[("sale", 2), ("none", 1), ("tee", 1)]);
        let priced = Shop::price(testing::context("USD"), cart).unwrap();
        let prices: Vec<_> = priced
            .lines
            .iter()
            .map(|line| (line.line.as_str(), line.unit_price))
            .collect();
        assert_eq!(prices, [("line_1", 1_500), ("line_3", 2_500)]);
        assert_eq!(priced.unknown, ["line_2"]);
    }

    #[test]
    fn an_item_in_another_currency_is_rejected_with_its_line() {
        let _host = testing::Host::new().item(testing::item("tee", 2_500)).install();
        let answer = Shop::price(testing::context("EUR"), testing::cart(&[("tee", 1)]));
        let Err(Failure::Rejected(rejection)) = answer else {
            unreachable!("{answer:?}")
        };
        assert_eq!(rejection.about, Subject::line("line_1"));
    }

    #[test]
    fn a_price_includes_tax_if_the_catalog_says_so() {
        let song = Item {
            tax_included: true,
            ..testing::item("song", 999)
        };
        let _host = testing::Host::new()
            .item(song)
            .item(testing::item("tee", 2_500))
            .install();
        let priced = Shop::price(testing::context("USD"), testing::cart(&[("song", 1), ("tee", 1)])).unwrap();
        let included: Vec<bool> = priced.lines.iter().map(|line| line.tax_included).collect();
        assert_eq!(included, [true, false]);
    }

    #[test]
    fn an_items_own_limit_comes_before_that_of_every_item() {
        let host = testing::Host::new()
            .item(testing::item("tee", 1))
            .item(testing::item("art", 1));
        let host = host
            .config("limits.max-quantity", "10")
            .config("limits.max-quantity-column", "custom_label_0");
        let host = host.column("art", "custom_label_0", "1").install();
        let price = || Shop::price(testing::context("USD"), testing::cart(&[("tee", 1), ("art", 1)]));
        let limits: Vec<_> = price().unwrap().lines.iter().map(|line| line.max_quantity).collect();
        assert_eq!(limits, [Some(10), Some(1)]);
        host.set_config("limits.max-quantity", "many");
        assert!(matches!(price(), Err(Failure::Misconfigured(text)) if text.contains("limits.max-quantity")));
    }

    #[test]
    fn a_price_out_of_range_is_an_error() {
        let _host = testing::Host::new().item(testing::item("gold", 1 << 52)).install();
        let answer = Shop::price(testing::context("USD"), testing::cart(&[("gold", 1_000_000)]));
        assert!(matches!(answer, Err(Failure::Rejected(rejection)) if rejection.code == "maximum_exceeded"));
    }
}
