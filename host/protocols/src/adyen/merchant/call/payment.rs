//! Payments: those that Adyen is about to make or has made, and those of a token that it delivers.

use std::sync::Arc;

use axum::http::StatusCode;

use super::{MerchantCall, invalid_body};
use crate::adyen::errors::{self, RefusedRequest};
use crate::adyen::merchant::body::{AdyenBody, ReportedPayment};
use crate::adyen::session_answers::refuse_card_number;
use crate::error_response::{ErrorResponse, RequestedLines};
use crate::idempotent_post::PostError;
use tillhouse_checkout::idempotency::{IdempotencyKey, Reply};
use tillhouse_checkout::ids::{SessionId, TokenId};
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, RenderFn};
use tillhouse_checkout::outside_payment::{AmountDifference, HoldRequest, OutsidePayment};
use tillhouse_checkout::payment_token::{IssuerName, PaymentToken};
use tillhouse_checkout::session::{self, SessionState};
use tokio::time::Instant;

/// The answer that there is nothing to say.
const NO_CONTENT: Reply = Reply {
    status: 204,
    body: Vec::new(),
};

impl MerchantCall {
    /// Hold what the session buys: Adyen is about to charge.
    pub(super) async fn commit(
        &self,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let payment = body.payment(self.answers.merchant.currency).map_err(invalid_body)?;
        let refused_request = refused_request(&payment);
        let request = HoldRequest {
            caller: self.caller.clone(),
            session: id.clone(),
            expected: payment.amount,
            tax_of_caller: None,
            difference: AmountDifference::Refuse,
            billing: payment.billing,
            edit: payment.edit,
            device: payment.device,
            signals: payment.signals,
            consents: payment.consents,
            attribution: payment.attribution,
            hold_for: self.settings.hold,
        };
        match self.state.service.hold(request, self.recorder(key)).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, id, refused_request).await),
        }
    }

    /// Take Adyen's word of its charge. Repeated, it gets the same answer by what there is; a key is honoured nevertheless.
    pub(super) async fn finalize(
        &self,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let report = body
            .report(&self.settings, self.answers.merchant.currency)
            .map_err(invalid_body)?;
        let Some(result) = report.result else {
            let message = "the payment is under way: finalize the session when its result is final";
            let not_final = ErrorResponse::request(StatusCode::UNPROCESSABLE_ENTITY, "result_not_final", message);
            return Err(PostError::Domain(errors::in_messages(not_final.not_recorded())));
        };
        let payment = OutsidePayment {
            caller: self.caller.clone(),
            session: id.clone(),
            reference: report.reference,
            amount: report.amount,
            result,
        };
        if let Err(error) = self.state.service.finalize(payment).await {
            let refused = self.refused(&error, id, RefusedRequest::default()).await;
            return Err(again_if_undecided(refused));
        }
        if let Some(key) = key
            && let Err(error) = self.state.service.record_response(key.record(NO_CONTENT)).await
        {
            // The next call with the key is answered by what there is.
            tracing::warn!(session.id = %id, "failed to record the answer to a finalize call: {error}");
        }
        Ok(CheckoutResponse::Fresh(NO_CONTENT))
    }

    /// Charge the token that Adyen delivers. A decline is refused like anything that cannot be bought.
    pub(super) async fn charge(
        &self,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let token = body.token(&self.settings).map_err(invalid_body)?;
        refuse_card_number(&token, &RefusedRequest::default())?;
        let payment = body.payment(self.answers.merchant.currency).map_err(invalid_body)?;
        let refused_request = refused_request(&payment);
        let request = CompleteRequest {
            caller: self.caller.clone(),
            session: id.clone(),
            token: PaymentToken {
                issuer: IssuerName::Adyen,
                id: TokenId::new(token),
            },
            expected: payment.amount,
            authentication: None,
            billing: payment.billing,
            edit: payment.edit,
            device: payment.device,
            signals: payment.signals,
            consents: payment.consents,
            attribution: payment.attribution,
            deadline: Some(self.until.saturating_duration_since(Instant::now())),
        };
        let call = self.clone();
        let paid: RenderFn = Arc::new(move |session| call.paid(session));
        let declined = self.answers.render_declined(StatusCode::UNPROCESSABLE_ENTITY);
        let mut recorder = self.recorder(key).showing_declined(declined);
        recorder.render = paid;
        match self.state.service.complete(request, recorder).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, id, refused_request).await),
        }
    }

    /// The answer to a payment with a token: that it is made, or that it goes on.
    fn paid(&self, session: &session::Session) -> Reply {
        if matches!(session.state, SessionState::Completed { .. }) {
            NO_CONTENT
        } else {
            self.answers.shown(StatusCode::OK, session)
        }
    }
}

fn refused_request(payment: &ReportedPayment) -> RefusedRequest {
    RefusedRequest {
        lines: RequestedLines::default(),
        consents: payment.consents.clone(),
    }
}

/// A conflict with another request does not answer a payment that was made: Adyen is to send it again. A conflict that stays does.
fn again_if_undecided(refused: PostError) -> PostError {
    match refused {
        PostError::Domain(error_response) if error_response.status == StatusCode::CONFLICT => {
            PostError::Domain(match error_response.retry_after {
                Some(after) => ErrorResponse::unavailable(Some(after)),
                None => error_response,
            })
        }
        other => other,
    }
}
