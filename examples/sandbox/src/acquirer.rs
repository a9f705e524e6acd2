//! A simulated card acquirer: the test card decides everything about a charge. It verifies proofs of authentications with the issuers
//! of the sandbox.
//!
//! It charges, captures, refunds, voids and cancels by reference; it lists, and looks up charges and refunds by reference. On request it sends a
//! signed webhook (a notice) with the status of a charge or a refund.

mod charge;
mod error;
mod fields;
mod ledger;
mod request;
mod routes;
mod signed_webhook;
mod state;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use charge::{Charge, ChargeStatus, Refund, RefundStatus};
pub use ledger::Ledger;
pub use signed_webhook::{SIGNATURE, SignedWebhook};

use self::state::AcquirerState;
use crate::authentication::Authentications;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::gate::Hold;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::server::Server;
use crate::sync::lock;

/// Operations that a client can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /v1/charges`: charges a card.
    Charge,
    /// Looks up the charge with a reference.
    Lookup,
    /// Lists charges, oldest first.
    List,
    /// Reads one charge by its id.
    Retrieve,
    /// Refunds part or all of a charge.
    Refund,
    /// Lists the refunds of a charge, or those with a reference.
    ListRefunds,
    /// Voids a charge completely.
    Void,
    /// Captures an approved charge.
    Capture,
    /// Makes sure that no charge with a reference is made, by canceling it.
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
            Self::ListRefunds => "GET /v1/charges/{id}/refunds",
            Self::Void => "POST /v1/charges/{id}/void",
            Self::Capture => "POST /v1/charges/{id}/capture",
            Self::Cancel => "POST /v1/charges/cancel",
        }
    }
}

/// Configuration of the acquirer.
#[derive(Clone, Debug)]
pub struct AcquirerConfig {
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// The only API key that it accepts.
    pub api_key: Secret,
    /// Secret that signs its webhooks.
    pub notice_secret: Secret,
    /// How long a charge on the slow card takes, in real time.
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

/// A running acquirer; stops when it is dropped.
#[derive(Debug)]
pub struct Acquirer {
    state: Arc<AcquirerState>,
    server: Server,
}

impl Acquirer {
    /// Starts listening on loopback. Proofs of authentications are those of `authentications`, and each counts once.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(config: AcquirerConfig, authentications: Authentications, clock: Clock) -> io::Result<Self> {
        let AcquirerConfig {
            port,
            api_key,
            notice_secret,
            slow_card_delay,
        } = config;
        let pipeline = Arc::new(Pipeline::new(clock));
        let lifetime = pipeline.lifetime.clone();
        let state = Arc::new(AcquirerState {
            pipeline,
            ledger: Mutex::default(),
            api_key,
            notice_secret,
            slow_card_delay,
            authentications,
        });
        let server = Server::start(routes::router(Arc::clone(&state)), port, lifetime).await?;
        Ok(Self { state, server })
    }

    /// Address of the listening socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Base URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The API key that requests must send.
    #[must_use]
    pub fn api_key(&self) -> &Secret {
        &self.state.api_key
    }

    /// Secret that signs its webhooks.
    #[must_use]
    pub fn notice_secret(&self) -> &Secret {
        &self.state.notice_secret
    }

    /// A webhook with the current status of the charge or the refund with this reference, signed now; `None` if there is none.
    #[must_use]
    pub fn signed_webhook(&self, reference: &str) -> Option<SignedWebhook> {
        self.state.signed_webhook(reference)
    }

    /// Decides a pending refund: it succeeds, or fails. Returns it as it is now; `None` if there is no pending refund with this reference.
    #[must_use]
    pub fn settle_refund(&self, reference: &str, succeeds: bool) -> Option<Refund> {
        let status = if succeeds {
            RefundStatus::Succeeded
        } else {
            RefundStatus::Failed
        };
        lock(&self.state.ledger).settle_refund(reference, status)
    }

    /// Sends a webhook once, and returns the HTTP status of the answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, signed_webhook: &SignedWebhook, url: &str) -> io::Result<u16> {
        signed_webhook.send(url).await
    }

    /// A copy of the current ledger.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        lock(&self.state.ledger).snapshot()
    }

    /// Injects a fault into the next request of `operation`; several faults are used in order.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.state.pipeline.control.fail_next(operation, fault);
    }

    /// Holds every request of `operation` before it has any effect, until the hold is released or dropped.
    ///
    /// Its idempotency key is in use meanwhile, and a client that disconnects does not cancel its request.
    pub fn hold(&self, operation: Operation) -> Hold {
        self.state.pipeline.control.hold(operation)
    }

    /// Holds charges; see [`Acquirer::hold`].
    pub fn hold_charges(&self) -> Hold {
        self.hold(Operation::Charge)
    }

    /// How many requests of `operation` arrived with a valid key, including replays and faults.
    #[must_use]
    pub fn received(&self, operation: Operation) -> u64 {
        self.state.pipeline.control.received(operation)
    }

    /// Like [`Acquirer::received`] for all operations, by method and path.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.state.pipeline.control.requests()
    }

    /// Stops listening and waits until every connection has ended.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}
