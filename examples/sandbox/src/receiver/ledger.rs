//! The events that were taken.

use serde_json::{Value, json};

/// One event, however often it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, from `Request-Id`.
    pub id: String,
    /// The body as it came, the same every time.
    pub raw: Vec<u8>,
    /// The body as JSON.
    pub body: Value,
    /// When and how it came: more than once where the sender did not hear that it had been taken.
    pub arrivals: Vec<Arrival>,
}

/// One time that an event came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The `Merchant-Signature`, which fits.
    pub signature: String,
    /// Unix seconds.
    pub at: i64,
}

impl Event {
    /// `order_create` or `order_update`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("/type")
    }

    /// The checkout that it is about.
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
pub(super) struct Books {
    events: Vec<Event>,
}

impl Books {
    /// Takes an event; false when its id came before with other bytes.
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
