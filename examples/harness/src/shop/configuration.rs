//! The configuration of a shop, as its operator would write it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tillhouse::plugin::Capability;
use tillhouse_sandbox::Sandbox;
use toml::{Table, Value};

use crate::env::Env;
use crate::folder::Folder;
use crate::plugin::Plugin;

/// The merchant.
const MERCHANT: &str = "shop";
/// The key that agents call it with.
pub(super) const AGENT_KEY: &str = "key_harness_agent";
/// The secret that Stripe signs with.
pub(super) const SIGNING_SECRET: &str = "whsec_harness";

/// The merchant's plugins beside the one under test.
#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) plugins: Vec<Arc<Plugin>>,
    /// Whether one of them serves `payments`.
    pub(super) charge: bool,
}

/// `tillhouse.toml`, its files written to the folder.
pub(super) fn of(env: &Env, others: &Others, sandbox: &Sandbox, folder: &Folder) -> String {
    let (catalog, currency) = env.on_sale();
    folder.write("catalog.csv", catalog);
    let mut merchant: Table = format!(
        r#"
currency = "{currency}"
hosts = ["127.0.0.1", "localhost"]
catalog = "catalog.csv"
statement_descriptor = "TILLHOUSE TEST"
acp.keys = [{{ name = "agent", secret = "{AGENT_KEY}" }}]
stripe_acs = {{ auth = "stripe_signature", signing_secrets = ["{SIGNING_SECRET}"] }}
stripe = {{ base_url = "{stripe}", secret_key = "{key}", webhook_secrets = ["whsec_events"], allow_http = true, allow_loopback = true }}
"#,
        currency = currency.to_ascii_lowercase(),
        stripe = sandbox.stripe.url(),
        key = sandbox.stripe.secret_key().reveal(),
    )
    .parse()
    .expect("the configuration of a shop");
    let mut plugins = vec![under_test(env, sandbox, folder)];
    for other in &others.plugins {
        plugins.push(of_plugin(
            other,
            folder,
            strings(other.config.clone()),
            at_acquirer(other, sandbox),
        ));
    }
    if !env.exports(Capability::Payments)
        && !others.charge
        && let Some(processor) = Plugin::processor()
    {
        plugins.push(of_plugin(
            &processor,
            folder,
            Table::new(),
            at_acquirer(&processor, sandbox),
        ));
    }
    merchant.insert("plugins".into(), Value::Array(plugins));
    let mut config: Table = "server = { listen = \"127.0.0.1:0\", drain_delay_ms = 0 }\nstore.url = \"sqlite:store\""
        .parse()
        .expect("the configuration of a host");
    config.insert(
        "merchants".into(),
        Value::Table(Table::from_iter([(MERCHANT.to_owned(), Value::Table(merchant))])),
    );
    config.to_string()
}

/// The plugin under test, with what the test says of it.
fn under_test(env: &Env, sandbox: &Sandbox, folder: &Folder) -> Value {
    let plugin = env.plugin();
    let (config, secrets) = env.told();
    let mut settings = at_acquirer(plugin, sandbox);
    for (name, (address, timeout)) in env.scripted() {
        // A server that the test scripted is told the test's secrets.
        let wish = plugin.manifest.upstreams.iter().find(|upstream| upstream.name == name);
        for secret in wish.iter().flat_map(|upstream| &upstream.secrets) {
            let value = secrets.get(secret).cloned().unwrap_or_default();
            table(&mut settings, "secrets").insert(secret.clone(), value.into());
        }
        table(&mut settings, "upstreams").insert(name, Value::Table(granted(&address, timeout)));
    }
    of_plugin(plugin, folder, strings(config), settings)
}

fn strings(config: BTreeMap<String, String>) -> Table {
    config
        .into_iter()
        .map(|(key, value)| (key, Value::from(value)))
        .collect()
}

/// Secrets and grants of a plugin whose upstreams all are the sandbox's acquirer.
fn at_acquirer(plugin: &Plugin, sandbox: &Sandbox) -> Table {
    let mut settings = Table::new();
    for upstream in &plugin.manifest.upstreams {
        for secret in &upstream.secrets {
            let key = sandbox.acquirer.api_key().reveal();
            table(&mut settings, "secrets").insert(secret.clone(), key.into());
        }
        let grant = granted(&sandbox.acquirer.url(), None);
        table(&mut settings, "upstreams").insert(upstream.name.clone(), Value::Table(grant));
    }
    settings
}

fn granted(address: &str, timeout: Option<Duration>) -> Table {
    let mut grant = Table::from_iter([
        ("base_url".to_owned(), address.into()),
        ("allow_http".to_owned(), true.into()),
        ("allow_loopback".to_owned(), true.into()),
        ("credential_slots".to_owned(), true.into()),
    ]);
    if let Some(timeout) = timeout {
        let millis = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
        grant.insert("timeout_ms".to_owned(), millis.into());
    }
    grant
}

fn of_plugin(plugin: &Plugin, folder: &Folder, config: Table, mut settings: Table) -> Value {
    let manifest = folder.write(&format!("{}.toml", plugin.name), &plugin.manifest_text);
    let path = |path: &Path| Value::from(path.display().to_string());
    settings.insert("component".into(), path(&plugin.component));
    settings.insert("manifest".into(), path(&manifest));
    settings.insert("config".into(), Value::Table(config));
    Value::Table(settings)
}

fn table<'t>(of: &'t mut Table, name: &str) -> &'t mut Table {
    let entry = of.entry(name).or_insert_with(|| Value::Table(Table::new()));
    entry.as_table_mut().expect("a table of ours")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_that_will_be_silent_is_waited_for_shortly() {
        let timeout = |timeout| granted("http://127.0.0.1:1", timeout).remove("timeout_ms");
        assert_eq!(timeout(Some(Duration::from_millis(100))), Some(Value::from(100)));
        assert_eq!(timeout(None), None);
    }
}
