//! What a merchant serves of Adyen's agentic commerce.

use super::checks::Checks;
use tillhouse_server::config::{AdyenAuthConfig, AdyenConfig, AdyenMerchantConfig, Config, MerchantConfig};

const CHECK: &str = "adyen";

/// Say of every merchant with Adyen what is served, and what cannot work.
pub(super) fn check(config: &Config, checks: &mut Checks) {
    for (id, merchant) in &config.merchants {
        let Some(adyen) = &merchant.adyen else { continue };
        let served = served(adyen);
        if served.is_empty() {
            checks.warn(
                CHECK,
                format!("{id}: nothing of Adyen's agentic commerce is served"),
                "add [merchants.NAME.adyen.agent] or [merchants.NAME.adyen.merchant], or remove [merchants.NAME.adyen]",
            );
            continue;
        }
        checks.ok(CHECK, format!("{id}: {}", served.join("; ")));
        delegates_without_vault(id.as_str(), merchant, adyen, checks);
    }
}

fn served(adyen: &AdyenConfig) -> Vec<String> {
    let agent = adyen
        .agent
        .as_ref()
        .map(|_| format!("agents call below /commerce-suite/acp/v1/{}", adyen.company_account));
    let merchant = adyen.merchant.as_ref().map(calls);
    let delegate = (!adyen.delegate_keys.is_empty()).then(|| "agents may delegate cards in Adyen's shape".to_owned());
    [agent, merchant, delegate].into_iter().flatten().collect()
}

fn calls(merchant: &AdyenMerchantConfig) -> String {
    let (auth, secrets) = match &merchant.auth {
        AdyenAuthConfig::Basic(users) => ("Basic", users.len()),
        AdyenAuthConfig::Bearer(keys) => ("Bearer", keys.len()),
        AdyenAuthConfig::Hmac(keys) => ("HmacSignature", keys.len()),
    };
    let charges = match (merchant.flow.has_commit(), merchant.flow.has_token()) {
        (true, true) => "Adyen or the merchant charges",
        (false, true) => "the merchant charges",
        _ => "Adyen charges",
    };
    format!(
        "Adyen calls /agentic/sessions with {auth} ({secrets} {}), {charges}; it does not document these bodies publicly: their names \
         are settings",
        if secrets == 1 { "secret" } else { "secrets" }
    )
}

fn delegates_without_vault(id: &str, merchant: &MerchantConfig, adyen: &AdyenConfig, checks: &mut Checks) {
    if !adyen.delegate_keys.is_empty() && merchant.vault.is_none() {
        checks.warn(
            CHECK,
            format!("{id}: delegate_payment of Adyen has keys, and the merchant has no vault for the cards"),
            "add [merchants.NAME.vault] and [vault], or remove [merchants.NAME.adyen.delegate]",
        );
    }
}
