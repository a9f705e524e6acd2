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
    let is_covered = |line: &LineId| options.iter().any(|option| option.covers.contains(line));
    if open.iter().any(is_covered) {
        let text = "Choose a fulfillment option.";
        messages.push(Message::error("missing", Subject::Choice, text));
    }
    if bars_address {
        return;
    }
    let uncovered: Vec<&LineId> = open.iter().filter(|line| !is_covered(line)).collect();
    let has_no_address = |line: &LineId| cart.destination_of(line).is_none();
    let lacks_address = |choice: &Choice| {
        let goes_out = |option: &PricedOption| {
            option.offered.id == choice.option && destination::requires_address(&option.offered.kind)
        };
        options.iter().any(goes_out) && choice.lines.iter().any(has_no_address)
    };
    if selected.iter().any(lacks_address) || uncovered.iter().any(|line| has_no_address(line)) {
        messages.push(no_address());
    } else if uncovered.len() == cart.lines.len() {
        let text = "Nothing can be delivered to this address.";
        messages.push(Message::error("region_restricted", Subject::Address(None), text));
    } else {
        messages.extend(uncovered.into_iter().map(undeliverable));
    }
}

/// A line for which no option is on offer, though others have one.
fn undeliverable(line: &LineId) -> Message {
    let text = "This item cannot be delivered to this address.";
    Message::error("region_restricted", Subject::Line(line.clone()), text)
}

fn no_address() -> Message {
    Message::error("missing", Subject::Address(None), "A delivery address is needed.")
}
