//! Whether the host stores card numbers.

use super::checks::Checks;
use tillhouse_server::config::Config;

const CHECK: &str = "vault";

/// Say of every merchant whose agents may delegate cards what that means. The files of the keys are checked with the other files.
pub(super) fn check(config: &Config, checks: &mut Checks) {
    let merchants: Vec<&str> = config
        .merchants
        .iter()
        .filter(|(_, merchant)| merchant.vault.is_some())
        .map(|(id, _)| id.as_str())
        .collect();
    if merchants.is_empty() {
        checks.ok(
            CHECK,
            "no agent can delegate a card to this host: it stores no card numbers",
        );
        return;
    }
    checks.warn(
        CHECK,
        format!(
            "agents of {} may delegate cards: this host stores card numbers, sealed, and is in the scope of PCI DSS as a whole",
            merchants.join(", ")
        ),
        "keep it on only if you are assessed for storing cards (SECURITY.md); without [merchants.NAME.vault] none are stored",
    );
}
