//! A merchant of a test, configured as an operator would do it.

mod adyen;

use std::path::PathBuf;

use tillhouse_runtime::flatten;
use tillhouse_sandbox::Sandbox;
use tillhouse_server::host::bindings::FallbackPlugin;
use toml::{Table, Value};

use crate::acp::Release;
use crate::bundled_plugins::{ADYEN, PROCESSOR, SHOP, component};
use crate::folder::TestFolder;

const SHOP_MANIFEST: &str = include_str!("../../plugins/reference-shop/plugin.toml");
const SHOP_CONFIG: &str = include_str!("../../plugins/reference-shop/default-config.toml");
const CATALOG: &str = include_str!("../../plugins/reference-shop/demo-catalog.csv");
const PROCESSOR_MANIFEST: &str = include_str!("../../plugins/sandbox-processor/plugin.toml");

/// A merchant with the reference shop, the sandbox's processor and the demo catalog, unless the test changes that.
///
/// Agents call it with the key `key_NAME`, Stripe signs with `whsec_NAME`, and its prefix is `/m/NAME`.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub(crate) name: String,
    catalog: String,
    has_catalog_file: bool,
    shop: Option<Table>,
    processor: bool,
    signing: bool,
    adyen: bool,
    adyen_processor: bool,
    components: Vec<(PathBuf, String, Table)>,
    processors: Vec<(PathBuf, String, Table)>,
    acquirer: Table,
    settings: Table,
    webhooks: Vec<(String, Release, Vec<String>)>,
    receiver: Table,
    acp_feeds: Vec<(String, Table)>,
    order_events: Option<Table>,
}

impl Merchant {
    /// A merchant of this name, with the defaults.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            catalog: CATALOG.to_owned(),
            has_catalog_file: true,
            shop: Some(parse(SHOP_CONFIG)),
            processor: true,
            signing: true,
            adyen: false,
            adyen_processor: true,
            components: Vec::new(),
            processors: Vec::new(),
            acquirer: Table::new(),
            settings: Table::new(),
            webhooks: Vec::new(),
            receiver: Table::new(),
            acp_feeds: Vec::new(),
            order_events: None,
        }
    }

    /// Sends its order events to the sandbox's receiver, in this release, signed with these secrets, or with the receiver's own.
    #[must_use]
    pub fn webhook(mut self, name: &str, release: Release, secrets: &[&str]) -> Self {
        let secrets = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        self.webhooks.push((name.to_owned(), release, secrets));
        self
    }

    /// Merges TOML into the settings of every [`Self::webhook`].
    #[must_use]
    pub fn receiver_settings(mut self, settings: &str) -> Self {
        overlay(&mut self.receiver, parse(settings));
        self
    }

    /// Uploads its feed to the sandbox's agent under this name, with more TOML for its `[[acp_feeds]]` table.
    #[must_use]
    pub fn acp_feed(mut self, name: &str, settings: &str) -> Self {
        self.acp_feeds.push((name.to_owned(), parse(settings)));
        self
    }

    /// Tells the sandbox's Stripe what becomes of its orders, with more TOML for its `[stripe.order_events]` table.
    #[must_use]
    pub fn stripe_order_events(mut self, settings: &str) -> Self {
        self.order_events = Some(parse(settings));
        self
    }

    /// Merges TOML into the reference shop's configuration, `default-config.toml`.
    #[must_use]
    pub fn shop(mut self, config: &str) -> Self {
        let shop = self.shop.as_mut().expect("the merchant has the reference shop");
        overlay(shop, parse(config));
        self
    }

    /// Removes the taxes from the reference shop's configuration: it then sells downloads to buyers of whom nothing is known.
    #[must_use]
    pub fn untaxed(mut self) -> Self {
        let shop = self.shop.as_mut().expect("the merchant has the reference shop");
        shop.remove("tax").expect("the shop has taxes");
        self
    }

    /// Removes the reference shop.
    #[must_use]
    pub fn without_shop(mut self) -> Self {
        self.shop = None;
        self
    }

    /// Removes the sandbox's processor, and Adyen's.
    #[must_use]
    pub fn without_processor(mut self) -> Self {
        self.processor = false;
        self.adyen_processor = false;
        self
    }

    /// Adds another component in front of the others: its file, its manifest, and TOML for its `[[plugins]]` table (`config`,
    /// `secrets`, `upstreams`).
    #[must_use]
    pub fn component(mut self, file: impl Into<PathBuf>, manifest: &str, settings: &str) -> Self {
        self.components
            .push((file.into(), manifest.to_owned(), parse(settings)));
        self
    }

    /// Adds another component that charges at the sandbox's acquirer: like [`Merchant::component`], with the key and the upstream
    /// grant of the bundled processor.
    #[must_use]
    pub fn processor(mut self, file: impl Into<PathBuf>, manifest: &str, settings: &str) -> Self {
        self.processors
            .push((file.into(), manifest.to_owned(), parse(settings)));
        self
    }

    /// Replaces the catalog, as CSV.
    #[must_use]
    pub fn catalog(mut self, csv: &str) -> Self {
        csv.clone_into(&mut self.catalog);
        self
    }

    /// Has its catalog imported by command only; the file is written, and not configured.
    #[must_use]
    pub fn without_catalog_file(mut self) -> Self {
        self.has_catalog_file = false;
        self
    }

    /// Makes the merchant reachable by this host name too.
    #[must_use]
    pub fn at_host(self, host: &str) -> Self {
        self.set(&format!("hosts = [\"{host}\"]"))
    }

    /// Changes the grant of the acquirer: merges TOML into `upstreams.acquirer` of every plugin that charges there.
    #[must_use]
    pub fn acquirer(mut self, settings: &str) -> Self {
        overlay(&mut self.acquirer, parse(settings));
        self
    }

    /// Changes anything else: merges TOML into `[merchants.NAME]`. Arrays of keys and hosts are appended to.
    #[must_use]
    pub fn set(mut self, settings: &str) -> Self {
        overlay(&mut self.settings, parse(settings));
        self
    }

    /// Removes the secret that Stripe signs with, for a merchant that uses a bearer key instead.
    #[must_use]
    pub fn without_signing_secrets(mut self) -> Self {
        self.signing = false;
        self
    }

    /// The bearer key of the merchant's agents.
    #[must_use]
    pub fn acp_key(name: &str) -> String {
        format!("key_{name}")
    }

    /// The secret that Stripe signs hooks with.
    #[must_use]
    pub fn signing_secret(name: &str) -> String {
        format!("whsec_{name}")
    }

    /// The secret that events of the merchant's Stripe account are signed with.
    #[must_use]
    pub fn event_secret(name: &str) -> String {
        format!("whsec_events_{name}")
    }

    /// The secret that Stripe's lighter hooks are signed with.
    #[must_use]
    pub fn hook_secret(name: &str) -> String {
        format!("whsec_hooks_{name}")
    }

    /// The table `[merchants.NAME]`; writes its files to the folder.
    pub(crate) fn table(&self, folder: &TestFolder, sandbox: &Sandbox) -> Table {
        let name = &self.name;
        folder.write(&format!("{name}.csv"), &self.catalog);
        let mut table = parse(&format!(
            r#"
currency = "usd"
catalog = "{name}.csv"
statement_descriptor = "TILLHOUSE TEST"
acp.keys = [{{ name = "agent", secret = "{key}" }}]
stripe = {{ base_url = "{stripe}", secret_key = "{stripe_key}", webhook_secrets = ["{events}"], hook_secrets = ["{hooks}"], allow_http = true, allow_loopback = true }}
"#,
            events = Self::event_secret(name),
            hooks = Self::hook_secret(name),
            key = Self::acp_key(name),
            stripe = sandbox.stripe.url(),
            stripe_key = sandbox.stripe.secret_key().reveal(),
        ));
        if !self.has_catalog_file {
            table.remove("catalog");
        }
        if self.signing {
            let secret = Self::signing_secret(name);
            overlay(
                &mut table,
                parse(&format!("stripe_acs.signing_secrets = [\"{secret}\"]")),
            );
        }
        table.insert("plugins".into(), Value::Array(self.plugins(folder, sandbox)));
        let webhooks = self.webhooks.iter();
        let webhooks: Vec<Value> = webhooks
            .map(|(name, release, secrets)| {
                let mut table = webhook(sandbox, name, *release, secrets);
                overlay(&mut table, self.receiver.clone());
                Value::Table(table)
            })
            .collect();
        if !webhooks.is_empty() {
            table.insert("webhooks".into(), Value::Array(webhooks));
        }
        if let Some(settings) = &self.order_events {
            let mut events = parse(&format!(
                "stripe.order_events = {{ url = \"{}/v1/delegated_checkout/order_events\", allow_http = true, allow_loopback = true }}",
                sandbox.stripe.url(),
            ));
            let of_stripe = Table::from_iter([("order_events".to_owned(), Value::Table(settings.clone()))]);
            overlay(
                &mut events,
                Table::from_iter([("stripe".to_owned(), Value::Table(of_stripe))]),
            );
            overlay(&mut table, events);
        }
        if self.adyen {
            table.insert("adyen".into(), Value::Table(self.adyen_settings(sandbox)));
        }
        let feeds = self.acp_feeds.iter();
        let feeds: Vec<Value> = feeds
            .map(|(name, settings)| acp_feed(sandbox, name, settings))
            .collect();
        if !feeds.is_empty() {
            table.insert("acp_feeds".into(), Value::Array(feeds));
        }
        overlay(&mut table, self.settings.clone());
        table
    }

    fn plugins(&self, folder: &TestFolder, sandbox: &Sandbox) -> Vec<Value> {
        let mut plugins = Vec::new();
        for (index, (file, manifest, settings)) in self.components.iter().enumerate() {
            let manifest = folder.write(&format!("{}-{index}.toml", self.name), manifest);
            plugins.push(plugin(file, &manifest, settings.clone()));
        }
        if let Some(config) = &self.shop {
            let manifest = folder.write("reference-shop.toml", SHOP_MANIFEST);
            let settings = Table::from_iter([("config".to_owned(), Value::Table(config.clone()))]);
            plugins.push(plugin(&component(SHOP), &manifest, settings));
        }
        if self.processor {
            let manifest = folder.write("sandbox-processor.toml", PROCESSOR_MANIFEST);
            let mut granted = self.granted(sandbox);
            let secret = sandbox.acquirer.notice_secret().reveal();
            overlay(&mut granted, parse(&format!("config.notice-secret = \"{secret}\"")));
            plugins.push(plugin(&component(PROCESSOR), &manifest, granted));
        }
        if self.adyen && self.adyen_processor {
            let (manifest, settings) = Self::adyen_processor(sandbox);
            let manifest = folder.write("adyen-processor.toml", manifest);
            plugins.push(plugin(&component(ADYEN), &manifest, settings));
        }
        for (index, (file, manifest, settings)) in self.processors.iter().enumerate() {
            let manifest = folder.write(&format!("{}-processor-{index}.toml", self.name), manifest);
            let mut granted = self.granted(sandbox);
            overlay(&mut granted, settings.clone());
            plugins.push(plugin(file, &manifest, granted));
        }
        plugins
    }

    /// The key and the upstream grant of a plugin that charges at the sandbox's acquirer.
    fn granted(&self, sandbox: &Sandbox) -> Table {
        let mut granted = parse(&format!(
            r#"
secrets.api_key = "{key}"
upstreams.acquirer = {{ base_url = "{url}", allow_http = true, allow_loopback = true, credential_slots = true }}
"#,
            key = sandbox.acquirer.api_key().reveal(),
            url = sandbox.acquirer.url(),
        ));
        let grant = granted
            .get_mut("upstreams")
            .and_then(|upstreams| upstreams.get_mut("acquirer"));
        let grant = grant.and_then(Value::as_table_mut).expect("the table above");
        overlay(grant, self.acquirer.clone());
        granted
    }
}

/// An `[[acp_feeds]]` table for the sandbox's agent.
fn acp_feed(sandbox: &Sandbox, name: &str, settings: &Table) -> Value {
    let mut table = parse(&format!(
        "name = \"{name}\"\nurl = \"{url}\"\nkey = \"{key}\"\nallow_http = true\nallow_loopback = true",
        url = sandbox.acp_feed.url(),
        key = sandbox.acp_feed.api_key().reveal(),
    ));
    overlay(&mut table, settings.clone());
    Value::Table(table)
}

/// A `[[webhooks]]` table for the sandbox's receiver.
fn webhook(sandbox: &Sandbox, name: &str, release: Release, secrets: &[String]) -> Table {
    let own = sandbox.receiver.secret();
    let secrets = if secrets.is_empty() {
        vec![own.reveal().to_owned()]
    } else {
        secrets.to_vec()
    };
    let mut table = parse(&format!(
        r#"
name = "{name}"
url = "{url}"
release = "{release}"
allow_http = true
allow_loopback = true
"#,
        url = sandbox.receiver.url(),
        release = release.as_str(),
    ));
    let secrets = secrets.into_iter().map(Value::from).collect();
    table.insert("signing_secrets".into(), Value::Array(secrets));
    table
}

fn plugin(component: &std::path::Path, manifest: &std::path::Path, mut settings: Table) -> Value {
    for (key, path) in [("component", component), ("manifest", manifest)] {
        settings.insert(key.to_owned(), path.display().to_string().into());
    }
    Value::Table(settings)
}

/// The reference shop as the bundled component, which serves what a merchant's own plugins do not.
pub(crate) fn bundled() -> FallbackPlugin {
    FallbackPlugin {
        component: std::fs::read(component(SHOP)).expect("the reference shop is built"),
        manifest: SHOP_MANIFEST.to_owned(),
        config: flatten(SHOP_CONFIG, None, None).expect("its configuration is flat"),
    }
}

pub(crate) fn parse(text: &str) -> Table {
    text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Merges one table into another: tables recursively, arrays by appending, everything else by replacement.
pub(crate) fn overlay(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => overlay(under, over),
            (Some(Value::Array(under)), Value::Array(over)) => under.extend(over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}
