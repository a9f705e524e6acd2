//! A simulated Adyen: the agent API in front, the calls to a merchant behind, the vault for tokens, the Checkout API, the Standard
//! webhook, and the inboxes for what a merchant sends after the sale.
//!
//! An agent calls it as it would call Adyen; this simulator calls the merchant as Adyen does. In the standard flow it charges itself,
//! in its own ledger, between `commit` and `finalize`; in the advanced flow it hands the token to the merchant, which charges it over
//! `/payments`. What Adyen does not document, it sends in the words of what is documented.

mod amount;
mod checkout;
mod complete;
mod config;
mod delivery;
mod front;
mod inbox;
mod ledger;
mod merchant;
mod messages;
mod payment;
mod psp_reference;
mod routes;
mod session;
mod state;
mod token;
mod transcript;
mod vault;
mod webhook;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;

pub use self::config::AdyenConfig;
pub use self::inbox::Received;
pub use self::ledger::AdyenLedger;
pub use self::merchant::{
    BUDGET, COMPANY_ACCOUNT, FinalizeBy, Flow, HMAC_SIGNATURE, MERCHANT_ACCOUNT, MerchantAnswer, MerchantAuth,
    MerchantCall, MerchantConnection, MerchantFault, NoAnswer, PROTOCOL, hmac_signature,
};
pub use self::payment::{
    Modification, ModificationKind, ModificationStatus, PaidBy, Payment, RefusalReason, ResultCode,
};
pub use self::psp_reference::PspReference;
pub use self::token::AgenticToken;
pub use self::transcript::{Entry, Party};
pub use self::vault::{DELEGATE_PATH, DELEGATE_VERSION};
pub use self::webhook::StandardWebhook;

use self::inbox::PushTarget;
use self::merchant::Late;
use self::state::AdyenState;
use crate::authentication::Authentications;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::gate::Hold;
use crate::money::Amount;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::server::Server;
use crate::sync::lock;

/// Where the agent API is, below the base URL and before the company account.
pub const AGENT_PATH: &str = "/commerce-suite/acp/v1";

/// Operations that an agent, a vault or a merchant can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Creates a session, over the agent API.
    Create,
    /// Reads a session, over the agent API.
    Retrieve,
    /// Updates a session, over the agent API.
    Update,
    /// Pays a session, over the agent API.
    Complete,
    /// Cancels a session, over the agent API.
    Cancel,
    /// Vaults a card for one payment.
    Delegate,
    /// Makes a payment, over the Checkout API.
    Pay,
    /// Captures a payment, over the Checkout API.
    Capture,
    /// Cancels a payment, over the Checkout API.
    CancelPayment,
    /// Refunds a payment, over the Checkout API.
    Refund,
    /// Cancels or refunds a payment, over the Checkout API.
    Reverse,
    /// Takes an event of an order.
    TakeEvent,
    /// Takes the configuration of a merchant.
    Configure,
}

impl crate::fault::Operation for Operation {
    fn route(self) -> &'static str {
        match self {
            Self::Create => "POST /checkout_sessions",
            Self::Retrieve => "GET /checkout_sessions/{id}",
            Self::Update => "POST /checkout_sessions/{id}",
            Self::Complete => "POST /checkout_sessions/{id}/complete",
            Self::Cancel => "POST /checkout_sessions/{id}/cancel",
            Self::Delegate => "POST /agentic_commerce/delegate_payment",
            Self::Pay => "POST /payments",
            Self::Capture => "POST /payments/{id}/captures",
            Self::CancelPayment => "POST /payments/{id}/cancels",
            Self::Refund => "POST /payments/{id}/refunds",
            Self::Reverse => "POST /payments/{id}/reversals",
            Self::TakeEvent => "POST /events",
            Self::Configure => "POST /agentic/configuration",
        }
    }
}

/// A running simulator; stops when it is dropped.
#[derive(Debug)]
pub struct Adyen {
    state: Arc<AdyenState>,
    server: Server,
}

impl Adyen {
    /// Starts listening on loopback. Proofs of authentications are those of `authentications`, and each counts once.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(config: AdyenConfig, authentications: Authentications, clock: Clock) -> io::Result<Self> {
        let pipeline = Arc::new(Pipeline::new(clock));
        let (lifetime, port) = (pipeline.lifetime.clone(), config.port);
        let state = Arc::new(AdyenState::new(config, authentications, pipeline));
        let server = Server::start(routes::router(Arc::clone(&state)), port, lifetime).await?;
        Ok(Self { state, server })
    }

    /// Address of the listening socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Base URL without a trailing slash, of the Checkout API, of the vault, of `/events` and of `/agentic/configuration`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Base URL of the agent API for a company account; `/checkout_sessions` is below it.
    #[must_use]
    pub fn agent_url(&self, company_account: &str) -> String {
        format!("{}{AGENT_PATH}/{company_account}", self.url())
    }

    /// Keys, accounts and other settings.
    #[must_use]
    pub fn config(&self) -> &AdyenConfig {
        &self.state.config
    }

    /// Sells for this merchant from now on; replaces the merchant of the same company account.
    pub fn connect(&self, merchant: MerchantConnection) {
        self.state.connect(merchant);
    }

    /// Every token that the vault has issued, oldest first.
    #[must_use]
    pub fn tokens(&self) -> Vec<AgenticToken> {
        lock(&self.state.tokens).all()
    }

    /// A copy of the current ledger.
    #[must_use]
    pub fn ledger(&self) -> AdyenLedger {
        lock(&self.state.ledger).snapshot()
    }

    /// What each side has sent to the other, in the order of the requests.
    #[must_use]
    pub fn transcript(&self) -> Vec<Entry> {
        self.state.transcript.entries()
    }

    /// Every accepted event of an order, in order of arrival; repeated ones count once.
    #[must_use]
    pub fn events(&self) -> Vec<Received> {
        lock(&self.state.events).clone()
    }

    /// Every accepted configuration, in order of arrival.
    #[must_use]
    pub fn configurations(&self) -> Vec<Received> {
        lock(&self.state.configurations).clone()
    }

    /// Pushes accepted events on to an agent at this URL, signed as the sandbox's receiver verifies it.
    pub fn push_events_to(&self, url: impl Into<String>, secret: Secret) {
        let url = url.into();
        *lock(&self.state.push_target) = Some(PushTarget { url, secret });
    }

    /// Decides a pending payment, and tells the merchant: with `finalize` in the standard flow, with the Standard webhook otherwise.
    /// Returns the payment; `None` if none is pending with this reference.
    pub async fn settle(&self, id: &PspReference, authorised: bool) -> Option<Payment> {
        let payment = lock(&self.state.ledger).settle(id, authorised)?;
        let merchant = self.state.merchant_with_account(&payment.merchant_account);
        match (payment.paid_by, merchant, &payment.session, &payment.token) {
            (PaidBy::Adyen, Some(merchant), Some(session), Some(token)) => {
                complete::tell_result(&self.state, &merchant, &session.as_str().into(), token, &payment).await;
            }
            _ => self.state.announce_payment(&payment),
        }
        Some(payment)
    }

    /// Decides a modification that is only received, and sends its webhook; `None` if there is none with this reference.
    #[must_use]
    pub fn settle_modification(&self, id: &PspReference, succeeds: bool) -> Option<Modification> {
        let settled = lock(&self.state.ledger).settle_modification(id, succeeds)?;
        self.state.announce_modification(&settled);
        Some(settled)
    }

    /// Calls the merchant of a company account as Adyen does, once and without planned faults. A null body is sent as an empty one.
    ///
    /// # Errors
    /// When the merchant is unknown, or does not answer within its budget.
    pub async fn call_merchant(
        &self,
        company_account: &str,
        call: MerchantCall,
        session: &str,
        body: &Value,
    ) -> Result<MerchantAnswer, NoAnswer> {
        let merchant = self.state.merchant(company_account);
        let merchant = merchant.map_err(|_| NoAnswer::Unreachable)?;
        merchant::send(&self.state, &merchant, call, session, body).await
    }

    /// The body of a finalize for a payment of this amount, for [`Adyen::call_merchant`].
    #[must_use]
    pub fn finalize_body(psp_reference: &PspReference, result_code: &str, amount: &Amount) -> Value {
        complete::finalize(psp_reference, result_code, amount, None, None)
    }

    /// Repeats the call of a session that the merchant has not answered, as happens by itself after
    /// [`AdyenConfig::retry_delay`].
    pub async fn redeliver(&self, session_id: &str) {
        delivery::deliver(&self.state, &session_id.into()).await;
    }

    /// Lets every late call and webhook arrive, in the order in which they were sent; returns the answers.
    pub async fn deliver_late(&self) -> Vec<Result<MerchantAnswer, NoAnswer>> {
        let late = std::mem::take(&mut *lock(&self.state.late));
        let mut answers = Vec::new();
        for late in late {
            answers.push(self.deliver(late).await);
        }
        answers
    }

    async fn deliver(&self, late: Late) -> Result<MerchantAnswer, NoAnswer> {
        match late {
            Late::Webhook { webhook, url } => webhook::send(&self.state, &webhook, &url).await,
            Late::Call {
                merchant,
                call,
                session,
                body,
            } => {
                let answer = merchant::send(&self.state, &merchant, call, &session, &body).await;
                if matches!(call, MerchantCall::Finalize | MerchantCall::Token) {
                    delivery::settle_late(&self.state, &session.as_str().into(), answer.clone());
                }
                answer
            }
        }
    }

    /// A Standard webhook with an item for each of these payments and modifications; `None` if one is unknown or not decided yet.
    #[must_use]
    pub fn webhook(&self, references: &[&PspReference]) -> Option<StandardWebhook> {
        webhook::of(&self.state, references)
    }

    /// Sends a webhook once, without planned faults.
    ///
    /// # Errors
    /// When the receiver does not answer.
    pub async fn send_webhook(&self, webhook: &StandardWebhook, url: &str) -> Result<MerchantAnswer, NoAnswer> {
        webhook::send(&self.state, webhook, url).await
    }

    /// Injects a fault into the next call of this kind to a merchant; several faults are used in order.
    pub fn fail_next_call(&self, call: MerchantCall, fault: MerchantFault) {
        self.state.merchant_faults.plan(call, fault);
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

    /// Like [`Adyen::received`] for all operations, by method and path.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.state.pipeline.control.requests()
    }

    /// Stops listening and waits until every connection has ended.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}
