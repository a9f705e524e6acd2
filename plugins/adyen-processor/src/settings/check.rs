//! The check of the configuration before the plugin receives calls.

use tillhouse_plugin::{config::Invalid, prelude::*};

use super::{
    ACQUIRER, Capture, always_authenticates, attempt_authentication, currencies, hmac_keys, merchant_account,
    shopper_reference_source, takes_raw_cards, token_field, void_change,
};

/// All keys of the configuration.
const KEYS: [&str; 21] = [
    "merchant-account",
    "capture",
    "currencies",
    "raw-cards",
    "token-field",
    "token-type",
    "token-shopper-interaction",
    "token-processing-model",
    "network-token-type",
    "shopper-reference",
    "attempt-authentication",
    "authenticate",
    "acquirer-bin",
    "acquirer-country",
    "acquirer-merchant-id",
    "merchant-name",
    "void",
    "hmac-keys",
    "idempotency-key-life-s",
    "visibility-delay-s",
    "timeout-ms",
];

/// Returns all problems of the configuration, each with its key.
pub(crate) fn problems() -> Vec<Diagnostic> {
    let keys = config::table("").into_iter().map(|(key, _)| key);
    let mut problems: Vec<Diagnostic> = keys
        .filter(|key| !KEYS.contains(&key.as_str()))
        .map(|key| Diagnostic::new(key, "is not a key of this plugin"))
        .collect();
    let checks = [
        merchant_account().err(),
        Capture::configured().err(),
        currencies().err(),
        takes_raw_cards().err(),
        token_field().err(),
        shopper_reference_source().err(),
        attempt_authentication().err(),
        always_authenticates().err(),
        acquirer_is_whole().err(),
        void_change().err(),
        hmac_keys().err(),
        config::parse::<u32>("idempotency-key-life-s").err(),
        config::parse::<u32>("visibility-delay-s").err(),
        config::parse::<u32>("timeout-ms").err(),
    ];
    problems.extend(checks.into_iter().flatten().map(Diagnostic::from));
    problems
}

/// The four facts about the acquirer are of use only together.
fn acquirer_is_whole() -> Result<(), Invalid> {
    let (there, missing): (Vec<&str>, Vec<&str>) = ACQUIRER.iter().partition(|key| config::get(key).is_some());
    match (there.first(), missing.first()) {
        (Some(there), Some(missing)) => {
            let why =
                format!("is needed as well, because `{there}` is set: an agent needs both to authenticate a buyer");
            Err(Invalid::new(*missing, why))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::settings::profile;

    fn keys() -> Vec<String> {
        problems().into_iter().map(|problem| problem.key).collect()
    }

    #[test]
    fn only_the_merchant_account_is_required() {
        let host = testing::Host::new().install();
        assert_eq!(keys(), ["merchant-account"]);
        host.set_config("merchant-account", "AcmeECOM");
        assert_eq!(problems(), []);
    }

    #[test]
    fn the_profile_follows_the_configuration() {
        let host = testing::Host::new().install();
        let idempotency = profile().unwrap().idempotency.unwrap();
        assert_eq!(
            (idempotency.header.as_str(), idempotency.key_life_s),
            ("Idempotency-Key", 604_800)
        );
        host.set_config("visibility-delay-s", "30");
        host.set_config("currencies", "USD, EUR");
        let profile = profile().unwrap();
        assert_eq!(
            (profile.visibility_delay_s, profile.currencies),
            (30, vec!["USD".to_owned(), "EUR".to_owned()])
        );
    }

    #[test]
    fn every_wrong_key_is_reported() {
        let wrong = [
            ("colour", "red"),
            ("capture", "later"),
            ("currencies", "usd"),
            ("raw-cards", "perhaps"),
            ("token-field", "paymentMethod..token"),
            ("shopper-reference", "email"),
            ("attempt-authentication", "sometimes"),
            ("authenticate", "never"),
            ("void", "refunds"),
            ("hmac-keys", "00,11,22"),
            ("timeout-ms", "soon"),
        ];
        let host = testing::Host::new().config("merchant-account", "AcmeECOM");
        let host = wrong.iter().fold(host, |host, (key, value)| host.config(key, value));
        let _host = host.install();
        assert_eq!(keys(), wrong.map(|(key, _)| key));
    }

    #[test]
    fn a_part_of_the_acquirer_is_not_enough() {
        let host = testing::Host::new().config("merchant-account", "AcmeECOM");
        let host = host.config("acquirer-country", "NL").install();
        assert_eq!(keys(), ["acquirer-bin"]);
        for key in ["acquirer-bin", "acquirer-merchant-id", "merchant-name"] {
            host.set_config(key, "x");
        }
        assert_eq!(problems(), []);
    }
}
