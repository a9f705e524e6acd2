//! Texts for the buyer, and what they are about.

use serde::{Deserialize, Serialize};

use super::ids::{LineId, OptionId};

/// How a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth showing.
    Warning,
    /// Stands in the way of payment.
    Error,
}

/// What a message is about. Each protocol turns it into the path of its own fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The checkout as a whole.
    Session,
    /// The currency of the checkout.
    Currency,
    /// The list of lines as a whole.
    Lines,
    /// A line.
    Line(LineId),
    /// The quantity of a line.
    Quantity(LineId),
    /// A discount code, as typed.
    Code(String),
    /// A field of the buyer (`email`), or the buyer.
    Buyer(Option<String>),
    /// A field of the address (`postal_code`), or the address.
    Address(Option<String>),
    /// The choice of a fulfillment option.
    Choice,
    /// A fulfillment option.
    Option(OptionId),
    /// The payment.
    Payment,
}

/// A text for the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// How it weighs.
    pub severity: Severity,
    /// The field's own code (ACP names); an info has none.
    pub code: Option<String>,
    /// What it is about.
    pub about: Subject,
    /// The text.
    pub text: String,
    /// CommonMark rather than plain text.
    #[serde(default)]
    pub markdown: bool,
}

impl Message {
    /// A plain error.
    pub fn error(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: Some(code.to_owned()),
            about,
            text: text.into(),
            markdown: false,
        }
    }

    /// A plain warning.
    pub fn warning(code: &str, about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            code: Some(code.to_owned()),
            about,
            text: text.into(),
            markdown: false,
        }
    }

    /// A plain info.
    pub fn info(about: Subject, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Info,
            code: None,
            about,
            text: text.into(),
            markdown: false,
        }
    }
}
