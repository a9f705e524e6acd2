//! Shared payment tokens: what they grant, and whether that pays a checkout.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::outbox::report::{DisputeReport, PaymentReport, RecordedRefund, RefundReport};
use tillhouse_checkout::contact::Address;
use tillhouse_checkout::credential::{CardDisplay, Credential, CredentialForm};
use tillhouse_checkout::decision::{CardCheck, RiskSignal};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::{MerchantId, SessionId, TokenId};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::party_units::UnitsError;
use tillhouse_checkout::ports::DeliveryError;
use tillhouse_checkout::time::Timestamp;

/// A token and what it grants, as its issuer returns it.
#[derive(Clone, Debug)]
pub struct GrantedToken {
    /// Id of the token, as its issuer keeps it: `spt_…` for Stripe.
    pub id: TokenId,
    /// The only checkout session that it pays; `None` for any.
    pub session: Option<SessionId>,
    /// Whether it moves real money; false in Stripe's test mode.
    pub livemode: bool,
    /// Why it is no longer active: `consumed`, `expired`, `resolved`, `revoked`, or a reason that this release does not know.
    pub deactivated: Option<String>,
    /// What the buyer has to do before it can be used: `redirect_to_url` …; `None` for a token that is ready.
    pub next_action: Option<String>,
    /// When it expires; `None` where the issuer sets no time.
    pub expires: Option<Timestamp>,
    /// The only currency that it pays; `None` for any.
    pub currency: Option<Currency>,
    /// The most that it grants in total, in minor units of its currency; `None` without a limit.
    pub max_amount: Option<Amount>,
    /// What was captured of it before, in minor units.
    pub captured: Amount,
    /// What it stands for: `card`, `klarna`, `link` …; `None` where the issuer does not say before it is resolved.
    pub method: Option<String>,
    /// The forms in which it will have the card; empty where the issuer does not say before it is resolved.
    pub forms: Vec<CredentialForm>,
    /// What may be shown of the card: brand, last four digits.
    pub card: CardDisplay,
    /// Billing address of the card, where the issuer has one.
    pub billing: Option<Address>,
    /// Assessments of the token's payment by its issuer.
    pub signals: Vec<RiskSignal>,
    /// Checks of the card by its own issuer.
    pub checks: Vec<CardCheck>,
    /// Stripe's network profile of the agent.
    pub agent_profile: Option<String>,
    /// Name of the agent, for display.
    pub agent_name: Option<String>,
}

/// What happens if the token's profile of the agent differs from that of the agent that created the checkout session.
///
/// Stripe's guide shows an id in both places, `agent_details.network_business_profile` and `agent_details.network_profile`, and does
/// not say that both are of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProfileMismatch {
    /// The token is refused.
    Refuse,
    /// The payment goes on, and the operator's log has a warning.
    #[default]
    Warn,
    /// The payment goes on.
    Ignore,
}

/// What a token must grant to pay a checkout.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    /// Checkout session that is paid.
    pub session: &'a SessionId,
    /// Total of the checkout session.
    pub total: Money,
    /// Stripe's network profile of the agent that created the session, where the agent sent it.
    pub agent_profile: Option<&'a str>,
    /// Whether the token's must be the same.
    pub mismatch: ProfileMismatch,
    /// Whether the merchant takes real money.
    pub livemode: bool,
    /// Time of the check.
    pub now: Timestamp,
    /// The token must be valid for at least this much longer.
    pub margin: Duration,
}

impl GrantedToken {
    /// Whether it pays. Reading a token changes nothing, so that a refusal here costs the buyer nothing.
    ///
    /// # Errors
    /// The first condition that it does not fulfil.
    pub fn check(&self, due: &Due<'_>) -> Result<(), PaymentTokenError> {
        if self.session.as_ref().is_some_and(|session| session != due.session) {
            // Whether there is such a token is told to the agent of its own session only.
            return Err(PaymentTokenError::Unknown);
        }
        if self.livemode != due.livemode {
            return Err(PaymentTokenError::Unusable("it belongs to another mode (test or live)"));
        }
        match self.deactivated.as_deref() {
            None => {}
            Some("expired") => return Err(PaymentTokenError::Expired),
            Some(_) => return Err(PaymentTokenError::Deactivated),
        }
        if self.next_action.is_some() {
            return Err(PaymentTokenError::Unusable(
                "the buyer has to act on it first, at its issuer",
            ));
        }
        if self.expires.is_some_and(|expires| expires <= due.now.after(due.margin)) {
            return Err(PaymentTokenError::Expired);
        }
        if let Some(token) = self.currency.filter(|token| *token != due.total.currency) {
            return Err(PaymentTokenError::CurrencyMismatch {
                token,
                checkout: due.total.currency,
            });
        }
        let left = self
            .max_amount
            .map(|most| most.minus(self.captured).unwrap_or_default());
        if let Some(amount) = left.filter(|left| *left < due.total.amount) {
            let limit = Money {
                amount,
                currency: due.total.currency,
            };
            return Err(PaymentTokenError::AmountExceeded {
                limit,
                total: due.total,
            });
        }
        if let Some(what) = self.method.as_deref().filter(|method| *method != "card") {
            return Err(PaymentTokenError::UnsupportedCredential {
                what: what.to_owned(),
                consumed: false,
            });
        }
        if due.mismatch == ProfileMismatch::Refuse && self.is_of_another_agent(due.agent_profile) {
            return Err(PaymentTokenError::Unusable(
                "it was granted to another agent than the one that created the checkout session",
            ));
        }
        Ok(())
    }

    /// Whether its profile of the agent differs from this one, where both are known.
    #[must_use]
    pub fn is_of_another_agent(&self, profile: Option<&str>) -> bool {
        let own = self.agent_profile.as_deref();
        own.zip(profile).is_some_and(|(token, session)| token != session)
    }
}

/// Why the token service did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TokenError {
    /// It has no such token.
    #[error("unknown token")]
    Unknown,
    /// It refuses; the code is its own.
    #[error("refused with {status} {code}: {message}")]
    Refused {
        /// HTTP status code of the response.
        status: u16,
        /// Error code of the issuer.
        code: String,
        /// Error message of the issuer, for the operator.
        message: String,
    },
    /// It resolved the token, and the answer has no card that can be charged; carries what is missing.
    #[error("resolved to no card: {0}")]
    NoCredential(&'static str),
    /// It does not accept the merchant's key.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
    /// The amount is none in its units, so that nothing was sent; no retry changes that.
    #[error(transparent)]
    Amount(#[from] UnitsError),
    /// It answered with a server error, and keeps that answer under the idempotency key: a retry would get it again. Whether it
    /// did what was asked is not known.
    #[error("server error: {detail}")]
    ServerError {
        /// What happened, for the operator.
        detail: String,
    },
    /// It gave no answer, or asks to retry later. The same call with the same key may be made again.
    #[error("not available: {detail}")]
    Unavailable {
        /// What happened, for the operator.
        detail: String,
        /// How long the issuer asks to wait (`Retry-After`).
        retry_after: Option<Duration>,
    },
}

impl From<TokenError> for CheckoutError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unknown => PaymentTokenError::Unknown.into(),
            // Every refusal of a well-formed call is about the token; Stripe documents no codes for them.
            TokenError::Refused { .. } => PaymentTokenError::Deactivated.into(),
            TokenError::NoCredential(what) => PaymentTokenError::NoCredential(what).into(),
            TokenError::Misconfigured(detail) => Self::TokenService {
                detail,
                retry_after: None,
            },
            TokenError::Amount(error) => Self::TokenService {
                detail: error.to_string(),
                retry_after: None,
            },
            TokenError::ServerError { detail } => Self::TokenService {
                detail,
                retry_after: None,
            },
            TokenError::Unavailable { detail, retry_after } => Self::TokenService { detail, retry_after },
        }
    }
}

impl From<TokenError> for DeliveryError {
    fn from(error: TokenError) -> Self {
        let reason = error.to_string();
        match error {
            TokenError::Refused { .. } | TokenError::Amount(_) => Self::Permanent(reason),
            TokenError::Unavailable { retry_after, .. } => Self::Retry { reason, retry_after },
            TokenError::Unknown
            | TokenError::NoCredential(_)
            | TokenError::Misconfigured(_)
            | TokenError::ServerError { .. } => Self::retry(reason),
        }
    }
}

/// An issuer of payment tokens: Stripe, or the host's own vault.
#[async_trait]
pub trait TokenIssuer: Send + Sync + fmt::Debug {
    /// The id under which it keeps a token that an agent sent. The host stores only this.
    fn kept_id(&self, token: &TokenId) -> TokenId {
        token.clone()
    }

    /// Whether the merchant takes its tokens.
    fn serves(&self, _: &MerchantId) -> bool {
        true
    }

    /// The error of a token that another checkout session has used.
    fn used_elsewhere(&self) -> PaymentTokenError {
        PaymentTokenError::Used
    }

    /// Whether the merchant's account takes real money.
    fn livemode(&self, merchant: &MerchantId) -> bool;

    /// What the merchant does about a token of another agent.
    fn profile_mismatch(&self, merchant: &MerchantId) -> ProfileMismatch;

    /// Read a token. Changes nothing.
    async fn retrieve(&self, merchant: &MerchantId, token: &TokenId) -> Result<GrantedToken, TokenError>;

    /// Resolve a token into a credential, which consumes it. A retry with the same key gets the same credential.
    async fn resolve(&self, merchant: &MerchantId, token: &TokenId, key: &str) -> Result<Credential, TokenError>;

    /// The credential of a token that was resolved under this key, whole as it was then, for the same charge once more.
    async fn resolve_again(&self, merchant: &MerchantId, token: &TokenId, key: &str) -> Result<Credential, TokenError> {
        self.resolve(merchant, token, key).await
    }

    /// Record the outcome of a payment, and return the id of the record. A retry with the same key records nothing more.
    async fn report(&self, merchant: &MerchantId, report: &PaymentReport) -> Result<String, TokenError>;

    /// Id of the record of this payment with this outcome, if there is one.
    async fn find_record(&self, merchant: &MerchantId, report: &PaymentReport) -> Result<Option<String>, TokenError>;

    /// What is recorded of this refund; `record` is the record of its payment, where it is known. An issuer that keeps no records is never
    /// asked.
    async fn find_refund(
        &self,
        _merchant: &MerchantId,
        _record: Option<&str>,
        _report: &RefundReport,
    ) -> Result<RecordedRefund, TokenError> {
        Err(TokenError::Misconfigured("it keeps no records of payments".to_owned()))
    }

    /// Record a refund in this record of its payment. A retry with the same key records nothing more.
    async fn report_refund(
        &self,
        _merchant: &MerchantId,
        _record: &str,
        _report: &RefundReport,
    ) -> Result<(), TokenError> {
        Err(TokenError::Misconfigured("it keeps no records of payments".to_owned()))
    }

    /// Record a dispute in this record of its payment, or what has become of one that it has. A retry with the same key records nothing more.
    async fn report_dispute(
        &self,
        _merchant: &MerchantId,
        _record: &str,
        _report: &DisputeReport,
    ) -> Result<(), TokenError> {
        Err(TokenError::Misconfigured("it keeps no records of payments".to_owned()))
    }
}
