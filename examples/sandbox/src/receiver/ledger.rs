//! The events that the receiver accepted.

use serde_json::{Value, json};

/// An event, once for all of its deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Id of the event, from `Request-Id`.
    pub id: String,
    /// Raw bytes of the body, the same in every delivery.
    pub raw: Vec<u8>,
    /// The body as parsed JSON.
    pub body: Value,
    /// Deliveries of the event: more than one if the sender did not receive the answer.
    pub arrivals: Vec<Arrival>,
}

/// One delivery of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Value of `Merchant-Signature`, which was verified.
    pub signature: String,
    /// Time of arrival, in Unix seconds.
    pub at: i64,
}

impl Event {
    /// Type of the event: `order_create` or `order_update`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("/type")
    }

    /// Id of the checkout session that the event is about.
    #[must_use]
    pub fn session(&self) -> &str {
        self.text("/data/checkout_session_id")
    }

    fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn to_json(&self) -> Value {
        json!({"id": self.id, "arrivals": self.arrivals.len(), "body": self.body})
    }
}

#[derive(Debug, Default)]
pub(super) struct EventLedger {
    events: Vec<Event>,
}

impl EventLedger {
    /// Accepts an event; false if its id was used before with another body.
    pub(super) fn take(&mut self, id: &str, raw: &[u8], body: Value, arrival: Arrival) -> bool {
        match self.events.iter_mut().find(|event| event.id == id) {
            Some(known) if known.raw == raw => {
                known.arrivals.push(arrival);
                true
            }
            Some(_) => false,
            None => {
                self.events.push(Event {
                    id: id.to_owned(),
                    raw: raw.to_vec(),
                    body,
                    arrivals: vec![arrival],
                });
                true
            }
        }
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.events.clone()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"events": self.events.iter().map(Event::to_json).collect::<Vec<_>>()})
    }
}
