//! The state of an attempt, with the data that each state cannot be without.

use super::authentication_wait::AuthenticationWait;
use super::status::AttemptStatus;
use crate::ids::ProcessorReference;
use crate::time::Timestamp;

/// Where an attempt is. Each state is committed before the effect that follows it.
///
/// `Reserved → Resolving → Charging → Approved | Declined | Unknown`, and `Failed` from any state before the charge left.
/// `AuthenticationRequired` waits for the agent and the buyer, before the token is resolved or after the processor asked for it; from
/// there the attempt begins again at `Reserved`, with the result. `Awaiting → Approved | Declined | Failed | NeedsReview` is a payment of
/// another party. `Unknown` moves on only by evidence: a status check, a processor event, or an operator; `NeedsReview` waits for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// Stock is reserved and keys are drawn; nothing was sent.
    Reserved,
    /// The buyer has to authenticate first: the agent completes again with the result. Stock is reserved, and no money has moved.
    AuthenticationRequired(AuthenticationWait),
    /// Stock is held while another party takes the payment; it reports what became of it.
    Awaiting {
        /// When the stock is released, unless the party has reported before. The attempt is then for the operator.
        until: Timestamp,
    },
    /// The payment token is being resolved to a card credential; nothing was sent to the processor.
    Resolving,
    /// The charge is about to be sent, or was sent.
    Charging(SentCharge),
    /// Money was taken, or nothing was due.
    Approved {
        /// The processor's charge, or that there is none.
        paid: Paid,
        /// When the outcome was committed.
        settled: Timestamp,
    },
    /// The processor declined the charge.
    Declined {
        /// Decline code of the processor, or one of the host's own.
        code: String,
        /// When the outcome was committed.
        settled: Timestamp,
    },
    /// It is not known whether money was taken.
    Unknown {
        /// The last moment at which a charge may have been on its way.
        since: Timestamp,
        /// Why, for the operator.
        reason: String,
    },
    /// The host could not find the outcome, or was told something impossible; an operator has to look.
    NeedsReview {
        /// The last moment at which a charge may have been on its way.
        since: Timestamp,
        /// Why, for the operator.
        reason: String,
    },
    /// Money was taken and the order cannot be made: the charge is being voided or refunded.
    Voiding {
        /// The charge to reverse.
        charge: ProcessorReference,
        /// Why, for the operator.
        reason: String,
    },
    /// The charge was voided or refunded, or it is certain that none will be made.
    Voided {
        /// How that is known, for the operator.
        reason: String,
        /// When the outcome was committed.
        settled: Timestamp,
    },
    /// Ended before anything was sent to the processor.
    Failed {
        /// Why, for the operator.
        reason: String,
        /// When the outcome was committed.
        settled: Timestamp,
        /// The token was never resolved, so that it may pay another attempt.
        token_unused: bool,
    },
}

/// The charge request as it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCharge {
    /// SHA-256 of the request before card data was filled in, in hex. A request that is sent again must have the same.
    pub digest: String,
    /// When it was first sent.
    pub sent: Timestamp,
}

/// What paid an approved attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paid {
    /// A charge of the processor, under its reference.
    Charge(ProcessorReference),
    /// The total was zero.
    NothingDue,
    /// Another party took the payment, and named no reference of it.
    Unreferenced,
}

impl Paid {
    /// The processor's reference of the charge; `None` where nothing was due, or the party that was paid named none.
    #[must_use]
    pub const fn reference(&self) -> Option<&ProcessorReference> {
        match self {
            Self::Charge(reference) => Some(reference),
            Self::NothingDue | Self::Unreferenced => None,
        }
    }
}

/// How an attempt ends without money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpaid {
    /// The processor declined the charge, with this code.
    Declined(String),
    /// It is certain that no money moves; carries how.
    Voided(String),
    /// Nothing was sent to the processor.
    Failed {
        /// Why, for the operator.
        reason: String,
        /// The token was never resolved, so that it may pay another attempt.
        token_unused: bool,
    },
}

impl Unpaid {
    /// An attempt that ends before its charge, and whose token may have been consumed.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
            token_unused: false,
        }
    }

    /// The state of an attempt that ends so.
    #[must_use]
    pub fn at(self, settled: Timestamp) -> AttemptState {
        match self {
            Self::Declined(code) => AttemptState::Declined { code, settled },
            Self::Voided(reason) => AttemptState::Voided { reason, settled },
            Self::Failed { reason, token_unused } => AttemptState::Failed {
                reason,
                settled,
                token_unused,
            },
        }
    }
}

impl AttemptState {
    /// The name of the state.
    #[must_use]
    pub const fn status(&self) -> AttemptStatus {
        match self {
            Self::Reserved => AttemptStatus::Reserved,
            Self::AuthenticationRequired(_) => AttemptStatus::AuthenticationRequired,
            Self::Awaiting { .. } => AttemptStatus::Awaiting,
            Self::Resolving => AttemptStatus::Resolving,
            Self::Charging(_) => AttemptStatus::Charging,
            Self::Approved { .. } => AttemptStatus::Approved,
            Self::Declined { .. } => AttemptStatus::Declined,
            Self::Unknown { .. } => AttemptStatus::Unknown,
            Self::NeedsReview { .. } => AttemptStatus::NeedsReview,
            Self::Voiding { .. } => AttemptStatus::Voiding,
            Self::Voided { .. } => AttemptStatus::Voided,
            Self::Failed { .. } => AttemptStatus::Failed,
        }
    }

    /// Why the attempt is in this state: a decline code or a sentence for the operator.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Reserved
            | Self::AuthenticationRequired(_)
            | Self::Awaiting { .. }
            | Self::Resolving
            | Self::Charging(_)
            | Self::Approved { .. } => None,
            Self::Declined { code: reason, .. }
            | Self::Unknown { reason, .. }
            | Self::NeedsReview { reason, .. }
            | Self::Voiding { reason, .. }
            | Self::Voided { reason, .. }
            | Self::Failed { reason, .. } => Some(reason),
        }
    }

    /// When the outcome was committed; `None` while the attempt is open.
    #[must_use]
    pub const fn settled(&self) -> Option<Timestamp> {
        match self {
            Self::Approved { settled, .. }
            | Self::Declined { settled, .. }
            | Self::Voided { settled, .. }
            | Self::Failed { settled, .. } => Some(*settled),
            _ => None,
        }
    }
}
