//! An HTTP response as a test reads it.

use std::ops::Index;

use hyper::HeaderMap;
use serde_json::Value;

/// The response to one request.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// HTTP status code, such as 200.
    pub status: u16,
    /// Header fields; names are compared case-insensitively.
    pub headers: HeaderMap,
    /// The body as received.
    pub body: Vec<u8>,
    /// The body as JSON; `null` if it is not JSON.
    pub json: Value,
}

impl HttpResponse {
    /// A header field as text; `None` if absent or not ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Asserts the HTTP status.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts an error with this HTTP status and this `code`.
    #[track_caller]
    #[must_use]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer["code"], code, "{}", answer.text());
        answer
    }

    /// Asserts that the error's `param` names this field.
    #[track_caller]
    #[must_use]
    pub fn about(self, param: &str) -> Self {
        assert_eq!(self["param"], param, "{}", self.text());
        self
    }

    /// Asserts the status of the session or checkout in the body.
    #[track_caller]
    #[must_use]
    pub fn is(self, status: &str) -> Self {
        assert_eq!(self["status"], status, "{}", self.text());
        self
    }

    /// Whether the response is marked as a replay (`Idempotent-Replayed: true`).
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    /// The id of the session or checkout in the body.
    #[track_caller]
    #[must_use]
    pub fn id(&self) -> &str {
        self["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no `id` in the response: {}", self.text()))
    }

    /// The amount of the only entry of `totals` with this type, in cents.
    #[track_caller]
    #[must_use]
    pub fn total(&self, kind: &str) -> i64 {
        let entries = self["totals"].as_array().into_iter().flatten();
        let found: Vec<&Value> = entries.filter(|entry| entry["type"] == kind).collect();
        let amount = match found.as_slice() {
            [entry] => entry["amount"].as_i64(),
            _ => None,
        };
        amount.unwrap_or_else(|| {
            panic!(
                "expected exactly one total of type {kind} with an integer amount: {}",
                self.text()
            )
        })
    }

    /// The message whose text contains these words.
    ///
    /// # Panics
    /// When the session has none.
    #[must_use]
    pub fn told(&self, words: &str) -> &Value {
        let messages = self["messages"].as_array().into_iter().flatten();
        let mut with_words =
            messages.filter(|message| message["content"].as_str().is_some_and(|text| text.contains(words)));
        with_words
            .next()
            .unwrap_or_else(|| panic!("no message says {words:?}: {}", self.text()))
    }

    /// The first message with this code.
    #[track_caller]
    #[must_use]
    pub fn message(&self, code: &str) -> &Value {
        let mut messages = self["messages"].as_array().into_iter().flatten();
        let found = messages.find(|message| message["code"] == code);
        found.unwrap_or_else(|| panic!("no message with the code {code}: {}", self.text()))
    }

    /// The body as text; invalid UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A member of the JSON body; `null` if absent.
impl Index<&str> for HttpResponse {
    type Output = Value;

    fn index(&self, field: &str) -> &Value {
        &self.json[field]
    }
}
