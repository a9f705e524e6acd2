//! A variant of a product: one item of the catalog, with what it is offered as.

use serde::Serialize;

use tillhouse_catalog::Item;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::time::Timestamp;

use super::product::{self, Description, Media};
use super::settings::{Seller, SellerLink};
use crate::offer::Offer;

/// What a variant is rendered from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VariantSource<'a> {
    pub(crate) item: &'a Item,
    pub(crate) offer: &'a Offer,
    /// Whether the catalog does not have the item any more.
    pub(crate) gone: bool,
    /// Time whose price is shown.
    pub(crate) at: Timestamp,
    pub(crate) seller: Option<&'a Seller>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Variant {
    id: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    barcodes: Vec<Barcode>,
    price: Price,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Price>,
    availability: Availability,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Category>,
    condition: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variant_options: Vec<VariantOption>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<Media>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller: Option<SellerOf>,
}

#[derive(Clone, Debug, Serialize)]
struct Barcode {
    r#type: &'static str,
    value: String,
}

#[derive(Clone, Debug, Serialize)]
struct Price {
    amount: i64,
    currency: String,
}

#[derive(Clone, Debug, Serialize)]
struct Availability {
    available: bool,
    status: String,
}

#[derive(Clone, Debug, Serialize)]
struct Category {
    value: String,
    taxonomy: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct VariantOption {
    name: String,
    value: String,
}

#[derive(Clone, Debug, Serialize)]
struct SellerOf {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<LinkOf>,
}

#[derive(Clone, Debug, Serialize)]
struct LinkOf {
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    url: String,
}

impl Variant {
    pub(super) fn render(source: &VariantSource<'_>) -> Self {
        let VariantSource {
            item,
            offer,
            at,
            seller,
            ..
        } = *source;
        let now = offer.price_at(at);
        let is_lower = now.amount < offer.price.amount;
        Self {
            id: item.id.as_str().to_owned(),
            title: item.description.title.clone(),
            description: product::description(item),
            url: product::link(item),
            barcodes: barcodes(item),
            price: price(now),
            list_price: is_lower.then(|| price(offer.price)),
            availability: availability(source),
            categories: categories(item),
            condition: vec![item.column("condition").unwrap_or("new").to_owned()],
            variant_options: options(item),
            media: product::media(item),
            seller: seller.map(SellerOf::of),
        }
    }
}

impl SellerOf {
    fn of(seller: &Seller) -> Self {
        let link = |link: &SellerLink| LinkOf {
            r#type: link.kind.clone(),
            title: link.title.clone(),
            url: link.url.to_string(),
        };
        Self {
            name: seller.name.clone(),
            links: seller.links.iter().map(link).collect(),
        }
    }
}

fn price(money: Money) -> Price {
    Price {
        amount: money.amount.minor(),
        currency: money.currency.upper(),
    }
}

/// Whether it can be bought is apart from whether it is there: an item whose checkout is disabled is shown, and not sold.
fn availability(source: &VariantSource<'_>) -> Availability {
    let VariantSource { item, offer, gone, .. } = *source;
    if gone {
        return Availability {
            available: false,
            status: "discontinued".to_owned(),
        };
    }
    let is_disabled = item
        .column("disable_checkout")
        .is_some_and(|cell| cell.eq_ignore_ascii_case("true"));
    Availability {
        available: offer.can_be_bought() && !is_disabled,
        status: offer.availability.clone(),
    }
}

fn barcodes(item: &Item) -> Vec<Barcode> {
    let cells = [("GTIN", "gtin"), ("MPN", "mpn")];
    let cells = cells
        .into_iter()
        .filter_map(|(r#type, column)| Some((r#type, item.column(column)?)));
    let barcodes = cells.map(|(r#type, value)| Barcode {
        r#type,
        value: value.to_owned(),
    });
    barcodes.collect()
}

fn categories(item: &Item) -> Vec<Category> {
    let cells = [
        ("google_product_category", "google_product_category"),
        ("merchant", "product_category"),
    ];
    let cells = cells
        .into_iter()
        .filter_map(|(taxonomy, column)| Some((taxonomy, item.column(column)?)));
    let categories = cells.map(|(taxonomy, value)| Category {
        value: value.to_owned(),
        taxonomy,
    });
    categories.collect()
}

fn options(item: &Item) -> Vec<VariantOption> {
    let options = item.facts().options.into_iter();
    options
        .map(|option| VariantOption {
            name: option.name,
            value: option.value,
        })
        .collect()
}
