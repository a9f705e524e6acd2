//! Adyen's Standard webhook: what became of payments, and of changes of them.
//!
//! A notice has items, each signed by itself. Nothing of a notice is believed before each of its items was verified, and one that is
//! not genuine refuses the whole. The signature covers the references, account, amount, event and success, and nothing else of an item:
//! the rest decides nothing about money.

use tillhouse_plugin::{payments::Reading, prelude::*};

use crate::{Processor, settings, wire};
use item::{Item, Notification};

mod event;
mod item;
mod signature;

/// What Adyen expects in the body of the response.
const ACCEPTED: &str = "[accepted]";

/// The most events of one reading in the contract.
const LIMIT: usize = 100;

impl PaymentsNotices for Processor {
    fn read(notice: Notice) -> Result<Reading, Failure> {
        let keys = settings::hmac_keys()?;
        if keys.is_empty() {
            let why = "config key `hmac-keys`: is required to read webhooks, but not set";
            return Err(Failure::Misconfigured(why.into()));
        }
        let account = settings::merchant_account()?;
        let items = items(&notice.body).ok_or_else(|| rejected("the body is not a notice of Adyen"))?;
        // One more than the limit is enough to know that Adyen sent it, and a forged notice is refused at its first item.
        if !items
            .iter()
            .take(LIMIT + 1)
            .all(|item| signature::is_valid(item, &keys))
        {
            return Err(Failure::forged("an item of the notice has no valid signature of Adyen"));
        }
        if items.len() > LIMIT {
            log::error(
                "a notice of Adyen has more items than the contract takes, and is refused as a whole: ask Adyen for single items",
                &[("items".into(), items.len().to_string())],
            );
            return Err(Failure::Unavailable(None));
        }
        let events: Result<Vec<_>, Failure> = items.into_iter().map(|item| event::of(item, &account)).collect();
        Ok(Reading {
            reply: Some(Reply::text(ACCEPTED)),
            ..Reading::of(events?)
        })
    }
}

/// The items of a notice; `None` if the body is not a notice, or has none.
fn items(body: &[u8]) -> Option<Vec<Item>> {
    let notification: Notification = wire::read_bytes(body)?;
    let items: Vec<Item> = notification.items.into_iter().map(|wrapped| wrapped.item).collect();
    (!items.is_empty()).then_some(items)
}

fn rejected(why: &str) -> Failure {
    Failure::rejected("invalid_notice", Subject::session(), why)
}

#[cfg(test)]
mod tests;
