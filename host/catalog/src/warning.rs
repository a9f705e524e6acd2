//! What a catalog that can be read makes impossible to sell.

use std::fmt;

use tillhouse_checkout::money::Currency;

use super::Catalog;

/// Ids that a warning lists; of the rest it gives the number.
const LISTED_IDS: usize = 3;

/// Something in a catalog that a merchant would not want, although every row is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogWarning {
    /// There is no item: the file has a header only, or every row deletes an item.
    Empty,
    /// Items whose price is in another currency than the merchant's: no checkout session can hold them.
    OtherCurrency {
        /// The currency in which the merchant sells.
        currency: Currency,
        /// Number of items in another currency.
        items: usize,
        /// Number of all items.
        of: usize,
        /// The first ids, in alphabetical order.
        ids: Vec<String>,
    },
}

impl Catalog {
    /// Warnings about the catalog of a merchant that sells in this currency.
    #[must_use]
    pub fn warnings(&self, currency: Currency) -> Vec<CatalogWarning> {
        if self.is_empty() {
            return vec![CatalogWarning::Empty];
        }
        let foreign = self.items().filter(|item| item.price.currency != currency);
        let mut ids: Vec<&str> = foreign.map(|item| item.id.as_str()).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        ids.sort_unstable();
        vec![CatalogWarning::OtherCurrency {
            currency,
            items: ids.len(),
            of: self.len(),
            ids: ids.into_iter().take(LISTED_IDS).map(str::to_owned).collect(),
        }]
    }
}

impl fmt::Display for CatalogWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the catalog has no items, so nothing of it can be bought"),
            Self::OtherCurrency {
                currency,
                items,
                of,
                ids,
            } => {
                let more = if *items > ids.len() { ", …" } else { "" };
                let ids = ids.join(", ");
                write!(
                    f,
                    "{items} of {of} items are not priced in {currency} and cannot be bought: {ids}{more}; give prices in \
                     {currency}, or set the merchant's currency to theirs"
                )
            }
        }
    }
}
