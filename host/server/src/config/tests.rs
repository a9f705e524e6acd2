//! Valid and invalid files. The tests use neither the environment nor the disk.

mod acp_feeds;
mod acp_services;
mod adyen;
mod adyen_callers;
mod catalogs;
mod consent;
mod errors;
mod feed;
mod limits;
mod lookups;
mod request_signing;
mod store;
mod stripe;
mod vault;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

mod secrets;
mod webhooks;

/// A recognizable value in place of every secret, to detect leaks.
const CANARY: &str = "hunter2-canary";

fn environment(name: &str) -> Option<String> {
    match name {
        "SECRET"
        | "ACME_ACP_KEY"
        | "ACME_AGENT_FEED_KEY"
        | "ACME_STRIPE_HOOK_SECRET"
        | "ACME_STRIPE_SIGNING_SECRET"
        | "ACME_STRIPE_KEY"
        | "ACME_STRIPE_WEBHOOK_SECRET"
        | "ACME_OPENAI_WEBHOOK_SECRET" => Some(CANARY.into()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn file(path: &Path) -> io::Result<String> {
    if path.ends_with("key.txt") || path.ends_with("secrets/acquirer-key") {
        Ok(format!("{CANARY}\n"))
    } else {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
}

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(text, &Sources::new("/etc/tillhouse", environment, file))
}

/// The smallest valid merchant, followed by `text`.
fn with(text: &str) -> String {
    format!("[merchants.acme]\ncurrency = \"usd\"\n{text}")
}

fn acme(text: &str) -> MerchantConfig {
    let mut config = parse(&with(text)).unwrap();
    config.merchants.remove(&MerchantId::new("acme")).unwrap()
}

fn paths(text: &str) -> Vec<String> {
    let errors = parse(text).unwrap_err();
    let keys = errors.diagnostics().iter().filter_map(|error| error.place.key());
    keys.map(str::to_owned).collect()
}

#[test]
fn a_currency_is_all_that_a_merchant_needs() {
    let config = parse(&with("")).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.confirm_deadline, Duration::from_secs(3));
    assert_eq!(config.server.operation_deadline, Duration::from_millis(9_500));
    let folder = PathBuf::from("/etc/tillhouse/data");
    assert!(matches!(config.store.url, StoreUrl::Sqlite { folder: found } if found == folder));
    let limits = PluginLimits {
        code_folder: Some(PathBuf::from("/etc/tillhouse/data/compiled")),
        release_folder: Some(PathBuf::from("/etc/tillhouse/data/releases")),
        ..PluginLimits::default()
    };
    assert_eq!(config.plugins, limits);
    let acme = &config.merchants[&MerchantId::new("acme")];
    assert_eq!(acme.name, "acme");
    assert_eq!(acme.currency.upper(), "USD");
    assert_eq!(acme.session_ttl, Duration::from_secs(6 * 3600));
    assert!(acme.acp.is_none() && acme.stripe.is_none() && acme.plugins.is_empty());
}

#[test]
fn stripe_is_answered_before_it_gives_up() {
    let at = |millis: u32| with(&format!("[server]\nconfirm_deadline_ms = {millis}"));
    let longest = parse(&at(3_500)).unwrap();
    assert_eq!(longest.server.confirm_deadline, Duration::from_millis(3_500));
    for refused in [0, 3_501, 4_000] {
        assert_eq!(paths(&at(refused)), ["server.confirm_deadline_ms"]);
    }
}

#[test]
fn the_example_is_a_whole_configuration() {
    let config = parse(include_str!("../../../../examples/config/tillhouse.toml")).unwrap();
    let acme = &config.merchants[&MerchantId::new("acme")];
    assert_eq!(acme.hosts, ["shop.example.com"]);
    assert_eq!(acme.links.len(), 3);
    let names: Vec<_> = acme
        .acp
        .as_ref()
        .unwrap()
        .keys
        .iter()
        .map(|key| key.name.as_str())
        .collect();
    assert_eq!(names, ["openai", "staging"]);
    let stripe = acme.stripe.as_ref().unwrap();
    assert_eq!(stripe.secret_key.reveal(), CANARY);
    assert_eq!(stripe.base_url.as_str(), "https://api.stripe.com/");
    assert!(!stripe.livemode);
    let [shop, acquirer] = &acme.plugins[..] else {
        panic!("two plugins");
    };
    assert_eq!(shop.config["tax.us.CA"], "7.25");
    assert_eq!(shop.manifest, Path::new("/etc/tillhouse/plugins/plugin.toml"));
    assert_eq!(acquirer.manifest, Path::new("/etc/tillhouse/plugins/acquirer.toml"));
    assert_eq!(acquirer.secrets["api_key"].reveal(), CANARY, "without the line break");
    let upstream = &acquirer.upstreams["acquirer"];
    assert!(matches!(&upstream.credential_slots, Grant::Only(slots) if slots.len() == 5));
    assert_eq!(upstream.secrets, Grant::All);
}

/// Every key that the example shows commented out is a known one, with its default as the value.
#[test]
fn the_examples_comments_are_the_defaults() {
    let example = include_str!("../../../../examples/config/tillhouse.toml");
    let uncommented: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')) => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let (mut all, mut few) = (parse(&uncommented).unwrap(), parse(example).unwrap());
    assert_ne!(all.plugins, few.plugins, "limits have no default here");
    all.plugins = PluginLimits::default();
    few.plugins = PluginLimits::default();
    assert_eq!(lookups::waits(&all.payments), lookups::waits(&few.payments));
    let kept = |config: &Config| config.retention.over(&tillhouse_payments::Retention::default());
    assert_eq!(kept(&all), kept(&few));
    let built_in = tillhouse_feeds::FeedTimings::default().retention;
    assert_eq!(all.retention.feeds, Some(built_in));
    all.retention = few.retention.clone();
    (all.payments, all.digest) = (PaymentsConfig::default(), few.digest.clone());
    assert_eq!(format!("{all:?}"), format!("{few:?}"));
}

#[test]
fn every_error_is_reported_at_once_with_its_place() {
    let seen = paths(
        r#"
        surprise = 1
        [server]
        listen = "here"
        max_body_bytes = 0
        [store]
        url = "mysql://user:hunter2-canary@db/till"
        [telemetry]
        format = "xml"
        filter = "tillhouse=shout"
        [merchants.Acme]
        hosts = ["https://x"]
        [merchants.beta]
        currency = "dollars"
        session_ttl_minutes = "long"
        [merchants.beta.acp]
        keys = [{ name = "a", sha256 = "xyz" }, { name = "a", secret = "s", sha256 = "x" }, { secret = { env = "NOPE" } }]
        [merchants.beta.stripe_acs]
        auth = "bearer"
        [merchants.beta.stripe]
        base_url = "http://127.0.0.1:1"
        [[merchants.beta.plugins]]
        manifest = "x.toml"
        [merchants.beta.plugins.upstreams.acquirer]
        base_url = "ftp://x"
        credential_slots = 3
        "#,
    );
    let expected = [
        "server.listen",
        "server.max_body_bytes",
        "store.url",
        "telemetry.format",
        "telemetry.filter",
        "merchants.Acme",
        "merchants.Acme.currency",
        "merchants.Acme.hosts",
        "merchants.beta.currency",
        "merchants.beta.session_ttl_minutes",
        "merchants.beta.acp.keys[0].sha256",
        "merchants.beta.acp.keys[1]",
        "merchants.beta.acp.keys[2].name",
        "merchants.beta.acp.keys[2].secret",
        "merchants.beta.stripe_acs.keys",
        "merchants.beta.stripe.base_url",
        "merchants.beta.stripe.base_url",
        "merchants.beta.stripe.secret_key",
        "merchants.beta.plugins[0].component",
        "merchants.beta.plugins[0].upstreams.acquirer.base_url",
        "merchants.beta.plugins[0].upstreams.acquirer.credential_slots",
        "surprise",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn each_mistake_is_found_at_its_place() {
    for (text, path) in [
        ("", "merchants"),
        ("[server]\nlisten = 8080", "server.listen"),
        ("[plugins]\ncpu = 5", "plugins.cpu"),
        ("merchants = 3", "merchants"),
        (
            "[merchants.acme]\ncurrency = \"usd\"\nplugins = {}",
            "merchants.acme.plugins",
        ),
        (
            "[merchants.acme]\ncurrency = \"usd\"\nhosts = [1]",
            "merchants.acme.hosts",
        ),
        (
            "[merchants.acme]\ncurrency = \"usd\"\nstatement_descriptor = \"much too long for a card statement\"",
            "merchants.acme.statement_descriptor",
        ),
        (
            "[merchants.acme]\ncurrency = \"usd\"\n[merchants.acme.links]\nterms_of_use = \"/terms\"",
            "merchants.acme.links.terms_of_use",
        ),
        (
            "[merchants.a]\ncurrency = \"usd\"\nhosts = [\"x.org\"]\n[merchants.b]\ncurrency = \"usd\"\nhosts = [\"X.org\"]",
            "merchants.b.hosts",
        ),
        (
            "[merchants.acme]\ncurrency = \"usd\"\n[merchants.acme.stripe]\nsecret_key = \"x\"\nlivemod = true",
            "merchants.acme.stripe.livemod",
        ),
        (
            "[merchants.acme]\ncurrency = \"usd\"\n[[merchants.acme.plugins]]\ncomponent = \"x\"\nconfig = { \"a.b\" = 1, a = { b = 2 } }",
            "merchants.acme.plugins[0].config",
        ),
    ] {
        let errors = parse(text).unwrap_err();
        let keys = errors.diagnostics().iter().filter_map(|error| error.place.key());
        let found = keys.into_iter().any(|key| key.starts_with(path));
        assert!(found, "{text}\n{errors}");
    }
}

#[test]
fn an_unknown_key_is_answered_with_the_known_ones() {
    let errors = parse(&with("[merchants.acme.acp]\nkey = 1")).unwrap_err();
    let text = errors.to_string();
    assert!(
        text.contains("line 4: merchants.acme.acp.key: is not a known key; expected one of: keys, merchant_id"),
        "{text}"
    );
}

#[test]
fn a_file_that_is_not_toml_is_pointed_at_and_not_quoted() {
    let errors = parse(&format!("[server]\nsecret = {CANARY}\n")).unwrap_err();
    let error = errors.diagnostics()[0].to_string();
    assert!(error.starts_with("line 2: is not valid TOML at column 10; "), "{error}");
    assert!(!errors.to_string().contains(CANARY), "{errors}");
}

#[test]
fn a_variable_overrides_a_scalar() {
    let environment = |name: &str| {
        let value = match name {
            "TILLHOUSE_SERVER_LISTEN" => "[::1]:9",
            "TILLHOUSE_SERVER_MAX_CONNECTIONS" => "7",
            "TILLHOUSE_MERCHANTS_ACME_STRIPE_LIVEMODE" => "true",
            "TILLHOUSE_MERCHANTS_ACME_STRIPE_SECRET_KEY" => CANARY,
            "TILLHOUSE_MERCHANTS_ACME_PLUGINS_0_COMPONENT" => "/opt/shop.wasm",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let text = with("[merchants.acme.stripe]\n[[merchants.acme.plugins]]\ncomponent = \"x.wasm\"");
    let config = Config::parse(&text, &Sources::new("/base", environment, file)).unwrap();
    assert_eq!(config.server.listen.to_string(), "[::1]:9");
    assert_eq!(config.server.max_connections, 7);
    let acme = &config.merchants[&MerchantId::new("acme")];
    assert!(acme.stripe.as_ref().unwrap().livemode);
    assert_eq!(acme.stripe.as_ref().unwrap().secret_key.reveal(), CANARY);
    assert_eq!(acme.plugins[0].component, Path::new("/opt/shop.wasm"));
}

#[test]
fn proxies_are_addresses_or_networks() {
    let proxies = |list: &str| {
        let config = parse(&with(&format!("[server]\ntrusted_proxies = {list}")));
        config.map(|config| {
            config
                .server
                .trusted_proxies
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(proxies("[]").unwrap(), [""; 0]);
    let given = proxies(r#"["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1"]"#).unwrap();
    assert_eq!(given, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::1/128"]);
    for invalid in ["proxy.example", "10.0.0.0/33", "10.0.0.1:80", "", "*"] {
        let errors = proxies(&format!("[\"10.0.0.1\", \"{invalid}\"]"))
            .unwrap_err()
            .to_string();
        assert!(errors.contains("server.trusted_proxies[1]"), "{errors}");
    }
    for setting in [
        "max_connections_per_address = 0",
        "max_connections_per_address = \"64\"",
        "trusted_proxies = \"::1\"",
    ] {
        let errors = parse(&with(&format!("[server]\n{setting}"))).unwrap_err().to_string();
        assert!(
            errors.contains(&format!("server.{}", setting.split(' ').next().unwrap())),
            "{errors}"
        );
    }
}

#[test]
fn a_variable_of_the_wrong_type_is_named() {
    for (variable, value) in [
        ("TILLHOUSE_SERVER_MAX_CONNECTIONS", "many"),
        ("TILLHOUSE_MERCHANTS_ACME_STRIPE_LIVEMODE", "maybe"),
    ] {
        let environment = |name: &str| (name == variable).then(|| value.to_owned());
        let text = with("[merchants.acme.stripe]\nsecret_key = \"x\"");
        let errors = Config::parse(&text, &Sources::new("", environment, file)).unwrap_err();
        assert!(errors.to_string().contains(variable), "{errors}");
    }
}

#[test]
fn a_file_that_is_missing_is_an_error_of_its_own() {
    let errors = Config::load(Path::new("/nowhere/tillhouse.toml")).unwrap_err();
    assert_eq!(errors.diagnostics()[0].place.to_string(), "/nowhere/tillhouse.toml");
}

#[test]
fn an_agent_changes_its_key_under_its_name_and_no_key_has_two_names() {
    let keys = |listed: &str| with(&format!("[merchants.acme.acp]\nkeys = [{listed}]"));
    let [old, new, third] = ["old", "new", "third"].map(|key| format!(r#"{{ name = "agent", secret = "{key}" }}"#));
    let other = r#"{ name = "other", secret = "other" }"#;
    let config = acme(&format!("[merchants.acme.acp]\nkeys = [{old}, {new}, {other}]"));
    let names: Vec<_> = config.acp.unwrap().keys.into_iter().map(|key| key.name).collect();
    assert_eq!(names, ["agent", "agent", "other"]);
    assert_eq!(
        paths(&keys(&format!("{old}, {new}, {third}"))),
        ["merchants.acme.acp.keys[2].name"]
    );
    for same in [r#"{ name = "other", secret = "old" }"#, &old] {
        assert_eq!(paths(&keys(&format!("{old}, {same}"))), ["merchants.acme.acp.keys[1]"]);
    }
    let error = parse(&keys(&format!("{old}, {{ name = \"other\", secret = \"old\" }}"))).unwrap_err();
    assert!(error.to_string().contains("is the key of agent already"), "{error}");
}
