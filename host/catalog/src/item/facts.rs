//! The facts of an item that agents show beside its title and price.

use serde_json::Number;

use crate::columns::code;
use crate::row::RowCells;
use crate::values::{self, entries, measure};
use tillhouse_checkout::decision::{Dimensions, ItemFacts, ItemProperty, Weight};
use tillhouse_checkout::ids::ItemId;

/// Columns that tell variants apart, each with the name that is shown.
const OPTIONS: [(&str, u8); 5] = [
    ("Color", code::COLOR),
    ("Size", code::SIZE),
    ("Material", code::MATERIAL),
    ("Gender", code::GENDER),
    ("Age group", code::AGE_GROUP),
];

/// Names and values of a merchant's own variant options.
const OWN_OPTIONS: [(u8, u8); 3] = [
    (code::OPTION_NAME_1, code::OPTION_VALUE_1),
    (code::OPTION_NAME_2, code::OPTION_VALUE_2),
    (code::OPTION_NAME_3, code::OPTION_VALUE_3),
];

/// Labels of campaigns and columns that Stripe does not have are the merchant's own business, and are not shown.
pub(super) fn facts(id: &ItemId, known: &RowCells<'_>) -> ItemFacts {
    let text = |code| Some(known.get(code)).filter(|text| !text.is_empty());
    let category = known.first([code::GOOGLE_PRODUCT_CATEGORY, code::PRODUCT_CATEGORY]);
    ItemFacts {
        product: Some(text(code::ITEM_GROUP_ID).unwrap_or(id.as_str()).to_owned()),
        category: category.map(str::to_owned),
        weight: text(code::WEIGHT).and_then(weight),
        dimensions: dimensions(known),
        options: options(known),
        attributes: attributes(known),
        warnings: text(code::PRODUCT_WARNING)
            .map(entries::warning_messages)
            .unwrap_or_default(),
    }
}

fn property(name: &str, value: &str) -> Option<ItemProperty> {
    (!name.is_empty() && !value.is_empty()).then(|| ItemProperty {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

fn options(known: &RowCells<'_>) -> Vec<ItemProperty> {
    let named = OPTIONS.iter().map(|(name, code)| (*name, known.get(*code)));
    let own = OWN_OPTIONS
        .iter()
        .map(|(name, value)| (known.get(*name), known.get(*value)));
    let all = named.chain(own);
    all.filter_map(|(name, value)| property(name, value)).collect()
}

/// `new` is what a buyer expects, and is not said.
fn attributes(known: &RowCells<'_>) -> Vec<ItemProperty> {
    let condition = known.get(code::CONDITION);
    let condition = if condition == "new" { "" } else { condition };
    let all = [
        ("Brand", known.get(code::BRAND)),
        ("Condition", condition),
        ("Minimum age", known.get(code::AGE_RESTRICTION)),
    ];
    all.into_iter()
        .filter_map(|(name, value)| property(name, value))
        .collect()
}

fn weight(text: &str) -> Option<Weight> {
    values::weight_grams(text).ok()?;
    let (value, unit) = number(text)?;
    Some(Weight {
        value,
        unit: unit.to_ascii_lowercase(),
    })
}

/// `None` unless all three are there, in one unit.
fn dimensions(known: &RowCells<'_>) -> Option<Dimensions> {
    let cells = [code::LENGTH, code::WIDTH, code::HEIGHT].map(|code| known.get(code));
    let [of_length, of_width, of_height] = cells.map(|text| values::length(text).ok());
    let is_one = of_length.is_some() && of_length == of_width && of_width == of_height;
    let [length, width, height] = cells.map(number);
    let ((length, unit), (width, _), (height, _)) = (length?, width?, height?);
    is_one.then(|| Dimensions {
        length,
        width,
        height,
        unit: unit.to_ascii_lowercase(),
    })
}

/// The number and the unit of a measure; `None` if the number is written as JSON has none.
fn number(text: &str) -> Option<(Number, &str)> {
    let (number, unit) = measure::split(text)?;
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(cells: &[(u8, &'static str)]) -> ItemFacts {
        let mut known = RowCells::default();
        for (code, value) in cells {
            known.set(*code, value);
        }
        facts(&ItemId::new("tee-m"), &known)
    }

    #[test]
    fn a_variant_says_its_product_its_options_and_its_size() {
        let facts = of(&[
            (code::ITEM_GROUP_ID, "tee"),
            (code::SIZE, "M"),
            (code::OPTION_NAME_1, "Neck"),
            (code::OPTION_VALUE_1, "V"),
            (code::OPTION_NAME_2, "without a value"),
            (code::BRAND, "Acme"),
            (code::CONDITION, "new"),
            (code::PRODUCT_CATEGORY, "Clothing > Tops"),
            (code::WEIGHT, "0.25 KG"),
            (code::LENGTH, "30 cm"),
            (code::WIDTH, "20.5 cm"),
            (code::HEIGHT, "2 cm"),
        ]);
        let expected = json!({
            "product": "tee", "category": "Clothing > Tops",
            "weight": {"value": 0.25, "unit": "kg"},
            "dimensions": {"length": 30, "width": 20.5, "height": 2, "unit": "cm"},
            "options": [{"name": "Size", "value": "M"}, {"name": "Neck", "value": "V"}],
            "attributes": [{"name": "Brand", "value": "Acme"}],
        });
        assert_eq!(serde_json::to_value(&facts).unwrap(), expected);
    }

    #[test]
    fn an_item_without_a_group_is_a_product_and_half_a_size_is_none() {
        let facts = of(&[
            (code::CONDITION, "used"),
            (code::WEIGHT, "heavy"),
            (code::LENGTH, "30 cm"),
            (code::WIDTH, "20 in"),
            (code::HEIGHT, "2 cm"),
        ]);
        let expected = json!({"product": "tee-m", "attributes": [{"name": "Condition", "value": "used"}]});
        assert_eq!(serde_json::to_value(&facts).unwrap(), expected);
    }

    #[test]
    fn warnings_are_shown_without_their_type_and_with_their_commas() {
        let facts = of(&[(
            code::PRODUCT_WARNING,
            "prop_65:Lead, cadmium, safety_warning: Keep away from fire",
        )]);
        assert_eq!(facts.warnings, ["Lead, cadmium", "Keep away from fire"]);
        let unknown = of(&[(code::PRODUCT_WARNING, "Small parts")]);
        assert_eq!(
            unknown.warnings,
            ["Small parts"],
            "a warning is shown however it is written"
        );
    }
}
