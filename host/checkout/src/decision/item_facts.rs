//! What is known of an item beside how it is presented: facts that agents show or compare.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::text::printable;

/// Facts of an item. They come from the catalog; of an item that it lacks, the plugin that presents says its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemFacts {
    /// Id of the product that the item is a variant of: its group, or the item itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Category, as a path or a number of a taxonomy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Weight of one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Weight>,
    /// Size of one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// What tells the variants of a product apart: `Color`, `Size`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ItemProperty>,
    /// Further properties for the buyer: `Brand`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<ItemProperty>,
    /// Texts that the law wants the buyer to see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A property of an item, by a name that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemProperty {
    /// Name of the property.
    pub name: String,
    /// What it is for this item.
    pub value: String,
}

/// A weight as the merchant states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// Number of units, not negative.
    pub value: Number,
    /// Unit: `g`, `kg`, `oz` or `lb`.
    pub unit: String,
}

/// Length, width and height as the merchant states them, in one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimensions {
    /// Number of units, not negative, as are the others.
    pub length: Number,
    /// The same across the length.
    pub width: Number,
    /// The same from the ground up.
    pub height: Number,
    /// Unit: `cm` or `in`.
    pub unit: String,
}

impl ItemFacts {
    /// The same, with texts that can be shown.
    #[must_use]
    pub fn printable(self) -> Self {
        let shown = |text: Option<String>| text.as_deref().map(printable);
        let properties = |list: Vec<ItemProperty>| {
            let list = list.iter().map(|property| ItemProperty {
                name: printable(&property.name),
                value: printable(&property.value),
            });
            list.collect()
        };
        Self {
            product: shown(self.product),
            category: shown(self.category),
            options: properties(self.options),
            attributes: properties(self.attributes),
            warnings: self.warnings.iter().map(|text| printable(text)).collect(),
            ..self
        }
    }
}
