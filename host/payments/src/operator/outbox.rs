//! The outbox: listing messages, and replaying those that were dead-lettered.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::timestamp;
use super::{Operator, OperatorError, OperatorRequest, evidence_note};
use tillhouse_checkout::audit::AuditAction;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::outbox::{MessageKind, MessageRecord, MessageState};
use tillhouse_checkout::ports::MessageFilter;

/// Maximum number of messages that one request replays.
const REPLAY_MAX: usize = 100_000;

/// A message as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Number of the message.
    pub id: i64,
    /// Merchant that it is sent for.
    pub merchant: MerchantId,
    /// What the message is.
    pub kind: MessageKind,
    /// Unique within the kind: id of the attempt, of the event, …
    pub dedupe: String,
    /// Messages of one kind and stream are delivered in order; `None` for a message without an order.
    pub stream: Option<String>,
    /// Whether it is queued, delivered or dead-lettered.
    pub state: MessageState,
    /// Deliveries that were tried.
    pub tries: u32,
    /// When the first delivery was due (RFC 3339).
    pub due: String,
    /// When the next delivery is due (RFC 3339); `None` unless it is queued.
    pub next_try: Option<String>,
    /// Why the last delivery failed; `None` before the first failure.
    pub last_error: Option<String>,
    /// When it was delivered or dead-lettered (RFC 3339).
    pub ended: Option<String>,
    /// Its body, if the request asks for bodies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
}

impl MessageView {
    fn of(record: MessageRecord, with_payload: bool) -> Self {
        let message = record.message;
        let queued = record.state == MessageState::Queued;
        Self {
            id: record.id,
            merchant: message.merchant,
            kind: message.kind,
            dedupe: message.dedupe,
            stream: message.stream,
            state: record.state,
            tries: record.tries,
            due: timestamp::text(message.due),
            next_try: queued.then(|| timestamp::text(record.next_try)),
            last_error: record.last_error,
            ended: record.ended.map(timestamp::text),
            payload: with_payload.then_some(message.payload),
        }
    }
}

/// `outbox list`, and `outbox dead`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListMessages {
    /// Only messages of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only messages of this kind.
    pub kind: Option<MessageKind>,
    /// Only messages in this state.
    pub state: Option<MessageState>,
    /// Return bodies, which may contain personal data of buyers.
    pub payloads: bool,
    /// Maximum number of messages.
    pub limit: usize,
}

/// The messages that match, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageList {
    /// At most as many as the limit.
    pub messages: Vec<MessageView>,
    /// More messages match than the limit allows.
    pub more: bool,
}

impl OperatorRequest for ListMessages {
    const NAME: &'static str = "outbox/list";
    type Answer = MessageList;

    async fn answer(self, operator: &Operator) -> Result<MessageList, OperatorError> {
        let filter = MessageFilter {
            id: None,
            merchant: self.merchant,
            kind: self.kind,
            state: self.state,
            limit: self.limit.saturating_add(1),
        };
        let mut found = operator.store().list_messages(&filter).await?;
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let view = |record| MessageView::of(record, self.payloads);
        Ok(MessageList {
            messages: found.into_iter().map(view).collect(),
            more,
        })
    }
}

/// `outbox replay`: one message by its number, or every dead-lettered one of a merchant and kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// One message, delivered or dead-lettered.
    pub id: Option<i64>,
    /// Dead-lettered messages of this merchant.
    pub merchant: Option<MerchantId>,
    /// Dead-lettered messages of this kind.
    pub kind: Option<MessageKind>,
    /// Name of the operator, for the audit log.
    pub actor: String,
}

/// The messages that were queued again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Number of messages that were queued again.
    pub replayed: u64,
}

impl OperatorRequest for Replay {
    const NAME: &'static str = "outbox/replay";
    type Answer = Replayed;

    async fn answer(self, operator: &Operator) -> Result<Replayed, OperatorError> {
        let actor = evidence_note::actor(&self.actor)?;
        if let Some(id) = self.id {
            check_not_queued(operator, id).await?;
        }
        let detail = json!({"id": self.id, "merchant": self.merchant, "kind": self.kind});
        let subject = self.id.map_or_else(|| "dead".to_owned(), |id| id.to_string());
        let filter = MessageFilter {
            state: self.id.is_none().then_some(MessageState::Dead),
            id: self.id,
            merchant: self.merchant,
            kind: self.kind,
            limit: REPLAY_MAX,
        };
        let entry = operator.entry(&actor, AuditAction::ReplayOutbox, subject, &detail);
        let replayed = operator.store().replay_messages(&filter, operator.now(), entry).await?;
        operator.payments.outbox().wake();
        Ok(Replayed { replayed })
    }
}

async fn check_not_queued(operator: &Operator, id: i64) -> Result<(), OperatorError> {
    let filter = MessageFilter {
        id: Some(id),
        limit: 1,
        ..MessageFilter::default()
    };
    match operator.store().list_messages(&filter).await?.pop() {
        None => Err(OperatorError::absent(format!("there is no message {id}"))),
        Some(message) if message.state == MessageState::Queued => Err(OperatorError::conflict(format!(
            "message {id} is queued and will be delivered without a replay; the next try is at {}",
            timestamp::text(message.next_try)
        ))),
        Some(_) => Ok(()),
    }
}
