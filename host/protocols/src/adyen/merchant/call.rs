//! One authenticated call of Adyen.

mod payment;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::body::AdyenBody;
use super::operation::MerchantOperation;
use crate::adyen::auth::read_authenticated;
use crate::adyen::errors::{self, RefusedRequest};
use crate::adyen::session_answers::{KEYS, SessionAnswers, StoredSession};
use crate::adyen::shape::message::Message;
use crate::deadline::{LAST_COMMIT, ShownSession, run_until};
use crate::error_response::{ErrorResponse, RequestedLines};
use crate::idempotency::{read_key, scope};
use crate::idempotent_post::{DuplicateWait, PostError, PostOutcome, run_idempotent};
use crate::json::BodyError;
use crate::request::parse_json;
use crate::settings::{AdyenMember, AdyenMerchantSettings, MerchantSettings};
use crate::state::AppState;
use tillhouse_checkout::caller::{Caller, Protocol};
use tillhouse_checkout::cart::CartError;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::IdempotencyKey;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use tillhouse_checkout::session::Agent;

/// Of Adyen's budget, what the network takes in both directions.
const NETWORK: Duration = Duration::from_millis(250);

/// An admitted call: the merchant that is called. The caller is Adyen.
#[derive(Clone, Debug)]
pub(crate) struct MerchantCall {
    state: AppState,
    answers: SessionAnswers,
    settings: Arc<AdyenMerchantSettings>,
    /// Without a principal: all sessions are Adyen's, whatever key it has.
    caller: Caller,
    /// When the answer is to be given, early enough for Adyen's budget.
    until: Instant,
    /// What an operation shares with the edge that gives up.
    deadline: Deadline,
}

impl MerchantCall {
    /// Authenticate the call, and read its body.
    ///
    /// # Errors
    /// 404 if the merchant is not called by Adyen, 401 without valid credentials, 503 if the merchant is out of service, and the errors of
    /// reading the body.
    pub(crate) async fn admit(
        state: AppState,
        merchant: Arc<MerchantSettings>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Self, Vec<u8>), ErrorResponse> {
        let arrived = Instant::now();
        let account = merchant.adyen.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let settings = account.merchant.clone().ok_or_else(ErrorResponse::route_not_found)?;
        let body = read_authenticated(&settings.auth, headers, body, &state.limits).await?;
        state.ensure_in_service(&merchant)?;
        let until = arrived + settings.budget.saturating_sub(LAST_COMMIT + NETWORK);
        let call = Self {
            caller: Caller {
                merchant: merchant.id.clone(),
                protocol: Protocol::AdyenMerchant,
                principal: None,
            },
            deadline: Deadline::answering(Some(until.into_std())),
            until,
            state,
            answers: SessionAnswers {
                merchant,
                settings: account,
            },
            settings,
        };
        Ok((call, body))
    }

    /// Run an operation, named by the last part of the path, once per idempotency key.
    pub(crate) async fn post(
        &self,
        id: SessionId,
        last_part: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<PostOutcome, ErrorResponse> {
        let operation = MerchantOperation::of(last_part, &self.settings);
        let operation = operation.ok_or_else(ErrorResponse::route_not_found)?;
        self.check_flow(operation)?;
        let key = read_key(headers, KEYS)?;
        let body = AdyenBody::of(parse_json(headers, body)?.as_ref(), &self.settings.names).map_err(errors::of_body)?;
        let path = format!("/agentic/sessions/{}/{id}", operation.name());
        let scope = key.map(|key| scope(&self.caller, &path, None, key));
        // A payment with a token enforces its own deadline, and answers a duplicate itself.
        let (until, wait) = match operation {
            MerchantOperation::Charge => (None, DuplicateWait::PaymentUntil(self.until)),
            _ => (Some(self.until), DuplicateWait::Until(self.until)),
        };
        let shown_session = (operation == MerchantOperation::Upsert).then(|| ShownSession {
            caller: self.caller.clone(),
            session: id.clone(),
        });
        let call = self.clone();
        let work = async move {
            let kept = body.to_json();
            let work = |key| call.run(operation, &id, &body, key);
            run_idempotent(&call.state, KEYS, scope, Some(&kept), wait, work).await
        };
        run_until(&self.state, until, Some(&self.deadline), shown_session, work).await
    }

    /// Whether the operation is one of the merchant's flow. What became of a payment is always taken.
    fn check_flow(&self, operation: MerchantOperation) -> Result<(), ErrorResponse> {
        let flow = self.settings.flow;
        let message = match operation {
            MerchantOperation::Charge if !flow.has_token() => {
                "this merchant takes no payment token: Adyen charges (the standard flow)"
            }
            MerchantOperation::Commit if !flow.has_commit() => {
                "this merchant holds nothing for a payment of Adyen: it charges the token that is delivered (the advanced flow)"
            }
            _ => return Ok(()),
        };
        Err(ErrorResponse::request(StatusCode::CONFLICT, "flow_not_enabled", message).not_recorded())
    }

    async fn run(
        &self,
        operation: MerchantOperation,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        match operation {
            MerchantOperation::Upsert => self.upsert(id, body, key).await,
            MerchantOperation::Commit => self.commit(id, body, key).await,
            MerchantOperation::Finalize => self.finalize(id, body, key).await,
            MerchantOperation::Cancel => self.cancel(id, key).await,
            MerchantOperation::Charge => self.charge(id, body, key).await,
        }
    }

    async fn upsert(
        &self,
        id: &SessionId,
        body: &AdyenBody,
        key: Option<IdempotencyKey>,
    ) -> Result<CheckoutResponse, PostError> {
        let body = body.session().map_err(invalid_body)?;
        let lines = RequestedLines::of(&body.edit);
        let recorder = self.recorder(key).refusing(self.answers.refusal(&lines));
        let request = CreateRequest {
            caller: self.caller.clone(),
            id: Some(id.clone()),
            currency: body.currency,
            edit: body.edit,
            agent: Agent::default(),
            attribution: body.attribution,
            saved_cart: None,
        };
        match self.state.service.upsert(request, recorder).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, id, lines.into()).await),
        }
    }

    async fn cancel(&self, id: &SessionId, key: Option<IdempotencyKey>) -> Result<CheckoutResponse, PostError> {
        match self.state.service.release(&self.caller, id, self.recorder(key)).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.refused(&error, id, RefusedRequest::default()).await),
        }
    }

    /// The answer to a call that the domain has refused, with the session as it is.
    async fn refused(&self, error: &CheckoutError, id: &SessionId, request: RefusedRequest) -> PostError {
        let stored = StoredSession {
            state: &self.state,
            caller: &self.caller,
            id: Some(id),
        };
        if !matches!(error, CheckoutError::Cart(CartError::Empty)) {
            return PostError::Domain(self.answers.refused(error, &request, stored).await);
        }
        let name = self.settings.names.first(AdyenMember::Items).to_owned();
        let text = format!("{name}: at least one item is required");
        let message = Message::error("MISSING_FIELD", text, Some(name));
        let session = stored.peek().await;
        let shown = session.as_ref().map(|session| (session, self.answers.context()));
        PostError::Domain(errors::unprocessable(vec![message], shown))
    }

    fn recorder(&self, key: Option<IdempotencyKey>) -> ResponseRecorder {
        ResponseRecorder::new(key, self.answers.render(StatusCode::OK), self.deadline.clone())
    }
}

fn invalid_body(error: BodyError) -> PostError {
    PostError::InvalidBody(errors::of_body(error))
}
