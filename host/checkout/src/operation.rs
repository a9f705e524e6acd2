//! The operations of a checkout: what the protocol edges ask for, and what they get.
//!
//! The edges depend on [`Checkouts`] and nothing below it; the domain service implements it, tests script it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::authentication::Authentication;
use super::cart::CartEdit;
use super::decision::Notice;
use super::error::CheckoutError;
use super::ids::{MerchantId, SessionId, TokenId};
use super::money::Currency;
use super::outage::Outages;
use super::people::Address;
use super::session::{Agent, Session};
use super::time::Timestamp;
use super::unit::{IdempotencyRecord, IdempotencyScope, InboxEvent, Reply};

/// Begin a checkout.
#[derive(Clone, Debug)]
pub struct Create {
    /// With whom.
    pub merchant: MerchantId,
    /// In which currency; `None` for the merchant's own, where the protocol does not say.
    pub currency: Option<Currency>,
    /// The first cart.
    pub edit: CartEdit,
    /// Who asks.
    pub agent: Agent,
}

/// Pay a checkout.
#[derive(Clone, Debug)]
pub struct Complete {
    /// Whose.
    pub merchant: MerchantId,
    /// The checkout.
    pub session: SessionId,
    /// The shared payment token.
    pub token: TokenId,
    /// Who issued the token: `stripe`.
    pub provider: String,
    /// How the buyer's authentication with the issuer ended, where the agent says.
    pub authentication: Option<Authentication>,
    /// Billing address, where it was given.
    pub billing: Option<Address>,
    /// Last changes: buyer and notes, never what changes the total.
    pub edit: CartEdit,
    /// What is known of the buyer's device.
    pub signals: RiskSignals,
    /// The caller wants an answer within this time; the payment goes on behind it. `None` to wait for the outcome.
    pub deadline: Option<Duration>,
}

/// What an agent says of the buyer's device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RiskSignals {
    /// IP address, as text and unchecked.
    pub ip: Option<String>,
    /// User agent.
    pub user_agent: Option<String>,
}

/// The idempotency key that an answer is recorded under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What the key is unique within.
    pub scope: IdempotencyScope,
    /// SHA-256 of the canonical body.
    pub fingerprint: [u8; 32],
    /// Until when the record is kept.
    pub expires: Timestamp,
}

impl Claim {
    /// The record of an answer under this key.
    #[must_use]
    pub fn record(&self, reply: Reply) -> IdempotencyRecord {
        IdempotencyRecord {
            scope: self.scope.clone(),
            fingerprint: self.fingerprint,
            reply,
            expires: self.expires,
        }
    }
}

/// How a session becomes the answer of a protocol. Pure and quick: it runs between the decision and the commit.
pub type Render = Arc<dyn Fn(&Session) -> Reply + Send + Sync>;

/// How the answer is rendered and recorded. The domain renders inside its commit, so that state and recorded answer are one
/// transaction.
#[derive(Clone)]
pub struct Ask {
    /// The key to record the answer under; `None` where the request had none.
    pub claim: Option<Claim>,
    /// How to render the session.
    pub render: Render,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("claim", &self.claim)
            .finish_non_exhaustive()
    }
}

/// The answer of an operation that changes a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done now, and recorded where there was a claim.
    Fresh(Reply),
    /// Another request with the same key committed first. The edge compares the fingerprint.
    Replay(IdempotencyRecord),
    /// The payment goes on in the background; the answer is not recorded under the key.
    InProgress(Reply),
}

/// Everything that the edges can ask of the domain.
///
/// Callers run operations in a task of their own: dropping the future half-way is safe, but leaves the rest to recovery.
#[async_trait]
pub trait Checkouts: Send + Sync + 'static {
    /// Begin a checkout.
    async fn create(&self, request: Create, ask: Ask) -> Result<Answer, CheckoutError>;

    /// Change a checkout.
    async fn update(
        &self,
        merchant: &MerchantId,
        id: &SessionId,
        edit: CartEdit,
        ask: Ask,
    ) -> Result<Answer, CheckoutError>;

    /// Look at a checkout: its total counts as shown from then on. One that is over its time is shown as expired.
    async fn retrieve(&self, merchant: &MerchantId, id: &SessionId) -> Result<Session, CheckoutError>;

    /// The answer of a look or an update did not reach its caller: its total does not count as shown.
    async fn unseen(&self, merchant: &MerchantId, id: &SessionId) -> Result<(), CheckoutError>;

    /// Pay a checkout.
    async fn complete(&self, request: Complete, ask: Ask) -> Result<Answer, CheckoutError>;

    /// Give a checkout up.
    async fn cancel(&self, merchant: &MerchantId, id: &SessionId, ask: Ask) -> Result<Answer, CheckoutError>;

    /// The record of an answered request, unless it has expired.
    async fn recorded(&self, scope: &IdempotencyScope) -> Result<Option<IdempotencyRecord>, CheckoutError>;

    /// Record an answer that changed nothing: a refusal that would be the same the next time.
    ///
    /// # Errors
    /// [`CheckoutError::Conflict`] when the key was recorded in the meantime.
    async fn record(&self, record: IdempotencyRecord) -> Result<(), CheckoutError>;

    /// Keep an event that another system sent, durably. False when it was received before.
    async fn receive(&self, event: InboxEvent) -> Result<bool, CheckoutError>;

    /// Take a notice of the merchant's processor; how many pieces of news in it were new.
    ///
    /// # Errors
    /// [`CheckoutError::Rejected`] for one that is forged or cannot be read, `DecisionError::Unsupported` where the merchant's
    /// processor sends none, and [`CheckoutError::InFlight`] and what is unavailable when it has to be sent again.
    async fn notice(&self, merchant: &MerchantId, notice: Notice) -> Result<usize, CheckoutError>;

    /// Now, by the clock of the domain.
    fn now(&self) -> Timestamp;

    /// The merchants that cannot be served.
    fn outages(&self) -> &Outages;
}
