//! Conversions from the contract's types to the domain, with the checks that the domain does not make itself.
//!
//! The `Err` of a conversion is a message for the operator: the rule of the contract that the plugin violated.

mod address;
mod fulfillment;
mod inventory;
mod lifecycle;
mod notices;
mod order_notices;
mod orders;
mod payments;
mod presentation;
mod pricing;
mod quoting;
mod reversals;
mod risk;
mod rounding;
mod tax;

use std::time::Duration;

pub(crate) use fulfillment::offer;
pub(crate) use inventory::{reserved, stocks};
pub(crate) use lifecycle::diagnostics;
pub(crate) use notices::processor_events;
pub(crate) use order_notices::order_changes;
pub(crate) use orders::order_identity;
pub(crate) use payments::{authentication_requirements, charge_lookup, charge_outcome, profile};
pub(crate) use presentation::{descriptions, page};
pub(crate) use pricing::priced_cart;
pub(crate) use quoting::whole_quote;
pub(crate) use reversals::{
    cancel_outcome, capture_lookup, capture_outcome, charge_page, refund_lookup, refund_outcome, void_lookup,
    void_outcome,
};
pub(crate) use risk::risk_decision;
pub(crate) use tax::assessment;

use super::bindings::tillhouse::merchant::types as wit;
use super::check;
use crate::api::call_name::CallName;
use tillhouse_checkout::decision::Rejection;
use tillhouse_checkout::ids::{LineId, OptionId};
use tillhouse_checkout::message::{Message, MessageSeverity, Resolution, Subject};
use tillhouse_checkout::ports::{DecisionError, PluginFault};
use tillhouse_checkout::text::printable;

/// Convert the contract's `failure` into an error.
pub(crate) fn failure(name: &CallName, failure: wit::Failure) -> DecisionError {
    match failure {
        wit::Failure::Rejected(rejected) => match rejection(rejected) {
            Ok(rejection) => DecisionError::Rejected(rejection),
            Err(broken) => name.fault(PluginFault::Contract, broken),
        },
        wit::Failure::Unavailable(retry_ms) => name.unavailable(retry_ms.map(|ms| Duration::from_millis(ms.into()))),
        wit::Failure::Misconfigured(detail) => name.misconfigured(cut(&detail)),
        wit::Failure::Unsupported => name.unsupported(),
    }
}

fn rejection(rejection: wit::Rejection) -> Result<Rejection, String> {
    Ok(Rejection {
        code: check::text("rejection.code", rejection.code, check::ID)?,
        message: check::text("rejection.message", rejection.message, check::TEXT)?,
        about: subject(rejection.about)?,
    })
}

fn messages(messages: Vec<wit::Message>) -> Result<Vec<Message>, String> {
    check::list("messages", messages, check::MESSAGES, |message| {
        Ok(Message {
            severity: match message.severity {
                wit::Severity::Info => MessageSeverity::Info,
                wit::Severity::Warning => MessageSeverity::Warning,
                wit::Severity::Error => MessageSeverity::Error,
            },
            code: check::optional("message.code", message.code, check::ID)?,
            about: subject(message.about)?,
            text: check::text("message.text", message.text, check::TEXT)?,
            markdown: message.markdown,
            resolution: message.resolution.map(resolution).transpose()?,
        })
    })
}

fn resolution(name: String) -> Result<Resolution, String> {
    match name.as_str() {
        "recoverable" => Ok(Resolution::Recoverable),
        "requires_buyer_input" => Ok(Resolution::RequiresBuyerInput),
        "requires_buyer_review" => Ok(Resolution::RequiresBuyerReview),
        _ => {
            let name = check::text("message.resolution", name, check::ID)?;
            Err(format!(
                "message.resolution {name:?} is not recoverable, requires_buyer_input or requires_buyer_review"
            ))
        }
    }
}

/// Convert a subject. An unknown kind, or a code or discount without its id, becomes [`Subject::Session`]: the checkout as a
/// whole. A line without its id stands for all lines.
fn subject(subject: wit::Subject) -> Result<Subject, String> {
    let id = check::optional("subject.id", subject.id, check::ID)?;
    Ok(match (subject.kind.as_str(), id) {
        ("currency", _) => Subject::Currency,
        ("line", Some(id)) => Subject::Line(LineId::new(id)),
        ("quantity", Some(id)) => Subject::Quantity(LineId::new(id)),
        ("lines" | "line" | "quantity", _) => Subject::Lines,
        ("code", Some(code)) => Subject::Code(code),
        ("discount", Some(id)) => Subject::Discount(id),
        ("option", Some(id)) => Subject::Option(OptionId::new(id)),
        ("option", None) => Subject::Choice,
        ("buyer", field) => Subject::Buyer(field),
        ("address", field) => Subject::Address(field),
        ("consent", channel) => Subject::Consent(channel),
        ("payment", _) => Subject::Payment,
        _ => Subject::Session,
    })
}

fn line_id(id: wit::LineId) -> Result<LineId, String> {
    check::text("line", id, check::ID).map(LineId::new)
}

/// Truncate a text to the bytes of [`check::TEXT`], without what a terminal would obey. Used for messages that only the operator
/// reads, where that does no harm.
fn cut(text: &str) -> String {
    let mut text = printable(text);
    let end = (0..=check::TEXT.bytes.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    text
}
