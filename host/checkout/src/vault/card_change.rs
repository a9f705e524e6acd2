//! What a commit of an attempt does to the card that pays it. It follows from the attempt, so that no writer can forget it.

use std::time::Duration;

use crate::attempt::{Attempt, AttemptStatus, AttemptWrite};
use crate::payment_token::IssuerName;
use crate::time::Timestamp;

/// How long a card is kept that an attempt has taken, if the attempt does not end before. Later than any charge that is sent again.
pub const TAKEN_CARD_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// A change of the stored card of an attempt, in the commit of the attempt itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardChange {
    /// The attempt takes it: no other can. It is deleted at this time at the latest.
    Take {
        /// When it is deleted.
        ends: Timestamp,
    },
    /// The charge is about to be sent: the security code is wiped, and with it every chance to send the same charge again (PCI DSS 4.0.1,
    /// 3.3.1).
    WipeSecurityCode,
    /// The attempt has ended: everything is wiped.
    Delete,
}

impl CardChange {
    /// The change that a commit of an attempt makes; `None` if no card of the vault pays it, or if nothing changes.
    #[must_use]
    pub fn of(write: &AttemptWrite) -> Option<Self> {
        let attempt = write.attempt();
        if attempt.payment_token()?.issuer != IssuerName::Vault {
            return None;
        }
        let begins = write.replaces() == Some(AttemptStatus::Reserved);
        match attempt.status() {
            AttemptStatus::Resolving if begins => Some(Self::Take {
                ends: last_use(attempt),
            }),
            AttemptStatus::Charging => Some(Self::WipeSecurityCode),
            AttemptStatus::Approved
            | AttemptStatus::Declined
            | AttemptStatus::Voiding
            | AttemptStatus::Voided
            | AttemptStatus::Failed => Some(Self::Delete),
            AttemptStatus::Reserved
            | AttemptStatus::AuthenticationRequired
            | AttemptStatus::Awaiting
            | AttemptStatus::Resolving
            | AttemptStatus::Unknown
            | AttemptStatus::NeedsReview => None,
        }
    }
}

fn last_use(attempt: &Attempt) -> Timestamp {
    attempt.initiated.after(TAKEN_CARD_LIFETIME)
}
