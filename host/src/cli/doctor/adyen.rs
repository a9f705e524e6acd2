//! What a merchant serves of Adyen's agentic commerce.

use super::checks::Checks;
use super::party_units;
use tillhouse_checkout::party_units::Party;
use tillhouse_server::config::{AdyenAuthConfig, AdyenConfig, AdyenMerchantConfig, Config};

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
                "add [merchants.NAME.adyen.agent], .merchant or .acp, or remove [merchants.NAME.adyen]",
            );
            continue;
        }
        checks.ok(CHECK, format!("{id}: {}", served.join("; ")));
        party_units::fit(CHECK, id, merchant, Party::Adyen, checks);
    }
}

fn served(adyen: &AdyenConfig) -> Vec<String> {
    let agent = adyen
        .agent
        .as_ref()
        .map(|_| format!("agents call below /commerce-suite/acp/v1/{}", adyen.company_account));
    let merchant = adyen.merchant.as_ref().map(calls);
    let acp = adyen.acp.map(|acp| {
        let releases = if acp.older_releases {
            "every release"
        } else {
            "2026-01-30 and later"
        };
        format!("a payment provider of ACP in {releases}")
    });
    let delegate = (!adyen.delegate_keys.is_empty()).then(|| "agents may delegate cards in Adyen's shape".to_owned());
    [agent, merchant, acp, delegate].into_iter().flatten().collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_server::config::Sources;

    #[test]
    fn a_currency_that_adyen_takes_in_whole_units_is_warned_of() {
        for (currency, levels) in [
            ("idr", &["ok", "warn"][..]),
            ("cve", &["ok", "warn"]),
            ("usd", &["ok"]),
            ("isk", &["ok"]),
            ("kwd", &["ok"]),
        ] {
            let text = format!(
                "[merchants.acme]\ncurrency = \"{currency}\"\n[merchants.acme.adyen]\ncompany_account = \"a\"\nmerchant_account = \"b\"\n\
                 agent.keys = [{{ name = \"agent\", secret = \"k\" }}]"
            );
            let sources = Sources::new("/", |_| None, |_| Err(std::io::ErrorKind::NotFound.into()));
            let mut checks = Checks::default();
            check(&Config::parse(&text, &sources).unwrap(), &mut checks);
            assert_eq!(checks.levels(), levels, "{currency}");
        }
    }
}
