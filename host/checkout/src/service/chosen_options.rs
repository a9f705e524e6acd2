//! Fulfillment options that an agent chose, against those that are on offer.

use crate::cart::{CartEdit, Choice};
use crate::error::CheckoutError;
use crate::ids::LineId;
use crate::message::{Message, Subject};
use crate::quote::{Quote, QuoteOption};
use crate::session::Session;

/// A choice made in this request must be on offer; an earlier one may have become unavailable, e.g. by a new address.
pub(super) fn keep_available(
    session: &mut Session,
    chosen_now: bool,
    is_first_quote: bool,
) -> Result<(), CheckoutError> {
    let selected = &session.quote.selected;
    let applied = |choice: &Choice| selected.iter().find(|other| other.option == choice.option);
    if chosen_now {
        for choice in &session.cart.choices {
            let applied = applied(choice);
            let is_applied = |line: &&LineId| applied.is_some_and(|applied| applied.lines.contains(line));
            let is_offered = session.quote.options.iter().any(|option| option.id == choice.option);
            match choice.lines.iter().find(|line| !is_applied(line)) {
                Some(line) if is_offered => {
                    return Err(CheckoutError::OptionNotForLine {
                        option: choice.option.clone(),
                        line: line.clone(),
                    });
                }
                _ if applied.is_none() => return Err(CheckoutError::UnknownOption(choice.option.clone())),
                _ => {}
            }
        }
        return Ok(());
    }
    let before = session.cart.choices.len();
    let mut choices = std::mem::take(&mut session.cart.choices);
    choices.retain(|choice| applied(choice).is_some());
    if choices.len() < before {
        // A session that has not been asked about before had nothing on offer to choose from.
        let text = if is_first_quote {
            "The chosen fulfillment option is not available."
        } else {
            "The fulfillment option chosen before is no longer available."
        };
        session.quote.messages.push(Message::info(Subject::Choice, text));
    }
    session.cart.choices = choices;
    Ok(())
}

/// A chosen option is of the kind that the request says: the agent may have shown the buyer a pickup where a parcel is sent.
pub(super) fn check_kinds(edit: &CartEdit, quote: &Quote) -> Result<(), CheckoutError> {
    for (index, (id, said)) in edit.chosen_kinds.iter().enumerate() {
        let option = quote.options.iter().find(|option| option.id == *id);
        let kind = option.map(QuoteOption::shown_kind);
        if let Some(kind) = kind.filter(|kind| !said.fits(*kind)) {
            return Err(CheckoutError::OptionKind {
                option: id.clone(),
                index,
                said: said.named(),
                kind,
            });
        }
    }
    Ok(())
}
