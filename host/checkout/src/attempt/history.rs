//! What earlier states of an attempt leave behind.

use serde::{Deserialize, Serialize};

use super::authentication_wait::AuthenticationWait;
use super::reversal_call::SentReversal;
use super::state::{AttemptState, Paid, SentCharge};
use super::wire_evidence::WireEvidence;
use crate::authentication::AuthenticationProof;
use crate::ids::ProcessorReference;
use crate::time::Timestamp;

/// What earlier states of an attempt leave behind, for recovery, reconciliation and the operator. Nothing here decides where the
/// attempt may go; what a state cannot be without is in [`AttemptState`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptHistory {
    /// Where the charge goes: the processor's plugin and its upstreams. Its status is checked there and nowhere else.
    pub destination: Option<String>,
    /// When the token expires, once it was read; `None` also where its issuer sets no time.
    pub token_expires: Option<Timestamp>,
    /// The authentication of the buyer that it has waited for.
    pub authentication: Option<AuthenticationWait>,
    /// The result of an authentication with which it is charged. Its authentication value is in memory only, so that nothing but the
    /// request that brought it may make the charge.
    pub proof: Option<AuthenticationProof>,
    /// Until when stock was held for the payment of another party.
    pub held_until: Option<Timestamp>,
    /// It holds no stock, though it may still be paid: the time of its hold is over, or the payment was reported without a hold.
    pub without_stock: bool,
    /// Its payment was reported after its hold was over, and an operator decides what becomes of it.
    pub paid_late: bool,
    /// The payment by whose refusal it ended, as another party named it: the refusal may be reported again, once another attempt pays.
    pub refused_elsewhere: Option<ProcessorReference>,
    /// The charge, once it was sent.
    pub charge: Option<SentCharge>,
    /// What the host's connection saw of the charge request.
    pub wire: WireEvidence,
    /// Since when the outcome was unknown, also once it is known.
    pub unknown_since: Option<Timestamp>,
    /// The call that may have reversed the charge at the processor; `None` before the first, and where it was refused.
    pub reversal: Option<SentReversal>,
    /// Reference of the processor, also where its charge was reversed.
    pub processor_reference: Option<ProcessorReference>,
    /// Why the last step had to be repeated.
    pub reason: Option<String>,
}

impl AttemptHistory {
    /// The history once the attempt leaves a state.
    pub(super) fn after(&self, left: &AttemptState) -> Self {
        let mut history = self.clone();
        if let Some(reason) = left.reason() {
            history.reason = Some(reason.to_owned());
        }
        match left {
            AttemptState::AuthenticationRequired(wait) => history.authentication = Some(wait.clone()),
            AttemptState::Awaiting { until } => history.held_until = Some(*until),
            AttemptState::Charging(charge) => history.charge = Some(charge.clone()),
            AttemptState::Unknown { since, .. } | AttemptState::NeedsReview { since, .. } => {
                history.unknown_since = Some(*since);
            }
            AttemptState::Voiding { charge, .. }
            | AttemptState::Approved {
                paid: Paid::Charge(charge),
                ..
            } => history.processor_reference = Some(charge.clone()),
            _ => {}
        }
        history
    }

    /// The history without what the state says itself, so that nothing is said twice.
    pub(super) fn beside(mut self, state: &AttemptState) -> Self {
        if state.reason().is_some() {
            self.reason = None;
        }
        match state {
            AttemptState::AuthenticationRequired(_) => self.authentication = None,
            AttemptState::Awaiting { .. } => self.held_until = None,
            AttemptState::Charging(_) => self.charge = None,
            AttemptState::Unknown { .. } | AttemptState::NeedsReview { .. } => self.unknown_since = None,
            AttemptState::Voiding { .. }
            | AttemptState::Approved {
                paid: Paid::Charge(_), ..
            } => self.processor_reference = None,
            _ => {}
        }
        self
    }
}

/// When an attempt is worked on again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetrySchedule {
    /// Status checks, token resolutions or reversals so far that decided nothing.
    pub tries: u32,
    /// No host resumes the attempt before this time; `None` for at once.
    pub next: Option<Timestamp>,
}
