//! What a merchant offers of Adyen's agentic commerce, and what cannot work of it.

use super::*;
use crate::config::{AdyenAuthConfig, AdyenConfig, AdyenMerchantConfig};
use tillhouse_protocols::{AdyenFlow, AdyenMember, OutgoingNames};

const ACCOUNTS: &str = "[merchants.acme.adyen]\ncompany_account = \"AcmeCompany\"\nmerchant_account = \"AcmeECOM\"\n";
const HMAC_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

fn adyen(text: &str) -> Result<AdyenConfig, ConfigErrors> {
    let mut config = parse(&with(&format!("{ACCOUNTS}{text}")))?;
    let merchant = config.merchants.remove(&MerchantId::new("acme")).unwrap();
    Ok(merchant.adyen.unwrap())
}

fn merchant(text: &str) -> AdyenMerchantConfig {
    let adyen = adyen(&format!("[merchants.acme.adyen.merchant]\n{text}")).unwrap();
    adyen.merchant.unwrap()
}

#[test]
fn two_accounts_are_all_that_is_needed() {
    let adyen = adyen("").unwrap();
    assert_eq!(
        (adyen.company_account.as_str(), adyen.merchant_account.as_str()),
        ("AcmeCompany", "AcmeECOM")
    );
    assert_eq!(adyen.payment_methods, ["scheme", "googlepay", "applepay"]);
    assert!(adyen.agent.is_none() && adyen.merchant.is_none() && adyen.events.is_none());
    assert!(adyen.delegate_keys.is_empty() && adyen.configuration.is_none());
    assert_eq!(
        paths(&with("[merchants.acme.adyen]\n")),
        [
            "merchants.acme.adyen.company_account",
            "merchants.acme.adyen.merchant_account"
        ]
    );
}

#[test]
fn the_sections_have_defaults() {
    let adyen = adyen(&format!(
        r#"
[merchants.acme.adyen.agent]
keys = [{{ name = "agent", secret = {{ env = "SECRET" }} }}]
[merchants.acme.adyen.merchant]
hmac_keys = ["{HMAC_KEY}"]
[merchants.acme.adyen.delegate]
keys = [{{ name = "agent", secret = "vault key" }}]
[merchants.acme.adyen.events]
url = "https://adyen.example/events"
api_key = {{ env = "SECRET" }}
[merchants.acme.adyen.configuration]
url = "https://adyen.example/agentic/configuration"
public_url = "https://shop.example/m/acme/"
[merchants.acme.vault]
[vault]
keys = [{{ id = "a", secret = "{HMAC_KEY}" }}]
"#
    ))
    .unwrap();
    assert!(!format!("{adyen:?}").contains(CANARY) && !format!("{adyen:?}").contains(HMAC_KEY));
    let agent = adyen.agent.unwrap();
    assert_eq!(
        (agent.providers, agent.ignores_unknown_fields),
        (vec!["adyen".to_owned()], false)
    );
    assert_eq!(adyen.delegate_keys.len(), 1);
    let merchant = adyen.merchant.unwrap();
    assert!(matches!(&merchant.auth, AdyenAuthConfig::Hmac(keys) if keys.len() == 1));
    assert_eq!(
        (merchant.flow, merchant.token_route.as_str()),
        (AdyenFlow::Standard, "payment")
    );
    assert_eq!(
        (merchant.hold, merchant.budget),
        (Duration::from_secs(900), Duration::from_secs(5))
    );
    assert!(merchant.finalizes_without_result);
    let configuration = adyen.configuration.unwrap();
    assert_eq!(configuration.api_key.reveal(), CANARY, "that of the events");
    assert_eq!(configuration.public_url.as_deref(), Some("https://shop.example/m/acme"));
    assert_eq!(adyen.events.unwrap().timeout, Duration::from_secs(10));
}

/// The example has every setting, and those that may be left out with their defaults.
#[test]
fn the_example_shows_every_setting_with_its_default() {
    let example = include_str!("../../../../../examples/config/tillhouse.toml");
    let all = example.lines().skip_while(|line| *line != "#   [merchants.acme.adyen]");
    let all = all.take_while(|line| line.starts_with('#'));
    let all: Vec<&str> = all.map(|line| line.trim_start_matches('#').trim()).collect();
    let required = [
        "company_account",
        "merchant_account",
        "keys",
        "hmac_keys",
        "url",
        "api_key",
        "public_url",
    ];
    let is_needed =
        |line: &&&str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| required.contains(&key));
    let few: Vec<&str> = all.iter().filter(is_needed).copied().collect();

    let (mut shown, default) = (of_example(&all), of_example(&few));
    let names = std::mem::take(&mut shown.merchant.as_mut().unwrap().names);
    for member in AdyenMember::ALL {
        assert!(all.iter().any(|line| line.starts_with(&format!("{} = ", member.key()))));
        assert_eq!(names.of(*member).collect::<Vec<_>>(), member.default_names());
    }
    assert_eq!(format!("{shown:?}"), format!("{default:?}"));
}

/// The section with these lines of the example, and what its `[acp]` and `[delegate]` need.
fn of_example(lines: &[&str]) -> AdyenConfig {
    let secrets = [
        ("AGENT_KEY", "a"),
        ("HMAC_KEY", HMAC_KEY),
        ("VAULT_KEY", "v"),
        ("API_KEY", "e"),
    ];
    let text = secrets.iter().fold(lines.join("\n"), |text, (name, secret)| {
        text.replace(&format!("{{ env = \"ACME_ADYEN_{name}\" }}"), &format!("\"{secret}\""))
    });
    let others = format!(
        "[merchants.acme.acp]\nkeys = [{{ name = \"acp\", secret = \"acp\" }}]\n\
         [merchants.acme.vault]\n[vault]\nkeys = [{{ id = \"a\", secret = \"{HMAC_KEY}\" }}]"
    );
    acme(&format!("{text}\n{others}")).adyen.unwrap()
}

#[test]
fn adyen_authenticates_in_one_of_three_ways_with_two_secrets_during_rotation() {
    let two = format!("hmac_keys = [\"{HMAC_KEY}\", \"{}\"]", HMAC_KEY.to_lowercase());
    assert!(matches!(merchant(&two).auth, AdyenAuthConfig::Hmac(keys) if keys.len() == 2));
    let basic = merchant(
        "auth = \"basic\"\nusers = [{ name = \"adyen\", password = \"a\" }, { name = \"adyen\", password = \"b\" }]",
    );
    assert!(matches!(basic.auth, AdyenAuthConfig::Basic(users) if users.len() == 2));
    let bearer = merchant("auth = \"bearer\"\nkeys = [{ name = \"adyen\", secret = \"k\" }]");
    assert!(matches!(bearer.auth, AdyenAuthConfig::Bearer(keys) if keys.len() == 1));
}

#[test]
fn members_of_undocumented_bodies_have_names_that_can_be_changed() {
    let merchant = merchant(&format!(
        "hmac_keys = [\"{HMAC_KEY}\"]\nflow = \"both\"\nfinalize_without_result = \"refuse\"\n[merchants.acme.adyen.merchant.names]\n\
         token = \"paymentMethod.storedPaymentMethodId\"\nresult = [\"result\", \"resultCode\"]"
    ));
    assert_eq!(
        merchant.names.first(AdyenMember::Token),
        "paymentMethod.storedPaymentMethodId"
    );
    assert_eq!(
        merchant.names.of(AdyenMember::Result).collect::<Vec<_>>(),
        ["result", "resultCode"]
    );
    assert_eq!(merchant.names.first(AdyenMember::PspReference), "pspReference");
    assert!(merchant.flow.has_commit() && merchant.flow.has_token() && !merchant.finalizes_without_result);
}

#[test]
fn members_of_bodies_for_adyen_have_names_that_can_be_changed() {
    let adyen = adyen(
        "[merchants.acme.adyen.events]\nurl = \"https://adyen.example/events\"\napi_key = \"k\"\n\
         names = { sessionId = \"session\", \"fulfillments.type\" = \"\" }\ntypes = { refunded = \"REFUND\" }\n\
         [merchants.acme.adyen.configuration]\nurl = \"https://adyen.example/configuration\"\nnames = { endpoints = \"urls\" }",
    )
    .unwrap();
    let (events, configuration) = (adyen.events.unwrap(), adyen.configuration.unwrap());
    assert_ne!(events.form.names, OutgoingNames::default());
    assert_eq!(events.form.types["refunded"], "REFUND");
    assert_ne!(configuration.names, OutgoingNames::default());
}

#[test]
fn what_cannot_work_is_an_error_at_its_key() {
    let events = "url = \"https://adyen.example/events\"\napi_key = \"k\"\n";
    let key = format!("hmac_keys = [\"{HMAC_KEY}\"]\n");
    for (section, text, path) in [
        ("", "payment_methods = []".to_owned(), "payment_methods"),
        ("", "country = \"NL\"".to_owned(), "country"),
        ("agent", "keys = []".to_owned(), "agent.keys"),
        (
            "agent",
            "keys = [{ name = \"a\", secret = \"s\" }]\nproviders = [\"paypal\"]".to_owned(),
            "agent.providers",
        ),
        (
            "agent",
            "keys = [{ name = \"a\", secret = \"s\" }]\nunknown_fields = \"warn\"".to_owned(),
            "agent.unknown_fields",
        ),
        ("delegate", "keys = []".to_owned(), "delegate.keys"),
        ("merchant", String::new(), "merchant.hmac_keys"),
        ("merchant", "hmac_keys = []".to_owned(), "merchant.hmac_keys"),
        (
            "merchant",
            "hmac_keys = [\"hunter\"]".to_owned(),
            "merchant.hmac_keys[0]",
        ),
        (
            "merchant",
            "auth = \"oauth\"\nhmac_keys = [\"00112233445566778899aabbccddeeff\"]".to_owned(),
            "merchant.auth",
        ),
        ("merchant", "auth = \"basic\"".to_owned(), "merchant.users"),
        (
            "merchant",
            "auth = \"basic\"\nusers = [{ name = \"a:b\", password = \"p\" }]".to_owned(),
            "merchant.users[0].name",
        ),
        (
            "merchant",
            "auth = \"basic\"\nusers = [{ name = \"a\" }]".to_owned(),
            "merchant.users[0].password",
        ),
        ("merchant", "auth = \"bearer\"".to_owned(), "merchant.keys"),
        (
            "merchant",
            format!("{key}token_route = \"commit\""),
            "merchant.token_route",
        ),
        (
            "merchant",
            format!("{key}token_route = \"a/b\""),
            "merchant.token_route",
        ),
        ("merchant", format!("{key}hold_seconds = 0"), "merchant.hold_seconds"),
        ("merchant", format!("{key}budget_ms = 10"), "merchant.budget_ms"),
        ("merchant", format!("{key}flow = \"fast\""), "merchant.flow"),
        (
            "merchant",
            format!("{key}names = {{ token = \"a..b\" }}"),
            "merchant.names.token",
        ),
        (
            "merchant",
            format!("{key}names = {{ tokens = \"a\" }}"),
            "merchant.names.tokens",
        ),
        ("events", "api_key = \"k\"".to_owned(), "events.url"),
        (
            "events",
            "url = \"https://adyen.example/events\"".to_owned(),
            "events.api_key",
        ),
        (
            "events",
            "url = \"http://adyen.example/events\"\napi_key = \"k\"".to_owned(),
            "events.url",
        ),
        (
            "events",
            format!("{events}names = {{ session = \"id\" }}"),
            "events.names.session",
        ),
        (
            "events",
            format!("{events}names = {{ orderId = \"sessionId\" }}"),
            "events.names",
        ),
        (
            "events",
            format!("{events}types = {{ refunded = \"\" }}"),
            "events.types.refunded",
        ),
        (
            "configuration",
            "url = \"https://adyen.example/c\"".to_owned(),
            "configuration.api_key",
        ),
    ] {
        let text = if section.is_empty() {
            text
        } else {
            format!("[merchants.acme.adyen.{section}]\n{text}")
        };
        let errors = adyen(&text).unwrap_err();
        let found: Vec<_> = errors
            .diagnostics()
            .iter()
            .filter_map(|error| error.place.key())
            .collect();
        assert_eq!(found, [format!("merchants.acme.adyen.{path}")], "{text}: {errors}");
        assert!(!errors.to_string().contains("hunter"), "{errors}");
    }
}

/// A merchant with keys of `delegate_payment` for `agent`.
fn delegating(text: &str) -> String {
    with(&format!(
        "{text}\n{ACCOUNTS}[merchants.acme.adyen.delegate]\nkeys = [{{ name = \"agent\", secret = \"k\" }}]\n[vault]\n\
         keys = [{{ id = \"a\", secret = \"{HMAC_KEY}\" }}]"
    ))
}

#[test]
fn a_vault_is_of_use_with_the_delegation_of_adyen_alone() {
    let agent = "[merchants.acme.vault]\n[merchants.acme.adyen.agent]\nkeys = [{ name = \"agent\", secret = \"s\" }]";
    let text = delegating(agent);
    assert!(parse(&text).is_ok(), "{:?}", parse(&text).err());
}

#[test]
fn a_delegated_card_needs_a_vault_and_an_agent_whose_checkouts_it_pays() {
    let other = "[merchants.acme.adyen.agent]\nkeys = [{ name = \"other\", secret = \"s\" }]";
    let shared = format!("share_sessions = true\n[merchants.acme.vault]\n{other}");
    assert!(parse(&delegating(&shared)).is_ok());
    for (text, errors) in [
        (format!("[merchants.acme.vault]\n{other}"), 1),
        ("[merchants.acme.vault]".to_owned(), 1),
        ("share_sessions = true\n[merchants.acme.vault]".to_owned(), 1),
        (other.to_owned(), 2),
    ] {
        assert_eq!(
            paths(&delegating(&text)),
            vec!["merchants.acme.adyen.delegate"; errors],
            "{text}"
        );
    }
}

#[test]
fn adyen_is_a_provider_of_acp_in_older_releases_only_where_the_operator_says_so() {
    let text = |section: &str| {
        let agent = "[merchants.acme.acp]\nkeys = [{ name = \"agent\", secret = \"s\" }]";
        format!("[merchants.acme.adyen.acp]\n{section}\n{agent}")
    };
    assert!(adyen("").unwrap().acp.is_none());
    assert!(!adyen(&text("")).unwrap().acp.unwrap().older_releases);
    assert!(
        adyen(&text("older_releases = true"))
            .unwrap()
            .acp
            .unwrap()
            .older_releases
    );
    assert_eq!(
        paths(&with(&format!("{ACCOUNTS}[merchants.acme.adyen.acp]"))),
        ["merchants.acme.adyen.acp"]
    );
}
