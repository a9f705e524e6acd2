//! The outbox: what is owed to others, and what was given up.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::moment;
use super::{Operator, Question, Refusal, evidence};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::MessageFilter;
use tillhouse_checkout::unit::{MessageRecord, MessageState};

/// Messages that one order replays at most.
const REPLAY_MAX: usize = 100_000;

/// A message as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub merchant: MerchantId,
    /// `stripe.report_payment`, `orders.notify` …
    pub kind: String,
    /// What it is about; unique within its kind.
    pub dedupe: String,
    /// What it waits behind: messages of one kind and stream go out in order.
    pub stream: Option<String>,
    /// Where it is.
    pub state: MessageState,
    /// How often it was tried.
    pub tries: u32,
    /// When it was queued for.
    pub due: String,
    /// When it is tried next, if it is queued.
    pub next_try: Option<String>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was delivered or given up.
    pub ended: Option<String>,
    /// Its body, where that was asked for.
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
            due: moment::text(message.due),
            next_try: queued.then(|| moment::text(record.next_try)),
            last_error: record.last_error,
            ended: record.ended.map(moment::text),
            payload: with_payload.then_some(message.payload),
        }
    }
}

/// `outbox list`, and `outbox dead`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListMessages {
    /// Of one merchant.
    pub merchant: Option<MerchantId>,
    /// Of one kind.
    pub kind: Option<String>,
    /// In one state.
    pub state: Option<MessageState>,
    /// With their bodies, which may name buyers.
    pub payloads: bool,
    /// At most so many.
    pub limit: usize,
}

/// Messages, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageList {
    /// The messages.
    pub messages: Vec<MessageView>,
    /// There are more.
    pub more: bool,
}

impl Question for ListMessages {
    const NAME: &'static str = "outbox/list";
    type Answer = MessageList;

    async fn answer(self, operator: &Operator) -> Result<MessageList, Refusal> {
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

/// `outbox replay`: one message by its number, or every dead one of a merchant and kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// One message, delivered or dead.
    pub id: Option<i64>,
    /// Dead ones of one merchant.
    pub merchant: Option<MerchantId>,
    /// Dead ones of one kind.
    pub kind: Option<String>,
    /// Who.
    pub actor: String,
}

/// What was queued once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// How many messages.
    pub replayed: u64,
}

impl Question for Replay {
    const NAME: &'static str = "outbox/replay";
    type Answer = Replayed;

    async fn answer(self, operator: &Operator) -> Result<Replayed, Refusal> {
        let actor = evidence::actor(&self.actor)?;
        if let Some(id) = self.id {
            is_over(operator, id).await?;
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
        let entry = operator.entry(&actor, "outbox.replay", subject, &detail);
        let replayed = operator.store().replay_messages(&filter, operator.now(), entry).await?;
        operator.payments.outbox_wake.notify_one();
        Ok(Replayed { replayed })
    }
}

async fn is_over(operator: &Operator, id: i64) -> Result<(), Refusal> {
    let filter = MessageFilter {
        id: Some(id),
        limit: 1,
        ..MessageFilter::default()
    };
    match operator.store().list_messages(&filter).await?.pop() {
        None => Err(Refusal::absent(format!("there is no message {id}"))),
        Some(message) if message.state == MessageState::Queued => Err(Refusal::conflict(format!(
            "message {id} is queued: it is tried by itself, next at {}",
            moment::text(message.next_try)
        ))),
        Some(_) => Ok(()),
    }
}
