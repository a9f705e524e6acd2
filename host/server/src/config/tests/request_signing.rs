//! Keys that agents sign their requests with.

use std::sync::Arc;

use super::*;
use crate::config::RequestSigningConfig;

const DIRECTORY: &str = r#"{"keys": [
    {"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}
]}"#;

fn parse_with(signature: &str, directory: &'static str) -> Result<Config, ConfigErrors> {
    let key = format!(r#"{{ name = "agent", secret = "k", signature = {signature} }}"#);
    let file = move |path: &Path| {
        if path == Path::new("/etc/tillhouse/agent.jwks.json") {
            Ok(directory.to_owned())
        } else {
            Err(io::Error::from(io::ErrorKind::NotFound))
        }
    };
    let text = with(&format!("[merchants.acme.acp]\nkeys = [{key}]"));
    Config::parse(&text, &Sources::new("/etc/tillhouse", environment, file))
}

fn signing(signature: &str) -> RequestSigningConfig {
    let mut config = parse_with(signature, DIRECTORY).unwrap();
    let mut acp = config.merchants.remove(&MerchantId::new("acme")).unwrap().acp.unwrap();
    Arc::into_inner(acp.keys.remove(0).signing.unwrap()).unwrap()
}

#[test]
fn an_agent_signs_with_secrets_or_with_the_keys_of_a_directory() {
    let by_secret = signing(r#"{ hmac_secrets = ["one", { env = "SECRET" }] }"#);
    let secrets: Vec<_> = by_secret.hmac_secrets.iter().map(|secret| secret.reveal()).collect();
    assert_eq!((secrets, by_secret.demanded), (vec!["one", CANARY], true));
    let by_key = signing(r#"{ key_directory = "agent.jwks.json", demanded = false }"#);
    assert_eq!((by_key.ed25519_keys.len(), by_key.demanded), (1, false));
    assert_eq!(
        hex::encode(by_key.ed25519_keys[0]).get(..8),
        Some("d75a9801"),
        "RFC 8032 §7.1, test 1"
    );
    assert!(!format!("{by_secret:?}").contains(CANARY));
}

#[test]
fn a_signature_without_usable_keys_is_an_error_at_its_key() {
    let at = |key: &str| format!("merchants.acme.acp.keys[0].signature{key}");
    for (signature, directory, expected) in [
        ("{}", DIRECTORY, at("")),
        ("{ hmac_secrets = [] }", DIRECTORY, at(".hmac_secrets")),
        (r#"{ hmac_secrets = ["a", "b", "c"] }"#, DIRECTORY, at(".hmac_secrets")),
        (r#"{ key_directory = "nowhere.json" }"#, DIRECTORY, at(".key_directory")),
        (r#"{ key_directory = "agent.jwks.json" }"#, "{}", at(".key_directory")),
        (
            r#"{ key_directory = "agent.jwks.json" }"#,
            r#"{"keys": []}"#,
            at(".key_directory"),
        ),
        (
            r#"{ key_directory = "agent.jwks.json" }"#,
            r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}"#,
            at(".key_directory"),
        ),
        (r#"{ hmac_secrets = ["a"], demand = true }"#, DIRECTORY, at(".demand")),
    ] {
        let errors = parse_with(signature, directory).unwrap_err();
        let keys: Vec<_> = errors
            .diagnostics()
            .iter()
            .filter_map(|error| error.place.key())
            .collect();
        assert_eq!(keys, [expected], "{signature}: {errors}");
    }
}

#[test]
fn only_agents_of_acp_sign_so() {
    let text =
        "[merchants.acme.stripe_acs]\nauth = \"bearer\"\nkeys = [{ name = \"s\", secret = \"k\", signature = {} }]";
    assert_eq!(paths(&with(text)), ["merchants.acme.stripe_acs.keys[0].signature"]);
}
