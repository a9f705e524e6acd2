//! One item of the catalog.

use super::columns::FeedRow;
use super::error::CatalogError;
use super::fields;
use tillhouse_checkout::decision::ItemDescription;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::text::{TextForm, is_blank};
use tillhouse_checkout::time::Timestamp;

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
    /// Columns `title`, `description`, `link`, `image_link` and `additional_image_link`.
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
    /// Every cell as written, in the order of the columns.
    pub(super) values: Vec<Box<str>>,
}

impl Item {
    /// The sale price, if it is in effect at this time.
    #[must_use]
    pub fn sale_price_at(&self, now: Timestamp) -> Option<Money> {
        let sale = self.sale.as_ref()?;
        let holds = sale.effective.is_none_or(|(start, end)| start <= now && now < end);
        holds.then_some(sale.price)
    }

    pub(super) fn read(row: &FeedRow<'_>) -> Result<Self, Vec<CatalogError>> {
        let mut reader = RowReader {
            row,
            errors: Vec::new(),
        };
        let id = reader.required("id").and_then(|text| reader.read("id", text, item_id));
        let title = reader.required("title");
        let price = reader
            .required("price")
            .and_then(|text| reader.read("price", text, fields::money));
        let availability = reader
            .required("availability")
            .and_then(|text| reader.read("availability", text, availability));
        let sale = reader.sale(price);
        let inventory = reader.inventory();
        let weight_grams = reader.optional("weight", fields::weight_grams);
        let tax_included = reader.optional("tax_behavior", tax_included).unwrap_or(false);
        match (id, title, price, availability) {
            (Some(id), Some(title), Some(price), Some(availability)) if reader.errors.is_empty() => Ok(Self {
                id,
                description: read_description(row, title),
                price,
                sale,
                availability,
                inventory,
                weight_grams,
                category: first(row, ["google_product_category", "product_category"]),
                tax_code: first(row, ["stripe_product_tax_code", "third_party_tax_code"]),
                tax_included,
                physical: row.get("shipping_type") != Some("digital"),
                values: row.values().map(Box::from).collect(),
            }),
            _ => Err(reader.errors),
        }
    }
}

/// Reads cells and collects their errors.
struct RowReader<'a, 'r> {
    row: &'a FeedRow<'r>,
    errors: Vec<CatalogError>,
}

impl<'r> RowReader<'_, 'r> {
    fn required(&mut self, column: &str) -> Option<&'r str> {
        let value = self.row.get(column);
        if value.is_none() {
            self.errors.push(self.row.error(column, "is required"));
        }
        value
    }

    fn read<T>(&mut self, column: &str, text: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        read(text)
            .map_err(|reason| self.errors.push(self.row.error(column, reason)))
            .ok()
    }

    fn optional<T>(&mut self, column: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.row.get(column)?;
        self.read(column, text, read)
    }

    fn sale(&mut self, price: Option<Money>) -> Option<Sale> {
        let sale = self.optional("sale_price", fields::money)?;
        let effective = self.optional("sale_price_effective_date", fields::interval);
        match price {
            Some(price) if price.currency != sale.currency => {
                self.errors
                    .push(self.row.error("sale_price", "must be in the currency of price"));
            }
            Some(price) if price.amount <= sale.amount => {
                self.errors.push(self.row.error(
                    "sale_price",
                    format!("is {sale}, which is not below the price, {price}; lower it, or leave it empty"),
                ));
            }
            _ => {}
        }
        Some(Sale { price: sale, effective })
    }

    fn inventory(&mut self) -> Option<u64> {
        let untracked = self.optional("inventory_not_tracked", fields::boolean).unwrap_or(false);
        let quantity = self.optional("inventory_quantity", |text| {
            text.parse::<u64>()
                .map_err(|_| "must be a whole number from 0".to_owned())
        });
        if untracked { None } else { quantity }
    }
}

/// The id that a row deletes: that of a row whose column `delete` is true.
pub(super) fn deleted(row: &FeedRow<'_>) -> Result<Option<ItemId>, Vec<CatalogError>> {
    let mut reader = RowReader {
        row,
        errors: Vec::new(),
    };
    let deletes = reader.optional("delete", fields::boolean).unwrap_or(false);
    let id = deletes.then(|| reader.required("id")).flatten();
    match reader.errors.is_empty() {
        true => Ok(id.map(ItemId::new)),
        false => Err(reader.errors),
    }
}

/// Longer ids, ids without anything visible, and ids with control characters or with characters that change the direction of text
/// cannot be ordered: every protocol refuses them.
fn item_id(text: &str) -> Result<ItemId, String> {
    let length = text.chars().count();
    if length > ItemId::MAX_CHARS {
        return Err(format!("has {length} characters; {} are possible", ItemId::MAX_CHARS));
    }
    match TextForm::Exact.read(text) {
        Err(error) => Err(error.to_string()),
        Ok(_) if is_blank(text) => Err("has no visible character".to_owned()),
        Ok(_) => Ok(ItemId::new(text)),
    }
}

fn availability(text: &str) -> Result<String, String> {
    match text {
        "in_stock" | "out_of_stock" | "preorder" | "backorder" => Ok(text.to_owned()),
        _ => Err("must be in_stock, out_of_stock, preorder or backorder".to_owned()),
    }
}

/// `unspecified` says nothing about the price, so it counts as `exclusive`, like a blank cell.
fn tax_included(text: &str) -> Result<bool, String> {
    match text {
        "inclusive" => Ok(true),
        "exclusive" | "unspecified" => Ok(false),
        other => Err(format!("is {other:?}; it must be inclusive, exclusive or unspecified")),
    }
}

fn first(row: &FeedRow<'_>, columns: [&str; 2]) -> Option<String> {
    columns
        .into_iter()
        .find_map(|column| row.get(column))
        .map(str::to_owned)
}

fn read_description(row: &FeedRow<'_>, title: &str) -> ItemDescription {
    let more = row.get("additional_image_link").unwrap_or_default();
    let images = row.get("image_link").into_iter().chain(more.split(','));
    ItemDescription {
        title: title.to_owned(),
        description: row.get("description").map(str::to_owned),
        images: images
            .map(|link| link.trim().replace("%2C", ","))
            .filter(|link| !link.is_empty())
            .collect(),
        url: row.get("link").map(str::to_owned),
    }
}
