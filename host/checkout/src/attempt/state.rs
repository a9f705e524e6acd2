//! How far an attempt is.

use serde::{Deserialize, Serialize};

/// How far an attempt is. Each state is committed before the effect that follows it.
///
/// `Reserved → Resolving → Charging → Approved | Declined | Unknown`, and `Failed` from any state before the charge left.
/// `Unknown` moves on only by evidence: lookup, notice, or a person; `NeedsReview` waits for the person. `Voiding` is money
/// that was taken for an order that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Stock is set aside and keys are fixed; nothing was sent.
    Reserved,
    /// The token is being turned into a credential; nothing was sent to the processor.
    Resolving,
    /// The charge is about to be sent, or was sent.
    Charging,
    /// Money was taken.
    Approved,
    /// Money was not taken; the processor said so.
    Declined,
    /// It cannot be told whether money was taken.
    Unknown,
    /// The host has done what it can to find out, or was told something that cannot be; a person has to look.
    NeedsReview,
    /// Money was taken and there can be no order: it is being given back.
    Voiding,
    /// Money was given back, or it was made sure that none will be taken.
    Voided,
    /// Ended before anything was sent to the processor.
    Failed,
}

impl AttemptState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::Reserved,
        Self::Resolving,
        Self::Charging,
        Self::Approved,
        Self::Declined,
        Self::Unknown,
        Self::NeedsReview,
        Self::Voiding,
        Self::Voided,
        Self::Failed,
    ];

    /// The name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Resolving => "resolving",
            Self::Charging => "charging",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
            Self::NeedsReview => "needs_review",
            Self::Voiding => "voiding",
            Self::Voided => "voided",
            Self::Failed => "failed",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it forbids another attempt for the same checkout: money was or may have been taken, or may yet be.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Declined | Self::Failed | Self::Voided)
    }

    /// Whether someone still has to work on it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.is_driven() || matches!(self, Self::Unknown | Self::NeedsReview | Self::Voiding)
    }

    /// Whether a task drives it from this state to the next: its lease is kept. In every other state the lease ends with the
    /// commit.
    #[must_use]
    pub const fn is_driven(self) -> bool {
        matches!(self, Self::Reserved | Self::Resolving | Self::Charging)
    }

    /// Whether it may become that state.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            // `Unknown`: after a backup was restored nobody can say what happened to it since.
            Self::Reserved => matches!(next, Self::Resolving | Self::Unknown | Self::Failed),
            // `Resolving`: the token service has no answer yet, and is asked again later.
            Self::Resolving => matches!(next, Self::Resolving | Self::Charging | Self::Unknown | Self::Failed),
            // `Failed`: nothing left the host; the wire says so.
            Self::Charging => matches!(
                next,
                Self::Approved | Self::Declined | Self::Unknown | Self::NeedsReview | Self::Voiding | Self::Failed
            ),
            Self::Unknown | Self::NeedsReview => matches!(
                next,
                Self::Approved | Self::Declined | Self::Unknown | Self::NeedsReview | Self::Voiding | Self::Voided
            ),
            Self::Voiding => matches!(next, Self::Voiding | Self::Voided | Self::NeedsReview),
            Self::Approved | Self::Declined | Self::Voided | Self::Failed => false,
        }
    }
}
