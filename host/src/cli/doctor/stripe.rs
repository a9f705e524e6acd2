//! What a merchant's account with Stripe has to fit: the versions of the API, and the units of its currency.

use super::checks::Checks;
use super::party_units;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::party_units::Party;
use tillhouse_payments::stripe::{EndpointFamily, StripeVersions};
use tillhouse_server::config::Config;

const CHECK: &str = "stripe";

/// Check every merchant that takes payment tokens of Stripe.
pub(super) fn check(config: &Config, checks: &mut Checks) {
    for (id, merchant) in &config.merchants {
        let Some(stripe) = &merchant.stripe else { continue };
        let fits = [
            versions(id, &stripe.versions, checks),
            party_units::fit(CHECK, id, merchant, Party::Stripe, checks),
        ];
        if fits == [true, true] {
            checks.ok(
                CHECK,
                format!(
                    "{id}: documented versions of the API, and {} in Stripe's units",
                    merchant.currency
                ),
            );
        }
    }
}

/// A family of endpoints that is called with a version without them answers as if they did not exist.
fn versions(id: &MerchantId, versions: &StripeVersions, checks: &mut Checks) -> bool {
    let undocumented = EndpointFamily::ALL
        .into_iter()
        .filter(|family| !family.is_documented_with(versions.of(*family)));
    let mut are_documented = true;
    for family in undocumented {
        are_documented = false;
        let (version, documented) = (versions.of(family), family.documented());
        checks.warn(
            CHECK,
            format!("{id}: Stripe documents {family} with version {documented}, and {version} is asked for"),
            "remove the setting from [merchants.NAME.stripe], unless Stripe has told you to use this version",
        );
    }
    are_documented
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_server::config::Sources;

    /// The levels of what is found about one merchant.
    fn levels(currency: &str, settings: &str) -> Vec<&'static str> {
        let text = format!(
            "[merchants.acme]\ncurrency = \"{currency}\"\n[merchants.acme.stripe]\nsecret_key = \"x\"\n{settings}"
        );
        let sources = Sources::new("/", |_| None, |_| Err(std::io::ErrorKind::NotFound.into()));
        let mut checks = Checks::default();
        check(&Config::parse(&text, &sources).unwrap(), &mut checks);
        checks.levels()
    }

    #[test]
    fn a_version_without_the_endpoints_is_warned_of_for_each_family() {
        assert_eq!(levels("usd", ""), ["ok"]);
        assert_eq!(levels("usd", "version = \"2025-09-30.clover\""), ["warn", "warn"]);
        assert_eq!(
            levels("usd", "payment_records_version = \"2025-12-15.preview\""),
            ["warn"]
        );
        assert_eq!(levels("usd", "granted_tokens_version = \"2026-05-27.preview\""), ["ok"]);
    }

    #[test]
    fn a_currency_that_stripe_takes_in_steps_is_warned_of() {
        for (currency, level) in [
            ("kwd", "warn"),
            ("mga", "warn"),
            ("isk", "ok"),
            ("jpy", "ok"),
            ("huf", "ok"),
        ] {
            assert_eq!(levels(currency, ""), [level], "{currency}");
        }
    }
}
