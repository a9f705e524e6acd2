//! A small set of the rules of a feed, written from <https://docs.stripe.com/agentic-commerce/product-feed>, to judge with it what a
//! host lets pass.

use std::collections::HashMap;

use csv::StringRecord;

use super::import::FeedKind;

/// A row by the names of its columns; an empty cell counts as absent.
pub(super) struct Row<'a> {
    positions: &'a HashMap<&'a str, usize>,
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    pub(super) fn new(positions: &'a HashMap<&'a str, usize>, record: &'a StringRecord) -> Self {
        Self { positions, record }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let cell = self.record.get(*self.positions.get(name)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    pub(super) fn is_delete(&self) -> bool {
        self.get("delete").is_some_and(|cell| cell.eq_ignore_ascii_case("true"))
    }
}

/// A column and what is wrong with it.
type Problem = (&'static str, String);

/// What is wrong with a row that does not delete.
pub(super) fn problems(feed: FeedKind, row: &Row<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    text(row, feed.key(), 100, &mut found);
    match feed {
        FeedKind::Product => {
            text(row, "title", 150, &mut found);
            text(row, "description", 5000, &mut found);
            url(row, "link", &mut found);
            url(row, "image_link", &mut found);
            stock(row, &mut found);
            prices(row, &mut found);
        }
        FeedKind::Inventory => stock(row, &mut found),
        FeedKind::Pricing => prices(row, &mut found),
        FeedKind::Promotion => text(row, "title", 150, &mut found),
    }
    found
}

fn required<'a>(row: &Row<'a>, name: &'static str, found: &mut Vec<Problem>) -> Option<&'a str> {
    let cell = row.get(name);
    if cell.is_none() {
        found.push((name, format!("Missing required field '{name}'.")));
    }
    cell
}

fn text(row: &Row<'_>, name: &'static str, most: usize, found: &mut Vec<Problem>) {
    if let Some(cell) = required(row, name, found)
        && cell.chars().count() > most
    {
        found.push((name, format!("'{name}' exceeds {most} characters.")));
    }
}

fn url(row: &Row<'_>, name: &'static str, found: &mut Vec<Problem>) {
    if let Some(cell) = required(row, name, found)
        && !url::Url::parse(cell).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    {
        found.push((name, format!("'{name}' must be an http or https URL.")));
    }
}

fn stock(row: &Row<'_>, found: &mut Vec<Problem>) {
    match required(row, "availability", found) {
        None | Some("in_stock" | "out_of_stock" | "backorder") => {}
        Some("preorder") => {
            required(row, "availability_date", found);
        }
        Some(other) => found.push(("availability", format!("'{other}' is not an availability."))),
    }
    let not_tracked = row
        .get("inventory_not_tracked")
        .is_some_and(|cell| cell.eq_ignore_ascii_case("true"));
    match row.get("inventory_quantity") {
        None if !not_tracked => found.push((
            "inventory_quantity",
            "'inventory_quantity' is required unless 'inventory_not_tracked' is true.".to_owned(),
        )),
        Some(_) if not_tracked => found.push((
            "inventory_quantity",
            "'inventory_quantity' must be blank where 'inventory_not_tracked' is true.".to_owned(),
        )),
        Some(cell) if cell.parse::<u32>().is_err() => {
            found.push((
                "inventory_quantity",
                "'inventory_quantity' must be an integer of 0 or more.".to_owned(),
            ));
        }
        _ => {}
    }
}

fn prices(row: &Row<'_>, found: &mut Vec<Problem>) {
    let price = required(row, "price", found).and_then(|cell| money("price", cell, found));
    let sale = row.get("sale_price").and_then(|cell| money("sale_price", cell, found));
    let (Some((price, currency)), Some((sale, sale_currency))) = (price, sale) else {
        return;
    };
    if currency != sale_currency {
        found.push((
            "sale_price",
            "'sale_price' must be in the currency of 'price'.".to_owned(),
        ));
    } else if sale >= price {
        found.push(("sale_price", "'sale_price' must be below 'price'.".to_owned()));
    }
}

/// An amount in thousandths, and its currency.
fn money(name: &'static str, cell: &str, found: &mut Vec<Problem>) -> Option<(u64, String)> {
    let read = read_money(cell);
    if read.is_none() {
        found.push((name, format!("'{cell}' is not a price like '15.00 USD'.")));
    }
    read
}

fn read_money(cell: &str) -> Option<(u64, String)> {
    let (number, currency) = cell.split_once(' ')?;
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (number, ""),
    };
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || fraction.len() > decimals(currency) {
        return None;
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().ok()?;
    let amount = whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(thousandths)?;
    Some((amount, currency.to_owned()))
}

/// Decimals of a currency in ISO 4217, as far as a test may need them.
fn decimals(currency: &str) -> usize {
    match currency {
        "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF"
        | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_the_decimals_of_their_currency() {
        assert_eq!(read_money("15.00 USD"), Some((15_000, "USD".to_owned())));
        assert_eq!(read_money("1.5 KWD"), Some((1_500, "KWD".to_owned())));
        assert_eq!(read_money("1500 JPY"), Some((1_500_000, "JPY".to_owned())));
        for cell in [
            "15.00",
            "15.00 usd",
            "15,00 USD",
            "$15 USD",
            "15.001 USD",
            "1.0 JPY",
            ". USD",
            "1. USD",
            "-1 USD",
            "1 US",
        ] {
            assert_eq!(read_money(cell), None, "{cell}");
        }
    }
}
