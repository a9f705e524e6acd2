//! Why a purchase did not happen.

use std::time::Duration;

use serde_json::Value;

use super::exchange::Step;

/// What stopped the agent.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A server answered with something other than success.
    #[error("{step} was refused with {status}: {body}")]
    Refused {
        /// What the agent was doing.
        step: Step,
        /// HTTP status.
        status: u16,
        /// The error as the server worded it.
        body: Value,
    },
    /// No answer came.
    #[error("{step} got no answer: {reason}")]
    NoAnswer {
        /// What the agent was doing.
        step: Step,
        /// What the connection said.
        reason: String,
    },
    /// The answer lacks something the agent needs.
    #[error("the answer to {step} has no usable {what}: {body}")]
    Unusable {
        /// What the agent was doing.
        step: Step,
        /// The field that is missing or wrong.
        what: &'static str,
        /// The answer.
        body: Value,
    },
    /// The shop does not offer what the basket asks for.
    #[error("no fulfillment option matches '{wanted}'; offered are {offered:?}")]
    NoSuchOption {
        /// The basket's wish.
        wanted: String,
        /// The ids on offer.
        offered: Vec<String>,
    },
    /// The session cannot be paid for.
    #[error("the session is {status}, not ready for payment: {body}")]
    NotReady {
        /// The session's status.
        status: String,
        /// The session, with the messages that say why.
        body: Value,
    },
    /// The session was still being worked on when the agent stopped asking.
    #[error("session {session_id} was still {status} after {waited:?}")]
    Unsettled {
        /// The session.
        session_id: String,
        /// Its last status.
        status: String,
        /// How long the agent asked.
        waited: Duration,
    },
    /// The basket has something that this protocol has no field for.
    #[error("{protocol} has no field for {what}")]
    Inexpressible {
        /// The protocol, with its version.
        protocol: String,
        /// What cannot be said.
        what: &'static str,
    },
    /// The base URL is not a plain http URL.
    #[error("'{url}' is not a usable base URL: {reason}")]
    BaseUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}
