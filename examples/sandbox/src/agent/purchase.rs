//! The result of a purchase, and polling until it is final.

use std::time::Duration;

use serde::Serialize;

use super::channel::Channel;
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::session::Session;
use crate::money::{Amount, Currency};

/// A purchase with the transcript of all its requests.
#[derive(Clone, Debug, Serialize)]
pub struct Purchase {
    /// Name of the protocol: `acp`, `stripe_acs` or `adyen`.
    pub protocol: &'static str,
    /// Release of the protocol, if it has releases.
    pub version: Option<&'static str>,
    /// Id of the checkout session.
    pub session_id: String,
    /// Last status of the session.
    pub status: String,
    /// Id of the order; `None` if there is no order.
    pub order_id: Option<String>,
    /// URL at which the buyer sees the order.
    pub order_permalink: Option<String>,
    /// Amount that was paid, in minor units.
    pub total: i64,
    /// Currency of the total.
    pub currency: Currency,
    /// Every request with its answer, in order.
    pub exchanges: Vec<Exchange>,
}

impl Purchase {
    /// Whether the last status is `completed`.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status == "completed"
    }

    pub(crate) fn of(
        protocol: (&'static str, Option<&'static str>),
        session: &Session,
        total: Amount,
        order: Option<(String, Option<String>)>,
    ) -> Self {
        let (order_id, order_permalink) = order.unzip();
        Self {
            protocol: protocol.0,
            version: protocol.1,
            session_id: session.id.clone(),
            status: session.status.clone(),
            order_id,
            order_permalink: order_permalink.flatten(),
            total: total.value,
            currency: total.currency,
            exchanges: Vec::new(),
        }
    }
}

/// A purchase that failed, with its transcript up to then.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct PurchaseError {
    /// Why the purchase failed.
    #[source]
    pub error: Box<AgentError>,
    /// Every request that was answered, including the refused one.
    pub exchanges: Vec<Exchange>,
}

impl PurchaseError {
    /// HTTP status of the refusal; `None` for other errors.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match *self.error {
            AgentError::Refused { status, .. } => Some(status),
            _ => None,
        }
    }
}

impl From<AgentError> for PurchaseError {
    /// For an agent that failed before its first request.
    fn from(error: AgentError) -> Self {
        Self {
            error: Box::new(error),
            exchanges: Vec::new(),
        }
    }
}

/// Adds the transcript to the purchase or to the error.
pub(crate) fn conclude(
    result: Result<Purchase, AgentError>,
    exchanges: Vec<Exchange>,
) -> Result<Purchase, PurchaseError> {
    match result {
        Ok(purchase) => Ok(Purchase { exchanges, ..purchase }),
        Err(error) => Err(PurchaseError {
            error: Box::new(error),
            exchanges,
        }),
    }
}

/// How often and how long the agent polls a purchase in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// Maximum number of requests.
    pub attempts: u32,
    /// Delay before each request.
    pub delay: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            attempts: 200,
            delay: Duration::from_millis(50),
        }
    }
}

impl Polling {
    /// Polls `path` until the session is no longer in progress.
    pub(crate) async fn settle(
        self,
        channel: &Channel,
        path: &str,
        mut session: Session,
        log: &mut Vec<Exchange>,
    ) -> Result<Session, AgentError> {
        for _ in 0..self.attempts {
            if !is_in_progress(&session.status) {
                return Ok(session);
            }
            tokio::time::sleep(self.delay).await;
            let exchange = channel.get(Step::Retrieve, path).await?;
            log.push(exchange.clone());
            session = Session::read(&exchange)?;
        }
        if is_in_progress(&session.status) {
            let waited = self.delay.saturating_mul(self.attempts);
            return Err(AgentError::Unsettled {
                session_id: session.id,
                status: session.status,
                waited,
            });
        }
        Ok(session)
    }
}

/// The statuses of ACP and of Stripe ACS.
fn is_in_progress(status: &str) -> bool {
    matches!(status, "in_progress" | "complete_in_progress" | "processing")
}
