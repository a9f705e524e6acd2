//! The merchant's catalog, as imported into the host.

pub use crate::bindings::tillhouse::host::catalog::Item;
use crate::imports;

/// Looks up items by id, in the order of `ids`; `None` for an id that is not in the catalog. At most 500 ids per call.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().item(testing::item("tee", 2500)).install();
/// let items = catalog::get(&["tee".into(), "gone".into()]);
/// assert_eq!(items[0].as_ref().unwrap().price.minor, 2500);
/// assert!(items[1].is_none());
/// ```
#[must_use]
pub fn get(ids: &[String]) -> Vec<Option<Item>> {
    imports::catalog::get(ids)
}

/// Returns any other column of an item, by the feed's column name; `None` if the item or the value is missing.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().column("tee", "brand", "Acme").install();
/// assert_eq!(catalog::column("tee", "brand").as_deref(), Some("Acme"));
/// assert_eq!(catalog::column("tee", "mpn"), None);
/// ```
#[must_use]
pub fn column(id: &str, name: &str) -> Option<String> {
    imports::catalog::column(id, name)
}
