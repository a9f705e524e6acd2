//! Which fulfillment options apply to which lines, and what is missing.

use super::options::PricedOption;
use crate::cart::{Cart, Choice, FulfillmentKind};
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
            |line: &LineId| option.serves(cart, line) && (choice.lines.is_empty() || choice.lines.contains(line));
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
    let is_served = |line: &LineId| options.iter().any(|option| option.serves(cart, line));
    if open.iter().any(is_served) {
        let text = "Choose a fulfillment option.";
        messages.push(Message::error("missing", Subject::Choice, text));
    }
    let (kept, unserved): (Vec<&LineId>, Vec<&LineId>) =
        open.iter().filter(|line| !is_served(line)).partition(|line| {
            cart.group_of(line)
                .is_some_and(|group| !group.kind().requires_address())
        });
    messages.extend(kept.into_iter().map(|line| not_offered(cart, line)));
    if bars_address {
        return;
    }
    let lines_out = selected.iter().filter(|choice| goes_out(options, choice));
    let lines_out = lines_out
        .flat_map(|choice| &choice.lines)
        .chain(unserved.iter().copied());
    let mut lacking: Vec<Message> = Vec::new();
    for line in lines_out.filter(|line| cart.destination_of(line).is_none()) {
        let message = no_address(cart, line);
        if !lacking.contains(&message) {
            lacking.push(message);
        }
    }
    if !lacking.is_empty() {
        messages.extend(lacking);
    } else if !unserved.is_empty() && unserved.len() == cart.lines.len() {
        let text = "Nothing can be delivered to this address.";
        messages.push(Message::error("region_restricted", Subject::Address(None), text));
    } else {
        messages.extend(unserved.into_iter().map(undeliverable));
    }
}

/// Whether a chosen option delivers to an address.
fn goes_out(options: &[PricedOption], choice: &Choice) -> bool {
    let option = options.iter().find(|option| option.offered.id == choice.option);
    option.is_some_and(|option| FulfillmentKind::named(&option.offered.kind).requires_address())
}

/// A line for which no option is on offer, though others have one.
fn undeliverable(line: &LineId) -> Message {
    let text = "This item cannot be delivered to this address.";
    Message::error("region_restricted", Subject::Line(line.clone()), text)
}

/// A line of a group that asks for a pickup or a download, which nothing on offer is for it.
fn not_offered(cart: &Cart, line: &LineId) -> Message {
    let kind = cart.group_of(line).map_or("fulfillment", |group| group.kind().name());
    let text = format!("This item is not offered for {kind} as its fulfillment group asks for it.");
    Message::error("unsupported", Subject::Line(line.clone()), text)
}

fn no_address(cart: &Cart, line: &LineId) -> Message {
    let about = match cart.group_of(line) {
        None => Subject::Address(None),
        Some(group) => Subject::GroupAddress(group.id.clone(), None),
    };
    Message::error("missing", about, "A delivery address is needed.")
}
