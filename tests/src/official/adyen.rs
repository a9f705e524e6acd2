//! Adyen's document: its requests and answers, its sequences, and a schema of its dialect.
//!
//! It is not part of this repository. It is read from the folder in `TILLHOUSE_ADYEN_DOCUMENT`; the default is `../shared/adyen`, relative
//! to the workspace.

use std::path::PathBuf;

use serde_json::Value;
use tillhouse_sandbox::adyen::{DELEGATE_PATH, Entry, Party};

use super::Official;
use super::holding::hold_body;
use crate::workspace;

const SCHEMA: &str = "schema.adyen.json";

/// The folder of the document, which need not exist.
#[must_use]
pub fn folder() -> PathBuf {
    std::env::var_os("TILLHOUSE_ADYEN_DOCUMENT").map_or_else(|| workspace().join("../shared/adyen"), PathBuf::from)
}

/// Whether there is no document in its folder.
#[must_use]
pub fn is_absent() -> bool {
    !folder().join(SCHEMA).is_file()
}

/// A file of the document.
///
/// # Panics
/// If it is not readable.
#[must_use]
pub fn text(file: &str) -> String {
    let read = std::fs::read_to_string(folder().join(file));
    read.unwrap_or_else(|error| panic!("{file} of Adyen's document: {error}"))
}

/// A JSON file of the document.
///
/// # Panics
/// If it is not readable, or not JSON.
#[must_use]
pub fn json(file: &str) -> Value {
    serde_json::from_str(&text(file)).unwrap_or_else(|error| panic!("{file} of Adyen's document: {error}"))
}

/// The schema of the dialect.
#[must_use]
pub fn schema() -> Official {
    Official::of(json(SCHEMA))
}

/// What a request asks for, as far as the definitions of its bodies depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exchange {
    /// Creates a session, over the agent API.
    Create,
    /// Reads or updates a session, over the agent API.
    OfSession,
    /// Pays a session, over the agent API.
    Complete,
    /// Cancels a session, over the agent API.
    Cancel,
    /// A call of Adyen at a merchant.
    AtMerchant,
    /// Delegates a card, in Adyen's shape.
    Delegate,
}

impl Exchange {
    /// The exchange at this path; `None` if the document does not define its bodies.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        if path.ends_with(DELEGATE_PATH) {
            return Some(Self::Delegate);
        }
        if path.contains("/agentic/sessions/") {
            return Some(Self::AtMerchant);
        }
        let (_, of_company) = path.split_once("/commerce-suite/acp/v1/")?;
        let (_, below) = of_company.split_once("/checkout_sessions")?;
        Some(match below.rsplit_once('/').map(|(_, last)| last) {
            None => Self::Create,
            Some("complete") => Self::Complete,
            Some("cancel") => Self::Cancel,
            Some(_) => Self::OfSession,
        })
    }

    /// The definition of a request; `None` if the document has none. Those of Adyen's calls at a merchant are not in the document.
    #[must_use]
    pub const fn request(self) -> Option<&'static str> {
        match self {
            Self::Create => Some("CreateRequest"),
            Self::OfSession => Some("AcpUpdateCheckoutSessionRequest"),
            Self::Complete => Some("CompleteRequest"),
            Self::Delegate => Some("DelegateRequest"),
            Self::Cancel | Self::AtMerchant => None,
        }
    }

    /// The definition of an answer; `None` if it has no body, or the document does not define it. Errors with another status than 422 are
    /// held to the definition of that one: "all responses include a required `messages[]` array".
    #[must_use]
    pub fn answer(self, status: u16, body: &Value) -> Option<&'static str> {
        match (self, status) {
            (_, 204) => None,
            (Self::Delegate, 200) => Some("DelegateResponse"),
            (Self::Delegate, _) => None,
            (_, 400..) => Some("Refusal422"),
            (Self::Complete | Self::OfSession, _) if body["status"] == "completed" => Some("SessionCompleted"),
            _ => Some("Session"),
        }
    }
}

/// Hold an answer of a host to its definition.
///
/// # Panics
/// If it does not fit.
pub(super) fn hold_answer(exchange: Exchange, status: u16, body: &Value) {
    hold("answer", exchange.answer(status, body), body);
}

/// Hold what the sandbox's Adyen was sent and has answered, and what merchants have answered to it. Only requests that were accepted are
/// held: others are what a test is about.
///
/// # Panics
/// If a body does not fit.
pub fn hold_transcript(entries: &[Entry]) {
    for entry in entries {
        let (Some(exchange), Some(status)) = (Exchange::at(&entry.path), entry.status) else {
            continue;
        };
        let is_accepted = (200..300).contains(&status);
        if is_accepted && !entry.request.is_null() {
            hold("request to Adyen", exchange.request(), &entry.request);
        }
        match entry.to {
            Party::Merchant => hold(
                "answer to Adyen",
                exchange.answer(status, &entry.response),
                &entry.response,
            ),
            _ if is_accepted => hold(
                "answer of Adyen",
                exchange.answer(status, &entry.response),
                &entry.response,
            ),
            _ => {}
        }
    }
}

fn hold(whose: &str, definition: Option<&'static str>, body: &Value) {
    if let Some(definition) = definition {
        let read = || (!is_absent()).then(schema);
        hold_body(&format!("adyen {definition}, {whose}"), definition, body, read);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_exchange_is_known_by_its_path() {
        for (path, exchange) in [
            ("/commerce-suite/acp/v1/ACME/checkout_sessions", Some(Exchange::Create)),
            (
                "/m/acme/commerce-suite/acp/v1/ACME/checkout_sessions?a=b",
                Some(Exchange::Create),
            ),
            (
                "/commerce-suite/acp/v1/ACME/checkout_sessions/cs_1",
                Some(Exchange::OfSession),
            ),
            (
                "/commerce-suite/acp/v1/ACME/checkout_sessions/cs_1/complete",
                Some(Exchange::Complete),
            ),
            (
                "/commerce-suite/acp/v1/ACME/checkout_sessions/cs_1/cancel",
                Some(Exchange::Cancel),
            ),
            ("/m/acme/agentic/sessions/a_1/commit", Some(Exchange::AtMerchant)),
            (DELEGATE_PATH, Some(Exchange::Delegate)),
            ("/checkout_sessions/cs_1", None),
            ("/v72/payments", None),
        ] {
            assert_eq!(Exchange::at(path), exchange, "{path}");
        }
    }

    #[test]
    fn an_answer_without_a_body_has_no_definition() {
        assert_eq!(Exchange::AtMerchant.answer(204, &Value::Null), None);
        let completed = json!({"status": "completed"});
        assert_eq!(Exchange::Complete.answer(200, &completed), Some("SessionCompleted"));
        assert_eq!(Exchange::AtMerchant.answer(409, &Value::Null), Some("Refusal422"));
    }
}
