//! Host import `tillhouse:host/catalog`: items of the merchant's catalog.

use crate::api::bindings::tillhouse::host::catalog::{Host, Item as WitItem};
use crate::api::bindings::tillhouse::host::types::Money as WitMoney;
use crate::guest::call_abort_error::CallAbortError;
use crate::guest::limits::CATALOG_IDS;
use crate::guest::state::GuestState;
use tillhouse_catalog::Item;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::time::Timestamp;

impl Host for GuestState {
    /// More ids than [`CATALOG_IDS`] end the call, before any is looked up: the result has no place for an error. A catalog that
    /// cannot be read ends it too: that an item is not found would be a lie.
    async fn get(&mut self, ids: Vec<String>) -> wasmtime::Result<Vec<Option<WitItem>>> {
        let count = ids.len();
        if count > CATALOG_IDS {
            return Err(CallAbortError::TooMany {
                import: "catalog.get",
                what: "ids",
                count,
                limit: CATALOG_IDS,
            }
            .into());
        }
        let ids: Vec<ItemId> = ids.into_iter().map(ItemId::new).collect();
        let (now, left) = (self.host.now, self.time_left());
        let items = self.host.catalog.items(&ids, left).await?.into_iter();
        Ok(items.map(|item| item.map(|item| convert(&item, now))).collect())
    }

    async fn column(&mut self, id: String, name: String) -> wasmtime::Result<Option<String>> {
        let left = self.time_left();
        let found = self.host.catalog.items(&[ItemId::new(id)], left).await?;
        let item = found.into_iter().next().flatten();
        Ok(item.and_then(|item| item.column(&name).map(str::to_owned)))
    }
}

fn convert(item: &Item, now: Timestamp) -> WitItem {
    WitItem {
        id: item.id.as_str().to_owned(),
        price: money(item.price),
        sale_price: item.sale_price_at(now).map(money),
        availability: item.availability.clone(),
        inventory: item.inventory,
        weight_grams: item.weight_grams,
        category: item.category.clone(),
        tax_code: item.tax_code.clone(),
        tax_included: item.tax_included,
        physical: item.physical,
    }
}

fn money(money: Money) -> WitMoney {
    WitMoney {
        minor: money.amount.minor(),
        currency: money.currency.upper(),
    }
}
