//! The configuration of a shop, as its operator would write it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use tillhouse_plugin_protocol::shop::{OpenShop, ShopPlugin};
use tillhouse_plugin_protocol::{RequestError, RequestErrorKind};
use tillhouse_sandbox::Sandbox;
use toml::{Table, Value};

use super::describe;
use crate::cli::plugin::serve::perform::problem;
use crate::cli::plugin::serve::server_state::ServerState;

const MERCHANT: &str = "shop";
pub(super) const AGENT_KEY: &str = "key_harness_agent";
pub(super) const SIGNING_SECRET: &str = "whsec_harness";

/// Write the files that the configuration names into the shop's folder, and return the configuration as TOML.
pub(super) async fn write(shop: &OpenShop, sandbox: &Sandbox, state: &ServerState) -> Result<String, RequestError> {
    let unwritable =
        |error: io::Error| RequestError::new(RequestErrorKind::Machine, format!("{}: {error}", shop.folder.display()));
    std::fs::write(shop.folder.join("catalog.csv"), &shop.catalog).map_err(unwritable)?;
    let mut plugins = Vec::new();
    for plugin in &shop.plugins {
        let manifest = format!("{}.toml", plugin.name);
        std::fs::write(shop.folder.join(&manifest), &plugin.manifest).map_err(unwritable)?;
        plugins.push(plugin_table(plugin, &shop.folder.join(manifest), sandbox, state).await?);
    }
    let mut merchant = merchant_table(&shop.currency, sandbox)?;
    merchant.insert("plugins".into(), Value::Array(plugins));
    let mut config = table("server = { listen = \"127.0.0.1:0\", drain_delay_ms = 0 }\nstore.url = \"sqlite:store\"")?;
    let merchants = Table::from_iter([(MERCHANT.to_owned(), Value::Table(merchant))]);
    config.insert("merchants".into(), Value::Table(merchants));
    Ok(config.to_string())
}

fn table(text: &str) -> Result<Table, RequestError> {
    text.parse()
        .map_err(|error: toml::de::Error| problem(RequestErrorKind::Shop)(&error))
}

fn merchant_table(currency: &str, sandbox: &Sandbox) -> Result<Table, RequestError> {
    let currency = Value::from(currency.to_ascii_lowercase());
    table(&format!(
        r#"
currency = {currency}
hosts = ["127.0.0.1", "localhost"]
catalog = "catalog.csv"
statement_descriptor = "TILLHOUSE TEST"
acp.keys = [{{ name = "agent", secret = "{AGENT_KEY}" }}]
stripe_acs = {{ auth = "stripe_signature", signing_secrets = ["{SIGNING_SECRET}"] }}
stripe = {{ base_url = "{stripe}", secret_key = "{key}", webhook_secrets = ["whsec_events"], allow_http = true, allow_loopback = true }}
"#,
        stripe = sandbox.stripe.url(),
        key = sandbox.stripe.secret_key().reveal(),
    ))
}

async fn plugin_table(
    plugin: &ShopPlugin,
    manifest: &Path,
    sandbox: &Sandbox,
    state: &ServerState,
) -> Result<Value, RequestError> {
    let (mut secrets, mut upstreams) = (Table::new(), Table::new());
    for requested in describe(plugin, state).await?.upstreams {
        for name in requested.secrets {
            let given = plugin.secrets.get(&name).map(|secret| secret.reveal());
            let value = given.unwrap_or_else(|| sandbox.acquirer.api_key().reveal());
            secrets.insert(name, value.into());
        }
        let grant = match plugin.upstreams.get(&requested.name) {
            Some(given) => upstream_table(&given.base_url, given.timeout_ms),
            None => upstream_table(&sandbox.acquirer.url(), None),
        };
        upstreams.insert(requested.name, Value::Table(grant));
    }
    let path = |path: &Path| Value::from(path.display().to_string());
    let mut settings = Table::from_iter([
        ("component".to_owned(), path(&plugin.component)),
        ("manifest".to_owned(), path(manifest)),
        ("config".to_owned(), Value::Table(strings(&plugin.config))),
    ]);
    for (key, table) in [("secrets", secrets), ("upstreams", upstreams)] {
        if !table.is_empty() {
            settings.insert(key.to_owned(), Value::Table(table));
        }
    }
    Ok(Value::Table(settings))
}

fn strings(config: &BTreeMap<String, String>) -> Table {
    let strings = config.iter();
    strings
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

fn upstream_table(address: &str, timeout_ms: Option<u64>) -> Table {
    let mut grant = Table::from_iter([
        ("base_url".to_owned(), address.into()),
        ("allow_http".to_owned(), true.into()),
        ("allow_loopback".to_owned(), true.into()),
        ("credential_slots".to_owned(), true.into()),
    ]);
    if let Some(timeout) = timeout_ms {
        grant.insert(
            "timeout_ms".to_owned(),
            i64::try_from(timeout).unwrap_or(i64::MAX).into(),
        );
    }
    grant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_of_an_upstream_is_written_only_if_it_is_given() {
        let timeout = |timeout| upstream_table("http://127.0.0.1:1", timeout).remove("timeout_ms");
        assert_eq!(timeout(Some(100)), Some(Value::from(100)));
        assert_eq!(timeout(None), None);
    }
}
