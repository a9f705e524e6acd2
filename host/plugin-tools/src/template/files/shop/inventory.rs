//! Inventory: the catalog's quantities, less a reserve that is kept for the physical shop.

use tillhouse_plugin::catalog::Item;
use tillhouse_plugin::prelude::*;

use crate::Shop;

impl Inventory for Shop {
    /// Returns the stock level: units for sale, less those reserved and sold.
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        let items = catalog::get(&ids_of(&lines));
        let known = lines
            .into_iter()
            .zip(items)
            .filter_map(|(line, item)| Some((line, item?)));
        let stock = known.map(|(line, item)| {
            Ok(match for_sale(&item)? {
                Some(units) => {
                    let moved = counters::peek(&sold(&item.id))?;
                    Stock::counted(line.id, units.saturating_add_signed(moved))
                }
                None => Stock::uncounted(line.id),
            })
        });
        stock.collect()
    }

    /// Reserves units, all or none, so that two buyers are not promised the same last one. The host
    /// may call again with the same reservation, which must have no second effect.
    fn reserve(
        ctx: Context,
        _op: Operation,
        reservation: Reservation,
    ) -> Result<ReserveOutcome, Failure> {
        if kv::get(&note_of(&reservation))?.is_some() {
            return Ok(ReserveOutcome::Reserved);
        }
        let mut taken = Vec::new();
        for (line, item) in reservation
            .lines
            .iter()
            .zip(catalog::get(&ids_of(&reservation.lines)))
        {
            let Some(units) = item.map_or(Ok(Some(0)), |item| for_sale(&item))? else {
                continue;
            };
            // The counter starts at 0 and must not fall below minus the units for sale.
            let floor = i64::try_from(units).map_or(i64::MIN, |units| -units);
            let quantity = i64::from(line.quantity);
            match counters::add(&sold(&line.item), -quantity, Some(floor)) {
                Ok(()) => taken.push(format!("{quantity} {}", line.item)),
                Err(counters::Error::Insufficient) => {
                    put_back(&taken.join("\n"))?;
                    let stock = Self::check(ctx, reservation.lines)?;
                    return Ok(ReserveOutcome::Insufficient(stock));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let taken = taken.join("\n");
        kv::set(
            &note_of(&reservation),
            taken.as_bytes(),
            kv::Expectation::Absent,
        )?;
        Ok(ReserveOutcome::Reserved)
    }

    /// Releases the units of a reservation.
    fn release(_ctx: Context, _op: Operation, reservation: Reservation) -> Result<(), Failure> {
        let Some(taken) = kv::get(&note_of(&reservation))? else {
            return Ok(());
        };
        put_back(&String::from_utf8_lossy(&taken.value))?;
        Ok(kv::delete(
            &note_of(&reservation),
            kv::Expectation::Version(taken.version),
        )?)
    }
}

/// Returns the units that may be sold in total; `None` if the item is not counted.
fn for_sale(item: &Item) -> Result<Option<u64>, Failure> {
    let kept = config::parse_or::<u64>("kept-back", 0)?;
    Ok(match item.inventory {
        _ if item.availability == "out_of_stock" => Some(0),
        there => there.map(|units| units.saturating_sub(kept)),
    })
}

fn put_back(taken: &str) -> Result<(), Failure> {
    for (quantity, item) in taken.lines().filter_map(|line| line.split_once(' ')) {
        counters::add(&sold(item), quantity.parse().unwrap_or(0), None)?;
    }
    Ok(())
}

fn ids_of(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| line.item.clone()).collect()
}

fn note_of(reservation: &Reservation) -> String {
    format!("reservation/{}", reservation.id)
}

fn sold(item: &str) -> String {
    format!("sold/{item}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tee(there: Option<u64>) -> testing::Host {
        let mut tee = testing::item("tee", 25_00);
        tee.inventory = there;
        testing::Host::new().item(tee).config("kept-back", "2")
    }

    fn available(there: Option<u64>) -> Option<u64> {
        let _host = tee(there).install();
        let lines = testing::cart(&[("tee", 1)]).lines;
        let stock = Shop::check(testing::context("USD"), lines).unwrap();
        stock[0].available
    }

    fn held(id: &str, quantity: u32) -> Reservation {
        Reservation {
            id: id.into(),
            lines: testing::cart(&[("tee", quantity)]).lines,
            expires: 1,
        }
    }

    fn reserve(id: &str, quantity: u32) -> ReserveOutcome {
        let (ctx, op) = (testing::context("USD"), testing::operation(id));
        Shop::reserve(ctx, op, held(id, quantity)).unwrap()
    }

    #[test]
    fn what_is_kept_back_is_not_for_sale() {
        assert_eq!(available(Some(5)), Some(3));
        assert_eq!(available(Some(1)), Some(0));
        assert_eq!(available(None), None, "not counted, so always available");
    }

    #[test]
    fn an_item_that_is_not_in_the_catalog_is_left_out() {
        let _host = testing::Host::new().install();
        let lines = testing::cart(&[("nothing", 1)]).lines;
        assert_eq!(Shop::check(testing::context("USD"), lines), Ok(vec![]));
    }

    #[test]
    fn a_reserved_unit_is_unavailable_to_others_until_released() {
        let host = tee(Some(5)).install();
        assert_eq!(reserve("one", 2), ReserveOutcome::Reserved);
        assert_eq!(reserve("one", 2), ReserveOutcome::Reserved);
        assert_eq!(host.counter("sold/tee"), -2);
        assert!(matches!(
            reserve("two", 2),
            ReserveOutcome::Insufficient(stock) if stock[0].available == Some(1)
        ));
        let (ctx, op) = (testing::context("USD"), testing::operation("back"));
        Shop::release(ctx, op, held("one", 2)).unwrap();
        assert_eq!(host.counter("sold/tee"), 0);
        assert_eq!(reserve("two", 3), ReserveOutcome::Reserved);
    }
}
