//! Reading and resolving a token, through a token service that fails in passing.
//!
//! A read uses nothing up: it is repeated until the time for it is over, and the token is as good as before. A resolve is repeated
//! under its key, and as long as it is not known whether the token was resolved the attempt stays open. It ends by Stripe's word
//! alone: a refusal, or a token that still shows as active.

use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::Payments;
use super::inquire::RESOLVE_KEY_LIFE;
use super::retry::Tries;
use super::token::{Due, GrantedToken, TokenError};
use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::error::{CheckoutError, TokenProblem};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::Session;

/// An error of Stripe's own is kept under the key: whether it is has shown after so many tries.
const BROKEN_TRIES: u32 = 3;

/// An error of Stripe's own in place of the answer to a resolve that took effect: the answer may yet be given under the key. So
/// often the attempt is put aside, which with the pauses of lookups is a quarter of an hour.
const RESOLVED_TRIES: u32 = 8;

/// Why there is no credential.
#[derive(Debug)]
pub(super) enum Unresolved {
    /// It is not known whether the token was resolved, or will be: ask again.
    Later {
        /// For the operator.
        reason: String,
        /// How long Stripe asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It will not be resolved.
    Over {
        /// What to answer.
        error: CheckoutError,
        /// Whether it is certain that the token was never resolved, so that it can be tried again.
        unused: bool,
    },
}

impl Payments {
    /// Reading a token uses nothing up, so that it is read again until there is an answer: also when the caller has been told that
    /// the payment is under way, but not for ever, because the checkout is closed meanwhile.
    pub(super) async fn check_token(
        &self,
        session: &Session,
        attempt: &Attempt,
        until: Option<Instant>,
    ) -> Result<CardDisplay, CheckoutError> {
        let retries = &self.timings.token_retries;
        let patience = Instant::now() + retries.patience;
        let end = until.map_or(patience, |until| until.max(patience));
        let token = self
            .read_token(attempt, retries.until(end, &attempt.resolve_key))
            .await?;
        token.check(&Due {
            total: attempt.amount,
            agent_profile: session.agent.network_profile.as_deref(),
            livemode: self.tokens.livemode(&attempt.merchant),
            now: self.checkout.clock.now(),
            margin: self.timings.token_margin,
        })?;
        Ok(token.card)
    }

    /// What used the token up: another checkout, or an earlier attempt of this one.
    pub(super) async fn used_where(&self, attempt: &Attempt, error: CheckoutError) -> CheckoutError {
        if !matches!(error, CheckoutError::Conflict(CommitError::TokenUsed)) {
            return error;
        }
        let Some(token) = attempt.token() else { return error };
        let store = &self.checkout.store;
        match store.token_used(&attempt.merchant, token, &attempt.session).await {
            Ok(true) => TokenProblem::Used.into(),
            Ok(false) => TokenProblem::Spent.into(),
            Err(error) => error.into(),
        }
    }

    /// Read a token until there is an answer.
    pub(super) async fn read_token(&self, attempt: &Attempt, mut tries: Tries<'_>) -> Result<GrantedToken, TokenError> {
        let token = attempt.token().ok_or(TokenError::Unknown)?;
        loop {
            let error = match self.tokens.retrieve(&attempt.merchant, token).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            // Nothing is kept of a read, errors of Stripe's own included.
            let again = match &error {
                TokenError::Unavailable { retry_after, .. } => tries.pause(Instant::now(), *retry_after),
                TokenError::Broken { .. } => tries.pause(Instant::now(), None),
                TokenError::Unknown | TokenError::Refused { .. } | TokenError::Misconfigured(_) => None,
            };
            match again {
                Some(pause) if self.rest(attempt, "read", &error, pause).await => {}
                _ => return Err(error),
            }
        }
    }

    /// Resolve a token under the attempt's key. `waits` is called when that fails: what is held for the charge
    /// would be held for as long as it is asked again.
    pub(super) async fn resolve(
        &self,
        attempt: &Attempt,
        mut tries: Tries<'_>,
        mut waits: impl FnMut() + Send,
    ) -> Result<Credential, Unresolved> {
        let Some(token) = attempt.token() else {
            return Err(over(TokenProblem::Unknown, true));
        };
        loop {
            let error = match self
                .tokens
                .resolve(&attempt.merchant, token, &attempt.resolve_key)
                .await
            {
                Ok(credential) => return Ok(credential),
                Err(error) => error,
            };
            waits();
            let again = match &error {
                TokenError::Unavailable { retry_after, .. } => match tries.pause(Instant::now(), *retry_after) {
                    None => return Err(later(&error)),
                    pause => pause,
                },
                TokenError::Broken { .. } if tries.failed() + 1 < BROKEN_TRIES => tries.pause(Instant::now(), None),
                _ => None,
            };
            match again {
                None => {
                    return Err(self
                        .refused(attempt, error, tries.failed() == 0 && attempt.tries == 0)
                        .await);
                }
                Some(pause) if self.rest(attempt, "resolve", &error, pause).await => {}
                Some(_) => return Err(later(&error)),
            }
        }
    }

    /// What an answer means that asking again would not change. The refusal of the only try says that nothing was done. After
    /// other tries, for an error of Stripe's own, and for an answer that may have resolved it, the token itself tells.
    async fn refused(&self, attempt: &Attempt, error: TokenError, only_try: bool) -> Unresolved {
        let may_be_done = matches!(
            error,
            TokenError::Broken { .. } | TokenError::Refused { status: 200 | 408, .. }
        );
        if only_try && !may_be_done {
            return over(error, true);
        }
        self.over_by_evidence(attempt, error).await
    }

    /// The end of an attempt whose resolve has no answer, by what the token shows.
    pub(super) async fn over_by_evidence(&self, attempt: &Attempt, error: TokenError) -> Unresolved {
        match self.read_token(attempt, Tries::once()).await {
            Ok(token) => match token.deactivated.as_deref() {
                None => over(error, true),
                // Not `resolved`, so that it never was.
                Some("expired") => over(TokenProblem::Expired, true),
                Some("resolved") if matches!(error, TokenError::Broken { .. }) && attempt.tries < RESOLVED_TRIES => {
                    later(&error)
                }
                Some(_) => over(TokenProblem::Deactivated, false),
            },
            Err(TokenError::Unknown) => over(TokenProblem::Unknown, false),
            // Nothing was sent to the processor, and nothing can be resolved under the key any more: the checkout is not held
            // for a token service that will never tell.
            Err(_) if self.checkout.clock.now() >= attempt.initiated.after(RESOLVE_KEY_LIFE) => over(error, false),
            Err(unread) => Unresolved::Later {
                reason: format!("{error}; and the token cannot be read: {unread}"),
                retry_after: None,
            },
        }
    }

    /// Wait; false when the host stops.
    async fn rest(&self, attempt: &Attempt, what: &str, error: &TokenError, pause: Duration) -> bool {
        warn!(attempt.id = %attempt.id, %error, ?pause, "the token is asked for again: {what}");
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.stopping.cancelled() => false,
        }
    }
}

fn later(error: &TokenError) -> Unresolved {
    let retry_after = match error {
        TokenError::Unavailable { retry_after, .. } => *retry_after,
        _ => None,
    };
    Unresolved::Later {
        reason: error.to_string(),
        retry_after,
    }
}

fn over(error: impl Into<CheckoutError>, unused: bool) -> Unresolved {
    Unresolved::Over {
        error: error.into(),
        unused,
    }
}
