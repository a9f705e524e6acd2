//! A message of a session (schemas `MessageInfo` and `MessageError`). There are no warnings; they are shown as infos.

use serde::Serialize;

use crate::acp::rendering::ShownMessage;
use tillhouse_checkout::message::MessageSeverity;

#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    content_type: &'static str,
    content: &'a str,
}

impl<'a> From<ShownMessage<'a>> for Message<'a> {
    fn from(message: ShownMessage<'a>) -> Self {
        let is_error = message.severity == MessageSeverity::Error;
        Self {
            r#type: if is_error { "error" } else { "info" },
            code: is_error.then(|| error_code(message.code)),
            param: message.param,
            content_type: message.content_type,
            content: message.content,
        }
    }
}

/// The message code, out of the six of the schema; codes of later releases are mapped to the closest one.
fn error_code(code: &str) -> &'static str {
    match code {
        "missing" => "missing",
        "out_of_stock" | "quantity_exceeded" | "low_stock" => "out_of_stock",
        "payment_declined" => "payment_declined",
        "requires_sign_in" => "requires_sign_in",
        "requires_3ds" | "intervention_required" => "requires_3ds",
        _ => "invalid",
    }
}
