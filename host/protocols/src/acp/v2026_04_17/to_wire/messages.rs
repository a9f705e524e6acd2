//! Messages of a session (schemas `MessageInfo`, `MessageWarning` and `MessageError`).

use super::{discounts, wire};
use crate::acp::rendering::{inside, line_path, option_path};
use crate::rendering::{content_type, in_progress_message, is_reported};
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
    let underway = in_progress_message(session).map(|content| wire::Message::Info {
        param: None,
        resolution: None,
        content_type: "plain",
        content,
    });
    let messages = session.messages().map(|message| message_of(session, message));
    let refused = session
        .quote
        .rejected_codes
        .iter()
        .filter(|rejected| !is_reported(session, &rejected.code))
        .map(|rejected| wire::Message::Warning {
            code: discounts::reason(&rejected.reason),
            param: Some(code_path(session, &rejected.code)),
            resolution: None,
            content_type: "plain",
            content: &rejected.message,
        });
    underway.into_iter().chain(messages).chain(refused).collect()
}

fn message_of<'a>(session: &'a Session, message: &'a Message) -> wire::Message<'a> {
    let param = path(session, &message.about);
    let resolution = message.resolution.map(resolution);
    let content_type = content_type(message);
    let content = message.text.as_str();
    let code = message.code.as_deref().unwrap_or_default();
    match message.severity {
        MessageSeverity::Error => wire::Message::Error {
            code: if ERRORS.contains(&code) { code } else { "invalid" },
            param,
            resolution,
            content_type,
            content,
        },
        MessageSeverity::Warning if WARNINGS.contains(&code) || discounts::is_reason(code) => wire::Message::Warning {
            code,
            param,
            resolution,
            content_type,
            content,
        },
        // A warning requires a code of the schema, and the schema has no generic one.
        MessageSeverity::Warning | MessageSeverity::Info => wire::Message::Info {
            param,
            resolution,
            content_type,
            content,
        },
    }
}

const fn resolution(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Recoverable => "recoverable",
        Resolution::RequiresBuyerInput => "requires_buyer_input",
        Resolution::RequiresBuyerReview => "requires_buyer_review",
    }
}

/// The `JSONPath` of a discount code. A code that is both applied and rejected was sent twice; the last one is the rejected one.
fn code_path(session: &Session, code: &str) -> String {
    let mut typed = session.cart.codes.iter();
    let applied = &session.quote.discounts;
    let index = if applied.iter().any(|discount| discount.code.as_deref() == Some(code)) {
        typed.rposition(|typed| typed == code)
    } else {
        typed.position(|typed| typed == code)
    };
    match index {
        Some(index) => format!("$.discounts.codes[{index}]"),
        None => "$.discounts.codes".to_owned(),
    }
}

fn path(session: &Session, about: &Subject) -> Option<String> {
    Some(match about {
        Subject::Session => return None,
        Subject::Currency => "$.currency".to_owned(),
        Subject::Lines => "$.line_items".to_owned(),
        Subject::Line(line) => line_path(session, line.as_str()),
        Subject::Quantity(line) => format!("{}.quantity", line_path(session, line.as_str())),
        Subject::Code(code) => code_path(session, code),
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
