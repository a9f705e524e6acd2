//! Postal addresses in answers of plugins.

use super::wit;
use crate::api::check;
use tillhouse_checkout::contact::Address;

/// Convert an address whose fields may be empty. `what` names it in errors.
pub(super) fn address(what: &str, address: wit::Address) -> Result<Address, String> {
    let text = |field: &str, value| check::text(&format!("{what}.{field}"), value, check::TEXT);
    Ok(Address {
        name: text("name", address.name)?,
        company: text("company", address.company)?,
        line_one: text("line-one", address.line_one)?,
        line_two: text("line-two", address.line_two)?,
        city: text("city", address.city)?,
        region: text("region", address.region)?,
        country: check::country(&format!("{what}.country"), address.country)?,
        postal_code: text("postal-code", address.postal_code)?,
        // As written: a plugin answers with the codes of the contract.
        country_alias: None,
    })
}
