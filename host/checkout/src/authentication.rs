//! How the buyer's authentication with the issuer of the card (3-D Secure) ended, as the agent says.

/// The outcome of an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// The buyer left.
    Abandoned,
    /// The issuer could not take part, and says that it was tried.
    AttemptAcknowledged,
    /// The issuer knows the buyer.
    Authenticated,
    /// The buyer gave up.
    Canceled,
    /// The issuer says that it is not the buyer.
    Denied,
    /// The issuer was told, and not asked.
    Informational,
    /// It failed at the service that ran it.
    InternalError,
    /// The card cannot be authenticated.
    NotSupported,
    /// The authentication could not be carried out.
    ProcessingError,
    /// The issuer refused to authenticate.
    Rejected,
}

impl Authentication {
    /// Its name in the protocols, and for the operator.
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

    /// Whether a charge may follow, with the proof that the authentication has left.
    #[must_use]
    pub const fn permits_a_charge(self) -> bool {
        matches!(
            self,
            Self::Authenticated | Self::AttemptAcknowledged | Self::Informational
        )
    }
}
