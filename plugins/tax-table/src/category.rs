//! What an item is, for a tax that has several rates.

use tillhouse_plugin::{prelude::*, tax::Request};

/// The column that is read unless `items.column` names another.
const COLUMN: &str = "tax_category";

/// Whether a name can be a category's: lower-case letters, digits, `-` and `_`.
pub(crate) fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.bytes().all(known)
}

/// The category of each line's item, in the order of the lines; none where neither its column nor its tax code says.
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
