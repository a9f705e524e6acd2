//! What came back.

use std::ops::Index;

use hyper::HeaderMap;
use serde_json::Value;

/// An answer to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    /// A header field, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// This answer, which must have that HTTP status.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// This answer, which must be an error of that HTTP status and `code`.
    #[track_caller]
    #[must_use]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer["code"], code, "{}", answer.text());
        answer
    }

    /// This answer, which must be an error that names that field.
    #[track_caller]
    #[must_use]
    pub fn about(self, param: &str) -> Self {
        assert_eq!(self["param"], param, "{}", self.text());
        self
    }

    /// This answer, which must show a session or checkout of that status.
    #[track_caller]
    #[must_use]
    pub fn is(self, status: &str) -> Self {
        assert_eq!(self["status"], status, "{}", self.text());
        self
    }

    /// Whether it says that it was given before.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    /// The id of the session or checkout.
    #[track_caller]
    #[must_use]
    pub fn id(&self) -> &str {
        self["id"].as_str().unwrap_or_else(|| panic!("no id: {}", self.text()))
    }

    /// The one entry of `totals` of that type, in cents.
    #[track_caller]
    #[must_use]
    pub fn total(&self, kind: &str) -> i64 {
        let entries = self["totals"].as_array().into_iter().flatten();
        let found: Vec<&Value> = entries.filter(|entry| entry["type"] == kind).collect();
        let amount = match found.as_slice() {
            [entry] => entry["amount"].as_i64(),
            _ => None,
        };
        amount.unwrap_or_else(|| panic!("not one total of type {kind}: {}", self.text()))
    }

    /// The first message with that code.
    #[track_caller]
    #[must_use]
    pub fn message(&self, code: &str) -> &Value {
        let mut messages = self["messages"].as_array().into_iter().flatten();
        let found = messages.find(|message| message["code"] == code);
        found.unwrap_or_else(|| panic!("no message {code}: {}", self.text()))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A field of the body; null where there is none.
impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, field: &str) -> &Value {
        &self.json[field]
    }
}
