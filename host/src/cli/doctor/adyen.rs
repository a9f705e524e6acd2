//! What a merchant serves of Adyen's agentic commerce.

use super::checks::Checks;
use super::party_units;
use tillhouse_checkout::party_units::Party;
use tillhouse_server::config::{AdyenAuthConfig, AdyenConfig, AdyenMerchantConfig, Config, Grant, MerchantConfig};

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
        let elsewhere = charging_hosts(merchant);
        if takes_tokens(adyen) && !elsewhere.is_empty() && !elsewhere.iter().any(|host| is_adyens(host)) {
            checks.warn(
                CHECK,
                format!(
                    "{id}: tokens of Adyen are taken, and its processor charges at {}: only Adyen can charge them",
                    elsewhere.join(", ")
                ),
                "use plugins/adyen-processor, or another that charges at Adyen; if this is a proxy of yours before Adyen, all is well",
            );
        }
        if adyen.merchant.as_ref().is_some_and(can_be_signed_for_any_session) {
            checks.warn(
                CHECK,
                format!(
                    "{id}: a finalize call without a body says that a payment was made, and the signature of an empty body is the same \
                     for every session: one that is seen can be sent for another"
                ),
                "set finalize_without_result = \"refuse\" in [merchants.NAME.adyen.merchant] as soon as Adyen's calls name the result",
            );
        }
    }
}

/// Whether the merchant charges tokens that Adyen issued: of its agents, of the advanced flow, and of ACP.
fn takes_tokens(adyen: &AdyenConfig) -> bool {
    let of_agents = adyen.agent.as_ref();
    let of_agents = of_agents.is_some_and(|agent| agent.providers.iter().any(|name| name == "adyen"));
    let delivered = adyen
        .merchant
        .as_ref()
        .is_some_and(|merchant| merchant.flow.has_token());
    of_agents || delivered || adyen.acp.is_some()
}

/// Hosts to which plugins of the merchant send the buyer's credential.
fn charging_hosts(merchant: &MerchantConfig) -> Vec<&str> {
    let upstreams = merchant.plugins.iter().flat_map(|plugin| plugin.upstreams.values());
    let charging = upstreams.filter(|upstream| upstream.credential_slots != Grant::Nothing);
    charging.filter_map(|upstream| upstream.base_url.host_str()).collect()
}

/// Adyen's live addresses begin with the merchant's own prefix.
fn is_adyens(host: &str) -> bool {
    host.ends_with(".adyen.com") || host.ends_with(".adyenpayments.com")
}

/// Adyen signs the body alone: neither the path nor the time.
const fn can_be_signed_for_any_session(merchant: &AdyenMerchantConfig) -> bool {
    matches!(merchant.auth, AdyenAuthConfig::Hmac(_)) && merchant.finalizes_without_result
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
            let agent = "agent.keys = [{ name = \"agent\", secret = \"k\" }]";
            assert_eq!(levels_of(currency, agent), levels, "{currency}");
        }
    }

    #[test]
    fn a_processor_that_is_not_adyens_is_warned_of_where_tokens_of_adyen_are_taken() {
        let agent = "agent.keys = [{ name = \"agent\", secret = \"k\" }]";
        let auth = "auth = \"bearer\", keys = [{ name = \"adyen\", secret = \"k\" }]";
        let (standard, advanced) = (
            format!("merchant = {{ {auth} }}"),
            format!("merchant = {{ {auth}, flow = \"advanced\" }}"),
        );
        for (settings, url, levels) in [
            (agent, "https://api.acquirer.example", &["ok", "warn"][..]),
            (agent, "https://checkout-test.adyen.com/v72", &["ok"]),
            (
                agent,
                "https://0a1b-Acme-checkout-live.adyenpayments.com/checkout/v72",
                &["ok"],
            ),
            (advanced.as_str(), "https://api.acquirer.example", &["ok", "warn"]),
            (standard.as_str(), "https://api.acquirer.example", &["ok"]),
        ] {
            let processor = format!(
                "[[merchants.acme.plugins]]\ncomponent = \"p.wasm\"\nmanifest = \"p.toml\"\n\
                 upstreams.acquirer = {{ base_url = \"{url}\", credential_slots = true }}"
            );
            assert_eq!(
                levels_of("usd", &format!("{settings}\n{processor}")),
                levels,
                "{settings} {url}"
            );
        }
    }

    fn levels_of(currency: &str, settings: &str) -> Vec<&'static str> {
        let text = format!(
            "[merchants.acme]\ncurrency = \"{currency}\"\n[merchants.acme.adyen]\ncompany_account = \"a\"\nmerchant_account = \"b\"\n\
             {settings}"
        );
        let sources = Sources::new("/", |_| None, |_| Err(std::io::ErrorKind::NotFound.into()));
        let mut checks = Checks::default();
        check(&Config::parse(&text, &sources).unwrap(), &mut checks);
        checks.levels()
    }

    #[test]
    fn a_signature_that_finalizes_any_session_is_warned_of() {
        let hmac = "hmac_keys = [\"44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056\"]";
        let bearer = "auth = \"bearer\", keys = [{ name = \"adyen\", secret = \"k\" }]";
        for (merchant, levels) in [
            (hmac.to_owned(), &["ok", "warn"][..]),
            (format!("{hmac}, finalize_without_result = \"refuse\""), &["ok"]),
            (bearer.to_owned(), &["ok"]),
        ] {
            assert_eq!(
                levels_of("usd", &format!("merchant = {{ {merchant} }}")),
                levels,
                "{merchant}"
            );
        }
    }
}
