//! Messages of a session as every release shows them, before a release chooses among its own types and codes.

use super::{inside, line_path, option_path};
use crate::acp::shape::discounts::response_v2026_01_30::reason;
use crate::code_indexes::{CodeIndexes, unreported_codes};
use crate::rendering::{content_type, in_progress_message};
use tillhouse_checkout::decision::RejectedCode;
use tillhouse_checkout::ids::GroupId;
use tillhouse_checkout::message::{Message, MessageSeverity, Resolution, Subject};
use tillhouse_checkout::session::{Session, SessionState};

/// `JSONPath`s of what messages are about, where releases differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessagePaths {
    /// The quantity, within a line.
    pub(crate) quantity: &'static str,
    pub(crate) address: &'static str,
    pub(crate) choice: &'static str,
    pub(crate) authentication: &'static str,
    /// Whether a session shows fulfillment groups.
    pub(crate) has_groups: bool,
    /// Whether a session shows discounts and their codes.
    pub(crate) has_discounts: bool,
    /// Whether a session shows marketing consents.
    pub(crate) has_consents: bool,
}

/// A message with the members that some release has.
#[derive(Debug)]
pub(crate) struct ShownMessage<'a> {
    pub(crate) severity: MessageSeverity,
    /// Code by the names of the newest release; empty for an info.
    pub(crate) code: &'a str,
    pub(crate) param: Option<String>,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'a str,
    pub(crate) resolution: Option<Resolution>,
}

/// All messages, in the shape of a release. A rejected discount code is a message as well (ACP RFC discount §7).
pub(crate) fn shown_messages<'a, M: From<ShownMessage<'a>>>(session: &'a Session, paths: &MessagePaths) -> Vec<M> {
    let mut codes = CodeIndexes::of(session);
    let mut shown: Vec<_> = of_state(session, paths).into_iter().collect();
    for message in session.messages() {
        shown.push(ShownMessage::of(session, message, paths, &mut codes));
    }
    for rejected in unreported_codes(session) {
        shown.push(ShownMessage::of_rejected(rejected, paths, &mut codes));
    }
    shown.into_iter().map(M::from).collect()
}

/// What follows from the state of the session.
fn of_state<'a>(session: &Session, paths: &MessagePaths) -> Option<ShownMessage<'a>> {
    let plain = |severity, code, content| ShownMessage {
        severity,
        code,
        param: None,
        content_type: "plain",
        content,
        resolution: None,
    };
    if let SessionState::AuthenticationRequired { .. } = session.state {
        let content = "The issuer of the card wants the buyer to authenticate. Complete again with the result.";
        return Some(ShownMessage {
            param: Some(paths.authentication.to_owned()),
            resolution: Some(Resolution::RequiresBuyerInput),
            ..plain(MessageSeverity::Error, "requires_3ds", content)
        });
    }
    in_progress_message(session).map(|content| plain(MessageSeverity::Info, "", content))
}

impl<'a> ShownMessage<'a> {
    fn of(session: &Session, message: &'a Message, paths: &MessagePaths, codes: &mut CodeIndexes<'_>) -> Self {
        Self {
            severity: message.severity,
            code: message.code.as_deref().unwrap_or_default(),
            param: paths.of(session, &message.about, codes),
            content_type: content_type(message),
            content: &message.text,
            resolution: message.resolved_by(),
        }
    }

    fn of_rejected(rejected: &'a RejectedCode, paths: &MessagePaths, codes: &mut CodeIndexes<'_>) -> Self {
        Self {
            severity: MessageSeverity::Warning,
            code: reason(&rejected.reason),
            param: paths.of_code(codes, &rejected.code),
            content_type: "plain",
            content: &rejected.message,
            resolution: None,
        }
    }
}

impl MessagePaths {
    /// The `JSONPath` of the next mention of a discount code.
    fn of_code(&self, codes: &mut CodeIndexes<'_>, code: &str) -> Option<String> {
        self.has_discounts.then(|| match codes.next(code) {
            Some(index) => format!("$.discounts.codes[{index}]"),
            None => "$.discounts.codes".to_owned(),
        })
    }

    fn of(&self, session: &Session, about: &Subject, codes: &mut CodeIndexes<'_>) -> Option<String> {
        Some(match about {
            Subject::Session => return None,
            Subject::Currency => "$.currency".to_owned(),
            Subject::Lines => "$.line_items".to_owned(),
            Subject::Line(line) => line_path(session, line.as_str()),
            Subject::Quantity(line) => inside(&line_path(session, line.as_str()), Some(self.quantity)),
            Subject::Code(code) => return self.of_code(codes, code),
            Subject::Buyer(field) => inside("$.buyer", field.as_deref()),
            Subject::Address(field) => inside(self.address, field.as_deref()),
            Subject::GroupAddress(group, field) => self.of_group_address(session, group, field.as_deref()),
            Subject::Choice => self.choice.to_owned(),
            Subject::Option(id) => option_path(&session.quote, id),
            Subject::Discount(id) => return self.has_discounts.then(|| discount_path(session, id)),
            Subject::Consent(channel) => {
                return self.has_consents.then(|| consent_path(session, channel.as_deref()));
            }
            Subject::Payment => "$.payment_data".to_owned(),
        })
    }

    /// The `JSONPath` of the address of a fulfillment group, or of the only address where a session shows no such group.
    fn of_group_address(&self, session: &Session, group: &GroupId, field: Option<&str>) -> String {
        let mut groups = session.cart.groups.iter();
        match groups.position(|of_cart| of_cart.id == *group) {
            Some(index) if self.has_groups => {
                let address = format!("$.fulfillment_groups[{index}].fulfillment_details.address");
                inside(&address, field)
            }
            _ => inside(self.address, field),
        }
    }
}

fn discount_path(session: &Session, id: &str) -> String {
    match session.quote.discounts.iter().position(|discount| discount.id == *id) {
        Some(index) => format!("$.discounts.applied[{index}]"),
        None => "$.discounts.applied".to_owned(),
    }
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
