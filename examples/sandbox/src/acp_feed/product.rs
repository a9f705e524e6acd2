//! A product as `schema.feed.json` defines it. No object of the schema allows unknown members.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::error::invalid;
use crate::acp_error::AcpError;
use crate::money::Currency;

/// A product that fits the schema, and has a variant: a product without one cannot be bought.
#[derive(Debug)]
pub(super) struct Product(Value);

impl Product {
    /// # Errors
    /// The first member that is missing, malformed or unknown.
    pub(super) fn read(index: usize, value: Value) -> Result<Self, AcpError> {
        let at = format!("$.products[{index}]");
        let shape = ProductShape::deserialize(&value).map_err(|error| invalid(&at, error.to_string()))?;
        shape.check().map_err(|error| invalid(&at, error))?;
        Ok(Self(value))
    }

    pub(super) fn id(&self) -> String {
        self.0.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(super) fn into_value(self) -> Value {
        self.0
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductShape {
    id: String,
    #[serde(rename = "title")]
    _title: Option<String>,
    description: Option<Description>,
    url: Option<String>,
    #[serde(default)]
    media: Vec<Media>,
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    plain: Option<String>,
    html: Option<String>,
    markdown: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Media {
    #[serde(rename = "type")]
    _type: String,
    url: String,
    #[serde(rename = "alt_text")]
    _alt_text: Option<String>,
    #[serde(rename = "width")]
    _width: Option<i64>,
    #[serde(rename = "height")]
    _height: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    id: String,
    title: String,
    description: Option<Description>,
    url: Option<String>,
    #[serde(default, rename = "barcodes")]
    _barcodes: Vec<Barcode>,
    price: Option<Price>,
    list_price: Option<Price>,
    unit_price: Option<UnitPrice>,
    #[serde(rename = "availability")]
    _availability: Option<Availability>,
    #[serde(default, rename = "categories")]
    _categories: Vec<Category>,
    #[serde(default, rename = "condition")]
    _condition: Vec<String>,
    #[serde(default, rename = "variant_options")]
    _variant_options: Vec<VariantOption>,
    #[serde(default)]
    media: Vec<Media>,
    seller: Option<Seller>,
    marketplace: Option<Seller>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Barcode {
    #[serde(rename = "type")]
    _type: String,
    #[serde(rename = "value")]
    _value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    amount: i64,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitPrice {
    amount: i64,
    currency: String,
    #[serde(rename = "measure")]
    _measure: Measure,
    #[serde(rename = "reference")]
    _reference: ReferenceMeasure,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measure {
    #[serde(rename = "value")]
    _value: f64,
    #[serde(rename = "unit")]
    _unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceMeasure {
    #[serde(rename = "value")]
    _value: i64,
    #[serde(rename = "unit")]
    _unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Availability {
    #[serde(rename = "available")]
    _available: Option<bool>,
    #[serde(rename = "status")]
    _status: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    #[serde(rename = "value")]
    _value: String,
    #[serde(rename = "taxonomy")]
    _taxonomy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantOption {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "value")]
    _value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seller {
    #[serde(rename = "name")]
    _name: Option<String>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    #[serde(rename = "type")]
    _type: String,
    #[serde(rename = "title")]
    _title: Option<String>,
    url: String,
}

impl ProductShape {
    fn check(&self) -> Result<(), String> {
        if self.id.is_empty() {
            return Err("id must not be empty".to_owned());
        }
        if self.variants.is_empty() {
            return Err("variants must have at least one variant".to_owned());
        }
        check_texts(self.description.as_ref(), self.url.as_deref(), &self.media)?;
        self.variants.iter().try_for_each(Variant::check)
    }
}

impl Variant {
    fn check(&self) -> Result<(), String> {
        if self.id.is_empty() || self.title.is_empty() {
            return Err("variants: id and title must not be empty".to_owned());
        }
        check_texts(self.description.as_ref(), self.url.as_deref(), &self.media)?;
        for price in self.price.iter().chain(&self.list_price) {
            check_price(price.amount, &price.currency)?;
        }
        if let Some(price) = &self.unit_price {
            check_price(price.amount, &price.currency)?;
        }
        let links = self
            .seller
            .iter()
            .chain(&self.marketplace)
            .flat_map(|seller| &seller.links);
        links.into_iter().try_for_each(|link| check_url(&link.url))
    }
}

fn check_texts(description: Option<&Description>, url: Option<&str>, media: &[Media]) -> Result<(), String> {
    let is_empty = |text: &Description| text.plain.is_none() && text.html.is_none() && text.markdown.is_none();
    if description.is_some_and(is_empty) {
        return Err("description must have plain, html or markdown".to_owned());
    }
    let urls = url.into_iter().chain(media.iter().map(|media| media.url.as_str()));
    urls.into_iter().try_for_each(check_url)
}

fn check_url(url: &str) -> Result<(), String> {
    match Url::parse(url) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{url} is not a URL: {error}")),
    }
}

fn check_price(amount: i64, currency: &str) -> Result<(), String> {
    if amount < 0 {
        return Err(format!("amount {amount} is negative"));
    }
    let is_upper = currency.bytes().all(|byte| byte.is_ascii_uppercase());
    match Currency::parse(&currency.to_ascii_lowercase()).filter(|_| is_upper) {
        Some(_) => Ok(()),
        None => Err(format!("{currency} is not an ISO 4217 code in upper case")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_the_specification_are_products() {
        for product in [
            json!({"id": "prod_classic_tee", "title": "Classic Tee",
                   "variants": [{"id": "sku123-red-s", "title": "Classic Tee - Red / Small"}]}),
            json!({"id": "prod_classic_tee", "variants": [{"id": "sku124-red-m", "title": "Classic Tee - Red / Medium",
                   "availability": {"available": false, "status": "out_of_stock"}}]}),
        ] {
            assert!(Product::read(0, product).is_ok());
        }
    }

    #[test]
    fn what_the_schema_forbids_is_refused() {
        let variant =
            |member: &str, value: Value| json!({"id": "a", "variants": [{"id": "b", "title": "B", member: value}]});
        for product in [
            json!({"variants": [{"id": "b", "title": "B"}]}),
            json!({"id": "a"}),
            json!({"id": "a", "variants": []}),
            json!({"id": "a", "variants": [{"id": "b"}]}),
            json!({"id": "a", "stock": 3, "variants": [{"id": "b", "title": "B"}]}),
            variant("price", json!({"amount": 1.5, "currency": "USD"})),
            variant("price", json!({"amount": -1, "currency": "USD"})),
            variant("price", json!({"amount": 1, "currency": "usd"})),
            variant("url", json!("not a url")),
            variant("condition", json!("new")),
            variant("description", json!({})),
            variant("media", json!([{"type": "image"}])),
        ] {
            assert!(Product::read(0, product.clone()).is_err(), "{product}");
        }
    }
}
