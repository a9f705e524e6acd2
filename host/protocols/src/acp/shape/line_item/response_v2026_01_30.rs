//! A line of a session (schema `LineItem`): its amounts are totals, and it says what is in stock, what was taken off, and which product
//! the item is.
//!
//! `tags` are left out, because a merchant's labels of items are its own business, and so is `parent_id`: a bundle is one item.

use serde::Serialize;
use serde_json::Number;

use crate::acp::shape::discounts::response_v2026_01_30::DiscountDetail;
use crate::acp::shape::line_item::response_v2025_12_12::Presentation;
use crate::acp::shape::total::response_v2026_01_30::{self as total, Total};
use crate::rendering::rfc3339;
use tillhouse_checkout::decision::{Dimensions, ItemProperty, Weight};
use tillhouse_checkout::quote::QuoteLine;
use tillhouse_checkout::session::Session;

/// Values of `availability_status`; any other is omitted.
const AVAILABILITIES: &[&str] = &["in_stock", "low_stock", "out_of_stock", "backorder", "pre_order"];

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    id: &'a str,
    item: Item<'a>,
    quantity: u32,
    #[serde(flatten)]
    presentation: Presentation<'a>,
    sku: &'a str,
    #[serde(flatten)]
    product: Product<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_quantity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_quantity_per_order: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillable_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exempt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exemption_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    discount_details: Vec<DiscountDetail<'a>>,
    totals: Vec<Total<'a>>,
}

/// What the catalog says of the item; the ids are those of the product feed.
#[derive(Debug, Serialize)]
struct Product<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<WeightInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<DimensionsInfo<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variant_options: Vec<VariantOption<'a>>,
}

/// A weight as the catalog states it (schema `WeightInfo`).
#[derive(Debug, Serialize)]
struct WeightInfo<'a> {
    value: &'a Number,
    unit: &'a str,
}

/// A size as the catalog states it (schema `DimensionsInfo`).
#[derive(Debug, Serialize)]
struct DimensionsInfo<'a> {
    length: &'a Number,
    width: &'a Number,
    height: &'a Number,
    unit: &'a str,
}

/// What tells the item from other variants (schema `VariantOption`).
#[derive(Debug, Serialize)]
struct VariantOption<'a> {
    name: &'a str,
    value: &'a str,
}

/// Schema `Item`, which has no quantity: that is the line's.
#[derive(Debug, Serialize)]
struct Item<'a> {
    id: &'a str,
    name: &'a str,
    unit_amount: i64,
}

impl<'a> LineItem<'a> {
    pub(crate) fn new(session: &'a Session, line: &'a QuoteLine) -> Self {
        let availability = line.availability.as_deref();
        Self {
            id: line.id.as_str(),
            item: Item {
                id: line.item.as_str(),
                name: &line.shown.title,
                unit_amount: line.net_unit_price().minor(),
            },
            quantity: line.quantity,
            presentation: line.into(),
            sku: line.item.as_str(),
            product: Product::new(line),
            availability_status: availability.filter(|name| AVAILABILITIES.contains(name)),
            available_quantity: line.available,
            max_quantity_per_order: line.max_quantity.filter(|most| *most > 0),
            fulfillable_on: line.available_from.map(rfc3339),
            tax_exempt: line.tax_exempt.is_some().then_some(true),
            tax_exemption_reason: line.tax_exempt.as_deref(),
            discount_details: DiscountDetail::of_line(session, &line.id),
            totals: total::of_line(line),
        }
    }
}

impl<'a> Product<'a> {
    fn new(line: &'a QuoteLine) -> Self {
        let facts = &line.shown.facts;
        let product_id = facts.product.as_deref();
        Self {
            product_id,
            variant_id: product_id.map(|_| line.item.as_str()),
            category: facts.category.as_deref(),
            weight: facts.weight.as_ref().map(Into::into),
            dimensions: facts.dimensions.as_ref().map(Into::into),
            variant_options: facts.options.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Weight> for WeightInfo<'a> {
    fn from(weight: &'a Weight) -> Self {
        Self {
            value: &weight.value,
            unit: &weight.unit,
        }
    }
}

impl<'a> From<&'a Dimensions> for DimensionsInfo<'a> {
    fn from(dimensions: &'a Dimensions) -> Self {
        Self {
            length: &dimensions.length,
            width: &dimensions.width,
            height: &dimensions.height,
            unit: &dimensions.unit,
        }
    }
}

impl<'a> From<&'a ItemProperty> for VariantOption<'a> {
    fn from(property: &'a ItemProperty) -> Self {
        Self {
            name: &property.name,
            value: &property.value,
        }
    }
}
