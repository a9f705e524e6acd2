//! Parts of member states outside of the VAT area, and countries that count as a part of one.

use tillhouse_places::{PostalCode, PostalPattern};
use tillhouse_plugin::{config::Invalid, prelude::*};

/// Whether a postal code is in a part of its country to which its VAT does not apply: one of `tax.outside.COUNTRY`.
///
/// An address without a postal code counts as one where the tax applies.
pub(super) fn is_outside(country: &str, postal_code: &str) -> Result<bool, Invalid> {
    let key = format!("tax.outside.{country}");
    let Some(list) = config::get(&key) else {
        return Ok(false);
    };
    let code = PostalCode::read(country, postal_code);
    Ok(patterns(&key, &list)?.iter().any(|pattern| pattern.has(&code)))
}

/// The country whose VAT applies: that of `tax.treated-as.COUNTRY`, or else the country itself.
pub(super) fn levying(country: String) -> String {
    config::get(&format!("tax.treated-as.{country}")).unwrap_or(country)
}

/// Reads a list of postal codes.
pub(crate) fn patterns(key: &str, list: &str) -> Result<Vec<PostalPattern>, Invalid> {
    config::split(list)
        .map(|text| {
            text.parse()
                .map_err(|error| Invalid::new(key, format!("`{text}`: {error}")))
        })
        .collect()
}
