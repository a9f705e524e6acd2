//! Webhooks out: order events for the targets that an operator wrote down, signed.
//!
//! A letter is frozen when the order is committed: its id and its bytes are the same however often it is sent. Only time and
//! signature are made anew for each try, so that a target can refuse what is old (`sign`).
//!
//! Ordered per checkout and target: a target that is down holds up its own later events of the same checkout, and nothing else.

mod letter;
mod sign;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::order::{Order, OrderChange, OrderStatus};
use tillhouse_checkout::ports::{Announcer, Undelivered};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::snapshot::{OrderNews, OrderSnapshot};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::OutboxMessage;
use tillhouse_egress::Client;

use letter::Letter;
pub use target::{Render, Target};

/// What names the first event of an order; every later one is named after its change.
const CREATED: &str = "created";

/// The webhooks of a host.
#[derive(Debug)]
pub struct Webhooks {
    client: Client,
    targets: BTreeMap<MerchantId, Vec<Target>>,
}

impl Webhooks {
    /// Webhooks to these targets. The names of one merchant's targets are unique.
    #[must_use]
    pub const fn new(client: Client, targets: BTreeMap<MerchantId, Vec<Target>>) -> Self {
        Self { client, targets }
    }

    fn targets(&self, merchant: &MerchantId) -> &[Target] {
        self.targets.get(merchant).map_or(&[], Vec::as_slice)
    }

    fn announce(&self, snapshot: &OrderSnapshot<'_>, change: &str, now: Timestamp) -> Vec<OutboxMessage> {
        let targets = self.targets(&snapshot.order.merchant).iter();
        targets
            .map(|target| Letter::about(target, snapshot, change).message(snapshot.order, now))
            .collect()
    }
}

#[async_trait]
impl Announcer for Webhooks {
    fn order_created(&self, session: &Session, order: &Order, now: Timestamp) -> Vec<OutboxMessage> {
        let snapshot = OrderSnapshot {
            news: OrderNews::Created,
            session,
            order,
            status: OrderStatus::Confirmed,
            refunds: &[],
        };
        self.announce(&snapshot, CREATED, now)
    }

    fn order_updated(
        &self,
        session: &Session,
        order: &Order,
        change: &OrderChange,
        now: Timestamp,
    ) -> Vec<OutboxMessage> {
        let snapshot = OrderSnapshot {
            news: OrderNews::Updated,
            session,
            order,
            status: change.status,
            refunds: &change.refunds,
        };
        self.announce(&snapshot, &format!("changed:{}", change.id), now)
    }

    async fn deliver(&self, message: &OutboxMessage, now: Timestamp) -> Result<(), Undelivered> {
        let letter = Letter::of(message)?;
        let mut targets = self.targets(&message.merchant).iter();
        let target = targets.find(|target| target.name == letter.target).ok_or_else(|| {
            Undelivered::Never(format!(
                "merchant {} has no webhook {} any more; configure it again and replay the message, or leave it",
                message.merchant, letter.target
            ))
        })?;
        target.send(&self.client, &letter, now).await
    }
}
