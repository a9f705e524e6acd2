//! A cart that an agent keeps on the host before it begins a checkout: items with estimated prices.
//!
//! Not [`super::cart::Cart`], which is what the buyer wants in any checkout. Source: ACP RFC cart,
//! <https://github.com/agentic-commerce-protocol/agentic-commerce-protocol/blob/main/rfcs/rfc.cart.md>.

use serde::{Deserialize, Serialize};

use super::ids::{SavedCartId, SessionId};
use super::quote::QuoteLine;
use super::session::Session;

/// A saved cart. It exists until it expires or is canceled, which makes it expire at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCart {
    /// Id chosen by the host, `cart_…`.
    pub id: SavedCartId,
    /// What a checkout session of it would be now, with its owner, quote, revision and expiry. It is never stored as a session, and its
    /// id is that of the cart.
    pub draft: Box<Session>,
    /// The checkout that was begun with it last; `None` before.
    pub checkout: Option<CheckoutOfCart>,
}

/// The checkout that was begun with a saved cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutOfCart {
    /// Session of the checkout: open, being paid, or over.
    pub session: SessionId,
    /// Revision of the cart whose content the session got.
    pub cart_revision: u64,
}

/// A new or changed saved cart.
#[derive(Clone, Debug)]
pub struct SavedCartWrite {
    /// The cart as it is to be stored.
    pub cart: SavedCart,
    /// The revision that it replaces; `None` for a new cart.
    pub replaces: Option<u64>,
}

impl SavedCart {
    /// The session that a checkout of it is in, if that got the content which the cart has now.
    #[must_use]
    pub fn current_session(&self) -> Option<&SessionId> {
        let checkout = self.checkout.as_ref()?;
        (checkout.cart_revision == self.draft.revision).then_some(&checkout.session)
    }

    /// Whether none of its items can be bought now.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.draft.quote.lines.iter().all(QuoteLine::is_sold_out)
    }
}
