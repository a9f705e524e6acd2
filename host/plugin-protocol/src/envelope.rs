//! The lines.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Problem;

/// Something that a client can ask for, and what it gets.
pub trait Operation: Serialize + DeserializeOwned {
    /// Its name on the wire.
    const NAME: &'static str;
    /// What a request that was done is answered with.
    type Answer: Serialize + DeserializeOwned;
}

/// A line to the program.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the client. The answer has it too; answers come as they are ready.
    pub id: u64,
    /// The operation.
    pub op: String,
    /// What it is about.
    #[serde(default)]
    pub with: Value,
}

impl Request {
    /// A request for an operation.
    ///
    /// # Errors
    /// When it is not JSON, which none of the operations of this crate is.
    pub fn new<O: Operation>(id: u64, operation: &O) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id,
            op: O::NAME.to_owned(),
            with: serde_json::to_value(operation)?,
        })
    }
}

/// Without what it is about, which may be a card.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("op", &self.op)
            .finish_non_exhaustive()
    }
}

/// A line from the program: one of `ok` and `error`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Of the request; `null` where it could not be read.
    pub id: Option<u64>,
    /// It was done, and this came of it: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<Value>,
    /// It was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl Response {
    /// The line that answers a request.
    #[must_use]
    pub fn new(id: Option<u64>, outcome: Result<Value, Problem>) -> Self {
        let (ok, error) = match outcome {
            Ok(value) => (Some(value), None),
            Err(problem) => (None, Some(problem)),
        };
        Self { id, ok, error }
    }
}

/// Without what came of it, which may have what a plugin was told.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("id", &self.id)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// It was done, and there is no more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Kind;

    #[test]
    fn an_answer_says_one_of_two_things() {
        let done = Response::new(Some(1), Ok(json!({"url": "http://127.0.0.1:1"})));
        assert_eq!(
            serde_json::to_string(&done).ok().as_deref(),
            Some(r#"{"id":1,"ok":{"url":"http://127.0.0.1:1"}}"#)
        );
        let failed = Response::new(None, Err(Problem::new(Kind::Protocol, "not JSON")));
        let line = r#"{"id":null,"error":{"kind":"protocol","message":"not JSON"}}"#;
        assert_eq!(serde_json::to_string(&failed).ok().as_deref(), Some(line));
    }

    #[test]
    fn a_request_that_is_printed_shows_no_card() {
        let with = json!({"credential": {"slots": [["number", "4242424242424242"]]}});
        let request = Request {
            id: 1,
            op: "call".to_owned(),
            with,
        };
        assert!(!format!("{request:?}").contains("4242"));
    }
}
