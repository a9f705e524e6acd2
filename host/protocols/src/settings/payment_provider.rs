//! The payment provider of a merchant, in the releases of ACP that have no payment handlers.

use tillhouse_checkout::payment_token::IssuerName;

/// Who takes the payments of a session, as releases of ACP before 2026-01-30 name it. A session names one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcpPaymentProvider {
    /// Stripe: the only one in the schemas.
    #[default]
    Stripe,
    /// Adyen, which documents itself as a provider though the schemas do not have it. Only an operator turns it on.
    Adyen,
}

impl AcpPaymentProvider {
    /// The value of `provider`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.issuer().as_str()
    }

    /// Which issuer resolves a token of the provider, unless the token is of the merchant's vault.
    #[must_use]
    pub const fn issuer(self) -> IssuerName {
        match self {
            Self::Stripe => IssuerName::Stripe,
            Self::Adyen => IssuerName::Adyen,
        }
    }
}
