//! Host import `tillhouse:host/catalog`: items of the merchant's catalog.

use crate::api::bindings::tillhouse::host::catalog::{Host, Item as WitItem};
use crate::api::bindings::tillhouse::host::types::Money as WitMoney;
use crate::guest::limits::CATALOG_IDS;
use crate::guest::state::GuestState;
use tillhouse_catalog::Item;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::time::Timestamp;

impl Host for GuestState {
    /// Ids beyond [`CATALOG_IDS`] return `None`, as unknown items do.
    fn get(&mut self, ids: Vec<String>) -> wasmtime::Result<Vec<Option<WitItem>>> {
        let (catalog, now) = (&self.host.catalog, self.host.now);
        Ok(ids
            .into_iter()
            .enumerate()
            .map(|(index, id)| {
                let item = catalog.get(&ItemId::new(id)).filter(|_| index < CATALOG_IDS)?;
                Some(convert(item, now))
            })
            .collect())
    }

    fn column(&mut self, id: String, name: String) -> wasmtime::Result<Option<String>> {
        let value = self.host.catalog.column(&ItemId::new(id), &name);
        Ok(value.map(str::to_owned))
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
