//! The names of the states of an attempt, and which may follow which.

use serde::{Deserialize, Serialize};

/// The name of an attempt's state, without the data of [`AttemptState`](super::AttemptState): for filters, lists and the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptStatus {
    /// Stock is reserved and keys are drawn; nothing was sent.
    Reserved,
    /// The buyer has to authenticate before the charge; the agent completes again with the result.
    AuthenticationRequired,
    /// Stock is held, and another party takes the payment: its word is awaited.
    Awaiting,
    /// The token is being turned into a credential; nothing was sent to the processor.
    Resolving,
    /// The charge is about to be sent, or was sent.
    Charging,
    /// Money was taken, or nothing was due.
    Approved,
    /// The processor declined the charge.
    Declined,
    /// It is not known whether money was taken.
    Unknown,
    /// The host could not find the outcome, or was told something impossible; an operator has to look.
    NeedsReview,
    /// Money was taken and the order cannot be made: the charge is being voided or refunded.
    Voiding,
    /// The charge was voided or refunded, or it is certain that none will be made.
    Voided,
    /// Ended before anything was sent to the processor.
    Failed,
}

impl AttemptStatus {
    /// Every status, for tables and tests.
    pub const ALL: [Self; 12] = [
        Self::Reserved,
        Self::AuthenticationRequired,
        Self::Awaiting,
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
            Self::AuthenticationRequired => "authentication_required",
            Self::Awaiting => "awaiting",
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

    /// The status with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether it forbids another attempt for the same checkout: money was or may have been taken, or may yet be.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Declined | Self::Failed | Self::Voided)
    }

    /// Whether work remains: a host has to lease the attempt and continue. With one that waits for the buyer or for the payment of
    /// another party, it does so for a request, or when the time to wait is over.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.is_in_progress()
            || matches!(
                self,
                Self::AuthenticationRequired | Self::Awaiting | Self::Unknown | Self::NeedsReview | Self::Voiding
            )
    }

    /// Whether the task that writes this status continues with the attempt, and so keeps its lease. In every other status the
    /// lease ends with the commit.
    #[must_use]
    pub const fn is_in_progress(self) -> bool {
        matches!(self, Self::Reserved | Self::Resolving | Self::Charging)
    }

    /// Whether an attempt in this status may be written in that one next. The store refuses every other write.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            // `Unknown`: after a restore from a backup it is not known what happened since.
            Self::Reserved => matches!(
                next,
                Self::AuthenticationRequired | Self::Resolving | Self::Unknown | Self::Failed
            ),
            // `Reserved`: the agent has completed again, with the result of the authentication. `AuthenticationRequired`: the lease of
            // a completion that could not be begun ends.
            Self::AuthenticationRequired => matches!(
                next,
                Self::Reserved | Self::AuthenticationRequired | Self::Declined | Self::Unknown | Self::Failed
            ),
            // `Resolving`: the token service gave no answer, and is asked again later. `AuthenticationRequired`: the request that had
            // the proof is gone, so that the agent has to bring it again.
            Self::Resolving => matches!(
                next,
                Self::AuthenticationRequired | Self::Resolving | Self::Charging | Self::Unknown | Self::Failed
            ),
            // `Failed`: the wire evidence proves that nothing left the host. `AuthenticationRequired`: the processor asks for it first.
            Self::Charging => matches!(
                next,
                Self::AuthenticationRequired
                    | Self::Approved
                    | Self::Declined
                    | Self::Unknown
                    | Self::NeedsReview
                    | Self::Voiding
                    | Self::Failed
            ),
            // Only for what another party pays: `Payer::may_move`.
            Self::Awaiting => false,
            Self::Unknown | Self::NeedsReview => matches!(
                next,
                Self::Approved | Self::Declined | Self::Unknown | Self::NeedsReview | Self::Voiding | Self::Voided
            ),
            Self::Voiding => matches!(next, Self::Voiding | Self::Voided | Self::NeedsReview),
            Self::Approved | Self::Declined | Self::Voided | Self::Failed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AttemptStatus::{self, *};

    #[test]
    fn an_attempt_moves_only_along_its_recovery_points() {
        let allowed = [
            (Reserved, AuthenticationRequired),
            (Reserved, Resolving),
            (Reserved, Unknown),
            (Reserved, Failed),
            (AuthenticationRequired, Reserved),
            (AuthenticationRequired, AuthenticationRequired),
            (AuthenticationRequired, Declined),
            (AuthenticationRequired, Unknown),
            (AuthenticationRequired, Failed),
            (Resolving, AuthenticationRequired),
            (Resolving, Resolving),
            (Resolving, Charging),
            (Resolving, Unknown),
            (Resolving, Failed),
            (Charging, AuthenticationRequired),
            (Charging, Approved),
            (Charging, Declined),
            (Charging, Unknown),
            (Charging, NeedsReview),
            (Charging, Voiding),
            (Charging, Failed),
            (Unknown, Approved),
            (Unknown, Declined),
            (Unknown, Unknown),
            (Unknown, NeedsReview),
            (Unknown, Voiding),
            (Unknown, Voided),
            (NeedsReview, Approved),
            (NeedsReview, Declined),
            (NeedsReview, Unknown),
            (NeedsReview, NeedsReview),
            (NeedsReview, Voiding),
            (NeedsReview, Voided),
            (Voiding, Voiding),
            (Voiding, Voided),
            (Voiding, NeedsReview),
        ];
        for from in AttemptStatus::ALL {
            for to in AttemptStatus::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn an_attempt_that_is_not_over_is_live() {
        for status in AttemptStatus::ALL {
            assert!(!status.is_open() || status.is_live(), "{status:?}");
            assert_eq!(AttemptStatus::named(status.name()), Some(status));
        }
    }

    #[test]
    fn only_a_known_refusal_lets_another_attempt_begin() {
        let ended: Vec<_> = AttemptStatus::ALL
            .into_iter()
            .filter(|status| !status.is_live())
            .collect();
        assert_eq!(ended, [Declined, Voided, Failed]);
    }
}
