//! The names of the states of a refund, and which may follow which.

use serde::{Deserialize, Serialize};

/// The name of a refund's state, without the data of [`RefundState`](super::RefundState): for lists and the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// An operator asked for it; nothing was sent.
    Asked,
    /// The call is about to be made, or was made.
    Sent,
    /// The processor has it and decides later.
    Pending,
    /// It is not known whether the money goes back.
    Unknown,
    /// The host could not find the outcome, or must not make the call; an operator has to look.
    NeedsReview,
    /// The money went back.
    Done,
    /// The money did not go back and will not.
    Declined,
}

impl RefundStatus {
    /// Every status, for tables and tests.
    pub const ALL: [Self; 7] = [
        Self::Asked,
        Self::Sent,
        Self::Pending,
        Self::Unknown,
        Self::NeedsReview,
        Self::Done,
        Self::Declined,
    ];

    /// The name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::NeedsReview => "needs_review",
            Self::Done => "done",
            Self::Declined => "declined",
        }
    }

    /// Whether work remains: a host has to lease the refund and continue.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Declined)
    }

    /// Whether its amount cannot be refunded again: the money went back, or may.
    #[must_use]
    pub const fn holds_money(self) -> bool {
        !matches!(self, Self::Declined)
    }

    /// Whether a refund in this status may be written in that one next. The store refuses every other write.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            // `Unknown`: after a restore from a backup it is not known what happened since. `Pending`: the processor has it from
            // before, and the store had lost that. `Done`, `Declined`: so as well, or by an operator's word.
            Self::Asked => !matches!(next, Self::Asked),
            // `Sent`: the processor certainly does not know the call, and it is made again.
            Self::Sent | Self::Unknown => !matches!(next, Self::Asked),
            // What the processor once had is not sent again, unless it says that it does not know it.
            Self::Pending => !matches!(next, Self::Asked | Self::Sent),
            Self::NeedsReview => !matches!(next, Self::Asked),
            Self::Done | Self::Declined => false,
        }
    }
}
