//! Whole purchases from a shop: a host, a simulated Stripe and a simulated card acquirer, all inside the program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Done, Operation, Sensitive};

/// Id of an open shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShopId(pub u64);

/// Open a shop: a host with one merchant, on a free loopback port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenShop {
    /// Empty folder for the store; the client must keep it until the shop is closed.
    pub folder: PathBuf,
    /// Catalog in CSV, with a header line.
    pub catalog: String,
    /// Currency of the merchant, ISO 4217.
    pub currency: String,
    /// Time of the shop's stopped clock, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// Plugins of the merchant.
    pub plugins: Vec<ShopPlugin>,
    /// Plugin that provides the capabilities that `plugins` lack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ShopPlugin>,
}

/// Plugin of a shop's merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopPlugin {
    /// Name used in error messages.
    pub name: String,
    /// Path of the `.wasm` file.
    pub component: PathBuf,
    /// Text of its `plugin.toml`.
    pub manifest: String,
    /// Configuration, flattened to dotted keys.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Secret values, by name. Secrets that are not given have the API key of the simulated acquirer as their value.
    #[serde(default)]
    pub secrets: BTreeMap<String, Sensitive>,
    /// Upstreams, by name. Upstreams that are not given point to the simulated acquirer.
    #[serde(default)]
    pub upstreams: BTreeMap<String, ShopUpstream>,
}

/// Address and timeout of an upstream of a shop's plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopUpstream {
    /// URL that the plugin's request paths are appended to.
    pub base_url: String,
    /// Timeout of one exchange in milliseconds; `None` uses the host's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// Answer to [`OpenShop`]: the addresses of the running shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Id of the shop in later requests.
    pub shop: ShopId,
    /// Base URL of the host.
    pub url: String,
    /// Base URL of the simulated Stripe.
    pub stripe_url: String,
    /// Base URL of the simulated acquirer.
    pub acquirer_url: String,
}

impl Operation for OpenShop {
    const NAME: &'static str = "open_shop";
    type Answer = Opened;
}

/// Protocol that an agent buys over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// Agentic Commerce Protocol (ACP), release 2025-09-29.
    #[serde(rename = "acp_2025_09_29")]
    Acp20250929,
    /// Agentic Commerce Protocol (ACP), release 2025-12-12.
    #[serde(rename = "acp_2025_12_12")]
    Acp20251212,
    /// Agentic Commerce Protocol (ACP), release 2026-01-16.
    #[serde(rename = "acp_2026_01_16")]
    Acp20260116,
    /// Agentic Commerce Protocol (ACP), release 2026-01-30.
    #[serde(rename = "acp_2026_01_30")]
    Acp20260130,
    /// Agentic Commerce Protocol (ACP), release 2026-04-17.
    #[serde(rename = "acp_2026_04_17")]
    Acp20260417,
    /// Checkout hooks of the Stripe Agentic Commerce Suite.
    #[serde(rename = "stripe_acs")]
    StripeAcs,
}

/// Let a simulated agent buy from a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buy {
    /// Shop to buy from.
    pub shop: ShopId,
    /// Protocol that the agent uses.
    pub protocol: Protocol,
    /// Items, buyer, address and payment method.
    pub basket: Basket,
}

/// Items of a purchase, with buyer, address, discount codes, fulfillment option and payment method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Basket {
    /// Item id and quantity of each line; the only required field.
    pub items: Vec<(String, u32)>,
    /// Currency that the agent asks for, if the protocol supports it.
    pub currency: Option<String>,
    /// Buyer; `None` uses a test buyer named Jane Doe.
    pub buyer: Option<Buyer>,
    /// Shipping address; `None` uses a test address in San Francisco.
    pub address: Option<Address>,
    /// Discount codes that the buyer enters.
    pub discount_codes: Vec<String>,
    /// Fulfillment option: its id, or a word of its id or title.
    pub option: Option<String>,
    /// Payment method of Stripe's test mode; `None` uses `pm_card_visa`.
    pub payment_method: Option<String>,
}

/// Buyer of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Given name of the buyer.
    pub first_name: String,
    /// Family name of the buyer.
    pub last_name: String,
    /// Email address; not verified.
    pub email: String,
    /// Phone number in E.164 format, such as `+14155550123`.
    pub phone_number: String,
}

/// Shipping address of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// First address line: street and number.
    pub line_one: String,
    /// Apartment, floor or similar.
    pub line_two: Option<String>,
    /// City or town of the address.
    pub city: String,
    /// State or province code.
    pub state: String,
    /// Country code, ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal or ZIP code.
    pub postal_code: String,
}

/// Result of a purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseResult {
    /// The purchase was completed: protocol, status, total, currency, order, last checkout that the agent received, and charge.
    Receipt(Value),
    /// The purchase failed: the error, and the requests and responses between agent and shop.
    Refusal(Value),
}

impl Operation for Buy {
    const NAME: &'static str = "buy";
    type Answer = PurchaseResult;
}

/// Get the ledger of a shop's simulated acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadLedger {
    /// Shop whose acquirer is queried.
    pub shop: ShopId,
}

/// Ledger of the simulated acquirer: charges and refunds, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// All charges, including declined ones.
    pub charges: Vec<Value>,
    /// All refunds of those charges.
    pub refunds: Vec<Value>,
    /// Total captured amount in minor units.
    pub captured_total: i64,
    /// Total refunded amount in minor units.
    pub refunded_total: i64,
}

impl Operation for ReadLedger {
    const NAME: &'static str = "books";
    type Answer = Ledger;
}

/// Close a shop with a graceful shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseShop {
    /// Shop to close; its id becomes invalid.
    pub shop: ShopId,
}

impl Operation for CloseShop {
    const NAME: &'static str = "close_shop";
    type Answer = Done;
}
