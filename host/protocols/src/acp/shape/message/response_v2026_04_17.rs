//! A message of a session (schemas `MessageInfo`, `MessageWarning` and `MessageError`), with who resolves it.

use serde::Serialize;

use crate::acp::rendering::ShownMessage;
use crate::acp::shape::message::response_v2026_01_30;
use tillhouse_checkout::message::Resolution;

#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    #[serde(flatten)]
    message: response_v2026_01_30::Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<&'static str>,
}

impl<'a> From<ShownMessage<'a>> for Message<'a> {
    fn from(message: ShownMessage<'a>) -> Self {
        Self {
            resolution: message.resolution.map(resolution),
            message: message.into(),
        }
    }
}

const fn resolution(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Recoverable => "recoverable",
        Resolution::RequiresBuyerInput => "requires_buyer_input",
        Resolution::RequiresBuyerReview => "requires_buyer_review",
    }
}
