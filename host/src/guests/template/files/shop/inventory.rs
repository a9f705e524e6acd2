//! Stock: what the catalog counts, down to a reserve that is kept for the shop's own counter.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Inventory for Shop {
    /// What is there. `reserve` and `release` have defaults that check once more and set nothing
    /// aside; write them where two buyers must not be promised the same last unit.
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        let kept = config::parse_or::<u64>("kept-back", 0)?;
        let ids: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
        let known = lines.into_iter().zip(catalog::get(&ids));
        let stock = known.filter_map(|(line, item)| {
            let item = item?;
            Some(match item.inventory {
                _ if item.availability == "out_of_stock" => Stock::counted(line.id, 0),
                Some(there) => Stock::counted(line.id, there.saturating_sub(kept)),
                None => Stock::uncounted(line.id),
            })
        });
        Ok(stock.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available(there: Option<u64>) -> Option<u64> {
        let mut tee = testing::item("tee", 25_00);
        tee.inventory = there;
        let host = testing::Host::new().item(tee);
        let _host = host.config("kept-back", "2").install();
        let lines = testing::cart(&[("tee", 1)]).lines;
        let stock = Shop::check(testing::context("USD"), lines).unwrap();
        stock[0].available
    }

    #[test]
    fn what_is_kept_back_is_not_for_sale() {
        assert_eq!(available(Some(5)), Some(3));
        assert_eq!(available(Some(1)), Some(0));
        assert_eq!(available(None), None, "what is not counted is there");
    }

    #[test]
    fn an_item_that_is_not_in_the_catalog_is_left_out() {
        let _host = testing::Host::new().install();
        let lines = testing::cart(&[("nothing", 1)]).lines;
        assert_eq!(Shop::check(testing::context("USD"), lines), Ok(vec![]));
    }
}
