//! What each caller has been shown of a session, so that a completion pays exactly that.
//!
//! A retry is never consent: a completion that was refused because something had changed stays refused, however often it is sent,
//! until an answer has shown the session again. Only an answer that was made now shows it: the replay of a recorded answer, an
//! error, and an answer that came too late do not.

use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::cart::CartEdit;
use super::error::CheckoutError;
use super::message::{Message, Subject};
use super::money::{Amount, Money};
use super::quote::digest::QuoteDigest;
use super::session::Session;

/// The quote that the last answer to a caller showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownQuote {
    /// Who was shown it: [`Caller::principal`]. What one agent was shown of a shared session is not what another one consents to.
    to: Option<String>,
    /// The grand total, in the currency of the session.
    total: Amount,
    /// Digest of everything that is bought and due.
    quote: QuoteDigest,
    /// Digest of what is bought, whatever it costs.
    purchase: QuoteDigest,
    /// Whether a completion was refused since, because the session differed from what was shown.
    outdated: bool,
}

/// What each caller was shown last. Empty in a session that an earlier release of the host stored without digests: it must be read
/// again before it is completed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownQuotes(Vec<ShownQuote>);

/// How the quote that a completion pays relates to the one that its caller was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consented {
    /// They are the same.
    Shown,
    /// The same purchase costs less, and the merchant has lower totals charged.
    Lower,
}

impl ShownQuotes {
    fn to(&self, caller: &Caller) -> Option<&ShownQuote> {
        self.0.iter().find(|shown| shown.to == caller.principal)
    }
}

impl Session {
    /// Whether a completion by this caller may rely on the quote: it is what the caller was shown last, and no completion was
    /// refused since.
    #[must_use]
    pub fn is_shown_to(&self, caller: &Caller) -> bool {
        let digest = QuoteDigest::of_quote(&self.cart, &self.quote, self.currency);
        let shown = self.shown.to(caller);
        shown.is_some_and(|shown| shown.quote == digest && !shown.outdated)
    }

    /// Whether the caller was shown the same of both, and the same cart: a completion that began with one may go on with the other.
    #[must_use]
    pub fn shows_the_same_as(&self, other: &Self, caller: &Caller) -> bool {
        self.cart == other.cart && self.shown.to(caller) == other.shown.to(caller)
    }

    /// Whether the caller of a completion with this edit was shown the same of both, and the cart is the same with the edit: the
    /// completion before may have left its edit in one of them.
    #[must_use]
    pub fn shows_the_same_with(&self, edit: &CartEdit, other: &Self, caller: &Caller) -> bool {
        let with_edit = |session: &Self| {
            let mut session = session.clone();
            session.cart.apply_with_payment(edit.clone()).map(|()| session)
        };
        match (with_edit(self), with_edit(other)) {
            (Ok(now), Ok(before)) => now.shows_the_same_as(&before, caller),
            _ => false,
        }
    }

    /// Note that the answer being rendered shows the quote to the caller.
    pub fn mark_shown_to(&mut self, caller: &Caller) {
        let shown = ShownQuote {
            to: caller.principal.clone(),
            total: self.quote.totals.total,
            quote: QuoteDigest::of_quote(&self.cart, &self.quote, self.currency),
            purchase: QuoteDigest::of_purchase(&self.cart, &self.quote),
            outdated: false,
        };
        self.shown.0.retain(|shown| shown.to != caller.principal);
        self.shown.0.push(shown);
    }

    /// Refuse completions by this caller until it has read the session again. Returns whether that changes anything.
    pub fn mark_outdated_for(&mut self, caller: &Caller) -> bool {
        let entries = self.shown.0.iter_mut();
        let mut outdated = entries.filter(|shown| shown.to == caller.principal && !shown.outdated);
        outdated.next().map(|shown| shown.outdated = true).is_some()
    }

    /// Whether the caller may pay the quote. `lower` is whether the merchant has a lower total charged than the one shown.
    ///
    /// # Errors
    /// What the caller must read again before it may: [`CheckoutError::must_read_again`].
    pub fn consented(&self, caller: &Caller, lower: bool) -> Result<Consented, CheckoutError> {
        let Some(shown) = self.shown.to(caller) else {
            return Err(CheckoutError::MustReadAgain);
        };
        let is_same = shown.quote == QuoteDigest::of_quote(&self.cart, &self.quote, self.currency);
        let now = self.total();
        if !shown.outdated && is_same {
            return Ok(Consented::Shown);
        }
        let is_lower = now.amount < shown.total && shown.purchase == QuoteDigest::of_purchase(&self.cart, &self.quote);
        if !shown.outdated && is_lower && lower {
            return Ok(Consented::Lower);
        }
        Err(if shown.total != now.amount {
            let shown = self.money(shown.total);
            CheckoutError::TotalChanged { shown, now }
        } else if is_same {
            CheckoutError::MustReadAgain
        } else {
            CheckoutError::PartsChanged { total: now }
        })
    }

    /// Say in a message that the total is another than the one that the caller was shown, if it is.
    pub fn report_new_total(&mut self, caller: &Caller) {
        let Some(shown) = self.shown.to(caller).map(|shown| self.money(shown.total)) else {
            return;
        };
        let now = self.total();
        if shown != now {
            let text = format!("The total has changed from {shown} to {now}.");
            let message = Message::warning("price_change", Subject::Session, text);
            self.quote.messages.push(message);
        }
    }

    const fn money(&self, amount: Amount) -> Money {
        Money {
            amount,
            currency: self.currency,
        }
    }
}
