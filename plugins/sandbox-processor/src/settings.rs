//! Configuration of the plugin.

use tillhouse_plugin::{config::Invalid, payments::ProcessorProfile, prelude::*};

/// Name of the header that carries the idempotency key.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Returns the processor's profile: it remembers keys for a day, including errors.
pub(crate) fn profile() -> Result<ProcessorProfile, Invalid> {
    Ok(ProcessorProfile {
        processor: "sandbox-acquirer".into(),
        idempotency: Some(Idempotency {
            header: IDEMPOTENCY_KEY.into(),
            key_life_s: config::parse_or("idempotency-key-life-s", 86_400)?,
            replays_errors: true,
        }),
        // A lookup does not find a charge that the acquirer is still processing, so this exceeds the duration of any charge.
        visibility_delay_s: config::parse_or("visibility-delay-s", 60)?,
        currencies: currencies()?,
        extensions: Vec::new(),
    })
}

/// Whether charges are captured immediately, instead of only authorized.
pub(crate) fn captures() -> Result<bool, Invalid> {
    config::flag("capture", true)
}

/// Returns the key that events are signed with.
pub(crate) fn notice_secret() -> Result<String, Invalid> {
    config::required("notice-secret")
}

/// The sandbox's cards that are charged only after an authentication, by their last four digits. Another one, 3155, asks for it only
/// at the charge.
const AUTHENTICATED: [&str; 7] = ["3184", "3220", "3063", "1629", "1280", "3097", "3055"];

/// Returns the last four digits of the cards that need an authentication before the charge.
pub(crate) fn authenticated_cards() -> Vec<String> {
    let configured = config::list("authenticate-last4");
    if configured.is_empty() {
        AUTHENTICATED.map(str::to_owned).to_vec()
    } else {
        configured
    }
}

/// What the directory servers know the merchant by.
pub(crate) struct Acquirer {
    pub(crate) bin: String,
    pub(crate) country: String,
    pub(crate) merchant_id: String,
    pub(crate) merchant_name: String,
}

/// Returns the merchant's account at the acquirer.
pub(crate) fn acquirer() -> Acquirer {
    let text = |key: &str, default: &str| config::get(key).unwrap_or_else(|| default.to_owned());
    Acquirer {
        bin: text("acquirer-bin", "400000"),
        country: text("acquirer-country", "US"),
        merchant_id: text("acquirer-merchant-id", "sandbox_merchant"),
        merchant_name: text("merchant-name", "Sandbox Merchant"),
    }
}

/// Adds the merchant's API key and the configured timeout to a request.
pub(crate) fn authorized(request: egress::Request) -> Result<egress::Request, Invalid> {
    let request = request.bearer_secret("api_key");
    Ok(match config::parse("timeout-ms")? {
        Some(milliseconds) => request.timeout_ms(milliseconds),
        None => request,
    })
}

fn currencies() -> Result<Vec<String>, Invalid> {
    let currencies = config::list("currencies");
    let code = |text: &String| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    match currencies.iter().find(|text| !code(text)) {
        Some(wrong) => Err(Invalid::new(
            "currencies",
            format!("`{wrong}` is not an ISO 4217 code in upper case"),
        )),
        None => Ok(currencies),
    }
}

fn authenticated_digits() -> Result<(), Invalid> {
    let digits = |text: &String| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    match config::list("authenticate-last4").iter().find(|text| !digits(text)) {
        Some(wrong) => Err(Invalid::new(
            "authenticate-last4",
            format!("`{wrong}` is not the last four digits of a card"),
        )),
        None => Ok(()),
    }
}

/// Returns all problems of the configuration, each with its key.
pub(crate) fn problems() -> Vec<Diagnostic> {
    let unknown = |key: &String| {
        ![
            "capture",
            "currencies",
            "idempotency-key-life-s",
            "visibility-delay-s",
            "timeout-ms",
            "notice-secret",
            "authenticate-last4",
            "acquirer-bin",
            "acquirer-country",
            "acquirer-merchant-id",
            "merchant-name",
        ]
        .contains(&key.as_str())
    };
    let keys = config::table("").into_iter().map(|(key, _)| key);
    let mut problems: Vec<Diagnostic> = keys
        .filter(unknown)
        .map(|key| Diagnostic::new(key, "is not a key of this plugin"))
        .collect();
    let checks = [
        captures().err(),
        currencies().err(),
        authenticated_digits().err(),
        config::parse::<u32>("idempotency-key-life-s").err(),
        config::parse::<u32>("visibility-delay-s").err(),
        config::parse::<u32>("timeout-ms").err(),
    ];
    problems.extend(checks.into_iter().flatten().map(Diagnostic::from));
    problems
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_profile_follows_the_configuration() {
        let host = testing::Host::new().install();
        assert_eq!(profile().unwrap().idempotency.unwrap().key_life_s, 86_400);
        assert_eq!(problems(), []);
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
        let host = testing::Host::new()
            .config("capture", "no")
            .config("currencies", "usd")
            .config("colour", "red");
        let _host = host
            .config("timeout-ms", "soon")
            .config("visibility-delay-s", "-1")
            .install();
        let keys: Vec<String> = problems().into_iter().map(|problem| problem.key).collect();
        assert_eq!(
            keys,
            ["colour", "capture", "currencies", "visibility-delay-s", "timeout-ms"]
        );
    }
}
