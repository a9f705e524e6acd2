//! What each side has sent to the other, in the order of the requests.

use std::sync::Mutex;

use serde::Serialize;
use serde_json::Value;

use crate::sync::lock;

/// A side of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The agent that buys.
    Agent,
    /// The vault of the agent, which has the card.
    Vault,
    /// This simulator, as the payment service provider.
    Adyen,
    /// The server of the merchant.
    Merchant,
}

/// One request with its answer. Card numbers, security codes and cryptograms are masked; headers are left out.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Which side has sent the request.
    pub from: Party,
    /// Which side has answered.
    pub to: Party,
    /// HTTP method in upper case.
    pub method: String,
    /// Path of the request.
    pub path: String,
    /// The body that was sent; null if there was none.
    pub request: Value,
    /// HTTP status of the answer; `None` if there was none.
    pub status: Option<u16>,
    /// The body of the answer; null if it was empty.
    pub response: Value,
}

impl Entry {
    /// A request that is not answered yet.
    pub(super) fn request(from: Party, to: Party, method: &str, path: &str, body: &[u8]) -> Self {
        Self {
            from,
            to,
            method: method.to_owned(),
            path: path.to_owned(),
            request: masked(json_or_text(body)),
            status: None,
            response: Value::Null,
        }
    }
}

/// Every exchange since the start.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    entries: Mutex<Vec<Entry>>,
}

impl Transcript {
    /// Adds a request, and returns its position for [`Transcript::answered`].
    pub(super) fn begin(&self, entry: Entry) -> usize {
        let mut entries = lock(&self.entries);
        entries.push(entry);
        entries.len() - 1
    }

    pub(super) fn answered(&self, position: usize, status: u16, body: &[u8]) {
        if let Some(entry) = lock(&self.entries).get_mut(position) {
            entry.status = Some(status);
            entry.response = json_or_text(body);
        }
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        lock(&self.entries).clone()
    }
}

/// A body as JSON, or as text if it is not JSON; null if it is empty.
pub(super) fn json_or_text(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)))
}

/// Members that hold what a card can be paid with.
const SECRET: [&str; 7] = [
    "number",
    "cvc",
    "cryptogram",
    "cavv",
    "tokenAuthenticationVerificationValue",
    "encryptedCardNumber",
    "encryptedSecurityCode",
];

fn masked(mut body: Value) -> Value {
    match &mut body {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                *value = if SECRET.contains(&name.as_str()) && !value.is_null() {
                    "…".into()
                } else {
                    masked(value.take())
                };
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| *entry = masked(entry.take())),
        _ => {}
    }
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cards_are_masked_at_any_depth() {
        let body = json!({"payment_method": {"number": "4111111111111111", "cvc": "737", "exp_month": "03"}, "list": [{"cavv": "x"}]});
        let entry = Entry::request(Party::Vault, Party::Adyen, "POST", "/", body.to_string().as_bytes());
        assert_eq!(
            entry.request,
            json!({"payment_method": {"number": "…", "cvc": "…", "exp_month": "03"}, "list": [{"cavv": "…"}]})
        );
    }

    #[test]
    fn a_request_without_an_answer_has_no_status() {
        let transcript = Transcript::default();
        let lost = transcript.begin(Entry::request(Party::Agent, Party::Adyen, "POST", "/a", b""));
        let next = transcript.begin(Entry::request(Party::Adyen, Party::Merchant, "POST", "/b", b"{}"));
        transcript.answered(next, 204, b"");
        let statuses: Vec<Option<u16>> = transcript.entries().iter().map(|entry| entry.status).collect();
        assert_eq!((lost, statuses), (0, vec![None, Some(204)]));
    }
}
