//! How ready an open session is for payment, and who is to act where it is not. Protocols name their statuses after it.
//!
//! The agent is asked first: a session is left to the buyer, or to the merchant, only when nothing is left that the agent could change.

use super::message::{Message, Resolution};
use super::quote::Quote;
use super::session::Session;

/// Code of an error that an approver has to settle.
const APPROVAL: &str = "approval_required";
/// Codes of errors that only the buyer can settle, on the merchant's own site.
const FOR_BUYER: [&str; 4] = [
    "age_verification_required",
    "intervention_required",
    "requires_3ds",
    "requires_sign_in",
];

/// How ready an open session is for payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness<'a> {
    /// It can be completed.
    Ready,
    /// Something is missing or has to change: an address, an item that is sold out.
    NotReady,
    /// The buyer has to continue on the merchant's own site, at this URL.
    RequiresEscalation(&'a str),
    /// An approver has to accept the purchase.
    PendingApproval,
}

impl Session {
    /// How ready the session is for payment. Of no meaning unless it is open.
    #[must_use]
    pub fn readiness(&self) -> Readiness<'_> {
        self.quote.readiness()
    }
}

impl Quote {
    /// How ready a session with this quote is for payment.
    #[must_use]
    pub fn readiness(&self) -> Readiness<'_> {
        if self.is_ready() {
            return Readiness::Ready;
        }
        let errors: Vec<&Message> = self.blockers().collect();
        let all = |is: fn(&Message) -> bool| !errors.is_empty() && errors.iter().all(|error| is(error));
        if all(is_for_approval) {
            return Readiness::PendingApproval;
        }
        match self.continue_url.as_deref() {
            Some(url) if all(|error| is_for_buyer(error) || is_for_approval(error)) => {
                Readiness::RequiresEscalation(url)
            }
            _ => Readiness::NotReady,
        }
    }
}

fn is_for_approval(error: &Message) -> bool {
    error.code.as_deref() == Some(APPROVAL)
}

/// Whether an error asks for what the buyer does on the merchant's own site: by its resolution, or by a code that means it.
fn is_for_buyer(error: &Message) -> bool {
    error.resolution == Some(Resolution::RequiresBuyerReview)
        || error.code.as_deref().is_some_and(|code| FOR_BUYER.contains(&code))
}
