//! Events of imports: snapshots of import sets, thin events of catalog imports; signed, and sent to where a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::import::{FeedImport, ImportStatus, ImportWay};
use super::import_set::{self, CreatedIn};
use crate::clock::rfc3339;
use crate::id::{EventId, ImportId};
use crate::outgoing::Outgoing;
use crate::secret::Secret;
use crate::stripe::signature;
use crate::stripe::state::StripeState;
use crate::sync::lock;

/// A webhook endpoint of the seller.
#[derive(Clone, Debug)]
pub struct EventDestination {
    /// URL of the endpoint.
    pub url: String,
    /// Secret that signs what is sent there.
    pub secret: Secret,
}

/// What goes wrong with one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventFault {
    /// It is never sent, so that only polling helps.
    Lost,
    /// It arrives twice at the same time.
    Doubled,
    /// It arrives when the test says so.
    Late,
    /// It arrives after the next one.
    Reordered,
    /// It names an import that does not exist.
    WrongId,
    /// It is signed with another secret.
    WrongSignature,
}

/// One delivery of an event.
#[derive(Clone, Debug)]
pub struct SentEvent {
    /// Id of the event: `evt_…`, the same in each delivery.
    pub id: EventId,
    /// Type of the event, such as `data_management.import_set.succeeded`.
    pub kind: String,
    /// The import that it is about.
    pub import: ImportId,
    /// Where it was sent.
    pub url: String,
    /// The body as it was sent.
    pub body: String,
    /// Status of the answer; `None` without one.
    pub answer: Option<u16>,
}

#[derive(Clone, Debug)]
struct Event {
    id: EventId,
    kind: String,
    import: ImportId,
    body: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(super) destinations: Mutex<Vec<EventDestination>>,
    pub(super) faults: Mutex<VecDeque<EventFault>>,
    pub(super) sent: Mutex<Vec<SentEvent>>,
    late: Mutex<Vec<Event>>,
    overtaken: Mutex<Vec<Event>>,
    made: Mutex<Vec<Event>>,
}

impl Event {
    fn of(import: &FeedImport, now: i64) -> Self {
        let id = EventId::generate();
        let (kind, body) = match import.way {
            ImportWay::ImportSet => snapshot(&id, import, now),
            ImportWay::CatalogImport => thin(&id, import, now),
        };
        let import = import.id.clone();
        Self { id, kind, import, body }
    }

    fn naming(mut self, other: &ImportId) -> Self {
        let text = self.body.to_string().replace(self.import.as_str(), other.as_str());
        self.body = serde_json::from_str(&text).unwrap_or(Value::Null);
        self
    }
}

/// An event of v1 with the whole object, whose `created` is in milliseconds there.
fn snapshot(id: &EventId, import: &FeedImport, now: i64) -> (String, Value) {
    let outcome = match import.status {
        ImportStatus::Failed(_) => "failed",
        _ => "succeeded",
    };
    let kind = format!("data_management.import_set.{outcome}");
    let body = json!({
        "id": id,
        "object": "event",
        "api_version": "2025-01-27.acacia",
        "created": now,
        "data": {"object": import_set::to_json(import, CreatedIn::Milliseconds)},
        "livemode": false,
        "type": kind,
    });
    (kind, body)
}

/// An event of v2, which names its object only.
fn thin(id: &EventId, import: &FeedImport, now: i64) -> (String, Value) {
    let status = import.status_name();
    let kind = format!("v2.commerce.product_catalog.imports.{status}");
    let body = json!({
        "id": id,
        "object": "v2.core.event",
        "type": kind,
        "created": rfc3339(now),
        "livemode": false,
        "reason": null,
        "related_object": {
            "id": import.id,
            "type": "v2.commerce.product_catalog.imports",
            "url": format!("/v2/commerce/product_catalog/imports/{}", import.id),
        },
        "changes": {"before": {"status": "PROCESSING"}, "after": {"status": status.to_ascii_uppercase()}},
        "data": {},
    });
    (kind, body)
}

/// Tells every endpoint that an import has ended, and waits for the answers. An event that was overtaken follows.
pub(super) async fn announce(state: &Arc<StripeState>, import: &FeedImport) {
    let events = &state.feeds.events;
    if lock(&events.destinations).is_empty() {
        return;
    }
    let event = Event::of(import, state.pipeline.clock.now());
    lock(&events.made).push(event.clone());
    let fault = lock(&events.faults).pop_front();
    let waiting = std::mem::take(&mut *lock(&events.overtaken));
    match fault {
        Some(EventFault::Lost) => {}
        Some(EventFault::Late) => lock(&events.late).push(event),
        Some(EventFault::Reordered) => lock(&events.overtaken).push(event),
        Some(EventFault::Doubled) => {
            tokio::join!(send(state, &event, false), send(state, &event, false));
        }
        Some(EventFault::WrongId) => {
            send(
                state,
                &event.naming(&ImportId::from("impset_of_another_account")),
                false,
            )
            .await
        }
        Some(EventFault::WrongSignature) => send(state, &event, true).await,
        None => send(state, &event, false).await,
    }
    for event in &waiting {
        send(state, event, false).await;
    }
}

/// Sends events that were late or overtaken.
pub(super) async fn deliver_late(state: &StripeState) {
    let events = &state.feeds.events;
    let mut waiting = std::mem::take(&mut *lock(&events.late));
    waiting.append(&mut lock(&events.overtaken));
    for event in &waiting {
        send(state, event, false).await;
    }
}

/// Sends an event once more, as Stripe does when it was not acknowledged.
pub(super) async fn send_again(state: &StripeState, id: &EventId) -> bool {
    let event = lock(&state.feeds.events.made)
        .iter()
        .find(|event| event.id == *id)
        .cloned();
    let Some(event) = event else { return false };
    send(state, &event, false).await;
    true
}

async fn send(state: &StripeState, event: &Event, is_forged: bool) {
    let destinations = lock(&state.feeds.events.destinations).clone();
    for destination in destinations {
        let body = event.body.to_string();
        let secret = if is_forged {
            Secret::from("whsec_forged")
        } else {
            destination.secret
        };
        let signed = signature::sign(&secret, state.pipeline.clock.now(), body.as_bytes());
        let outgoing = Outgoing {
            url: destination.url.clone(),
            headers: vec![(signature::HEADER, signed)],
            body: body.clone().into(),
        };
        let answer = outgoing.send().await.ok().map(|(status, _)| status);
        lock(&state.feeds.events.sent).push(SentEvent {
            id: event.id.clone(),
            kind: event.kind.clone(),
            import: event.import.clone(),
            url: destination.url,
            body,
            answer,
        });
    }
}
