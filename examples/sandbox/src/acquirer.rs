//! A simulated card acquirer: everything about a charge, decided by the test card.
//!
//! Charges, lookup by reference, lists, capture, refund, void, cancellation by reference; and signed notices of what became of a
//! charge, when it is told to send them.

mod charge;
mod error;
mod fields;
mod ledger;
mod notice;
mod request;
mod routes;
mod state;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use charge::{Charge, ChargeStatus, Refund};
pub use ledger::Ledger;
pub use notice::{Notice, SIGNATURE};

use self::state::AcquirerState;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::front::Front;
use crate::gate::Hold;
use crate::secret::Secret;
use crate::server::Server;
use crate::sync::lock;

/// What a client can ask of the acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Charge a card.
    Charge,
    /// Look a charge up by its reference.
    Lookup,
    /// List charges.
    List,
    /// Read one charge.
    Retrieve,
    /// Refund a charge.
    Refund,
    /// Void a charge.
    Void,
    /// Capture a charge.
    Capture,
    /// Forbid a charge by its reference.
    Cancel,
}

impl crate::fault::Operation for Operation {
    fn route(self) -> &'static str {
        match self {
            Self::Charge => "POST /v1/charges",
            Self::Lookup => "GET /v1/charges?reference",
            Self::List => "GET /v1/charges",
            Self::Retrieve => "GET /v1/charges/{id}",
            Self::Refund => "POST /v1/charges/{id}/refunds",
            Self::Void => "POST /v1/charges/{id}/void",
            Self::Capture => "POST /v1/charges/{id}/capture",
            Self::Cancel => "POST /v1/charges/cancel",
        }
    }
}

/// How to start the acquirer.
#[derive(Clone, Debug)]
pub struct AcquirerConfig {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The one key it knows.
    pub api_key: Secret,
    /// What its notices are signed with.
    pub notice_secret: Secret,
    /// How long the slow card takes, in real time.
    pub slow_card_delay: Duration,
}

impl Default for AcquirerConfig {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: "acq_test_sandbox".into(),
            notice_secret: "whsec_acquirer_sandbox".into(),
            slow_card_delay: Duration::from_secs(3),
        }
    }
}

/// A running acquirer; dropped, it stops.
#[derive(Debug)]
pub struct Acquirer {
    state: Arc<AcquirerState>,
    server: Server,
}

impl Acquirer {
    /// Starts listening on loopback.
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn start(config: AcquirerConfig, clock: Clock) -> io::Result<Self> {
        let AcquirerConfig {
            port,
            api_key,
            notice_secret,
            slow_card_delay,
        } = config;
        let front = Arc::new(Front::new(clock));
        let lifetime = front.lifetime.clone();
        let state = Arc::new(AcquirerState {
            front,
            books: Mutex::default(),
            api_key,
            notice_secret,
            slow_card_delay,
        });
        let server = Server::start(routes::router(Arc::clone(&state)), port, lifetime).await?;
        Ok(Self { state, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Base URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The key to send.
    #[must_use]
    pub fn api_key(&self) -> &Secret {
        &self.state.api_key
    }

    /// What its notices are signed with.
    #[must_use]
    pub fn notice_secret(&self) -> &Secret {
        &self.state.notice_secret
    }

    /// A notice of how the charge with this reference stands, signed now; none where there is no such charge.
    #[must_use]
    pub fn notice(&self, reference: &str) -> Option<Notice> {
        self.state.notice(reference)
    }

    /// Sends a notice, once; the status of the answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn send(&self, notice: &Notice, url: &str) -> io::Result<u16> {
        notice.send(url).await
    }

    /// A copy of the books.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        lock(&self.state.books).snapshot()
    }

    /// Plans a fault for the next request of `operation`; several are used up in order.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.state.front.control.fail_next(operation, fault);
    }

    /// Holds every request of `operation` before it does anything, until the hold is released or dropped.
    ///
    /// Its idempotency key is in flight meanwhile, and a client that hangs up does not take its request back.
    pub fn hold(&self, operation: Operation) -> Hold {
        self.state.front.control.hold(operation)
    }

    /// Holds charges, see [`Acquirer::hold`].
    pub fn hold_charges(&self) -> Hold {
        self.hold(Operation::Charge)
    }

    /// How many requests of `operation` arrived with a valid key, replays and faults included.
    #[must_use]
    pub fn received(&self, operation: Operation) -> u64 {
        self.state.front.control.received(operation)
    }

    /// The same for all operations, by method and path.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.state.front.control.requests()
    }

    /// Stops listening and waits until every connection has ended.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}
