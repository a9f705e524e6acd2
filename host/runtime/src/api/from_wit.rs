//! Conversions from the contract's types to the domain, with the checks that the domain does not make itself.
//!
//! The `Err` of a conversion is a message for the operator: the rule of the contract that the plugin violated.

mod decisions;
mod payments;
mod pickup_location;

use std::time::Duration;

pub(crate) use decisions::{
    assessment, descriptions, offer, order_identity, page, priced_cart, problems, reserved, risk_decision, stocks,
};
pub(crate) use payments::{
    cancel_outcome, charge_outcome, charge_page, finding, news, profile, refund_outcome, void_outcome,
};

use super::bindings::tillhouse::merchant::types as wit;
use super::check;
use crate::api::call_name::CallName;
use tillhouse_checkout::decision::Rejection;
use tillhouse_checkout::ids::{LineId, OptionId};
use tillhouse_checkout::message::{Message, MessageSeverity, Subject};
use tillhouse_checkout::ports::{DecisionError, PluginFault};

/// Convert the contract's `failure` into an error.
pub(crate) fn failure(name: &CallName, failure: wit::Failure) -> DecisionError {
    match failure {
        wit::Failure::Rejected(rejected) => match rejection(rejected) {
            Ok(rejection) => DecisionError::Rejected(rejection),
            Err(broken) => name.fault(PluginFault::Contract, broken),
        },
        wit::Failure::Unavailable(retry_ms) => name.unavailable(retry_ms.map(|ms| Duration::from_millis(ms.into()))),
        wit::Failure::Misconfigured(detail) => name.misconfigured(cut(detail)),
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
        })
    })
}

/// Convert a subject. An unknown kind, or a kind without its id, becomes [`Subject::Session`]: the checkout as a whole.
fn subject(subject: wit::Subject) -> Result<Subject, String> {
    let id = check::optional("subject.id", subject.id, check::ID)?;
    Ok(match (subject.kind.as_str(), id) {
        ("line", Some(id)) => Subject::Line(LineId::new(id)),
        ("code", Some(code)) => Subject::Code(code),
        ("option", Some(id)) => Subject::Option(OptionId::new(id)),
        ("option", None) => Subject::Choice,
        ("buyer", field) => Subject::Buyer(field),
        ("address", field) => Subject::Address(field),
        ("payment", _) => Subject::Payment,
        _ => Subject::Session,
    })
}

/// Truncate a text to [`check::TEXT`] bytes. Used for messages that only the operator reads, where truncation does no harm.
fn cut(mut text: String) -> String {
    let end = (0..=check::TEXT.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    text
}
