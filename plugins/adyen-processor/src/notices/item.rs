//! JSON types of the Standard webhook.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::units::Amount;

/// Body of the webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Notification {
    #[serde(rename = "notificationItems")]
    pub(super) items: Vec<Wrapped>,
}

/// An item in the object that Adyen puts around it.
#[derive(Debug, Deserialize)]
pub(super) struct Wrapped {
    #[serde(rename = "NotificationRequestItem")]
    pub(super) item: Item,
}

/// One event of a payment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) psp_reference: String,
    /// The payment, where the event is about a change of it.
    pub(super) original_reference: Option<String>,
    pub(super) merchant_account_code: String,
    pub(super) merchant_reference: Option<String>,
    pub(super) amount: Option<Amount>,
    pub(super) event_code: String,
    pub(super) success: Success,
    #[serde(default)]
    pub(super) additional_data: BTreeMap<String, Value>,
}

/// Whether it succeeded: Adyen writes it as a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Success {
    Flag(bool),
    Text(String),
}

impl Item {
    /// The success as the signature has it.
    pub(super) fn success_text(&self) -> &str {
        match &self.success {
            Success::Flag(true) => "true",
            Success::Flag(false) => "false",
            Success::Text(text) => text,
        }
    }

    /// A text of the additional data.
    pub(super) fn additional(&self, name: &str) -> Option<&str> {
        self.additional_data.get(name)?.as_str()
    }
}
