//! What ran out, when a counter of a plugin fell short between the quote and the payment.
//!
//! The host does not know what a plugin counts. The plugin says it by its next quote.

#[cfg(test)]
mod tests;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::session::Session;

/// Codes of messages about stock.
const STOCK: [&str; 3] = ["low_stock", "out_of_stock", "quantity_exceeded"];

/// Whether a message with this code is about stock.
pub(crate) fn is_about_stock(code: &str) -> bool {
    STOCK.contains(&code)
}

/// Whether a session lacks what a hold of it may have: stock, or the use of a code.
pub(crate) fn may_be_held(session: &Session, held: &Attempt) -> bool {
    let quote = &session.quote;
    let is_redeemed = |code: &String| held.redeemed.contains(code);
    let mut rejected = quote.rejected_codes.iter().map(|rejected| &rejected.code);
    let mut codes = quote.blockers().filter_map(|message| message.code.as_deref());
    rejected.any(is_redeemed) || codes.any(is_about_stock)
}

/// What the session, quoted again, lacks. `applied` are the codes that applied before.
pub(super) fn of(session: &Session, applied: &[String]) -> CheckoutError {
    let quote = &session.quote;
    let rejected = quote
        .rejected_codes
        .iter()
        .find(|rejected| applied.contains(&rejected.code));
    if let Some(rejected) = rejected {
        let position = session.cart.codes.iter().position(|code| *code == rejected.code);
        return CheckoutError::CodeUsedUp {
            code: rejected.code.clone(),
            position: position.unwrap_or_default(),
            reason: rejected.reason.clone(),
            message: rejected.message.clone(),
        };
    }
    if quote
        .blockers()
        .any(|message| message.code.as_deref().is_some_and(is_about_stock))
    {
        return CheckoutError::OutOfStock;
    }
    let blockers: Vec<_> = quote.blockers().cloned().collect();
    if blockers.is_empty() {
        CheckoutError::LimitReached
    } else {
        CheckoutError::NotReady(blockers)
    }
}
