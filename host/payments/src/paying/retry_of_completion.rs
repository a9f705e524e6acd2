//! The answer to a repeated completion, without a new attempt.

use tillhouse_checkout::attempt::AttemptState;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, ResponseRecorder};
use tillhouse_checkout::payment_token::PaymentToken;
use tillhouse_checkout::session::{Session, SessionState};

use super::Paying;
use crate::settlement::{declined, is_never_charged};

impl Paying {
    /// The answer to a completion without a new attempt; `None` where it may begin one.
    pub(super) async fn answer_to_retry(
        &self,
        session: &Session,
        request: &CompleteRequest,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        match &session.state {
            // Where nothing is due the token does not matter, a declined one included.
            SessionState::Open if session.total().amount.is_zero() => Ok(None),
            SessionState::Open => {
                let refused = self.refuse_declined_token(session, &request.token).await;
                match (refused, &recorder.declined) {
                    (Ok(()), _) => Ok(None),
                    (Err(CheckoutError::Declined { .. } | CheckoutError::AuthenticationRequired), Some(declined)) => {
                        Ok(Some(CheckoutResponse::Fresh(declined(session))))
                    }
                    (Err(error), _) => Err(error),
                }
            }
            SessionState::Committing { attempt, .. } => {
                // A confirm without an idempotency key is recognised by its token.
                if self.attempt_pays_with(attempt, &request.token).await? {
                    Ok(Some(CheckoutResponse::InProgress((recorder.render)(session))))
                } else {
                    Err(CheckoutError::OtherTokenInFlight)
                }
            }
            // Another party takes the payment.
            SessionState::Held { .. } => Err(CheckoutError::InFlight),
            // Another completion of this payment was first: what it was answered is the answer.
            SessionState::AuthenticationRequired { attempt, .. } => {
                if self.attempt_pays_with(attempt, &request.token).await? {
                    Ok(Some(CheckoutResponse::Fresh((recorder.render)(session))))
                } else {
                    Err(CheckoutError::AuthenticationPending("the payment token"))
                }
            }
            SessionState::Completed { order } if self.attempt_pays_with(&order.attempt, &request.token).await? => {
                Ok(Some(CheckoutResponse::Fresh((recorder.render)(session))))
            }
            other => Err(CheckoutError::InvalidState {
                state: other.name(),
                verb: "completed",
            }),
        }
    }

    /// Another request changed the session while this one was about to pay it. The same payment, made by a duplicate, is the
    /// answer; any other change is one that the caller of this completion has not seen.
    pub(super) async fn answer_after_conflict(
        &self,
        request: &CompleteRequest,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let checkout = &self.context.checkout;
        let session = checkout.retrieve(&request.caller, &request.session).await?;
        if let Some(answer) = self.answer_to_retry(&session, request, recorder).await? {
            return Ok(answer);
        }
        self.refuse_unseen(request).await
    }

    /// Refuse a completion that was sent before the session was shown as it is now, and those after it until it is read.
    pub(super) async fn refuse_unseen(&self, request: &CompleteRequest) -> Result<CheckoutResponse, CheckoutError> {
        let checkout = &self.context.checkout;
        checkout.mark_not_shown(&request.caller, &request.session).await?;
        Err(CheckoutError::MustReadAgain)
    }

    /// The reservation was refused. Where another request pays the session meanwhile, that is what happened: the stock, the code or
    /// the token that is missing now is the one that it took.
    pub(super) async fn answer_unless_paid(
        &self,
        refused: CheckoutError,
        request: &CompleteRequest,
        recorder: &ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let session = self
            .context
            .checkout
            .retrieve(&request.caller, &request.session)
            .await?;
        let is_paid = session.live_attempt().is_some() || session.order().is_some();
        let answer = if is_paid {
            self.answer_to_retry(&session, request, recorder).await?
        } else {
            None
        };
        answer.ok_or(refused)
    }

    /// A confirm that is repeated with a token whose payment was declined gets the same answer, and no new attempt.
    async fn refuse_declined_token(&self, session: &Session, token: &PaymentToken) -> Result<(), CheckoutError> {
        let attempts = self.context.store().attempts_of(&session.merchant, &session.id).await?;
        let mut with_token = attempts.iter().filter(|attempt| attempt.payment_token() == Some(token));
        let code = with_token.find_map(|attempt| match &attempt.state {
            AttemptState::Declined { code, .. } => Some(code.clone()),
            _ => None,
        });
        match code {
            None => Ok(()),
            // Ended without a charge and without a decline, but the token is consumed.
            Some(code) if is_never_charged(&code) => Err(PaymentTokenError::ConsumedByEarlierAttempt.into()),
            Some(code) => Err(declined(code)),
        }
    }

    pub(super) async fn attempt_pays_with(
        &self,
        attempt: &AttemptId,
        token: &PaymentToken,
    ) -> Result<bool, CheckoutError> {
        let found = self.context.store().attempt(attempt).await?;
        Ok(found.is_some_and(|attempt| attempt.payer.is_paid_with(token)))
    }
}
