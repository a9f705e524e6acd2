//! Notices of an acquirer and of the merchant's system, signed with a key; with mistakes on request.
//!
//! The header `careless-signature` must be the key `notice-key` of the configuration. The body is the id of the event.

use tillhouse_plugin::{orders, orders::OrderChange, payments, payments::ProcessorEvent, prelude::*};

use crate::{Careless, has_mistake};

impl PaymentsNotices for Careless {
    fn read(notice: Notice) -> Result<payments::Reading, Failure> {
        let mut id = verified(&notice, "forged-notice")?;
        if has_mistake("event-of-the-moment") {
            id = format!("{id} at {}", clock::now());
        }
        let declined = ProcessorEvent::charge(id, "ref_1", Outcome::declined("expired_card", false));
        let mut reply = Reply::text("[accepted]");
        if has_mistake("long-reply") {
            reply.body = vec![b'x'; 64 * 1024 + 1];
        }
        if has_mistake("redirecting-reply") {
            reply.status = 302;
        }
        Ok(payments::Reading {
            reply: Some(reply),
            ..payments::Reading::of(vec![declined])
        })
    }
}

impl OrdersNotices for Careless {
    fn read(notice: Notice) -> Result<orders::Reading, Failure> {
        let id = verified(&notice, "forged-order-notice")?;
        Ok(orders::Reading::of(vec![OrderChange::status(
            id,
            "ord_1",
            "processing",
        )]))
    }
}

/// The body of a signed notice. With the mistake, the signature is not looked at.
fn verified(notice: &Notice, mistake: &str) -> Result<String, Failure> {
    let key = config::get("notice-key");
    let is_signed = key.is_some() && notice.header("careless-signature") == key.as_deref();
    if is_signed || has_mistake(mistake) {
        return Ok(String::from_utf8_lossy(&notice.body).into_owned());
    }
    Err(Failure::forged("The notice has no valid signature."))
}
