//! Whole purchases: a host, a simulated Stripe and a simulated card acquirer, all in the program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Done, Hidden, Operation};

/// A shop of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShopId(pub u64);

/// Open a shop: a host of one merchant, on a free port of loopback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenShop {
    /// An empty folder for its store. It stays until the shop is closed.
    pub folder: PathBuf,
    /// The catalog as CSV.
    pub catalog: String,
    /// ISO 4217.
    pub currency: String,
    /// The time at which its clock stands, in milliseconds since 1970.
    pub now_ms: u64,
    /// The merchant's plugins.
    pub plugins: Vec<ShopPlugin>,
    /// One that decides what those do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ShopPlugin>,
}

/// A plugin of a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopPlugin {
    /// Its name, for messages.
    pub name: String,
    /// The component.
    pub component: PathBuf,
    /// Text of its manifest.
    pub manifest: String,
    /// Configuration with dotted keys.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Values of its secrets. Those that are not given are the key of the simulated acquirer.
    #[serde(default)]
    pub secrets: BTreeMap<String, Hidden>,
    /// Where its upstreams are. Those that are not given are the simulated acquirer.
    #[serde(default)]
    pub upstreams: BTreeMap<String, ShopUpstream>,
}

/// Where an upstream of a shop's plugin is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopUpstream {
    /// Its address.
    pub base_url: String,
    /// Bound of one exchange, where it is not a host's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// A shop that sells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What later requests call it.
    pub shop: ShopId,
    /// Where it is.
    pub url: String,
    /// The simulated Stripe.
    pub stripe_url: String,
    /// The simulated acquirer.
    pub acquirer_url: String,
}

impl Operation for OpenShop {
    const NAME: &'static str = "open_shop";
    type Answer = Opened;
}

/// The protocols that an agent can buy over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// The Agentic Commerce Protocol, release 2025-09-29.
    #[serde(rename = "acp_2025_09_29")]
    Acp20250929,
    /// Release 2026-04-17.
    #[serde(rename = "acp_2026_04_17")]
    Acp20260417,
    /// The checkout hooks of the Stripe Agentic Commerce Suite.
    #[serde(rename = "stripe_acs")]
    StripeAcs,
}

/// Have an agent buy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buy {
    /// The shop.
    pub shop: ShopId,
    /// How.
    pub protocol: Protocol,
    /// What, and by whom.
    pub basket: Basket,
}

/// A shopping list with everything that a purchase needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Basket {
    /// Item and quantity of each line.
    pub items: Vec<(String, u32)>,
    /// The currency to shop in, where the protocol lets the agent say so.
    pub currency: Option<String>,
    /// Who buys; a Jane Doe where nobody is named.
    pub buyer: Option<Buyer>,
    /// Where it goes; to San Francisco where it is not said.
    pub address: Option<Address>,
    /// Discount codes.
    pub discount_codes: Vec<String>,
    /// The fulfillment option: its id, or a word of its id or title.
    pub option: Option<String>,
    /// The test card: `pm_card_visa` where it is not given.
    pub payment_method: Option<String>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// E.164.
    pub phone_number: String,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street and number.
    pub line_one: String,
    /// Apartment, floor.
    pub line_two: Option<String>,
    /// City.
    pub city: String,
    /// State or province code.
    pub state: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal or ZIP code.
    pub postal_code: String,
}

/// What came of a purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bought {
    /// It is completed: protocol, status, total, currency, order, the checkout as the agent saw it last, the charge.
    Receipt(Value),
    /// It is not: why, and what the agent and the shop said to each other.
    Refusal(Value),
}

impl Operation for Buy {
    const NAME: &'static str = "buy";
    type Answer = Bought;
}

/// The books of a shop's acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The shop.
    pub shop: ShopId,
}

/// Charges and refunds, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Every charge, declined ones included.
    pub charges: Vec<Value>,
    /// Every refund.
    pub refunds: Vec<Value>,
    /// Minor units captured.
    pub captured_total: i64,
    /// Minor units refunded.
    pub refunded_total: i64,
}

impl Operation for Books {
    const NAME: &'static str = "books";
    type Answer = Ledger;
}

/// Close a shop, in good order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseShop {
    /// The shop.
    pub shop: ShopId,
}

impl Operation for CloseShop {
    const NAME: &'static str = "close_shop";
    type Answer = Done;
}
