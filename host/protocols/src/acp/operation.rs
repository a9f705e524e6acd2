//! The operations of ACP that create or change something.

use tillhouse_checkout::ids::{SavedCartId, SessionId};

/// An operation that creates or changes a session or a cart, with its id.
#[derive(Clone, Debug)]
pub(crate) enum AcpOperation {
    Create,
    Update(SessionId),
    Complete(SessionId),
    Cancel(SessionId),
    CreateCart,
    ReplaceCart(SavedCartId),
    CancelCart(SavedCartId),
}

impl AcpOperation {
    /// Path of the operation over HTTP, without the merchant's prefix. An idempotency key belongs to it, whatever binding the request
    /// comes by.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Create => "/checkout_sessions".to_owned(),
            Self::Update(id) => format!("/checkout_sessions/{id}"),
            Self::Complete(id) => format!("/checkout_sessions/{id}/complete"),
            Self::Cancel(id) => format!("/checkout_sessions/{id}/cancel"),
            Self::CreateCart => "/carts".to_owned(),
            Self::ReplaceCart(id) => format!("/carts/{id}"),
            Self::CancelCart(id) => format!("/carts/{id}/cancel"),
        }
    }

    /// Whether it is a payment, which enforces its own deadline.
    pub(crate) const fn is_payment(&self) -> bool {
        matches!(self, Self::Complete(_))
    }
}
