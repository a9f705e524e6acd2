//! What an audit of a feed has found: how far what agents were told is from what the merchant's plugins say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::CatalogVersion;
use crate::ids::{FeedUploadId, ItemId, MerchantId};

/// Differences that a report lists. All are counted.
pub const LISTED_DIFFERENCES: usize = 1000;

/// Share of hooks that are refused for lack of stock, in parts per million, above which Stripe may stop showing a merchant's items
/// (<https://docs.stripe.com/agentic-commerce>).
pub const UNAVAILABLE_LIMIT_PPM: u64 = 50_000;

/// What is not as it was uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Agents offer it, and it cannot be bought.
    SoldOut,
    /// Agents do not offer it, and it could be bought.
    NotOffered,
    /// The price is another.
    Price,
    /// Whether the price includes tax is another.
    Tax,
    /// The number of units is another.
    Quantity,
    /// It was not uploaded, or not taken.
    NotUploaded,
}

impl DifferenceKind {
    /// The kind in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::SoldOut => "sold out",
            Self::NotOffered => "not offered",
            Self::Price => "price",
            Self::Tax => "tax behavior",
            Self::Quantity => "quantity",
            Self::NotUploaded => "not uploaded",
        }
    }
}

/// One difference of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemDifference {
    /// The item that differs.
    pub item: ItemId,
    /// What is not as it was uploaded.
    pub kind: DifferenceKind,
    /// How large it is, in parts per million of what was uploaded. An offer that is wrong as a whole has 1,000,000.
    pub size_ppm: u64,
    /// What was uploaded of it.
    pub uploaded: String,
    /// What the plugin says.
    pub plugin: String,
}

/// Hooks of one merchant that were answered on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOfHooks {
    /// The day, UTC: `2026-11-30`.
    pub day: String,
    /// Hooks that were answered.
    pub answered: u64,
    /// Those of them that were refused because an item was not in stock.
    pub unavailable: u64,
}

/// How far what was uploaded is from what the plugins say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftReport {
    /// Merchant whose feed it is.
    pub merchant: MerchantId,
    /// Name of the destination.
    pub destination: String,
    /// When it was compared (RFC 3339).
    pub at: String,
    /// The last upload of all products.
    pub upload: FeedUploadId,
    /// Version of the catalog that it was made of.
    pub uploaded_version: CatalogVersion,
    /// Version that is in force.
    pub version: CatalogVersion,
    /// Whether all items were compared, and not a sample.
    pub all: bool,
    /// Items that were compared.
    pub items: u64,
    /// Items with a difference.
    pub differing: u64,
    /// Share of them, in parts per million: the first number of the metric.
    pub drift_ppm: u64,
    /// How far prices are apart, on average over the compared items, in parts per million: the second number of the metric.
    pub price_drift_ppm: u64,
    /// Number of differences by kind.
    pub kinds: BTreeMap<DifferenceKind, u64>,
    /// The differences, the largest first; at most [`LISTED_DIFFERENCES`].
    pub differences: Vec<ItemDifference>,
    /// Hooks of the last days, the newest first.
    pub hooks: Vec<DayOfHooks>,
    /// Share of the hooks of all these days that were refused for lack of stock, in parts per million: the third number of the metric.
    pub unavailable_ppm: u64,
    /// Whether that share is above [`UNAVAILABLE_LIMIT_PPM`].
    pub above_limit: bool,
}

impl DriftReport {
    /// The report in numbers.
    #[must_use]
    pub fn metric(&self) -> DriftMetric {
        DriftMetric {
            at: self.at.clone(),
            items: self.items,
            differing: self.differing,
            drift_ppm: self.drift_ppm,
            price_drift_ppm: self.price_drift_ppm,
            oversold: self.kinds.get(&DifferenceKind::SoldOut).copied().unwrap_or_default(),
            unavailable_ppm: self.unavailable_ppm,
        }
    }
}

/// How far apart the feed and the plugins are, as numbers: what the log has of each audit, and `feed status` of the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftMetric {
    /// When it was compared (RFC 3339).
    pub at: String,
    /// Items that were compared.
    pub items: u64,
    /// Items with a difference.
    pub differing: u64,
    /// Share of them, in parts per million.
    pub drift_ppm: u64,
    /// How far prices are apart, on average over the compared items, in parts per million.
    pub price_drift_ppm: u64,
    /// Items that agents offer, and that cannot be bought.
    pub oversold: u64,
    /// Share of the hooks of the last days that were refused for lack of stock, in parts per million.
    pub unavailable_ppm: u64,
}
