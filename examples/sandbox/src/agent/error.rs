//! Errors of the agent.

use std::time::Duration;

use serde_json::Value;

use super::exchange::Step;

/// Why the agent could not go on.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A server answered with a status other than 2xx.
    #[error("{step} was refused with {status}: {body}")]
    Refused {
        /// Step of the purchase.
        step: Step,
        /// HTTP status of the answer.
        status: u16,
        /// Body of the answer.
        body: Value,
    },
    /// The request got no answer.
    #[error("{step} got no answer: {reason}")]
    NoAnswer {
        /// Step of the purchase.
        step: Step,
        /// The error of the connection.
        reason: String,
    },
    /// The answer lacks a field that the agent needs.
    #[error("the answer to {step} has no usable {what}: {body}")]
    Unusable {
        /// Step of the purchase.
        step: Step,
        /// The field that is missing or invalid.
        what: &'static str,
        /// Body of the answer.
        body: Value,
    },
    /// The shop does not offer what the basket asks for.
    #[error("no fulfillment option matches '{wanted}'; offered are {offered:?}")]
    NoSuchOption {
        /// The option that the basket asks for.
        wanted: String,
        /// Ids of the options that the shop offers.
        offered: Vec<String>,
    },
    /// The session cannot be paid for.
    #[error("the session is {status}, not ready for payment: {body}")]
    NotReady {
        /// Current status of the session.
        status: String,
        /// The session, including the messages with the reason.
        body: Value,
    },
    /// The session was still in progress when the agent stopped polling.
    #[error("session {session_id} was still {status} after {waited:?}")]
    Unsettled {
        /// Id of the session.
        session_id: String,
        /// Its last known status.
        status: String,
        /// How long the agent polled.
        waited: Duration,
    },
    /// The basket has a value for which this protocol has no field.
    #[error("{protocol} has no field for {what}")]
    Inexpressible {
        /// Name of the protocol, with its version.
        protocol: String,
        /// The value that cannot be sent.
        what: &'static str,
    },
    /// The base URL is not a plain http URL.
    #[error("'{url}' is not a usable base URL: {reason}")]
    BaseUrl {
        /// The URL that was given.
        url: String,
        /// Why the URL cannot be used.
        reason: String,
    },
}
