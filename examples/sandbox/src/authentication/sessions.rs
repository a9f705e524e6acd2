//! Every authentication of the sandbox, and whether a charge proves one.

use std::sync::{Arc, Mutex};

use super::session::{AuthenticationStatus, Session};
use crate::card::TestCard;
use crate::clock::Clock;
use crate::id::AuthenticationId;
use crate::money::Amount;
use crate::sync::lock;
use crate::table::Table;

/// The authentications that the provider has made, shared with the acquirer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authentications {
    sessions: Arc<Mutex<Table<AuthenticationId, Session>>>,
    clock: Clock,
}

/// What a charge has of an authentication.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) card: &'static TestCard,
    pub(crate) amount: Amount,
    pub(crate) cryptogram: String,
    pub(crate) eci: String,
    pub(crate) transaction_id: String,
    pub(crate) version: String,
}

/// Whether a charge proves an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofCheck {
    /// The charge claims none.
    Absent,
    /// The issuer authenticated this buyer for this charge, and the proof was not used before.
    Valid,
    /// The proof is not that of an authentication of this card and amount that is still unused.
    Invalid,
}

impl Authentications {
    /// No authentications yet; they expire by this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            sessions: Arc::default(),
            clock,
        }
    }

    pub(crate) fn create(&self, card: &'static TestCard, amount: Amount) -> Session {
        let session = Session::new(card, amount, self.clock.now());
        lock(&self.sessions).push(session.id.clone(), session.clone());
        session
    }

    /// Change a session; `None` if there is none with this id.
    pub(crate) fn change<T>(&self, id: &AuthenticationId, change: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut sessions = lock(&self.sessions);
        let session = sessions.get_mut(id)?;
        session.expire(self.clock.now());
        Some(change(session))
    }

    /// Status of the last session, for tests; `None` without any.
    #[must_use]
    pub fn last_status(&self) -> Option<AuthenticationStatus> {
        lock(&self.sessions).rows().last().map(Session::status)
    }

    /// Whether a charge proves an authentication for its card and amount. A valid proof counts once.
    pub(crate) fn check(&self, proof: Option<&Proof>) -> ProofCheck {
        let Some(proof) = proof else { return ProofCheck::Absent };
        let mut sessions = lock(&self.sessions);
        match sessions.find_mut(|session| proves(proof, session)) {
            Some(session) => {
                session.is_used = true;
                ProofCheck::Valid
            }
            None => ProofCheck::Invalid,
        }
    }
}

fn proves(proof: &Proof, session: &Session) -> bool {
    !session.is_used
        && session.card.number == proof.card.number
        && session.amount == proof.amount
        && session.result.as_ref().is_some_and(|result| {
            result.three_ds_cryptogram.as_ref() == Some(&proof.cryptogram)
                && result.electronic_commerce_indicator == proof.eci
                && result.transaction_id == proof.transaction_id
                && result.version == proof.version
        })
}
