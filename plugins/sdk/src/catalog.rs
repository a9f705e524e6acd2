//! The merchant's catalog as the host holds it.

pub use crate::bindings::tillhouse::host::catalog::Item;
use crate::imports;

/// Looks items up by id, in the order asked for; none for an id that the catalog does not have. At most 500 ids.
#[must_use]
pub fn get(ids: &[String]) -> Vec<Option<Item>> {
    imports::catalog::get(ids)
}

/// Any other column of one item, by the feed's column name. None where the item or the value is missing.
#[must_use]
pub fn column(id: &str, name: &str) -> Option<String> {
    imports::catalog::column(id, name)
}
