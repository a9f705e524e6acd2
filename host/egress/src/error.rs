//! Why there is no answer.

use super::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;

/// What kind of failure. The names are those of `tillhouse:host/egress.error.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EgressErrorKind {
    /// A rule of the host or a missing grant forbids it.
    Denied,
    /// The request is malformed.
    Invalid,
    /// No connection or no TLS session came about: nothing was sent.
    NotConnected,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Interrupted,
    /// The answer is larger than allowed.
    TooLarge,
    /// A redirect, or an answer that is not HTTP.
    Refused,
}

#[cfg(feature = "crash-points")]
impl From<tillhouse_crash_points::Interruption> for EgressErrorKind {
    fn from(interruption: tillhouse_crash_points::Interruption) -> Self {
        match interruption {
            tillhouse_crash_points::Interruption::NotConnected => Self::NotConnected,
            tillhouse_crash_points::Interruption::Interrupted => Self::Interrupted,
            tillhouse_crash_points::Interruption::Timeout => Self::Timeout,
        }
    }
}

impl EgressErrorKind {
    /// The name in the contract.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Invalid => "invalid",
            Self::NotConnected => "not-connected",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::TooLarge => "too-large",
            Self::Refused => "refused",
        }
    }
}

/// There is no answer. The message names no address, no URL and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", kind.code())]
pub struct EgressError {
    /// What kind.
    pub kind: EgressErrorKind,
    /// How much of the request the upstream may have seen.
    pub wire: WireEvidence,
    /// What happened, and for [`EgressErrorKind::Denied`] where to grant it.
    pub message: String,
}

impl EgressError {
    /// A request that was refused before anything was sent.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::unsent(EgressErrorKind::Denied, message)
    }

    /// A request that cannot be sent as it is.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::unsent(EgressErrorKind::Invalid, message)
    }

    /// A request to this upstream that has no answer, and how far it came.
    pub(super) fn at(upstream: &Upstream, kind: EgressErrorKind, wire: WireEvidence, what: &str) -> Self {
        Self {
            kind,
            wire,
            message: format!("upstream {}: {what}", upstream.name()),
        }
    }

    fn unsent(kind: EgressErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            wire: WireEvidence::NothingSent,
            message: message.into(),
        }
    }
}
