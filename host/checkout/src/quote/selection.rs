//! Which fulfillment options apply to which lines, and what is missing.

use super::destination;
use super::options::PricedOption;
use crate::cart::{Cart, Choice};
use crate::ids::LineId;
use crate::message::{Message, MessageSeverity, Subject};

/// The options that apply, each once, with their lines: those that the buyer chose, as far as they are on offer, and for the other
/// lines the preselected ones. Adds a message about what is missing: a choice, or the address of goods to deliver.
pub(super) fn select(
    cart: &Cart,
    options: &[PricedOption],
    preselected: &[Choice],
    messages: &mut Vec<Message>,
) -> Vec<Choice> {
    let mut open: Vec<LineId> = cart.lines.iter().map(|line| line.id.clone()).collect();
    let mut selected: Vec<Choice> = Vec::new();
    for choice in cart.choices.iter().chain(preselected) {
        let Some(option) = options.iter().find(|option| option.offered.id == choice.option) else {
            continue;
        };
        let wanted =
            |line: &LineId| option.covers.contains(line) && (choice.lines.is_empty() || choice.lines.contains(line));
        let lines: Vec<LineId> = open.extract_if(.., |line| wanted(line)).collect();
        if lines.is_empty() {
            continue;
        }
        match selected.iter_mut().find(|seen| seen.option == choice.option) {
            Some(seen) => seen.lines.extend(lines),
            None => selected.push(Choice {
                option: choice.option.clone(),
                lines,
            }),
        }
    }
    report_missing(cart, options, &selected, &open, messages);
    selected
}

fn report_missing(
    cart: &Cart,
    options: &[PricedOption],
    selected: &[Choice],
    open: &[LineId],
    messages: &mut Vec<Message>,
) {
    let bars_address = messages
        .iter()
        .any(|message| message.severity == MessageSeverity::Error && matches!(message.about, Subject::Address(_)));
    let unchosen = options
        .iter()
        .any(|option| option.covers.iter().any(|line| open.contains(line)));
    if unchosen {
        let text = "Choose a fulfillment option.";
        messages.push(Message::error("missing", Subject::Choice, text));
    }
    if !selected.is_empty() {
        let lacks_address = |choice: &Choice| {
            let goes_out = |option: &PricedOption| {
                option.offered.id == choice.option && destination::requires_address(&option.offered.kind)
            };
            options.iter().any(goes_out) && choice.lines.iter().any(|line| cart.destination_of(line).is_none())
        };
        if !bars_address && selected.iter().any(lacks_address) {
            messages.push(no_address());
        }
    } else if options.is_empty() {
        if cart.destination().is_none() && cart.groups.iter().all(|group| group.destination.is_none()) {
            messages.push(no_address());
        } else if !bars_address {
            let text = "Nothing can be delivered to this address.";
            messages.push(Message::error("region_restricted", Subject::Address(None), text));
        }
    }
}

fn no_address() -> Message {
    Message::error("missing", Subject::Address(None), "A delivery address is needed.")
}
