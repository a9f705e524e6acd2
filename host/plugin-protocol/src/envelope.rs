//! Requests and responses: the envelope of each line.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::RequestError;

/// Operation that a client can request, with the type of its answer.
pub trait Operation: Serialize + DeserializeOwned {
    /// Value of `op` in the request.
    const NAME: &'static str;
    /// Value of `ok` in the response.
    type Answer: Serialize + DeserializeOwned;
}

/// Line from the client to the program.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Number chosen by the client; the response repeats it. Responses arrive in the order in which they are ready.
    pub id: u64,
    /// Name of the operation: [`Operation::NAME`].
    pub op: String,
    /// Parameters of the operation, as an object.
    #[serde(default)]
    pub with: Value,
}

impl Request {
    /// Creates the request for an operation.
    ///
    /// # Errors
    /// If the operation does not serialize to JSON; all operations of this crate do.
    pub fn new<O: Operation>(id: u64, operation: &O) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id,
            op: O::NAME.to_owned(),
            with: serde_json::to_value(operation)?,
        })
    }
}

/// Omits the parameters, which may contain card data.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("op", &self.op)
            .finish_non_exhaustive()
    }
}

/// Line from the program to the client, with either `ok` or `error`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Id of the request; `None` (`null`) if it could not be read.
    pub id: Option<u64>,
    /// Result of the operation, an object, if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<Value>,
    /// Reason why the operation failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RequestError>,
}

impl Response {
    /// Creates the response to a request.
    #[must_use]
    pub fn new(id: Option<u64>, outcome: Result<Value, RequestError>) -> Self {
        let (ok, error) = match outcome {
            Ok(value) => (Some(value), None),
            Err(problem) => (None, Some(problem)),
        };
        Self { id, ok, error }
    }
}

/// Omits the result, which may contain data that a plugin was given.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("id", &self.id)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Empty result of an operation that returns nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::RequestErrorKind;

    #[test]
    fn a_response_has_either_ok_or_error() {
        let done = Response::new(Some(1), Ok(json!({"url": "http://127.0.0.1:1"})));
        assert_eq!(
            serde_json::to_string(&done).ok().as_deref(),
            Some(r#"{"id":1,"ok":{"url":"http://127.0.0.1:1"}}"#)
        );
        let failed = Response::new(None, Err(RequestError::new(RequestErrorKind::Protocol, "not JSON")));
        let line = r#"{"id":null,"error":{"kind":"protocol","message":"not JSON"}}"#;
        assert_eq!(serde_json::to_string(&failed).ok().as_deref(), Some(line));
    }

    #[test]
    fn debug_output_of_a_request_hides_the_card() {
        let with = json!({"credential": {"slots": [["number", "4242424242424242"]]}});
        let request = Request {
            id: 1,
            op: "call".to_owned(),
            with,
        };
        assert!(!format!("{request:?}").contains("4242"));
    }
}
