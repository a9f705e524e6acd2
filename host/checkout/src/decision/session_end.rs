//! The end of a session that became no order.

use crate::cart::Cart;
use crate::decision::Attribution;
use crate::intent_trace::IntentTrace;
use crate::session::{Session, SessionState};

/// A session that ended without an order, as `sessions.ended` gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    /// `canceled` by the agent, or `expired`.
    pub how: String,
    /// Cart that was not bought.
    pub cart: Cart,
    /// Why it was canceled, if the agent said so.
    pub trace: Option<IntentTrace>,
    /// Affiliates, first and last touch.
    pub attributions: Vec<Attribution>,
}

impl SessionEnd {
    /// The end of this session; `None` unless it is canceled or expired.
    #[must_use]
    pub fn of(session: Session) -> Option<Self> {
        match session.state {
            SessionState::Canceled | SessionState::Expired => Some(Self {
                how: session.state.name().to_owned(),
                cart: session.cart,
                trace: session.intent_trace,
                attributions: session.attributions,
            }),
            SessionState::Open
            | SessionState::Committing { .. }
            | SessionState::AuthenticationRequired { .. }
            | SessionState::Held { .. }
            | SessionState::Completed { .. } => None,
        }
    }
}
