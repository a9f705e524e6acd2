//! The vault for cards, which is off unless both of its parts are there.

use super::*;
use crate::config::{MerchantVaultConfig, VaultConfig};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const ACP: &str = "[merchants.acme.acp]\nkeys = [{ name = \"agent\", secret = \"k\" }]\n";

fn parse_with(vault: &str, merchant: &str) -> Result<Config, ConfigErrors> {
    let file = |path: &Path| {
        if path == Path::new("/etc/tillhouse/vault.key") {
            Ok(format!("{KEY}\n"))
        } else {
            Err(io::Error::from(io::ErrorKind::NotFound))
        }
    };
    let text = with(&format!("{ACP}{merchant}\n{vault}"));
    Config::parse(&text, &Sources::new("/etc/tillhouse", environment, file))
}

fn told(vault: &str, merchant: &str) -> String {
    parse_with(vault, merchant).unwrap_err().to_string()
}

const ON: &str = "[merchants.acme.vault]";

#[test]
fn a_host_keeps_no_cards_unless_it_is_told_to() {
    let config = parse_with("", "").unwrap();
    let merchant = config.merchants.get(&MerchantId::new("acme")).unwrap();
    assert!(config.vault.is_none() && merchant.vault.is_none());
}

#[test]
fn a_key_is_a_file_or_a_secret_and_its_file_must_be_private() {
    let keys = format!(
        r#"[vault]
keys = [{{ id = "new", file = "vault.key" }}, {{ id = "old", secret = "{}" }}]"#,
        KEY.replace('0', "f")
    );
    let config = parse_with(&keys, ON).unwrap();
    let VaultConfig { files, .. } = config.vault.unwrap();
    assert_eq!(files, [Path::new("/etc/tillhouse/vault.key")]);
    let merchant = config.merchants.get(&MerchantId::new("acme")).unwrap();
    assert_eq!(
        merchant.vault,
        Some(MerchantVaultConfig {
            longest_life: Duration::from_secs(3600),
            per_minute: 30,
        })
    );
}

#[test]
fn what_cannot_work_is_an_error_that_shows_no_key() {
    for (vault, merchant, words) in [
        ("", ON, "needs the keys of the vault"),
        ("[vault]", ON, "is missing or empty"),
        ("[vault]\nkeys = [{ id = \"a\" }]", ON, "needs a file or a secret"),
        (
            "[vault]\nkeys = [{ id = \"a\", file = \"gone.key\" }]",
            ON,
            "cannot be read",
        ),
        (
            "[vault]\nkeys = [{ id = \"a\", secret = \"0badcafe0badcafe\" }]",
            ON,
            "is not a key",
        ),
        (
            "[vault]\nkeys = [{ id = \"a\", file = \"vault.key\" }, { id = \"a\", file = \"vault.key\" }]",
            ON,
            "names another key already",
        ),
        ("", "[merchants.acme.vault]\nmax_life_minutes = 0", "max_life_minutes"),
    ] {
        let told = told(vault, merchant);
        assert!(told.contains(words), "{vault} {merchant}: {told}");
        assert!(!told.contains("0badcafe") && !told.contains("00010203"), "{told}");
    }
}

#[test]
fn a_vault_without_acp_is_refused() {
    let text = with(&format!("{ON}\n[vault]\nkeys = [{{ id = \"a\", secret = \"{KEY}\" }}]"));
    let file = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let errors = Config::parse(&text, &Sources::new("/etc/tillhouse", environment, file)).unwrap_err();
    assert!(
        errors
            .to_string()
            .contains("of no use without [acp] or [adyen.delegate]"),
        "{errors}"
    );
}
