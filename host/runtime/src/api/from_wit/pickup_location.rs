//! The pickup location of a fulfillment option, from its extensions (`wit/merchant/fulfillment.wit`).

use crate::api::check;
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::decision::PickupPlace;

const PREFIX: &str = "tillhouse.place.";

/// The pickup location. `None` if the option is not a pickup, or its extensions do not name a location.
///
/// # Errors
/// When the location lacks its name, street, city or country, or a field is too long.
pub(super) fn pickup_location(kind: &str, extensions: &[(String, String)]) -> Result<Option<PickupPlace>, String> {
    let said = |field: &str| {
        let mut known = extensions
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?, value)));
        known.find(|(name, _)| *name == field).map(|(_, value)| value.clone())
    };
    let says_any = extensions.iter().any(|(key, _)| key.starts_with(PREFIX));
    if kind != "pickup" || !says_any {
        return Ok(None);
    }
    let may = |field: &str| check::optional(&format!("option.extensions {PREFIX}{field}"), said(field), check::TEXT);
    let must = |field: &str| {
        let value = may(field)?.filter(|value| !value.trim().is_empty());
        value.ok_or_else(|| format!("option.extensions has a pickup location without {PREFIX}{field}"))
    };
    let name = must("name")?;
    Ok(Some(PickupPlace {
        address: Address {
            name: name.clone(),
            company: String::new(),
            line_one: must("line-one")?,
            line_two: may("line-two")?.unwrap_or_default(),
            city: must("city")?,
            region: may("region")?.unwrap_or_default(),
            country: must("country")?,
            postal_code: may("postal-code")?.unwrap_or_default(),
        },
        name,
        phone: may("phone")?,
        instructions: may("instructions")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extensions(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let named = fields
            .iter()
            .map(|(field, value)| (format!("{PREFIX}{field}"), (*value).to_owned()));
        named.chain([("acme.shelf".to_owned(), "7".to_owned())]).collect()
    }

    const SHOP: [(&str, &str); 5] = [
        ("name", "Acme Downtown"),
        ("line-one", "1 Main St"),
        ("city", "Portland"),
        ("country", "US"),
        ("instructions", "Ring twice"),
    ];

    #[test]
    fn a_pickup_has_the_location_from_its_extensions() {
        let found = pickup_location("pickup", &extensions(&SHOP)).unwrap().unwrap();
        assert_eq!(
            (found.name.as_str(), found.address.line_one.as_str()),
            ("Acme Downtown", "1 Main St")
        );
        assert_eq!((found.phone, found.instructions.as_deref()), (None, Some("Ring twice")));
    }

    #[test]
    fn a_pickup_may_omit_its_location_and_a_parcel_has_none() {
        assert_eq!(pickup_location("pickup", &extensions(&[])).unwrap(), None);
        assert_eq!(pickup_location("shipping", &extensions(&SHOP)).unwrap(), None);
    }

    #[test]
    fn an_incomplete_location_violates_the_contract_and_the_field_is_named() {
        for (missing, _) in &SHOP[..4] {
            let rest: Vec<_> = SHOP.into_iter().filter(|(field, _)| field != missing).collect();
            let error = pickup_location("pickup", &extensions(&rest)).unwrap_err();
            assert!(error.ends_with(&format!("{PREFIX}{missing}")), "{error}");
        }
        let long = "x".repeat(check::TEXT + 1);
        let error = pickup_location("pickup", &extensions(&[("name", long.as_str())])).unwrap_err();
        assert!(error.contains("limit"), "{error}");
    }
}
