//! How a plugin wants fractions of a minor unit to be rounded.

use crate::api::bindings::tillhouse::merchant::types::Rounding;
use crate::api::check;
use tillhouse_checkout::decision::RoundingRule;

/// Names that the contract does not have are refused with the rule of the quote that they break.
pub(super) fn rounding(rounding: Rounding) -> Result<RoundingRule, String> {
    Ok(RoundingRule {
        mode: check::text("rounding.mode", rounding.mode, check::ID)?,
        scope: check::text("rounding.scope", rounding.scope, check::ID)?,
    })
}
