//! A message of a session (schemas `MessageInfo`, `MessageWarning` and `MessageError`), with a severity.

use serde::Serialize;

use crate::acp::rendering::ShownMessage;
use crate::acp::shape::discounts::response_v2026_01_30::is_reason;
use tillhouse_checkout::message::MessageSeverity;

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

#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    content_type: &'static str,
    content: &'a str,
}

impl<'a> From<ShownMessage<'a>> for Message<'a> {
    fn from(message: ShownMessage<'a>) -> Self {
        let (r#type, code) = type_and_code(message.severity, message.code);
        Self {
            r#type,
            code,
            severity: severity(message.severity),
            param: message.param,
            content_type: message.content_type,
            content: message.content,
        }
    }
}

/// A warning whose code the schema does not have is an info: the schema requires a code of a warning, and has no generic one.
fn type_and_code(severity: MessageSeverity, code: &str) -> (&'static str, Option<&str>) {
    match severity {
        MessageSeverity::Error if ERRORS.contains(&code) => ("error", Some(code)),
        MessageSeverity::Error => ("error", Some("invalid")),
        MessageSeverity::Warning if WARNINGS.contains(&code) || is_reason(code) => ("warning", Some(code)),
        MessageSeverity::Warning | MessageSeverity::Info => ("info", None),
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
