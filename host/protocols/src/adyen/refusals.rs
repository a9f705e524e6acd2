//! Why a session is not stored: what cannot be bought, or not be delivered, is refused with 422, and nothing was done. What is only missing
//! (an address, a choice) is stored, and makes a session that is not ready for payment.

use super::rendering::{INVALID_ADDRESS, MessagePaths, OUT_OF_STOCK, PARTIAL_STOCK, QUANTITY_LIMIT, message_code};
use super::shape::message::Message;
use crate::error_response::RequestedLines;
use tillhouse_checkout::message::{self, MessageSeverity, Subject};
use tillhouse_checkout::session::Session;

const REFUSED: [&str; 4] = [OUT_OF_STOCK, PARTIAL_STOCK, QUANTITY_LIMIT, INVALID_ADDRESS];

/// What is refused of a session; empty if it may be stored. Paths point into the request, as far as it names the item.
pub(crate) fn of<'a>(session: &'a Session, requested: &RequestedLines) -> Vec<Message<'a>> {
    let mut paths = MessagePaths::of(session);
    let quoted = session.quote.messages.iter();
    let refused = quoted.filter(|message| is_refused(session, message));
    refused
        .map(|message| {
            let of_session = paths.path(&message.about);
            let path = path_in_request(&message.about, requested).or(of_session);
            Message::of(session, message, path)
        })
        .collect()
}

fn is_refused(session: &Session, message: &message::Message) -> bool {
    message.severity == MessageSeverity::Error && REFUSED.contains(&&*message_code(session, message))
}

fn path_in_request(about: &Subject, requested: &RequestedLines) -> Option<String> {
    match about {
        Subject::Line(line) | Subject::Quantity(line) => requested
            .item_index(line.as_str())
            .map(|index| format!("items[{index}]")),
        _ => None,
    }
}
