//! How the shop and its items are presented to the buyer.

use serde::{Deserialize, Serialize};

use crate::message::Message;

/// A link to a page of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Kind of page: `terms_of_use`, `privacy_policy`, `return_policy` …
    pub kind: String,
    /// Absolute http or https URL.
    pub url: String,
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
}
