//! Webhook targets that answer as their names say: `hangs` never, `fails` with an error, `slow` within
//! five seconds, every other at once.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use tillhouse_checkout::order::Order;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::ports::{DeliveryError, OrderEventPublisher};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

use super::merchant;

#[derive(Debug, Default)]
pub(crate) struct ScriptedPublisher {
    sent: Mutex<Vec<(String, Duration)>>,
    called: Notify,
}

impl ScriptedPublisher {
    /// The dedupe keys of the messages that were sent, or begun to be sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent
            .lock()
            .unwrap()
            .iter()
            .map(|(dedupe, _)| dedupe.clone())
            .collect()
    }

    /// How long the last message may wait for its answer.
    pub(crate) fn last_timeout(&self) -> Duration {
        self.sent.lock().unwrap().last().expect("a message was sent").1
    }

    /// Waits until a message with this dedupe key is sent.
    pub(crate) async fn until_sent(&self, dedupe: &str) {
        loop {
            let called = self.called.notified();
            if self.sent().iter().any(|sent| sent == dedupe) {
                return;
            }
            called.await;
        }
    }
}

/// A message for a webhook target.
pub(crate) fn event_for(target: &str, dedupe: &str, due: Timestamp) -> OutboxMessage {
    OutboxMessage {
        merchant: merchant(),
        kind: MessageKind::OrderEvent,
        stream: None,
        session: None,
        destination: Some(target.to_owned()),
        dedupe: dedupe.to_owned(),
        payload: "{}".to_owned(),
        due,
    }
}

#[async_trait]
impl OrderEventPublisher for ScriptedPublisher {
    fn order_created(&self, _: &Session, _: &Order, _: Timestamp) -> Vec<OutboxMessage> {
        Vec::new()
    }

    fn order_updated(&self, _: &Session, _: &Order, _: &Order, _: Timestamp) -> Vec<OutboxMessage> {
        Vec::new()
    }

    async fn deliver(&self, message: &OutboxMessage, _: Timestamp, timeout: Duration) -> Result<(), DeliveryError> {
        self.sent.lock().unwrap().push((message.dedupe.clone(), timeout));
        self.called.notify_waiters();
        match message.destination.as_deref() {
            Some("hangs") => std::future::pending().await,
            Some("slow") if timeout < Duration::from_secs(5) => Err(DeliveryError::retry("too slow")),
            Some("fails") => Err(DeliveryError::retry(format!("no answer within {timeout:?}"))),
            _ => Ok(()),
        }
    }
}
