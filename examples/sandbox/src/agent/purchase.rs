//! What came of a purchase, and waiting for one that is not settled yet.

use std::time::Duration;

use serde::Serialize;

use super::channel::Channel;
use super::error::AgentError;
use super::exchange::{Exchange, Step};
use super::session::Session;
use crate::money::{Amount, Currency};

/// A purchase from the first request to the last.
#[derive(Clone, Debug, Serialize)]
pub struct Purchase {
    /// `acp` or `stripe_acs`.
    pub protocol: &'static str,
    /// The protocol's release, where it has one.
    pub version: Option<&'static str>,
    /// The checkout session.
    pub session_id: String,
    /// Its last status.
    pub status: String,
    /// The order.
    pub order_id: Option<String>,
    /// Where the buyer sees it.
    pub order_permalink: Option<String>,
    /// What was paid, in minor units.
    pub total: i64,
    /// Lower-case ISO 4217.
    pub currency: Currency,
    /// Every request, in order.
    pub exchanges: Vec<Exchange>,
}

impl Purchase {
    /// Whether the shop says that it is done.
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

/// A purchase that was stopped, with what had been said until then.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Interrupted {
    /// Why.
    #[source]
    pub error: Box<AgentError>,
    /// Every request that was answered, the refused one included.
    pub exchanges: Vec<Exchange>,
}

impl Interrupted {
    /// HTTP status of the refusal, if it was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match *self.error {
            AgentError::Refused { status, .. } => Some(status),
            _ => None,
        }
    }
}

impl From<AgentError> for Interrupted {
    /// An agent that did not get as far as its first request.
    fn from(error: AgentError) -> Self {
        Self {
            error: Box::new(error),
            exchanges: Vec::new(),
        }
    }
}

/// Puts the transcript to either outcome.
pub(crate) fn conclude(
    result: Result<Purchase, AgentError>,
    exchanges: Vec<Exchange>,
) -> Result<Purchase, Interrupted> {
    match result {
        Ok(purchase) => Ok(Purchase { exchanges, ..purchase }),
        Err(error) => Err(Interrupted {
            error: Box::new(error),
            exchanges,
        }),
    }
}

/// How often and how long the agent asks after a purchase in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// At most this many times.
    pub attempts: u32,
    /// This long before each.
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
    /// Reads `path` until the session is no longer in progress.
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

/// Both spellings of ACP and both of Stripe ACS.
fn is_in_progress(status: &str) -> bool {
    matches!(status, "in_progress" | "complete_in_progress" | "processing")
}
