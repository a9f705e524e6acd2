//! One request and its answer, for the transcript.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::error::AgentError;

/// The purpose of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Opens the checkout session.
    Create,
    /// Sends the shipping address.
    Address,
    /// Chooses a fulfillment option.
    SelectOption,
    /// Gets a payment token from Stripe.
    IssueToken,
    /// Completes the checkout with a payment.
    Complete,
    /// Has the buyer authenticated by the card's issuer.
    Authenticate,
    /// Reads the status of the session.
    Retrieve,
    /// Cancels the checkout session.
    Cancel,
}

impl Step {
    /// A short title for the transcript.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Create => "Create the session",
            Self::Address => "Send the address",
            Self::SelectOption => "Choose the fulfillment option",
            Self::IssueToken => "Get a shared payment token",
            Self::Complete => "Pay",
            Self::Authenticate => "Authenticate the buyer",
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

/// One entry of a purchase's transcript. Headers are left out: they contain keys and signatures.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// Purpose of the request.
    pub step: Step,
    /// Short title of the step: [`Step::title`].
    pub title: &'static str,
    /// HTTP method in upper case.
    pub method: &'static str,
    /// Path of the request.
    pub path: String,
    /// The body that was sent; a form is shown as an object of its parameters.
    pub request: Option<Value>,
    /// HTTP status of the answer.
    pub status: u16,
    /// Whether the server replayed a stored answer.
    pub replayed: bool,
    /// The body of the answer: null if empty, a string if it is not JSON.
    pub response: Value,
    /// Time from sending the request to receiving the whole answer.
    #[serde(serialize_with = "as_micros")]
    pub elapsed: Duration,
}

impl Exchange {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the exchange if it succeeded.
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

    /// A string in the answer, by JSON pointer.
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
