//! Lines of an order with their units, as an operator writes them: `mug:1`.

use tillhouse_checkout::decision::LineUnits;

/// Reads `LINE:QUANTITY`. The id of a line may contain colons.
///
/// # Errors
/// What it must look like.
pub(super) fn parse_line_units(text: &str) -> Result<LineUnits, String> {
    let parts = text.rsplit_once(':').filter(|(line, _)| !line.is_empty());
    let quantity = parts.and_then(|(_, quantity)| quantity.parse::<u32>().ok());
    match (parts, quantity) {
        (Some((line, _)), Some(quantity)) if quantity > 0 => Ok(LineUnits {
            line: line.to_owned(),
            quantity,
        }),
        _ => Err("expected a line and how many units of it: mug:1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_quantity_behind_its_last_colon() {
        let units = parse_line_units("sku:red:2").unwrap();
        assert_eq!((units.line.as_str(), units.quantity), ("sku:red", 2));
        for wrong in ["mug", "mug:", ":1", "mug:0", "mug:-1", "mug:1.5"] {
            assert!(parse_line_units(wrong).is_err(), "{wrong}");
        }
    }
}
