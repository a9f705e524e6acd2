//! `authentication_result` of a complete request (schema `AuthenticationResult`), with outcomes that only 2026-01-16 has. The details are
//! those of 2025-12-12: its indicators are the ones that a card network has, though the schema of this release allows any text, and a
//! charge needs the proof, though the schema does not require one.

use serde::Deserialize;

use crate::acp::shape::authentication_result::request_v2025_12_12;
use tillhouse_checkout::authentication::AuthenticationOutcome;

pub(crate) type AuthenticationResult = request_v2025_12_12::AuthenticationResult<OutcomeName>;

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeName {
    Authenticated,
    Failed,
    Unavailable,
    Rejected,
    Attempt,
}

impl From<OutcomeName> for AuthenticationOutcome {
    fn from(outcome: OutcomeName) -> Self {
        match outcome {
            OutcomeName::Authenticated => Self::Authenticated,
            OutcomeName::Failed => Self::Failed,
            OutcomeName::Unavailable => Self::Unavailable,
            OutcomeName::Rejected => Self::Rejected,
            OutcomeName::Attempt => Self::AttemptAcknowledged,
        }
    }
}
