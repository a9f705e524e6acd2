//! Errors of a request that has no usable response.

use super::upstream::Upstream;
use tillhouse_checkout::attempt::WireEvidence;

/// Kind of failure. The names are those of `tillhouse:host/egress.error.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EgressErrorKind {
    /// A rule of the host or a missing grant forbids the request.
    Denied,
    /// The request is malformed.
    Invalid,
    /// The TCP connection or the TLS handshake failed: nothing of the request was sent.
    NotConnected,
    /// No complete response before the deadline.
    Timeout,
    /// The connection was lost.
    Interrupted,
    /// The response exceeds a size limit.
    TooLarge,
    /// The response is a redirect, switches protocols or is not HTTP.
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
    /// Error code in the plugin contract.
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

/// A request has no usable response. The message contains no address, no URL and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", kind.code())]
pub struct EgressError {
    /// Decides the error code that a plugin gets.
    pub kind: EgressErrorKind,
    /// How much of the request the upstream may have seen.
    pub wire: WireEvidence,
    /// What happened, and for [`EgressErrorKind::Denied`] which setting grants it.
    pub message: String,
}

impl EgressError {
    /// A request that was refused before anything was sent.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::unsent(EgressErrorKind::Denied, message)
    }

    /// A malformed request, refused before anything was sent.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::unsent(EgressErrorKind::Invalid, message)
    }

    /// A request to this upstream that has no usable response, and how much of it was sent.
    pub(super) fn for_upstream(upstream: &Upstream, kind: EgressErrorKind, wire: WireEvidence, what: &str) -> Self {
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
