//! The merchant's catalog, as imported into the host.

pub use crate::bindings::tillhouse::host::catalog::Item;
use crate::imports;

/// Number of ids that the host takes in one call; more end the call of the plugin.
const IDS_PER_CALL: usize = 500;

/// Looks up items by id, in the order of `ids`; `None` for an id that is not in the catalog.
///
/// The host takes 500 ids in one call; of more, they are looked up in several calls.
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
    if ids.len() <= IDS_PER_CALL {
        // No host has larger carts: the items are not moved once more.
        return imports::catalog::get(ids);
    }
    ids.chunks(IDS_PER_CALL).flat_map(imports::catalog::get).collect()
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
