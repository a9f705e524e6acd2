//! Messages of a session (schemas `MessageInfo`, `MessageWarning` and `MessageError`).

use super::{discounts, wire};
use crate::acp::rendering::{inside, line_path, option_path};
use crate::code_indexes::{CodeIndexes, unreported_codes};
use crate::rendering::{content_type, in_progress_message};
use tillhouse_checkout::message::{Message, MessageSeverity, Resolution, Subject};
use tillhouse_checkout::session::Session;

/// Values of `MessageError.code`; any other code is sent as `invalid`.
const ERRORS: &[&str] = &[
    "missing",
    "invalid",
    "out_of_stock",
    "payment_declined",
    "requires_sign_in",
    "requires_3ds",
    "low_stock",
    "quantity_exceeded",
    "coupon_invalid",
    "coupon_expired",
    "minimum_not_met",
    "maximum_exceeded",
    "region_restricted",
    "age_verification_required",
    "approval_required",
    "unsupported",
    "not_found",
    "conflict",
    "rate_limited",
    "expired",
    "intervention_required",
];

/// Values of `MessageWarning.code`, without the rejection reasons of discount codes.
const WARNINGS: &[&str] = &[
    "low_stock",
    "high_demand",
    "shipping_delay",
    "price_change",
    "expiring_promotion",
    "limited_availability",
];

/// All messages. A rejected discount code appears here as well as in `discounts.rejected` (ACP RFC discount §7).
pub(crate) fn all(session: &Session) -> Vec<wire::Message<'_>> {
    let mut codes = CodeIndexes::of(session);
    let underway = in_progress_message(session).map(|content| wire::Message::Info {
        param: None,
        severity: severity(MessageSeverity::Info),
        resolution: None,
        content_type: "plain",
        content,
    });
    let mut messages: Vec<_> = underway.into_iter().collect();
    for message in session.messages() {
        messages.push(message_of(session, message, &mut codes));
    }
    for rejected in unreported_codes(session) {
        messages.push(wire::Message::Warning {
            code: discounts::reason(&rejected.reason),
            param: Some(code_path(&mut codes, &rejected.code)),
            severity: severity(MessageSeverity::Warning),
            resolution: None,
            content_type: "plain",
            content: &rejected.message,
        });
    }
    messages
}

fn message_of<'a>(session: &'a Session, message: &'a Message, codes: &mut CodeIndexes<'_>) -> wire::Message<'a> {
    let param = path(session, &message.about, codes);
    let severity = severity(message.severity);
    let resolution = message.resolved_by().map(resolution);
    let content_type = content_type(message);
    let content = message.text.as_str();
    let code = message.code.as_deref().unwrap_or_default();
    match message.severity {
        MessageSeverity::Error => wire::Message::Error {
            code: if ERRORS.contains(&code) { code } else { "invalid" },
            param,
            severity,
            resolution,
            content_type,
            content,
        },
        MessageSeverity::Warning if WARNINGS.contains(&code) || discounts::is_reason(code) => wire::Message::Warning {
            code,
            param,
            severity,
            resolution,
            content_type,
            content,
        },
        // A warning requires a code of the schema, and the schema has no generic one.
        MessageSeverity::Warning | MessageSeverity::Info => wire::Message::Info {
            param,
            severity,
            resolution,
            content_type,
            content,
        },
    }
}

/// The `severity`, out of the five of the schema: what blocks payment is `high`, what the buyer should see `medium`.
const fn severity(severity: MessageSeverity) -> &'static str {
    match severity {
        MessageSeverity::Info => "info",
        MessageSeverity::Warning => "medium",
        MessageSeverity::Error => "high",
    }
}

const fn resolution(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Recoverable => "recoverable",
        Resolution::RequiresBuyerInput => "requires_buyer_input",
        Resolution::RequiresBuyerReview => "requires_buyer_review",
    }
}

/// The `JSONPath` of the next mention of a discount code.
fn code_path(codes: &mut CodeIndexes<'_>, code: &str) -> String {
    match codes.next(code) {
        Some(index) => format!("$.discounts.codes[{index}]"),
        None => "$.discounts.codes".to_owned(),
    }
}

fn path(session: &Session, about: &Subject, codes: &mut CodeIndexes<'_>) -> Option<String> {
    Some(match about {
        Subject::Session => return None,
        Subject::Currency => "$.currency".to_owned(),
        Subject::Lines => "$.line_items".to_owned(),
        Subject::Line(line) => line_path(session, line.as_str()),
        Subject::Quantity(line) => format!("{}.quantity", line_path(session, line.as_str())),
        Subject::Code(code) => code_path(codes, code),
        Subject::Buyer(field) => inside("$.buyer", field.as_deref()),
        Subject::Address(field) => inside("$.fulfillment_details.address", field.as_deref()),
        Subject::Choice => "$.selected_fulfillment_options".to_owned(),
        Subject::Option(id) => option_path(&session.quote, id),
        Subject::Discount(id) => match session.quote.discounts.iter().position(|discount| discount.id == *id) {
            Some(index) => format!("$.discounts.applied[{index}]"),
            None => "$.discounts.applied".to_owned(),
        },
        Subject::Consent(channel) => consent_path(session, channel.as_deref()),
        Subject::Payment => "$.payment_data".to_owned(),
    })
}

/// The `JSONPath` of the marketing consent for a channel, or of all of them.
fn consent_path(session: &Session, channel: Option<&str>) -> String {
    let consents = &session.quote.consents;
    let index = channel.and_then(|channel| consents.iter().position(|consent| consent.channel == channel));
    match index {
        Some(index) => format!("$.marketing_consent_options[{index}]"),
        None => "$.marketing_consent_options".to_owned(),
    }
}
