//! Adyen's agentic commerce.
//!
//! `agent` serves the dialect that agents speak, as Adyen documents it: [`shape`] has its objects, [`rendering`] its words, [`refusals`]
//! what is not stored, [`errors`] the form of every error. `merchant` is the other side, which Adyen calls, with the same objects. Where
//! the document contradicts itself, these hold:
//!
//! - A fulfillment option that is not on offer is a wish when a session is created: the preselected one applies, and a message says so. An
//!   update with it is refused.
//! - What is missing (an address, a choice) makes a session that is not ready for payment. What is refused (stock, an address that is not
//!   delivered to, an item that does not exist) is 422, and nothing is stored.
//! - A declined payment is 200 with the session and a message; what stops a payment before its charge is 422.
//! - Tokens are opaque. Paths are without `$.` and in the names of a request. Warnings are infos.
//! - `line_two`, `state`, `phone_number` and the parts of a buyer are optional, and keep their limits.
//! - `companyAccount` is compared with the one of the configuration as text; any other is 404.

mod agent;
mod auth;
pub(crate) mod delegate_payment;
pub(crate) mod errors;
mod merchant;
pub(crate) mod refusals;
pub(crate) mod rendering;
mod session_answers;
pub(crate) mod shape;

mod configuration;
mod events;

pub use configuration::AdyenConfiguration;
pub use events::{AdyenEventForm, adyen_event};

pub(crate) use agent::handlers as agent_handlers;
pub(crate) use merchant::handlers as merchant_handlers;

use crate::error_response::ErrorResponse;

/// Beginnings of the paths whose errors have the form of Adyen's dialect, refused before a handler sees them or by it.
const PATHS: [&str; 2] = ["/commerce-suite/acp/", "/agentic/sessions"];

/// An error to a request with this path, without the prefix of a merchant, in the form of its protocol.
pub(crate) fn in_form_of(path: &str, error_response: ErrorResponse) -> ErrorResponse {
    if PATHS.iter().any(|begin| path.starts_with(begin)) {
        errors::in_messages(error_response)
    } else {
        error_response
    }
}
