//! The order of a session (`AcpOrder`), which the document has only on completed sessions.

use serde::Serialize;

use tillhouse_checkout::session::{self, SessionState};

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    id: &'a str,
    checkout_session_id: &'a str,
    permalink_url: &'a str,
}

impl<'a> Order<'a> {
    /// The order of a completed session. One whose payment is Adyen's has its identity as soon as its stock is held: Adyen shows it to the
    /// agent, and is told it at no other time.
    pub(crate) fn of(session: &'a session::Session) -> Option<Self> {
        let is_identified = matches!(
            session.state,
            SessionState::Completed { .. } | SessionState::Held { .. }
        );
        let (id, permalink_url) = session.order_identity().filter(|_| is_identified)?;
        Some(Self {
            id,
            checkout_session_id: session.id.as_str(),
            permalink_url,
        })
    }
}
