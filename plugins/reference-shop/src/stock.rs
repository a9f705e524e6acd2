//! Inventory: the catalog's quantities, less the units sold.

use tillhouse_plugin::{catalog::Item, counters::Error, kv::Expectation, prelude::*};

use crate::Shop;

impl Inventory for Shop {
    fn check(_ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
        let ids: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
        let low = config::parse_or::<u64>("stock.low", 0)?;
        let items = catalog::get(&ids);
        let known = lines
            .into_iter()
            .zip(items)
            .filter_map(|(line, item)| Some((line, item?)));
        known.map(|(line, item)| stock_of(line.id, &item, low)).collect()
    }

    fn reserve(ctx: Context, _op: Operation, reservation: Reservation) -> Result<ReserveOutcome, Failure> {
        let marker = marker(&reservation);
        if kv::get(&marker)?.is_some() {
            return Ok(ReserveOutcome::Reserved);
        }
        let wanted = by_item(&reservation.lines);
        let ids: Vec<String> = wanted.iter().map(|(item, _)| (*item).to_owned()).collect();
        let mut taken: Vec<(&str, u64)> = Vec::with_capacity(wanted.len());
        for ((sku, quantity), item) in wanted.into_iter().zip(catalog::get(&ids)) {
            match item.map_or(Ok(Take::Short), |item| take(&item, quantity))? {
                Take::Taken => taken.push((sku, quantity)),
                Take::NotCounted => {}
                Take::Short => {
                    return_units(taken.into_iter())?;
                    return short_lines(ctx, reservation.lines).map(ReserveOutcome::Insufficient);
                }
            }
        }
        let note: Vec<String> = taken
            .iter()
            .map(|(sku, quantity)| format!("{quantity} {sku}"))
            .collect();
        kv::set(&marker, note.join("\n").as_bytes(), Expectation::Absent)?;
        Ok(ReserveOutcome::Reserved)
    }

    fn release(_ctx: Context, _op: Operation, reservation: Reservation) -> Result<(), Failure> {
        let marker = marker(&reservation);
        let Some(note) = kv::get(&marker)? else { return Ok(()) };
        let text = String::from_utf8_lossy(&note.value);
        let entries = text.lines().filter_map(|entry| entry.split_once(' '));
        return_units(entries.filter_map(|(quantity, sku)| Some((sku, quantity.parse().ok()?))))?;
        Ok(kv::delete(&marker, Expectation::Version(note.version))?)
    }
}

/// Key that records what a reservation took, so that it is taken once and exactly that is released.
fn marker(reservation: &Reservation) -> String {
    format!("reservation/{}", reservation.id)
}

fn sold(sku: &str) -> String {
    format!("sold/{sku}")
}

/// Returns the units left of a counted item.
///
/// The counter holds units sold as a negative number, so that the catalog's quantity can change independently.
fn left(item: &Item, inventory: u64) -> Result<u64, Failure> {
    let moved = counters::peek(&sold(&item.id))?;
    Ok(inventory.saturating_add_signed(moved))
}

/// Maps the column `availability` to the contract's values, with the units left if they limit the sale.
///
/// A backorder is not limited; a preorder is limited by its quantity.
fn stock_of(line: String, item: &Item, low: u64) -> Result<Stock, Failure> {
    let available = item.inventory.map(|inventory| left(item, inventory)).transpose()?;
    Ok(match (item.availability.as_str(), available) {
        ("out_of_stock", _) => Stock::with(line, "out_of_stock", Some(0)),
        ("backorder", _) => Stock::with(line, "backorder", None),
        (_, Some(0)) => Stock::with(line, "out_of_stock", Some(0)),
        ("preorder", available) => Stock::with(line, "pre_order", available),
        (_, Some(available)) if available <= low => Stock::with(line, "low_stock", Some(available)),
        (_, Some(available)) => Stock::counted(line, available),
        (_, None) => Stock::uncounted(line),
    })
}

/// Sums quantities per item, because two lines with the same item share its stock.
fn by_item(lines: &[Line]) -> Vec<(&str, u64)> {
    let mut items: Vec<(&str, u64)> = Vec::with_capacity(lines.len());
    for line in lines {
        let quantity = u64::from(line.quantity);
        match items.iter_mut().find(|(item, _)| *item == line.item) {
            Some((_, sum)) => *sum += quantity,
            None => items.push((&line.item, quantity)),
        }
    }
    items
}

enum Take {
    Taken,
    NotCounted,
    Short,
}

fn take(item: &Item, quantity: u64) -> Result<Take, Failure> {
    let Some(inventory) = item.inventory else {
        return Ok(if item.availability == "out_of_stock" {
            Take::Short
        } else {
            Take::NotCounted
        });
    };
    let floor = match item.availability.as_str() {
        "out_of_stock" => return Ok(Take::Short),
        "backorder" => None,
        _ => Some(i64::try_from(inventory).map_or(i64::MIN, |inventory| -inventory)),
    };
    match counters::add(&sold(&item.id), -signed(quantity), floor) {
        Ok(()) => Ok(Take::Taken),
        Err(Error::Insufficient) => Ok(Take::Short),
        Err(error) => Err(error.into()),
    }
}

fn return_units<'a>(taken: impl Iterator<Item = (&'a str, u64)>) -> Result<(), Failure> {
    for (sku, quantity) in taken {
        counters::add(&sold(sku), signed(quantity), None)?;
    }
    Ok(())
}

/// Returns the lines that are not available in full, considering the quantities of all lines with the same item.
///
/// An item that is no longer in the catalog is out of stock.
fn short_lines(ctx: Context, lines: Vec<Line>) -> Result<Vec<Stock>, Failure> {
    let wanted = lines.clone();
    let wanted = by_item(&wanted);
    let known = Shop::check(ctx, lines.clone())?;
    let mut short = Vec::new();
    for line in lines {
        let quantity = wanted
            .iter()
            .find(|(item, _)| *item == line.item)
            .map_or(0, |(_, quantity)| *quantity);
        match known.iter().find(|stock| stock.line == line.id) {
            Some(stock) if stock.available.is_none_or(|available| available >= quantity) => {}
            Some(stock) => short.push(stock.clone()),
            None => short.push(Stock::with(line.id, "out_of_stock", Some(0))),
        }
    }
    Ok(short)
}

fn signed(quantity: u64) -> i64 {
    i64::try_from(quantity).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn counted(id: &str, inventory: u64) -> Item {
        Item {
            inventory: Some(inventory),
            ..testing::item(id, 1_000)
        }
    }

    fn offered(id: &str, availability: &str, inventory: Option<u64>) -> Item {
        Item {
            inventory,
            availability: availability.into(),
            ..testing::item(id, 1_000)
        }
    }

    fn available(items: &[(&str, u32)]) -> Vec<(String, Option<u64>)> {
        let stock = Shop::check(testing::context("USD"), testing::cart(items).lines).unwrap();
        stock
            .into_iter()
            .map(|stock| (stock.availability, stock.available))
            .collect()
    }

    fn reservation(id: &str, items: &[(&str, u32)]) -> Reservation {
        Reservation {
            id: id.into(),
            lines: testing::cart(items).lines,
            expires: 0,
        }
    }

    fn reserve(id: &str, items: &[(&str, u32)]) -> ReserveOutcome {
        Shop::reserve(testing::context("USD"), testing::operation(id), reservation(id, items)).unwrap()
    }

    fn release(id: &str) {
        Shop::release(testing::context("USD"), testing::operation(id), reservation(id, &[])).unwrap();
    }

    #[test]
    fn availability_has_the_values_of_the_contract() {
        let host = testing::Host::new()
            .item(counted("many", 9))
            .item(counted("few", 3))
            .item(counted("none", 0));
        let host = host
            .item(testing::item("free", 1))
            .item(offered("out", "out_of_stock", Some(5)));
        let host = host
            .item(offered("pre", "preorder", Some(5)))
            .item(offered("back", "backorder", Some(0)));
        let _host = host.config("stock.low", "3").install();
        for (item, availability, left) in [
            ("many", "in_stock", Some(9)),
            ("few", "low_stock", Some(3)),
            ("none", "out_of_stock", Some(0)),
            ("free", "in_stock", None),
            ("out", "out_of_stock", Some(0)),
            ("pre", "pre_order", Some(5)),
            ("back", "backorder", None),
        ] {
            assert_eq!(available(&[(item, 1)]), [(availability.to_owned(), left)], "{item}");
        }
        assert!(available(&[("missing", 1)]).is_empty());
    }

    #[test]
    fn a_reservation_takes_and_returns_units_once() {
        let host = testing::Host::new()
            .item(counted("tee", 5))
            .item(testing::item("free", 1))
            .install();
        for _ in 0..2 {
            assert_eq!(reserve("r", &[("tee", 2), ("free", 7)]), ReserveOutcome::Reserved);
            assert_eq!(host.counter("sold/tee"), -2);
        }
        for _ in 0..2 {
            release("r");
            assert_eq!(host.counter("sold/tee"), 0);
        }
        assert_eq!(host.counter("sold/free"), 0, "not counted");
    }

    #[test]
    fn two_lines_of_one_item_share_its_stock_and_a_short_reservation_takes_nothing() {
        let host = testing::Host::new()
            .item(counted("tee", 5))
            .item(counted("mug", 5))
            .install();
        let ReserveOutcome::Insufficient(short) = reserve("r", &[("mug", 1), ("tee", 3), ("tee", 3)]) else {
            unreachable!("6 units reserved, but only 5 are in stock")
        };
        let lines: Vec<_> = short
            .iter()
            .map(|stock| (stock.line.as_str(), stock.available))
            .collect();
        assert_eq!(lines, [("line_2", Some(5)), ("line_3", Some(5))]);
        assert_eq!((host.counter("sold/tee"), host.counter("sold/mug")), (0, 0));
        assert!(host.value("reservation/r").is_none());
    }

    #[test]
    fn importing_the_catalog_again_changes_what_is_available_and_keeps_what_was_sold() {
        let host = testing::Host::new().item(counted("tee", 10)).install();
        reserve("r", &[("tee", 4)]);
        assert_eq!(available(&[("tee", 1)]), [("in_stock".to_owned(), Some(6))]);
        host.set_item(counted("tee", 15));
        assert_eq!(available(&[("tee", 1)]), [("in_stock".to_owned(), Some(11))]);
        host.set_item(counted("tee", 3));
        assert_eq!(available(&[("tee", 1)]), [("out_of_stock".to_owned(), Some(0))]);
    }

    #[test]
    fn an_item_that_left_the_catalog_cannot_be_reserved() {
        let _host = testing::Host::new().install();
        assert!(matches!(reserve("r", &[("gone", 1)]), ReserveOutcome::Insufficient(short) if short.len() == 1));
    }
}
