//! One item of the catalog.

mod facts;

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::decision::{ItemDescription, ItemFacts};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::time::Timestamp;

use crate::cells::{CellColumn, Cells, DecodeError};
use crate::columns::{self, code};
use crate::problem::Fault;
use crate::row::RowCells;
use crate::rule::Rule;
use crate::values;

/// A lower price for a limited time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Sale price, in the currency of the regular price.
    pub price: Money,
    /// Start (inclusive) and end (exclusive); `None` means always.
    pub effective: Option<(Timestamp, Timestamp)>,
}

/// One item of the product feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Column `id`, unique in the feed.
    pub id: ItemId,
    /// Columns `title`, `description`, `link`, `image_link` and `additional_image_link`, without [`Self::facts`].
    pub description: ItemDescription,
    /// Column `price`, the regular price.
    pub price: Money,
    /// Columns `sale_price` and `sale_price_effective_date`.
    pub sale: Option<Sale>,
    /// Column `availability`: `in_stock`, `out_of_stock`, `preorder` or `backorder`.
    pub availability: String,
    /// Column `inventory_quantity`; `None` if stock is not tracked.
    pub inventory: Option<u64>,
    /// Column `weight`, converted to whole grams.
    pub weight_grams: Option<u64>,
    /// Column `google_product_category`, or else `product_category`.
    pub category: Option<String>,
    /// Column `stripe_product_tax_code`, or else `third_party_tax_code`.
    pub tax_code: Option<String>,
    /// Whether `price` and `sale_price` include tax: true if column `tax_behavior` is `inclusive`.
    pub tax_included: bool,
    /// Whether the item is shipped: false if `shipping_type` is `digital`.
    pub physical: bool,
    /// Its cells, as the store keeps them.
    content: Box<[u8]>,
}

impl Item {
    /// Read a stored row.
    ///
    /// # Errors
    /// If it is damaged, or was written by a later release.
    pub fn decode(row: &CatalogRow) -> Result<Self, DecodeError> {
        let known = known_cells(Cells::new(&row.content)?);
        let text = |codes| known.first(codes).map(str::to_owned);
        let price = read(&known, code::PRICE, values::money)?;
        Ok(Self {
            id: row.id.clone(),
            description: description(&known),
            price: price.ok_or_else(|| DecodeError::Cell("it has no price".to_owned()))?,
            sale: sale(&known)?,
            availability: known.get(code::AVAILABILITY).to_owned(),
            inventory: inventory(&known)?,
            weight_grams: read(&known, code::WEIGHT, values::weight_grams)?,
            category: text([code::GOOGLE_PRODUCT_CATEGORY, code::PRODUCT_CATEGORY]),
            tax_code: text([code::STRIPE_TAX_CODE, code::OTHER_TAX_CODE]),
            tax_included: known.get(code::TAX_BEHAVIOR) == "inclusive",
            physical: known.get(code::SHIPPING_TYPE) != "digital",
            content: row.content.as_slice().into(),
        })
    }

    /// Any column of the item, by its name in the feed in lower case; `None` if it has no value.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&str> {
        if name == columns::of(code::ID).name {
            return Some(self.id.as_str());
        }
        Cells::checked(&self.content).get(name)
    }

    /// How it is presented, with what else agents are told of it. Links that are not web addresses are left out: such an item is sold, and
    /// only kept from the feeds.
    #[must_use]
    pub fn described(&self) -> ItemDescription {
        let is_address = |link: &String| !values::link(link).is_err_and(|fault| fault.rule == Rule::LinkForm);
        let mut described = self.description.clone();
        described.images.retain(is_address);
        described.url = described.url.filter(is_address);
        described.facts = self.facts();
        described
    }

    /// What agents are told of it beside its title and price. Read from its cells each time: most items are never shown.
    #[must_use]
    pub fn facts(&self) -> ItemFacts {
        facts::facts(&self.id, &known_cells(Cells::checked(&self.content)))
    }

    /// Its cells, as the store keeps them.
    #[must_use]
    pub const fn content(&self) -> &[u8] {
        &self.content
    }

    /// The sale price, if it is in effect at this time.
    #[must_use]
    pub fn sale_price_at(&self, now: Timestamp) -> Option<Money> {
        let sale = self.sale.as_ref()?;
        let holds = sale.effective.is_none_or(|(start, end)| start <= now && now < end);
        holds.then_some(sale.price)
    }
}

/// The cells of columns of the table.
fn known_cells(mut cells: Cells<'_>) -> RowCells<'_> {
    let mut known = RowCells::default();
    for (column, value) in cells.cells() {
        if let CellColumn::Known(code) = column {
            known.set(code, value);
        }
    }
    known
}

/// The value of a cell, if it has one.
fn read<T>(known: &RowCells<'_>, code: u8, value: impl Fn(&str) -> Result<T, Fault>) -> Result<Option<T>, DecodeError> {
    let text = known.get(code);
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |fault: Fault| DecodeError::Cell(format!("{} {}", columns::of(code).name, fault.message));
    value(text).map(Some).map_err(wrong)
}

fn sale(known: &RowCells<'_>) -> Result<Option<Sale>, DecodeError> {
    let Some(price) = read(known, code::SALE_PRICE, values::money)? else {
        return Ok(None);
    };
    let dates = read(known, code::SALE_DATES, values::dates)?;
    Ok(Some(Sale {
        price,
        effective: dates.map(|period| (period.start, period.end)),
    }))
}

fn inventory(known: &RowCells<'_>) -> Result<Option<u64>, DecodeError> {
    let quantity = read(known, code::INVENTORY_QUANTITY, |text| values::whole(text, u64::MAX))?;
    let untracked = read(known, code::INVENTORY_NOT_TRACKED, values::boolean)?;
    Ok(quantity.filter(|_| untracked != Some(true)))
}

fn description(known: &RowCells<'_>) -> ItemDescription {
    let text = |code| Some(known.get(code)).filter(|text| !text.is_empty());
    let more = known.get(code::ADDITIONAL_IMAGE_LINK);
    let images = text(code::IMAGE_LINK).into_iter().chain(more.split(','));
    ItemDescription {
        title: known.get(code::TITLE).to_owned(),
        description: text(code::DESCRIPTION).map(str::to_owned),
        images: images
            .map(|link| link.trim().replace("%2C", ","))
            .filter(|link| !link.is_empty())
            .collect(),
        url: text(code::LINK).map(str::to_owned),
        facts: ItemFacts::default(),
    }
}
