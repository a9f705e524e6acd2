//! A simulated Stripe: shared payment tokens, payment records and product feeds.
//!
//! Follows "Use an SPT" and "Record a payment" at <https://docs.stripe.com/agentic-commerce/for-sellers/custom>:
//! form-encoded requests, Basic or Bearer keys, Stripe's error envelope and v1 idempotency keys. `livemode` is always
//! false.

mod delegate_payment;
mod delegation_error;
mod dispute_report;
mod error;
pub mod feeds;
mod form;
mod granted_token;
pub mod hooks;
mod issue;
mod ledger;
mod order_event;
mod payment_record;
mod refund_report;
mod routes;
pub mod signature;
mod state;
pub(crate) mod units;
mod version;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

pub use dispute_report::RecordedDispute;
pub(crate) use granted_token::AGENT_PROFILE;
pub use granted_token::{DeactivatedReason, Deactivation, GrantedToken};
pub use order_event::OrderEvent;
pub use payment_record::{PaymentRecord, ReportedOutcome};
pub use refund_report::RecordedRefund;

use self::feeds::Feeds;
use self::ledger::Ledger;
use self::state::StripeState;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::gate::Hold;
use crate::id::TokenId;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::server::Server;
use crate::sync::lock;

/// Operations that a client can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Issues a token for a card that an agent delegates, over ACP.
    Delegate,
    /// Issues a token (test helper).
    Issue,
    /// Revokes a token (test helper).
    Revoke,
    /// Reads a token without its credentials.
    Retrieve,
    /// Resolves a token to its credentials.
    Resolve,
    /// Reports a payment that a seller made elsewhere.
    Report,
    /// Reports a refund of such a payment.
    ReportRefund,
    /// Reports a dispute of such a payment.
    ReportDispute,
    /// Tells of a change of an order.
    TellOrderEvent,
    /// Reads one payment record.
    ReadRecord,
    /// Lists payment records, newest first.
    ListRecords,
    /// Uploads a file to the Files API.
    UploadFile,
    /// Reads a file object.
    ReadFile,
    /// Reads the content of a file.
    ReadContents,
    /// Begins the import of a file.
    CreateImportSet,
    /// Reads an import set.
    ReadImportSet,
    /// Begins an import that waits for its file.
    CreateCatalogImport,
    /// Reads such an import.
    ReadCatalogImport,
    /// Puts the file of such an import to its upload URL.
    PutFeed,
    /// Reads the error file of such an import at its URL.
    DownloadErrors,
}

impl crate::fault::Operation for Operation {
    fn route(self) -> &'static str {
        match self {
            Self::Delegate => "POST /agentic_commerce/delegate_payment",
            Self::Issue => "POST /v1/test_helpers/shared_payment/granted_tokens",
            Self::Revoke => "POST /v1/test_helpers/shared_payment/granted_tokens/{id}/revoke",
            Self::Retrieve => "GET /v1/shared_payment/granted_tokens/{id}",
            Self::Resolve => "POST /v1/shared_payment/granted_tokens/{id}/resolve",
            Self::Report => "POST /v1/payment_records/report_payment",
            Self::ReportRefund => "POST /v1/payment_records/{id}/report_refund",
            Self::ReportDispute => "POST /v1/payment_records/{id}/report_dispute",
            Self::TellOrderEvent => "POST /v1/delegated_checkout/order_events",
            Self::ReadRecord => "GET /v1/payment_records/{id}",
            Self::ListRecords => "GET /v1/payment_records",
            Self::UploadFile => "POST /v1/files",
            Self::ReadFile => "GET /v1/files/{id}",
            Self::ReadContents => "GET /v1/files/{id}/contents",
            Self::CreateImportSet => "POST /v1/data_management/import_sets",
            Self::ReadImportSet => "GET /v1/data_management/import_sets/{id}",
            Self::CreateCatalogImport => "POST /v2/commerce/product_catalog/imports",
            Self::ReadCatalogImport => "GET /v2/commerce/product_catalog/imports/{id}",
            Self::PutFeed => "PUT /files/upload/{token}",
            Self::DownloadErrors => "GET /files/download/{token}",
        }
    }
}

/// Configuration of the simulator.
#[derive(Clone, Debug)]
pub struct StripeConfig {
    /// Port on 127.0.0.1; 0 chooses a free one.
    pub port: u16,
    /// The only secret key that it accepts, from agents and sellers alike.
    pub secret_key: Secret,
}

impl Default for StripeConfig {
    fn default() -> Self {
        Self {
            port: 0,
            secret_key: "sk_test_sandbox".into(),
        }
    }
}

/// A running simulator; stops when it is dropped.
#[derive(Debug)]
pub struct Stripe {
    state: Arc<StripeState>,
    server: Server,
}

impl Stripe {
    /// Starts listening on loopback.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(config: StripeConfig, clock: Clock) -> io::Result<Self> {
        let pipeline = Arc::new(Pipeline::new(clock));
        let lifetime = pipeline.lifetime.clone();
        let state = StripeState {
            pipeline,
            ledger: Mutex::new(Ledger::default()),
            feeds: Feeds::default(),
            secret_key: config.secret_key,
        };
        let state = Arc::new(state);
        let server = Server::start(routes::router(Arc::clone(&state)), config.port, lifetime).await?;
        Ok(Self { state, server })
    }

    /// Address of the listening socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Base URL without a trailing slash: replaces `https://api.stripe.com`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The secret key that requests must send.
    #[must_use]
    pub fn secret_key(&self) -> &Secret {
        &self.state.secret_key
    }

    /// Every token that was issued, oldest first.
    #[must_use]
    pub fn tokens(&self) -> Vec<GrantedToken> {
        lock(&self.state.ledger).tokens().to_vec()
    }

    /// The current state of one token.
    #[must_use]
    pub fn token(&self, id: &TokenId) -> Option<GrantedToken> {
        lock(&self.state.ledger).token(id).ok().cloned()
    }

    /// Every payment record, oldest first.
    #[must_use]
    pub fn payment_records(&self) -> Vec<PaymentRecord> {
        lock(&self.state.ledger).records().to_vec()
    }

    /// Every order event, in the order in which they came.
    #[must_use]
    pub fn order_events(&self) -> Vec<OrderEvent> {
        lock(&self.state.ledger).order_events().to_vec()
    }

    /// Injects a fault into the next request of `operation`; several faults are used in order.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.state.pipeline.control.fail_next(operation, fault);
    }

    /// Holds every request of `operation` before it has any effect, until the hold is released or dropped.
    pub fn hold(&self, operation: Operation) -> Hold {
        self.state.pipeline.control.hold(operation)
    }

    /// How many requests of `operation` arrived with a valid key, including replays and faults.
    #[must_use]
    pub fn received(&self, operation: Operation) -> u64 {
        self.state.pipeline.control.received(operation)
    }

    /// Like [`Stripe::received`] for all operations, by method and path.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.state.pipeline.control.requests()
    }

    /// Stops listening and waits until every connection has ended.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}
