//! How the shop and its items are shown.

use serde::{Deserialize, Serialize};

use crate::message::Message;

/// A page of the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `terms_of_use`, `privacy_policy` …
    pub kind: String,
    /// Absolute URL.
    pub url: String,
}

/// A kind of marketing that the buyer may agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentOption {
    /// `email`, `sms` …
    pub channel: String,
    /// The question.
    pub text: String,
    /// Absolute URL.
    pub privacy_policy: String,
    /// Whether the buyer agreed before.
    pub subscribed: bool,
}

/// Answer of `presentation.page`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Links.
    pub links: Vec<Link>,
    /// Texts.
    pub messages: Vec<Message>,
    /// Marketing consent to ask for.
    pub consents: Vec<ConsentOption>,
}

/// How an item is shown: from the catalog, or from `presentation.describe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Title.
    pub title: String,
    /// Plain text.
    pub description: Option<String>,
    /// Absolute URLs.
    pub images: Vec<String>,
    /// Product page.
    pub url: Option<String>,
}
