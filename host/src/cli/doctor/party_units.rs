//! Whether a party that is told the amounts of a merchant can be told all of them.

use super::checks::Checks;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::party_units::Party;
use tillhouse_server::config::MerchantConfig;

/// Warn of a currency in which some amounts cannot be paid. Returns whether there are none.
pub(super) fn fit(
    check: &'static str,
    id: &MerchantId,
    merchant: &MerchantConfig,
    party: Party,
    checks: &mut Checks,
) -> bool {
    // A currency without units is an error of the configuration.
    let Ok(Some(step)) = party.coarse_step(merchant.currency) else {
        return true;
    };
    checks.warn(
        check,
        format!("{id}: {party} takes payments in steps of {step}; a checkout whose total is between two steps is not ready for payment"),
        format!("have prices, discounts, shipping and taxes rounded to {step}"),
    );
    false
}
