//! How the shop and its items are presented to the buyer.

use serde::{Deserialize, Serialize};

use super::item_facts::ItemFacts;
use crate::message::Message;
use crate::time::Timestamp;

/// A link to a page of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Kind of page: `terms_of_use`, `privacy_policy`, `return_policy` …
    pub kind: String,
    /// Absolute http or https URL.
    pub url: String,
    /// Title of the page; `None` if agents may name it after its kind.
    pub title: Option<String>,
}

/// How the buyer reaches the merchant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// Email address of the merchant's support.
    pub email: Option<String>,
    /// Phone number of the support.
    pub phone: Option<String>,
    /// Hours of the support, as text.
    pub hours: Option<String>,
    /// Absolute http or https URL of the help center.
    pub help_center: Option<String>,
}

/// A marketing consent that the agent may ask the buyer for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentOption {
    /// Marketing channel: `email`, `sms` …
    pub channel: String,
    /// Text of the question to the buyer.
    pub text: String,
    /// Absolute http or https URL of the privacy policy.
    pub privacy_policy: String,
    /// Whether the buyer has consented before.
    pub subscribed: bool,
}

/// What to show around a checkout: the answer of `presentation.page`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Links to pages of the merchant: terms, policies, contact.
    pub links: Vec<Link>,
    /// Messages for the buyer.
    pub messages: Vec<Message>,
    /// Marketing consents to ask the buyer for.
    pub consents: Vec<ConsentOption>,
    /// Absolute http or https URL where the buyer can continue on the merchant's own site.
    pub continue_url: Option<String>,
    /// How the buyer reaches the merchant.
    pub support: Option<Support>,
    /// When the offer that the cart's quote id names ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_expires: Option<Timestamp>,
    /// Metadata for the agent, in pairs of a key and a value; shown where the protocol has a member for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<(String, String)>,
}

/// How an item is presented: from the catalog, or from `presentation.describe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemDescription {
    /// Title of the item. Never empty in a quote: the item id replaces a missing title.
    pub title: String,
    /// Description as plain text.
    pub description: Option<String>,
    /// Absolute http or https URLs of images, in display order.
    pub images: Vec<String>,
    /// URL of the product page.
    pub url: Option<String>,
    /// What is known of it beside.
    #[serde(default)]
    pub facts: ItemFacts,
}
