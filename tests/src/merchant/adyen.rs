//! Merchants of Adyen: the shop of its document, and what a merchant offers of its agentic commerce.

use tillhouse_sandbox::Sandbox;
use toml::{Table, Value};

use super::{Merchant, overlay, parse};

const PROCESSOR_MANIFEST: &str = include_str!("../../../plugins/adyen-processor/plugin.toml");

/// The one item of the document's requests, without its price and units.
const CATALOG: &str = "id,title,description,link,image_link,weight,condition,availability,price,inventory_quantity
01,Headphones Pro,Wireless headphones.,https://www.merchant-company.example.com/p/01,https://www.merchant-company.example.com/img/01.jpg,400 g,new,";

/// Taxes, options, links and orders as the document's answers have them. It asks for `ship_express` and answers with `ship_standard`; here
/// both cost the same, so that the totals are those of the document either way.
const SHOP: &str = r#"
[orders]
prefix = "ORD-2026-"
permalink = "https://www.merchant-company.example.com/orders/{id}"

[links]
terms_of_use = "https://www.merchant-company.example.com/terms"
return_policy = "https://www.merchant-company.example.com/returns"
privacy_policy = "https://www.merchant-company.example.com/privacy"

[shipping]
zones = "domestic"
preselect = "ship_standard"
tax-included = false

[shipping.zone.domestic]
countries = "US"

[shipping.zone.domestic.ship_standard]
title = "Standard Shipping"
description = "5-7 business days"
carrier = "UPS"
price = 799

[shipping.zone.domestic.ship_express]
title = "Express Shipping"
description = "1-2 business days"
carrier = "UPS"
price = 799

[tax]
rounding = "half-up"
rounding-scope = "line"

[tax.us]
CA = "8.5"
"#;

impl Merchant {
    /// The merchant of Adyen's document: item `01` for 349.00, the options `ship_standard` and `ship_express` for 7.99 each, 8.5 % tax in
    /// California on goods. It is called over every door of Adyen; see [`Self::adyen`].
    #[must_use]
    pub fn of_the_document() -> Self {
        Self::of_the_document_with("349.00", 100)
    }

    /// The merchant of the document, who sells so many units of the item for this price in dollars.
    #[must_use]
    pub fn of_the_document_with(price: &str, units: u32) -> Self {
        let availability = if units == 0 { "out_of_stock" } else { "in_stock" };
        Self {
            shop: Some(parse(SHOP)),
            ..Self::named("document").catalog(&format!("{CATALOG}{availability},{price} USD,{units}\n"))
        }
        .adyen()
    }

    /// Removes the option `ship_express` of the merchant of the document.
    ///
    /// # Panics
    /// If the merchant is another one.
    #[must_use]
    pub fn without_express(mut self) -> Self {
        let mut table = self.shop.as_mut().expect("the shop of the document");
        for name in ["shipping", "zone", "domestic"] {
            table = table
                .get_mut(name)
                .and_then(Value::as_table_mut)
                .expect("a table of its zones");
        }
        table.remove("ship_express").expect("the option");
        self
    }

    /// Makes the merchant one of Adyen's, in place of the sandbox's acquirer: agents call it with [`Self::adyen_key`], Adyen calls it with
    /// [`Self::adyen_hmac_key`] in both flows, and `plugins/adyen-processor` charges at the sandbox's Adyen. Events of orders and
    /// `adyen register` go there too. The accounts are those of the document.
    #[must_use]
    pub fn adyen(self) -> Self {
        Self {
            adyen: true,
            processor: false,
            ..self
        }
    }

    /// The bearer key of agents of Adyen's dialect.
    #[must_use]
    pub fn adyen_key(name: &str) -> String {
        format!("adyen_key_{name}")
    }

    /// The key in hex with which Adyen signs its calls to the merchant.
    #[must_use]
    pub fn adyen_hmac_key(name: &str) -> String {
        let bytes = name.bytes().cycle().take(32);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }

    /// `[merchants.NAME.adyen]`, with the sandbox in place of Adyen.
    pub(super) fn adyen_settings(&self, sandbox: &Sandbox) -> Table {
        let (adyen, config) = (&sandbox.adyen, sandbox.adyen.config());
        parse(&format!(
            r#"
company_account = "{company}"
merchant_account = "{account}"
agent.keys = [{{ name = "agent", secret = "{key}" }}]
merchant = {{ auth = "hmac", hmac_keys = ["{hmac_key}"], flow = "both" }}
events = {{ url = "{url}/events", api_key = "{events_key}", allow_http = true, allow_loopback = true }}
configuration = {{ url = "{url}/agentic/configuration", public_url = "https://shop.example", allow_http = true, allow_loopback = true }}
"#,
            company = config.company_account,
            account = config.merchant_account,
            key = Self::adyen_key(&self.name),
            hmac_key = Self::adyen_hmac_key(&self.name),
            url = adyen.url(),
            events_key = config.events_key.reveal(),
        ))
    }

    /// The `[[plugins]]` table of the processor without its files: it charges at the sandbox's Adyen, tokens and cards.
    pub(super) fn adyen_processor(sandbox: &Sandbox) -> (&'static str, Table) {
        let config = sandbox.adyen.config();
        let mut table = parse(&format!(
            r#"
secrets.api_key = "{key}"
upstreams.checkout = {{ base_url = "{url}/v72", allow_http = true, allow_loopback = true, credential_slots = true }}
"#,
            key = config.checkout_key.reveal(),
            url = sandbox.adyen.url(),
        ));
        let settings = [
            ("merchant-account", Value::from(config.merchant_account.as_str())),
            ("hmac-keys", Value::from(config.hmac_key.reveal())),
            (
                "token-field",
                Value::from(format!("paymentMethod.{}", config.token_field)),
            ),
            ("raw-cards", Value::from(true)),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value));
        overlay(
            &mut table,
            Table::from_iter([("config".to_owned(), Value::Table(Table::from_iter(settings)))]),
        );
        (PROCESSOR_MANIFEST, table)
    }
}
