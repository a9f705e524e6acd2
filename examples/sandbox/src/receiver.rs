//! A simulated receiver of order events, as an agent's platform runs one.
//!
//! It verifies the signature, detects duplicates by id, and keeps the events in order of arrival.

mod ledger;
mod routes;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

pub use ledger::{Arrival, Event};

use self::ledger::EventLedger;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::gate::Hold;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::server::Server;
use crate::sync::lock;

/// Where events are posted (ACP `openapi.agentic_checkout_webhook.yaml`).
pub const PATH: &str = "/agentic_checkout/webhooks/order_events";

/// Operations that a sender can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Delivers an order event.
    DeliverEvent,
}

impl crate::fault::Operation for Operation {
    fn route(self) -> &'static str {
        match self {
            Self::DeliverEvent => "POST /agentic_checkout/webhooks/order_events",
        }
    }
}

/// Configuration of the receiver.
#[derive(Clone, Debug)]
pub struct ReceiverConfig {
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// Secret with which events must be signed.
    pub secret: Secret,
}

impl Default for ReceiverConfig {
    fn default() -> Self {
        Self {
            port: 0,
            secret: "whsec_receiver_sandbox".into(),
        }
    }
}

#[derive(Debug)]
struct ReceiverState {
    pipeline: Arc<Pipeline<Operation>>,
    ledger: Mutex<EventLedger>,
    secret: Mutex<Secret>,
    forced_status: Mutex<Option<u16>>,
}

/// A running receiver; stops when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    state: Arc<ReceiverState>,
    server: Server,
}

impl Receiver {
    /// Starts listening on loopback.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(config: ReceiverConfig, clock: Clock) -> io::Result<Self> {
        let pipeline = Arc::new(Pipeline::new(clock));
        let lifetime = pipeline.lifetime.clone();
        let state = Arc::new(ReceiverState {
            pipeline,
            ledger: Mutex::default(),
            secret: Mutex::new(config.secret),
            forced_status: Mutex::default(),
        });
        let server = Server::start(routes::router(Arc::clone(&state)), config.port, lifetime).await?;
        Ok(Self { state, server })
    }

    /// Address of the listening socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// URL to which events are posted.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address())
    }

    /// Secret with which events must be signed.
    #[must_use]
    pub fn secret(&self) -> Secret {
        lock(&self.state.secret).clone()
    }

    /// Replaces the secret with which events must be signed.
    pub fn set_secret(&self, secret: impl Into<Secret>) {
        *lock(&self.state.secret) = secret.into();
    }

    /// Every event that was accepted, in order of its first arrival.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        lock(&self.state.ledger).events()
    }

    /// The accepted events of one checkout.
    #[must_use]
    pub fn events_of(&self, session: &str) -> Vec<Event> {
        let events = self.events().into_iter();
        events.filter(|event| event.session() == session).collect()
    }

    /// Answers every request with this status, until it is set to `None`.
    pub fn answer_all_with(&self, status: Option<u16>) {
        *lock(&self.state.forced_status) = status;
    }

    /// Injects a fault into the next event; several faults are used in order.
    pub fn fail_next(&self, fault: Fault) {
        self.state.pipeline.control.fail_next(Operation::DeliverEvent, fault);
    }

    /// Holds every event before it has any effect, until the hold is released or dropped.
    pub fn hold(&self) -> Hold {
        self.state.pipeline.control.hold(Operation::DeliverEvent)
    }

    /// How many requests arrived, including refused ones.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.state.pipeline.control.received(Operation::DeliverEvent)
    }

    /// Stops listening and waits until every connection has ended.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}
