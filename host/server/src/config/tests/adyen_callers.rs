//! Who calls over Adyen's doors: no party has the key of another, and no key is empty.

use super::*;

const HMAC_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

fn adyen(text: &str) -> String {
    with(&format!(
        "[merchants.acme.adyen]\ncompany_account = \"AcmeCompany\"\nmerchant_account = \"AcmeECOM\"\n{text}"
    ))
}

/// A finalize call says that a payment was made: an agent whose key is taken for Adyen's would be given the goods.
#[test]
fn the_key_of_adyen_is_that_of_no_agent() {
    let adyens = "[merchants.acme.adyen.merchant]\nauth = \"bearer\"\nkeys = [{ name = \"adyen\", secret = \"other\" }, { name = \"next\", secret = \"same\" }]";
    let key = "keys = [{ name = \"agent\", secret = \"same\" }]";
    let vault = format!("[merchants.acme.vault]\n[vault]\nkeys = [{{ id = \"a\", secret = \"{HMAC_KEY}\" }}]");
    let agent = "[merchants.acme.adyen.agent]\nkeys = [{ name = \"agent\", secret = \"agent key\" }]";
    for text in [
        format!("[merchants.acme.adyen.agent]\n{key}"),
        format!("[merchants.acme.acp]\n{key}"),
        format!("[merchants.acme.adyen.delegate]\n{key}\n{agent}\n{vault}"),
    ] {
        let found = paths(&adyen(&format!("{adyens}\n{text}")));
        assert_eq!(found, ["merchants.acme.adyen.merchant"], "{text}");
    }
    let own = paths_or_none(&adyen(&format!("{adyens}\n{agent}")));
    assert!(own.is_empty(), "{own:?}");
}

#[test]
fn names_and_secrets_are_not_empty() {
    for (text, path) in [
        ("agent]\nkeys = [{ name = \"\", secret = \"s\" }]", "agent.keys[0].name"),
        (
            "agent]\nkeys = [{ name = \"a\", secret = \"\" }]",
            "agent.keys[0].secret",
        ),
        (
            "merchant]\nauth = \"bearer\"\nkeys = [{ name = \"a\", secret = \"\" }]",
            "merchant.keys[0].secret",
        ),
        (
            "merchant]\nauth = \"basic\"\nusers = [{ name = \"\", password = \"p\" }]",
            "merchant.users[0].name",
        ),
        (
            "merchant]\nauth = \"basic\"\nusers = [{ name = \"a\", password = \"\" }]",
            "merchant.users[0].password",
        ),
        ("merchant]\nhmac_keys = [\"\"]", "merchant.hmac_keys[0]"),
        (
            "events]\nurl = \"https://adyen.example/e\"\napi_key = \"\"",
            "events.api_key",
        ),
        (
            "events]\nurl = \"https://u:p@adyen.example/e\"\napi_key = \"k\"",
            "events.url",
        ),
        (
            "configuration]\nurl = \"https://adyen.example/c?key=1\"\napi_key = \"k\"",
            "configuration.url",
        ),
        (
            "configuration]\nurl = \"https://adyen.example/c\"\napi_key = \"k\"\npublic_url = \"https://:p@shop.example\"",
            "configuration.public_url",
        ),
    ] {
        let found = paths_or_none(&adyen(&format!("[merchants.acme.adyen.{text}")));
        assert_eq!(found, [format!("merchants.acme.adyen.{path}")], "{text}");
    }
}

fn paths_or_none(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(errors) => {
            let places = errors
                .diagnostics()
                .iter()
                .filter_map(|error| error.place.key().map(|key| key.to_string()));
            places.collect()
        }
    }
}
