//! Tax categories of items, for taxes with several rates.

use tillhouse_plugin::{prelude::*, tax::Request};

/// Default of the configuration key `items.column`.
const COLUMN: &str = "tax_category";

/// Whether a text is a valid category name: lower-case letters, digits, `-` and `_`.
pub(crate) fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.bytes().all(known)
}

/// Returns the category of each line's item, from its column or else its tax code; `None` if it has neither.
pub(crate) fn of_lines(request: &Request) -> Vec<Option<String>> {
    let column = config::get("items.column").unwrap_or_else(|| COLUMN.into());
    let codes = config::table("codes.");
    let ids: Vec<String> = request.lines.iter().map(|line| line.item.clone()).collect();
    let by_code = |code: String| {
        codes
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, name)| name.clone())
    };
    let own = |id: &str| {
        let name = catalog::column(id, &column)?.trim().to_ascii_lowercase();
        (!name.is_empty()).then_some(name)
    };
    ids.iter()
        .zip(catalog::get(&ids))
        .map(|(id, item)| own(id).or_else(|| item?.tax_code.and_then(by_code)))
        .collect()
}
