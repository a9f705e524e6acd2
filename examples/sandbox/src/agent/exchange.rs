//! One request and its answer.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::error::AgentError;

/// What the agent does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Open a session.
    Create,
    /// Say where it goes.
    Address,
    /// Choose how it is sent.
    SelectOption,
    /// Get a payment token from Stripe.
    IssueToken,
    /// Pay.
    Complete,
    /// Ask how it stands.
    Retrieve,
    /// Give up.
    Cancel,
}

impl Step {
    /// A few words for a story.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Create => "Create the session",
            Self::Address => "Give the address",
            Self::SelectOption => "Choose the fulfillment option",
            Self::IssueToken => "Get a shared payment token",
            Self::Complete => "Pay",
            Self::Retrieve => "Read the session",
            Self::Cancel => "Cancel the session",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.title())
    }
}

/// One entry of a purchase's transcript. Headers are left out: they hold keys and signatures.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// What it was for.
    pub step: Step,
    /// [`Step::title`].
    pub title: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path as sent.
    pub path: String,
    /// The body as sent; a form as an object of its parameters.
    pub request: Option<Value>,
    /// HTTP status.
    pub status: u16,
    /// Whether the server said that it had given this answer before.
    pub replayed: bool,
    /// The body of the answer; null when there was none, a string when it was not JSON.
    pub response: Value,
    /// From the first byte out to the last byte in.
    #[serde(serialize_with = "as_micros")]
    pub elapsed: Duration,
}

impl Exchange {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The exchange itself when it succeeded.
    ///
    /// # Errors
    /// [`AgentError::Refused`] for any other status.
    pub fn accepted(self) -> Result<Self, AgentError> {
        if self.is_success() {
            return Ok(self);
        }
        Err(AgentError::Refused {
            step: self.step,
            status: self.status,
            body: self.response,
        })
    }

    /// A string of the answer, by JSON pointer.
    pub(crate) fn text(&self, pointer: &str, what: &'static str) -> Result<String, AgentError> {
        let found = self.response.pointer(pointer).and_then(Value::as_str);
        found.map(str::to_owned).ok_or_else(|| self.unusable(what))
    }

    pub(crate) fn unusable(&self, what: &'static str) -> AgentError {
        AgentError::Unusable {
            step: self.step,
            what,
            body: self.response.clone(),
        }
    }
}

fn as_micros<S: serde::Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
}
