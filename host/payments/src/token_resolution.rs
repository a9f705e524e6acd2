//! Reading and resolving a token, with retries while the token service fails temporarily.
//!
//! A read consumes nothing: it is retried until its timeout, and the token is as good as before. A resolve is retried under its
//! idempotency key, and the attempt stays open as long as it is not known whether the token was resolved. Only the token service
//! ends it: by a refusal, or by a token that still shows as active.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::backoff::{Backoff, Tries};
use crate::context::PaymentContext;
use crate::outbox::LONGEST_PAUSE;
use crate::settlement::Settlement;
use crate::token::{Due, GrantedToken, ProfileMismatch, TokenError};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::credential::Credential;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::inbox::EventSource;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;

/// Stripe keeps the response to an idempotency key for at least 24 hours (<https://docs.stripe.com/api/idempotent_requests>).
pub(crate) const RESOLVE_KEY_LIFETIME: Duration = Duration::from_secs(23 * 3600);

/// Stripe keeps a server error under the key as well: after this many tries with the same answer, it has.
const SERVER_ERROR_TRIES: u32 = 3;

/// Reports of its issuer that are read of one token: there is one, and some more if a token is reported several times.
const MAX_REPORTS: usize = 16;

/// How often an attempt is postponed whose token shows as resolved while the resolve is answered with a server error: a later call
/// under the same key may still return the credential. With the backoff of status checks this takes a quarter of an hour.
const RESOLVED_TRIES: u32 = 8;

/// How calls of the token service are retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRetries {
    /// Pauses between the tries.
    pub backoff: Backoff,
    /// How long a read is retried, even after the caller's deadline. It consumes nothing, but the session cannot be changed meanwhile.
    pub read_timeout: Duration,
}

impl Default for TokenRetries {
    fn default() -> Self {
        Self {
            backoff: Backoff {
                first: Duration::from_millis(100),
                longest: Duration::from_secs(2),
            },
            read_timeout: Duration::from_secs(60),
        }
    }
}

/// Why there is no credential.
#[derive(Debug)]
pub(crate) enum Unresolved {
    /// It is not known whether the token was or will be resolved: retry.
    Retry {
        /// Why, for the operator.
        reason: String,
        /// How long the token service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The token will not be resolved.
    Final {
        /// The error to answer with.
        error: CheckoutError,
        /// Whether it is certain that the token was never resolved, so that it may pay another attempt.
        token_unused: bool,
    },
}

/// Reads and resolves tokens.
#[derive(Clone, Debug)]
pub(crate) struct TokenResolution {
    context: Arc<PaymentContext>,
}

impl TokenResolution {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// Read a token and check that it may pay the attempt. Retried even after the caller was told that the payment is in progress,
    /// because a read consumes nothing, but not for ever, because the session cannot be changed meanwhile.
    pub(crate) async fn check_token(
        &self,
        session: &Session,
        attempt: &Attempt,
        until: Option<Instant>,
    ) -> Result<GrantedToken, CheckoutError> {
        let retries = &self.context.timings.token_retries;
        let timeout = Instant::now() + retries.read_timeout;
        let end = until.map_or(timeout, |until| until.max(timeout));
        let token = self
            .read_token(attempt, retries.backoff.until(end, &attempt.resolve_key))
            .await?;
        let (issuer, _) = self.context.issuers.of(attempt)?;
        let (agent_profile, mismatch) = (
            session.agent.network_profile.as_deref(),
            issuer.profile_mismatch(&attempt.merchant),
        );
        if attempt.waits_with_resolved_token() {
            // It was checked before it was resolved, and shows as resolved since.
            return Ok(token);
        }
        if mismatch == ProfileMismatch::Warn && token.is_of_another_agent(agent_profile) {
            warn!(
                session.id = %session.id, attempt.id = %attempt.id, session.agent_profile = agent_profile,
                token.agent_profile = token.agent_profile,
                "the token names another agent than the checkout session; the payment goes on"
            );
        }
        token.check(&Due {
            session: &session.id,
            total: attempt.amount,
            agent_profile,
            mismatch,
            livemode: issuer.livemode(&attempt.merchant),
            now: self.context.now(),
            margin: self.context.timings.token_margin,
        })?;
        Ok(token)
    }

    /// The error of a token that was consumed: by another checkout session, or by an earlier attempt of this one.
    pub(crate) async fn consumed_where(&self, attempt: &Attempt, error: CheckoutError) -> CheckoutError {
        if !matches!(error, CheckoutError::Conflict(CommitError::TokenUsed)) {
            return error;
        }
        let Some(token) = attempt.payment_token() else {
            return error;
        };
        let store = self.context.store();
        match store.token_used(&attempt.merchant, &token.id, &attempt.session).await {
            Ok(true) => self.context.issuers.used_elsewhere(token).into(),
            Ok(false) => PaymentTokenError::ConsumedByEarlierAttempt.into(),
            Err(error) => error.into(),
        }
    }

    /// Read a token; retried until there is an answer.
    async fn read_token(&self, attempt: &Attempt, mut tries: Tries<'_>) -> Result<GrantedToken, TokenError> {
        let (issuer, token) = self.context.issuers.of(attempt)?;
        loop {
            let error = match issuer.retrieve(&attempt.merchant, token).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            // Nothing is kept of a read, server errors included.
            let again = match &error {
                TokenError::Unavailable { retry_after, .. } => tries.pause(Instant::now(), *retry_after),
                TokenError::ServerError { .. } => tries.pause(Instant::now(), None),
                TokenError::Unknown
                | TokenError::NoCredential(_)
                | TokenError::Refused { .. }
                | TokenError::Misconfigured(_)
                | TokenError::Amount(_) => None,
            };
            match again {
                Some(pause) if self.wait(attempt, "read", &error, pause).await => {}
                _ => return Err(error),
            }
        }
    }

    /// Resolve a token under the attempt's key. `before_waiting` is called when that fails: what is held for the charge would
    /// otherwise be held while the call is retried.
    pub(crate) async fn resolve(
        &self,
        attempt: &Attempt,
        mut tries: Tries<'_>,
        mut before_waiting: impl FnMut() + Send,
    ) -> Result<Credential, Unresolved> {
        let of_attempt = self.context.issuers.of(attempt);
        let (issuer, token) = of_attempt.map_err(|error| final_error(error, true))?;
        loop {
            let only_try = tries.failed() == 0 && attempt.retry.tries == 0;
            self.refuse_deactivated(attempt, token, only_try).await?;
            let error = match issuer.resolve(&attempt.merchant, token, &attempt.resolve_key).await {
                Ok(credential) => return Ok(credential),
                Err(error) => error,
            };
            before_waiting();
            let again = match &error {
                TokenError::Unavailable { retry_after, .. } => match tries.pause(Instant::now(), *retry_after) {
                    None => return Err(retry_later(&error)),
                    pause => pause,
                },
                TokenError::ServerError { .. } if tries.failed() + 1 < SERVER_ERROR_TRIES => {
                    tries.pause(Instant::now(), None)
                }
                _ => None,
            };
            match again {
                None => {
                    return Err(self.refused(attempt, error, only_try).await);
                }
                Some(pause) if self.wait(attempt, "resolve", &error, pause).await => {}
                Some(_) => return Err(retry_later(&error)),
            }
        }
    }

    /// Refuse a token that its issuer has reported as deactivated since it was read. After another try, `resolved` and `consumed` may
    /// be what that try did: the same key then still returns the credential.
    async fn refuse_deactivated(&self, attempt: &Attempt, token: &TokenId, only_try: bool) -> Result<(), Unresolved> {
        let source = EventSource::Token(attempt.merchant.clone(), token.clone());
        let reported = self.context.store().list_events(&source, 0, MAX_REPORTS).await;
        let reported = reported.map_err(|error| Unresolved::Retry {
            reason: error.to_string(),
            retry_after: None,
        })?;
        let mut reasons = reported.iter().map(|(_, event)| event.payload.as_str());
        let counts = |reason: &&str| only_try || !matches!(*reason, "consumed" | "resolved");
        match reasons.find(counts) {
            None => Ok(()),
            Some("expired") => Err(final_error(PaymentTokenError::Expired, only_try)),
            Some(_) => Err(final_error(PaymentTokenError::Deactivated, only_try)),
        }
    }

    /// What it means for the attempt if a retry would get the same answer. The refusal of the only try says that nothing was done.
    /// After other tries, for a server error, and for an answer that may have resolved the token, the token itself is read.
    async fn refused(&self, attempt: &Attempt, error: TokenError, only_try: bool) -> Unresolved {
        if let TokenError::NoCredential(_) = error {
            return final_error(error, false);
        }
        let may_be_done = matches!(
            error,
            TokenError::ServerError { .. } | TokenError::Refused { status: 408, .. }
        );
        if only_try && !may_be_done {
            return final_error(error, true);
        }
        self.end_by_evidence(attempt, error).await
    }

    /// The end of an attempt whose resolve has no answer, by what the token shows.
    pub(crate) async fn end_by_evidence(&self, attempt: &Attempt, error: TokenError) -> Unresolved {
        match self.read_token(attempt, Tries::once()).await {
            Ok(token) => match token.deactivated.as_deref() {
                None => final_error(error, true),
                // The reason is not `resolved`, so that it never was.
                Some("expired") => final_error(PaymentTokenError::Expired, true),
                Some("resolved")
                    if matches!(error, TokenError::ServerError { .. }) && attempt.retry.tries < RESOLVED_TRIES =>
                {
                    retry_later(&error)
                }
                Some(_) => final_error(PaymentTokenError::Deactivated, false),
            },
            Err(TokenError::Unknown) => final_error(PaymentTokenError::Unknown, false),
            // Nothing was sent to the processor, and nothing can be resolved under the key any more: the session is not kept
            // closed for a token service that gives no answer.
            Err(_) if self.context.now() >= attempt.initiated.after(RESOLVE_KEY_LIFETIME) => final_error(error, false),
            Err(unread) => Unresolved::Retry {
                reason: format!("{error}; and the token cannot be read: {unread}"),
                retry_after: None,
            },
        }
    }

    /// Postpone an attempt whose token may have been resolved. Recovery resolves the token again, no earlier than the token
    /// service asks.
    pub(crate) async fn postpone(
        &self,
        settlement: &Settlement,
        attempt: &Attempt,
        reason: &str,
        retry_after: Option<Duration>,
    ) {
        let tries = attempt.retry.tries.saturating_add(1);
        warn!(attempt.id = %attempt.id, tries, reason, "the token is not resolved yet; will retry");
        let asked = self
            .context
            .now()
            .after(retry_after.unwrap_or_default().min(LONGEST_PAUSE));
        let next = self.context.next_try(attempt.retry.tries).max(asked);
        settlement.postpone(attempt, reason, next).await;
    }

    /// Wait for the next try; false when the host stops.
    async fn wait(&self, attempt: &Attempt, what: &str, error: &TokenError, pause: Duration) -> bool {
        warn!(attempt.id = %attempt.id, %error, ?pause, "token service failed; will retry to {what} the token");
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.context.stopping.cancelled() => false,
        }
    }
}

fn retry_later(error: &TokenError) -> Unresolved {
    let retry_after = match error {
        TokenError::Unavailable { retry_after, .. } => *retry_after,
        _ => None,
    };
    Unresolved::Retry {
        reason: error.to_string(),
        retry_after,
    }
}

fn final_error(error: impl Into<CheckoutError>, token_unused: bool) -> Unresolved {
    Unresolved::Final {
        error: error.into(),
        token_unused,
    }
}
