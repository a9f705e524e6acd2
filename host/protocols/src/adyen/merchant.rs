//! The merchant's side, which Adyen calls: `POST /agentic/sessions/{id}` with `/commit`, `/finalize` and `/cancel`, and the route of a
//! payment token.
//!
//! The id is Adyen's own. In the standard flow Adyen charges: a commit prices the session again, asks the risk rules, holds the stock and
//! names the order; a finalize call says what became of the payment. In the advanced flow Adyen delivers a token, which the merchant's
//! processor charges. `body` has what is assumed of the bodies, which Adyen does not document.

mod body;
mod call;
pub(crate) mod handlers;
mod operation;

#[cfg(test)]
mod tests;
