//! The merchant of the embedded defaults that sells over Adyen: the reference shop, the processor for Adyen, and the sandbox's Adyen behind
//! them.

use std::io;
use std::path::Path;

use tillhouse_sandbox::adyen::{Flow, MERCHANT_ACCOUNT, MerchantAuth, MerchantConnection};
use tillhouse_sandbox::{Sandbox, Secret};

use super::{LocalHost, webhooks};
use crate::bundled::{ADYEN_MANIFEST, BundledPlugin};

/// Id of the merchant. It has no host name of its own: its URLs begin with `/m/adyen`.
pub const MERCHANT: &str = "adyen";
/// Bearer key with which agents call it in the dialect of Adyen's agents.
pub const AGENT_KEY: &str = "adyen_demo_key";
/// Company account under which agents buy from it.
pub const COMPANY_ACCOUNT: &str = tillhouse_sandbox::adyen::COMPANY_ACCOUNT;

/// Key with which Adyen signs its calls to the merchant, in hex.
const HMAC_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

/// File name of the processor in the data folder.
const PROCESSOR_FILE: &str = "adyen-processor.wasm";
const MANIFEST_FILE: &str = "adyen-processor.toml";

/// Write the processor and its manifest into the data folder, where [`configuration`] names them.
pub(super) fn write_processor(data: &Path, processor: &BundledPlugin) -> io::Result<()> {
    std::fs::write(data.join(PROCESSOR_FILE), &processor.component)?;
    std::fs::write(data.join(MANIFEST_FILE), ADYEN_MANIFEST)
}

/// Configuration (TOML) of the merchant.
pub(super) fn configuration(sandbox: &Sandbox) -> String {
    let adyen = &sandbox.adyen;
    let merchant = format!(
        r#"
[merchants.{MERCHANT}]
name = "Reference shop at Adyen"
currency = "usd"
catalog = "catalog.csv"
statement_descriptor = "TILLHOUSE DEMO"

[merchants.{MERCHANT}.adyen]
company_account = "{COMPANY_ACCOUNT}"
merchant_account = "{MERCHANT_ACCOUNT}"

[merchants.{MERCHANT}.adyen.agent]
keys = [{{ name = "demo-agent", secret = "{AGENT_KEY}" }}]

[merchants.{MERCHANT}.adyen.merchant]
auth = "hmac"
hmac_keys = ["{HMAC_KEY}"]
flow = "both"

[merchants.{MERCHANT}.adyen.events]
url = "{url}/events"
api_key = "{events_key}"
allow_http = true
allow_loopback = true

[[merchants.{MERCHANT}.plugins]]
component = "{PROCESSOR_FILE}"
manifest = "{MANIFEST_FILE}"

[merchants.{MERCHANT}.plugins.config]
merchant-account = "{MERCHANT_ACCOUNT}"
hmac-keys = "{webhook_key}"

[merchants.{MERCHANT}.plugins.secrets]
api_key = "{checkout_key}"

[merchants.{MERCHANT}.plugins.upstreams.checkout]
base_url = "{url}/v72"
allow_http = true
allow_loopback = true
credential_slots = true
"#,
        url = adyen.url(),
        events_key = adyen.config().events_key.reveal(),
        checkout_key = adyen.config().checkout_key.reveal(),
        webhook_key = adyen.config().hmac_key.reveal(),
    );
    merchant + &webhooks(sandbox, MERCHANT)
}

impl LocalHost {
    /// Has the sandbox's Adyen sell for the merchant in this flow from now on.
    pub fn sell_over_adyen(&self, flow: Flow) {
        let url = merchant_url(&self.url());
        let connection = MerchantConnection::new(url.as_str(), MerchantAuth::Hmac(Secret::from(HMAC_KEY)));
        self.sandbox.adyen.connect(MerchantConnection {
            flow,
            webhook_url: Some(format!("{url}/webhooks/processor")),
            ..connection
        });
    }
}

/// URL of the merchant's endpoints at the host with this URL.
#[must_use]
pub fn merchant_url(host: &str) -> String {
    format!("{host}/m/{MERCHANT}")
}
