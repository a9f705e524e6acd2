//! Outcome of the buyer's authentication with the card issuer (3-D Secure), as the agent reports it.

/// Outcome of a 3-D Secure authentication: `authentication_result.outcome` of ACP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// The buyer left without finishing the challenge.
    Abandoned,
    /// The issuer could not authenticate the buyer and acknowledged the attempt.
    AttemptAcknowledged,
    /// The issuer authenticated the buyer.
    Authenticated,
    /// The buyer canceled the challenge.
    Canceled,
    /// The issuer could not confirm that this is the cardholder.
    Denied,
    /// The issuer was only informed of the payment; no authentication was requested.
    Informational,
    /// The authentication service failed.
    InternalError,
    /// The card cannot be authenticated.
    NotSupported,
    /// The authentication could not be carried out.
    ProcessingError,
    /// The issuer refused to authenticate.
    Rejected,
}

impl Authentication {
    /// Name in the protocols and for the operator: lower snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::AttemptAcknowledged => "attempt_acknowledged",
            Self::Authenticated => "authenticated",
            Self::Canceled => "canceled",
            Self::Denied => "denied",
            Self::Informational => "informational",
            Self::InternalError => "internal_error",
            Self::NotSupported => "not_supported",
            Self::ProcessingError => "processing_error",
            Self::Rejected => "rejected",
        }
    }

    /// Whether a charge may follow, if it carries the proof of the authentication (cryptogram and ECI).
    #[must_use]
    pub const fn permits_a_charge(self) -> bool {
        matches!(
            self,
            Self::Authenticated | Self::AttemptAcknowledged | Self::Informational
        )
    }
}
